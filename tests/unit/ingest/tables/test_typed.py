"""Tables of documents become typed tables whose sums are those of their cells."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gezhi.ingest.tables import typed, typed_tables
from gezhi.ingest.tables.keys import sql_key
from gezhi.types import Block, BlockKind, Document, Table, TableRow
from gezhi.types.tables import TableData

Rows = list[list[str]]


def block(header: list[str], rows: Rows, *, name: str = "", page: int | None = None, at: int = 0) -> Block:
    made = tuple(TableRow(cells=tuple(row), start=at + n, end=at + n + 1) for n, row in enumerate(rows))
    table = Table(name=name, header=tuple(header), rows=made)
    return Block(kind=BlockKind.TABLE, start=at, end=at + len(rows), page=page, table=table)


def document(*blocks: Block, text: str = "", title: str = "", source: str = "folder/prices 2024.csv") -> Document:
    return Document(
        id="0" * 32, source=source, title=title, media_type="text/csv", text=text or " " * 9999, blocks=blocks
    )


def one(header: list[str], rows: Rows, *, name: str = "") -> TableData:
    [data] = typed_tables(document(block(header, rows, name=name)))
    return data


def column(cells: list[str], header: str = "X") -> tuple[str, str, list[object]]:
    data = one([header, "other"], [[cell, f"row {at}"] for at, cell in enumerate(cells)])
    made = data.table.columns[0]
    return made.type.value, made.unit, [row.values[0] for row in data.rows]


@pytest.mark.parametrize(
    ("cells", "type_", "unit", "values"),
    [
        (["1", "2,000", "—", "无"], "integer", "", [1, 2000, None, None]),
        (["1", "2.50"], "number", "", [1.0, 2.5]),
        (["1.234,56", "99,9", "7"], "number", "", [1234.56, 99.9, 7.0]),
        (["$ 1,200", "(300)", "4"], "integer", "$", [1200, -300, 4]),
        (["5%", "7.5%"], "number", "%", [5.0, 7.5]),
        (["1,000", "2,000", "5%"], "integer", "", [1000, 2000, 5]),
        (["12台", "6套"], "integer", "", [12, 6]),
        (["$5", "€6"], "text", "", ["$5", "€6"]),
        (["5 kg", "7 m"], "text", "", ["5 kg", "7 m"]),
        (["007", "12"], "text", "", ["007", "12"]),
        (["13800138000", "13900139000"], "text", "", ["13800138000", "13900139000"]),
        (["1234567890123456", "5"], "text", "", ["1234567890123456", "5"]),
        (["PPR-9087", "12"], "text", "", ["PPR-9087", "12"]),
        (["1998", "2024"], "integer", "", [1998, 2024]),
        (["一", "二", "三"], "text", "", ["一", "二", "三"]),
        (["三十五", "二", "一百"], "integer", "", [35, 2, 100]),
        (["2024-03-05", "2023", "2024年3月"], "date", "", ["2024-03-05", "2023", "2024-03"]),
        (["3/25/2024", "4/5/2024"], "date", "", ["2024-03-25", "2024-04-05"]),
        (["3/4/2024", "4/5/2024"], "text", "", ["3/4/2024", "4/5/2024"]),
        (["是", "否", ""], "boolean", "", [True, False, None]),
        (["Y", "N", "Y"], "boolean", "", [True, False, True]),
        (["Y", "Y"], "text", "", ["Y", "Y"]),
        (["有", "无", "-"], "text", "", ["有", "无", None]),
        (["9223372036854775808", "1"], "text", "", ["9223372036854775808", "1"]),
    ],
)
def test_a_column_is_what_its_cells_agree_on(cells: list[str], type_: str, unit: str, values: list[object]) -> None:
    made = column(cells)
    assert made == (type_, unit, values)
    assert [type(value) for value in made[2]] == [type(value) for value in values]


def test_headers_say_what_are_codes() -> None:
    assert column(["12", "13"], "邮编")[0] == "text"
    assert column(["12", "13"], "Zip code")[0] == "text"
    assert column(["1.9", "1.10"], "Version")[0] == "text"
    assert column(["1", "2"], "version_number")[0] == "integer"
    assert column(["12", "13"], "Zipper")[0] == "integer"
    assert column(["20240305", "20241231"], "日期")[2] == ["2024-03-05", "2024-12-31"]
    assert column(["20240305", "20241231"], "金额")[0] == "integer"


def test_a_few_cells_that_do_not_fit_are_reported() -> None:
    data = one(["a", "b"], [[str(n), f"r{n}"] for n in range(19)] + [["dozens", "r19"]])
    assert data.table.columns[0].type.value == "integer"
    assert data.rows[19].values == (None, "r19")
    assert data.rows[19].texts == ("dozens", "r19")
    quality = data.table.quality
    assert quality.unparsed_count == 1
    assert [(issue.row, issue.column, issue.text) for issue in quality.unparsed] == [(20, "a", "dozens")]
    assert column([*map(str, range(8)), "dozens"])[0] == "text"


def test_lines_above_and_units_of_a_sheet() -> None:
    rows = [
        ["2024年销售汇总", "", ""],
        ["地区", "2023", ""],
        ["", "线上", "线下"],
        ["苏州", "1.5", "2"],
        ["上海", "3", "4"],
    ]
    data = one([], rows, name="Sheet1")
    assert [made.name for made in data.table.columns] == ["地区", "2023 线上", "2023 线下"]
    assert [row.values for row in data.rows] == [("苏州", 1.5, 2), ("上海", 3.0, 4)]
    units = one(["站点", "产量"], [["", "吨"], ["一号", "120"], ["二号", "98"]])
    assert [(made.key, made.unit) for made in units.table.columns] == [("站点", ""), ("产量", "吨")]
    assert len(units.rows) == 2


def test_rows_are_not_taken_for_headers() -> None:
    assert len(one(["Name", "Score"], [["Bob", "absent"], ["Eve", "5"], ["Al", "7"]]).rows) == 3
    assert len(one(["Name", "Score"], [["Bob", "n/a"], ["Eve", "5"]]).rows) == 2
    assert len(one(["Name", "City"], [["Bob", "Rome"], ["Eve", "Oslo"]]).rows) == 2
    routes = [["310 A", "Rome", "Oslo", "x"], ["323", "Bonn", "Bern", "y"], ["392", "Nice", "Lyon", "z"]]
    assert len(one(["Route", "Ends", "Ends", "Notes"], routes).rows) == 3
    assert len(one([], [["1", "2"], ["3", "4"]]).rows) == 2


@pytest.mark.parametrize(
    ("heading", "units"),
    [
        ("## Table 1. Revenue by region (CNY m)", ["", "CNY m", "", ""]),
        ("## 各地区收入（万元）", ["", "万元", "", ""]),
        ("## Distances (km)", ["", "", "", ""]),  # not everything under a heading is in its unit
        ("## Revenue (preliminary)", ["", "", "", ""]),
    ],
)
def test_money_of_a_caption_set_like_a_heading(heading: str, units: list[str]) -> None:
    text = heading.ljust(80)
    above = Block(kind=BlockKind.HEADING, start=0, end=len(heading), level=2)
    rows = [["North", "12.5", "40", "1998"], ["South", "7.25", "31", "2011"]]
    [made] = typed_tables(document(above, block(["Region", "2023", "Employees", "Opened"], rows, at=80), text=text))
    assert [column.unit for column in made.table.columns] == units


def test_a_unit_stated_above_holds_for_amounts_only() -> None:
    text = "单位：万元".ljust(50)
    line = Block(kind=BlockKind.PARAGRAPH, start=0, end=5)
    rows = [["甲", "1.5", "3"], ["乙", "2", "4"]]
    [data] = typed_tables(document(line, block(["公司", "营收", "数量"], rows, at=10), text=text))
    assert [made.unit for made in data.table.columns] == ["", "万元", ""]


def test_a_financial_table_with_its_lines() -> None:
    rows = [
        ["", "Year Ended December 31,", ""],
        ["", "2019", "2018"],
        ["", "(in thousands)", ""],
        ["Revenue:", "Revenue:", "Revenue:"],
        ["Pumps", "$ 1,200", "$ (300)"],
        ["Valves", "800", "—"],
    ]
    data = one([], rows)
    assert [(made.name, made.unit) for made in data.table.columns] == [
        ("column_1", ""),
        ("2019", "$ thousands"),
        ("2018", "$ thousands"),
    ]
    assert [row.values for row in data.rows] == [("Revenue:", None, None), ("Pumps", 1200, -300), ("Valves", 800, None)]
    assert data.rows[0].texts == ("Revenue:",) * 3
    assert data.table.quality.unparsed_count == 0


def test_totals_are_kept_apart_on_strong_evidence() -> None:
    rows = [["a", "1"], ["b", "2"], ["小计", "3"], ["c", "4"], ["d", "5"], ["小计", "9"], ["合 计", "12"]]
    data = one(["项", "数"], rows)
    assert data.table.quality.totals_rows == (3, 6, 7)
    assert [row.number for row in data.rows] == [1, 2, 4, 5]
    assert sum(row.values[1] or 0 for row in data.rows) == 12  # type: ignore[misc]
    # A company of that name, an average that is none, and a label in a table of one row stay.
    assert one(["Company", "Staff"], [["Shell", "9"], ["Total", "5"], ["BP", "7"]]).table.row_count == 3
    assert one(["x", "y"], [["a", "1"], ["b", "3"], ["Average", "9"]]).table.row_count == 3
    assert one(["x", "y"], [["a", "1"], ["b", "3"], ["Average", "2"]]).table.row_count == 2
    assert one(["x", "y"], [["Total", "5"]]).table.row_count == 1
    assert one(["x", "y", "z"], [["a", "k", "1"], ["Total", "", ""], ["b", "l", "2"]]).table.row_count == 3
    assert one(["x", "y"], [["a", "1"], ["b", "2"], ["Total", "9"]]).table.row_count == 3
    assert one(["x", "y"], [["a", "1"], ["b", "2"], ["Total assets", "3"]]).table.row_count == 3
    parts = [["a", "1", "5", "3"], ["b", "2", "6", "3"], ["c", "4", "0", "1"]]
    assert one(["x", "p", "q", "r"], [*parts, ["3 clubs", "7", "11", "7"]]).table.quality.totals_rows == (4,)
    assert one(["x", "p", "q", "r"], [*parts, ["d", "7", "11", "8"]]).table.row_count == 4
    noted = one(["x", "y"], [["a", "1"], ["b", "2"], ["TOTAL (a–b)", "3"], ["c", "5"]])
    assert noted.table.quality.totals_rows == (3,)


def test_a_table_goes_on_after_a_blank_row_and_over_pages() -> None:
    header = ["id", "n"]
    after_blank = document(block(header, [["a", "1"]]), block([], [["b", "2"]], at=10))
    assert [len(data.rows) for data in typed_tables(after_blank)] == [2]
    pages = document(block(header, [["a", "1"]], page=1), block(header, [["b", "2"]], page=2, at=10))
    assert [len(data.rows) for data in typed_tables(pages)] == [2]
    same_page = document(block(header, [["a", "1"]], page=1), block(header, [["b", "2"]], page=1, at=10))
    assert [len(data.rows) for data in typed_tables(same_page)] == [1, 1]
    between = Block(kind=BlockKind.PARAGRAPH, start=5, end=9)
    apart = document(block(header, [["a", "1"]]), between, block([], [["b", "2"]], at=10))
    assert len(typed_tables(apart)) == 2
    wider = document(block(header, [["a", "1"]]), block([], [["b", "2", "3"]], at=10))
    assert len(typed_tables(wider)) == 2


def test_names_keys_and_headings() -> None:
    text = "# Prices\nOld prices\n".ljust(200)
    heading = Block(kind=BlockKind.HEADING, start=0, end=8, level=1)
    rows = [["a", "1", "x", "y"], ["b", "2", "x", "y"]]
    first = block(["Order", "价格 (元)", "", "Group"], rows, at=30)
    second = block(["Order", "order", "Ordér", "2024"], rows, at=90)
    one_, two = typed_tables(document(heading, first, second, text=text))
    assert (one_.table.name, one_.table.key, one_.table.headings) == ("Prices", "prices", ("# Prices",))
    assert [made.key for made in one_.table.columns] == ["order_", "价格", "列3", "group_"]
    assert [made.name for made in one_.table.columns] == ["Order", "价格 (元)", "列3", "Group"]
    assert two.table.key == "prices_2"
    assert [made.key for made in two.table.columns] == ["order_", "order_2", "order_3", "_2024"]
    assert (one_.table.id, two.table.id) == ("0" * 32 + ":t0", "0" * 32 + ":t1")


def test_keys_and_quality() -> None:
    data = one(["订单号", "x", "empty"], [["A1", "1", ""], ["A2", "2", "-"], ["A3", "2", ""]])
    assert data.table.primary_key == ("订单号",)
    assert data.table.quality.empty_columns == ("empty",)
    twice = one(["订单号", "x"], [["A1", "1"], ["A1", "1"], ["A2", "1"]])
    assert twice.table.primary_key == ()
    assert twice.table.quality.duplicate_rows == (2,)


def test_what_is_too_large_is_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed, "MOST_ROWS", 3)
    monkeypatch.setattr(typed, "MOST_COLUMNS", 2)
    data = one(["a", "b", "c"], [[str(n), "x", "y"] for n in range(5)])
    assert (len(data.rows), len(data.table.columns)) == (3, 2)
    assert (data.table.quality.rows_left_out, data.table.quality.columns_left_out) == (2, 1)


def test_places_of_rows_are_those_of_the_document() -> None:
    data = one(["a", "b"], [["x", "1"], ["y", "2"]])
    assert [(row.start, row.end) for row in data.rows] == [(0, 1), (1, 2)]


@given(st.text(max_size=80), st.sets(st.text("ab_", min_size=1), max_size=5))
def test_keys_are_names_that_sql_takes(name: str, taken: set[str]) -> None:
    key = sql_key(name, taken, otherwise="column_1")
    assert key not in taken
    assert key.replace("_", "a").isalnum()
    assert not key[0].isdigit()
    assert key == key.lower()
    assert key not in ("select", "order", "group", "from", "table")


CELL = st.one_of(
    st.integers(-(10**6), 10**6).map(str),
    st.sampled_from(["", "-", "合计", "Total", "x", "5%", "2024", "007", "是", "元"]),
)


@settings(max_examples=200)
@given(st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=8), st.lists(CELL, max_size=4))
def test_any_table_comes_through_whole(rows: Rows, header: list[str]) -> None:
    for data in typed_tables(document(block(header, rows))):
        assert data.table.row_count == len(data.rows)
        numbers = [row.number for row in data.rows] + list(data.table.quality.totals_rows)
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
        keys = [made.key for made in data.table.columns]
        assert len({key.lower() for key in keys}) == len(keys)
        for row in data.rows:
            assert len(row.values) == len(row.texts) == len(keys)
        assert typed_tables(document(block(header, rows)))[0] == data


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=30))
def test_the_sum_of_a_column_is_the_sum_of_the_file(values: list[int]) -> None:
    data = one(["Name", "Amount"], [[f"n{at}", f"{value:,}"] for at, value in enumerate(values)])
    assert sum(row.values[1] for row in data.rows) == sum(values)  # type: ignore[misc]
