"""Small real files of every format, made on the spot."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from typing import Any

PROSE_ZH = "甲方应当在收到货物后三十日内付款。逾期付款的，每日按合同金额的千分之五支付违约金。"
PROSE_EN = "The buyer pays within thirty days of delivery. Late payment costs half a percent a day."


def docx() -> bytes:
    from docx import Document
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    document: Any = Document()
    document.core_properties.author = "Li Wei"
    document.add_heading("采购合同", 0)
    document.add_heading("Payment", 1)
    document.add_paragraph(PROSE_ZH)
    document.add_paragraph("first item", style="List Number")
    document.add_paragraph("second item", style="List Number")
    document.add_paragraph("a bullet", style="List Bullet")
    table = document.add_table(rows=3, cols=3)
    for row, values in enumerate((("Item", "Price", "Note"), ("Bolt", "12", "steel"), ("Nut", "7", ""))):
        for column, value in enumerate(values):
            table.cell(row, column).text = value
    table.cell(1, 2).merge(table.cell(2, 2))
    nested = document.add_table(rows=2, cols=2)
    nested.cell(0, 0).text, nested.cell(0, 1).text, nested.cell(1, 0).text = "Key", "Value", "outer"
    nested.cell(1, 1).add_table(rows=1, cols=1).cell(0, 0).text = "inner"
    reviewed = document.add_paragraph("kept ")
    for tag, inner in (("ins", "<w:t>inserted</w:t>"), ("del", "<w:delText>deleted</w:delText>")):
        xml = f'<w:{tag} {nsdecls("w")} w:id="1" w:author="a"><w:r>{inner}</w:r></w:{tag}>'
        reviewed._p.append(parse_xml(xml))
    box = (
        f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:textbox><w:txbxContent>'
        "<w:p><w:r><w:t>boxed words</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></w:r>"
    )
    document.add_paragraph("beside the box")._p.append(parse_xml(box))
    document.sections[0].header.paragraphs[0].text = "page header"
    return _saved(document)


def pptx() -> bytes:
    from pptx import Presentation
    from pptx.util import Inches

    deck: Any = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Results 2024"
    frame = slide.placeholders[1].text_frame
    frame.text = "Sales grew"
    frame.add_paragraph().text = "利润下降"
    slide.notes_slide.notes_text_frame.text = "say it slowly"
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "Numbers"
    table = second.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for row, values in enumerate((("City", "Sales"), ("上海", "120"))):
        for column, value in enumerate(values):
            table.cell(row, column).text = value
    group = second.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(4), Inches(2), Inches(1)).text_frame.text = "inside a group"
    return _saved(deck)


def xlsx() -> bytes:
    import datetime

    import xlsxwriter

    buffer = io.BytesIO()
    book: Any = xlsxwriter.Workbook(buffer, {"in_memory": True})
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("价格")
    sheet.write(0, 0, "Price list 2024")
    for column, name in enumerate(("Item", "Price", "Since")):
        sheet.write(1, column, name)
    for row, (item, price) in enumerate((("螺栓", 12.0), ("螺母", 7.5)), start=2):
        sheet.write(row, 0, item)
        sheet.write(row, 1, price)
        sheet.write_datetime(row, 2, datetime.datetime(2024, 3, 1), date)
    sheet.write(6, 0, "Region")
    sheet.write(6, 1, "Total")
    sheet.write(7, 0, "North")
    sheet.write_formula(7, 1, "=SUM(B3:B4)", None, 19.5)
    book.add_worksheet("Empty")
    book.close()
    return buffer.getvalue()


def pdf(pages: int = 5, *, font: str = "Helvetica") -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas: Any = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setTitle("Annual report")
    canvas.setAuthor("Ann Author")
    for page in range(1, pages + 1):
        canvas.setFont(font, 8)
        canvas.drawString(72, 815, "Confidential draft")
        canvas.drawString(280, 25, f"Page {page} of {pages}")
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(72, 770, f"Chapter {page}")
        canvas.setFont(font, 10)
        for line, text in enumerate(
            ("The quick brown fox jumps over the lazy dog and keeps infor-", "mation about well-known animals in the",
             "forest of its home. All is well.")
        ):  # fmt: skip
            canvas.drawString(72, 740 - 12 * line, text)
        canvas.drawString(72, 680, f"Unique sentence number {page * 111} stands here.")
        if page == 2:
            for row, cells in enumerate((("City", "Sales"), ("Bonn", "120"), ("Ulm", "85"))):
                for column, cell in enumerate(cells):
                    canvas.rect(72 + 100 * column, 600 - 20 * row, 100, 20)
                    canvas.drawString(76 + 100 * column, 606 - 20 * row, cell)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def scanned_pdf(pages: int = 2, *, with_text: int = 0) -> bytes:
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas: Any = Canvas(buffer)
    image = ImageReader(Image.new("RGB", (60, 60), "gray"))
    for page in range(pages):
        canvas.drawImage(image, 0, 0, 500, 700)
        if page < with_text:
            canvas.drawString(72, 400, "Some words on a scanned page.")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def epub() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "OPS/book.opf",
            '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>小书</dc:title>'
            "<dc:creator>Ann</dc:creator></metadata><manifest>"
            '<item id="b" href="two.xhtml"/><item id="a" href="one%20.xhtml"/></manifest>'
            '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
        )
        page = '<?xml version="1.0"?><!DOCTYPE html><html><body><h1>{}</h1><p>{}</p></body></html>'
        archive.writestr("OPS/one .xhtml", page.format("One", "the first page"))
        archive.writestr("OPS/two.xhtml", page.format("Two", "第二页"))
    return buffer.getvalue()


def eml() -> bytes:
    message = EmailMessage()
    message["From"] = "张三 <zhang@example.org>"
    message["To"] = "Ann <ann@example.org>"
    message["Date"] = "Tue, 05 Mar 2024 10:00:00 +0800"
    message["Subject"] = "报价 for bolts"
    message.set_content("Dear Ann,\n\nthe price is 12 euro.\n")
    message.add_alternative("<p>the <b>html</b> variant</p>", subtype="html")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="offer.pdf")
    return message.as_bytes()


def odt() -> bytes:
    buffer = io.BytesIO()
    names = 'xmlns:office="o" xmlns:text="t" xmlns:table="b"'
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:text>"
            '<text:h text:outline-level="2">Kopf</text:h><text:p>a<text:s text:c="2"/>b</text:p>'
            "<table:table><table:table-row><table:table-cell><text:p>A</text:p></table:table-cell><table:table-cell>"
            "<text:p>B</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell><text:p>1</text:p>"
            "</table:table-cell><table:table-cell><text:p>2</text:p></table:table-cell></table:table-row></table:table>"
            "</office:text></office:body></office:document-content>",
        )
    return buffer.getvalue()


HTML = """<!DOCTYPE html><html><head><title>Offer</title><meta name="author" content="Ann"><style>p{}</style></head>
<body><nav>menu</nav><h1>Terms</h1><p>Pay   within <b>30</b> days.<br>Thanks.</p><p style="display: none">secret</p>
<ul><li>one<ol start="3"><li>deep</li></ol></li></ul><pre>x = 1
  y = 2</pre><script>evil()</script>
<table><caption>Prices</caption><tr><th>Item</th><th colspan="2">Price</th></tr>
<tr><td rowspan="2">Bolt</td><td>12</td><td>EUR</td></tr><tr><td>14</td><td>USD</td></tr></table></body></html>"""

MARKDOWN = """---
title: 手册
author: Ann
---
# Intro *here*

A paragraph that
goes on.

- one
  more
- two

| Item | Price |
|------|------:|
| Bolt | 12 |
| a\\|b | 7 |

```python
# not a heading
```

Setext
------
1. first
"""


def _saved(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def every() -> dict[str, bytes]:
    """One file of each format by its name."""
    return {
        "a.txt": f"{PROSE_ZH}\n\n{PROSE_EN}\n".encode(),
        "a.md": MARKDOWN.encode(),
        "a.html": HTML.encode(),
        "a.xml": b"<doc><title>T</title><p>some <b>bold</b> words</p></doc>",
        "a.json": b'{"title": "x", "rows": [{"a": 1.0, "b": "c"}, {"a": 2, "b": "d"}]}',
        "a.jsonl": b'{"q": "why?", "n": {"deep": true}}\n{"q": "so", "n": {"deep": false}}\n',
        "a.csv": "品名,价格\n螺栓,12\n螺母,7.50\n".encode(),
        "a.tsv": b"name\tprice\nbolt\t12\n",
        "a.xlsx": xlsx(),
        "a.docx": docx(),
        "a.pptx": pptx(),
        "a.odt": odt(),
        "a.pdf": pdf(),
        "a.epub": epub(),
        "a.eml": eml(),
    }
