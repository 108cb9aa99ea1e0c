"""XLSX and ODS by their XML alone."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from posixpath import normpath
from xml.etree import ElementTree

from tables.reference import Cell, Grid

_PLACE = re.compile(r"([A-Z]+)(\d+)")
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Numbers of the formats for dates and times that every workbook has."""
_NO_CODE = re.compile(r'"[^"]*"|\[(?!h+\]|m+\]|s+\])[^\]]*\]|\\.|_.|\*.')
_EMPTY_ROWS = 10_000
"""More equal rows than this are what a program writes below the last one."""


def local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def every(root: ElementTree.Element | None, name: str) -> Iterator[ElementTree.Element]:
    return (one for one in root.iter() if local(one) == name) if root is not None else iter(())


def said(element: ElementTree.Element, name: str, otherwise: str = "") -> str:
    """An attribute, whatever its namespace."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), otherwise)


def read_xlsx(path: Path) -> Iterator[Grid]:
    with zipfile.ZipFile(path) as archive:
        names = {name.lower(): name for name in archive.namelist()}

        def part(name: str) -> ElementTree.Element | None:
            found = names.get(name.lower())
            return ElementTree.fromstring(archive.read(found)) if found else None

        book = part("xl/workbook.xml")
        targets = {
            said(one, "Id"): said(one, "Target") for one in every(part("xl/_rels/workbook.xml.rels"), "Relationship")
        }
        texts = ["".join(_texts(one)) for one in every(part("xl/sharedStrings.xml"), "si")]
        dated = _dated_styles(part("xl/styles.xml"))
        since = dt.datetime(1904, 1, 1) if _counts_from_1904(book) else dt.datetime(1899, 12, 30)
        for sheet in every(book, "sheet"):
            target = targets[sheet.attrib[next(key for key in sheet.attrib if key.endswith("}id"))]]
            root = part(target.lstrip("/") if target.startswith("/") else normpath(f"xl/{target}"))
            if root is not None and local(root) == "worksheet":
                yield Grid(said(sheet, "name"), _sheet(root, texts, dated, since))


def _texts(element: ElementTree.Element) -> Iterator[str]:
    """Not the readings above characters (`rPh`)."""
    for inner in element:
        if local(inner) == "t":
            yield inner.text or ""
        elif local(inner) == "r":
            yield from _texts(inner)


def _counts_from_1904(book: ElementTree.Element | None) -> bool:
    return any(said(one, "date1904") in ("1", "true") for one in every(book, "workbookPr"))


def _dated_styles(styles: ElementTree.Element | None) -> set[int]:
    own = {said(one, "numFmtId"): _NO_CODE.sub("", said(one, "formatCode")) for one in every(styles, "numFmt")}
    dated = set()
    for formats in every(styles, "cellXfs"):
        for at, one in enumerate(formats):
            number = said(one, "numFmtId", "0")
            if int(number) in _DATES or (number in own and re.search(r"[ymdhs]", own[number], re.I)):
                dated.add(at)
    return dated


def _sheet(root: ElementTree.Element, texts: list[str], dated: set[int], since: dt.datetime) -> list[list[Cell]]:
    places: dict[tuple[int, int], Cell] = {}
    for at, row in enumerate(every(root, "row")):
        number = int(said(row, "r") or at + 1) - 1
        for column, cell in enumerate(one for one in row if local(one) == "c"):
            place = _place(said(cell, "r")) if said(cell, "r") else (number, column)
            value = _value(cell, texts, int(said(cell, "s", "0")) in dated, since)
            if value not in (None, ""):
                places[place] = value
    for merged in every(root, "mergeCell"):
        first, _, last = said(merged, "ref").partition(":")
        (top, left), (bottom, _) = _place(first), _place(last or first)
        for row_at in range(top, bottom + 1):
            if (top, left) in places:
                places.setdefault((row_at, left), places[top, left])
    return dense(places)


def dense(places: dict[tuple[int, int], Cell]) -> list[list[Cell]]:
    height = max((row for row, _ in places), default=-1) + 1
    width = max((column for _, column in places), default=-1) + 1
    grid: list[list[Cell]] = [[None] * width for _ in range(height)]
    for (row, column), value in places.items():
        grid[row][column] = value
    return grid


def _place(written: str) -> tuple[int, int]:
    match = _PLACE.fullmatch(written.replace("$", ""))
    assert match is not None, written
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def _value(cell: ElementTree.Element, texts: list[str], is_date: bool, since: dt.datetime) -> Cell:
    kind = said(cell, "t", "n")
    if kind == "inlineStr":
        return "".join(text for one in every(cell, "is") for text in _texts(one))
    stated = next((one.text for one in cell if local(one) == "v"), None)
    if stated is None:
        return None
    if kind == "s":
        return texts[int(stated)]
    if kind == "b":
        return stated == "1"
    if kind in ("str", "e", "d"):
        return stated
    number = float(stated)
    return moment(since + dt.timedelta(days=number)) if is_date else number


def moment(time: dt.datetime) -> dt.date:
    """A day alone where no hour is said; to the second, as the numbers of sheets are not exact beyond."""
    rounded = (time + dt.timedelta(milliseconds=500)).replace(microsecond=0)
    return rounded.date() if rounded.time() == dt.time() else rounded


def read_ods(path: Path) -> Iterator[Grid]:
    root = ElementTree.fromstring(zipfile.ZipFile(path).read("content.xml"))
    for sheet in every(root, "table"):
        places: dict[tuple[int, int], Cell] = {}
        row = 0
        for line in every(sheet, "table-row"):
            count = int(said(line, "number-rows-repeated", "1"))
            for at in range(count if count < _EMPTY_ROWS else 0):
                _open_row(line, row + at, places)
            row += count
        yield Grid(said(sheet, "name"), dense(places))


def _open_row(line: ElementTree.Element, row: int, places: dict[tuple[int, int], Cell]) -> None:
    column = 0
    for cell in line:
        if local(cell) not in ("table-cell", "covered-table-cell"):
            continue
        count = int(said(cell, "number-columns-repeated", "1"))
        value = open_value(cell)
        if value not in (None, "") and local(cell) == "table-cell":
            for across in range(count):
                for down in range(int(said(cell, "number-rows-spanned", "1"))):
                    places.setdefault((row + down, column + across), value)
        column += count


def open_value(cell: ElementTree.Element) -> Cell:
    """What a cell of OpenDocument holds, rather than what it shows."""
    kind = said(cell, "value-type")
    if kind in ("float", "percentage", "currency"):
        return float(said(cell, "value"))
    if kind == "boolean":
        return said(cell, "boolean-value") == "true"
    if kind == "date":
        return moment(dt.datetime.fromisoformat(said(cell, "date-value")))
    notes = {inner for note in every(cell, "annotation") for inner in note.iter()}
    return "\n".join("".join(one.itertext()) for one in every(cell, "p") if one not in notes) or None
