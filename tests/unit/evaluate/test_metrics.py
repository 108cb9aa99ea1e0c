"""Every expected figure here was worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.evaluate.metrics import (
    all_at,
    answer_tokens,
    containment,
    exact_match,
    first_of_each,
    mrr_at,
    ndcg_at,
    recall_at,
    token_f1,
)

RANKED = ["d1", "d2", "d3", "d4", "d5", "d6"]


def test_passages_become_documents_at_their_best_rank() -> None:
    assert first_of_each(["b", "a", "b", "c", "a"]) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("gold", "k", "recall", "all_found", "mrr"),
    [
        ({"d1"}, 1, 1.0, 1.0, 1.0),
        ({"d3"}, 2, 0.0, 0.0, 0.0),
        ({"d3"}, 3, 1.0, 1.0, 1 / 3),
        ({"d2", "d6"}, 5, 0.5, 0.0, 0.5),
        ({"d2", "d6"}, 6, 1.0, 1.0, 0.5),
        ({"d2", "absent"}, 100, 0.5, 0.0, 0.5),
    ],
)
def test_cuts(gold: set[str], k: int, recall: float, all_found: float, mrr: float) -> None:
    assert recall_at(k, RANKED, gold) == recall
    assert all_at(k, RANKED, gold) == all_found
    assert mrr_at(k, RANKED, gold) == mrr


def test_ndcg_by_hand() -> None:
    # Gold at ranks 2 and 4: gain 1/log2(3) + 1/log2(5) = .63093 + .43068; ideal 1/log2(2) + 1/log2(3) = 1.63093.
    assert ndcg_at(10, RANKED, {"d2", "d4"}) == pytest.approx((0.63093 + 0.43068) / 1.63093, abs=1e-5)
    # Cut at 3 only rank 2 counts, but the ideal still has two places.
    assert ndcg_at(3, RANKED, {"d2", "d4"}) == pytest.approx(0.63093 / 1.63093, abs=1e-5)
    # Cut at 1 with two gold documents: the ideal has one place.
    assert ndcg_at(1, RANKED, {"d1", "d2"}) == 1.0
    assert ndcg_at(10, [], {"d1"}) == 0.0


@given(st.permutations(RANKED), st.sets(st.sampled_from([*RANKED, "absent"]), min_size=1), st.integers(1, 8))
def test_scores_are_shares_and_agree(ranked: list[str], gold: set[str], k: int) -> None:
    for score in (recall_at, all_at, ndcg_at, mrr_at):
        assert 0.0 <= score(k, ranked, gold) <= 1.0 + 1e-12
        assert score(k + 1, ranked, gold) >= score(k, ranked, gold) - 1e-12 or score is ndcg_at
    assert all_at(k, ranked, gold) == (recall_at(k, ranked, gold) == 1.0)
    assert (mrr_at(k, ranked, gold) > 0) == (recall_at(k, ranked, gold) > 0)
    assert math.isclose(ndcg_at(len(gold), sorted(gold), gold), 1.0)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The United States of America", ["united", "states", "of", "america"]),
        ("违约金为 3 万元。", ["违", "约", "金", "为", "3", "万", "元"]),
        ("1,234,567.50", ["1234567.5"]),
        ("3.0", ["3"]),
        ("10.13.4", ["10.13.4"]),
        ("１２％", ["12", "%"]),
        ("百分之12.5", ["12.5", "%"]),
        ("5 percent", ["5", "%"]),
        ("5 per cent", ["5", "%"]),
        ("Beyoncé’s", ["beyonces"]),
        ("iPhone15 上市", ["iphone", "15", "上", "市"]),
        ("A", ["a"]),
        ("…", []),
        ("100", ["100"]),
        ("2,000 and 20", ["2000", "and", "20"]),
        ("1,2,3", ["1", "2", "3"]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert answer_tokens(text) == tokens


@pytest.mark.parametrize(
    ("answer", "gold", "em", "f1", "contained"),
    [
        ("the Eiffel Tower", [["Eiffel Tower"]], 1.0, 1.0, 1.0),
        # 2 shared of 4 and 2 tokens: 2 * 2 / 6.
        ("It is Eiffel Tower", [["Eiffel Tower"]], 0.0, 2 / 3, 1.0),
        ("Tower Eiffel", [["Eiffel Tower"]], 0.0, 1.0, 0.0),
        ("20170", [["2017"]], 0.0, 0.0, 0.0),
        ("In 2017.", [["1999", "2017"]], 0.0, 2 / 3, 1.0),
        ("$1,200", [["1200"]], 1.0, 1.0, 1.0),
        # 2 of 4 characters shared with 2: 2 * 2 / 6.
        ("位于南京", [["南京"]], 0.0, 2 / 3, 1.0),
        ("南京市", [["北京市"]], 0.0, 2 / 3, 0.0),
        ("", [["南京"]], 0.0, 0.0, 0.0),
        ("anything", [], 0.0, 0.0, 0.0),
        ("…", [["？"]], 1.0, 0.0, 0.0),
    ],
)
def test_answers(answer: str, gold: list[list[str]], em: float, f1: float, contained: float) -> None:
    assert exact_match(answer, gold) == em
    assert token_f1(answer, gold) == pytest.approx(f1)
    assert containment(answer, gold) == contained


def test_every_part_is_required_in_any_order() -> None:
    gold = [["波兰"], ["斯洛文尼亚", "Slovenia"]]
    assert containment("波兰", gold) == 0.0
    assert containment("Slovenia 和波兰", gold) == 1.0
    assert exact_match("Slovenia，波兰", gold) == 1.0
    assert exact_match("波兰", gold) == 0.0
    # 2 shared; 2 tokens of the answer, 3 of 波兰 Slovenia.
    assert token_f1("波兰", gold) == pytest.approx(2 * 2 / (2 + 3))
