"""What a query gives is held to what the question asks for."""

from __future__ import annotations

import pytest

from gezhi.answer.exact.writing.asked import held_to, in_its_year
from gezhi.answer.exact.writing.meant import without_repeats
from gezhi.answer.exact.writing.values import near_values
from gezhi.retrieve.tables.workspace import Workspace
from gezhi.types.tables import Column, ColumnType, TypedTable


@pytest.mark.parametrize(
    ("question", "sql", "meant"),
    [
        ("how many Russians finished at least 3rd?", "SELECT count(*) FROM t WHERE rank >= 3", "rank <= 3"),
        ("how often did he finish above 10th place?", "SELECT count(*) FROM t WHERE finish > 10", "finish < 10"),
        ("who finished in 10th place or better?", "SELECT name FROM t WHERE place >= 10", "place <= 10"),
        ("how many times were they below the 7th place?", "SELECT count(*) FROM t WHERE place < 7", "place > 7"),
    ],
)
def test_a_higher_place_is_a_smaller_number(question: str, sql: str, meant: str) -> None:
    assert held_to(sql, question).endswith(meant)


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("how many scored at least 3 goals?", "SELECT count(*) FROM t WHERE goals >= 3"),
        ("who finished at least 3rd?", "SELECT name FROM t WHERE rank <= 3"),
        ("who finished at least 3rd with more than 10 points?", "SELECT name FROM t WHERE points > 10 AND rank <= 3"),
        ("on the 3rd of May, more than what?", "SELECT name FROM t WHERE day >= 3"),
    ],
)
def test_numbers_that_are_no_places_stay(question: str, sql: str) -> None:
    assert held_to(sql, question) == sql


def test_at_most_so_many_is_a_bound_and_not_the_largest() -> None:
    largest = "SELECT 省名 FROM t WHERE 学费 = (SELECT max(学费) FROM t)"
    assert held_to(largest, "学费最多10000元的省份").endswith("WHERE 学费 <= 10000")
    smallest = "SELECT name FROM t WHERE fee = (SELECT min(fee) FROM t)"
    assert held_to(smallest, "who pays at least 1,000?").endswith("WHERE fee >= 1000")
    assert held_to(largest, "学费最多的3个省份") == largest
    assert held_to(smallest, "who pays the least?") == smallest


AFTER = "SELECT club FROM t WHERE place > (SELECT place FROM t WHERE club = 'A')"


def test_of_all_that_come_after_the_first_is_the_next() -> None:
    made = held_to(AFTER, "which team finished after A?")
    assert made.startswith(AFTER) and "ORDER BY place ASC" in made and made.endswith("LIMIT 1")
    before = held_to(AFTER.replace(">", "<"), "who came before A?")
    assert "ORDER BY place DESC" in before and before.endswith("LIMIT 1")
    for several in ("which teams finished after A?", "what are the teams after A?", "list the teams after A"):
        assert held_to(AFTER, several) == AFTER


def test_an_amount_that_was_not_asked_for_is_left_to_the_answer() -> None:
    sql = "SELECT title, gross FROM t ORDER BY gross DESC LIMIT 1"
    assert held_to(sql, "which film grossed the most?") == "SELECT title FROM t ORDER BY gross DESC LIMIT 1"
    assert held_to(sql, "which film grossed the most, and how much?") == sql
    assert held_to("no sql (", "which?") == "no sql ("


def test_a_condition_is_said_once() -> None:
    sql = "SELECT a FROM t WHERE b = 'x' AND b = 'x' AND c = 1 AND b = 'x'"
    assert without_repeats(sql) == "SELECT a FROM t WHERE b = 'x' AND c = 1"
    assert without_repeats("SELECT a FROM t WHERE b = 1 OR b = 1") == "SELECT a FROM t WHERE b = 1"
    assert without_repeats("SELECT a FROM t WHERE b = 1 OR c = 1") == "SELECT a FROM t WHERE b = 1 OR c = 1"


def test_values_by_their_dates_marks_and_columns() -> None:
    text = ColumnType.TEXT
    columns = (
        Column(name="Film", key="film", type=text), Column(name="Director", key="director", type=text),
        Column(name="Studio", key="studio", type=text), Column(name="Released", key="released", type=ColumnType.DATE),
    )  # fmt: skip
    table = TypedTable(id="t", document_id="", number=0, name="films", key="films", columns=columns, row_count=2)
    space = Workspace()
    space.add(table, [("Ann’s Way", "Lee", "Morgan Creek (US)", "2000-05-01"), ("Bo", "Kim", "Ufa", "2001-01-01")])
    for condition in ("released = '2000'", "film = 'Ann''s Way'", "director = 'Morgan Creek'", "released = '2000-05'"):
        found = space.run(near_values(f"SELECT film FROM films WHERE {condition}", space)).rows
        assert found == (("Ann’s Way",),), condition


def test_a_year_that_the_query_forgot_is_that_of_its_rows() -> None:
    columns = (
        Column(name="Customer", key="customer", type=ColumnType.TEXT),
        Column(name="Date", key="date", type=ColumnType.DATE),
    )
    table = TypedTable(id="t", document_id="", number=0, name="orders", key="orders", columns=columns, row_count=2)
    sql = "SELECT customer FROM orders WHERE price > 9000"
    assert in_its_year(sql, "who ordered in 2024?", [table]) == f"{sql} AND date LIKE '2024%'"
    assert in_its_year(sql, "哪些客户在2024年下过单？", [table]) == f"{sql} AND date LIKE '2024%'"
    for kept in ("who ordered since 2024?", "2024年以后下单的客户", "who ordered in 2024 and 2025?", "who ordered?"):
        assert in_its_year(sql, kept, [table]) == sql
    words = "SELECT customer FROM orders WHERE date LIKE '年下%' AND price > 9000"
    assert in_its_year(words, "哪些客户在2024年下过单？", [table]) == f"{sql} AND date LIKE '2024%'"
    told = "SELECT customer FROM orders WHERE date LIKE '2024-03%'"
    assert in_its_year(told, "who ordered in March 2024?", [table]) == told
    two = TypedTable(
        id="u", document_id="", number=1, name="orders", key="orders", row_count=2,
        columns=(*columns, Column(name="Paid", key="paid", type=ColumnType.DATE)),
    )  # fmt: skip
    assert in_its_year(sql, "who ordered in 2024?", [two]) == sql, "which of two dates is meant is not known"
