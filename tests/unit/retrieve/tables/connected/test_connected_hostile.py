"""The hostile statements of `test_safety` against databases of the user's: a file, and servers where there are any."""

from __future__ import annotations

import importlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from connected_shop import OWNER

from gezhi.retrieve.tables.connected.address import Address, Kind
from gezhi.retrieve.tables.connected.connector import Connector
from gezhi.retrieve.tables.connected.databases import Databases
from gezhi.retrieve.tables.connected.server import Server
from gezhi.retrieve.tables.connected.space import ConnectedSpace
from gezhi.retrieve.tables.connected.sqlite_file import SqliteFile
from gezhi.retrieve.tables.workspace import Limits
from gezhi.types import SqlFailed, SqlRefused

sys.path.append(str(Path(__file__).parents[1]))
safety = importlib.import_module("test_safety")
SECONDS = 0.1
KINDS = ("sqlite", "postgres", "mysql")
CONTENTS = "SELECT (SELECT count(*) FROM orders), (SELECT sum(id) FROM orders), (SELECT count(*) FROM secrets)"


@pytest.fixture(scope="module", params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("hostile") / "shop.db"
        with closing(sqlite3.connect(path)) as connection:
            for statement in _statements('"'):
                connection.execute(statement)
            connection.commit()
        return f"sqlite:///{path}"
    url = os.environ.get(f"GEZHI_TEST_{request.param.upper()}", "")
    if not url:
        pytest.skip(f"GEZHI_TEST_{request.param.upper()} names no database")
    from sqlalchemy import create_engine

    engine = create_engine(Address.of("shop", url).url)
    with engine.begin() as connection:
        for statement in _statements("`" if "mysql" in url else '"'):
            connection.execution_options(no_parameters=True).exec_driver_sql(statement)
    engine.dispose()
    return url


def _statements(mark: str) -> Iterator[str]:
    strange, column = (mark + name.replace(mark, mark * 2) + mark for name in (safety.BAD_TABLE, safety.BAD_COLUMN))
    for name in ("orders", "secrets", strange):
        yield f"DROP TABLE IF EXISTS {name}"
    columns = f"id INTEGER PRIMARY KEY, name VARCHAR(99), amount DECIMAL(9,2), {mark}城市{mark} VARCHAR(9)"
    yield f"CREATE TABLE orders ({columns})"
    yield "CREATE TABLE secrets (id INTEGER PRIMARY KEY, word VARCHAR(99))"
    yield f"CREATE TABLE {strange} ({column} VARCHAR(99), n INTEGER)"
    cell = safety.BAD_CELL.replace("'", "''")
    rows = ", ".join(f"({n}, '{cell if n == 7 else f'name {n % 50}'}', {n / 4}, '上海')" for n in range(1, 5001))
    yield f"INSERT INTO orders VALUES {rows}"
    yield f"INSERT INTO secrets VALUES (1, '{safety.SECRET}')"
    yield f"INSERT INTO {strange} VALUES ('a', 1), ('{cell}', 2), ('c', 3)"


@pytest.fixture(scope="module")
def databases(url: str) -> Iterator[Databases]:
    with closing(Databases({"shop": url}, seconds=SECONDS)) as databases:
        yield databases


@pytest.fixture(scope="module")
def connector(url: str) -> Iterator[Connector]:
    address = Address.of("shop", url)
    with closing(SqliteFile(address) if url.startswith("sqlite") else Server(address)) as connector:
        yield connector


def space_of(databases: Databases) -> ConnectedSpace:
    tables, _ = databases.tables(OWNER)
    return databases.space([one for one in tables if one.key in ("orders", safety.BAD_TABLE)], OWNER)


def contents(connector: Connector) -> Any:
    return connector.fetch(CONTENTS, Limits()).rows


@pytest.mark.parametrize("family", safety.FAMILIES)
def test_nothing_hostile_gets_through(
    databases: Databases, connector: Connector, family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = contents(connector)
    for sql in safety.FAMILIES[family]():
        space = space_of(databases)
        for run in (space.run, *((space.run_unchecked,) if family != "deep" else ())):
            result = safety.outcome(run, sql)
            if result is None:
                continue
            assert not safety.reads_outside(result), sql[:300]
            assert family in safety.MAY_RUN, f"ran: {sql[:300]}"
    assert contents(connector) == before
    assert list(tmp_path.iterdir()) == [], "no file was made"


@pytest.mark.parametrize("family", safety.FAMILIES)
def test_nothing_hostile_is_written_straight_at_the_connection(
    connector: Connector, family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if connector.address.kind is Kind.MYSQL and family in ("sizes", "deep"):
        pytest.skip("the check refuses them; MySQL does not stop what it replaces, and loses the connection if deep")
    before = contents(connector)
    for sql in safety.FAMILIES[family]():
        with suppress(SqlRefused, SqlFailed):
            connector.fetch(sql, Limits(seconds=SECONDS, rows=100))
    assert contents(connector) == before
    assert list(tmp_path.iterdir()) == [], "no file was made"


SQLITE_ALONE = ("typeof", "julianday", "rowid", "DROP TABLE orders; --'")


@pytest.mark.parametrize("sql", safety.CONTROL)
def test_honest_queries_run(databases: Databases, url: str, sql: str) -> None:
    if not url.startswith("sqlite") and any(word in sql for word in SQLITE_ALONE):
        pytest.skip("of SQLite alone")
    assert space_of(databases).run(sql).rows, sql
