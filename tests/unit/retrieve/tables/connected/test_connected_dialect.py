"""Queries in SQLite's dialect as servers write them; what never reaches one."""

from __future__ import annotations

import re

import pytest

from gezhi.retrieve.tables.connected.address import Kind
from gezhi.retrieve.tables.connected.dialect import LOOKED_THROUGH, count_of, result_names, tables_in, translated
from gezhi.retrieve.tables.connected.names import Native
from gezhi.types import SqlRefused
from gezhi.types.tables import Column, ColumnType, ForeignKey, TypedTable

TEXT, INTEGER, NUMBER, DATE, BOOLEAN = (ColumnType(kind) for kind in ("text", "integer", "number", "date", "boolean"))


def table(key: str, columns: dict[str, ColumnType], *foreign: ForeignKey) -> TypedTable:
    return TypedTable(
        id=f"database:shop:{key}",
        document_id="",
        number=0,
        name=key,
        key=key,
        columns=tuple(Column(name=name, key=name, type=kind) for name, kind in columns.items()),
        row_count=0,
        primary_key=(next(iter(columns)),),
        foreign_keys=foreign,
    )


ORDERS = table(
    "Orders",
    {
        "Id": INTEGER, "cust": INTEGER, "amount": NUMBER, "day": DATE, "status": TEXT, "paid": BOOLEAN,
        "Order No": TEXT, "数量": INTEGER,
    },
    ForeignKey(columns=("cust",), table="customers", target=("id",)),
)  # fmt: skip
CUSTOMERS = table("customers", {"id": INTEGER, "name": TEXT, "group": TEXT})
NATIVES = (
    Native(table=ORDERS, name="Orders", schema="public", loose=frozenset({"status"}), large=True),
    Native(table=CUSTOMERS, name="customers", schema="crm"),
)


def postgres(sql: str) -> str:
    return translated(sql, NATIVES, Kind.POSTGRES)


def mysql(sql: str) -> str:
    bare = [Native(table=one.table, name=one.name, loose=one.loose) for one in NATIVES]
    return translated(sql, bare, Kind.MYSQL)


@pytest.mark.parametrize(
    ("sql", "part"),
    [
        ('SELECT ORDERS."order no" FROM orders', 'SELECT "Orders"."Order No" FROM "public"."Orders" AS "Orders"'),
        ("SELECT O.ID FROM orders o WHERE O.数量 > 3", '"o"."Id" FROM "public"."Orders" AS "o" WHERE "o"."数量" > 3'),
        ('SELECT "group" FROM customers GROUP BY "group"', 'GROUP BY "group"'),
        ("SELECT cust AS Who FROM orders ORDER BY WHO", 'SELECT "cust" AS "Who"'),
        ("SELECT cust AS Who FROM orders ORDER BY WHO", 'ORDER BY "Who"'),
        ("SELECT max(N) FROM (SELECT count(*) AS n FROM orders GROUP BY cust)", 'MAX("n") FROM (SELECT COUNT(*) AS'),
        ("WITH X AS (SELECT id FROM customers) SELECT x.ID FROM X", ') SELECT "X"."id" FROM "X"'),
        ("SELECT 1 FROM customers WHERE EXISTS (SELECT 1 FROM orders WHERE CUST = Customers.ID)", '= "customers"."id"'),
    ],
)  # fmt: skip
def test_names_are_written_as_they_are_declared(sql: str, part: str) -> None:
    assert part in postgres(sql)


@pytest.mark.parametrize(
    ("sql", "part"),
    [
        ("SELECT id FROM orders WHERE day LIKE '2024%'", """CAST("day" AS TEXT) ILIKE '2024%'"""),
        ("SELECT id FROM customers WHERE name NOT LIKE 'a%'", """"name" NOT ILIKE 'a%'"""),
        ("SELECT id FROM orders WHERE day >= '2024-03'", """CAST("day" AS TEXT) >= '2024-03'"""),
        ("SELECT id FROM orders WHERE day >= '2024-03-01'", """"day" >= '2024-03-01'"""),
        ("SELECT id FROM orders WHERE status <> ''", """CAST("status" AS TEXT) <> ''"""),
        ("SELECT id FROM orders WHERE paid = 1 AND cust = 1", '"paid" = TRUE AND "cust" = 1'),
        ("SELECT id FROM customers WHERE name = 123", """"name" = '123'"""),
        ("SELECT id FROM customers WHERE name IN (1, 'b')", """"name" IN ('1', 'b')"""),
        ("SELECT sum(paid), avg(cust > 2) FROM orders", 'SUM(CAST("paid" AS INT)), AVG(CAST("cust" > 2 AS INT))'),
        ("SELECT total(amount) FROM orders", 'COALESCE(SUM("amount"), 0)'),
        ("SELECT round(avg(amount), 2) FROM orders", 'ROUND(CAST(AVG("amount") AS DECIMAL), 2)'),
        ("SELECT CAST(amount AS INTEGER) FROM orders", 'CAST(TRUNC("amount") AS BIGINT)'),
        ("SELECT substr(day, 1, 4) FROM orders", 'SUBSTRING(CAST("day" AS TEXT) FROM 1 FOR 4)'),
        ("SELECT strftime('%Y', day) FROM orders", """TO_CHAR(CAST("day" AS TIMESTAMP), 'YYYY')"""),
        ("SELECT id FROM orders ORDER BY amount DESC, rowid LIMIT 1", '"amount" DESC NULLS LAST, "Id" LIMIT 1'),
        ("SELECT name, count(*) FROM orders JOIN customers ON cust = customers.id GROUP BY cust",
         'MIN("name") AS "name"'),
        ("SELECT cust / 2 FROM orders", '"cust" / NULLIF(2, 0)'),
        ("SELECT max(n) FROM (SELECT id AS n FROM orders)", ') AS "part_1"'),
    ],
)  # fmt: skip
def test_postgres_means_the_same(sql: str, part: str) -> None:
    assert part in re.sub(r"NOT (\S+) ILIKE", r"\1 NOT ILIKE", postgres(sql))


@pytest.mark.parametrize(
    ("sql", "part"),
    [
        ('SELECT "order no" || name FROM orders, customers', "CONCAT(`Order No`, `name`)"),
        ("SELECT cust / 2, amount / 2 FROM orders", "`cust` DIV 2, `amount` / 2"),
        ("SELECT id FROM orders WHERE day >= '2024-03'", "CAST(`day` AS CHAR) >= '2024-03'"),
        ("SELECT id FROM customers WHERE name LIKE '50\\%'", r"LIKE '50\\%' ESCAPE ''"),
        ("SELECT id FROM customers WHERE name = 'a\\'", r"= 'a\\'"),
        ("SELECT CAST(amount AS INTEGER) FROM orders", "CAST(TRUNCATE(`amount`, 0) AS SIGNED)"),
        ("SELECT id FROM customers /*! INTO OUTFILE '/tmp/x' */", "FROM `customers` AS `customers`"),
    ],
)
def test_mysql_means_the_same(sql: str, part: str) -> None:
    written = mysql(sql)
    assert part in written
    assert "/*" not in written


def test_a_large_table_is_looked_at_in_part() -> None:
    sql = "SELECT status, count(*) FROM orders WHERE status <> '' GROUP BY 1"
    looked = translated(sql, NATIVES, Kind.POSTGRES, sampled=True)
    assert f'FROM (SELECT * FROM "public"."Orders" LIMIT {LOOKED_THROUGH}) AS "Orders"' in looked
    assert "LIMIT" not in translated(sql, NATIVES, Kind.POSTGRES)
    assert "LIMIT" not in translated("SELECT name FROM customers", NATIVES, Kind.POSTGRES, sampled=True)


HOSTILE = [
    "DROP TABLE orders",
    "DELETE FROM orders",
    "UPDATE orders SET amount = 0",
    "INSERT INTO orders SELECT * FROM orders",
    "CREATE TABLE x AS SELECT * FROM orders",
    "ATTACH 'x.db' AS x",
    "PRAGMA writable_schema = 1",
    "VACUUM",
    "WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_catalog.pg_authid",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM other.orders",
    "SELECT * FROM (WITH pg_authid AS (SELECT 1 AS x) SELECT * FROM pg_authid) a, pg_authid",
    "WITH pg_authid AS (SELECT * FROM pg_authid) SELECT * FROM pg_authid",
    "WITH a AS (SELECT * FROM pg_authid), pg_authid AS (SELECT 1) SELECT * FROM a",
    "SELECT pg_sleep(10) FROM orders",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd') FROM orders",
    "SELECT generate_series(1, 1000000000) FROM orders",
    "SELECT repeat('x', 1000000000) FROM orders",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT nextval('s') FROM orders",
    "SELECT load_file('/etc/passwd') FROM orders",
    "SELECT sleep(10) FROM orders",
    "SELECT benchmark(1000000, id) FROM orders",
    "SELECT version()",
    "SELECT current_user FROM orders, (SELECT session_user()) x",
    "SELECT CAST('orders' AS regclass) FROM orders",
    "SELECT CAST(id AS xml) FROM orders",
    "SELECT id::regclass FROM orders",
    "SELECT ARRAY(SELECT id FROM orders)",
    "SELECT * FROM orders FOR UPDATE",
    "SELECT * INTO x FROM orders",
    "SELECT * FROM generate_series(1, 10)",
    "SELECT * FROM orders, LATERAL (SELECT 1) x",
    "SELECT id FROM orders WHERE name MATCH 'x'",
    "SELECT readfile('x') FROM orders",
    "SELECT load_extension('x')",
    "SELECT @@version",
    "SELECT $1 FROM orders",
    "SELECT ctid FROM orders",
    "SELECT name COLLATE \"../x\" FROM customers",
]  # fmt: skip


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("sql", HOSTILE)
def test_what_is_no_question_about_the_tables_is_refused(sql: str, kind: Kind) -> None:
    with pytest.raises(SqlRefused):
        translated(sql, NATIVES, kind)


def test_what_can_only_be_asked_of_sqlite_says_so() -> None:
    with pytest.raises(SqlRefused, match="no numbers"):
        postgres("SELECT id FROM orders WHERE rowid = 2")
    with pytest.raises(SqlRefused, match="no numbers"):
        mysql("SELECT id FROM orders ORDER BY rowid LIMIT 1")
    assert "rowid = 2" in translated("SELECT id FROM orders WHERE rowid = 2", NATIVES, Kind.SQLITE)


def test_results_are_named_alike_everywhere() -> None:
    sql = "SELECT name, count(*), sum(id) AS s FROM customers GROUP BY name"
    assert result_names(sql, ("name", "count", "s")) == ("name", "COUNT(*)", "s")
    assert result_names("SELECT * FROM customers", ("id", "name")) == ("id", "name")


def test_rows_behind_are_counted() -> None:
    assert count_of("SELECT rowid FROM t WHERE a > 1 ORDER BY rowid").startswith(
        "SELECT count(*) FROM (SELECT 1 FROM t WHERE a > 1)"
    )
    assert "(SELECT 1 FROM t LIMIT 3)" in count_of("SELECT rowid FROM t ORDER BY rowid LIMIT 3")


def test_tables_that_a_query_reads() -> None:
    assert tables_in("WITH x AS (SELECT * FROM Orders) SELECT * FROM x JOIN customers") == {"orders", "customers"}
    assert tables_in("SELECT FROM (") == set()
