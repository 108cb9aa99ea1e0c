"""Names found without a model, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.store.naming.names import LONGEST, NameType, find_names, key_words, name_key


def surfaces(text: str) -> list[str]:
    return [text[name.start : name.end] for name in find_names(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "The University of Leeds met J. K. Rowling in New York.",
            ["University of Leeds", "J. K. Rowling", "New York"],
        ),
        ("However, the pump failed on Monday 3 May 2024.", []),
        ("Order PPR-9087 needs v2.3.1-rc2.", ["Order PPR-9087", "PPR-9087", "v2.3.1-rc2"]),
        ("Which film did the director of Jaws make first?", ["Jaws"]),
        ("王小明在上海交通大学读《格致》。", ["王小明", "上海交通大学", "格致"]),
        ("柳江 — 主要支流 — 寨蒿河", ["柳江", "主要支流", "寨蒿河"]),
        ("", []),
    ],
)
def test_names_are_found(text: str, names: list[str]) -> None:
    assert surfaces(text) == names


def test_types_are_told_where_the_text_tells_them() -> None:
    types = {name.key: name.type for name in find_names("Acme Ltd sold PPR-9087 to 北京理工大学的王小明。")}
    assert types["acme ltd"] is NameType.ORGANISATION
    assert types["ppr 9087"] is NameType.CODE
    assert types["北 京 理 工 大 学"] is NameType.ORGANISATION
    assert types["王 小 明"] is NameType.PERSON


@pytest.mark.parametrize(
    "spellings",
    [
        ["The Beatles", "the beatles", "Beatles", "ＢＥＡＴＬＥＳ"],
        ["Arthur's Magazine", "Arthur’s Magazine", "arthur magazine"],
        ["Arthur (film)", "Arthur"],
        ["PPR-9087", "ppr 9087"],
    ],
)
def test_spellings_of_one_name_have_one_key(spellings: list[str]) -> None:
    assert len({name_key(spelling) for spelling in spellings}) == 1


def test_a_title_in_brackets_keeps_its_words() -> None:
    assert name_key("(Untitled)") == "untitled"
    assert name_key("A") == "a"


@given(st.text(max_size=200))
def test_a_name_is_what_its_place_says(text: str) -> None:
    places = set()
    for name in find_names(text):
        assert 0 <= name.start < name.end <= len(text)
        assert name.key == name_key(text[name.start : name.end])
        assert 1 <= len(name.key.split()) <= LONGEST
        places.add((name.start, name.end))
    assert len(places) == len(find_names(text))


@given(st.text(max_size=60))
def test_keys_are_stable(text: str) -> None:
    key = name_key(text)
    assert name_key(key) == key or key.split()[0] in ("the", "a", "an")
    assert set(key.split()) <= set(key_words(text)) | {""}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("车间密封工艺由李建国负责，长度与康复训练见附件。", [("李建国", "person")]),
        ("鹿特丹仓库、西门子和华为。", [("鹿特丹", "name"), ("西门子", "name"), ("华为", "name")]),
        ("作家海明威住在布什路，布什表示同意。", [("海明威", "person"), ("布什路", "name"), ("布什", "person")]),
        (
            "王丽华 | 张三 | 浙江省 | 密封",
            [("王丽华", "person"), ("张三", "person"), ("浙江省", "place"), ("密封", "field")],
        ),
        ("Gaskets GK-12/A of the 1970s and the 19th century.", [("Gaskets GK-12", "name"), ("GK-12/A", "code")]),
        ("见图纸 GK-12/A。", [("GK-12/A", "code")]),
        ("COVID-19/SARS", [("COVID-19/SARS", "code"), ("COVID-19", "name")]),
    ],
)
def test_kinds_are_told_by_more_than_the_dictionary(text: str, names: list[tuple[str, str]]) -> None:
    found = [(text[name.start : name.end], name.type.value) for name in find_names(text)]
    assert found[: len(names)] == names


def test_common_words_are_names_only_of_streets_and_districts() -> None:
    assert surfaces("密封、长度、入口、关联、加密、福利、智慧、上市。") == []
    assert surfaces("和平区") == ["和平区"]


def test_a_word_that_only_begins_its_sentence_is_no_name() -> None:
    assert surfaces("## 4 Delivery\n\nDelivery takes 21 days. Any late delivery costs 2 %.") == []
    assert surfaces("Delivery takes 21 days.") == ["Delivery"]
    assert surfaces("The Buyer pays. Every buyer does.") == ["Buyer"]
