"""Plain text: kept as written; blank lines part the paragraphs."""

from __future__ import annotations

import re

from gezhi.parse.builder import Builder
from gezhi.parse.material import Material
from gezhi.types import BlockKind

_HEADING = re.compile(
    r"[ \t　]*第[〇零一二三四五六七八九十百千\d]{1,6}([编卷部篇章节])(?:[ \t　]*\S[^。；;]{0,40})?[ \t　]*$"
)
_LEVELS = {"编": 1, "卷": 1, "部": 1, "篇": 1, "章": 2, "节": 3}
_LINE_BLOCK = 4000


def parse(material: Material, builder: Builder) -> None:
    add_text(builder.verbatim(material.text), builder)


def add_text(text: str, builder: Builder) -> None:
    """Declare the paragraphs of a verbatim text; chapter lines of Chinese laws and books are headings."""
    start: int | None = None
    position = 0
    for line in text.splitlines(keepends=True):
        end = position + len(line)
        heading = _HEADING.match(line) if len(line) < 60 else None
        if start is not None and (heading or not line.strip() or end - start > _LINE_BLOCK):
            builder.span(BlockKind.PARAGRAPH, start, position)
            start = None
        if heading:
            builder.span(BlockKind.HEADING, position, end, level=_LEVELS[heading.group(1)])
        elif line.strip() and start is None:
            start = position
        position = end
    if start is not None:
        builder.span(BlockKind.PARAGRAPH, start, position)
