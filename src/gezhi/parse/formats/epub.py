"""EPUB: the pages of the book in the order of its spine."""

from __future__ import annotations

import posixpath
import re
import zipfile
from typing import Any
from urllib.parse import unquote

from gezhi.parse.archive import check_zip, open_zip, read_part
from gezhi.parse.builder import Builder
from gezhi.parse.encoding import decode
from gezhi.parse.formats.html import add_html
from gezhi.parse.formats.xml import local, safe_parser
from gezhi.parse.material import Material
from gezhi.parse.outcomes import Refused

_FACTS = {
    "creator": "author",
    "date": "created",
    "subject": "subject",
    "publisher": "publisher",
    "language": "language",
}
_FONT_OBFUSCATION = re.compile(rb"idpf\.org/2008/embedding|ns\.adobe\.com/pdf/enc#RC")


def parse(material: Material, builder: Builder) -> None:
    check_zip(material.data, material.limits, doctypes=True)
    with open_zip(material.data) as archive:
        encryption = read_part(archive, "META-INF/encryption.xml") or b""
        if b"EncryptionMethod" in encryption and not _FONT_OBFUSCATION.search(encryption):
            raise Refused("encrypted")
        package_path = _package_path(archive)
        package = _xml(archive, package_path)
        _describe(package, builder)
        missing = 0
        for path in _spine(package, posixpath.dirname(package_path)):
            page = read_part(archive, path)
            decoded = decode(page) if page else None
            if decoded is None:
                missing += 1
                continue
            add_html(decoded.text, builder)
        if missing:
            builder.warn("parts_damaged", detail=f"{missing} pages of the book are missing or unreadable")


def _package_path(archive: zipfile.ZipFile) -> str:
    container = _xml(archive, "META-INF/container.xml")
    for element in container.iter():
        if local(element) == "rootfile" and element.get("full-path"):
            return str(element.get("full-path"))
    raise Refused("damaged", detail="the book does not say where its content is")


def _xml(archive: zipfile.ZipFile, path: str) -> Any:
    from lxml import etree

    data = read_part(archive, path)
    if data is None:
        raise Refused("damaged", detail=f"the part {path!r} is missing")
    root = etree.fromstring(data, safe_parser(recover=True))
    if root is None:
        raise Refused("damaged", detail=f"the part {path!r} is not XML")
    return root


def _describe(package: Any, builder: Builder) -> None:
    for element in package.iter():
        name = local(element)
        if name == "title" and not builder.title:
            builder.title = (element.text or "").strip()
        elif name in _FACTS:
            builder.describe(_FACTS[name], element.text)


def _spine(package: Any, folder: str) -> list[str]:
    items: dict[str, str] = {}
    order: list[str] = []
    for element in package.iter():
        name = local(element)
        if name == "item":
            path = posixpath.normpath(posixpath.join(folder, unquote(element.get("href") or "")))
            items[element.get("id") or ""] = path.partition("#")[0]
        elif name == "itemref":
            order.append(element.get("idref") or "")
    return [items[name] for name in order if name in items]
