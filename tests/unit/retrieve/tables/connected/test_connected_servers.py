"""The same questions at real servers, where there are any: GEZHI_TEST_POSTGRES and GEZHI_TEST_MYSQL name databases that
may be filled and emptied, e.g. `postgresql://admin:password@127.0.0.1/test`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from connected_shop import OWNER, QUESTIONS, STATEMENTS, space_of

from gezhi.answer.exact.exact import values_of
from gezhi.retrieve.tables.connected.address import Address
from gezhi.retrieve.tables.connected.databases import Databases
from gezhi.retrieve.tables.connected.server import Server
from gezhi.retrieve.tables.workspace import Limits
from gezhi.types import SqlFailed, SqlRefused

URLS = {name: os.environ.get(f"GEZHI_TEST_{name.upper()}", "") for name in ("postgres", "mysql")}


@pytest.fixture(scope="module", params=list(URLS))
def url(request: pytest.FixtureRequest) -> str:
    if not URLS[request.param]:
        pytest.skip(f"GEZHI_TEST_{request.param.upper()} names no database")
    _fill(URLS[request.param])
    return URLS[request.param]


def _fill(url: str) -> None:
    from sqlalchemy import create_engine

    address = Address.of("shop", url)
    quote = "`" if address.kind == "mysql" else '"'
    engine = create_engine(address.url)
    with engine.begin() as connection:
        for drop in ("VIEW IF EXISTS by_country", 'TABLE IF EXISTS "order items"', "TABLE IF EXISTS customers"):
            connection.exec_driver_sql(f"DROP {drop}".replace('"', quote))
        connection.exec_driver_sql('DROP TABLE IF EXISTS "销售"'.replace('"', quote))
        for statement in STATEMENTS:
            connection.exec_driver_sql(statement.replace('"', quote))
    engine.dispose()


@pytest.fixture(scope="module")
def shop(url: str) -> Iterator[Databases]:
    with closing(Databases({"shop": url})) as databases:
        yield databases


@pytest.fixture(scope="module")
def raw(url: str) -> Iterator[Server]:
    with closing(Server(Address.of("shop", url))) as server:
        yield server


def test_tables_are_described(shop: Databases) -> None:
    known = {table.key: table for table in space_of(shop).tables}
    assert {"customers", "order items", "销售", "by_country"} <= set(known)
    items = known["order items"]
    assert (items.row_count, items.primary_key) == (4, ("id",))
    assert [column.type.value for column in items.columns] == ["integer", "integer", "number", "date", "text"]
    assert known["customers"].columns[3].type.value == "boolean"


@pytest.mark.parametrize(("sql", "rows"), QUESTIONS, ids=[sql[:40] for sql, _ in QUESTIONS])
def test_questions_are_answered_as_by_sqlite(shop: Databases, sql: str, rows: list[tuple[object, ...]]) -> None:
    assert list(space_of(shop).run(sql).rows) == rows


def test_values_are_found(shop: Databases) -> None:
    values = values_of(space_of(shop))
    assert set(values["销售", "地区"]) == {"华东", "华南", "华北"}
    assert [row.values[1] for row in shop.rows(space_of(shop).tables[0], OWNER, limit=1)]


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE customers",
        "DELETE FROM customers",
        "UPDATE customers SET name = 'x'",
        "INSERT INTO customers (id) VALUES (9)",
        "CREATE TABLE x (a INTEGER)",
        "CREATE TEMPORARY TABLE x (a INTEGER)",
        "SELECT 1; DELETE FROM customers",
        "COMMIT; DELETE FROM customers",
        "SET TRANSACTION READ WRITE",
        "WITH x AS (DELETE FROM customers RETURNING *) SELECT * FROM x",
        "SELECT * INTO x FROM customers",
        "TRUNCATE TABLE customers",
    ],
)
def test_nothing_is_written_straight_at_the_connection(raw: Server, sql: str) -> None:
    with pytest.raises((SqlRefused, SqlFailed)):
        raw.fetch(sql, Limits())
    assert raw.fetch("SELECT count(*), min(name) FROM customers", Limits()).rows == ((3, "Adler"),)


def test_the_transaction_itself_refuses(shop: Databases) -> None:
    assert shop.check("shop").refuses_writes is True


def test_a_slow_query_is_stopped(raw: Server) -> None:
    slow = "SELECT count(*) FROM customers a" + "".join(f", customers t{n}" for n in range(30))
    began = time.monotonic()
    with pytest.raises(SqlFailed, match="longer than"):
        raw.fetch(slow, Limits(seconds=0.5))
    assert time.monotonic() - began < 5
    assert raw.fetch("SELECT count(*) FROM customers", Limits()).rows == ((3,),)


def test_a_wrong_password_is_not_repeated(url: str) -> None:
    from sqlalchemy.engine import make_url

    wrong = make_url(url).set(password="s3cr3t-wrong").render_as_string(hide_password=False)
    with closing(Databases({"shop": wrong})) as databases:
        _, [problem] = databases.tables(OWNER)
        assert "cannot be reached" in problem
        assert "s3cr3t" not in problem
