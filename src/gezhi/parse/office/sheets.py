"""Workbooks (XLSX, XLSM, XLSB, XLS, ODS): a heading and the tables of each sheet, values as last computed."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from gezhi.parse.archive import check_zip, open_zip
from gezhi.parse.builder import Builder, cell_text
from gezhi.parse.formats.grid import add_regions, regions
from gezhi.parse.formats.xml import local
from gezhi.parse.material import Material
from gezhi.parse.office.merged import Merged, merged_cells
from gezhi.parse.office.package import Package
from gezhi.parse.outcomes import Refused

_THREADED = re.compile(r"\[Threaded comment\].*?Comment:\s*", re.DOTALL)
"""What Excel writes before a comment for versions that know no threads."""
_MOST_CELLS = 20_000_000
"""Beyond, a sheet is mostly formatting: a claim of cells, not cells."""


def parse(material: Material, builder: Builder) -> None:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    comments: dict[str, list[str]] = {}
    merged: dict[str, list[Merged]] = {}
    if material.data.startswith(b"PK"):
        check_zip(material.data, material.limits)
        with open_zip(material.data) as archive:
            package = Package(archive)
            builder.title = package.describe(builder)
            comments = _comments(package)
            merged = merged_cells(archive, package)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(material.data))
    except PasswordError as error:
        raise Refused("encrypted") from error
    except CalamineError as error:
        raise Refused("damaged", detail=f"the workbook cannot be opened ({error})") from error
    broken: list[str] = []
    names = workbook.sheet_names
    for number, name in enumerate(names, start=1):
        try:
            sheet = workbook.get_sheet_by_name(name)
            grid = _grid(sheet, merged.get(name, ()))
        except CalamineError:
            # Chart sheets and macro sheets have no cells; they are not an error of the file.
            broken.append(name)
            continue
        found = regions(grid)
        if found:
            builder.heading(name, 1, page=number)
            add_regions(found, builder, name=name, page=number)
            for comment in comments.get(name, ()):
                builder.list_item(comment, page=number)
    builder.page_count = len(names)
    if broken and len(broken) < len(names):
        builder.warn("parts_damaged", detail=f"these sheets have no readable cells: {', '.join(broken)}")


def _comments(package: Package) -> dict[str, list[str]]:
    """By sheet: what people noted at its cells, `B2 (Ann): without returns`. Empty for other packages (ODS)."""
    found: dict[str, list[str]] = {}
    path = next((target for kind, target in package.relations("") if kind == "officeDocument"), "")
    root = package.xml(path) if path else None
    parts = package.targets(path) if root is not None else {}
    for sheet in _named(root, "sheet"):
        target = parts.get(next((value for key, value in sheet.attrib.items() if key.endswith("}id")), ""), "")
        notes = package.related(target, "comments") if target else None
        if notes is None:
            continue
        authors = ["".join(one.itertext()).strip() for one in _named(notes, "author")]
        for comment in _named(notes, "comment"):
            text = "".join("".join(one.itertext()) for one in _named(comment, "t"))
            text = " ".join(_THREADED.sub("", text).split())
            number = comment.get("authorId") or ""
            author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
            by = f" ({author})" if author and not author.startswith("tc=") else ""
            if text:
                found.setdefault(sheet.get("name") or "", []).append(f"{comment.get('ref')}{by}: {text}")
    return found


def _named(root: Any | None, name: str) -> Iterator[Any]:
    yield from (one for one in root.iter() if local(one) == name) if root is not None else ()


def _grid(sheet: Any, merged: Sequence[Merged]) -> list[list[str]]:
    if sheet.height * sheet.width > _MOST_CELLS:
        detail = f"a sheet of {sheet.height:,} x {sheet.width:,} cells"
        raise Refused("too_many_cells", detail=detail, limit=_MOST_CELLS)
    grid = [[_shown(value) for value in row] for row in sheet.to_python(skip_empty_area=True)]
    origin_row, origin_column = sheet.start or (0, 0)
    merged = merged or [(top, left, bottom) for (top, left), (bottom, _) in sheet.merged_cell_ranges or ()]
    for top, left, bottom in merged:
        _spread(grid, top - origin_row, left - origin_column, bottom - origin_row)
    return grid


def _spread(grid: list[list[str]], top: int, left: int, bottom: int) -> None:
    """A cell merged downwards holds for each of its rows; one merged across stands once, at its left."""
    if not 0 <= top < len(grid) or not 0 <= left < len(grid[top]) or bottom - top > 5000:
        return
    for row in range(top + 1, min(bottom + 1, len(grid))):
        if left < len(grid[row]) and not grid[row][left]:
            grid[row][left] = grid[top][left]


def _shown(value: object) -> str:
    """A cell as people read it: 3 not 3.0, dates as ISO."""
    if isinstance(value, str):
        return cell_text(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return str(value)
    return "" if value is None else str(value)
