"""Queries over tables in a workspace: results, limits, what is said of mistakes; keys and values found in the rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.retrieve.tables.check import CAP, ROWS
from gezhi.retrieve.tables.keys import with_keys
from gezhi.retrieve.tables.link import link
from gezhi.retrieve.tables.workspace import Limits, Workspace, quoted
from gezhi.store import Analyser
from gezhi.types import SqlFailed, SqlRefused
from gezhi.types.tables import Column, ColumnType, TypedTable, Value

TEXT, INTEGER, NUMBER = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.NUMBER
Rows = Sequence[Sequence[Value]]


def made(key: str, *columns: tuple[str, ColumnType], name: str = "") -> TypedTable:
    return TypedTable(
        id=f"{key}:t0",
        document_id=key,
        number=0,
        name=name or key,
        key=key,
        columns=tuple(Column(name=one, key=one, type=kind) for one, kind in columns),
        row_count=0,
    )


def space_of(*tables: tuple[TypedTable, Rows], limits: Limits | None = None) -> Workspace:
    space = Workspace(limits)
    for table, rows in tables:
        space.add(table, rows)
    return space


CUSTOMERS = made("customers", ("customer_id", INTEGER), ("name", TEXT), ("country", TEXT))
ORDERS = made("orders", ("order_id", INTEGER), ("customer_id", INTEGER), ("amount", NUMBER), ("status", TEXT))
CUSTOMER_ROWS: Rows = [(11, "Norvik Ltd", "Norway"), (12, "Adler", "Germany"), (13, "Sol", "Spain")]
ORDER_ROWS: Rows = [(1, 12, 5.5, "open"), (2, 11, 7.25, "paid"), (3, 12, None, "paid")]


@pytest.fixture
def shop() -> Iterator[Workspace]:
    with closing(space_of((CUSTOMERS, CUSTOMER_ROWS), (ORDERS, ORDER_ROWS))) as space:
        yield space


def test_results_have_columns_values_and_rows(shop: Workspace) -> None:
    result = shop.run("SELECT order_id AS number, amount, status FROM orders ORDER BY order_id DESC")
    assert result.columns == ("number", "amount", "status")
    assert result.rows == ((3, None, "paid"), (2, 7.25, "paid"), (1, 5.5, "open"))
    assert (result.row_count, result.truncated) == (3, False)
    assert 0 <= result.seconds < 2
    assert shop.run("SELECT sum(amount) FROM orders").rows == ((12.75,),)
    assert shop.run("SELECT amount FROM orders WHERE status = 'lost'").rows == ()
    assert shop.run("SELECT rowid FROM customers WHERE name = 'Adler'").rows == ((2,),)


def test_a_long_result_is_kept_in_part_and_counted() -> None:
    table = made("t", ("n", INTEGER))
    with closing(space_of((table, [(n,) for n in range(5000)]), limits=Limits(rows=20))) as space:
        result = space.run("SELECT n FROM t ORDER BY n")
        assert ([row[0] for row in result.rows], result.truncated) == (list(range(20)), True)
        assert 200 <= result.row_count < 5000, "the counting ends too"
        exact = space.run("SELECT n FROM t WHERE n < 20")
        assert (len(exact.rows), exact.row_count, exact.truncated) == (20, 20, False)
        more = space.run("SELECT n FROM t WHERE n < 21")
        assert (len(more.rows), more.row_count, more.truncated) == (20, 21, True)


def test_a_slow_query_is_stopped_and_says_so() -> None:
    table = made("t", ("n", INTEGER))
    with closing(space_of((table, [(n,) for n in range(3000)]), limits=Limits(seconds=0.2))) as space:
        with pytest.raises(SqlFailed, match=r"longer than 0\.2 seconds") as told:
            space.run("SELECT count(*) FROM t a, t b, t c")
        assert told.value.hint == "Join fewer rows; filter first."
        assert space.run("SELECT count(*) FROM t").rows == ((3000,),)


def test_too_large_a_value_and_too_long_a_query() -> None:
    limits = Limits(cell_bytes=1000, sql_characters=100)
    with closing(space_of((made("t", ("a", TEXT)), [("x" * 900,)]), limits=limits)) as space:
        with pytest.raises(SqlFailed, match="too big"):
            space.run("SELECT a || a FROM t")
        with pytest.raises(SqlRefused, match="too long"):
            space.run(f"SELECT a FROM t WHERE a = '{'y' * 100}'")


@pytest.mark.parametrize("key", ["t", "T"])
def test_two_tables_of_one_name_are_refused(key: str) -> None:
    with closing(space_of((made("t", ("a", TEXT)), [("x",)]))) as space:
        with pytest.raises(ValueError, match="two tables named"):
            space.add(made(key, ("b", TEXT)), [("y",)])
        assert space.run("SELECT a FROM t").rows == (("x",),)


@pytest.mark.parametrize("name", ['a "b"', "金额（万元）", "select", "a;b", "x'y", "`z`", "[w]", "1st", "%"])
def test_any_name_may_be_a_column(name: str) -> None:
    with closing(space_of((made("表", (name, INTEGER), ("n", TEXT)), [(3, "x"), (4, "y")]))) as space:
        assert space.run(f"SELECT sum({quoted(name)}) FROM 表").rows == ((7,),)
        assert space.run(f"SELECT n FROM {quoted('表')} AS a WHERE a.{quoted(name)} = 4").rows == (("y",),)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12))
def test_a_quoted_name_is_one_name(name: str) -> None:
    connection = sqlite3.connect(":memory:")
    with closing(connection):
        connection.execute(f"CREATE TABLE t ({quoted(name)} TEXT)")
        assert [row[1] for row in connection.execute("PRAGMA table_info(t)")] == [name]


@pytest.mark.parametrize(
    ("sql", "message", "hint"),
    [
        ("SELECT nam FROM customers", "There is no column nam.", "Did you mean name?"),
        ("SELECT c.contry FROM customers c", "The table c has no column contry.", "Did you mean country?"),
        ("SELECT name FROM customer", "There is no table customer.", "Did you mean customers?"),
        ("SELECT name FROM 客户", "There is no table 客户.", "There are: customers, orders."),
        ("SELECT zzz FROM customers", "There is no column zzz.", "There are: country, customer_id, name, rowid."),
        ("SELECT name FROM x.customers", "x.customers is no table here.", "There are: customers, orders."),
        ("SELECT amount FROM customers WHERE 1", "There is no column amount.", "Did you mean country?"),
        ("SELECT name FROM", "This is not SQL: ", "Correct the syntax."),
        ("SELECT 1; SELECT 2", "2 statements were given.", "Write exactly one SELECT."),
        ("", "0 statements were given.", "Write exactly one SELECT."),
        ("DELETE FROM orders", "DELETE is not allowed.", "Write one SELECT that only reads."),
        ("WITH RECURSIVE c(n) AS (SELECT 1) SELECT n FROM c", "A recursive query is not allowed.", "Write it without"),
        ("SELECT made_up(name) FROM customers", "There is no function made_up here.", "Use abs"),
        ("SELECT 1 FROM " + ", ".join(f"orders o{n}" for n in range(9)), "The query names too many tables.", "At most"),
        ("SELECT soundex(name) FROM customers", "The query may not do this: not authorized", "Only read the tables"),
    ],
)
def test_what_is_said_of_a_mistake(shop: Workspace, sql: str, message: str, hint: str) -> None:
    with pytest.raises(SqlRefused) as told:
        shop.run(sql)
    assert told.value.message.startswith(message), told.value
    assert told.value.hint.startswith(hint), told.value


def test_text_in_double_quotes_is_taken_as_text(shop: Workspace) -> None:
    result = shop.run('SELECT order_id FROM orders WHERE status = "paid" ORDER BY 1')
    assert result.rows == ((2,), (3,))
    assert "'paid'" in result.sql
    assert shop.run('SELECT "name" FROM customers WHERE "country" = "Spain"').rows == (("Sol",),)


def test_a_limit_is_added_only_where_there_is_none(shop: Workspace) -> None:
    assert shop.run("SELECT name FROM customers").sql == f"SELECT name FROM customers{CAP}"
    assert f" LIMIT {ROWS + 1}" == CAP
    assert shop.run("SELECT name FROM customers LIMIT 2").sql == "SELECT name FROM customers LIMIT 2"
    assert shop.run("SELECT name FROM customers UNION SELECT status FROM orders").sql.endswith(CAP)
    inner = shop.run("SELECT name FROM customers WHERE customer_id IN (SELECT customer_id FROM orders LIMIT 1)")
    assert inner.sql.endswith(CAP)
    assert inner.rows == (("Adler",),)


def test_a_query_of_a_query_sees_the_columns_of_both(shop: Workspace) -> None:
    inner = "SELECT count(*) FROM orders o WHERE o.customer_id = customers.customer_id"
    sql = f"SELECT name FROM customers WHERE ({inner}) > 1"
    assert shop.run(sql).rows == (("Adler",),)
    assert shop.run("SELECT n FROM (SELECT name AS n FROM customers) WHERE n < 'B'").rows == (("Adler",),)


def test_a_database_file_is_copied_with_its_keys_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE shop (id INTEGER PRIMARY KEY, 城市 TEXT, since DATE, share REAL, open BOOLEAN);"
            "CREATE TABLE sale (id INTEGER PRIMARY KEY, shop_id INTEGER REFERENCES shop(id));"
            "INSERT INTO shop VALUES (1, '上海', '2024-01-02', 0.5, 1);"
        )
    before = path.read_bytes()
    with closing(Workspace.of_file(path)) as space:
        shop, sale = space.tables
        assert [column.type.value for column in shop.columns] == ["integer", "text", "date", "number", "boolean"]
        assert (shop.row_count, shop.primary_key) == (1, ("id",))
        assert [(one.columns, one.table, one.target) for one in sale.foreign_keys] == [(("shop_id",), "shop", ("id",))]
        assert with_keys(space) == space.tables, "declared keys are not guessed anew"
        assert space.run("SELECT 城市 FROM shop").rows == (("上海",),)
    assert path.read_bytes() == before


def keys_of(space: Workspace) -> set[tuple[str, str, str, str]]:
    with closing(space):
        return {
            (table.key, one.columns[0], one.table, one.target[0])
            for table in with_keys(space)
            for one in table.foreign_keys
        }


def test_keys_are_found_by_names_and_values() -> None:
    found = keys_of(space_of((CUSTOMERS, CUSTOMER_ROWS), (ORDERS, ORDER_ROWS)))
    assert found == {("orders", "customer_id", "customers", "customer_id")}


def test_keys_are_found_in_chinese() -> None:
    customers = made("客户", ("客户编号", INTEGER), ("客户名称", TEXT))
    orders = made("订单", ("订单编号", INTEGER), ("客户编号", INTEGER), ("金额", NUMBER))
    found = keys_of(
        space_of((customers, [(11, "甲公司"), (12, "乙公司")]), (orders, [(1, 12, 5.0), (2, 11, 3.0), (3, 12, 1.0)]))
    )
    assert found == {("订单", "客户编号", "客户", "客户编号")}


def test_values_that_are_not_there_make_no_key() -> None:
    assert keys_of(space_of((CUSTOMERS, CUSTOMER_ROWS), (ORDERS, [(1, 77, 5.5, "x"), (2, 78, 1.0, "y")]))) == set()
    twice = [*CUSTOMER_ROWS, (11, "Norvik again", "Norway")]
    assert keys_of(space_of((CUSTOMERS, twice), (ORDERS, ORDER_ROWS))) == set(), "a key names one row"


def test_two_tables_are_not_joined_by_their_own_ids() -> None:
    cats = made("cats", ("id", INTEGER), ("name", TEXT))
    dogs = made("dogs", ("id", INTEGER), ("name", TEXT))
    rows = [(1, "a"), (2, "b"), (3, "c")]
    assert {
        (one, other) for one, column, other, _ in keys_of(space_of((cats, rows), (dogs, rows))) if column == "id"
    } == set()


TERMS = Analyser().terms


def test_values_that_a_question_says_are_found(shop: Workspace) -> None:
    linked = link("How many paid orders did Norvik Ltd place?", shop, TERMS)
    said = {(hit.table, hit.column, hit.value) for hit in linked.values}
    assert said == {("customers", "name", "Norvik Ltd"), ("orders", "status", "paid")}
    assert {table.key for table in linked.tables} == {"customers", "orders"}
    assert linked.examples["orders", "status"] == ("paid", "open"), "the most frequent first"
    assert any(table.foreign_keys for table in linked.tables)


def test_chinese_values_are_found_the_longest_alone() -> None:
    table = made("产品", ("名称", TEXT), ("地区", TEXT))
    rows = [("水泵", "华东"), ("高压水泵", "华南"), ("阀", "华北")]
    with closing(space_of((table, rows))) as space:
        linked = link("华南的高压水泵有多少台，阀门呢？", space, TERMS)
    assert {(hit.column, hit.value) for hit in linked.values} == {("名称", "高压水泵"), ("地区", "华南")}


def test_numbers_and_single_letters_are_not_values() -> None:
    table = made("t", ("code", TEXT), ("mark", TEXT))
    with closing(space_of((table, [("20", "a"), ("5万元", "b")]))) as space:
        assert link("a list of 20 things for 5万元", space, TERMS).values == ()


def wide() -> Workspace:
    names = [f"field_{n}" for n in range(30)]
    tables = [made(f"archive{k}", ("id", INTEGER), *((name, TEXT) for name in names)) for k in range(3)]
    people = made("people", ("id", INTEGER), *((name, TEXT) for name in names[:20]), ("salary", NUMBER), ("town", TEXT))
    space = Workspace()
    for table in tables:
        space.add(table, [(n, *["-"] * 30) for n in range(2)])
    space.add(people, [(1, *["-"] * 20, 5.0, "Bergen"), (2, *["-"] * 20, 6.0, "Oslo")])
    return space


def test_a_wide_schema_is_pruned_to_what_is_asked() -> None:
    with closing(wide()) as space:
        linked = link("What is the average salary in Bergen?", space, TERMS, most_columns=24)
        assert sum(len(table.columns) for table in linked.tables) <= 24 + 2
        first = linked.tables[0]
        assert first.key == "people"
        assert {"salary", "town"} <= {column.key for column in first.columns}
        assert [(hit.column, hit.value) for hit in linked.values] == [("town", "Bergen")]
        everything = link("What is the average salary in Bergen?", space, TERMS, most_columns=500)
        assert everything.tables == with_keys(space)
