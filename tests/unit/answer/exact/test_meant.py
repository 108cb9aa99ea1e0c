from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from gezhi.answer.exact.writing.joins import without_unsaid
from gezhi.answer.exact.writing.meant import among, as_difference, grouped, once, texts_added, within_row
from gezhi.answer.exact.writing.values import near_values
from gezhi.retrieve.tables.workspace import Workspace
from gezhi.types.tables import Column, ColumnType, TypedTable

TABLE = TypedTable(
    id="d:t0", document_id="d", number=0, name="t", key="t", row_count=3,
    columns=(
        Column(name="Driver", key="driver", type=ColumnType.TEXT),
        Column(name="Car", key="car", type=ColumnType.TEXT),
        Column(name="Points", key="points", type=ColumnType.INTEGER),
    ),
)  # fmt: skip


@pytest.fixture
def space() -> Workspace:
    made = Workspace()
    made.add(TABLE, [("Ann", "Suzuki", 7), ("Bo", "Suzuki", 4), ("Cy", "Ford", 9)])
    return made


def test_an_except_of_two_numbers_is_their_difference(space: Workspace) -> None:
    sql = "SELECT points FROM t WHERE driver = 'Bo' EXCEPT SELECT points FROM t WHERE driver = 'Cy'"
    assert space.run(as_difference(sql, "what is the difference between Bo's and Cy's points?", [TABLE])).rows == (
        (5,),
    )
    assert as_difference(sql, "who has points that Cy has not?", [TABLE]) == sql
    drivers = "SELECT driver FROM t EXCEPT SELECT driver FROM t WHERE points > 5"
    assert as_difference(drivers, "what is the difference?", [TABLE]) == drivers


def test_what_all_rows_say_is_said_once(space: Workspace) -> None:
    assert space.run(once("SELECT car FROM t WHERE driver IN ('Ann', 'Bo')", space)).rows == (("Suzuki",),)
    for kept in ("SELECT car FROM t", "SELECT car, points FROM t", "SELECT count(*) FROM t", "SELECT x FROM t"):
        assert once(kept, space) == kept


def test_words_cannot_be_added(space: Workspace) -> None:
    assert texts_added("SELECT sum(car) FROM t", space) == "car"
    assert texts_added("SELECT max(driver) - min(driver) FROM t", space) == "driver"
    for fine in ("SELECT sum(points) FROM t", "SELECT max(points) - min(points) FROM t", "SELECT max(car) FROM t", "?"):
        assert texts_added(fine, space) == ""
    engine = Column(name="Engine", key="engine", type=ColumnType.TEXT)
    with closing(Workspace()) as other:
        other.add(replace(TABLE, key="u", columns=(engine,), row_count=2), [("2.0 L",), ("1.5 L",)])
        assert texts_added("SELECT avg(engine) FROM u", other) == ""


def test_a_value_of_another_column_is_looked_for_there(space: Workspace) -> None:
    assert space.run(near_values("SELECT points FROM t WHERE driver = 'Ford'", space)).rows == ((9,),)
    nowhere = "SELECT points FROM t WHERE driver = 'Fiat'"
    assert near_values(nowhere, space) == nowhere


def test_cells_of_one_row_are_compared() -> None:
    sql = within_row("SELECT name FROM projects WHERE cost > (SELECT budget FROM projects)")
    assert sql == "SELECT name FROM projects WHERE cost > budget"
    for kept in (
        "SELECT name FROM projects WHERE cost > (SELECT avg(cost) FROM projects)",
        "SELECT name FROM projects WHERE cost > (SELECT budget FROM projects WHERE name = 'A')",
        "SELECT name FROM projects WHERE cost > (SELECT budget FROM plans)",
    ):
        assert within_row(kept) == kept


def test_one_of_several_is_any_of_them() -> None:
    sql = "SELECT no FROM flights WHERE airport = (SELECT code FROM airports WHERE city = 'Aberdeen')"
    assert among(sql) == sql.replace("= (SELECT", "IN (SELECT", 1)
    assert among(sql.replace("airport =", "airport <>")).startswith("SELECT no FROM flights WHERE NOT airport IN (")
    for kept in (
        "SELECT name FROM t WHERE age = (SELECT max(age) FROM t)",
        "SELECT name FROM t WHERE id = (SELECT id FROM u ORDER BY n DESC LIMIT 1)",
        "SELECT name FROM t WHERE rowid = (SELECT rowid FROM t WHERE name = 'X')",
        "SELECT name FROM t WHERE age > (SELECT age FROM t WHERE name = 'X')",
        "no sql (",
    ):
        assert among(kept) == kept


def test_tables_that_nothing_is_asked_of_are_left_out() -> None:
    joined = (
        "SELECT documents.name FROM paragraphs JOIN documents ON paragraphs.document_id = documents.id"
        " JOIN templates ON documents.template_id = templates.id"
    )
    left = without_unsaid(joined, "which documents use templates?")
    assert left == "SELECT documents.name FROM documents JOIN templates ON documents.template_id = templates.id"
    assert without_unsaid(joined, "documents of templates with paragraphs") == joined
    both = without_unsaid(f"{joined} WHERE paragraphs.text = 'x'", "which documents?")
    assert "paragraphs" in both and "templates" not in both
    chinese = (
        "SELECT 省份.省名 FROM 清华招生计划 JOIN 省份 ON 清华招生计划.省份id = 省份.id"
        " JOIN 各省招生计划 ON 各省招生计划.省份id = 省份.id"
    )
    assert "各省" not in without_unsaid(chinese, "清华招生计划里有哪些省份？")
    assert "各省" in without_unsaid(chinese, "各省的招生计划里有哪些省份？")
    for kept in ("SELECT count(*) FROM a", "SELECT a.x FROM a LEFT JOIN b ON a.i = b.i", "no sql ("):
        assert without_unsaid(kept, "what?") == kept


def test_what_is_counted_beside_a_name_is_counted_for_each() -> None:
    assert grouped("SELECT city FROM t ORDER BY count(*) LIMIT 1").startswith("SELECT city FROM t GROUP BY city ORDER")
    assert grouped("SELECT city, avg(x) FROM t WHERE y > 1").endswith("WHERE y > 1 GROUP BY city")
    for kept in (
        "SELECT city, max(x) FROM t",
        "SELECT count(*), avg(x) FROM t",
        "SELECT city, count(*) FROM t GROUP BY city",
        "SELECT city FROM t ORDER BY x LIMIT 1",
        "no sql (",
    ):
        assert grouped(kept) == kept
