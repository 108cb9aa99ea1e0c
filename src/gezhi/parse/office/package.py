"""Office Open XML packages: parts, their relations, and what the file says of itself.

Elements are met by their local names, so that strict and transitional files read alike."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from gezhi.parse.archive import read_part
from gezhi.parse.builder import Builder
from gezhi.parse.formats.xml import local, safe_parser
from gezhi.parse.outcomes import Refused

_FACTS = {"creator": "author", "created": "created", "subject": "subject", "keywords": "keywords"}


class Package:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def main_part(self) -> str:
        """The part that holds the document itself."""
        for kind, target in self.relations(""):
            if kind == "officeDocument":
                return target
        raise Refused("damaged", detail="the file does not say where its content is")

    def xml(self, path: str) -> Any | None:
        """A part's root element; None where the part is missing. Raises Refused where it is broken."""
        from lxml import etree

        data = read_part(self._archive, path)
        if data is None:
            return None
        try:
            return etree.fromstring(data, safe_parser())
        except etree.XMLSyntaxError:
            root = etree.fromstring(data, safe_parser(recover=True))
            if root is None:
                raise Refused("damaged", detail=f"the part {path!r} is not XML") from None
            return root

    def relations(self, path: str) -> list[tuple[str, str]]:
        """(kind, path of the target) of each relation of a part, external ones left out."""
        return [(kind, target) for _, kind, target in self._relations(path)]

    def targets(self, path: str) -> dict[str, str]:
        """Paths by relation id."""
        return {key: target for key, _, target in self._relations(path)}

    def related(self, path: str, kind: str) -> Any | None:
        """Root of the first part that is related so."""
        for found, target in self.relations(path):
            if found == kind:
                return self.xml(target)
        return None

    def _relations(self, path: str) -> Iterator[tuple[str, str, str]]:
        folder, name = posixpath.split(path)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        for element in root if root is not None else ():
            target = element.get("Target")
            if not target or element.get("TargetMode") == "External":
                continue
            full = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            kind = (element.get("Type") or "").rpartition("/")[2]
            yield element.get("Id") or "", kind, unquote(posixpath.normpath(full))

    def describe(self, builder: Builder) -> str:
        """Keep author and dates; return the title the file gives itself."""
        title = ""
        root = self.related("", "core-properties")
        for element in root if root is not None else ():
            name = local(element)
            if name == "title":
                title = (element.text or "").strip()
            elif name in _FACTS:
                builder.describe(_FACTS[name], element.text)
        return title


def attribute(element: Any, name: str, default: str = "") -> str:
    """An attribute by its local name, whatever its namespace."""
    for key, value in element.attrib.items():
        if key == name or key.endswith("}" + name):
            return str(value)
    return default


def child(element: Any, *path: str) -> Any | None:
    """The first descendant along a path of local names."""
    for name in path:
        for inner in element:
            if local(inner) == name:
                element = inner
                break
        else:
            return None
    return element


def value_of(element: Any, *path: str) -> str | None:
    """The `val` attribute at the end of a path; None where the element is missing."""
    found = child(element, *path)
    return attribute(found, "val") if found is not None else None
