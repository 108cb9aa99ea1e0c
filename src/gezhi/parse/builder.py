"""Builds the text of a document block by block, so that offsets are right by construction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gezhi.parse.outcomes import message
from gezhi.types import Block, BlockKind, Box, Table, TableRow

_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SOFT_HYPHEN_BREAK = re.compile("\u00ad\n?")
_SPACES = re.compile(r"\s+")
_LONG_BLOCK = 20_000
"""Longer paragraphs become several blocks, so that nothing after us meets a block of 50 million characters."""
_BREAK = re.compile(r"\n|[。！？；!?;]|\.\s|\s")


class TextFull(Exception):
    """The document's text has reached its limit; what was built so far stands."""


def clean(text: str) -> str:
    """Remove what is an artefact of files and never content: control characters, other line ends, soft hyphens."""
    text = _LINE_ENDS.sub("\n", text)
    if "\u00ad" in text:
        text = _SOFT_HYPHEN_BREAK.sub("", text)
    return _UNWANTED.sub("", text)


class Builder:
    """Collects blocks in reading order. Text is separated by blank lines, list items by line ends."""

    def __init__(self, text_characters: int) -> None:
        self.title = ""
        self.page_count: int | None = None
        self.warnings: list[tuple[str, str]] = []
        self._limit = text_characters
        self._parts: list[str] = []
        self._length = 0
        self._indent = ""
        self._blocks: list[Block] = []
        self._metadata: dict[str, str] = {}

    @property
    def text(self) -> str:
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(self._blocks)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._metadata.items())

    def warn(self, code: str, **values: object) -> None:
        """Record a warning once; the first one gives the outcome its code."""
        warning = (code, message(code, **values))
        if warning not in self.warnings:
            self.warnings.append(warning)

    def describe(self, name: str, value: str | None) -> None:
        """Keep a fact from the file itself; the first value under a name stays."""
        value = _SPACES.sub(" ", clean(value or "")).strip()[:1000]
        if value:
            self._metadata.setdefault(name, value)

    def heading(self, text: str, level: int, *, page: int | None = None, box: Box | None = None) -> None:
        text = _SPACES.sub(" ", clean(text)).strip()
        if not text:
            return
        self._place(BlockKind.HEADING, text, level=min(max(level, 1), 6), page=page, box=box)

    def paragraph(self, text: str, *, page: int | None = None, box: Box | None = None) -> None:
        self._add(BlockKind.PARAGRAPH, clean(text).strip(), page, box)

    def list_item(self, text: str, *, depth: int = 0, page: int | None = None, box: Box | None = None) -> None:
        """`depth` 1 and more is shown by spaces before the block."""
        self._indent = "  " * min(depth, 8)
        self._add(BlockKind.LIST_ITEM, clean(text).strip(), page, box)
        self._indent = ""

    def code(self, text: str, *, page: int | None = None, box: Box | None = None) -> None:
        self._add(BlockKind.CODE, clean(text).strip("\n").rstrip(), page, box)

    def table(
        self,
        header: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        name: str = "",
        page: int | None = None,
        box: Box | None = None,
    ) -> None:
        """Add a table. Rows without any content are left out; short rows are filled up to the header's width."""
        cells = tuple(cell_text(cell) for cell in header)
        cells = cells if any(cells) else ()
        start = self._separate("\n\n")
        if cells:
            self._put(" | ".join(cells))
        placed: list[TableRow] = []
        try:
            for row in rows:
                values = tuple(cell_text(cell) for cell in row)
                if not any(values):
                    continue
                values += ("",) * (len(cells) - len(values))
                if self._length > start:
                    self._put("\n")
                at = self._length
                self._put(" | ".join(values))
                placed.append(TableRow(cells=values, start=at, end=self._length))
        finally:
            if placed or cells:
                end = placed[-1].end if placed else self._length
                table = Table(name=_SPACES.sub(" ", clean(name)).strip(), header=cells, rows=tuple(placed))
                self._blocks.append(Block(kind=BlockKind.TABLE, start=start, end=end, page=page, box=box, table=table))

    def verbatim(self, text: str) -> str:
        """Take a whole text as it is (cleaned); `span` then says what its parts are. Returns the text as kept."""
        text = clean(text)
        if len(text) > self._limit:
            self.warn("truncated_text", limit=self._limit)
            text = text[: self._limit]
        self._put(text)
        return text

    def span(self, kind: BlockKind, start: int, end: int, *, level: int = 0, table: Table | None = None) -> None:
        """Declare a part of a verbatim text. Surrounding blank space is not part of it."""
        text = self.text
        while end > start and text[end - 1].isspace():
            end -= 1
        keep_indent = kind is BlockKind.CODE
        while start < end and text[start].isspace() and not (keep_indent and text[start] in " \t"):
            start += 1
        if start >= end:
            return
        if table is not None or kind is BlockKind.HEADING:
            self._blocks.append(Block(kind=kind, start=start, end=end, level=level, table=table))
            return
        for piece_start, piece_end in _bounded(text, start, end):
            self._blocks.append(Block(kind=kind, start=piece_start, end=piece_end, level=level))

    def _add(self, kind: BlockKind, text: str, page: int | None, box: Box | None) -> None:
        if text.strip():
            for start, end in _bounded(text, 0, len(text)):
                self._place(kind, text[start:end], level=0, page=page, box=box)

    def _place(self, kind: BlockKind, text: str, *, level: int, page: int | None, box: Box | None) -> None:
        both_items = kind is BlockKind.LIST_ITEM and self._blocks and self._blocks[-1].kind is BlockKind.LIST_ITEM
        start = self._separate(("\n" if both_items else "\n\n") + self._indent)
        room = self._limit - self._length
        if room <= 0:
            raise TextFull
        text = text[:room]
        self._put(text)
        self._blocks.append(Block(kind=kind, start=start, end=self._length, level=level, page=page, box=box))

    def _separate(self, separator: str) -> int:
        if self._length:
            self._put(separator)
        return self._length

    def _put(self, text: str) -> None:
        if self._length + len(text) > self._limit:
            raise TextFull
        self._parts.append(text)
        self._length += len(text)


def cell_text(value: str) -> str:
    """A cell on one line."""
    return _SPACES.sub(" ", clean(value)).strip()


def _bounded(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    while end - start > _LONG_BLOCK:
        cut = start + _LONG_BLOCK
        last = None
        for last in _BREAK.finditer(text, cut - 2000, cut):  # noqa: B007 - the last match is wanted
            pass
        cut = last.end() if last else cut
        stop = cut
        while stop > start and text[stop - 1].isspace():
            stop -= 1
        if stop > start:
            yield start, stop
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield start, end
