"""What a page is made of on its way from characters to blocks. Coordinates: points from the top left, as displayed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Rect = tuple[float, float, float, float]
"""x0, top, x1, bottom"""

_WIDE = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff9f\U00020000-\U0003ffff\u3000-\u303f…—“”‘’]"
)
_LOWER = re.compile(r"[a-zà-öø-ÿāăąćčďđēĕėęěğĝġģĥħĩīĭįıĵķĺļľłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷźżžșț]")


@dataclass(slots=True)
class Segment:
    """Characters on one line without a wide gap between them."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float = 0.0
    """Height of the font as displayed, in points."""
    bold: bool = False
    cell: int = -1
    """Index of the ruled cell it stands in."""

    @property
    def rect(self) -> Rect:
        return self.x0, self.top, self.x1, self.bottom


@dataclass(slots=True)
class Grid:
    """A table found on a page."""

    rows: list[list[str]]
    rect: Rect
    ruled: bool
    header: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    number: int
    width: float
    height: float
    parts: list[Segment | Grid] = field(default_factory=list)
    """In reading order."""
    has_images: bool = False
    drawn: bool = False
    """Whether anything at all is on it."""
    turn: int = 0
    """Quarter turns clockwise from the page as it lies in the file to the page as it was read: width, height and parts
    are of the latter."""

    def lay(self, turn: int) -> None:
        """Read it so many quarter turns clockwise from how it lies in the file."""
        self.turn = turn
        if turn % 2:
            self.width, self.height = self.height, self.width

    def in_file(self, rect: Rect) -> Rect:
        """Where a rectangle lies on the page as a viewer shows it."""
        x0, top, x1, bottom = rect
        for _ in range(self.turn):  # a quarter back: x becomes what was down, y what was left of the right edge
            x0, top, x1, bottom = top, -x1, bottom, -x0
        # What was turned about the corner moves back onto the page.
        right = (0.0, 0.0, self.width, self.height)[self.turn]
        down = (0.0, self.width, self.height, 0.0)[self.turn]
        return x0 + right, top + down, x1 + right, bottom + down


def union(first: Rect, second: Rect) -> Rect:
    return min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3])


def same_row(first: Segment, second: Segment) -> bool:
    """Whether two segments share a line: they overlap vertically by more than half of the lower one."""
    overlap = min(first.bottom, second.bottom) - max(first.top, second.top)
    return overlap > 0.5 * max(0.1, min(first.bottom - first.top, second.bottom - second.top))


def join_lines(before: str, after: str) -> str:
    """Join two lines of one paragraph: no space between Chinese, one between words, words broken by a hyphen mended."""
    if not before or not after:
        return before or after
    last = before[-1]
    if last in "\u00ad\u2010-" and len(before) > 1 and _LOWER.match(after) and before[-2].isalpha():
        word = re.split(r"\s", before)[-1]
        # A compound that already holds a hyphen keeps it: state-of-the-/art.
        return before[:-1] + ("-" if "-" in word[:-1] and last != "\u00ad" else "") + after
    if last == "\u00ad":
        return before[:-1] + "-" + after
    if last in "-/" or (_WIDE.match(last) and _WIDE.match(after)):
        return before + after
    return f"{before} {after}"
