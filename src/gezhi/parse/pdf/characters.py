"""Characters of a page, as PDFium orders them, to segments of lines."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from typing import Any

import pypdfium2.raw as pdfium

from gezhi.parse.pdf.parts import Rect, Segment

_GAP = 1.4
"""A gap wider than this many font heights parts columns or cells."""
_SOFT_HYPHENS = frozenset({0x02, 0xFFFE, 0xAD})
_BULLETS = frozenset({0xF0A7, 0xF0B7, 0xF0D8, 0xF076, 0xF06C, 0xF06E, 0xF0A8})
"""Bullets of the fonts Symbol and Wingdings, and below of fonts without a map: codes that are no characters."""
_BOLD = ("bold", "black", "heavy", "semibold", "demi", "simhei", "黑体", "heiti")
_FORCE_BOLD = 1 << 18


class PageView:
    """Turns PDF coordinates into points from the top left corner of the page as displayed."""

    def __init__(self, page: Any) -> None:
        left, bottom, right, top = page.get_cropbox()
        self._left, self._bottom, self._right, self._top = left, bottom, right, top
        self._rotation = int(page.get_rotation()) % 360
        self.width, self.height = page.get_size()

    def rect(self, left: float, bottom: float, right: float, top: float) -> Rect:
        if self._rotation == 0:
            return left - self._left, self._top - top, right - self._left, self._top - bottom
        if self._rotation == 90:
            return bottom - self._bottom, left - self._left, top - self._bottom, right - self._left
        if self._rotation == 180:
            return self._right - right, bottom - self._bottom, self._right - left, top - self._bottom
        return self._top - top, self._right - right, self._top - bottom, self._right - left


class _Line:
    """A segment being gathered."""

    __slots__ = ("bottom", "cell", "chars", "first", "last", "last_x1", "size", "top", "x0", "x1")

    def __init__(self, index: int, rect: Rect, size: float, cell: int) -> None:
        self.x0, self.top, self.x1, self.bottom = rect
        self.last_x1 = rect[2]
        self.size = size
        self.cell = cell
        self.chars: list[str] = []
        self.first = self.last = index

    def add(self, index: int, char: str, rect: Rect) -> None:
        self.chars.append(char)
        self.x0 = min(self.x0, rect[0])
        self.top = min(self.top, rect[1])
        self.x1 = max(self.x1, rect[2])
        self.bottom = max(self.bottom, rect[3])
        self.last_x1 = rect[2]
        self.last = index

    def continues(self, rect: Rect) -> bool:
        """Whether a character after a line end stands right behind: PDFium ends lines at superscripts."""
        overlap = min(self.bottom, rect[3]) - max(self.top, rect[1])
        height = max(0.5, min(self.bottom - self.top, rect[3] - rect[1]))
        gap = rect[0] - self.last_x1
        return overlap > 0.4 * height and -0.3 * self.size < gap < 0.8 * self.size


def segments(text_page: Any, view: PageView, cells: Sequence[Rect]) -> tuple[list[Segment], set[int]]:
    """All segments of a page, in PDFium's order; with ruled cells, none reaches across a cell's border.

    Also returns the cells whose border cuts through a word."""
    raw = text_page.raw
    count = pdfium.FPDFText_CountChars(raw)
    box = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = box
    refs = [ctypes.byref(value) for value in box]
    unicode_of, box_of, size_of = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetCharBox, pdfium.FPDFText_GetFontSize
    fonts = _Fonts(raw)
    found: list[Segment] = []
    torn: set[int] = set()
    line: _Line | None = None
    broken = spaced = False
    for index in range(count):
        code = unicode_of(raw, index)
        if code in (10, 13):
            broken = True
            continue
        if code in (32, 9, 0xA0, 0x3000):
            spaced = True
            continue
        if code in _SOFT_HYPHENS:
            if line is not None:
                line.chars.append("\u00ad")
            broken = True
            continue
        if code < 32 or not box_of(raw, index, *refs):
            continue
        rect = view.rect(left.value, bottom.value, right.value, top.value)
        cell = _cell_of(rect, cells, line.cell if line is not None else -1) if cells else -1
        if line is not None and cell != line.cell and not (broken or spaced):
            gap = rect[0] - line.last_x1
            if abs(gap) < 0.25 * line.size:
                torn.update(number for number in (cell, line.cell) if number >= 0)
        if line is not None and not _goes_on(line, rect, cell, broken):
            found.append(_finished(line, fonts))
            line = None
        if line is None:
            line = _Line(index, rect, fonts.height(index) or size_of(raw, index), cell)
        elif spaced or (broken and rect[0] - line.last_x1 > 0.15 * line.size):
            line.chars.append(" ")
        line.add(index, "•" if 0x80 <= code <= 0x9F or code in _BULLETS else chr(code), rect)
        broken = spaced = False
    if line is not None:
        found.append(_finished(line, fonts))
    return [segment for segment in found if segment.text], torn


def _goes_on(line: _Line, rect: Rect, cell: int, broken: bool) -> bool:
    if cell != line.cell:
        return False
    if broken:
        return line.continues(rect)
    gap = rect[0] - line.last_x1
    size = max(line.size, 1.0)
    if abs(gap) <= _GAP * size:
        return True
    # Text that runs up or down the page moves little sideways; a new line moves back and down.
    below = rect[1] > line.bottom - 0.2 * size or rect[3] < line.top + 0.2 * size
    return gap < 0 and not below and -gap < 4 * size


def _cell_of(rect: Rect, cells: Sequence[Rect], current: int) -> int:
    x, y = (rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2
    if current >= 0:
        x0, top, x1, bottom = cells[current]
        if x0 <= x <= x1 and top <= y <= bottom:
            return current
    for index, (x0, top, x1, bottom) in enumerate(cells):
        if x0 <= x <= x1 and top <= y <= bottom:
            return index
    return -1


def _finished(line: _Line, fonts: _Fonts) -> Segment:
    text = "".join(line.chars).strip(" ")
    if any("\ud800" <= char <= "\udfff" for char in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    middle = (line.first + line.last) // 2
    if len(text) > 3 and line.x1 - line.x0 < 0.6 * (line.bottom - line.top):
        # Text that runs up the margin is never a heading; size 0 keeps it by itself.
        return Segment(text=text, x0=line.x0, top=line.top, x1=line.x1, bottom=line.bottom, cell=line.cell)
    size = max(fonts.height(middle) or 0.0, min(line.size, fonts.height(line.last) or line.size))
    return Segment(
        text=text, x0=line.x0, top=line.top, x1=line.x1, bottom=line.bottom, size=round(size * 2) / 2,
        bold=fonts.bold(line.first) and fonts.bold(line.last), cell=line.cell,
    )  # fmt: skip


class _Fonts:
    """Size and weight of single characters."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._matrix = pdfium.FS_MATRIX()
        self._flags = ctypes.c_int()
        self._name = ctypes.create_string_buffer(256)

    def height(self, index: int) -> float:
        """Font height as displayed: fonts are often set at size 1 and scaled by a matrix."""
        if not pdfium.FPDFText_GetMatrix(self._raw, index, ctypes.byref(self._matrix)):
            return 0.0
        scale = math.hypot(self._matrix.c, self._matrix.d)
        return float(pdfium.FPDFText_GetFontSize(self._raw, index)) * (scale or 1.0)

    def bold(self, index: int) -> bool:
        length = pdfium.FPDFText_GetFontInfo(self._raw, index, self._name, 256, ctypes.byref(self._flags))
        name = self._name.raw[: max(0, min(length, 256) - 1)].decode("utf-8", "replace").lower() if length else ""
        if any(word in name for word in _BOLD) or self._flags.value & _FORCE_BOLD:
            return True
        return int(pdfium.FPDFText_GetFontWeight(self._raw, index)) >= 600
