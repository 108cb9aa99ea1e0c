"""Other names that a text gives: only what it says and the letters bear out."""

from __future__ import annotations

import pytest

from gezhi.store.naming.aliases import find_aliases


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("At Beijing Institute of Technology (BIT)", "abbreviation: Beijing Institute of Technology = BIT"),
        ("The World Health Organization (WHO) said so.", "abbreviation: World Health Organization = WHO"),
        ("We use large language models (LLM) here.", "abbreviation: large language models = LLM"),
        ("NSA (National Space Administration) flew.", "abbreviation: National Space Administration = NSA"),
        ("他毕业于北京理工大学（北理工）。", "abbreviation: 北京理工大学 = 北理工"),
        ("上海交通大学（上海交大）位于上海。", "abbreviation: 上海交通大学 = 上海交大"),
        ("供方：华辰泵业有限公司（以下简称“供方”）", "defined: 华辰泵业有限公司 = 供方"),
        ("中国国际贸易促进委员会（简称贸促会）成立。", "defined: 中国国际贸易促进委员会 = 贸促会"),
        ('Harbor Fluid Systems Ltd. (the "Supplier") delivers.', "defined: Harbor Fluid Systems Ltd. = Supplier"),
        ("Norvik Ltd (hereinafter referred to as “Norvik”) pays.", "defined: Norvik Ltd = Norvik"),
        ("苏州华辰泵业（Suzhou Huachen Pumps）生产水泵。", "translation: 苏州华辰泵业 = Suzhou Huachen Pumps"),
        ("Shanghai Jiao Tong University（上海交通大学）", "translation: Shanghai Jiao Tong University = 上海交通大学"),
    ],
)  # fmt: skip
def test_what_a_text_says(text: str, found: str) -> None:
    told = [
        f"{one.kind.value}: {text[one.name[0] : one.name[1]]} = {text[one.alias[0] : one.alias[1]]}"
        for one in find_aliases(text)
    ]
    assert told == [found]


@pytest.mark.parametrize(
    "text",
    [
        "The pump (see page 4) was replaced.",
        "Anna Berg (CEO) signed.",
        "王芳（Chief Executive Officer）签字。",
        "王芳（总经理）签字。",
        "World Health Organization (UNICEF) is wrong.",
        "温度（摄氏度）",
        "(BIT) stands alone",
        "北京大学（清华）",
        "It costs a lot (USD).",
        "价格（USD）",
        "Paris (France) is large.",
    ],
)
def test_what_it_does_not_say(text: str) -> None:
    assert find_aliases(text) == []
