"""XLSX files that are hard to import."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from tables.wanted import Cell, HardFile, boolean, date, integer, number, table, text


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


WORKBOOKS = (
    _title_rows,
    _merged_header,
    _subtotals,
    _two_tables,
    _dates,
    _precision,
    _blank_rows,
    _units_line,
    _total_that_is_none,
    _merged_down,
    _three_lines,
)
