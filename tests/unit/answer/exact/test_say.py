from __future__ import annotations

import pytest

from gezhi.answer.exact.reasons import cannot
from gezhi.answer.exact.say import rows_behind, say, value_text
from gezhi.retrieve.tables.workspace import Workspace
from gezhi.types.tables import Column, ColumnType, TypedTable

AMOUNT = Column(name="销售额", key="amount", type=ColumnType.NUMBER, unit="万元")
NAME = Column(name="name", key="name", type=ColumnType.TEXT)


@pytest.fixture
def space() -> Workspace:
    table = TypedTable(id="d:t0", document_id="d", number=0, name="t", key="t", columns=(NAME, AMOUNT), row_count=12)
    made = Workspace()
    made.add(table, [(f"n{at:02d}", 0.1 if at < 3 else 1000.5) for at in range(12)])
    return made


@pytest.mark.parametrize(
    ("question", "sql", "said"),
    [
        ("合计多少？", "SELECT sum(amount) FROM t WHERE name < 'n03'", "0.3万元。"),
        ("how many", "SELECT count(*) FROM t", "12."),
        ("how many", "SELECT count(*) FROM t WHERE name = 'x'", "0."),
        ("which", "SELECT name FROM t WHERE name = 'x'", "No row matches the question."),
        ("total", "SELECT sum(amount) FROM t WHERE name = 'x'", "No row matches the question."),
        ("哪些名称", "SELECT name FROM t WHERE name = 'x'", "没有符合条件的行。"),
        ("total", "SELECT sum(amount) FROM t", "9,004.8万元."),
        ("all", "SELECT name FROM t", "n00, n01, n02, n03, n04, n05, n06, n07, n08, n09 and 2 more."),
        ("average", "SELECT avg(amount) FROM t WHERE name > 'n00'", "818.61万元."),
        ("share", "SELECT 1 / 3.0", "0.333333."),
        ("cell", "SELECT 1234.5678901", "1,234.56789."),
        ("max", "SELECT max(amount) FROM t", "1,000.5万元."),
    ],
)
def test_says(space: Workspace, question: str, sql: str, said: str) -> None:
    assert say(question, space.run(sql), space.tables) == said
    space.close()


def test_numbers_without_traces_of_binary_fractions() -> None:
    assert value_text(0.1 + 0.2) == "0.3"
    assert value_text(1234567) == "1,234,567"
    assert value_text(2024, Column(name="Year", key="y", type=ColumnType.INTEGER)) == "2024"
    assert value_text(12.5, Column(name="p", key="p", type=ColumnType.NUMBER, unit="%")) == "12.5%"
    assert value_text(3, Column(name="p", key="p", type=ColumnType.NUMBER, unit="USD")) == "3 USD"


def test_cannot_in_both_languages() -> None:
    assert cannot("有多少？", "the table says nothing of 病人") == "无法精确回答，因为：表格里没有“病人”。"
    assert cannot("有多少？", "no such function: f") == "无法精确回答，因为：问题对表格的要求不够明确。"
    assert cannot("how many?", "x is not clear") == "This cannot be answered exactly because x is not clear."
    assert cannot("有多少人", "不清楚") == "无法精确回答，因为：不清楚。"


@pytest.mark.parametrize(
    ("question", "reason", "told"),
    [
        (
            "2024年有多少？",
            "The question says 2024: the query must use it, a year e.g. as LIKE '2024%'",
            "没有写出用到“2024”的查询",
        ),
        (
            "how many in 2024?",
            "The question says 2024: the query must use it, a year e.g. as LIKE '2024%'",
            "no query was found that uses 2024",
        ),
        (
            "有多少？",
            "name holds words and cannot be added up. Count rows, or take a column of numbers",
            "“name”是文字，不能相加",
        ),
        ("有多少？", "The query runs and finds nothing. Check the values and the conditions", "没有符合条件的行"),
        ("有多少？", "There is no column b. Use a or c", "没有写出可用的查询"),
        ("how many?", "This is not SQL: 1\n2. Correct the syntax", "no query could be written for it"),
        ("how many?", "The query took longer than 5 seconds. Join fewer rows", "it took longer than 5 seconds"),
        (
            "how many?",
            "Several tries at a query gave different results",
            "several tries at a query gave different results",
        ),
    ],
)
def test_what_a_model_is_told_is_not_what_is_shown(question: str, reason: str, told: str) -> None:
    start = "无法精确回答，因为：{}。" if "多少" in question else "This cannot be answered exactly because {}."
    assert cannot(question, reason, by_model=True) == start.format(told)


def test_rows_behind_the_group_that_came_first(space: Workspace) -> None:
    for chosen in ("HAVING sum(amount) > 100", "ORDER BY sum(amount) DESC, name DESC LIMIT 9"):
        behind = rows_behind(f"SELECT name FROM t WHERE amount > 0 GROUP BY name {chosen}")
        assert behind is not None
        assert space.run_unchecked(behind.sql).rows == tuple((at,) for at in range(4, 13))


def test_rows_behind_a_sum(space: Workspace) -> None:
    behind = rows_behind("SELECT sum(amount) FROM t WHERE name < 'n03'")
    assert behind is not None
    assert behind.columns == ("amount", "name")
    assert space.run(behind.sql).rows == ((1,), (2,), (3,))
    space.close()


def test_rows_behind_an_ordered_list(space: Workspace) -> None:
    behind = rows_behind("SELECT name FROM t ORDER BY name DESC LIMIT 2")
    assert behind is not None
    assert space.run(behind.sql).rows == ((12,), (11,))
    space.close()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a.name FROM t AS a JOIN t AS b ON a.name = b.name",
        "not sql at",
    ],
)
def test_rows_behind_cannot_be_told(sql: str) -> None:
    assert rows_behind(sql) is None
