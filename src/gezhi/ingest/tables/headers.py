"""Where a table's rows begin, and what its columns are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gezhi.ingest.tables.cells import is_empty, is_nothing
from gezhi.ingest.tables.dates import read_date
from gezhi.ingest.tables.numbers import read_number
from gezhi.types import Table, TableRow
from gezhi.types.units import header_unit, is_unit, stated_unit

_PROBE = 20
_MOST_LINES = 5
_YEAR = re.compile(r"(?:FY ?)?(?:19|20)\d\d(?:年度?|E|A|F)?", re.I)
_LONGEST = 150


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A column's header as written, without the unit it names, and that unit."""

    name: str
    plain: str
    unit: str


@dataclass(kw_only=True, slots=True)
class Headed:
    titles: list[str] = field(default_factory=list)
    """Lines above the header that stood in the table."""
    columns: list[Named] = field(default_factory=list)
    """Empty names where the source has none."""
    rows: list[TableRow] = field(default_factory=list)


def find_header(table: Table) -> Headed:
    """Tell titles, header lines and rows apart. A first row becomes a header only if it is unlike those below it."""
    width = max([len(table.header), *(len(row.cells) for row in table.rows)], default=0)
    lines = [_padded(table.header, width)] if any(table.header) else []
    body = list(table.rows)
    titles: list[str] = []
    while lines and (title := _title(lines[0])) and len(body) > 1:
        titles.append(title)
        lines = []
    while not lines and len(body) > 2 and (title := _title(_padded(body[0].cells, width))):
        titles.append(title)
        del body[0]
    units = [""] * width
    while len(body) > 1 and len(lines) < _MOST_LINES:
        line = _padded(body[0].cells, width)
        filled = {cell for cell in line if cell}
        if lines and len(filled) == 1 and stated_unit(*filled):
            titles.extend(filled)  # (in millions), under the header and for all of it
            del body[0]
            continue
        first = max(_first_numbers(body), 1)
        kind = _line_kind(line, [_padded(row.cells, width) for row in body[first : first + _PROBE]], lines)
        if not kind:
            break
        if kind == "units":
            units = [cell.strip("()（）[]【】 ") if is_unit(cell) else "" for cell in line]
            if any(cell and not unit for cell, unit in zip(line, units, strict=True)):
                lines.append(["" if unit else cell for cell, unit in zip(line, units, strict=True)])
        else:
            lines.append(line)
        del body[0]
    return Headed(titles=titles, columns=_named(lines, units, width), rows=body)


def _first_numbers(rows: Sequence[TableRow]) -> int:
    """Place of the first row with a number that is no year; 0 if it is not near."""
    for place, row in enumerate(rows[: _MOST_LINES + 1]):
        if any(_is_number(cell) and not _YEAR.fullmatch(cell) for cell in row.cells):
            return place
    return 0


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def _title(line: Sequence[str]) -> str:
    """The one text of a line that stands once, or in every place of a merged cell."""
    filled = [cell for cell in line if cell]
    if len(line) < 2 or len(set(filled)) != 1 or 1 < len(filled) < len(line):
        return ""
    # A name in the first column only may be the first part of a list rather than a title.
    return filled[0] if (len(filled) > 1 or len(line) > 2) and not _is_value(filled[0]) else ""


def _line_kind(line: Sequence[str], below: Sequence[Sequence[str]], above: Sequence[Sequence[str]]) -> str:
    """`header`, `units`, or nothing: whether a row names columns whose cells below are numbers or dates."""
    filled = [cell for cell in line if cell]
    values = [column for column in range(len(line)) if _holds_values([row[column] for row in below])]
    counted = [line[column] for column in values if line[column]] if len(values) < len(line) else filled
    units = bool(above) and bool(counted) and all(is_unit(cell) for cell in counted)
    if (len(filled) < min(2, len(line)) and not units) or max(map(len, filled), default=0) > _LONGEST:
        return ""
    spread = _spread(line, below[0])
    naming = 0
    for column in values:
        cell = spread[column]
        if not cell:
            continue
        if is_empty(cell) or is_nothing(cell):
            return ""
        if not _is_value(cell):
            naming += 1
        elif _YEAR.fullmatch(cell) or read_date(cell):
            if any(_YEAR.fullmatch(row[column]) or read_date(row[column]) for row in below):
                return ""
            naming += 1
        else:
            return ""
    if any(_is_number(line[column]) and not _YEAR.fullmatch(line[column]) for column in range(len(line))):
        return ""
    if not values or naming < max(1, 0.6 * len(values)):
        return ""
    if units:
        return "units"
    if above and len(set(line)) == 1:
        return ""  # a line across the table begins its first part
    if not above:
        return "header"
    top = [cell for cell in above[-1] if cell]
    if len(values) < max(2, len(line) / 3):
        return ""
    incomplete = len(top) < len(above[-1]) or len(set(top)) < len(top)
    if not incomplete:
        # Merged cells stand in both lines, and two lines that name one column twice are no accident.
        incomplete = sum(bool(cell) and cell == over for cell, over in zip(line, above[-1], strict=True)) > 0
    return "header" if incomplete else ""


def _holds_values(cells: Sequence[str]) -> bool:
    stated = [cell for cell in cells if not is_empty(cell) and not is_nothing(cell)]
    return bool(stated) and sum(map(_is_value, stated)) >= 0.6 * len(stated)


def _is_number(cell: str) -> bool:
    number = read_number(cell) or read_number(cell, decimal_comma=True)
    return number is not None and not number.chinese


def _is_value(cell: str) -> bool:
    return _is_number(cell) or read_date(cell) is not None


def _named(lines: Sequence[Sequence[str]], units: Sequence[str], width: int) -> list[Named]:
    filled: list[Sequence[str]] = []
    for line in reversed(lines):
        filled.insert(0, _spread(line, filled[0]) if filled else line)
    columns = []
    for column in range(width):
        parts = list(dict.fromkeys(line[column] for line in filled if line[column]))
        name = " ".join(parts)
        plain, unit = header_unit(name)
        if not unit and len(parts) > 1:
            # The unit may stand in the upper line: 金额（万元） over 2023 and 2024.
            bare = [header_unit(part) for part in parts]
            unit = next((found for _, found in bare if found), "")
            plain = " ".join(dict.fromkeys(part for part, _ in bare)) if unit else plain
        columns.append(Named(name=name, plain=plain, unit=units[column] or unit))
    return columns


def _spread(line: Sequence[str], below: Sequence[str]) -> list[str]:
    """A cell merged across stands once, at its left: it holds for the places to its right that have names below."""
    spread, last = [], ""
    for cell, under in zip(line, below, strict=True):
        if cell:
            last = "" if cell == under else cell
        spread.append(cell or (last if under else ""))
        if not cell and not under:
            last = ""
    return spread
