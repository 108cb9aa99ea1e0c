"""Hand-worked examples of the metrics that need a judge, and of execution accuracy."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.evaluate.metrics import (
    DEFINITIONS,
    citation_precision,
    citation_recall,
    context_precision,
    context_recall,
    definition,
    execution_match,
    faithfulness,
    precision_at,
)
from gezhi.evaluate.metrics.tables import Row


def supports(claim: str, texts: Sequence[str]) -> bool:
    """Every word of the claim is in one of the texts."""
    return set(claim.split()) <= {word for text in texts for word in text.split()}


def test_faithfulness_is_the_share_of_supported_statements() -> None:
    assert faithfulness(["a b", "a z"], ["a", "b"], supports) == 0.5


def test_citations_by_the_definitions_of_alce() -> None:
    # "a b" needs both of its citations; the third is idle.
    needed_together = ("a b", ["a", "b", "c"])
    # Either of the two alone will do.
    doubled = ("a", ["a", "a c"])
    unsupported = ("z", ["a"])
    uncited: tuple[str, list[str]] = ("a", [])
    assert citation_recall([needed_together, doubled, unsupported, uncited], supports) == 0.5
    assert citation_precision([needed_together], supports) == pytest.approx(2 / 3)
    assert citation_precision([doubled], supports) == 1.0
    assert citation_precision([unsupported], supports) == 0.0
    assert citation_precision([needed_together, doubled, unsupported], supports) == pytest.approx(4 / 6)
    assert citation_precision([uncited], supports) == 0.0


def test_context_by_the_definitions_of_ragas() -> None:
    # Useful at ranks 1 and 3: (1/1 + 2/3) / 2.
    assert context_precision([True, False, True]) == pytest.approx(5 / 6)
    assert context_precision([False, False, True]) == pytest.approx(1 / 3)
    assert context_precision([False]) == 0.0
    assert context_recall([["a", "z"], ["y"]], ["a b"], supports) == 0.5


def test_precision_counts_empty_places() -> None:
    assert precision_at(5, ["a", "b"], ["a", "c"]) == pytest.approx(1 / 5)


@pytest.mark.parametrize(
    ("rows", "gold", "same"),
    [
        ([(1, "a"), (2, "b")], [("b", 2.0), ("A", "1")], True),
        ([(1, "a")], [(1, "a"), (1, "a")], False),
        ([(0.1 + 0.2,)], [(0.3,)], True),
        ([(None,)], [("",)], True),
        ([(1, 2), (3, 4)], [(1, 4), (3, 2)], False),
        ([], [], True),
        ([(1,)], [(1, 1)], False),
        ([("北京", 10000)], [("北京", "10,000")], True),
        ([tuple(range(9))], [tuple(reversed(range(9)))], True),
        ([tuple(range(9))], [(*range(8), 9)], False),
    ],
)
def test_execution_match(rows: Sequence[Row], gold: Sequence[Row], same: bool) -> None:
    assert execution_match(rows, gold) == float(same)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("xyz"), st.booleans().map(int)), max_size=6), st.randoms())
def test_execution_match_ignores_the_order_of_rows_and_columns(
    rows: list[tuple[int, str, int]], chance: object
) -> None:
    shuffled = sorted(rows, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert execution_match([(c, a, b) for a, b, c in shuffled], rows) == 1.0


def test_every_printed_figure_has_a_definition() -> None:
    assert definition("recall@20") == DEFINITIONS["recall"]
    assert definition("seconds_p95") == DEFINITIONS["seconds"]
    assert definition("passages") == ""
