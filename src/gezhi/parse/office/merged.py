"""Cells of OpenDocument sheets that are merged downwards: calamine gives their places for Excel's files only."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Any

from gezhi.parse.archive import read_part
from gezhi.parse.formats.xml import local
from gezhi.parse.office.package import Package, attribute

_SPANS = re.compile(rb'number-rows-spanned="(?:[2-9]|\d\d)')
_CELLS = ("table-cell", "covered-table-cell")

Merged = tuple[int, int, int]
"""First row, column and last row, from 0."""


def merged_cells(archive: zipfile.ZipFile, package: Package) -> dict[str, list[Merged]]:
    """By the name of the sheet; empty for other packages, and where nothing is merged."""
    if not _SPANS.search(read_part(archive, "content.xml") or b""):
        return {}
    root = package.xml("content.xml")
    sheets = (one for one in root.iter() if local(one) == "table") if root is not None else ()
    return {attribute(sheet, "name"): list(_merged(sheet)) for sheet in sheets}


def _merged(sheet: Any) -> Iterator[Merged]:
    row = 0
    for line in sheet.iter():
        if local(line) != "table-row":
            continue
        column = 0
        for cell in line:
            if local(cell) in _CELLS:
                down = _number(cell, "number-rows-spanned")
                if down > 1:
                    yield row, column, row + down - 1
                column += _number(cell, "number-columns-repeated")
        row += _number(line, "number-rows-repeated")


def _number(element: Any, name: str) -> int:
    value = attribute(element, name, "1")
    return max(int(value), 1) if value.isdecimal() and len(value) < 8 else 1
