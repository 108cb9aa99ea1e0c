"""Which format a file has: its content decides, its name only where content leaves it open."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from gezhi.parse.archive import open_zip, read_part
from gezhi.parse.encoding import Decoded, decode
from gezhi.parse.outcomes import Refused

MEDIA_TYPES = {
    "text": "text/plain",
    "markdown": "text/markdown",
    "html": "text/html",
    "xml": "application/xml",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "sqlite": "application/vnd.sqlite3",
    "sheets": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odf": "application/vnd.oasis.opendocument.text",
    "pdf": "application/pdf",
    "epub": "application/epub+zip",
    "email": "message/rfc822",
    "image": "image/*",
}
_BY_EXTENSION = {
    ".md": "markdown", ".markdown": "markdown", ".mdx": "markdown", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "tsv", ".tab": "tsv",
    ".eml": "email", ".mht": "email", ".mhtml": "email", ".xml": "xml", ".txt": "text", ".text": "text", ".log": "text",
    ".rst": "text",
}  # fmt: skip
_BINARY_EXTENSIONS = {
    ".pdf", ".docx", ".docm", ".dotx", ".pptx", ".pptm", ".ppsx", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".odt",
    ".odp", ".epub", ".sqlite", ".sqlite3", ".db",
}  # fmt: skip
IMAGE_EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"})
SUPPORTED_EXTENSIONS = frozenset(_BY_EXTENSION) | _BINARY_EXTENSIONS
"""What we read without extras, in lower case with the dot. Images need OCR; other text files are read as text."""

_SAVE_AS = {
    "doc": "This is an old Word file (.doc). Save it as .docx.",
    "ppt": "This is an old PowerPoint file (.ppt). Save it as .pptx.",
    "msg": "This is an Outlook message (.msg). Save it as .eml.",
    "pages": "This is an Apple iWork file. Export it as PDF or .docx.",
    "rtf": "This is a rich text file (.rtf). Save it as .docx.",
    "archive": "This is an archive. Unpack it and add the files.",
    "media": "This is an audio or video file. Give its transcript as text.",
    "ole": "This is an old Office file of a kind that is not read. Save it as .docx, .xlsx, .pptx or PDF.",
    "zip": "This is a zip archive, not a document. Unpack it and add the files.",
}
_SIGNATURES = (
    (b"{\\rtf", "rtf"), (b"7z\xbc\xaf\x27\x1c", "archive"), (b"Rar!\x1a\x07", "archive"), (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"), (b"\xfd7zXZ\x00", "archive"), (b"\x28\xb5\x2f\xfd", "archive"), (b"ID3", "media"),
    (b"OggS", "media"), (b"RIFF", "media"), (b"fLaC", "media"), (b"\x1aE\xdf\xa3", "media"),
)  # fmt: skip
_IMAGES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"GIF8", b"BM")
_MAIL_HEADER = re.compile(
    r"(?:From |(?:Return-Path|Received|Delivered-To|From|To|Subject|Date|Message-ID|MIME-Version|X-[\w-]+):)", re.I
)
_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_XML = re.compile(r"\s*<(?:\?xml\b|!DOCTYPE\b(?!\s+html))", re.I)
_TAG = re.compile(r"<(?:p|div|table|h[1-6]|ul|ol|br|span|a|body|title|pre)\b[^>]*>", re.I)


def extension_of(source: str) -> str:
    return PurePosixPath(source.replace("\\", "/")).suffix.lower()


def detect(data: bytes, source: str) -> tuple[str, Decoded | None]:
    """Return the format, and the text where it is a text format. Raises Refused for what we cannot read."""
    if not data:
        raise Refused("empty_file")
    if data.startswith(b"%PDF-"):
        return "pdf", None
    if data.startswith(b"SQLite format 3\x00"):
        return "sqlite", None
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_format(data), None
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_format(data), None
    if b"%PDF-" in data[:1024]:
        return "pdf", None
    if data.startswith(_IMAGES[:4]) or (data.startswith(_IMAGES[4:]) and extension_of(source) in {".gif", ".bmp"}):
        return "image", None
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image", None
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            raise Refused("unsupported_format", detail=_SAVE_AS[kind])
    if data[4:8] == b"ftyp":
        raise Refused("unsupported_format", detail=_SAVE_AS["media"])
    return _text_format(data, source)


def _zip_format(data: bytes) -> str:
    with open_zip(data) as archive:
        names = set(archive.namelist())
        mimetype = (read_part(archive, "mimetype") or b"")[:100].decode("ascii", "replace").strip()
    for part, kind in (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "sheets")):
        if "[Content_Types].xml" in names and any(name.startswith(part) for name in names):
            return kind
    if mimetype == "application/epub+zip" or "META-INF/container.xml" in names:
        return "epub"
    if mimetype.startswith("application/vnd.oasis.opendocument"):
        return "sheets" if "spreadsheet" in mimetype else "odf"
    if any(name.startswith("Index/") or name in ("index.xml", "index.xml.gz", "Index.zip") for name in names):
        raise Refused("unsupported_format", detail=_SAVE_AS["pages"])
    raise Refused("unsupported_format", detail=_SAVE_AS["zip"])


def _ole_format(data: bytes) -> str:
    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if has("EncryptedPackage"):
        raise Refused("encrypted")
    if has("__properties_version1.0") or has("__nameid_version1.0"):
        raise Refused("unsupported_format", detail=_SAVE_AS["msg"])
    if has("PowerPoint Document"):
        raise Refused("unsupported_format", detail=_SAVE_AS["ppt"])
    if has("WordDocument"):
        raise Refused("unsupported_format", detail=_SAVE_AS["doc"])
    if has("Workbook") or has("Book"):
        return "sheets"
    raise Refused("unsupported_format", detail=_SAVE_AS["ole"])


def _text_format(data: bytes, source: str) -> tuple[str, Decoded]:
    label = ""
    head = data[:2048]
    if declared := re.search(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", head, re.I):
        label = declared.group(1).decode("ascii", "replace")
    decoded = decode(data, label)
    if decoded is None:
        raise Refused(
            "unsupported_format",
            detail="This is no document format that is read, and no text. Export it as PDF, .docx or .txt.",
        )
    return _text_kind(decoded.text, extension_of(source)), decoded


def _text_kind(text: str, extension: str) -> str:
    named = _BY_EXTENSION.get(extension, "")
    head = text[:4096]
    if named in ("csv", "tsv", "markdown"):
        return named
    if _HTML.match(head):
        return "html"
    if _XML.match(head):
        return "html" if re.search(r"<html\b", head, re.I) else "xml"
    if named in ("json", "jsonl", "email", "xml"):
        return named
    if named == "html":
        return "html" if _TAG.search(text[:100_000]) else "text"
    if _is_mail(head):
        return "email"
    if head.lstrip()[:1] in ("{", "[") and text.rstrip()[-1:] in ("}", "]"):
        return "json"
    return "text"


def _is_mail(head: str) -> bool:
    """At least three header lines of a mail before the first blank line, and nothing else there."""
    lines = head.replace("\r\n", "\n").split("\n\n", 1)[0].split("\n")
    fields = [line for line in lines if line and line[0] not in " \t"]
    known = sum(1 for line in fields if _MAIL_HEADER.match(line))
    return known >= 3 and all(re.match(r"[\w-]+:|From ", line) for line in fields)
