"""A value that no cell is, but some hold, is looked for inside the cells."""

from __future__ import annotations

import pytest

from gezhi.answer.exact.writing.values import near_values
from gezhi.retrieve.tables.workspace import Workspace
from gezhi.types.tables import Column, ColumnType, TypedTable


@pytest.fixture
def space() -> Workspace:
    made = Workspace()
    text, number = ColumnType.TEXT, ColumnType.INTEGER
    columns = (Column(name="Nation", key="nation", type=text), Column(name="Gold", key="gold", type=number))
    rows = [
        ("Spain (ESP)", 3),
        ("Great Britain (GBR)", 5),
        ("上海市", 1),
        ("Berlin", 2),
        ("August 7, 1976", 8),
        ("Almería", 9),
    ]
    table = TypedTable(id="t", document_id="", number=0, name="medals", key="medals", columns=columns, row_count=6)
    made.add(table, rows)
    return made


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT gold FROM medals WHERE nation = 'Spain'", [3]),
        ("SELECT gold FROM medals WHERE medals.nation = 'spain'", [3]),
        ("SELECT gold FROM medals WHERE nation = 'BERLIN'", [2]),
        ("SELECT gold FROM medals WHERE nation = 'Berlin'", [2]),
        ("SELECT gold FROM medals WHERE nation <> 'Spain' ORDER BY gold", [1, 2, 5, 8, 9]),
        ("SELECT count(*) FROM medals WHERE gold > (SELECT gold FROM medals WHERE nation = 'Spain')", [3]),
        ("SELECT gold FROM medals WHERE nation LIKE 'Spain'", [3]),
        ("SELECT gold FROM medals WHERE nation LIKE 'ber%'", [2]),
        ("SELECT gold FROM medals WHERE nation LIKE 'August, 1976'", [8]),
        ("SELECT gold FROM medals WHERE nation = 'almeria'", [9]),
        ("SELECT gold FROM medals WHERE nation <> 'almeria' ORDER BY gold DESC LIMIT 1", [8]),
        ("SELECT gold FROM medals WHERE nation = '上海市'", [1]),
        ("SELECT gold FROM medals WHERE nation = 'Almeiria'", [9]),
        ("SELECT gold FROM medals WHERE nation = 'Norway'", []),
        ("SELECT gold FROM medals WHERE nation = 'n'", []),
    ],
)
def test_what_is_found(space: Workspace, sql: str, rows: list[int]) -> None:
    assert [row[0] for row in space.run(near_values(sql, space)).rows] == rows


@pytest.mark.parametrize(
    "sql",
    ["SELECT gold FROM medals WHERE nation = 'Berlin'", "SELECT gold FROM medals WHERE gold = '3'", "no sql at all("],
)
def test_what_stays_as_it_is(space: Workspace, sql: str) -> None:
    assert near_values(sql, space) == sql
