"""Cells are read as what they state, or not at all."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.ingest.tables.cells import is_empty, read_boolean
from gezhi.ingest.tables.chinese import chinese_number
from gezhi.ingest.tables.dates import DateOrder, date_order, read_date
from gezhi.ingest.tables.numbers import read_number
from gezhi.types.units import header_unit, stated_unit

NUMBERS: list[tuple[str, int | float, str]] = [
    ("1,234,567.89", 1234567.89, ""),
    ("1 234.5", 1234.5, ""),
    ("1'234'567", 1234567, ""),
    ("12,34,567", 1234567, ""),
    ("(1,234)", -1234, ""),
    ("(5.2)%", -5.2, "%"),
    ("−5", -5, ""),
    ("12-", -12, ""),
    ("$5", 5, "$"),
    ("$ (5.2)", -5.2, "$"),
    ("-€3.5", -3.5, "€"),
    ("CNY 650", 650, "CNY"),
    ("US$3.4bn", 3400000000, "US$"),
    ("$1.2B", 1200000000, "$"),
    ("3 million", 3000000, ""),
    ("￥１，２００", 1200, "¥"),
    ("¥1.2万", 12000, "¥"),
    ("3.5亿元", 350000000, "元"),
    ("3亿5000万", 350000000, ""),
    ("1万2千", 12000, ""),
    ("8 千瓦", 8, "千瓦"),
    ("12台", 12, "台"),
    ("5 kg", 5, "kg"),
    ("12.5%", 12.5, "%"),
    ("12.5％", 12.5, "%"),
    ("5‰", 5, "‰"),
    ("百分之三十", 30, "%"),
    ("叁佰元整", 300, "元"),
    ("1.2e5", 120000, ""),
    ("1.2×10⁵", 120000, ""),
    ("12[1]", 12, ""),
    ("1.5*", 1.5, ""),
    (".5", 0.5, ""),
    ("+8.1%", 8.1, "%"),
]
CHINESE = [
    ("三十五", 35),
    ("十", 10),
    ("十二", 12),
    ("一百二十", 120),
    ("一百零五", 105),
    ("一百五", 150),
    ("两千零八", 2008),
    ("三万五", 35000),
    ("三万零五", 30005),
    ("二〇二四", 2024),
    ("一亿二千万", 120000000),
    ("一万亿", 10**12),
    ("负三", -3),
]


@pytest.mark.parametrize(("text", "value", "unit"), NUMBERS)
def test_numbers_with_their_units(text: str, value: float, unit: str) -> None:
    amount = read_number(text)
    assert amount is not None
    assert (amount.value, amount.unit) == (value, unit)
    assert isinstance(amount.value, type(value))


NO_NUMBERS = [
    "PPR-9087",
    "12²",
    "12A",
    "1.2.3",
    "1,23",
    "1.234,56",
    "2024-03",
    "5-7",
    "1/2",
    "三万五六",
    "第三",
    "十百",
    "abc",
    "1 2",
    "12 apples",
    "5 of 7",
    "1e400",
    "$",
    "%",
    "-",
    "()",
    "(1)(2)",
    "++5",
    "--5",
    "(-5)",
    "¥€5",
    "5 kg 3",
    "3月5日",
    "13800-138000",
    "0x1F",
    "１２３a",
    "１,２３",
    "万",
    "零点",
]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number(text: str) -> None:
    assert read_number(text) is None


def test_a_decimal_comma_is_read_where_the_column_has_one() -> None:
    for text, value in {"1.234,56": 1234.56, "0,5": 0.5, "12": 12, "1 234,5": 1234.5}.items():
        amount = read_number(text, decimal_comma=True)
        assert amount is not None
        assert amount.value == value
    assert read_number("1.5", decimal_comma=True) is None


@pytest.mark.parametrize(("text", "value"), CHINESE)
def test_chinese_numerals(text: str, value: int) -> None:
    assert chinese_number(text) == value


@given(st.integers(-(10**15), 10**15), st.sampled_from(["{}", "{:,}", " {:,} ", "{}.", "¥{:,}", "{:,}元", "{} kg"]))
def test_whole_numbers_come_back(number: int, written: str) -> None:
    amount = read_number(written.format(number))
    assert written == "{}." or (amount is not None and amount.value == number and isinstance(amount.value, int))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_comes_back_to_the_bit(number: float) -> None:
    amount = read_number(repr(number))
    assert amount is not None
    assert float(amount.value) == number


@given(st.decimals(-(10**9), 10**9, places=2))
def test_amounts_come_back(number: object) -> None:
    for written in (f"{number:,.2f}", f"${number:,.2f}".replace("$-", "-$"), f"{number:,.2f}%"):
        amount = read_number(written)
        assert amount is not None
        assert amount.value == float(f"{number:.2f}")


@given(st.integers(1, 10**12 - 1))
def test_chinese_numerals_come_back(number: int) -> None:
    assert chinese_number(in_chinese(number)) == number


@given(st.text(max_size=30))
def test_no_text_breaks_the_readers(text: str) -> None:
    read_number(text)
    read_number(text, decimal_comma=True)
    read_date(text, DateOrder.DAY_FIRST)
    header_unit(text)
    stated_unit(text)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("2024.3.5", "2024-03-05"),
        ("5 March 2024", "2024-03-05"),
        ("Mar 5, 2024", "2024-03-05"),
        ("Sept. 5, 2024", "2024-09-05"),
        ("05-Mar-24", "2024-03-05"),
        ("Mon, 5th May 2024", "2024-05-05"),
        ("March 2024", "2024-03"),
        ("2024-03", "2024-03"),
        ("2024年3月5日", "2024-03-05"),
        ("2024年3月5日 星期二", "2024-03-05"),
        ("2024年3月", "2024-03"),
        ("2024年", "2024"),
        ("二〇二四年十二月三十一日", "2024-12-31"),
        ("2024-03-05 10:20:30", "2024-03-05 10:20:30"),
        ("2024-03-05T00:00:00", "2024-03-05"),
    ],
)
def test_dates_are_as_exact_as_written(text: str, date: str) -> None:
    assert read_date(text) == date


@pytest.mark.parametrize(
    "text", ["2024", "2024-13-01", "2024-02-30", "3/5/2024", "12:30", "5 Apples 2024", "2024.3", "x"]
)
def test_what_is_no_date(text: str) -> None:
    assert read_date(text) is None


def test_the_column_tells_days_from_months() -> None:
    assert date_order(["3/5/2024", "13/5/2024"]) is DateOrder.DAY_FIRST
    assert date_order(["3/5/2024", "3/25/2024"]) is DateOrder.MONTH_FIRST
    assert date_order(["3/5/2024"]) is None
    assert date_order(["13/5/2024", "3/25/2024"]) is None
    assert read_date("13/5/2024", DateOrder.DAY_FIRST) == "2024-05-13"


@given(
    st.dates(dt.date(1000, 1, 1)), st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%d %B %Y", "%b %d, %Y"])
)
def test_days_come_back(day: dt.date, written: str) -> None:
    assert read_date(day.strftime(written)) == day.isoformat()


def test_blanks_and_yes_and_no() -> None:
    assert all(map(is_empty, ["", "-", "—", "n/a", "N/A", "空", " — ", "#N/A"]))
    assert not any(map(is_empty, ["无", "0", "None", "否"]))
    assert [read_boolean(text) for text in ("Yes", "否", "✓", "×", "maybe")] == [True, False, True, False, None]


@pytest.mark.parametrize(
    ("header", "plain", "unit"),
    [
        ("金额（万元）", "金额", "万元"),
        ("Price (USD)", "Price", "USD"),
        ("Revenue in $m", "Revenue", "$m"),
        ("Sales ($ in millions)", "Sales", "$ in millions"),
        ("Length [mm]", "Length", "mm"),
        ("单价(元/吨)", "单价", "元/吨"),
        ("Growth %", "Growth", "%"),
        ("Revenue, USD", "Revenue", "USD"),
        ("Name (English)", "Name (English)", ""),
        ("Born in May", "Born in May", ""),
        ("Country/State", "Country/State", ""),
        ("%", "%", ""),
    ],
)
def test_units_in_headers(header: str, plain: str, unit: str) -> None:
    assert header_unit(header) == (plain, unit)


def test_units_stated_above_a_table() -> None:
    assert stated_unit("单位：万元") == "万元"
    assert stated_unit("（单位：人民币百万元）") == "百万元"
    assert stated_unit("(in thousands)") == "thousands"
    assert stated_unit("Sales 2024") == ""


def in_chinese(number: int) -> str:
    """As a number below 10^12 is read aloud."""
    digits = "零一二三四五六七八九"
    groups = [number // 10 ** (4 * power) % 10**4 for power in (2, 1, 0)]
    text, zero = "", False
    for group, scale in zip(groups, ("亿", "万", ""), strict=True):
        if not group:
            zero = bool(text)
            continue
        part, gap = "", bool(text) and (zero or group < 1000)
        for place, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
            digit = group // size % 10
            if not digit:
                gap = gap or bool(part)
                continue
            part += ("零" if gap else "") + digits[digit] + place
            gap = False
        text += part + scale
        zero = False
    return text
