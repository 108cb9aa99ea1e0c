"""Tables inside documents: DOCX, PPTX with its charts, OpenDocument, HTML and Markdown."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, normpath
from xml.etree import ElementTree

from tables.reference import UNREAD, Cell, Grid, Span, laid_out
from tables.reference_sheets import every, local, said

_SPACES = re.compile(r"\s+")


def squeezed(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _numbers_in(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", name)]


# DOCX


def read_docx(path: Path) -> Iterator[Grid]:
    with zipfile.ZipFile(path) as archive:
        relations = ElementTree.fromstring(archive.read("_rels/.rels"))
        main = next(said(one, "Target") for one in relations if said(one, "Type").endswith("/officeDocument"))
        root = ElementTree.fromstring(archive.read(main.lstrip("/")))
    inside = {table for cell in every(root, "tc") for table in every(cell, "tbl")}
    for number, table in enumerate(every(root, "tbl")):
        yield Grid(
            f"table {number + 1}", _word_rows(table), sheet=False, layout="inside a cell" if table in inside else ""
        )


def _word_rows(table: ElementTree.Element) -> list[list[Cell]]:
    """python-docx's way: a cell that goes on with the one above (`vMerge` without `restart`) has its text."""
    nested = {inner for cell in every(table, "tc") for one in every(cell, "tbl") for inner in one.iter()}
    grid: list[list[Cell]] = []
    for row in (one for one in every(table, "tr") if one not in nested):
        line: list[Cell] = [None] * int(next((said(one, "val") for one in every(row, "gridBefore")), "0"))
        for cell in (one for one in every(row, "tc") if one not in nested):
            width = int(next((said(one, "val") for one in every(cell, "gridSpan")), "1"))
            merge = next(every(cell, "vMerge"), None)
            goes_on = merge is not None and said(merge, "val", "continue") == "continue" and bool(grid)
            text = grid[-1][len(line)] if goes_on and len(line) < len(grid[-1]) else _word_text(cell)
            line += [text] * width
        grid.append(line)
    return grid


def _word_text(cell: ElementTree.Element) -> str:
    if next(every(cell, "oMath"), None) is not None:
        return UNREAD
    dropped = {
        inner
        for name in ("del", "moveFrom", "Fallback", "instrText")
        for one in every(cell, name)
        for inner in one.iter()
    }
    parts = []
    for paragraph in every(cell, "p"):
        for one in paragraph.iter():
            if one not in dropped and local(one) == "t":
                parts.append(one.text or "")
            elif local(one) in ("br", "cr", "tab"):
                parts.append(" ")
        parts.append("\n")
    return squeezed("".join(parts))


# PPTX


def read_pptx(path: Path) -> Iterator[Grid]:
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        slides = [name for name in names if re.fullmatch(r"ppt/slides/slide\d+\.xml", name)]
        for name in sorted(slides, key=_numbers_in):
            root = ElementTree.fromstring(archive.read(name))
            related = name.replace("slides/", "slides/_rels/") + ".rels"
            links = ElementTree.fromstring(archive.read(related)) if related in names else None
            targets = {said(one, "Id"): normpath(f"{dirname(name)}/{said(one, 'Target')}") for one in links or ()}
            for frame in every(root, "graphicFrame"):
                for table in every(frame, "tbl"):
                    yield Grid(name, _slide_rows(table), sheet=False)
                for chart in every(frame, "chart"):
                    target = targets.get(next((v for k, v in chart.attrib.items() if k.endswith("}id")), ""), "")
                    if target in names:
                        yield Grid(target, _drawn(ElementTree.fromstring(archive.read(target))), sheet=False)


def _slide_rows(table: ElementTree.Element) -> list[list[Cell]]:
    lines = []
    for row in every(table, "tr"):
        line = []
        for cell in every(row, "tc"):
            if said(cell, "hMerge") in ("1", "true") or said(cell, "vMerge") in ("1", "true"):
                continue
            paragraphs = ("".join(one.text or "" for one in every(p, "t")) for p in every(cell, "p"))
            spans = int(said(cell, "rowSpan", "1")), int(said(cell, "gridSpan", "1"))
            line.append(Span(squeezed("\n".join(paragraphs)), *spans))
        lines.append(line)
    return laid_out(lines)


def _drawn(chart: ElementTree.Element) -> list[list[Cell]]:
    """The numbers behind a chart: a row a category, a column a series."""
    series = list(every(chart, "ser"))
    first = next((points for one in series if (points := _points(one, "cat") or _points(one, "xVal"))), {})
    values = [_points(one, "val") or _points(one, "yVal") for one in series]
    numbers = sorted(set(first).union(*values))
    head: list[Cell] = ["", *(" ".join(_points(one, "tx").values()) for one in series)]
    return [head, *([first.get(n, ""), *(points.get(n, "") for points in values)] for n in numbers)]


def _points(series: ElementTree.Element, name: str) -> dict[int, str]:
    holder = next((one for one in series if local(one) == name), None)
    return {
        int(said(point, "idx", "0")): squeezed(next((one.text or "" for one in point if local(one) == "v"), ""))
        for point in every(holder, "pt")
    }


# OpenDocument texts and presentations


def read_odf(path: Path) -> Iterator[Grid]:
    root = ElementTree.fromstring(zipfile.ZipFile(path).read("content.xml"))
    inside = {table for cell in every(root, "table-cell") for table in every(cell, "table")}
    for table in every(root, "table"):
        lines = []
        nested = {inner for one in every(table, "table") if one is not table for inner in one.iter()}
        for row in (one for one in every(table, "table-row") if one not in nested):
            line = []
            for cell in (one for one in row if local(one) == "table-cell"):
                text = squeezed("\n".join("".join(_open_text(one)) for one in every(cell, "p")))
                spans = int(said(cell, "number-rows-spanned", "1")), int(said(cell, "number-columns-spanned", "1"))
                line += [Span(text, *spans)] * int(said(cell, "number-columns-repeated", "1"))
            lines.append(line)
        yield Grid(said(table, "name"), laid_out(lines), sheet=False, layout="inside a cell" if table in inside else "")


def _open_text(element: ElementTree.Element) -> Iterator[str]:
    """Not what a picture is called (`svg:title`, `svg:desc`)."""
    yield element.text or ""
    for inner in element:
        if local(inner) not in ("title", "desc", "annotation"):
            yield " " if local(inner) in ("s", "tab", "line-break") else ""
            yield from _open_text(inner)
        yield inner.tail or ""


# HTML


class _Tables(HTMLParser):
    """Tables of a page, those inside others too. Ends of rows and cells may be left out."""

    _VOID = frozenset(("br", "img", "input", "hr", "meta", "link", "col", "wbr", "source", "area", "base", "track"))
    _UNSEEN = frozenset(("script", "style", "template", "noscript", "svg", "nav", "iframe", "object", "head"))
    _MAKES_LAYOUT = frozenset(("h1", "h2", "h3", "form", "pre", "table"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.done: list[tuple[list[list[Span]], str]] = []
        self._open: list[dict[str, object]] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if self._hidden:
            self._hidden += [tag] if tag == self._hidden[0] else []
            return
        unseen = "hidden" in said or re.search(
            r"display\s*:\s*none|visibility\s*:\s*hidden", said.get("style") or "", re.I
        )
        if tag not in self._VOID and (unseen or tag in self._UNSEEN or said.get("role") == "navigation"):
            self._hidden = [tag]
            return
        table = self._open[-1] if self._open else None
        if table is not None and table["cell"] is not None:
            if tag in self._MAKES_LAYOUT:
                table["layout"] = f"has {tag} in a cell"
            table["cell"].append(" " if tag not in ("b", "i", "a", "span", "sub", "sup", "em", "strong") else "")
        if tag == "table":
            marked = "said to be layout" if said.get("role") in ("presentation", "none") else ""
            self._open.append({"rows": [], "in_row": False, "cell": None, "spans": (1, 1), "layout": marked})
        elif tag == "tr" and table is not None:
            self._close_cell(table)
            table["rows"].append([])
            table["in_row"] = True
        elif tag in ("td", "th") and table is not None:
            self._close_cell(table)
            table["cell"], table["spans"] = [], (_span(said.get("rowspan")), _span(said.get("colspan")))

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            self._hidden = self._hidden[:-1] if tag == self._hidden[0] else self._hidden
        elif tag in ("td", "th", "tr", "thead", "tbody", "tfoot") and self._open:
            self._close_cell(self._open[-1])
            self._open[-1]["in_row"] = self._open[-1]["in_row"] and tag in ("td", "th")
        elif tag == "table" and self._open:
            table = self._open.pop()
            self._close_cell(table)
            self.done.append((table["rows"], table["layout"]))

    def handle_data(self, data: str) -> None:
        if not self._hidden and self._open and self._open[-1]["cell"] is not None:
            self._open[-1]["cell"].append(data)

    def _close_cell(self, table: dict[str, object]) -> None:
        if table["cell"] is not None:
            if not table["in_row"]:  # a cell after the end of a row begins another
                table["rows"].append([])
                table["in_row"] = True
            table["rows"][-1].append(Span(squeezed("".join(table["cell"])), *table["spans"]))
            table["cell"] = None


def _span(written: str | None) -> int:
    return max(int(written), 1) if written and written.strip().isdecimal() else 1


def read_html(path: Path) -> Iterator[Grid]:
    reader = _Tables()
    reader.feed(path.read_bytes().decode("utf-8", "replace"))
    reader.close()
    for number, (rows, layout) in enumerate(reader.done):
        yield Grid(f"table {number + 1}", laid_out(rows), sheet=False, layout=layout)


# Markdown


def read_markdown(path: Path) -> Iterator[Grid]:
    from markdown_it import MarkdownIt

    grid: list[list[Cell]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(path.read_text("utf-8")):
        if token.type == "table_open":
            grid = []
        elif token.type == "tr_open":
            grid.append([])
        elif token.type == "inline" and token.level >= 4 and grid:
            grid[-1].append(squeezed(token.content))
        elif token.type == "table_close":
            yield Grid(f"line {(token.map or [0])[0]}", grid, sheet=False)
            grid = []
