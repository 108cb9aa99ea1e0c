"""From the tables of a document to typed tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from gezhi.ingest.tables.columns import ReadColumn, read_column, read_likewise
from gezhi.ingest.tables.headers import Headed, Named, find_header
from gezhi.ingest.tables.keys import sql_key
from gezhi.ingest.tables.notes import notes_below
from gezhi.ingest.tables.numbers import read_number
from gezhi.ingest.tables.totals import totals_rows
from gezhi.types import Block, BlockKind, Document, Table, TableRow
from gezhi.types.tables import (
    CellIssue,
    Column,
    ColumnType,
    TableData,
    TableQuality,
    TypedRow,
    TypedTable,
    Value,
)
from gezhi.types.units import UnitKind, header_unit, is_unit, stated_unit, unit_kind

TABLES_VERSION = 3
"""Part of the pipeline's name: raised when the same document would give other tables."""
MOST_ROWS = 1_000_000
MOST_COLUMNS = 2_000
_REPORTED = 100
_DEFAULT_SHEET = re.compile(r"(?:sheet|tabelle|feuil|hoja|foglio|工作表)\s*\d*", re.I)
"""What programs call a sheet that nobody named."""
_NUMBERED = re.compile(r"^(?:table|tab\.|表格?)\s*\d+(?:[.-]\d+)*\s*[.:：]?\s*", re.I)
_CURRENCY = re.compile(r"currency|币种|货币", re.IGNORECASE)
_MONEY = re.compile(
    r"(?<![a-z])(?:amount|price|cost|revenue|sales|budget|fee|salary|balance|payment|total|value|tax|discount|profit)s?(?![a-z])"
    r"|金额|[价费额款]|成本|预算|收入|支出|利润|工资|薪资",
    re.IGNORECASE,
)
_CHINESE = re.compile("[\u3400-\u9fff]")
_NO_MONEY = re.compile(
    r"年|月|日|率|比|数|次|人|序号|编号|排名|名次|占|倍|%|\b(?:year|no|id|rank|number|count|rate|ratio|share|quantity|qty|percent|"
    r"headcount|employees|staff|people|persons|members|customers|orders|units|pieces|days|hours|weeks|months|score|age)\b",
    re.I,
)
_PERIOD = re.compile(
    r"(?:19|20)\d\d\s*年度?|[上本去今]年|年[初末]|(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*月份?|\d{1,2}\s*日|[上下]半年"
)
"""Of a heading: amounts are of a time, and no less amounts for it."""
_IDENTIFIES = re.compile(
    r"(?:^|[\s_])(?:id|code|no|number|key|sku)$|编号|代码|编码|序号|单号|型号|学号|工号|订单号|^号$", re.I
)


@dataclass(frozen=True, slots=True)
class _Place:
    """A table and what stands around it."""

    table: Table
    headings: tuple[str, ...]
    page: int | None
    lines: tuple[str, ...]
    """Short paragraphs right above it."""


def typed_tables(document: Document) -> list[TableData]:
    """Every table of the document that has a row, in reading order. The same document always gives the same."""
    made: list[TableData] = []
    keys: set[str] = set()
    for place in _joined(_places(document.blocks, document.text)):
        if not place.table.rows:
            continue
        data = _typed(document, place, number=len(made), taken=keys)
        if data.rows:
            made.append(data)
            keys.add(data.table.key)
    return made


def _places(blocks: Sequence[Block], text: str) -> Iterator[_Place]:
    headings: list[tuple[int, str]] = []
    lines: list[str] = []
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            headings = [held for held in headings if held[0] < block.level]
            headings.append((block.level, text[block.start : block.end]))
            lines = []
        elif block.table is not None:
            yield _Place(block.table, tuple(heading for _, heading in headings), block.page, tuple(lines))
            lines = []
        elif block.end - block.start <= 200:
            lines = [*lines[-2:], text[block.start : block.end]]
        else:
            lines = []


def _joined(places: Iterator[_Place]) -> Iterator[_Place]:
    """A table without a header that follows one of the same width goes on with it: a blank line, or a page's end."""
    held: _Place | None = None
    for place in places:
        if held is not None and _goes_on(held, place):
            rows = held.table.rows + place.table.rows
            held = replace(held, table=replace(held.table, rows=rows))
            continue
        if held is not None:
            yield held
        held = place
    if held is not None:
        yield held


def _goes_on(first: _Place, second: _Place) -> bool:
    if second.lines or second.headings != first.headings or not first.table.header or not first.table.rows:
        return False
    if second.table.name not in ("", first.table.name, *second.headings[-1:]):
        return False  # it has a name of its own
    if second.table.header:
        # Pages repeat the header of a table.
        return second.table.header == first.table.header and second.page is not None and second.page != first.page
    width = len(first.table.header)
    return width > 1 and all(len(row.cells) == width for row in second.table.rows)


def _typed(document: Document, place: _Place, *, number: int, taken: set[str]) -> TableData:
    headed = find_header(place.table)
    width = min(len(headed.columns), MOST_COLUMNS)
    kept = headed.rows[:MOST_ROWS]
    texts = [(*row.cells[:width], *[""] * (width - len(row.cells))) for row in kept]
    cells = [_said_once(row) for row in texts]
    totals = totals_rows(cells)
    notes = notes_below(cells, totals)
    places = [at for at in range(len(kept)) if at not in totals and at not in notes]
    columns: list[Column] = []
    read: list[ReadColumn] = []
    summed: list[list[Value]] = []
    above = _unit_above(place, headed)
    chinese = bool(_CHINESE.search(place.table.name + "".join(named.name for named in headed.columns[:50])))
    for at, named in enumerate(headed.columns[:width]):
        column = read_column(named.name, [cells[row][at] for row in places])
        read.append(column)
        summed.append(read_likewise(column, named.name, [cells[row][at] for row in (*places, *sorted(totals))]))
        if at == 0 and column.type is ColumnType.TEXT:
            above = above or named.unit  # `Item (CNY m)` over the names of rows: the numbers are in it
        columns.append(_column(named, column, above, columns, otherwise=f"{'列' if chinese else 'column_'}{at + 1}"))
    columns = _in_currency(columns, read)
    rows = _rows(kept, texts, places, [column.values for column in read])
    sums = _rows(kept, texts, sorted(totals), summed)
    name = _name(document, place, headed)
    table = TypedTable(
        id=f"{document.id}:t{number}",
        document_id=document.id,
        number=number,
        name=name,
        key=sql_key(_NUMBERED.sub("", name) or name, taken, otherwise="表" if chinese else "data"),
        headings=place.headings,
        columns=tuple(columns),
        row_count=len(rows),
        page=place.page,
        quality=replace(
            _quality(columns, read, rows, places),
            totals_rows=tuple(at + 1 for at in sorted(totals)),
            rows_left_out=len(headed.rows) - len(kept),
            columns_left_out=len(headed.columns) - width,
        ),
        primary_key=_primary_key(columns, rows),
    )
    return TableData(table=table, rows=rows, totals=sums)


def _column(named: Named, read: ReadColumn, above: str, before: Sequence[Column], *, otherwise: str) -> Column:
    unit = read.unit
    if read.type.is_numeric:
        unit = named.unit or _scaled(unit, above)
        if not unit and above and not _NO_MONEY.search(_PERIOD.sub("", named.name)) and not _are_years(read.values):
            unit = above
    key = sql_key(named.plain if named.unit else named.name, {column.key for column in before}, otherwise=otherwise)
    return Column(name=named.name or otherwise, key=key, type=read.type, unit=unit)


def _in_currency(columns: list[Column], read: Sequence[ReadColumn]) -> list[Column]:
    """Amounts have the currency that a column beside them says of every row."""
    said: set[Value] = set()
    for column, values in zip(columns, read, strict=True):
        if column.type is ColumnType.TEXT and _CURRENCY.search(column.name):
            said |= set(values.values)
    code = said.pop() if len(said) == 1 else None
    if not isinstance(code, str) or unit_kind(code) is not UnitKind.CURRENCY:
        return columns
    numeric = (ColumnType.INTEGER, ColumnType.NUMBER)
    return [
        replace(column, unit=code)
        if column.type in numeric and not column.unit and _MONEY.search(column.name)
        else column
        for column in columns
    ]


def _are_years(values: Sequence[Value]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int) and 1900 <= value < 2100 for value in known)


def _scaled(unit: str, above: str) -> str:
    """`$` in the cells, thousands above them."""
    if not above or unit_kind(unit) is not UnitKind.CURRENCY:
        return unit
    return above if any(character in above for character in "$€£¥元") or " " in above else f"{unit} {above}"


def _unit_above(place: _Place, headed: Headed) -> str:
    """The unit that a line above the table states for its amounts."""
    corner = headed.columns[0].name if headed.columns else ""
    for line in (corner, *reversed(headed.titles), place.table.name, *reversed(place.lines)):
        unit = stated_unit(line)
        if unit and (is_unit(unit) or unit_kind(unit) is UnitKind.CURRENCY):
            return unit
        unit = (
            header_unit(line.rstrip(" :："))[1]
            if line is not corner and line.rstrip(" :：").endswith((")", "）", "]"))
            else ""
        )
        if unit and unit_kind(unit) is not UnitKind.SHARE:
            return unit
    # A caption may be set like a heading: `Table 1. Revenue by region (CNY m)`. Of other headings only money counts.
    unit = header_unit(place.headings[-1].rstrip(" :："))[1] if place.headings else ""
    parts = (unit, unit.partition(" ")[0], unit[-1:])  # also `CNY m` and 万元
    return unit if any(unit_kind(part) is UnitKind.CURRENCY for part in parts) else ""


def _said_once(row: tuple[str, ...]) -> tuple[str, ...]:
    """A line across the table, `Expenses:`, stands in every cell it covers: what it says, it says of none of them."""
    if len(row) < 2 or row[0] != row[-1] or not row[0] or len(set(row)) > 1 or read_number(row[0]):
        return row
    return (row[0], *[""] * (len(row) - 1))


def _rows(
    kept: Sequence[TableRow], texts: Sequence[tuple[str, ...]], places: Sequence[int], read: Sequence[Sequence[Value]]
) -> tuple[TypedRow, ...]:
    values = zip(*read, strict=True)
    return tuple(
        TypedRow(number=at + 1, values=row, texts=texts[at], start=kept[at].start, end=kept[at].end)
        for at, row in zip(places, values, strict=True)
    )


def _name(document: Document, place: _Place, headed: Headed) -> str:
    stem = PurePosixPath(document.source.replace("\\", "/")).stem
    for name in (place.table.name, *headed.titles, *reversed(place.headings), document.title, stem):
        bare = name.lstrip("# ").strip()  # Markdown's headings stand in its text as they are written
        if bare and not stated_unit(bare) and not _DEFAULT_SHEET.fullmatch(bare):
            return bare
    return stem or place.table.name or document.id


def _quality(
    columns: Sequence[Column], read: Sequence[ReadColumn], rows: Sequence[TypedRow], places: Sequence[int]
) -> TableQuality:
    issues = sorted(
        (places[at] + 1, number, column.key, rows[at].texts[number])
        for number, (column, found) in enumerate(zip(columns, read, strict=True))
        for at in found.unread[:_REPORTED]
    )
    seen: set[tuple[str, ...]] = set()
    duplicates = []
    for row in rows:
        if row.texts in seen:
            duplicates.append(row.number)
        seen.add(row.texts)
    return TableQuality(
        unparsed=tuple(CellIssue(row=row, column=key, text=text) for row, _, key, text in issues[:_REPORTED]),
        unparsed_count=sum(len(found.unread) for found in read),
        duplicate_rows=tuple(duplicates[:_REPORTED]),
        empty_columns=tuple(
            column.key
            for column, found in zip(columns, read, strict=True)
            if all(value is None for value in found.values)
        ),
    )


def _primary_key(columns: Sequence[Column], rows: Sequence[TypedRow]) -> tuple[str, ...]:
    """The first column that is called an id and tells all rows apart."""
    for at, column in enumerate(columns):
        if not (column.type in (ColumnType.TEXT, ColumnType.INTEGER) and _IDENTIFIES.search(column.name)):
            continue
        values = {row.values[at] for row in rows}
        if None not in values and len(values) == len(rows) > 1:
            return (column.key,)
    return ()
