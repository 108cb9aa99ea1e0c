"""Sheets that are hard to import, with what is in them: types, units, counts and sums known when they were made."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Cell = str | int | float | bool | dt.date | None


@dataclass(frozen=True)
class Wanted:
    """A column: its name, type and unit, how many cells say something, and their sum."""

    name: str
    type: str
    count: int
    sum: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class WantedTable:
    rows: int
    columns: tuple[Wanted, ...]
    totals: int = 0


@dataclass(frozen=True)
class HardFile:
    name: str
    data: bytes
    tables: tuple[WantedTable, ...]


def text(name: str, count: int) -> Wanted:
    return Wanted(name, "text", count)


def integer(name: str, values: Sequence[float | None], unit: str = "") -> Wanted:
    known = [value for value in values if value is not None]
    return Wanted(name, "integer", len(known), math.fsum(known), unit)


def number(name: str, values: Sequence[float | None], unit: str = "") -> Wanted:
    known = [value for value in values if value is not None]
    return Wanted(name, "number", len(known), math.fsum(known), unit)


def date(name: str, count: int) -> Wanted:
    return Wanted(name, "date", count)


def boolean(name: str, values: Sequence[bool | None]) -> Wanted:
    known = [value for value in values if value is not None]
    return Wanted(name, "boolean", len(known), float(sum(known)))


def table(rows: int, *columns: Wanted, totals: int = 0) -> WantedTable:
    return WantedTable(rows, columns, totals)


def workbook(*sheets: tuple[str, Sequence[Sequence[Cell]], Sequence[tuple[int, int, int, int]]]) -> bytes:
    """Sheets of (name, rows, merged ranges as first row, first column, last row, last column)."""
    import xlsxwriter

    buffer = io.BytesIO()
    book: Any = xlsxwriter.Workbook(buffer, {"in_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows, merges in sheets:
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(at, column, dt.datetime.combine(cell, dt.time()), day)
                elif cell is not None:
                    sheet.write(at, column, cell)
        for merge in merges:
            sheet.merge_range(*merge, rows[merge[0]][merge[1]])
    book.close()
    return buffer.getvalue()


def csv_file(*lines: str, encoding: str = "utf-8") -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def _title_rows() -> HardFile:
    amounts = [1200.5, 830.25, 99.0, 45.75]
    rows: list[list[Cell]] = [
        ["2024年销售汇总", None, None, None],
        ["单位：万元", None, None, None],
        ["地区", "销售额", "数量", "备注"],
        *[
            [r, a, q, None if i else "含税"]
            for i, (r, a, q) in enumerate(zip("东南西北", amounts, [3, 4, 5, 6], strict=True))
        ],
        ["合计", sum(amounts), 18, None],
    ]
    return HardFile(
        "title_rows.xlsx",
        workbook(("汇总", rows, [(0, 0, 0, 3)])),
        (
            table(
                4,
                text("地区", 4),
                number("销售额", amounts, "万元"),
                integer("数量", [3, 4, 5, 6]),
                text("备注", 1),
                totals=1,
            ),
        ),
    )


def _merged_header() -> HardFile:
    rows: list[list[Cell]] = [
        ["Region", "2023", None, "2024", None],
        ["Region", "Q1", "Q2", "Q1", "Q2"],
        ["North", 10, 20, 30, 40],
        ["South", 11, 21, 31, 41],
        ["West", 12, 22, 32, 42.5],
    ]
    return HardFile(
        "merged_header.xlsx",
        workbook(("Sales", rows, [(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 0, 4)])),
        (
            table(
                3,
                text("Region", 3),
                integer("2023 Q1", [10, 11, 12]),
                integer("2023 Q2", [20, 21, 22]),
                integer("2024 Q1", [30, 31, 32]),
                number("2024 Q2", [40, 41, 42.5]),
            ),
        ),
    )


def _subtotals() -> HardFile:
    rows: list[list[Cell]] = [
        ["Department", "Item", "Cost"],
        ["IT", "Laptops", 1200],
        ["IT", "Licences", 800],
        ["Subtotal", None, 2000],
        ["HR", "Training", 300],
        ["HR", "Events", 150],
        ["Subtotal", None, 450],
        ["Grand total", None, 2450],
    ]
    return HardFile(
        "subtotals.xlsx",
        workbook(("Costs", rows, [])),
        (table(4, text("Department", 4), text("Item", 4), integer("Cost", [1200, 800, 300, 150]), totals=3),),
    )


def _two_tables() -> HardFile:
    rows: list[list[Cell]] = [
        ["产品", "单价（元）", None, "城市", "人口（万人）"],
        ["泵", 12.5, None, "苏州", 1291.1],
        ["阀", 8, None, "上海", 2487.5],
        ["管", 3.25, None, "杭州", 1252.2],
        [None] * 5,
        ["Code", "Stock", None, None, None],
        ["007", 4, None, None, None],
        ["012", 9, None, None, None],
    ]
    return HardFile(
        "two_tables.xlsx",
        workbook(("混合", rows, [])),
        (
            table(3, text("产品", 3), number("单价（元）", [12.5, 8, 3.25], "元")),
            table(3, text("城市", 3), number("人口（万人）", [1291.1, 2487.5, 1252.2], "万人")),
            table(2, text("Code", 2), integer("Stock", [4, 9])),
        ),
    )


def _separators() -> HardFile:
    return HardFile(
        "separators.csv",
        csv_file(
            "Name,Revenue (USD),Profit,Margin,Founded",
            'Alpha,"1,234,567.89","(1,200)",12.5%,1998',
            'Beta,"22,000.10",340,-3.25%,2004',
            'Gamma,"7.00",−15,0%,2011',
            "Delta,—,n/a,,2020",
        ),
        (
            table(
                4,
                text("Name", 4),
                number("Revenue (USD)", [1234567.89, 22000.10, 7.0], "USD"),
                integer("Profit", [-1200, 340, -15]),
                number("Margin", [12.5, -3.25, 0], "%"),
                integer("Founded", [1998, 2004, 2011, 2020]),
            ),
        ),
    )


def _decimal_commas() -> HardFile:
    return HardFile(
        "decimal_commas.csv",
        csv_file(
            "Artikel;Preis;Menge",
            "Pumpe;1.234,56;3",
            "Ventil;99,90;12",
            "Rohr;0,75;1.200",
            "Kabel;12,00;2.050,5",
        ),
        (
            table(
                4,
                text("Artikel", 4),
                number("Preis", [1234.56, 99.9, 0.75, 12.0]),
                number("Menge", [3, 12, 1200, 2050.5]),
            ),
        ),
    )


def _spaces() -> HardFile:
    return HardFile(
        "spaces.tsv",
        csv_file(
            "Ville\tHabitants\tBudget",
            "Paris\t2 102 650\t1 234,5",
            "Lyon\t522 250\t310,25",
            "Nice\t348 085\t99,0",
        ),
        (
            table(
                3,
                text("Ville", 3),
                integer("Habitants", [2102650, 522250, 348085]),
                number("Budget", [1234.5, 310.25, 99.0]),
            ),
        ),
    )


def _chinese_numbers() -> HardFile:
    return HardFile(
        "chinese_numbers.csv",
        csv_file(
            "公司,营收,员工,占比,成立",
            "甲公司,1.2万,三十五,12%,2024年3月5日",
            "乙公司,3.5亿,一百二十,百分之三十,2019年12月",
            "丙公司,8000,两千零八,8.5%,2020年",
            "丁公司,无,十二,—,2001年1月1日",
            encoding="gb18030",
        ),
        (
            table(
                4,
                text("公司", 4),
                integer("营收", [12000, 350000000, 8000]),
                integer("员工", [35, 120, 2008, 12]),
                number("占比", [12, 30, 8.5], "%"),
                date("成立", 4),
            ),
        ),
    )


def _money() -> HardFile:
    return HardFile(
        "money.csv",
        csv_file(
            "Deal,Value,Fee,Paid",
            "A,$1.2M,$5,yes",
            "B,$300K,$7.50,no",
            "C,$2.5B,($2),YES",
            'D,"$1,000",$0,',
        ),
        (
            table(
                4,
                text("Deal", 4),
                integer("Value", [1.2e6, 3e5, 2.5e9, 1000], "$"),
                number("Fee", [5, 7.5, -2, 0], "$"),
                boolean("Paid", [True, False, True]),
            ),
        ),
    )


def _codes() -> HardFile:
    return HardFile(
        "codes.csv",
        csv_file(
            "编号,手机,邮编,型号,身份证号,数量",
            "001,13800138000,215000,PPR-9087,320501199001011234,5",
            "002,13900139000,215123,MDP-3250,32050119900101123X,6",
            "010,15012345678,100000,12A,110101199001011234,7",
        ),
        (
            table(
                3,
                text("编号", 3),
                text("手机", 3),
                text("邮编", 3),
                text("型号", 3),
                text("身份证号", 3),
                integer("数量", [5, 6, 7]),
            ),
        ),
    )


def _dates() -> HardFile:
    days = [dt.date(2024, 3, 5), dt.date(2024, 12, 31), dt.date(2023, 1, 1)]
    rows: list[list[Cell]] = [
        ["Day", "Written", "US", "Month", "Year", "Done"],
        [days[0], "5 March 2024", "3/25/2024", "2024-03", 2024, True],
        [days[1], "Dec 31, 2024", "12/1/2024", "2024-12", 2024, False],
        [days[2], "1 Jan 2023", "1/1/2023", "2023-01", 2023, True],
    ]
    return HardFile(
        "dates.xlsx",
        workbook(("Dates", rows, [])),
        (
            table(
                3,
                date("Day", 3),
                date("Written", 3),
                date("US", 3),
                date("Month", 3),
                integer("Year", [2024, 2024, 2023]),
                boolean("Done", [True, False, True]),
            ),
        ),
    )


def _precision() -> HardFile:
    values = [0.1 + 0.2, 1234.5, 1e-9, 123456789.123456, -0.005, 2.0]
    rows: list[list[Cell]] = [["项目", "值", "percent"], *[[f"x{i}", v, v / 100] for i, v in enumerate(values)]]
    return HardFile(
        "precision.xlsx",
        workbook(("精度", rows, [])),
        (table(6, text("项目", 6), number("值", values), number("percent", [v / 100 for v in values])),),
    )


def _blank_rows() -> HardFile:
    rows: list[list[Cell]] = [["Name", "Points"], ["a", 1], ["b", 2], [None, None], ["c", 4], ["d", 8]]
    return HardFile(
        "blank_rows.xlsx", workbook(("Scores", rows, [])), (table(4, text("Name", 4), integer("Points", [1, 2, 4, 8])),)
    )


def _units_line() -> HardFile:
    rows: list[list[Cell]] = [
        ["站点", "产量", "电耗", "合格率"],
        [None, "吨", "千瓦时", "%"],
        ["一号", 120, 3500.5, 99.1],
        ["二号", 98, 2800, 98.4],
        ["三号", 101, 2999.5, 97],
    ]
    return HardFile(
        "units_line.xlsx",
        workbook(("日报", rows, [])),
        (
            table(
                3,
                text("站点", 3),
                integer("产量", [120, 98, 101], "吨"),
                number("电耗", [3500.5, 2800, 2999.5], "千瓦时"),
                number("合格率", [99.1, 98.4, 97], "%"),
            ),
        ),
    )


def _no_header() -> HardFile:
    return HardFile(
        "no_header.csv",
        csv_file("1,2.5,7", "2,3.5,8", "3,4.5,9"),
        (
            table(
                3, integer("column_1", [1, 2, 3]), number("column_2", [2.5, 3.5, 4.5]), integer("column_3", [7, 8, 9])
            ),
        ),
    )


def _same_names() -> HardFile:
    return HardFile(
        "same_names.csv",
        csv_file(
            "Order,Group,Value,Value,Value",
            "1,x,10,20,30",
            "2,y,11,21,31",
            "3,z,12,22,",
        ),
        (
            table(
                3,
                integer("Order", [1, 2, 3]),
                text("Group", 3),
                integer("Value", [10, 11, 12]),
                integer("Value", [20, 21, 22]),
                integer("Value", [30, 31]),
            ),
        ),
    )


def _mixed() -> HardFile:
    return HardFile(
        "mixed.csv",
        csv_file(
            "Test,Result,Price,Weight",
            "a,5,$5,5 kg",
            "b,passed,€6,6 kg",
            "c,7,$7,7.5 kg",
            "d,failed,£8,8 kg",
        ),
        (table(4, text("Test", 4), text("Result", 4), text("Price", 4), number("Weight", [5, 6, 7.5, 8], "kg")),),
    )


def _total_that_is_none() -> HardFile:
    rows: list[list[Cell]] = [
        ["Company", "Staff"],
        ["Shell", 103000],
        ["Total", 101000],
        ["BP", 87800],
        ["Eni", 33000],
    ]
    return HardFile(
        "total_that_is_none.xlsx",
        workbook(("Oil", rows, [])),
        (table(4, text("Company", 4), integer("Staff", [103000, 101000, 87800, 33000])),),
    )


def _merged_down() -> HardFile:
    rows: list[list[Cell]] = [
        ["省", "市", "面积(km²)"],
        ["江苏", "苏州", 8657],
        [None, "南京", 6587],
        [None, "无锡", 4627],
        ["浙江", "杭州", 16850],
        [None, "宁波", 9816],
    ]
    return HardFile(
        "merged_down.xlsx",
        workbook(("地理", rows, [(1, 0, 3, 0), (4, 0, 5, 0)])),
        (table(5, text("省", 5), text("市", 5), integer("面积(km²)", [8657, 6587, 4627, 16850, 9816], "km²")),),
    )


def _three_lines() -> HardFile:
    rows: list[list[Cell]] = [
        ["项目", "收入（万元）", None, None, None],
        ["项目", "2023年", None, "2024年", None],
        ["项目", "线上", "线下", "线上", "线下"],
        ["甲", 1.5, 2.5, 3.5, 4.5],
        ["乙", 10, 20, 30, 40],
        ["总计", 11.5, 22.5, 33.5, 44.5],
    ]
    merges = [(0, 0, 2, 0), (0, 1, 0, 4), (1, 1, 1, 2), (1, 3, 1, 4)]
    return HardFile(
        "three_lines.xlsx",
        workbook(("表", rows, merges)),
        (
            table(
                2,
                text("项目", 2),
                number("收入（万元） 2023年 线上", [1.5, 10], "万元"),
                number("收入（万元） 2023年 线下", [2.5, 20], "万元"),
                number("收入（万元） 2024年 线上", [3.5, 30], "万元"),
                number("收入（万元） 2024年 线下", [4.5, 40], "万元"),
                totals=1,
            ),
        ),
    )


def _many_rows() -> HardFile:
    chance = random.Random(7)
    amounts = [round(chance.uniform(-1e4, 1e5), 2) for _ in range(5000)]
    lines = [f'A-{at:05},"{amount:,.2f}",{at % 7},{"是" if at % 3 else "否"}' for at, amount in enumerate(amounts)]
    return HardFile(
        "many_rows.csv",
        csv_file("单号,金额,星期,已付", *lines),
        (
            table(
                5000,
                text("单号", 5000),
                number("金额", amounts),
                integer("星期", [at % 7 for at in range(5000)]),
                boolean("已付", [bool(at % 3) for at in range(5000)]),
            ),
        ),
    )


def _json_records() -> HardFile:
    records = [
        {"sku": "0042", "price": 12.50, "sold": 1200, "active": True, "since": "2024-03-05"},
        {"sku": "0107", "price": 1e-3, "sold": None, "active": False, "since": "2023-11-30"},
        {"sku": "0300", "price": 99, "sold": 7, "active": True, "since": None},
    ]
    wanted = table(
        3,
        text("sku", 3),
        number("price", [12.5, 0.001, 99]),
        integer("sold", [1200, 7]),
        boolean("active", [True, False, True]),
        date("since", 2),
    )
    return HardFile("records.json", json.dumps(records).encode(), (wanted,))


def _markdown() -> HardFile:
    lines = (
        "# 季度报告",
        "",
        "## 收入",
        "",
        "| 季度 | 收入（亿元） | 同比 |",
        "|---|---:|---:|",
        "| 第一季度 | 1,234.5 | +12.5% |",
        "| 第二季度 | 1,300.25 | -0.5% |",
        "| 合计 | 2,534.75 | 5.7% |",
        "",
        "| Item | Cost ($) |",
        "|---|---|",
        "| Steel | (1,200) |",
        "| Labour | 3,400 |",
    )
    revenue = table(
        2,
        text("季度", 2),
        number("收入（亿元）", [1234.5, 1300.25], "亿元"),
        number("同比", [12.5, -0.5], "%"),
        totals=1,
    )
    costs = table(2, text("Item", 2), integer("Cost ($)", [-1200, 3400], "$"))
    return HardFile("report.md", "\n".join(lines).encode(), (revenue, costs))


def _page() -> HardFile:
    page = """<html><body><h1>Fleet</h1><table><caption>Ships by port</caption>
    <thead><tr><th rowspan="2">Port</th><th colspan="2">Tonnage (kt)</th></tr>
    <tr><th>2023</th><th>2024</th></tr></thead>
    <tbody><tr><td>Rotterdam</td><td>1&#160;200,5</td><td>1&#160;310,0</td></tr>
    <tr><td>Suzhou</td><td>980,25</td><td>—</td></tr><tr><td>Oslo</td><td>12,0</td><td>7,5</td></tr></tbody>
    </table>    </body></html>"""
    wanted = table(
        3,
        text("Port", 3),
        number("Tonnage (kt) 2023", [1200.5, 980.25, 12.0], "kt"),
        number("Tonnage (kt) 2024", [1310.0, 7.5], "kt"),
    )
    return HardFile("fleet.html", page.encode(), (wanted,))


def hard_files() -> list[HardFile]:
    makers = (
        _title_rows,
        _merged_header,
        _subtotals,
        _two_tables,
        _separators,
        _decimal_commas,
        _spaces,
        _chinese_numbers,
        _money,
        _codes,
        _dates,
        _precision,
        _blank_rows,
        _units_line,
        _no_header,
        _same_names,
        _mixed,
        _total_that_is_none,
        _merged_down,
        _three_lines,
        _many_rows,
        _json_records,
        _markdown,
        _page,
    )
    return [make() for make in makers]
