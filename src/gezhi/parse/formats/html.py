"""HTML: headings, paragraphs, lists, code and tables as a reader sees them; scripts, menus and hidden parts dropped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from gezhi.parse.builder import Builder, clean
from gezhi.parse.formats.grid import Cell, expand
from gezhi.parse.material import Material

_DROPPED = frozenset({
    "script", "style", "nav", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "head",
    "dialog", "datalist", "audio", "video", "map",
})  # fmt: skip
_BLOCK = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu",
    "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption",
    "option", "h1", "h2", "h3", "h4", "h5", "h6",
})  # fmt: skip
_SELF_CLOSING = frozenset({
    "area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "param", "p", "li",
    "td", "th", "tr", "dt", "dd", "option", "tbody", "thead", "tfoot", "colgroup", "rt", "rp",
})  # fmt: skip
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,30})[^>]*>")
_DEEPEST = 6000
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_LAID_OUT = "td table, th table, td h1, td h2, td h3, td form, td pre"
_SPACES = re.compile(r"[ \t\r\n\f\u200b]+")
_AROUND_BREAK = re.compile(r" *\n *")
_META = {
    "author": "author", "dc.creator": "author", "description": "subject", "keywords": "keywords",
    "date": "created", "dc.date": "created", "article:published_time": "created",
}  # fmt: skip


def parse(material: Material, builder: Builder) -> None:
    add_html(material.text, builder, head=True)


def add_html(text: str, builder: Builder, *, head: bool = False, page: int | None = None) -> None:
    """Append a page's blocks. With `head`, its title and meta tags describe the document."""
    from selectolax.lexbor import LexborHTMLParser

    if _is_deep(text):
        builder.warn("not_valid", format="HTML", detail="nested too deeply")
        for paragraph in re.split(r"\n\s*\n", html.unescape(_ANY_TAG.sub("\n", text))):
            builder.paragraph(paragraph, page=page)
        return
    tree = LexborHTMLParser(text)
    if head:
        _describe(tree, builder)
    root = tree.body or tree.root
    if root is not None:
        _Reader(builder, page, prefer_first_heading=head).read(root)


def _is_deep(text: str) -> bool:
    """Whether elements are nested so deeply that parsing takes time in the square of the depth."""
    depth = deepest = 0
    for match in _ANY_TAG.finditer(text):
        closing, name = match.groups()
        if name.lower() not in _SELF_CLOSING:
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
    return deepest > _DEEPEST


def _describe(tree: Any, builder: Builder) -> None:
    title = tree.css_first("title")
    if title is not None:
        builder.title = clean(title.text()).strip()
    for meta in tree.css("meta"):
        attributes = meta.attributes
        name = (attributes.get("name") or attributes.get("property") or "").lower()
        if name in _META:
            builder.describe(_META[name], attributes.get("content"))


def walk(root: Any) -> Iterator[tuple[Any, bool]]:
    """Nodes below and with the root: (node, True) on entering, (node, False) on leaving. Depth costs no stack.

    The caller may send `False` to skip the children of the node just entered."""
    node, entering = root, True
    while True:
        descend = True
        if entering:
            descend = (yield node, True) is not False
            child = node.child if descend else None
            if child is not None:
                node = child
                continue
        yield node, False
        if node.mem_id == root.mem_id:
            return
        if node.next is not None:
            node, entering = node.next, True
        else:
            node, entering = node.parent, False


class _Reader:
    """Walks the tree once; inline text gathers until a block element begins or ends."""

    def __init__(self, builder: Builder, page: int | None, *, prefer_first_heading: bool) -> None:
        self._builder = builder
        self._page = page
        self._inline: list[str] = []
        self._items: list[str] = []
        self._lists: list[int | None] = []
        self._pre = 0
        self._heading = 0
        self._title_open = prefer_first_heading

    def read(self, root: Any) -> None:
        steps = walk(root)
        step = next(steps, None)
        while step is not None:
            node, entering = step
            descend = self._enter(node) if entering else self._leave(node)
            try:
                step = steps.send(descend) if entering else next(steps)  # type: ignore[attr-defined]
            except StopIteration:
                step = None
        self._flush()

    def _enter(self, node: Any) -> bool:
        tag = node.tag or "-unknown"
        if tag == "-text":
            text = node.text_content or ""
            self._inline.append(text if self._pre else _SPACES.sub(" ", text))
            return True
        if tag.startswith(("-", "!")) or _is_hidden(node, tag):
            return False
        if tag == "br":
            self._inline.append("\n")
        if tag not in _BLOCK:
            if tag in ("input", "textarea") and (value := node.attributes.get("value")):
                self._inline.append(f" {value} ")
            return True
        if tag == "table" and not _is_layout(node):
            self._flush()
            self._table(node)
            return False
        self._flush()
        if tag == "pre":
            self._pre += 1
        elif tag in _HEADINGS:
            self._heading = _HEADINGS[tag]
        elif tag in ("ul", "menu"):
            self._lists.append(None)
        elif tag == "ol":
            start = node.attributes.get("start") or "1"
            self._lists.append(int(start) if re.fullmatch(r"-?\d{1,9}", start) else 1)
        elif tag == "li":
            self._items.append(self._marker())
        elif tag == "dd":
            self._items.append("")
        return True

    def _marker(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return "- "
        number = self._lists[-1]
        self._lists[-1] = number + 1
        return f"{number}. "

    def _leave(self, node: Any) -> bool:
        tag = node.tag
        if tag not in _BLOCK:
            return True
        self._flush()
        if tag == "pre":
            self._pre = max(0, self._pre - 1)
        elif tag in _HEADINGS:
            self._heading = 0
        elif tag in ("ul", "ol", "menu") and self._lists:
            self._lists.pop()
        elif tag in ("li", "dd") and self._items:
            self._items.pop()
        return True

    def _flush(self) -> None:
        if not self._inline:
            return
        text = "".join(self._inline)
        self._inline.clear()
        if self._pre:
            self._builder.code(text, page=self._page)
            return
        text = _AROUND_BREAK.sub("\n", re.sub(" {2,}", " ", text)).strip()
        if not text:
            return
        if self._heading:
            if self._title_open and (self._heading == 1 or not self._builder.title):
                self._builder.title = self._builder.title or text
                self._title_open = False
            self._builder.heading(text, self._heading, page=self._page)
        elif self._items:
            marker = self._items[-1]
            # Only the first paragraph of an item carries the marker.
            self._items[-1] = ""
            self._builder.list_item(marker + text, depth=max(0, len(self._lists) - 1), page=self._page)
        else:
            self._builder.paragraph(text, page=self._page)

    def _table(self, table: Any) -> None:
        name, rows, headers = _rows_of(table)
        grid = expand(rows)
        if not grid:
            return
        if max(len(row) for row in grid) < 2:
            for row in grid:
                self._builder.paragraph(" ".join(row), page=self._page)
            return
        header: list[str] = []
        if headers:
            header, grid = grid[0], grid[1:]
        self._builder.table(header, grid, name=name, page=self._page)


def _is_hidden(node: Any, tag: str) -> bool:
    if tag in _DROPPED:
        return True
    attributes = node.attributes
    if not attributes:
        return False
    return (
        "hidden" in attributes
        or bool(_HIDDEN.search(attributes.get("style") or ""))
        or (attributes.get("role") == "navigation")
    )


def _is_layout(table: Any) -> bool:
    """Tables that only place things: nested tables, headings inside, or said to be so."""
    if (table.attributes.get("role") or "") in ("presentation", "none"):
        return True
    # Asked of its parts: a table inside another's cell would find itself.
    return any(part.tag != "caption" and part.css_first(_LAID_OUT) is not None for part in table.iter())


def _rows_of(table: Any) -> tuple[str, list[list[Cell]], bool]:
    """Caption, rows of cells, and whether the first row is a header."""
    name = ""
    rows: list[list[Cell]] = []
    first_is_header = False
    cell: list[str] | None = None
    spans, all_heads, in_head = (1, 1), True, False
    steps = walk(table)
    step = next(steps, None)
    while step is not None:
        node, entering = step
        tag, descend = node.tag or "-unknown", True
        if entering and tag == "-text":
            if cell is not None:
                cell.append(node.text_content or "")
        elif entering and (tag.startswith("-") or (node.mem_id != table.mem_id and _is_hidden(node, tag))):
            descend = False
        elif tag == "thead":
            in_head = entering
        elif tag == "caption" and entering:
            name = _SPACES.sub(" ", node.text(separator=" ")).strip()
            descend = False
        elif tag == "tr":
            if entering:
                rows.append([])
                all_heads = True
            elif len(rows) == 1 and rows[0]:
                first_is_header = in_head or all_heads
        elif tag in ("td", "th") and entering:
            attributes = node.attributes
            spans = (_span(attributes.get("rowspan"), 500), _span(attributes.get("colspan"), 100))
            cell = []
            all_heads = all_heads and tag == "th"
        elif tag in ("td", "th") and cell is not None:
            if rows:
                rows[-1].append(Cell(text=_SPACES.sub(" ", "".join(cell)).strip(), rows=spans[0], columns=spans[1]))
            cell = None
        elif cell is not None and (tag in _BLOCK or tag == "br"):
            cell.append(" ")
        try:
            step = steps.send(descend) if entering else next(steps)  # type: ignore[attr-defined]
        except StopIteration:
            step = None
    return name, rows, first_is_header


def _span(value: str | None, most: int) -> int:
    return min(max(int(value), 1), most) if value and re.fullmatch(r"\d{1,6}", value.strip()) else 1
