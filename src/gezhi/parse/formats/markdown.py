"""Markdown: kept as written, with the places of its headings, lists, tables and code."""

from __future__ import annotations

import re

from gezhi.parse.builder import Builder, cell_text
from gezhi.parse.material import Material
from gezhi.types import BlockKind, Table, TableRow

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"([ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]+\S")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_DELIMITER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_META = re.compile(r"([A-Za-z][\w -]{0,40}):[ \t]+(.+)$")
_EMPHASIS = re.compile(r"[*_`]+|\s*\{#[^}]*\}\s*$|<[^>]+>")

Line = tuple[int, int, str]
"""start, end, text without its line end"""


def parse(material: Material, builder: Builder) -> None:
    text = builder.verbatim(material.text)
    lines: list[Line] = []
    position = 0
    for raw in text.split("\n"):
        lines.append((position, position + len(raw), raw))
        position += len(raw) + 1
    at = _front_matter(lines, builder)
    while at < len(lines):
        at = _block(lines, at, builder)


def _front_matter(lines: list[Line], builder: Builder) -> int:
    if lines[0][2].rstrip() != "---":
        return 0
    for end in range(1, min(len(lines), 200)):
        if lines[end][2].rstrip() in ("---", "..."):
            for _, _, line in lines[1:end]:
                if match := _META.match(line):
                    name, value = match.group(1).strip().lower(), match.group(2).strip().strip("\"'")
                    if name == "title":
                        builder.title = value
                    builder.describe(name, value)
            return end + 1
    return 0


def _block(lines: list[Line], at: int, builder: Builder) -> int:
    """Declare the block that begins at a line; return the line after it."""
    start, end, line = lines[at]
    if not line.strip() or _RULE.match(line):
        return at + 1
    if fence := _FENCE.match(line):
        return _fenced(lines, at, fence.group(1), builder)
    if atx := _ATX.match(line):
        _heading(builder, start, end, len(atx.group(1)), atx.group(2) or "")
        return at + 1
    if at + 1 < len(lines) and "|" in line and "-" in lines[at + 1][2] and _DELIMITER.match(lines[at + 1][2]):
        return _table(lines, at, builder)
    if item := _ITEM.match(line):
        return _item(lines, at, len(item.group(1)), builder)
    if line.startswith(("    ", "\t")):
        stop = at
        while stop < len(lines) and (lines[stop][2].startswith(("    ", "\t")) or not lines[stop][2].strip()):
            stop += 1
        builder.span(BlockKind.CODE, start, lines[stop - 1][1])
        return stop
    if line.lstrip().startswith("<!--"):
        stop = at
        while stop < len(lines) and "-->" not in lines[stop][2]:
            stop += 1
        return stop + 1
    return _paragraph(lines, at, builder)


def _heading(builder: Builder, start: int, end: int, level: int, words: str) -> None:
    builder.span(BlockKind.HEADING, start, end, level=level)
    plain = _EMPHASIS.sub("", words).strip()
    if plain and not builder.title:
        builder.title = plain


def _fenced(lines: list[Line], at: int, fence: str, builder: Builder) -> int:
    closing = re.compile(rf" {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$")
    stop = at + 1
    while stop < len(lines) and not closing.match(lines[stop][2]):
        stop += 1
    last = min(stop, len(lines) - 1)
    builder.span(BlockKind.CODE, lines[at][0], lines[last][1])
    return stop + 1


def _item(lines: list[Line], at: int, indent: int, builder: Builder) -> int:
    """A list item with the lines that continue it; nested items are items of their own."""
    stop = at + 1
    while stop < len(lines):
        line = lines[stop][2]
        if not line.strip() or _ITEM.match(line) or _ATX.match(line) or _FENCE.match(line):
            break
        stop += 1
    builder.span(BlockKind.LIST_ITEM, lines[at][0] + indent, lines[stop - 1][1])
    return stop


def _paragraph(lines: list[Line], at: int, builder: Builder) -> int:
    stop = at + 1
    while stop < len(lines):
        line = lines[stop][2]
        if setext := _SETEXT.match(line):
            words = " ".join(text.strip() for _, _, text in lines[at:stop])
            _heading(builder, lines[at][0], lines[stop - 1][1], 1 if setext.group(1)[0] == "=" else 2, words)
            return stop + 1
        if not line.strip() or _ATX.match(line) or _FENCE.match(line) or _ITEM.match(line) or _RULE.match(line):
            break
        if "|" in line and stop + 1 < len(lines) and "|" in lines[stop + 1][2] and _DELIMITER.match(lines[stop + 1][2]):
            break
        stop += 1
    builder.span(BlockKind.PARAGRAPH, lines[at][0], lines[stop - 1][1])
    return stop


def _table(lines: list[Line], at: int, builder: Builder) -> int:
    header = _cells(lines[at][2])
    stop = at + 2
    rows: list[TableRow] = []
    while stop < len(lines) and "|" in lines[stop][2]:
        start, end, line = lines[stop]
        cells = _cells(line)
        cells += ("",) * (len(header) - len(cells))
        left = len(line) - len(line.lstrip())
        if any(cells):
            rows.append(TableRow(cells=cells, start=start + left, end=end - (len(line) - len(line.rstrip()))))
        stop += 1
    table = Table(name="", header=header if any(header) else (), rows=tuple(rows))
    builder.span(BlockKind.TABLE, lines[at][0], lines[stop - 1][1], table=table)
    return stop


def _cells(line: str) -> tuple[str, ...]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return tuple(cell_text(cell.replace("\\|", "|")) for cell in re.split(r"(?<!\\)\|", inner))
