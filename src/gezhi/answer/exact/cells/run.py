"""Questions about cells of statements, over the tables that are near: read by rules, or left to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gezhi.answer.exact.cells.read import MOST_ROWS, Cells, Sense, read_cells
from gezhi.answer.exact.say import is_chinese, value_text
from gezhi.retrieve.tables.by_table import ByTable, Candidate
from gezhi.retrieve.tables.connected.catalogue import database_of
from gezhi.retrieve.tables.workspace import QueryResult, Space, quoted
from gezhi.types import Scope, SqlFailed, SqlRefused
from gezhi.types.tables import Column, ColumnType, TypedRow
from gezhi.types.units import header_unit

AHEAD = 1.2
"""How much likelier than the next a table must be, where two have such a row."""
NEAR_BEST = 0.8
"""Of the likeliest table's score, what one must have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FromStatement:
    cells: Cells
    result: QueryResult
    rows: tuple[TypedRow, ...]
    """That the cells stand in."""


def answer_from_statement(
    question: str, candidates: Sequence[Candidate], tables: ByTable, scope: Scope
) -> FromStatement | None:
    """None if no table has such cells, or if several have."""
    small = [one for one in candidates if not database_of(one.table.id) and one.table.row_count <= MOST_ROWS]
    if not small:
        return None
    space = tables.workspace([one.table for one in small], scope, totals=True)
    read = [
        (candidate.score, cells)
        for candidate, cells in zip(small, read_statements(question, space), strict=False)
        if cells is not None
    ]
    if not read or read[0][0] < NEAR_BEST * candidates[0].score:
        return None
    if len(read) > 1 and read[0][0] < AHEAD * read[1][0]:
        return None
    cells = read[0][1]
    result = run_cells(cells, space)
    if result is None:
        return None
    rows = tables.rows(cells.table, [row + 1 for row in cells.rows], scope, totals=True)
    return FromStatement(cells=cells, result=result, rows=tuple(rows))


def read_statements(question: str, space: Space) -> list[Cells | None]:
    """For each table of a space, what cells of it the question is about."""
    found: list[Cells | None] = []
    for table in space.tables:
        if table.row_count > MOST_ROWS:
            found.append(None)
            continue
        rows = space.run_unchecked(f"SELECT * FROM {quoted(table.key)}").rows
        cells = read_cells(question, table, rows)
        found.append(cells if isinstance(cells, Cells) else None)
    return found


def run_cells(cells: Cells, space: Space) -> QueryResult | None:
    try:
        result = space.run(cells.sql)
    except (SqlFailed, SqlRefused):
        return None
    return result if any(value is not None for row in result.rows for value in row) else None


def tell(question: str, found: FromStatement) -> str:
    """The number with its unit, and the cells it is made of: `20.7 CNY m (Net profit, 2024: 176.4, 2023: 155.7).`"""
    cells, chinese = found.cells, is_chinese(question)
    column = Column(name="", key="", type=ColumnType.NUMBER, unit=_unit(found, chinese))
    names = list(dict.fromkeys(header_unit(label)[0] or label for label in cells.labels))
    periods = list(dict.fromkeys(column.name.strip() for _, column in cells.places))
    parts = [value_text(value) for value in cells.values]
    if cells.sense is Sense.CELL and len(parts) == 1:
        made = [*names, *periods]
    elif len(names) > 1:
        made = [f"{name}: {part}" for name, part in zip(names, parts, strict=False)] + periods
    else:
        made = [*names, *(f"{period}: {part}" for period, part in zip(periods, parts, strict=False))]
    values = [value for row in found.result.rows for value in row if value not in cells.labels]
    said = ("、" if chinese else ", ").join(value_text(value, column) for value in values)
    behind = ("，" if chinese else ", ").join(made)
    return f"{said}（{behind}）。" if chinese else f"{said} ({behind})."


def _unit(found: FromStatement, chinese: bool) -> str:
    """What the answer counts. The row knows best: shares stand among amounts, and `Net profit (CNY m)` says its own."""
    cells = found.cells
    if cells.sense in (Sense.PERCENT, Sense.SHARE):
        return "%"
    if cells.sense is Sense.RATIO:
        return ""
    texts = {number: row.texts for number, row in zip(cells.rows, found.rows, strict=False)}
    shown = [texts[row][cells.table.columns.index(column)] for row, column in cells.places if row in texts]
    if shown and all("%" in text for text in shown):
        points = "个百分点" if chinese else "percentage points"
        return points if cells.sense is Sense.CHANGE else "%"
    own = {header_unit(label)[1] for label in cells.labels}
    units = own if own != {""} else {column.unit for _, column in cells.places}
    return units.pop() if len(units) == 1 else ""
