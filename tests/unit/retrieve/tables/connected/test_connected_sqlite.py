"""An SQLite file of the user's: described, queried, never written; what happens when it is not there."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from connected_shop import OWNER, QUESTIONS, make_file, space_of

from gezhi.answer.exact.exact import values_of
from gezhi.retrieve.tables.connected.address import Address, DatabaseUnavailable, Kind
from gezhi.retrieve.tables.connected.connector import plain
from gezhi.retrieve.tables.connected.databases import Databases
from gezhi.retrieve.tables.connected.sqlite_file import SqliteFile
from gezhi.retrieve.tables.keys import with_keys
from gezhi.retrieve.tables.workspace import Limits
from gezhi.types import ConfigError, Filters, NotFound, Scope, SqlFailed, SqlRefused
from gezhi.types.tables import ColumnType


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_file(tmp_path_factory.mktemp("shop") / "my shop #1?.db")


@pytest.fixture(scope="module")
def shop(file: Path) -> Iterator[Databases]:
    with closing(Databases({"shop": f"sqlite:///{file}".replace("#", "%23").replace("?", "%3F")})) as databases:
        yield databases


@pytest.fixture(scope="module")
def raw(file: Path) -> Iterator[SqliteFile]:
    from sqlalchemy.engine import URL

    address = Address(name="shop", kind=Kind.SQLITE, url=URL.create("sqlite", database=str(file)))
    with closing(SqliteFile(address)) as connector:
        yield connector


def test_its_tables_join_the_catalogue(shop: Databases) -> None:
    tables, problems = shop.tables(OWNER)
    assert problems == []
    known = {table.key: table for table in tables}
    assert list(known) == ["customers", "order items", "销售", "by_country"]
    items = known["order items"]
    assert (items.id, items.source, items.document_id) == ("database:shop:order items", "database shop", "")
    assert (items.row_count, items.counted, items.primary_key) == (4, True, ("id",))
    assert [(one.columns, one.table, one.target) for one in items.foreign_keys] == [
        (("customer_id",), "customers", ("id",))
    ]
    assert [column.type.value for column in items.columns] == ["integer", "integer", "number", "date", "text"]
    assert known["customers"].columns[3].type is ColumnType.BOOLEAN
    assert known["by_country"].columns[1].type is ColumnType.NUMBER, "a view's sum is a number by its values"


@pytest.mark.parametrize(("sql", "rows"), QUESTIONS, ids=[sql[:40] for sql, _ in QUESTIONS])
def test_questions_are_answered(shop: Databases, sql: str, rows: list[tuple[object, ...]]) -> None:
    assert list(space_of(shop).run(sql).rows) == rows


def test_values_and_keys_are_found(shop: Databases) -> None:
    space = space_of(shop)
    values = values_of(space)
    assert set(values["销售", "地区"]) == {"华东", "华南", "华北"}
    assert set(values["order items", "group"]) == {"A", "B"}
    assert next(one for one in with_keys(space) if one.key == "order items").foreign_keys


def test_rows_are_shown_by_page(shop: Databases) -> None:
    tables, _ = shop.tables(OWNER)
    [row] = shop.rows(tables[0], OWNER, after=1, limit=1)
    assert (row.number, row.values) == (2, (2, "Adler", "Germany", False))
    assert [one.values[1] for one in shop.rows(tables[2], OWNER)] == ["华东", "华南", "华北"]


WRITES = [
    "DROP TABLE customers",
    "DELETE FROM customers",
    "DELETE FROM customers WHERE 1 = 0",
    "UPDATE customers SET name = 'x'",
    "INSERT INTO customers (id) VALUES (9)",
    "REPLACE INTO customers (id) VALUES (1)",
    "CREATE TABLE x (a)",
    "CREATE TEMP TABLE x (a)",
    "CREATE VIEW x AS SELECT 1",
    "CREATE TRIGGER t AFTER INSERT ON customers BEGIN SELECT 1; END",
    "ALTER TABLE customers RENAME TO c",
    "ATTACH ':memory:' AS other",
    "ATTACH 'other.db' AS other",
    "DETACH main",
    "PRAGMA query_only = OFF",
    "PRAGMA writable_schema = 1",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA table_info(customers)",
    "VACUUM",
    "VACUUM INTO 'copy.db'",
    "ANALYZE",
    "BEGIN IMMEDIATE",
    "COMMIT",
    "SAVEPOINT x",
    "SELECT load_extension('x')",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM sqlite_schema",
    "SELECT * FROM pragma_table_info('customers')",
    "SELECT 1; DELETE FROM customers",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
]


@pytest.mark.parametrize("sql", WRITES)
def test_nothing_is_written_through_the_checker(shop: Databases, sql: str) -> None:
    with pytest.raises(SqlRefused):
        space_of(shop).run(sql)
    with pytest.raises(SqlRefused):
        space_of(shop).run_unchecked(sql)


@pytest.mark.parametrize("sql", WRITES)
def test_nothing_is_written_straight_at_the_connection(raw: SqliteFile, file: Path, sql: str) -> None:
    before = file.read_bytes()
    with pytest.raises((SqlRefused, SqlFailed)):
        raw.fetch(sql, Limits(seconds=0.5))
    assert file.read_bytes() == before
    assert raw.fetch("SELECT count(*) FROM customers", Limits()).rows == ((3,),)
    assert {path.name for path in file.parent.iterdir()} == {file.name}


def test_the_file_itself_refuses_also_without_its_guard(shop: Databases) -> None:
    checked = shop.check("shop")
    assert (checked.refuses_writes, checked.tables, checked.columns) == (True, 4, 14)


def test_a_slow_query_is_stopped(raw: SqliteFile) -> None:
    slow = " , ".join(f'"order items" t{n}' for n in range(20))
    began = time.monotonic()
    with pytest.raises(SqlFailed, match="longer than"):
        raw.fetch(f"SELECT count(*) FROM {slow}", Limits(seconds=0.3))
    assert time.monotonic() - began < 3


def test_a_long_result_is_kept_in_part(tmp_path: Path) -> None:
    path = tmp_path / "long.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (n INTEGER, word TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", ((n, f"w{n % 7}") for n in range(120_000)))
        connection.commit()
    with closing(Databases({"long": f"sqlite:///{path}"})) as databases:
        [table], _ = databases.tables(OWNER)
        assert (table.row_count, table.counted) == (100_001, False), "beyond a limit it is not counted"
        space = databases.space([table], OWNER)
        result = space.run("SELECT n FROM t ORDER BY n")
        assert (len(result.rows), result.row_count, result.truncated) == (10_000, 120_000, True)
        assert space.run("SELECT count(*), sum(n) FROM t").rows == ((120_000, 7_199_940_000),)
        looked = space.run_unchecked("SELECT count(*) FROM t")
        assert looked.rows == ((100_000,),), "looked through in part"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DELETE FROM t WHERE n > 10")
            connection.commit()
        assert space.run("SELECT count(*) FROM t").rows == ((11,),), "answers are of now"
        databases.refresh()
        assert databases.tables(OWNER)[0][0].row_count == 11


def test_only_the_owner_sees_them(shop: Databases) -> None:
    tables, _ = shop.tables(OWNER)
    for scope in (Scope(), Scope.of("anna"), Scope.of("database shop")):
        assert shop.tables(scope) == ([], [])
        assert shop.unreachable(scope) == []
        with pytest.raises(NotFound):
            shop.space(tables, scope)
        with pytest.raises(NotFound):
            shop.rows(tables[0], scope)
    assert shop.tables(OWNER, Filters(source_prefix="contracts/")) == ([], [])
    assert shop.tables(OWNER, Filters(documents=frozenset({"abc"}))) == ([], [])
    assert len(shop.tables(OWNER, Filters(source_prefix="database shop"))[0]) == 4


def test_what_is_not_there_is_told_and_the_rest_goes_on(tmp_path: Path, file: Path) -> None:
    (tmp_path / "text.db").write_text("no database, but long enough to be read as one " * 50, "utf-8")
    urls = {
        "shop": f"sqlite:///{file}".replace("#", "%23").replace("?", "%3F"),
        "gone": f"sqlite:///{tmp_path}/gone.db",
        "text": f"sqlite:///{tmp_path}/text.db",
    }
    with closing(Databases(urls)) as databases:
        tables, problems = databases.tables(OWNER)
        assert len(tables) == 4
        assert len(problems) == 2
        assert "'gone' cannot be reached: there is no file" in problems[0]
        assert databases.unreachable(OWNER) == problems
        assert not (tmp_path / "gone.db").exists()
        with pytest.raises(DatabaseUnavailable):
            databases.check("gone")
        with pytest.raises(NotFound):
            databases.check("nobody")
        make_file(tmp_path / "gone.db")
        assert databases.check("gone").tables == 4


PASSWORD = "s3cr3t/p@ss"


@pytest.mark.parametrize(
    "url",
    [
        "oracle://u:{}@h/d",
        "postgresql://u:{}@h:port/d",
        "postgresql://u:{}@h",
        "mysql://u:{}@h/",
        "{}",
        "://u:{}@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=rwc",
        "",
    ],
)
def test_a_wrong_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Address.of("sales", url.format("s3cr3t%2Fp%40ss"))
    assert "s3cr3t" not in repr(caught.value) + str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert caught.value.hint


def test_a_password_is_never_shown() -> None:
    address = Address.of("sales", "postgresql://reader:s3cr3t%2Fp%40ss@db.example:5432/shop?sslpassword=another-s3cr3t")
    assert address.url.password == PASSWORD
    told = [repr(address), address.shown, str(address.unavailable(f"{PASSWORD} is wrong; s3cr3t%2Fp%40ss too"))]
    told.append(address.clean("key another-s3cr3t"))
    assert [text for text in told if "s3cr3t" in text] == []
    assert address.shown == "postgres://db.example:5432/shop"
    short = Address.of("sales", "postgresql://reader:abc@db.example/shop")
    assert "abc" not in short.clean("the password abc is wrong")


def test_paths_are_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert Address.of("a", "sqlite:///sub/a.db").file == tmp_path / "sub" / "a.db"
    assert Address.of("a", "sqlite:///~/a.db").file == tmp_path / "home" / "a.db"
    assert Address.of("a", "sqlite:////data/a.db").file == Path("/data/a.db")


def test_odd_tables_are_described(tmp_path: Path) -> None:
    path = tmp_path / "odd.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """
            CREATE TABLE "a""b; DROP TABLE x" ("c""d" TEXT, Name TEXT);
            CREATE TABLE blobs (id INTEGER PRIMARY KEY, data BLOB, t TEXT);
            CREATE TABLE pair (x INT, y INT, PRIMARY KEY (x, y)) WITHOUT ROWID;
            CREATE TABLE child (px INT, py INT, FOREIGN KEY (px, py) REFERENCES pair);
            CREATE VIEW broken AS SELECT * FROM nowhere;
            CREATE VIEW counted AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)
                SELECT i, printf('%03d', i) AS label FROM n;
            CREATE VIRTUAL TABLE words USING fts5(body);
            INSERT INTO "a""b; DROP TABLE x" VALUES ('v', '名');
            """
        )
        connection.execute("INSERT INTO blobs VALUES (1, x'ff00', ?)", (b"\xff".decode("latin-1"),))
        connection.execute("INSERT INTO blobs VALUES (2, NULL, CAST(x'ff41' AS TEXT))")
        connection.commit()
    with closing(Databases({"odd": f"sqlite:///{path}"})) as databases:
        space = space_of(databases)
        tables = {table.key: table for table in space.tables}
        assert set(tables) == {'a"b; DROP TABLE x', "blobs", "pair", "child", "counted"}
        assert space.run('SELECT "c""d", name FROM "a""b; DROP TABLE x"').rows == (("v", "名"),)
        assert space.run("SELECT sum(i), max(label) FROM counted").rows == ((15, "005"),)
        assert space.run("SELECT t FROM blobs WHERE id = 2").rows == (("\ufffdA",),)
        assert tables["child"].foreign_keys[0].target == ("x", "y")
        assert len(databases.rows(tables["blobs"], OWNER)) == 2


def test_values_of_drivers_become_plain() -> None:
    import datetime
    import uuid
    from decimal import Decimal

    assert [plain(Decimal(text)) for text in ("12", "12.50", "1E+3", "NaN")] == [12, 12.5, 1000, "NaN"]
    assert plain(Decimal("12345678901234567890.25")) == "12345678901234567890.25"
    assert plain(datetime.datetime(2024, 3, 5, 10, 30)) == "2024-03-05 10:30:00"
    assert plain(datetime.date(2024, 3, 5)) == "2024-03-05"
    assert (plain(True), plain(False), plain(None)) == (1, 0, None)
    assert plain(uuid.UUID(int=1)) == "00000000-0000-0000-0000-000000000001"
    assert plain({"名": [1]}) == '{"名": [1]}'
    assert plain(float("inf")) == "inf"
    assert plain(b"\xffA") == "\ufffdA"
