"""CSV, JSON, Markdown and HTML that are hard to import."""

from __future__ import annotations

import json
import random

from tables.wanted import HardFile, boolean, date, integer, number, table, text


def csv_file(*lines: str, encoding: str = "utf-8") -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


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


TEXTS = (
    _separators,
    _decimal_commas,
    _spaces,
    _chinese_numbers,
    _money,
    _codes,
    _no_header,
    _same_names,
    _mixed,
    _many_rows,
    _json_records,
    _markdown,
    _page,
)
