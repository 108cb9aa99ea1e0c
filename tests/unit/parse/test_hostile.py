"""Files that mean harm, or are merely broken: a named refusal each, in little time and memory."""

from __future__ import annotations

import io
import zipfile

import pytest

from gezhi.parse import Limits, parse_bytes
from gezhi.types import Status

from . import samples
from .checks import check, check_outcome

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;">]><lolz>&lol3;</lolz>"""


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """A zip container with one part replaced or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry.filename, old.read(entry))
        new.writestr(name, content)
    return buffer.getvalue()


def code(data: bytes, name: str, limits: Limits | None = None) -> str:
    parsed = parse_bytes(data, name, limits)
    check_outcome(parsed)
    return parsed.outcome.code


@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.docx", "a"])
def test_empty(name: str) -> None:
    assert code(b"", name) == "empty_file"


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.txt", b" \n\t\n"), ("a.html", b"<html><body><script>x</script></body></html>"), ("a.json", b"{}"),
     ("a.csv", b",,\n,,\n"), ("a.md", b"---\ntitle: x\n---\n"), ("a.xml", b"<a><b/></a>")],
)  # fmt: skip
def test_nothing_is_silently_empty(name: str, data: bytes) -> None:
    assert code(data, name) == "no_text"


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.epub", "a.odt"])
def test_zip_bomb(name: str) -> None:
    bomb = with_part(samples.every()[name], "word/media/zeros.bin", bytes(30_000_000))
    assert len(bomb) < 500_000
    assert code(bomb, name, Limits(decompressed_bytes=20_000_000)) == "decompressed_too_large"


def test_zip_that_lies_about_sizes() -> None:
    data = bytearray(with_part(samples.docx(), "word/media/zeros.bin", bytes(5_000_000)))
    # Both headers of the entry claim 10 bytes; what comes out decides.
    size = (5_000_000).to_bytes(4, "little")
    at = data.find(size)
    while at >= 0:
        data[at : at + 4] = (10).to_bytes(4, "little")
        at = data.find(size, at)
    parsed = parse_bytes(bytes(data), "a.docx", Limits(decompressed_bytes=1_000_000))
    check_outcome(parsed)


@pytest.mark.parametrize(
    ("name", "part"),
    [("a.docx", "word/document.xml"), ("a.docx", "customXml/item1.xml"), ("a.xlsx", "xl/workbook.xml"),
     ("a.pptx", "ppt/presentation.xml"), ("a.odt", "content.xml"), ("a.epub", "OPS/book.opf")],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_office_files(name: str, part: str, encoding: str) -> None:
    bomb = with_part(samples.every()[name], part, LAUGHS.decode().encode(encoding))
    assert code(bomb, name) == "entity_declarations"


def test_entities_in_xml() -> None:
    assert code(LAUGHS, "a.xml") == "entity_declarations"
    outside = b'<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r>&e;</r>'
    assert code(outside, "a.xml") == "entity_declarations"


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.epub", "a.odt", "a.pdf"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_cut_off(name: str, share: float) -> None:
    data = samples.every()[name]
    data = data[: max(8, int(len(data) * share))]
    parsed = parse_bytes(data, name)
    check_outcome(parsed)
    if parsed.document is not None:
        check(parsed.document, data)
        assert parsed.outcome.status is Status.WARNED


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.epub", "a.odt", "a.pdf", "a.eml"])
def test_flipped_bytes(name: str) -> None:
    good = samples.every()[name]
    for at in range(0, len(good), max(1, len(good) // 40)):
        data = good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :]
        parsed = parse_bytes(data, name)
        check_outcome(parsed)
        if parsed.document is not None:
            check(parsed.document, data)


def test_deep_nesting() -> None:
    deep = 100_000
    assert code(b"[" * deep + b"]" * deep, "a.json") == "not_valid"
    assert code(b'{"a":' * 900 + b"1" + b"}" * 900, "a.json") in ("ok", "not_valid")
    assert code(b"<div>" * deep + b"words" + b"</div>" * deep, "a.html") == "not_valid"
    assert code(b"<div>" * 2000 + b"words" + b"</div>" * 2000, "a.html") == "ok"
    assert code(b"<ul><li>" * 5000 + b"words", "a.html") == "ok"
    assert code(b"<table><tr><td>" * 3000 + b"words", "a.html") == "ok"
    assert code(b"<a>" * 5000 + b"words" + b"</a>" * 5000, "a.xml") in ("ok", "not_valid")
    assert code(b"> " * deep + b"words", "a.md") == "ok"


def test_deep_docx() -> None:
    deep = b"<w:sdt><w:sdtContent>" * 3000
    body = (
        b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>' + deep
        + b"<w:p><w:r><w:t>words</w:t></w:r></w:p>" + b"</w:sdtContent></w:sdt>" * 3000 + b"</w:body></w:document>"
    )  # fmt: skip
    assert code(with_part(samples.docx(), "word/document.xml", body), "a.docx") in ("ok", "damaged", "no_text")


def test_huge_csv_field_and_nuls() -> None:
    assert code(b'a,b\n"' + b"x" * 3_000_000 + b'",2\n', "a.csv") == "ok"
    assert code(b'a,b\n"never closed,1\n2,3\n', "a.csv") == "ok"
    parsed = parse_bytes(b"a\x00b,c\n1,2\n" * 3, "a.csv")
    check_outcome(parsed)


def test_html_spans_are_bounded() -> None:
    page = b"<table><tr><td rowspan=999999 colspan=999999>x</td><td>y</td></tr></table>"
    assert code(page, "a.html") == "ok"


@pytest.mark.parametrize(
    ("head", "hint"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "Save it as .docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "PowerPoint Document".encode("utf-16-le"), "Save it as .pptx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "__properties_version1.0".encode("utf-16-le"), "Save it as .eml"),
        (b"{\\rtf1 hello}", "Save it as .docx"),
        (b"\x1f\x8b\x08\x00", "Unpack it"),
        (b"MZ\x90\x00" + bytes(range(256)) * 3, "Export it"),
    ],
)
def test_unsupported_says_what_to_do(head: bytes, hint: str) -> None:
    parsed = parse_bytes(head, "a.doc")
    assert parsed.outcome.code == "unsupported_format" and hint in parsed.outcome.message


def test_encrypted_office_file() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le")
    assert code(data, "a.docx") == "encrypted"


def test_zip_of_something_else() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "x")
    assert code(buffer.getvalue(), "a.zip") == "unsupported_format"


def test_too_large() -> None:
    assert code(b"x" * 100, "a.txt", Limits(file_bytes=99)) == "too_large"
