"""Accounts for every cell of a file: it stands in a row of an imported table, in a header, or in the text.

The rules by which an imported table may differ from the file are these, each checked against the file's own cells:
- rows without any cell part tables, or are left out; so are columns without any;
- lines above the rows name the columns, give their units, or are titles that stand in the document's text;
- rows that add up others are kept apart: their label says so, or their numbers are those sums;
- `-`, `_`, `n/a` and the like say nothing; `none` and the like do so in columns that are no text;
- a line across the table (one text in all its columns) is said of the first column only;
- a cell that the type of its column cannot hold is null and reported as unread;
- codes (leading zeros, telephone numbers, post codes) and amounts in several currencies are text;
- a table inside a cell, one that only places things, and one of a single row or column are text of the document."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import groupby

from gezhi.types import Document
from gezhi.types.tables import Column, ColumnType, TableData
from tables.reference import UNREAD, Cell, Grid

_LOOSE = re.compile(r"[\s\u200b-\u200d\ufeff\u00ad\x00-\x1f\x7f-\x9f\ue000-\uf8ff]+")
_SAYS_NOTHING = {"", "-", "--", "—", "–", "−", "/", "_", "n/a", "n.a.", "null", "...", "…"}
_SAYS_NONE = {
    "无",
    "none",
    "nil",
    "na",
    "nan",
    "不适用",
    "暂无",
    "未知",
    "unknown",
    "missing",
    "tbd",
    "tba",
    "待定",
    "?",
}
_TOTAL = re.compile(
    r"total|sum|average|mean|avg|^all\b|overall|[合总小共累]\s*[计和额]|平均|均值|全[年国部]|总数", re.I
)
_CODE = re.compile(
    r"phone|tel|mobile|fax|zip|post|isbn|sku|account|version|code|电话|手机|邮编|证号|账号|版本|代码|编码", re.I
)
_MONEY = re.compile(r"[$€£¥￥]|USD|EUR|CNY|RMB|元")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass
class Account:
    """What was compared, and what differs."""

    tables: int = 0
    rows: int = 0
    columns: int = 0
    numeric_columns: int = 0
    cells: int = 0
    totals_rows: int = 0
    header_cells: int = 0
    text_cells: int = 0
    unread_cells: int = 0
    numbers_counted_only: int = 0
    """Columns of numbers with words that the other reader cannot read: their cells are counted, not added."""
    wrong: list[str] = field(default_factory=list)

    def __iadd__(self, other: Account) -> Account:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        return self


@dataclass
class Placed:
    data: TableData
    rows: list[int]
    columns: list[int]


def bare(cell: Cell) -> str:
    """What is compared of a cell: its characters without spaces; numbers and dates in one form."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return str(int(cell)) if float(cell).is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    return _LOOSE.sub("", str(cell)) if cell is not None else ""


def account(document: Document | None, tables: Sequence[TableData], given: Sequence[Grid], where: str) -> Account:
    done = Account()
    text = bare(document.text) if document is not None else ""
    used: set[tuple[int, int]] = set()
    by_grid: dict[int, list[Placed]] = {}
    for data in tables:
        found = _find(data, given, used)
        if found is None:
            done.wrong.append(f"{where}: table {data.table.name!r} ({len(data.rows)} rows) stands nowhere in the file")
            continue
        at, placed = found
        by_grid.setdefault(at, []).append(placed)
        used |= {(at, row * 10_000 + column) for row in placed.rows for column in placed.columns}
        _compare(placed, given[at], f"{where}[{given[at].name}].{data.table.name}", done)
    for at, grid in enumerate(given):
        inside = {place for grid_at, place in used if grid_at == at}
        _rest(grid, inside, by_grid.get(at, []), text, f"{where}[{grid.name}]", done)
    return done


def _find(data: TableData, given: Sequence[Grid], used: set[tuple[int, int]]) -> tuple[int, Placed] | None:
    body = [
        [bare(text) for text in row.texts] for row in sorted((*data.rows, *data.totals), key=lambda row: row.number)
    ]
    for at, grid in enumerate(given):
        cells = [[bare(cell) for cell in row] for row in grid.rows]
        taken = {place for grid_at, place in used if grid_at == at}
        for start in range(len(cells)):
            for columns in _choices(cells, start, len(body), len(body[0])):
                rows = _rows(body, cells, start, columns, taken)
                if rows is not None:
                    return at, Placed(data, rows, columns)
    return None


def _choices(cells: list[list[str]], start: int, height: int, width: int) -> Iterator[list[int]]:
    """Columns that a table could stand in: neighbours, or neighbours but for columns without a cell."""
    across = max(len(row) for row in cells)
    band = cells[start : start + height]
    said = [[c for c in range(across) if any(c < len(r) and r[c] for r in rows)] for rows in (band, cells)]
    tried = []
    for columns in (list(range(across)), *said):
        for first in range(len(columns) - width + 1):
            choice = columns[first : first + width]
            if choice not in tried:
                tried.append(choice)
                yield choice


def _rows(
    body: list[list[str]], cells: list[list[str]], start: int, columns: list[int], taken: set[int]
) -> list[int] | None:
    found: list[int] = []
    for at in range(start, len(cells)):
        if len(found) == len(body):
            break
        row = [cells[at][column] if column < len(cells[at]) else "" for column in columns]
        if not any(row) and found:
            continue
        if not _alike(row, body[len(found)]) or any(at * 10_000 + column in taken for column in columns):
            return None
        found.append(at)
    return found if len(found) == len(body) else None


def _alike(row: Sequence[str], other: Sequence[str]) -> bool:
    return all(one == two or (one == UNREAD and two != "") for one, two in zip(row, other, strict=True))


def _compare(placed: Placed, grid: Grid, where: str, done: Account) -> None:
    data = placed.data
    numbers = {row.number for row in data.totals}
    ordered = sorted((*data.rows, *data.totals), key=lambda row: row.number)
    lines = [[_at(grid, at, column) for column in placed.columns] for at in placed.rows]
    body = [line for line, row in zip(lines, ordered, strict=True) if row.number not in numbers]
    for place, row in enumerate(ordered):
        if row.number in numbers and not _adds_up(lines, place):
            done.wrong.append(f"{where}: row {row.number} is left out and is no total: {lines[place]}")
    done.tables += 1
    done.rows += len(body)
    done.totals_rows += len(numbers)
    for at, column in enumerate(data.table.columns):
        done.columns += 1
        cells = [None if at and _is_across(line) else line[at] for line in body]
        _column(column, cells, [row.values[at] for row in data.rows], f"{where}.{column.name}", done)


def _at(grid: Grid, row: int, column: int) -> Cell:
    return grid.rows[row][column] if column < len(grid.rows[row]) else None


def _is_across(line: Sequence[Cell]) -> bool:
    return len(line) > 1 and len({bare(cell) for cell in line}) == 1 and as_number(line[0]) is None


def _adds_up(lines: Sequence[Sequence[Cell]], place: int) -> bool:
    """Whether a row says that it is a total, or is one in three columns and more."""
    line = lines[place]
    if any(isinstance(cell, str) and _TOTAL.search(cell) for cell in line[:3]):
        return True
    sums = 0
    for at, cell in enumerate(line):
        value = as_number(cell)
        parts = [known for other in lines[:place] if (known := as_number(other[at])) is not None]
        sums += value is not None and len(parts) > 1 and sum(parts) == value
    return sums >= 3


def _column(column: Column, cells: Sequence[Cell], values: Sequence[object], where: str, done: Account) -> None:
    numeric = column.type.is_numeric
    silent = _SAYS_NOTHING if column.type is ColumnType.TEXT else _SAYS_NOTHING | _SAYS_NONE
    stated = [bare(cell).lower() not in silent for cell in cells]
    done.cells += sum(stated)
    unread = [at for at, value in enumerate(values) if value is None and stated[at]]
    done.unread_cells += len(unread)
    if column.type is ColumnType.TEXT and unread:
        done.wrong.append(f"{where}: {len(unread)} cells are missing: {[cells[at] for at in unread[:3]]}")
    extra = [cells[at] for at, value in enumerate(values) if value is not None and not stated[at]]
    if extra:
        done.wrong.append(f"{where}: {len(extra)} values where the file has none: {extra[:3]}")
    if numeric or column.type is ColumnType.BOOLEAN:
        _numbers(numeric, cells, values, stated, where, done)
        return
    kept = Counter(bare(str(value)) for value in values if value is not None)
    if column.type is ColumnType.DATE:
        wrong = [cell for cell, value in zip(cells, values, strict=True) if value and not _same_day(cell, str(value))]
        done.wrong += [f"{where}: another day than {wrong[:3]}"] if wrong else []
    elif not _same_texts(kept, Counter(bare(cell) for cell, said in zip(cells, stated, strict=True) if said)):
        done.wrong.append(f"{where}: other texts than the file's")
    elif _are_numbers(column, [cell for cell, said in zip(cells, stated, strict=True) if said]):
        done.wrong.append(f"{where}: numbers kept as text")


def _same_texts(kept: Counter[str], given: Counter[str]) -> bool:
    return (kept - given).total() == given[UNREAD] and (given - kept).total() == given[UNREAD]


def _numbers(
    numeric: bool, cells: Sequence[Cell], values: Sequence[object], stated: Sequence[bool], where: str, done: Account
) -> None:
    known = [
        (as_number(cell) if numeric else as_truth(cell)) if said else None
        for cell, said in zip(cells, stated, strict=True)
    ]
    lost = [cells[at] for at, value in enumerate(values) if value is None and known[at] is not None]
    if lost:
        done.wrong.append(f"{where}: {len(lost)} numbers were not read: {lost[:3]}")
    stored = [float(value) for value in values if isinstance(value, int | float)]
    if any(value is not None and known[at] is None for at, value in enumerate(values)):
        done.numbers_counted_only += 1
        return
    done.numeric_columns += numeric
    expected = [value for value in known if value is not None]
    one, other = math.fsum(stored), math.fsum(expected)
    if len(stored) != len(expected) or not math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12):
        done.wrong.append(f"{where}: {len(stored)} values, sum {one!r}; in the file {len(expected)}, sum {other!r}")


def _are_numbers(column: Column, cells: Sequence[Cell]) -> bool:
    """Numbers throughout, and neither codes nor amounts of several currencies."""
    if not cells or any(as_number(cell) is None for cell in cells) or _CODE.search(column.name):
        return False
    written = [bare(cell) for cell in cells]
    coded = any(re.fullmatch(r"0\d+|\d{11}|\d{16,}", text) for text in written)
    return not coded and len({match[0] for text in written if (match := _MONEY.search(text))}) < 2


def _same_day(cell: Cell, value: str) -> bool:
    """Dates of cells that are dates are compared; of those written as text, their numbers."""
    if isinstance(cell, dt.date):
        return cell.isoformat()[:10] == value[:10]
    return {int(number) for number in re.findall(r"\d+", str(cell))} >= {int(value[:4])}


def as_number(cell: Cell) -> float | None:
    """Numbers with signs, thousands, currency and percent; nothing that needs words."""
    if isinstance(cell, bool) or cell is None or isinstance(cell, dt.date | dt.timedelta):
        return None
    if isinstance(cell, int | float):
        return float(cell)
    text = _LOOSE.sub("", cell).translate(str.maketrans("−–（）％", "--()%"))
    negative = text.startswith("(") and text.rstrip("%").endswith(")")
    text = text.replace("(", "").replace(")", "") if negative else text
    match = re.fullmatch(r"([-+]?)[$€£¥￥]?([-+]?)(\d+|\d{1,3}(?:,\d{3})+)?(\.\d+)?(e[-+]?\d+)?%?", text, re.I)
    if match is None or not (match[3] or match[4]):
        return None
    value = float(f"{(match[3] or '').replace(',', '')}{match[4] or ''}{match[5] or ''}")
    return -value if negative or "-" in (match[1], match[2]) else value


def as_truth(cell: Cell) -> float | None:
    word = bare(cell).lower()
    yes, no = {"yes", "true", "是", "y", "✓", "√"}, {"no", "false", "否", "n", "✗", "×"}
    return 1.0 if word in yes else 0.0 if word in no else None


def _rest(grid: Grid, inside: set[int], tables: Sequence[Placed], text: str, where: str, done: Account) -> None:
    """The cells that are in no table's rows."""
    for at, row in enumerate(grid.rows):
        outside = [
            (column, cell) for column, cell in enumerate(row) if bare(cell) and at * 10_000 + column not in inside
        ]
        loose = []
        for column, cell in outside:
            if _names(at, column, cell, tables):
                done.header_cells += 1
            elif all(word in text for word in re.findall(r"\w+", str(cell))) or bare(cell) in text:
                done.text_cells += 1
                loose.append(cell)
            else:
                done.wrong.append(f"{where}: {cell!r} is nowhere in the document")
        counted = [cell for cell in loose if as_number(cell) is not None and not _YEAR.fullmatch(bare(cell))]
        if counted and len({bare(cell) for cell in loose}) > 1 and not grid.layout and not _is_line(grid):
            done.wrong.append(f"{where}: the numbers of a row are in no table: {loose}")
    filled = [row for row, _ in groupby(r for r in grid.rows if any(map(bare, r)))]
    if not tables and not grid.layout and len(filled) > 1 and not _is_line(grid):
        done.wrong.append(f"{where}: no table was made of it")


def _names(row: int, column: int, cell: Cell, tables: Sequence[Placed]) -> bool:
    """Whether a cell above a table's rows is in the name or the unit of its column, or in the table's own."""
    for placed in tables:
        if row < placed.rows[0] and column in placed.columns:
            made = placed.data.table.columns[placed.columns.index(column)]
            if (
                bare(cell) in bare(made.name)
                or bare(cell) in bare(made.unit)
                or bare(cell) in bare(placed.data.table.name)
            ):
                return True
    return False


def _is_line(grid: Grid) -> bool:
    """One row or one column."""
    used = {column for row in grid.rows for column, cell in enumerate(row) if bare(cell)}
    return len(used) < 2 or sum(any(map(bare, row)) for row in grid.rows) < 2
