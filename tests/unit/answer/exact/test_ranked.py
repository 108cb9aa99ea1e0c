from __future__ import annotations

import pytest

from gezhi.answer.exact.ranked import with_amount
from gezhi.answer.exact.say import say
from gezhi.retrieve.tables.workspace import Workspace
from gezhi.types.tables import Column, ColumnType, TypedTable


@pytest.fixture
def space() -> Workspace:
    columns = (
        Column(name="City", key="city", type=ColumnType.TEXT),
        Column(name="Sales", key="sales", type=ColumnType.NUMBER, unit="CNY"),
    )
    table = TypedTable(id="d:t0", document_id="d", number=0, name="t", key="t", columns=columns, row_count=4)
    made = Workspace()
    made.add(table, [("Wuhan", 5), ("Oslo", 7), ("Oslo", 1), ("Bergen", 8)])
    return made


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT city FROM t WHERE sales = (SELECT max(sales) FROM t)", "Bergen (8 CNY)."),
        ("SELECT city FROM t ORDER BY sales DESC LIMIT 2", "Bergen (8 CNY), Oslo (7 CNY)."),
        ("SELECT city FROM t GROUP BY city ORDER BY count(*) DESC LIMIT 1", "Oslo (2)."),
        (
            "SELECT city FROM t GROUP BY city HAVING sum(sales) = "
            "(SELECT min(n) FROM (SELECT sum(sales) AS n FROM t GROUP BY city))",
            "Wuhan (5 CNY).",
        ),
    ],
)
def test_the_amount_stands_beside_the_name(space: Workspace, sql: str, said: str) -> None:
    plain = space.run(sql)
    more = with_amount(sql)
    assert more is not None
    ranked = space.run(more)
    assert [row[:1] for row in ranked.rows] == list(plain.rows)
    assert say("which city?", ranked, space.tables, ranked=True) == said


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT city FROM t WHERE sales > 5",
        "SELECT city, sales FROM t ORDER BY sales DESC LIMIT 1",
        "SELECT sales FROM t ORDER BY sales DESC LIMIT 1",
        "SELECT max(sales) FROM t",
        "SELECT DISTINCT city FROM t ORDER BY sales LIMIT 1",
        "SELECT city FROM t ORDER BY rowid LIMIT 1",
        "SELECT city FROM t WHERE sales = (SELECT max(sales) FROM t) OR city = 'Wuhan'",
        "SELECT city FROM t UNION SELECT city FROM t ORDER BY 1 LIMIT 1",
        "SELEKT",
    ],
)
def test_other_queries_stay_as_they_are(sql: str) -> None:
    assert with_amount(sql) is None
