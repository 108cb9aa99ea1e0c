"""Cells to tables: merged cells expanded, and the tables of a sheet found and given their headers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gezhi.parse.builder import Builder

_NUMBER = re.compile(r"[-+(]?[\s¥$€£]*\d[\d,.\s]*(?:[eE][-+]?\d+)?\s*[%)‰]?$")
_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?$")
_YEAR = re.compile(r"(?:19|20)\d{2}(?:年|年度)?$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    text: str
    rows: int = 1
    columns: int = 1


@dataclass(kw_only=True, slots=True)
class Region:
    """A block of filled cells of a sheet: lines above the table, its header, its rows."""

    lines: list[str] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def expand(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """Lay out cells that span rows or columns: the text stands in every place it covers, so each row is
    complete by itself. Rows of equal length; rows and columns without any text are left out."""
    grid: list[list[str]] = []
    hanging: dict[int, tuple[str, int]] = {}
    for row in rows:
        line: list[str] = []
        cells = iter(row)
        cell = next(cells, None)
        while cell is not None or any(column >= len(line) for column in hanging):
            column = len(line)
            if column in hanging:
                text, left = hanging.pop(column)
                if left > 1:
                    hanging[column] = (text, left - 1)
                line.append(text)
            elif cell is not None:
                for offset in range(cell.columns):
                    if column + offset in hanging:
                        break
                    if cell.rows > 1:
                        hanging[column + offset] = (cell.text, cell.rows - 1)
                    line.append(cell.text)
                cell = next(cells, None)
            else:
                line.append("")
        grid.append(line)
    return rectangle(grid)


def rectangle(grid: list[list[str]]) -> list[list[str]]:
    """Fill up short rows; drop rows and columns that are empty throughout."""
    grid = [row for row in grid if any(row)]
    width = max((len(row) for row in grid), default=0)
    grid = [row + [""] * (width - len(row)) for row in grid]
    used = [column for column in range(width) if any(row[column] for row in grid)]
    if len(used) < width:
        grid = [[row[column] for column in used] for row in grid]
    return grid


def regions(grid: Sequence[Sequence[str]]) -> list[Region]:
    """Find the tables of a sheet: empty rows part them; empty columns do where both sides stand alone."""
    found: list[Region] = []
    band: list[list[str]] = []
    for row in [*grid, []]:
        if any(row):
            band.append(list(row))
        elif band:
            found.extend(_region(part) for part in _side_by_side(band))
            band = []
    return found


def _side_by_side(band: list[list[str]]) -> list[list[list[str]]]:
    width = max(len(row) for row in band)
    used = [any(len(row) > column and row[column] for row in band) for column in range(width)]
    parts: list[list[list[str]]] = []
    start: int | None = None
    for column in range(width + 1):
        filled = column < width and used[column]
        if filled and start is None:
            start = column
        elif not filled and start is not None:
            parts.append([[*row[start:column], *[""] * (column - max(start, len(row)))] for row in band])
            start = None
    if any(len(part[0]) < 2 for part in parts) and len(parts) > 1:
        return [rectangle(band)]
    return [[row for row in part if any(row)] for part in parts]


def _region(part: list[list[str]]) -> Region:
    region = Region()
    rows = rectangle(part)
    if len(rows[0]) == 1:
        if len(rows) < 3:
            region.lines = [row[0] for row in rows]
            return region
    else:
        while len(rows) > 1 and sum(map(bool, rows[0])) == 1 and sum(map(bool, rows[1])) != 1:
            region.lines.append(next(cell for cell in rows.pop(0) if cell))
        if sum(map(bool, rows[0])) == 1 and len(rows) > 2 and sum(map(bool, rows[1])) == 1:
            while len(rows) > 1 and sum(map(bool, rows[0])) == 1:
                region.lines.append(next(cell for cell in rows.pop(0) if cell))
    if len(rows) > 1 and is_header(rows[0], rows[1:]):
        region.header, rows = rows[0], rows[1:]
    region.rows = rows
    return region


def is_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether a first row names the columns: words (or years), each its own, mostly filled, and not like the rows."""
    filled = [cell for cell in first if cell]
    if len(filled) < max(1, len(first) // 2) or max(len(cell) for cell in filled) > 150:
        return False
    values = [cell for cell in filled if is_value(cell) and not _YEAR.match(cell)]
    if values:
        return False
    if len(set(filled)) < len(filled) * 0.6:
        return False
    years = sum(1 for cell in filled if _YEAR.match(cell))
    if years == len(filled) and len(first) == len(filled):
        return all(any(is_value(cell) and not _YEAR.match(cell) for cell in row) for row in rest[:5])
    return True


def is_value(cell: str) -> bool:
    return bool(_NUMBER.match(cell) or _DATE.match(cell))


def add_regions(found: Sequence[Region], builder: Builder, *, name: str, page: int | None = None) -> None:
    """Write regions: lines above as paragraphs; the last of them names the table."""
    for region in found:
        for line in region.lines:
            builder.paragraph(line, page=page)
        if region.rows or region.header:
            title = region.lines[-1] if region.lines and len(region.lines[-1]) <= 120 else name
            builder.table(region.header, region.rows, name=title, page=page)
