"""ODS, DOCX, PPTX, HTML and PDF that are hard to import."""

from __future__ import annotations

import datetime as dt
import io
import random
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from tables.wanted import Cell, HardFile, boolean, date, integer, number, table, text

_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
_ODS = "application/vnd.oasis.opendocument.spreadsheet"


@dataclass(frozen=True)
class Spanning:
    """A cell that covers rows and columns; or one whose value the file states once for several columns."""

    value: Cell
    rows: int = 1
    columns: int = 1
    repeated: int = 1


Line = Sequence[Cell | Spanning]


def ods(*sheets: tuple[str, Sequence[tuple[int, Line]]]) -> bytes:
    """Sheets of (name, lines); a line is stated once for so many equal rows. Covered places are to be None."""
    body = "".join(
        f'<table:table table:name="{escape(name)}">{"".join(_ods_row(count, line) for count, line in lines)}'
        # What office programs write below a sheet: all the rows there could be.
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/>'
        "</table:table-row></table:table>"
        for name, lines in sheets
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} office:version="1.3"><office:body>'
        f"<office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", _ODS)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return buffer.getvalue()


def _ods_row(count: int, line: Line) -> str:
    cells = "".join(_ods_cell(cell if isinstance(cell, Spanning) else Spanning(cell)) for cell in line)
    return f'<table:table-row table:number-rows-repeated="{count}">{cells}</table:table-row>'


def _ods_cell(cell: Spanning) -> str:
    value, places = cell.value, ""
    if cell.rows > 1 or cell.columns > 1:
        places += f' table:number-rows-spanned="{cell.rows}" table:number-columns-spanned="{cell.columns}"'
    if cell.repeated > 1:
        places += f' table:number-columns-repeated="{cell.repeated}"'
    if value is None:
        return f"<table:table-cell{places}/>"
    if isinstance(value, bool):
        stated = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, int | float):
        stated = f'office:value-type="float" office:value="{value!r}"'
    elif isinstance(value, dt.date):
        stated = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    else:
        stated = 'office:value-type="string"'
    shown = f"{value:.2f}" if isinstance(value, float) else str(value)  # people see fewer digits than there are
    return f"<table:table-cell {stated}{places}><text:p>{escape(shown)}</text:p></table:table-cell>"


def _open_sheet() -> HardFile:
    rows: list[tuple[int, Line]] = [
        (1, [Spanning("2024年设备台账", columns=5), None, None, None, None]),
        (1, ["区域", "设备", "单价（元）", "数量", "购入"]),
        (1, [Spanning("华东", rows=2), "泵", 1234.5678, 3, dt.date(2024, 3, 5)]),
        (1, [None, "阀", 0.005, 12, dt.date(2023, 12, 31)]),
        (1, ["华北", "管", -7.25, Spanning(None), dt.date(2022, 1, 1)]),
        (1, ["合计", None, 1227.3228, 15, None]),
    ]
    prices = [1234.5678, 0.005, -7.25]
    wanted = table(
        3,
        text("区域", 3),
        text("设备", 3),
        number("单价（元）", prices, "元"),
        integer("数量", [3, 12]),
        date("购入", 3),
        totals=1,
    )
    return HardFile("ledger.ods", ods(("台账", rows)), (wanted,))


def _repeated_cells() -> HardFile:
    """Equal neighbours and equal rows are stated once, and so are empty places."""
    readings: list[tuple[int, Line]] = [
        (1, ["Station", "Before", "After", "Passed"]),
        (3, ["A1", Spanning(4.5, repeated=2), True]),
        (1, ["A2", Spanning(7, repeated=2), False]),
        (1, ["A3", Spanning(None, repeated=2), True]),
        (2, [Spanning(None, repeated=4)]),
        (1, ["Code", "Stock", Spanning(None, repeated=2)]),
        (1, ["007", 4, Spanning(None, repeated=2)]),
        (2, ["012", 9, Spanning(None, repeated=2)]),
    ]
    both = [4.5, 4.5, 4.5, 7]
    first = table(
        5,
        text("Station", 5),
        number("Before", both),
        number("After", both),
        boolean("Passed", [True, True, True, False, True]),
    )
    second = table(3, text("Code", 3), integer("Stock", [4, 9, 9]))
    return HardFile("repeated.ods", ods(("Readings", readings)), (first, second))


def _fill(made: Any, rows: Sequence[Sequence[str]]) -> None:
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            made.cell(at, column).text = cell


def _word() -> HardFile:
    from docx import Document

    document: Any = Document()
    document.add_heading("Costs by region", 1)
    document.add_paragraph("Amounts are in thousands.")
    rows = [
        ["Region", "Cost (k$)", "", "Change"],
        ["", "2023", "2024", ""],
        ["North", "1,200.5", "1,310", "+9.1%"],
        ["", "(40)", "−12", "70%"],
        ["South", "—", "88.25", "n/a"],
        ["Total", "1,160.5", "1,386.25", ""],
    ]
    made = document.add_table(rows=len(rows), cols=4)
    _fill(made, rows)
    made.cell(0, 1).merge(made.cell(0, 2))
    made.cell(0, 0).merge(made.cell(1, 0))
    made.cell(0, 3).merge(made.cell(1, 3))
    made.cell(2, 0).merge(made.cell(3, 0))
    document.add_paragraph("The second one has no totals.")
    second = [["型号", "产量（吨）", "备注"], ["PPR-9087", "1.2万", "含税"], ["MDP-3250", "3,400", ""]]
    _fill(document.add_table(rows=3, cols=3), second)
    buffer = io.BytesIO()
    document.save(buffer)
    costs = table(
        3,
        text("Region", 3),
        number("Cost (k$) 2023", [1200.5, -40], "k$"),
        number("Cost (k$) 2024", [1310, -12, 88.25], "k$"),
        number("Change", [9.1, 70], "%"),
        totals=1,
    )
    output = table(2, text("型号", 2), integer("产量（吨）", [12000, 3400], "吨"), text("备注", 1))
    return HardFile("costs.docx", buffer.getvalue(), (costs, output))


def _slides() -> HardFile:
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck: Any = Presentation()
    place = (Inches(1), Inches(1), Inches(6), Inches(3))
    rows = [
        ["季度", "收入（亿元）", "人数"],
        ["一", "1,234.5", "35"],
        ["二", "1,300.25", "40"],
        ["合计", "2,534.75", "75"],
    ]
    shape = deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_table(4, 3, *place)
    _fill(shape.table, rows)
    chart = CategoryChartData()
    chart.categories = ["East", "West", "Mid"]
    chart.add_series("2023", (19.25, -3, 0))
    chart.add_series("2024", (22, None, 1.5))
    other = CategoryChartData()
    other.categories = ["East", "West"]
    other.add_series("2023", (1, 2))
    other.add_series("2024", (3, 4.5))
    for numbers in (chart, other):  # they have the same columns, and do not go on with each other
        deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, numbers)
    buffer = io.BytesIO()
    deck.save(buffer)
    revenue = table(
        2, text("季度", 2), number("收入（亿元）", [1234.5, 1300.25], "亿元"), integer("人数", [35, 40]), totals=1
    )
    drawn = table(3, text("column_1", 3), number("2023", [19.25, -3, 0]), number("2024", [22, 1.5]))
    second = table(2, text("column_1", 2), integer("2023", [1, 2]), number("2024", [3, 4.5]))
    return HardFile("deck.pptx", buffer.getvalue(), (revenue, drawn, second))


def _untidy_page() -> HardFile:
    """Ends of cells left out, cells that span rows of the body, a table that only places things, comments inside."""
    page = """<html><body><table><tr><td><h2>Stock</h2>
    <table><caption>Parts &amp; prices</caption><tr><th>Group<th>Part<th>Price (€)<th>Units<!-- <td>9</td> -->
    <tr><td rowspan=2>Pumps<td>P&#45;1<td>1&#x2009;250.50<td>4<tr><td>P-2<td>980<td>11
    <tr><td>Valves<td>V<sub>1</sub><td><span style="display:none">77</span>12.25<td>
    <tr><td colspan=2>Total<td>2,242.75<td>15</table></td></tr></table></body></html>"""
    wanted = table(
        3,
        text("Group", 3),
        text("Part", 3),
        number("Price (€)", [1250.5, 980, 12.25], "€"),
        integer("Units", [4, 11]),
        totals=1,
    )
    return HardFile("parts.html", page.encode(), (wanted,))


def _drawn(name: str, rows: Sequence[Sequence[str]], *, ruled: bool, numbers_right: bool = False) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    style: list[Any] = [("FONT", (0, 0), (-1, -1), "STSong-Light", 9)]
    style += [("GRID", (0, 0), (-1, -1), 0.5, "black")] if ruled else []
    style += [("ALIGN", (1, 1), (-1, -1), "RIGHT")] if numbers_right else []
    buffer = io.BytesIO()
    heading = Paragraph(name, ParagraphStyle("heading", fontName="STSong-Light", fontSize=14, leading=24))
    made = Table([list(row) for row in rows], colWidths=110, repeatRows=1, style=style)
    SimpleDocTemplate(buffer, pagesize=A4, invariant=1).build([heading, made])
    return buffer.getvalue()


def _pages() -> HardFile:
    """A ruled table over several pages, its header on each."""
    chance = random.Random(11)
    amounts = [round(chance.uniform(-500, 90_000), 2) for _ in range(130)]
    pieces = [chance.randrange(1, 4000) for _ in amounts]
    rows = [["单号", "金额（元）", "件数", "状态"]]
    rows += [
        [f"D-{at:03}", f"{amount:,.2f}", f"{count:,}", "已付" if at % 3 else ""]
        for at, (amount, count) in enumerate(zip(amounts, pieces, strict=True))
    ]
    rows.append(["合计", f"{sum(amounts):,.2f}", f"{sum(pieces):,}", ""])
    wanted = table(
        130,
        text("单号", 130),
        number("金额（元）", amounts, "元"),
        integer("件数", pieces),
        text("状态", sum(bool(at % 3) for at in range(130))),
        totals=1,
    )
    return HardFile("orders.pdf", _drawn("订单", rows, ruled=True), (wanted,))


def _aligned(*, apart: bool = False) -> HardFile:
    """No lines: the columns are where the texts stand; names at the left of a column, numbers at its right."""
    rows = [
        ["Region", "Sales", "Share", "Staff"],
        ["North", "1,200.50", "12.5%", "14"],
        ["South", "830.25", "8.75%", "9"],
        ["East", "99.00", "1%", "3"],
        ["West", "45.75", "0.5%", "2"],
    ]
    wanted = table(
        4,
        text("Region", 4),
        number("Sales", [1200.5, 830.25, 99, 45.75]),
        number("Share", [12.5, 8.75, 1, 0.5], "%"),
        integer("Staff", [14, 9, 3, 2]),
    )
    data = _drawn("Sales by region", rows, ruled=False, numbers_right=apart)
    return HardFile("aligned_apart.pdf" if apart else "aligned.pdf", data, (wanted,))


def _aligned_apart() -> HardFile:
    return _aligned(apart=True)


DOCUMENTS = (_open_sheet, _repeated_cells, _word, _slides, _untidy_page, _pages, _aligned, _aligned_apart)
