"""PDF: paragraphs, headings, tables, furniture, scans, damage."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest

from gezhi.parse import ParseOptions, parse_bytes
from gezhi.parse.pdf.parts import join_lines
from gezhi.types import BlockKind, Status

from . import samples
from .checks import check, document_of, shown


def test_structure() -> None:
    document = document_of(samples.pdf(), "a.pdf")
    assert document.title == "Annual report" and document.page_count == 5
    assert ("author", "Ann Author") in document.metadata
    assert shown(document)[:3] == [
        ("heading", "Chapter 1"),
        (
            "paragraph",
            "The quick brown fox jumps over the lazy dog and keeps information about well-known animals in the"
            " forest of its home. All is well.",
        ),
        ("paragraph", "Unique sentence number 111 stands here."),
    ]
    assert "Confidential" not in document.text and "Page 3" not in document.text


def test_ruled_table_with_page_and_box() -> None:
    document = document_of(samples.pdf(), "a.pdf")
    block = next(block for block in document.blocks if block.kind is BlockKind.TABLE)
    assert block.page == 2 and block.table is not None and block.table.header == ("City", "Sales")
    assert [row.cells for row in block.table.rows] == [("Bonn", "120"), ("Ulm", "85")]
    box = block.box
    assert box is not None
    # The table was drawn from y=620 down to 560 on a page of 841.9 points.
    assert (box.x0, box.x1) == pytest.approx((72, 272), abs=1)
    assert (box.y0, box.y1) == pytest.approx((841.9 - 620, 841.9 - 560), abs=1)


def test_chinese_paragraphs() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas: Any = Canvas(buffer)
    canvas.setFont("STSong-Light", 18)
    canvas.drawString(72, 760, "第一章 付款")
    canvas.setFont("STSong-Light", 12)
    lines = (
        (96, "甲方应当在收到货物之日起三十日内向乙方支付全部货款，逾期"),
        (72, "付款的，每逾期一日，应当按照未付金额的千分之五支付违约金。"),
        (96, "乙方应当保证所交付的货物符合本合同附件一所列的质量标准，"),
        (72, "否则甲方有权拒收。"),
    )
    for number, (x, text) in enumerate(lines):
        canvas.drawString(x, 720 - 20 * number, text)
    canvas.save()
    assert shown(document_of(buffer.getvalue(), "a.pdf")) == [
        ("heading", "第一章 付款"),
        ("paragraph", lines[0][1] + lines[1][1]),
        ("paragraph", lines[2][1] + lines[3][1]),
    ]


def test_few_pages_keep_their_margins() -> None:
    assert "Confidential" in document_of(samples.pdf(3), "a.pdf").text


def test_two_columns_written_line_by_line() -> None:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas: Any = Canvas(buffer)
    canvas.setFont("Helvetica", 9)
    for line in range(12):
        canvas.drawString(60, 700 - 12 * line, f"left column line {line} with quite a few words")
        canvas.drawString(320, 700 - 12 * line, f"right column line {line} with quite a few words")
    canvas.save()
    text = document_of(buffer.getvalue(), "a.pdf").text
    assert text.index("left column line 11") < text.index("right column line 0")


def test_aligned_columns_are_a_table() -> None:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas: Any = Canvas(buffer)
    for row, cells in enumerate(
        (("Item", "2023", "2024"), ("Bolts", "12", "14"), ("Nuts", "7", "9"), ("Sum", "19", "23"))
    ):
        for column, cell in enumerate(cells):
            canvas.drawString(72 + 120 * column, 700 - 16 * row, cell)
    canvas.save()
    document = document_of(buffer.getvalue(), "a.pdf")
    table = document.blocks[0].table
    assert table is not None and table.header == ("Item", "2023", "2024")
    assert [row.cells for row in table.rows] == [("Bolts", "12", "14"), ("Nuts", "7", "9"), ("Sum", "19", "23")]


def test_rotated_page_has_its_box_as_displayed() -> None:
    import pypdfium2

    pdf: Any = pypdfium2.PdfDocument(samples.pdf(1))
    pdf[0].set_rotation(90)
    buffer = io.BytesIO()
    pdf.save(buffer)
    pdf.close()
    document = document_of(buffer.getvalue(), "a.pdf")
    box = document.blocks[0].box
    assert box is not None and 0 <= box.x0 <= box.x1 <= 842 and 0 <= box.y0 <= box.y1 <= 596


def test_scans() -> None:
    refused = parse_bytes(samples.scanned_pdf(), "a.pdf")
    assert refused.outcome.code == "no_text_layer" and "--ocr" in refused.outcome.message
    partly = parse_bytes(samples.scanned_pdf(3, with_text=2), "a.pdf")
    assert partly.outcome.status is Status.WARNED and partly.outcome.code == "pages_without_text"
    assert "1 of 3 pages" in partly.outcome.message


def test_ocr_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from gezhi.parse.pdf import ocr

    monkeypatch.setitem(sys.modules, "rapidocr", None)
    monkeypatch.setattr(ocr, "_loaded", [])
    parsed = parse_bytes(samples.scanned_pdf(), "a.pdf", None, ParseOptions(ocr=True))
    assert parsed.outcome.code == "ocr_not_installed" and "gezhi[ocr]" in parsed.outcome.message


@pytest.mark.parametrize("turn", range(4))
def test_ocr_lines_become_blocks_with_boxes(monkeypatch: pytest.MonkeyPatch, turn: int) -> None:
    """An engine that reads one way round only, as scripted as its models: a mark in a corner says which way that is."""
    import numpy as np

    from gezhi.parse.pdf import document, ocr

    page = np.full((119, 168, 3) if turn % 2 else (168, 119, 3), 255, np.uint8)  # A4, at five points a pixel
    page[40:50, 20:80] = 0
    page[0, 0] = 7
    seen: list[int] = []

    def engine(image: Any, *, use_cls: bool) -> Any:
        assert not use_cls
        rows, columns = np.nonzero((image == 0).all(axis=2))
        left, top, right, bottom = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        upright = bool((image[0, 0] == 7).all())
        seen.append(int(upright))
        corners = [[[left, top], [right, top], [right, bottom], [left, bottom]]]
        text, score = ("合同编号 123", 0.99) if upright else ("台 号", 0.7)
        return SimpleNamespace(boxes=corners, txts=[text], scores=[score])

    monkeypatch.setattr(ocr, "_loaded", [ocr.Reader(engine)])
    monkeypatch.setattr(document, "_rendered", lambda _: np.rot90(page, turn).copy())
    parsed = parse_bytes(samples.scanned_pdf(1), "a.pdf", None, ParseOptions(ocr=True))
    assert parsed.document is not None and parsed.document.text == "合同编号 123"
    assert seen[-1] and len(seen) <= 3
    box = parsed.document.blocks[0].box
    assert box is not None
    rows, columns = np.nonzero((np.rot90(page, turn) == 0).all(axis=2))
    where = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx([value * 595.28 / 119 for value in where], abs=3)


def test_image_needs_ocr() -> None:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (20, 20)).save(buffer, "PNG")
    parsed = parse_bytes(buffer.getvalue(), "a.png")
    assert parsed.outcome.code == "no_text_layer" and "--ocr" in parsed.outcome.message


def test_encrypted() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas: Any = Canvas(buffer, encrypt=StandardEncryption("geheim", canPrint=1))
    canvas.drawString(72, 700, "The hidden words.")
    canvas.save()
    assert parse_bytes(buffer.getvalue(), "a.pdf").outcome.code == "encrypted"
    opened = parse_bytes(buffer.getvalue(), "a.pdf", None, ParseOptions(password="geheim"))
    assert opened.document is not None and opened.document.text == "The hidden words."


def test_truncated_file_is_salvaged_with_a_warning() -> None:
    data = samples.pdf(20)
    parsed = parse_bytes(data[: int(len(data) * 0.8)], "a.pdf")
    if parsed.document is None:
        assert parsed.outcome.code == "damaged"
    else:
        check(parsed.document, data[: int(len(data) * 0.8)])
        assert parsed.outcome.code == "parts_damaged"
    assert parse_bytes(b"%PDF-1.7 nothing else", "a.pdf").outcome.code == "damaged"


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("infor-", "mation", "information"),
        ("infor\u00ad", "mation", "information"),
        ("state-of-the-", "art", "state-of-the-art"),
        ("2023-", "2024", "2023-2024"),
        ("Jean-", "Paul", "Jean-Paul"),
        ("两行", "中文", "两行中文"),
        ("two", "words", "two words"),
        ("中文", "word", "中文 word"),
    ],
)
def test_join_lines(before: str, after: str, joined: str) -> None:
    assert join_lines(before, after) == joined
