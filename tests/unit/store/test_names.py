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
