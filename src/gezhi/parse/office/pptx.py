"""Slides: the title of each as a heading, then its texts, tables, charts and notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gezhi.parse.archive import check_zip, open_zip
from gezhi.parse.builder import Builder
from gezhi.parse.formats.grid import Cell, expand, is_header
from gezhi.parse.formats.xml import local
from gezhi.parse.material import Material
from gezhi.parse.office.formula import formula_text
from gezhi.parse.office.package import Package, attribute, child
from gezhi.parse.outcomes import Refused

_TITLES = ("title", "ctrTitle")
_FURNITURE = ("sldNum", "dt", "ftr", "hdr")
_SHAPES = ("sp", "grpSp", "graphicFrame", "cxnSp", "pic")


def parse(material: Material, builder: Builder) -> None:
    check_zip(material.data, material.limits)
    with open_zip(material.data) as archive:
        package = Package(archive)
        builder.title = package.describe(builder)
        main = package.main_part()
        root = package.xml(main)
        if root is None:
            raise Refused("damaged", detail="the presentation part is missing")
        targets = package.targets(main)
        slides = [targets.get(attribute(s, "id"), "") for s in _slide_ids(root)]
        missing = 0
        for number, path in enumerate(slides, start=1):
            slide = package.xml(path) if path else None
            if slide is None:
                missing += 1
                continue
            _Slide(package, path, builder, number).read(slide)
        builder.page_count = len(slides)
        if missing:
            builder.warn("parts_damaged", detail=f"{missing} of {len(slides)} slides are missing")


def _slide_ids(root: Any) -> Iterator[Any]:
    """`r:id` of each slide: the plain `id` attribute beside it is something else."""
    for listed in root:
        if local(listed) == "sldIdLst":
            for slide in listed:
                yield _Relation(slide)


class _Relation:
    """A view of an element that shows only attributes with a namespace."""

    def __init__(self, element: Any) -> None:
        self.attrib = {key: value for key, value in element.attrib.items() if key.startswith("{")}


class _Slide:
    def __init__(self, package: Package, path: str, builder: Builder, number: int) -> None:
        self._package = package
        self._path = path
        self._builder = builder
        self._number = number
        self._title = ""
        self._charts = 0

    def read(self, slide: Any) -> None:
        tree = child(slide, "cSld", "spTree")
        if tree is None:
            return
        shapes = list(_shapes(tree))
        title = next((shape for shape in shapes if _placeholder(shape) in _TITLES), None)
        words = " ".join(text for text, _ in _paragraphs(child(title, "txBody"))) if title is not None else ""
        self._title = words
        if words:
            self._builder.title = self._builder.title or words
            self._builder.heading(words, 1, page=self._number)
        for shape in shapes:
            if shape is not title and _placeholder(shape) not in _FURNITURE:
                self._shape(shape)
        self._notes()

    def _shape(self, shape: Any) -> None:
        name = local(shape)
        if name == "graphicFrame":
            self._graphic(shape)
            return
        body = child(shape, "txBody")
        is_body = _placeholder(shape) in ("body", "", "obj") and child(shape, "nvSpPr", "nvPr", "ph") is not None
        paragraphs = list(_paragraphs(body))
        for text, level in paragraphs:
            if is_body and len(paragraphs) > 1:
                self._builder.list_item(text, depth=level, page=self._number)
            else:
                self._builder.paragraph(text, page=self._number)

    def _graphic(self, frame: Any) -> None:
        for element in frame.iter():
            name = local(element)
            if name == "tbl":
                self._table(element)
                return
            if name == "chart" and (path := self._target(element)):
                self._chart(self._package.xml(path), _called(frame))
                return
            if name == "relIds" and (path := self._target(element, "dm")):
                self._diagram(self._package.xml(path))
                return

    def _target(self, element: Any, name: str = "id") -> str:
        return self._package.targets(self._path).get(attribute(_Relation(element), name), "")

    def _table(self, table: Any) -> None:
        rows: list[list[Cell]] = []
        for row in table:
            if local(row) != "tr":
                continue
            rows.append(
                [
                    Cell(
                        text="\n".join(text for text, _ in _paragraphs(child(cell, "txBody"))),
                        rows=_count(cell, "rowSpan"),
                        columns=_count(cell, "gridSpan"),
                    )
                    for cell in row
                    if local(cell) == "tc" and not _is_true(cell, "hMerge") and not _is_true(cell, "vMerge")
                ]
            )
        grid = expand(rows)
        if not grid:
            return
        properties = child(table, "tblPr")
        marked = properties is not None and _is_true(properties, "firstRow")
        has_header = len(grid) > 1 and (marked or is_header(grid[0], grid[1:]))
        self._builder.table(grid[0] if has_header else [], grid[1:] if has_header else grid, page=self._number)

    def _chart(self, root: Any | None, called: str) -> None:
        """The numbers a chart was drawn from: categories down, series across. Each has a name of its own, lest the
        next one seem to go on with it."""
        if root is None:
            return
        self._charts += 1
        place = str(self._number) if self._charts == 1 else f"{self._number}.{self._charts}"
        title = next((_drawn_text(e) for e in root.iter() if local(e) == "title"), "")
        columns: list[tuple[str, dict[int, str]]] = []
        categories: dict[int, str] = {}
        for series in (element for element in root.iter() if local(element) == "ser"):
            told = _points(child(series, "tx"))
            categories = categories or _points(child(series, "cat")) or _points(child(series, "xVal"))
            values = _points(child(series, "val")) or _points(child(series, "yVal"))
            columns.append((" ".join(told.values()), values))
        numbers = sorted({n for _, values in columns for n in values} | set(categories))
        rows = [[categories.get(n, ""), *(values.get(n, "") for _, values in columns)] for n in numbers]
        if title:
            self._builder.paragraph(title, page=self._number)
        if rows:
            header = ["", *(name for name, _ in columns)]
            name = title or f"{self._title or called or 'Chart'} ({place})"
            self._builder.table(header if any(header) else [], rows, name=name, page=self._number)

    def _diagram(self, root: Any | None) -> None:
        for body in (element for element in root.iter() if local(element) == "t") if root is not None else ():
            for text, _ in _paragraphs(body):
                self._builder.list_item(text, page=self._number)

    def _notes(self) -> None:
        notes = self._package.related(self._path, "notesSlide")
        tree = child(notes, "cSld", "spTree") if notes is not None else None
        for shape in _shapes(tree) if tree is not None else ():
            if _placeholder(shape) == "body":
                for text, _ in _paragraphs(child(shape, "txBody")):
                    self._builder.paragraph(text, page=self._number)
        comments = self._package.related(self._path, "comments")
        for one in (one for one in comments.iter() if local(one) == "text") if comments is not None else ():
            self._builder.list_item("".join(one.itertext()), page=self._number)


def _shapes(tree: Any) -> Iterator[Any]:
    """Shapes in reading order; groups are opened."""
    for element in tree:
        name = local(element)
        if name == "grpSp":
            yield from _shapes(element)
        elif name == "AlternateContent":
            chosen = child(element, "Choice")
            found = list(_shapes(chosen)) if chosen is not None else []
            fallback = child(element, "Fallback")
            yield from found or (_shapes(fallback) if fallback is not None else ())
        elif name in _SHAPES:
            yield element


def _called(frame: Any) -> str:
    about = child(frame, "nvGraphicFramePr", "cNvPr")
    return attribute(about, "name") if about is not None else ""


def _placeholder(shape: Any) -> str:
    """The role of a placeholder; `none` for other shapes."""
    for element in shape:
        if local(element).startswith("nv"):
            place = child(element, "nvPr", "ph")
            if place is not None:
                return attribute(place, "type")
    return "none"


def _paragraphs(body: Any | None) -> Iterator[tuple[str, int]]:
    for paragraph in body if body is not None else ():
        if local(paragraph) != "p":
            continue
        text = "".join(_runs(paragraph)).strip()
        properties = child(paragraph, "pPr")
        level = attribute(properties, "lvl", "0") if properties is not None else "0"
        if text:
            yield text, min(int(level), 8) if level.isdigit() else 0


def _runs(element: Any) -> Iterator[str]:
    for inner in element:
        name = local(inner)
        if name == "t":
            yield inner.text or ""
        elif name == "br":
            yield "\n"
        elif name == "oMath":
            yield formula_text(inner)
        elif name == "AlternateContent":
            chosen = child(inner, "Choice")
            yield from _runs(chosen if chosen is not None else inner)
        elif not name.endswith("Pr"):
            yield from _runs(inner)


def _points(element: Any | None) -> dict[int, str]:
    found: dict[int, str] = {}
    for point in element.iter() if element is not None else ():
        value = child(point, "v") if local(point) == "pt" else None
        if value is not None:
            index = attribute(point, "idx", "0")
            found[int(index) if index.isdigit() else len(found)] = (value.text or "").strip()
    return found


def _drawn_text(element: Any) -> str:
    return "".join(inner.text or "" for inner in element.iter() if local(inner) == "t").strip()


def _count(cell: Any, name: str) -> int:
    value = attribute(cell, name, "1")
    return max(1, min(int(value), 500)) if value.isdigit() else 1


def _is_true(element: Any, name: str) -> bool:
    return attribute(element, name) in ("1", "true", "on")
