"""Comparisons and gates: right on hand-worked cases, silent about noise, awake to real drops."""

from collections.abc import Sequence

import numpy as np
import pytest

from gezhi.evaluate.compare import Verdict, compare, mcnemar, sign_flip
from gezhi.evaluate.gate import gate
from gezhi.types import EvaluationResult, InvalidInput


def results(values: Sequence[float], metric: str = "containment", **more: Sequence[float]) -> list[EvaluationResult]:
    return [
        EvaluationResult(item=str(at), scores={metric: value, **{name: rest[at] for name, rest in more.items()}})
        for at, value in enumerate(values)
    ]


def test_mcnemar_by_hand() -> None:
    # 6 worse, 0 better: 2 * (1/2)^6; 1 and 1: nothing.
    assert mcnemar([1] * 6 + [0] * 4, [0] * 10) == pytest.approx(2 / 64)
    assert mcnemar([1, 0], [0, 1]) == 1.0
    assert mcnemar([1, 0], [1, 0]) == 1.0


def test_sign_flip_by_enumeration() -> None:
    # Of the 16 ways to sign four equal differences, 2 are as far out.
    assert sign_flip([0.5] * 4) == pytest.approx(2 / 16, abs=0.01)
    assert sign_flip([0.0, 0.0]) == 1.0


def test_a_clear_drop_is_worse_and_for_a_rate_of_errors_a_clear_rise() -> None:
    before, after = [1.0] * 40, [1.0] * 25 + [0.0] * 15
    (one,) = compare(results(before), results(after))
    assert (one.verdict, one.questions) == (Verdict.WORSE, 40)
    assert one.difference == pytest.approx(-15 / 40)
    assert one.interval[0] < one.difference < one.interval[1] < 0
    (back,) = compare(results(after), results(before))
    assert back.verdict is Verdict.BETTER
    (refused,) = compare(results(after, "false_refusal_rate"), results(before, "false_refusal_rate"))
    assert refused.verdict is Verdict.WORSE


def test_one_question_of_forty_decides_nothing() -> None:
    (one,) = compare(results([1.0] * 40), results([1.0] * 39 + [0.0]))
    assert one.verdict is Verdict.UNDECIDED
    assert one.detectable > 0.05


def test_holm_corrects_for_several_metrics() -> None:
    before = {name: [1.0] * 40 for name in ("a", "b", "c")}
    after = {"a": [1.0] * 34 + [0.0] * 6, "b": [1.0] * 40, "c": [1.0] * 39 + [0.0]}
    alone = compare(results(before["a"], "a"), results(after["a"], "a"))[0]
    compared = {
        one.metric: one
        for one in compare(
            results(before["a"], "a", b=before["b"], c=before["c"]),
            results(after["a"], "a", b=after["b"], c=after["c"]),
        )
    }
    assert alone.p == compared["a"].p == pytest.approx(2 / 64)
    assert compared["a"].p_holm == pytest.approx(6 / 64)
    assert (alone.verdict, compared["a"].verdict) == (Verdict.WORSE, Verdict.UNDECIDED)


def test_questions_are_paired_by_id_and_metrics_by_presence() -> None:
    before = [EvaluationResult(item="a", scores={"f1": 1.0}), EvaluationResult(item="b", scores={"f1": 0.0})]
    after = [EvaluationResult(item="c", scores={"f1": 0.0}), EvaluationResult(item="a", scores={"f1": 0.5, "em": 1.0})]
    (one,) = compare(before, after)
    assert (one.metric, one.questions, one.difference) == ("f1", 1, -0.5)
    with pytest.raises(InvalidInput, match="'em'"):
        compare(before, after, ["em"])
    with pytest.raises(InvalidInput, match="no question in common"):
        compare(before[1:], after)


def test_the_gate_needs_a_shown_drop_beyond_the_margin() -> None:
    before = results([1.0] * 200)
    small = results([1.0] * 193 + [0.0] * 7)  # shown, 3.5 points
    assert not gate(before, small, ["containment"]).passed
    assert gate(before, small, ["containment"], margin=0.05).passed
    noise = results([1.0] * 198 + [0.0] * 2)
    assert gate(before, noise, ["containment"], margin=0.0).passed


def test_errors_make_a_run_invalid_also_missing_questions() -> None:
    before = results([1.0] * 100)
    broken = [*results([1.0] * 97), *(EvaluationResult(item=str(at), scores={}, error="x") for at in (97, 98, 99))]
    decided = gate(before, broken, ["containment"])
    assert (decided.valid, decided.passed, decided.error_rate) == (False, False, 0.03)
    assert not gate(before, results([1.0] * 97), ["containment"]).valid
    assert gate(before, results([1.0] * 98), ["containment"]).passed


def test_failed_judgements_count_where_judged_metrics_are_compared() -> None:
    before = results([1.0] * 50, faithfulness=[1.0] * 50)
    unjudged = [EvaluationResult(item=one.item, scores=one.scores, error="judge: model_failed") for one in before]
    assert gate(before, unjudged, ["containment"]).passed
    assert not gate(before, unjudged, ["containment", "faithfulness"]).valid


def test_the_gate_holds_its_error_rate() -> None:
    """A model that answers at random on each question, asked twice: nothing changed, so the gate must pass."""
    generator = np.random.default_rng(1)
    failed = naive = 0
    for _ in range(120):
        chances = generator.beta(0.5, 0.3, size=100)
        before, after = ((generator.random(100) < chances).astype(float) for _ in range(2))
        failed += not gate(results(before.tolist()), results(after.tolist()), ["containment"]).passed
        naive += after.mean() < before.mean()
    assert failed <= 0.05 * 120
    assert naive > 0.35 * 120
