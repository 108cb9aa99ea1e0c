"""PDF from blocks. Chinese is set in a subset of one TrueType font, which is embedded so that the text extracts."""

from __future__ import annotations

import io
import re
from html import escape
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from .blocks import Block, is_number

BLUE = colors.HexColor("#123a5c")
PALE = colors.HexColor("#e8eef4")
_HAN = re.compile(r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]+")


def write_pdf(blocks: list[Block], *, chinese: bool, font: Path, footer: str) -> bytes:
    pdfmetrics.registerFont(TTFont("Han", str(font), subfontIndex=0))
    body_font, bold_font = ("Han", "Han") if chinese else ("Helvetica", "Helvetica-Bold")
    styles = _styles(body_font, bold_font, chinese)
    story: list[Flowable] = []
    for block in blocks:
        if block.kind == "table":
            story += [_table(block.rows, styles, bold_font), Spacer(1, 4 * mm)]
            continue
        name = f"h{block.level}" if block.kind == "heading" else block.kind
        if re.match(r"(Table|表) ?\d", block.text):
            name = "caption"
        story.append(Paragraph(_mixed(block.text), styles[name]))
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=A4, leftMargin=22 * mm, rightMargin=22 * mm, topMargin=22 * mm, bottomMargin=20 * mm,
        title=blocks[0].text, author="Hengchuan Fluid Systems", subject="Invented sample document", invariant=1,
    )  # fmt: skip

    def draw_frame(canvas: Canvas, template: SimpleDocTemplate) -> None:
        canvas.setFillColor(BLUE)
        canvas.rect(0, A4[1] - 9 * mm, A4[0], 9 * mm, stroke=0, fill=1)
        canvas.setFont(body_font, 8)
        canvas.setFillColor(colors.grey)
        canvas.drawString(22 * mm, 11 * mm, footer)
        canvas.drawRightString(A4[0] - 22 * mm, 11 * mm, str(template.page))

    document.build(story, onFirstPage=draw_frame, onLaterPages=draw_frame)
    return buffer.getvalue()


def _styles(body: str, bold: str, chinese: bool) -> dict[str, ParagraphStyle]:
    wrap = "CJK" if chinese else None
    base = ParagraphStyle("base", fontName=body, fontSize=10, leading=15.5, spaceAfter=6, wordWrap=wrap)
    heading = ParagraphStyle("h", parent=base, fontName=bold, textColor=BLUE, keepWithNext=1)
    cell = ParagraphStyle("cell", parent=base, fontSize=9, leading=12, spaceAfter=0)
    return {
        "paragraph": base,
        "item": ParagraphStyle("item", parent=base, leftIndent=12, spaceAfter=4),
        "h1": ParagraphStyle("h1", parent=heading, fontSize=22, leading=28, spaceAfter=12),
        "h2": ParagraphStyle("h2", parent=heading, fontSize=14, leading=19, spaceBefore=12, spaceAfter=6),
        "caption": ParagraphStyle("caption", parent=heading, fontSize=9.5, leading=13, spaceBefore=6, spaceAfter=3),
        "cell": cell,
        "number": ParagraphStyle("number", parent=cell, alignment=TA_RIGHT),
        "head": ParagraphStyle("head", parent=cell, fontName=bold),
    }


def _mixed(text: str) -> str:
    """Chinese runs in the embedded font, the rest in the style's own."""
    return _HAN.sub(lambda run: f'<font name="Han">{run.group()}</font>', escape(text, quote=False))


def _table(rows: list[list[str]], styles: dict[str, ParagraphStyle], bold: str) -> Table:
    cells = []
    for r, row in enumerate(rows):
        kinds = ["head" if r == 0 else "number" if is_number(cell) else "cell" for cell in row]
        cells.append([Paragraph(_mixed(cell), styles[kind]) for cell, kind in zip(row, kinds, strict=True)])
    count = len(rows[0])
    first = 44 * mm if count < 7 else 30 * mm
    widths = [first] + [(166 * mm - first) / (count - 1)] * (count - 1)
    style = [
        ("GRID", (0, 0), (-1, -1), 0.6, colors.HexColor("#5f7386")),
        ("BACKGROUND", (0, 0), (-1, 0), PALE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("FONTNAME", (0, 0), (-1, 0), bold),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
    ]
    if rows[-1][0].startswith(("Total", "全年")):
        style.append(("BACKGROUND", (0, -1), (-1, -1), PALE))
    return Table(cells, colWidths=widths, style=TableStyle(style), repeatRows=1)
