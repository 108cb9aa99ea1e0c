"""Ruled lines of a page to the cells of its tables."""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pypdfium2.raw as pdfium

from gezhi.parse.pdf.characters import PageView
from gezhi.parse.pdf.parts import Rect

_SNAP = 3.0
_MOST_PATHS = 4000
_MOST_LINES = 500
"""More lines than this are a drawing, not a table."""

Matrix = tuple[float, float, float, float, float, float]
Line = tuple[float, float, float]
"""Position across, start and end along: (y, x0, x1) of a horizontal line, (x, top, bottom) of a vertical one."""


def find_tables(page: Any, view: PageView) -> list[list[Rect]]:
    """The cells of each ruled table on a page: at least two rows and two columns of touching cells."""
    horizontal: list[Line] = []
    vertical: list[Line] = []
    for x0, y0, x1, y1 in _lines(page):
        left, top, right, bottom = view.rect(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        if bottom - top <= 1.5 and right - left > 4:
            horizontal.append(((top + bottom) / 2, left, right))
        elif right - left <= 1.5 and bottom - top > 4:
            vertical.append(((left + right) / 2, top, bottom))
        if len(horizontal) > 4 * _MOST_LINES or len(vertical) > 4 * _MOST_LINES:
            return []
    horizontal, vertical = _merged(horizontal), _merged(vertical)
    if len(horizontal) < 3 or len(vertical) < 3 or max(len(horizontal), len(vertical)) > _MOST_LINES:
        return []
    tables = _grouped(_cells(horizontal, vertical))
    return [cells for cells in tables if _is_table(cells)]


def _is_table(cells: list[Rect]) -> bool:
    columns, rows = {round(c[0]) for c in cells}, {round(c[1]) for c in cells}
    return len(columns) >= 2 and len(rows) >= 2 and len(cells) >= 4


def _lines(page: Any) -> Iterator[tuple[float, float, float, float]]:
    """Straight pieces of all paths on the page, those inside forms too, in PDF coordinates."""
    budget = [_MOST_PATHS]
    count = pdfium.FPDFPage_CountObjects(page.raw)
    objects = (pdfium.FPDFPage_GetObject(page.raw, n) for n in range(min(count, 50_000)))
    yield from _lines_of(objects, (1, 0, 0, 1, 0, 0), budget, 0)


def _lines_of(
    objects: Iterable[Any], outer: Matrix, budget: list[int], depth: int
) -> Iterator[tuple[float, float, float, float]]:
    for item in objects:
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            budget[0] -= 1
            if budget[0] < 0:
                return
            yield from _path_lines(item, _times(_matrix(item), outer))
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < 4:
            inner = (pdfium.FPDFFormObj_GetObject(item, n) for n in range(pdfium.FPDFFormObj_CountObjects(item)))
            yield from _lines_of(inner, _times(_matrix(item), outer), budget, depth + 1)


def _path_lines(path: Any, matrix: Matrix) -> Iterator[tuple[float, float, float, float]]:
    count = pdfium.FPDFPath_CountSegments(path)
    if count > 2000:
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    start = last = (0.0, 0.0)
    for number in range(count):
        piece = pdfium.FPDFPath_GetPathSegment(path, number)
        if not pdfium.FPDFPathSegment_GetPoint(piece, ctypes.byref(x), ctypes.byref(y)):
            continue
        here = _moved(matrix, x.value, y.value)
        kind = pdfium.FPDFPathSegment_GetType(piece)
        if kind == pdfium.FPDF_SEGMENT_LINETO:
            yield (*last, *here)
        elif kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = here
        last = here
        if pdfium.FPDFPathSegment_GetClose(piece):
            yield (*last, *start)
            last = start


def _matrix(item: Any) -> Matrix:
    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, ctypes.byref(found)):
        return (1, 0, 0, 1, 0, 0)
    return found.a, found.b, found.c, found.d, found.e, found.f


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    A, B, C, D, E, F = outer  # noqa: N806 - the letters of the PDF specification
    return a * A + b * C, a * B + b * D, c * A + d * C, c * B + d * D, e * A + f * C + E, e * B + f * D + F


def _moved(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _merged(lines: list[Line]) -> list[Line]:
    """Snap lines that lie together to one position, and join pieces of one line."""
    groups: list[list[Line]] = []
    for line in sorted(lines):
        if groups and line[0] - groups[-1][0][0] <= _SNAP:
            groups[-1].append(line)
        else:
            groups.append([line])
    merged: list[Line] = []
    for group in groups:
        position = sum(line[0] for line in group) / len(group)
        pieces: list[list[float]] = []
        for _, start, end in sorted(group, key=lambda line: line[1]):
            if pieces and start <= pieces[-1][1] + _SNAP:
                pieces[-1][1] = max(pieces[-1][1], end)
            else:
                pieces.append([start, end])
        merged.extend((position, start, end) for start, end in pieces)
    return merged


def _cells(horizontal: list[Line], vertical: list[Line]) -> list[Rect]:
    """The smallest rectangles whose four corners are crossings joined by lines."""
    crossings: dict[tuple[float, float], tuple[int, int]] = {}
    right_of: dict[int, list[float]] = defaultdict(list)
    below: dict[int, list[float]] = defaultdict(list)
    for h, (y, x0, x1) in enumerate(horizontal):
        for v, (x, top, bottom) in enumerate(vertical):
            if x0 - _SNAP <= x <= x1 + _SNAP and top - _SNAP <= y <= bottom + _SNAP:
                crossings[x, y] = (h, v)
                right_of[h].append(x)
                below[v].append(y)
    cells: list[Rect] = []
    for (x, y), (h, v) in sorted(crossings.items(), key=lambda item: (item[0][1], item[0][0])):
        cell = _smallest(x, y, sorted(right_of[h]), sorted(below[v]), crossings, h, v)
        if cell is not None:
            cells.append(cell)
    return cells


def _smallest(
    x: float, y: float, xs: list[float], ys: list[float], crossings: dict[tuple[float, float], tuple[int, int]],
    h: int, v: int,
) -> Rect | None:  # fmt: skip
    for bottom in ys:
        if bottom <= y + _SNAP or (x, bottom) not in crossings:
            continue
        for right in xs:
            if right <= x + _SNAP:
                continue
            corner, above, beside = crossings.get((right, bottom)), crossings.get((right, y)), crossings[x, bottom]
            if (
                corner
                and above
                and above[0] == h
                and corner[1] == above[1]
                and corner[0] == beside[0]
                and beside[1] == v
            ):
                return x, y, right, bottom
    return None


def _grouped(cells: list[Rect]) -> list[list[Rect]]:
    """Cells that share a corner belong to one table."""
    owner: dict[tuple[float, float], int] = {}
    groups: dict[int, list[Rect]] = {}
    for number, cell in enumerate(cells):
        x0, top, x1, bottom = cell
        corners = ((x0, top), (x1, top), (x0, bottom), (x1, bottom))
        touched = {owner[corner] for corner in corners if corner in owner}
        groups[number] = [cell]
        for other in touched:
            groups[number] = groups.pop(other) + groups[number]
        for member in groups[number]:
            m0, m1, m2, m3 = member
            for corner in ((m0, m1), (m2, m1), (m0, m3), (m2, m3)):
                owner[corner] = number
    return [sorted(group, key=lambda cell: (cell[1], cell[0])) for group in groups.values()]
