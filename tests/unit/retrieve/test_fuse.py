from hypothesis import given
from hypothesis import strategies as st

from gezhi.retrieve import fuse
from gezhi.store.protocol import Hit
from gezhi.types import Passage


def hit(number: int, score: float = 1.0) -> Hit:
    passage = Passage(document_id="d", ordinal=number, start=0, end=1, text="x")
    return Hit(passage=passage, source="s", title="t", revision=1, score=score)


@given(st.lists(st.integers(0, 50), unique=True))
def test_fusing_one_list_leaves_its_order(numbers: list[int]) -> None:
    fused = fuse({"words": [hit(n) for n in numbers]}, {"words": 1.0})  # all scores equal
    assert [e.passage.ordinal for e in fused] == numbers


def test_a_passage_found_twice_comes_before_those_found_once() -> None:
    words, meaning = [hit(1, 9.0), hit(2, 8.5), hit(4, 1.0)], [hit(3, 0.9), hit(2, 0.88), hit(5, 0.1)]
    fused = fuse({"words": words, "meaning": meaning}, {})
    assert fused[0].passage.ordinal == 2
    assert [(f.retriever, f.rank) for f in fused[0].found_by] == [("words", 2), ("meaning", 2)]


def test_weights_decide_between_lists() -> None:
    lists = {"words": [hit(1, 2.0), hit(3, 1.0)], "meaning": [hit(2, 2.0), hit(4, 1.0)]}
    fused = fuse(lists, {"words": 1.0, "meaning": 2.0})
    assert [e.passage.ordinal for e in fused][:2] == [2, 1]


def test_the_lead_of_a_hit_counts_not_only_its_rank() -> None:
    words = [hit(1, 30.0), hit(2, 3.0), hit(3, 2.0), hit(4, 1.0)]
    meaning = [hit(2, 0.82), hit(1, 0.81), hit(3, 0.80), hit(4, 0.79)]
    assert fuse({"words": words, "meaning": meaning}, {})[0].passage.ordinal == 1
