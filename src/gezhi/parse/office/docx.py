"""Word: the body in order with headings, numbered clauses, tables, text boxes and notes.

Insertions under review count as text, deletions do not; page headers and footers are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gezhi.parse.archive import check_zip, open_zip
from gezhi.parse.builder import Builder
from gezhi.parse.formats.grid import Cell, expand
from gezhi.parse.formats.xml import local
from gezhi.parse.material import Material
from gezhi.parse.office.formula import formula_text
from gezhi.parse.office.numbering import Numbering
from gezhi.parse.office.package import Package, attribute, child, value_of
from gezhi.parse.outcomes import Refused

_HEADING = re.compile(r"(?:heading|标题|標題|überschrift|titre|título)\s*(\d)", re.I)
_TITLE = {"title": 1, "标题": 1, "標題": 1, "subtitle": 2, "副标题": 2}
_CODE = re.compile(r"code|preformatted|source|代码", re.I)
_DROPPED = frozenset({"del", "moveFrom", "instrText", "delText", "delInstrText", "pPr", "rPr", "sectPr", "tblPr"})
_CONTAINERS = frozenset({"sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "body", "AlternateContent"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    name: str
    parent: str
    outline: int | None
    number: str | None
    number_level: int


def parse(material: Material, builder: Builder) -> None:
    check_zip(material.data, material.limits)
    with open_zip(material.data) as archive:
        package = Package(archive)
        builder.title = package.describe(builder)
        main = package.main_part()
        root = package.xml(main)
        body = child(root, "body") if root is not None else None
        if body is None:
            raise Refused("damaged", detail="the document has no body")
        reader = _Reader(package, main, builder)
        reader.body(body)
        reader.notes()


class _Reader:
    def __init__(self, package: Package, main: str, builder: Builder) -> None:
        self._package = package
        self._main = main
        self._builder = builder
        self._styles = _styles(package.related(main, "styles"))
        self._numbering = Numbering(package.related(main, "numbering"))
        self._notes: list[tuple[str, str]] = []
        self._code: list[str] = []

    def body(self, element: Any) -> None:
        for inner in element:
            name = local(inner)
            if name == "p":
                self._paragraph(inner)
            elif name == "tbl":
                self._flush_code()
                self._table(inner)
            elif name in _CONTAINERS:
                self.body(_chosen(inner) if name == "AlternateContent" else inner)
        if local(element) == "body":
            self._flush_code()

    def notes(self) -> None:
        """Footnotes and endnotes that the text refers to, in the order of their marks."""
        for kind in ("footnote", "endnote"):
            wanted = [number for note, number in self._notes if note == kind]
            root = self._package.related(self._main, f"{kind}s") if wanted else None
            texts = {attribute(note, "id"): _joined(self._texts(note)) for note in root} if root is not None else {}
            for position, (note, number) in enumerate(self._notes, start=1):
                if note == kind and texts.get(number):
                    self._builder.paragraph(f"[{position}] {texts[number]}")

    def _paragraph(self, paragraph: Any) -> None:
        text = "".join(self._inline(paragraph)).strip()
        boxes = list(_text_boxes(paragraph))
        style = self._styles.get(value_of(paragraph, "pPr", "pStyle") or "")
        level = self._heading_level(paragraph, style)
        code = style is not None and bool(_CODE.search(style.name)) and "barcode" not in style.name.lower()
        if not code:
            self._flush_code()
        if text and code:
            self._code.append("".join(self._inline(paragraph)).rstrip())
        elif text:
            marker, depth = self._marker(paragraph, style)
            shown = f"{marker} {text}" if marker else text
            if level:
                self._builder.title = self._builder.title or text
                self._builder.heading(shown, level)
            elif marker is not None:
                self._builder.list_item(shown, depth=depth)
            else:
                self._builder.paragraph(shown)
        for box in boxes:
            self.body(box)

    def _flush_code(self) -> None:
        if self._code:
            self._builder.code("\n".join(self._code))
            self._code = []

    def _heading_level(self, paragraph: Any, style: Style | None) -> int:
        outline = value_of(paragraph, "pPr", "outlineLvl")
        if outline is not None and outline.isdigit() and int(outline) < 9:
            return int(outline) + 1
        for ancestor in self._ancestors(style):
            name = ancestor.name.strip().lower()
            if match := _HEADING.match(name):
                return max(1, int(match.group(1)))
            if name in _TITLE:
                return _TITLE[name]
            if ancestor.outline is not None and ancestor.outline < 9:
                return ancestor.outline + 1
        return 0

    def _ancestors(self, style: Style | None) -> Iterator[Style]:
        for _ in range(12):
            if style is None:
                return
            yield style
            style = self._styles.get(style.parent)

    def _marker(self, paragraph: Any, style: Style | None) -> tuple[str | None, int]:
        """The number or bullet of a list paragraph and its depth; (None, 0) outside lists."""
        number = value_of(paragraph, "pPr", "numPr", "numId")
        level = value_of(paragraph, "pPr", "numPr", "ilvl")
        depth = int(level) if level and level.isdigit() else None
        for ancestor in self._ancestors(style):
            if number is None and ancestor.number is not None:
                number = ancestor.number
                depth = ancestor.number_level if depth is None else depth
        if number is None or number == "0":
            return None, 0
        depth = min(depth or 0, 8)
        return self._numbering.marker(number, depth), depth

    def _inline(self, element: Any) -> Iterator[str]:
        """The characters of a paragraph; text boxes inside it are not part of it."""
        for inner in element:
            name = local(inner)
            if name in _DROPPED or name in ("txbxContent", "drawing", "pict", "object"):
                continue
            if name == "t":
                yield inner.text or ""
            elif name in ("tab", "ptab"):
                yield "\t"
            elif name in ("br", "cr"):
                yield "\n"
            elif name == "noBreakHyphen":
                yield "-"
            elif name == "sym":
                yield _symbol(inner)
            elif name in ("footnoteReference", "endnoteReference"):
                self._notes.append((name.removesuffix("Reference"), attribute(inner, "id")))
                yield f"[{len(self._notes)}]"
            elif name in ("oMath", "oMathPara"):
                yield formula_text(inner)
            elif name == "AlternateContent":
                chosen = _chosen(inner)
                yield from self._inline(chosen) if chosen is not inner else ()
            else:
                yield from self._inline(inner)

    def _texts(self, element: Any) -> Iterator[str]:
        """The paragraphs inside a cell or note, nested tables and text boxes included."""
        for inner in element:
            name = local(inner)
            if name == "p":
                text = "".join(self._inline(inner)).strip()
                marker, _ = self._marker(inner, self._styles.get(value_of(inner, "pPr", "pStyle") or ""))
                yield f"{marker} {text}" if text and marker and marker != "-" else text
                for box in _text_boxes(inner):
                    yield from self._texts(box)
            elif name == "tbl":
                for row in _rows(inner):
                    yield " ".join(_joined(self._texts(cell)) for cell in _cells(row))
            elif name in _CONTAINERS:
                yield from self._texts(_chosen(inner) if name == "AlternateContent" else inner)

    def _table(self, table: Any) -> None:
        rows: list[list[Cell]] = []
        holders: dict[int, tuple[int, int]] = {}
        elements = list(_rows(table))
        if len(elements) == 1 and len(cells := list(_cells(elements[0]))) == 1:
            self.body(cells[0])
            return
        for row in elements:
            line: list[Cell] = []
            column = int(value_of(row, "trPr", "gridBefore") or 0)
            if column:
                line.append(Cell(text="", columns=column))
            for cell in _cells(row):
                width = max(1, int(value_of(cell, "tcPr", "gridSpan") or 1))
                merge = child(cell, "tcPr", "vMerge")
                goes_on = merge is not None and attribute(merge, "val", "continue") == "continue"
                if goes_on and column in holders:
                    at, place = holders[column]
                    above = rows[at][place]
                    line.append(Cell(text=above.text, columns=width))
                    column += width
                    continue
                if merge is not None:
                    holders[column] = (len(rows), len(line))
                else:
                    holders.pop(column, None)
                line.append(Cell(text=_joined(self._texts(cell)), columns=width))
                column += width
            rows.append(line)
        grid = expand(rows)
        if not grid:
            return
        if len(grid[0]) == 1:
            for row_text in grid:
                self._builder.paragraph(row_text[0])
            return
        header = grid[0] if len(grid) > 1 and _has_header(table, grid) else []
        self._builder.table(header, grid[1:] if header else grid)


def _has_header(table: Any, grid: list[list[str]]) -> bool:
    from gezhi.parse.formats.grid import is_header

    look = child(table, "tblPr", "tblLook")
    marked = any(child(row, "trPr", "tblHeader") is not None for row in _rows(table))
    first_column_only = (
        look is not None and attribute(look, "firstRow") == "0" and attribute(look, "firstColumn") == "1"
    )
    return marked or (not first_column_only and is_header(grid[0], grid[1:]))


def _joined(texts: Iterator[str]) -> str:
    return "\n".join(text for text in texts if text)


def _rows(table: Any) -> Iterator[Any]:
    for inner in table:
        if local(inner) == "tr":
            if child(inner, "trPr", "del") is None:
                yield inner
        elif local(inner) in _CONTAINERS:
            yield from _rows(inner)


def _cells(row: Any) -> Iterator[Any]:
    for inner in row:
        if local(inner) == "tc":
            yield inner
        elif local(inner) in _CONTAINERS:
            yield from _cells(inner)


def _chosen(alternate: Any) -> Any:
    """Of the alternatives that say the same, the first."""
    for inner in alternate:
        if local(inner) == "Choice":
            return inner
    fallback = child(alternate, "Fallback")
    return fallback if fallback is not None else alternate


def _text_boxes(paragraph: Any) -> Iterator[Any]:
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        name = local(element)
        if name == "txbxContent":
            yield element
        elif name == "AlternateContent":
            chosen = _chosen(element)
            stack.extend(reversed(chosen) if chosen is not element else ())
        elif name not in _DROPPED:
            stack.extend(reversed(element))


def _symbol(element: Any) -> str:
    """Symbol fonts keep their characters in a private area; the plain code says what was typed, roughly."""
    code = attribute(element, "char")
    if not re.fullmatch(r"[0-9A-Fa-f]{1,6}", code):
        return ""
    number = int(code, 16)
    return {0xF0FE: "☑", 0xF0A8: "☐", 0xF06F: "☐", 0xF0FC: "✓", 0xF0B7: "•"}.get(number, "") or (
        "" if 0xE000 <= number <= 0xF8FF or number > 0x10FFFF or 0xD800 <= number < 0xE000 else chr(number)
    )


def _styles(root: Any | None) -> dict[str, Style]:
    styles: dict[str, Style] = {}
    for element in root if root is not None else ():
        if local(element) != "style" or attribute(element, "type", "paragraph") != "paragraph":
            continue
        outline = value_of(element, "pPr", "outlineLvl")
        level = value_of(element, "pPr", "numPr", "ilvl")
        styles[attribute(element, "styleId")] = Style(
            name=value_of(element, "name") or "",
            parent=value_of(element, "basedOn") or "",
            outline=int(outline) if outline and outline.isdigit() else None,
            number=value_of(element, "pPr", "numPr", "numId"),
            number_level=int(level) if level and level.isdigit() else 0,
        )
    return styles
