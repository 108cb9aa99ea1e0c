"""From bytes to a document: detect the format, call its parser, name the outcome."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import PurePosixPath

from gezhi.parse.builder import Builder, TextFull
from gezhi.parse.detect import MEDIA_TYPES, detect
from gezhi.parse.material import Material
from gezhi.parse.outcomes import Refused, refusal
from gezhi.parse.protocol import Limits, ParseOptions
from gezhi.types import Document, Outcome, Parsed, Status, document_id

PARSER_VERSION = "2"
"""Goes up whenever the same bytes would give another text or other blocks."""

_PARSERS = {
    "text": "gezhi.parse.formats.text",
    "markdown": "gezhi.parse.formats.markdown",
    "html": "gezhi.parse.formats.html",
    "xml": "gezhi.parse.formats.xml",
    "json": "gezhi.parse.formats.json_lines",
    "jsonl": "gezhi.parse.formats.json_lines",
    "csv": "gezhi.parse.formats.delimited",
    "tsv": "gezhi.parse.formats.delimited",
    "sqlite": "gezhi.parse.formats.sqlite",
    "epub": "gezhi.parse.formats.epub",
    "email": "gezhi.parse.formats.email",
    "sheets": "gezhi.parse.office.sheets",
    "docx": "gezhi.parse.office.docx",
    "pptx": "gezhi.parse.office.pptx",
    "odf": "gezhi.parse.office.odf",
    "pdf": "gezhi.parse.pdf.document",
    "image": "gezhi.parse.pdf.image",
}


def parse_bytes(data: bytes, source: str, limits: Limits | None = None, options: ParseOptions | None = None) -> Parsed:
    """Parse a file in this process. Never raises for what a file contains; memory and time are not limited here
    (`ParserPool` does that)."""
    limits = limits or Limits()
    options = options or ParseOptions()
    if len(data) > limits.file_bytes:
        return refusal("too_large", size=len(data), limit=limits.file_bytes)
    builder = Builder(limits.text_characters)
    try:
        kind, decoded = detect(data, source)
        material = Material(data=data, decoded=decoded, source=source, limits=limits, options=options, kind=kind)
        builder = _fill(material)
    except Refused as refused:
        return refusal(refused.code, **refused.values)
    except MemoryError:
        return refusal("memory_limit", limit=limits.memory_bytes // (1024 * 1024))
    except RecursionError:
        return refusal("damaged", detail="its parts are nested too deeply")
    except Exception as error:  # noqa: BLE001 - libraries raise anything on hostile input; the outcome names it
        return refusal("damaged", detail=f"{type(error).__name__} while reading it")
    return _parsed(material, builder)


def _fill(material: Material) -> Builder:
    builder = Builder(material.limits.text_characters)
    parse: Callable[[Material, Builder], None] = import_module(_PARSERS[material.kind]).parse
    try:
        parse(material, builder)
    except TextFull:
        builder.warn("truncated_text", limit=material.limits.text_characters)
    decoded = material.decoded
    if decoded is not None and decoded.replaced:
        builder.warn("replaced_characters", count=decoded.replaced, encoding=decoded.encoding.upper())
    return builder


def _parsed(material: Material, builder: Builder) -> Parsed:
    if not builder.text.strip() or not builder.blocks:
        return refusal("no_text")
    outcome = Outcome(status=Status.STORED)
    if builder.warnings:
        said = " ".join(text for _, text in builder.warnings)
        outcome = Outcome(status=Status.WARNED, code=builder.warnings[0][0], message=said)
    stem = PurePosixPath(material.source.replace("\\", "/")).stem or material.source
    document = Document(
        id=document_id(material.data),
        source=material.source,
        title=" ".join(builder.title.split())[:300] or stem,
        media_type=MEDIA_TYPES[material.kind],
        text=builder.text,
        blocks=builder.blocks,
        page_count=builder.page_count,
        metadata=builder.metadata,
    )
    return Parsed(outcome=outcome, document=document)
