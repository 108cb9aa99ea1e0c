"""May this change go in? Fails for a drop that is shown and that matters, not for noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gezhi.evaluate.compare import LOWER_IS_BETTER, Comparison, Verdict, compare
from gezhi.evaluate.scoring import JUDGE_FAILED
from gezhi.types import EvaluationResult

MARGIN = 0.02
MOST_ERRORS = 0.02
JUDGED = frozenset(
    (
        "citation_recall",
        "citation_precision",
        "faithfulness",
        "answer_relevancy",
        "context_precision",
        "context_recall",
    )
)
"""Metrics for which a failed judgement counts as an error."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """`valid` is false where errors make the candidate's scores meaningless; then it is not `passed` either."""

    passed: bool
    valid: bool
    error_rate: float
    reasons: tuple[str, ...]
    comparisons: tuple[Comparison, ...]


def gate(
    baseline: Sequence[EvaluationResult],
    candidate: Sequence[EvaluationResult],
    metrics: Sequence[str],
    *,
    margin: float = MARGIN,
    most_errors: float = MOST_ERRORS,
) -> Gate:
    """Fails if a metric got worse by more than `margin`, the 95 % interval of the difference excludes zero, and the
    paired test, corrected for several metrics, agrees (p < .05).

    Questions that ended in an error count in `most_errors`, failed judgements where a judged metric is compared. Those
    of the candidate that the baseline does not have are not compared, those it lacks are errors."""
    known = {result.item for result in candidate}
    lacking = [result.item for result in baseline if result.item not in known]
    judged = bool(JUDGED & set(metrics))
    failures = sum(_failed(result, judged) for result in candidate) + len(lacking)
    error_rate = failures / max(1, len(candidate) + len(lacking))
    compared = tuple(compare(baseline, candidate, metrics))
    reasons = []
    valid = error_rate <= most_errors
    if not valid:
        reasons.append(f"{failures} questions ended in an error or are missing: {error_rate:.1%} of the run.")
    for one in compared:
        drop = one.difference if one.metric in LOWER_IS_BETTER else -one.difference
        if one.verdict is Verdict.WORSE and drop > margin:
            low, high = one.interval
            reasons.append(
                f"{one.metric} went from {one.first:.3f} to {one.second:.3f} "
                f"(difference {one.difference:+.3f}, 95 % {low:+.3f} to {high:+.3f}; margin {margin:g})."
            )
    return Gate(
        passed=not reasons,
        valid=valid,
        error_rate=error_rate,
        reasons=tuple(reasons),
        comparisons=compared,
    )


def _failed(result: EvaluationResult, judged: bool) -> bool:
    return bool(result.error) and (judged or not result.error.startswith(JUDGE_FAILED))
