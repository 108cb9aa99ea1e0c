"""Other XML: the text of its elements, a paragraph each; nothing outside the file is ever loaded."""

from __future__ import annotations

import re
from typing import Any

from gezhi.parse.archive import refuse_entities
from gezhi.parse.builder import Builder
from gezhi.parse.formats.html import add_html
from gezhi.parse.formats.text import add_text
from gezhi.parse.material import Material

_INLINE = frozenset({
    "a", "b", "i", "u", "em", "strong", "span", "sub", "sup", "code", "tt", "small", "font", "ref", "xref",
    "figref", "claim-ref", "emph", "italic", "bold",
})  # fmt: skip
_ROWS = frozenset({"row", "tr"})
_SPACES = re.compile(r"\s+")


def safe_parser(*, recover: bool = False) -> Any:
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip


def local(element: Any) -> str:
    """The name of an element without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def parse(material: Material, builder: Builder) -> None:
    from lxml import etree

    text = material.text
    refuse_entities(text.encode("utf-8", "replace"), doctypes=True)
    body = re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)
    try:
        root = etree.fromstring(body.encode("utf-8", "replace"), safe_parser())
    except etree.XMLSyntaxError as error:
        builder.warn("not_valid", format="XML", detail=str(error)[:120])
        _salvage(text, builder)
        return
    if local(root).lower() == "html":
        add_html(text, builder, head=True)
        return
    _Reader(builder).read(root)


def _salvage(text: str, builder: Builder) -> None:
    """Broken XML, or several documents in one file: the reader of web pages forgives everything."""
    plain = Builder(len(text) + 1)
    add_html(text, plain)
    if plain.text:
        for block in plain.blocks:
            builder.paragraph(plain.text[block.start : block.end])
    else:
        add_text(builder.verbatim(text), builder)


class _Reader:
    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._inline: list[str] = []

    def read(self, root: Any) -> None:
        from lxml import etree

        row_depth = 0
        for event, element in etree.iterwalk(root, events=("start", "end")):
            name = local(element).lower()
            breaks = name not in _INLINE and not row_depth
            if event == "start":
                if breaks:
                    self._flush(name)
                row_depth += name in _ROWS
                self._inline.append(element.text or "")
                continue
            if name in _ROWS:
                row_depth -= 1
                breaks = not row_depth
            if breaks:
                self._flush(name)
            elif row_depth:
                self._inline.append(" ")
            self._inline.append(element.tail or "")

    def _flush(self, name: str) -> None:
        text = _SPACES.sub(" ", "".join(self._inline)).strip()
        self._inline.clear()
        if not text:
            return
        if name.endswith(("title", "heading")) and len(text) < 300:
            self._builder.title = self._builder.title or text
            self._builder.heading(text, 1 if name.endswith("title") else 2)
        else:
            self._builder.paragraph(text)
