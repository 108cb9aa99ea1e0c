from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gezhi.types.language import find_quote, language_of, line_spans, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_abbreviations_initials_and_decimals_do_not_end_a_sentence() -> None:
    text = "Dr. J. Smith paid 3.5 million to the U.S. Treasury. See Fig. 2 for v2.3.1-rc2. Done."
    assert sentences(text) == [
        "Dr. J. Smith paid 3.5 million to the U.S. Treasury.",
        "See Fig. 2 for v2.3.1-rc2.",
        "Done.",
    ]


def test_the_number_of_a_clause_belongs_to_its_sentence() -> None:
    assert sentences("5. On 14 August a seal failed. 7.1. The seller pays. 8. 乙方付款。") == [
        "5. On 14 August a seal failed.",
        "7.1. The seller pays.",
        "8. 乙方付款。",
    ]


def test_chinese_stops_with_closing_quotes() -> None:
    assert sentences("违约金为10%。“逾期怎么办？”他问。见第3.2条；另行约定") == [
        "违约金为10%。",
        "“逾期怎么办？”",
        "他问。",
        "见第3.2条；",
        "另行约定",
    ]


def test_a_markdown_heading_is_no_part_of_the_sentence_below() -> None:
    assert sentences("## Leave\nEvery employee has\n25 days.\n# 违约金\n每日0.5%。") == [
        "## Leave",
        "Every employee has\n25 days.",
        "# 违约金",
        "每日0.5%。",
    ]


def test_lists_and_blank_lines_end_sentences() -> None:
    assert sentences("Bring:\n- a pump\n- a valve\n\nThen start") == ["Bring:", "- a pump", "- a valve", "Then start"]


@given(st.text(alphabet=st.sampled_from("ab .!?。？\n-1中国”"), max_size=200))
def test_spans_cover_all_but_white_space_in_order(text: str) -> None:
    for spans in (sentence_spans(text), line_spans(text)):
        assert all(a < b for a, b in spans)
        assert all(left[1] <= right[0] for left, right in pairwise(spans))
        assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())


def test_language_is_that_of_the_words_not_of_the_codes() -> None:
    assert language_of("PPR-9087的保修期是多久？") == "zh"
    assert language_of("What is 违约金 in the contract?") == "en"
    assert language_of("2023?") == "en"


def test_a_quote_is_found_across_line_breaks_width_and_quote_marks() -> None:
    text = "他说：“ＡＢＣ１２３\n 型号”已停产。"
    span = find_quote('"ABC123 型号"', text)
    assert span is not None
    assert text[slice(*span)] == "“ＡＢＣ１２３\n 型号”"
    assert find_quote("ABC124", text) is None
    assert find_quote("  ", text) is None


@given(st.text(min_size=1, max_size=60), st.integers(0, 59), st.integers(1, 60))
def test_every_piece_of_a_text_is_found_in_it(text: str, start: int, length: int) -> None:
    piece = text[start : start + length]
    if piece.strip() and find_quote(piece, piece) is not None:
        assert find_quote(piece, text) is not None
