"""Lines of all pages to the blocks of a document: what repeats on every page goes, headings and paragraphs appear."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gezhi.parse.builder import Builder
from gezhi.parse.formats.grid import is_header
from gezhi.parse.pdf.parts import Grid, Page, Rect, Segment, join_lines, union
from gezhi.types import Box

_ITEM = re.compile(
    r"(?:[•●○◦▪■□◆◇➢➤✓·‣∙\uf0b7\uf0a7]|[-–—*](?=\s)|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)](?=\s)"
    r"|[（(](?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)]|[①-⑳]|[一二三四五六七八九十]{1,3}、|\d{1,2}、)\s*"
)
_CLAUSE = re.compile(r"第[〇零一二三四五六七八九十百千\d]{1,6}[章节条编部分]")
_END = re.compile(r"[.!?。！？;；:：][\"'”’)）】\]]*$")
_SENTENCE_END = re.compile(r"[。；;，,、]$|[a-z)]\.$")
_DIGITS = re.compile(r"\d+|(?<![^\s.-])[ivxlc]{1,6}(?![^\s.-])")
_WORD = re.compile(r"[^\W\d_]")
_MARGIN = 0.1
"""Share of the page at its top and bottom where headers and footers stand."""


@dataclass(slots=True)
class Style:
    """What body text of this document looks like, and which sizes its headings have."""

    body: float
    body_bold: bool
    heading_sizes: list[float]


def compose(pages: Sequence[Page], outline: Mapping[str, int], builder: Builder) -> None:
    """Write pages into the builder. `outline`: level by folded title, from the bookmarks of the file."""
    _drop_repeated(pages, _style(pages).body)
    style = _style(pages)
    table: Grid | None = None
    for page in pages:
        table = _Composer(page, style, outline, builder).write(table)


def _keys(page: Page, body: float) -> dict[int, str]:
    """By place in the page's parts: what each line in its margins has in common with other pages."""
    found: dict[int, str] = {}
    for at, part in enumerate(page.parts):
        if isinstance(part, Grid) or len(part.text) > 200:
            continue
        at_top, at_bottom = part.bottom < _MARGIN * page.height, part.top > (1 - _MARGIN) * page.height
        if at_top or at_bottom:
            # "Chapter 3" in large type is a heading, not a counter.
            text = part.text if part.size > 1.1 * body else _DIGITS.sub("#", part.text)
            found[at] = f"{'top' if at_top else 'bottom'} {round(part.bottom / 8)} {text}"
    return found


def _drop_repeated(pages: Sequence[Page], body: float) -> None:
    """Drop lines that stand at one place in the margin of more than 60 % of at least four pages, or of all the
    odd or even ones: headers, footers, page numbers."""
    keys = [_keys(page, body) for page in pages]
    groups = [keys, keys[::2], keys[1::2]] if len(pages) >= 8 else [keys]
    repeated: set[str] = set()
    for group in groups:
        counts = Counter(key for page in group for key in set(page.values()))
        if len(group) >= 4:
            repeated.update(key for key, count in counts.items() if count > 0.6 * len(group))
    for page, own in zip(pages, keys, strict=True):
        page.parts = [part for at, part in enumerate(page.parts) if own.get(at, "") not in repeated]


def _style(pages: Sequence[Page]) -> Style:
    sizes: Counter[float] = Counter()
    bold: Counter[bool] = Counter()
    for page in pages:
        for part in page.parts:
            if isinstance(part, Segment):
                sizes[part.size] += len(part.text)
                bold[part.bold] += len(part.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    larger = sorted((size for size in sizes if size >= 1.12 * body and size > body + 0.6), reverse=True)
    merged: list[float] = []
    for size in larger:
        if not merged or merged[-1] - size > 0.6:
            merged.append(size)
    return Style(body=body, body_bold=bold[True] > bold[False], heading_sizes=merged)


class _Composer:
    """Writes one page."""

    def __init__(self, page: Page, style: Style, outline: Mapping[str, int], builder: Builder) -> None:
        self._page = page
        self._style = style
        self._outline = outline
        self._builder = builder
        self._lines: list[Segment] = []

    def write(self, table: Grid | None) -> Grid | None:
        """Write the page's parts; `table` is what the page before ended with, the result what this one ends with."""
        for part in self._page.parts:
            if isinstance(part, Grid):
                self._flush()
                self._table(part, table)
                table = part
            else:
                if self._lines and not self._same_paragraph(self._lines, part):
                    self._flush()
                self._lines.append(part)
                table = None
        self._flush()
        return table

    def _table(self, grid: Grid, before: Grid | None) -> None:
        rows = grid.rows
        width = len(rows[0])
        if before is not None and before.header and len(before.header) == width and grid.ruled:
            # A table that goes on over the page keeps its header.
            grid.header = before.header
            rows = rows[1:] if rows[0] == before.header else rows
        elif is_header(rows[0], rows[1:]):
            grid.header, rows = rows[0], rows[1:]
        self._builder.table(grid.header, rows, page=self._page.number, box=self._box(grid.rect))

    def _same_paragraph(self, lines: Sequence[Segment], after: Segment) -> bool:
        last = lines[-1]
        size = max(last.size, 1.0)
        if abs(after.size - last.size) > 0.12 * size or (after.bold != last.bold and self._heading_level([last])):
            return False
        gap = after.top - last.bottom
        if gap > 0.9 * size or gap < -0.9 * size or _ITEM.match(after.text) or _CLAUSE.match(after.text):
            return False
        if min(last.x1, after.x1) < max(last.x0, after.x0) - size:
            return False
        if any(fold_title(line.text) in self._outline for line in (last, after)):
            return False
        if len(lines) >= 2:
            usual = lines[-1].top - lines[-2].top
            if after.top - last.top > 1.35 * usual + 1:
                return False
        indented = after.x0 > last.x0 + 0.9 * size and (len(lines) > 1 or not _ITEM.match(lines[0].text))
        ended = bool(_END.search(last.text))
        short = last.x1 < max(max(line.x1 for line in lines), self._column_right(last)) - 2.5 * size
        if ended and (short or indented):
            return False
        return not (indented and len(lines) > 1 and abs(last.x0 - lines[-2].x0) < 0.5 * size)

    def _column_right(self, line: Segment) -> float:
        """Right edge of the column a line stands in: of the widest line that overlaps it."""
        edges = [
            part.x1
            for part in self._page.parts
            if isinstance(part, Segment) and abs(part.x0 - line.x0) < 2 * max(line.size, 4)
        ]
        return max(edges, default=line.x1)

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        if not lines:
            return
        text = ""
        rect = lines[0].rect
        for line in lines:
            text = join_lines(text, line.text)
            rect = union(rect, line.rect)
        text = text.replace("\u00ad", "-") if text.endswith("\u00ad") else text
        page, box = self._page.number, self._box(rect)
        level = self._heading_level(lines)
        if level:
            self._builder.heading(text, level, page=page, box=box)
        elif _ITEM.match(text) and not re.match(r"[A-Z]\. [A-Z]", text):
            self._builder.list_item(text, page=page, box=box)
        else:
            self._builder.paragraph(text, page=page, box=box)

    def _box(self, rect: Rect) -> Box:
        x0, top, x1, bottom = (round(value, 1) for value in self._page.in_file(rect))
        return Box(x0=x0, y0=top, x1=x1, y1=bottom)

    def _heading_level(self, lines: Sequence[Segment]) -> int:
        text = " ".join(line.text for line in lines)
        if len(text) > 200 or len(lines) > 4 or not _WORD.search(text):
            return 0
        if level := self._outline.get(fold_title(text), 0):
            return level
        if len(text) < 2 or _SENTENCE_END.search(text) or text[0] in "•●·-–":
            return 0
        sizes = self._style.heading_sizes
        size = max(line.size for line in lines)
        for rank, heading in enumerate(sizes, start=1):
            if size >= heading - 0.6:
                return min(rank, 6)
        bold = all(line.bold for line in lines) and not self._style.body_bold
        if bold and size >= 0.95 * self._style.body and len(text) <= 100 and not text.endswith((":", "：", ".")):
            return min(len(sizes) + 1, 6)
        return 0


def fold_title(text: str) -> str:
    return "".join(text.split()).casefold()
