import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.types.numbers import in_digits, known_numbers, quantities, stated_numbers


def test_numbers_are_read_in_both_languages() -> None:
    assert stated_numbers("1,200.50 和 ２０２４ 年") == {"1200.5", "2024"}
    assert known_numbers("二〇二四年三月十五日") >= {"2024", "15"}
    assert known_numbers("five pumps in Sept") >= {"5", "9"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.5 million km", ("3500000", "km")),
        ("2万元", ("20000", "yuan")),
        ("12 percent", ("12", "%")),
        ("12%", ("12", "%")),
        ("a 5-year plan", ("5", "year")),
        ("six of 7 pumps", ("7", "")),
        ("24 个月", ("24", "month")),
        ("1,200 metres", ("1200", "m")),
        ("1.5亿人", ("150000000", "person")),
    ],
)
def test_a_quantity_is_a_number_and_its_unit(text: str, expected: tuple[str, str]) -> None:
    assert quantities(text) == {expected}


@given(st.integers(0, 10**12))
def test_the_writing_of_a_number_does_not_count(number: int) -> None:
    assert stated_numbers(f"{number:,}") == stated_numbers(f"{number}.00") == {str(number)}


@pytest.mark.parametrize(
    ("chinese", "digits"),
    [
        ("二十四个月", "24个月"),
        ("二〇二四年十月", "2024年10月"),
        ("三百五十人", "350人"),
        ("一千零二", "1002"),
        ("两万三千", "23000"),
        ("一亿二千万", "120000000"),
        ("一个人", "一个人"),
        ("no number", "no number"),
    ],
)
def test_chinese_numbers_in_digits(chinese: str, digits: str) -> None:
    assert in_digits(chinese) == digits
