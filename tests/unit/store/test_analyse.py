from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.store import Analyser
from gezhi.store.analyse import fold, term_keys

ANALYSER = Analyser()


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("上海交通大学", "上海 海交 交通 通大 大学"),
        ("三码", "三码"),
        ("税", "税"),
        ("臺灣後來", "台湾 湾后 后来"),
        ("ＡＢＣ１２３", "abc123"),
        ("PPR-9087", "ppr-9087 ppr9087 ppr 9087"),
        ("v2.3.1-rc2", "v2.3.1-rc2 v2.3.1rc2 2.3.1 v2.3.1 rc2"),
        ("3.5% of 90,000", "3.5 of 90000"),
        ("1,234.50", "1234.50"),
        ("2023-10-01", "2023-10-01 2023 10 01"),
        ("2023.10.01", "2023.10.01 2023"),
        ("U.S.A.", "usa"),
        ("C++ and C#", "c++ and c#"),
        ("R&D", "r&d r d"),
        ("Bob's dogs don't run", "bob dog dont run"),
        ("café naïve Straße Łódź", "cafe naiv strass lodz"),
        ("john.smith@example.com", "john.smith@example.com john smith exampl com"),
        ("https://www.example.org/a", "example.org/a example.org exampl org a"),
        ("Привет мир", "привет мир"),
        ("서울에서", "서울 울에 에서"),
        ("コンピュータ", "コンピュータ コン ンピ ピュ ュー ータ"),
        ("用iPhone15拍照", "iphone15 拍照"),
        ("well\u00adknown zero\u200bwidth", "wellknown zerowidth"),
        ("", ""),
        ("!?，。", ""),
    ],
)
def test_terms(text: str, terms: str) -> None:
    if text.startswith("用"):
        assert [term for term in ANALYSER.terms(text) if term != "用"] == terms.split()
    else:
        assert ANALYSER.terms(text) == terms.split()


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("Who is the owner of Reading Football Club?", "owner read footbal club"),
        ("玩家用什么泡封敌人？", "玩家 泡封 封敌 敌人"),
        ("To be or not to be", "to be or not"),
        ("什么", "什么"),
        ("cats cats CATS cat", "cat"),
    ],
)
def test_questions_leave_out_what_only_asks(question: str, terms: str) -> None:
    assert ANALYSER.query_terms(question) == terms.split()


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("上海交通大学", "上海交通大学"),
        (" “Reading  Football Club” ", "readingfootballclub"),
        ("上海交通大学在哪里？", ""),
        ("安全", ""),
        ("where is the club", ""),
        ("word " * 30, ""),
    ],
)
def test_phrases(text: str, phrase: str) -> None:
    assert ANALYSER.phrase(text) == phrase


def test_user_terms_are_kept_whole_and_change_the_version() -> None:
    mine = Analyser(["格致引擎"])
    assert "格致引擎" in mine.terms("关于格致引擎的说明")
    assert "格致引擎" in mine.query_terms("格致引擎是什么")
    assert mine.version != ANALYSER.version
    assert mine.version == Analyser(["格致引擎", "格致引擎 "]).version


def test_a_long_run_is_cut() -> None:
    assert all(len(term) <= 64 for term in ANALYSER.terms("a" * 5000 + " " + "b1-" * 500 + " " + "x" * 100 + "1"))


@given(st.text())
def test_questions_ask_for_terms_that_passages_have(text: str) -> None:
    """Whatever is asked in the passage's own words can match, and folding again changes nothing."""
    assert set(ANALYSER.query_terms(text)) <= set(ANALYSER.terms(text))
    assert ANALYSER.terms(fold(text)) == ANALYSER.terms(text)


@given(st.text(alphabet="abc上海大学123-. ", max_size=40))
def test_case_and_width_do_not_matter(text: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert ANALYSER.terms(wide) == ANALYSER.terms(text.upper()) == ANALYSER.terms(text)


def test_keys_are_stable() -> None:
    """They are stored: another hash needs another analyser version."""
    assert term_keys(["大学", "cat"]).tolist() == [2528256096, 3138554730]


def test_forgetting_leaves_no_word_in_memory() -> None:
    analyser = Analyser()
    keys = term_keys(analyser.terms("Quorvantine pumps")).tolist()
    assert "quorvantine" in analyser._stems
    analyser.forget()
    assert not analyser._stems
    assert term_keys(analyser.terms("Quorvantine pumps")).tolist() == keys
