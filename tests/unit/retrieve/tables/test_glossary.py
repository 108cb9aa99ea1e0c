from __future__ import annotations

from importlib.resources import files

import pytest

from gezhi.retrieve.tables.glossary import translations


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("order_date", "订单日期"),
        ("Unit Price", "单价"),
        ("employees", "员工"),
        ("客户名称", "customer name"),
        ("北美", "north america"),
        ("cancelled", "已取消"),
        ("overtime", "加班"),
        ("加班小时", "overtime hours"),
        ("defect_rate", "次品率"),
        ("应收账款", "accounts receivable"),
        ("shipping date", "发货日期"),
        ("会议室", "meeting room"),
    ],
)
def test_names_in_the_other_language(name: str, one: str) -> None:
    assert one in translations(name)


@pytest.mark.parametrize(
    "name", ["", "GDP 2012", "指标", "目录价 List price", "frobnicated amount", "2024", "金额xyz", "x" * 99]
)
def test_what_is_not_wholly_known_is_not_translated(name: str) -> None:
    assert translations(name) == ()


def test_the_glossary_is_sound() -> None:
    lines = [
        line
        for line in (files("gezhi.retrieve.tables") / "glossary.tsv").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert len(lines) == len(set(lines))
    for line in lines:
        chinese, english = line.split("\t")
        assert all("\u3400" <= char <= "\u9fff" for word in chinese.split("|") for char in word), line
        assert all(word == word.strip().casefold() and word.isascii() for word in english.split("|")), line
