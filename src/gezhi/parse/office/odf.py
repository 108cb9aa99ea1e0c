"""OpenDocument texts and presentations (ODT, ODP)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gezhi.parse.archive import check_zip, open_zip
from gezhi.parse.builder import Builder
from gezhi.parse.formats.grid import Cell, expand, is_header
from gezhi.parse.formats.xml import local
from gezhi.parse.material import Material
from gezhi.parse.office.package import Package, attribute, child
from gezhi.parse.outcomes import Refused

_FACTS = {"creator": "author", "initial-creator": "author", "creation-date": "created", "subject": "subject"}
_DROPPED = frozenset({"tracked-changes", "annotation", "forms", "sequence-decls", "desc", "settings"})


def parse(material: Material, builder: Builder) -> None:
    check_zip(material.data, material.limits)
    with open_zip(material.data) as archive:
        package = Package(archive)
        manifest = package.xml("META-INF/manifest.xml")
        if manifest is not None and any(local(element) == "encryption-data" for element in manifest.iter()):
            raise Refused("encrypted")
        content = package.xml("content.xml")
        body = child(content, "body") if content is not None else None
        if body is None:
            raise Refused("damaged", detail="the document has no body")
        meta = package.xml("meta.xml")
        for element in meta.iter() if meta is not None else ():
            if local(element) == "title":
                builder.title = (element.text or "").strip()
            elif local(element) in _FACTS:
                builder.describe(_FACTS[local(element)], element.text)
        reader = _Reader(builder)
        reader.read(body)
        reader.notes()
        builder.page_count = reader.page


class _Reader:
    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._notes: list[str] = []
        self.page: int | None = None

    def read(self, element: Any, depth: int = -1) -> None:
        for inner in element:
            name = local(inner)
            if name in _DROPPED:
                continue
            if name == "page":
                self.page = (self.page or 0) + 1
            text = "".join(self._inline(inner)).strip() if name in ("h", "p") else ""
            if name == "h":
                level = attribute(inner, "outline-level", "1")
                self._builder.title = self._builder.title or text
                self._builder.heading(text, int(level) if level.isdigit() else 1, page=self.page)
            elif name == "p" and depth >= 0:
                self._builder.list_item("- " + text if text else "", depth=depth, page=self.page)
            elif name == "p":
                self._builder.paragraph(text, page=self.page)
            elif name == "table":
                self._table(inner)
            elif name == "list":
                self.read(inner, depth + 1)
            elif name == "frame" and attribute(inner, "class") == "title":
                words = " ".join("".join(self._inline(p)) for p in inner.iter() if local(p) == "p")
                self._builder.title = self._builder.title or words.strip()
                self._builder.heading(words, 1, page=self.page)
            else:
                self.read(inner, depth)
            if name in ("h", "p"):
                for box in (e for e in inner.iter() if local(e) == "text-box"):
                    self.read(box)

    def notes(self) -> None:
        for number, note in enumerate(self._notes, start=1):
            self._builder.paragraph(f"[{number}] {note}")

    def _inline(self, element: Any) -> Iterator[str]:
        yield element.text or ""
        for inner in element:
            name = local(inner)
            if name == "s":
                count = attribute(inner, "c", "1")
                yield " " * min(int(count) if count.isdigit() else 1, 100)
            elif name == "tab":
                yield "\t"
            elif name == "line-break":
                yield "\n"
            elif name == "note":
                body = child(inner, "note-body")
                if body is not None:
                    self._notes.append(" ".join("".join(self._inline(p)).strip() for p in body))
                    yield f"[{len(self._notes)}]"
            elif name not in _DROPPED and name != "text-box":
                yield from self._inline(inner)
            yield inner.tail or ""

    def _table(self, table: Any) -> None:
        rows: list[list[Cell]] = []
        for row in _rows(table):
            line: list[Cell] = []
            for cell in row:
                if local(cell) != "table-cell":
                    continue
                text = "\n".join("".join(self._inline(p)).strip() for p in cell.iter() if local(p) in ("p", "h"))
                repeats = min(_count(cell, "number-columns-repeated"), 200 if text else 20)
                spans = {"rows": _count(cell, "number-rows-spanned"), "columns": _count(cell, "number-columns-spanned")}
                line.extend(Cell(text=text, **spans) for _ in range(repeats))
            rows.append(line)
        grid = expand(rows)
        if not grid:
            return
        has_header = len(grid) > 1 and is_header(grid[0], grid[1:])
        self._builder.table(
            grid[0] if has_header else [],
            grid[1:] if has_header else grid,
            name=attribute(table, "name"),
            page=self.page,
        )


def _rows(table: Any) -> Iterator[Any]:
    for inner in table:
        if local(inner) == "table-row":
            yield inner
        elif local(inner) in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _rows(inner)


def _count(cell: Any, name: str) -> int:
    value = attribute(cell, name, "1")
    return max(1, min(int(value), 1000)) if value.isdigit() else 1
