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
    fused = fuse({"words": [hit(n) for n in numbers]}, {"words": 1.0})
    assert [e.passage.ordinal for e in fused] == numbers


def test_a_passage_found_twice_comes_before_those_found_once() -> None:
    fused = fuse({"words": [hit(1), hit(2)], "meaning": [hit(3), hit(2)]}, {})
    assert fused[0].passage.ordinal == 2
    assert [(f.retriever, f.rank) for f in fused[0].found_by] == [("words", 2), ("meaning", 2)]


def test_weights_decide_between_lists() -> None:
    fused = fuse({"words": [hit(1)], "meaning": [hit(2)]}, {"words": 1.0, "meaning": 2.0})
    assert [e.passage.ordinal for e in fused] == [2, 1]
