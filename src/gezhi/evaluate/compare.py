"""Is the second run better than the first? Paired by question, with intervals and tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from gezhi.evaluate.statistics import Interval, bootstrap
from gezhi.types import EvaluationResult, InvalidInput

LOWER_IS_BETTER = frozenset({"false_answer_rate", "false_refusal_rate", "seconds", "tokens", "cost"})
POWER_AND_LEVEL = 1.959963984540054 + 0.8416212335729143
"""Normal quantiles of a two-sided test at 5 % and of 80 % power."""
FLIPS = 10_000
_BLOCK = 500


class Verdict(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    UNDECIDED = "undecided"
    """The difference may be chance; `detectable` says how large one would have to be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """One metric over the questions that both runs scored. Differences are second minus first."""

    metric: str
    questions: int
    first: float
    second: float
    difference: float
    interval: Interval
    """95 %, paired bootstrap."""
    p: float
    """Two-sided: McNemar's exact test for metrics that are 0 or 1, else a sign-flip randomisation test."""
    p_holm: float
    """Corrected for the number of metrics compared (Holm)."""
    detectable: float
    """The smallest difference that so many questions would show in 80 of 100 repetitions, at 5 %."""
    verdict: Verdict


def compare(
    first: Sequence[EvaluationResult], second: Sequence[EvaluationResult], metrics: Sequence[str] = ()
) -> list[Comparison]:
    """Compare on the metrics named, or on all that both runs have. Questions are paired by id; one that only one
    run scored is left out. Raises InvalidInput if nothing can be compared."""
    before, after = _by_item(first), _by_item(second)
    shared = [item for item in before if item in after]
    if not shared:
        raise InvalidInput("The two runs have no question in common.", hint="Compare runs over the same data set.")
    names = list(metrics) or _metrics(before, after, shared)
    compared = [_compare(name, [(before[item], after[item]) for item in shared]) for name in names]
    return _holm(compared)


def _by_item(results: Sequence[EvaluationResult]) -> dict[str, Mapping[str, float]]:
    return {result.item: result.scores for result in results}


def _metrics(
    before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]], shared: Sequence[str]
) -> list[str]:
    here = {name: None for item in shared for name in before[item]}
    there = {name for item in shared for name in after[item]}
    return [name for name in here if name in there]


def _compare(metric: str, pairs: Sequence[tuple[Mapping[str, float], Mapping[str, float]]]) -> Comparison:
    values = [(a[metric], b[metric]) for a, b in pairs if metric in a and metric in b]
    if not values:
        raise InvalidInput(
            f"No question of both runs has the metric {metric!r}.", hint="Name one that `gezhi eval runs NAME` shows."
        )
    first, second = (np.array(side, dtype=np.float64) for side in zip(*values, strict=True))
    difference = second - first
    spread = float(difference.std(ddof=1)) if len(values) > 1 else math.inf
    binary = bool(np.isin(np.concatenate([first, second]), (0.0, 1.0)).all())
    return Comparison(
        metric=metric,
        questions=len(values),
        first=float(first.mean()),
        second=float(second.mean()),
        difference=float(difference.mean()),
        interval=bootstrap(difference.tolist()),
        p=mcnemar(first.tolist(), second.tolist()) if binary else sign_flip(difference.tolist()),
        p_holm=1.0,
        detectable=POWER_AND_LEVEL * spread / math.sqrt(len(values)),
        verdict=Verdict.UNDECIDED,
    )


def mcnemar(first: Sequence[float], second: Sequence[float]) -> float:
    """Two-sided exact p: of the questions that changed, is it a fair coin which way?"""
    worse = sum(a > b for a, b in zip(first, second, strict=True))
    better = sum(a < b for a, b in zip(first, second, strict=True))
    changed = worse + better
    tail = sum(math.comb(changed, k) for k in range(min(worse, better) + 1))
    return float(min(1.0, 2 * tail / 2**changed))


def sign_flip(differences: Sequence[float], *, seed: int = 0) -> float:
    """Two-sided p of a zero mean: how often does flipping signs at random give a mean as far from zero?"""
    values = np.array([d for d in differences if d], dtype=np.float64)
    if not values.size:
        return 1.0
    generator = np.random.default_rng(seed)
    observed = abs(float(values.sum()))
    far = 0
    for _ in range(FLIPS // _BLOCK):
        signs = generator.integers(0, 2, size=(_BLOCK, values.size)) * 2 - 1
        far += int((np.abs(signs @ values) >= observed * (1 - 1e-12)).sum())
    return (far + 1) / (FLIPS + 1)


def _holm(compared: Sequence[Comparison]) -> list[Comparison]:
    """Holm's step-down: the smallest p times the number of metrics, the next times one less, never decreasing."""
    order = sorted(range(len(compared)), key=lambda at: compared[at].p)
    corrected = [1.0] * len(compared)
    largest = 0.0
    for place, at in enumerate(order):
        largest = max(largest, min(1.0, compared[at].p * (len(compared) - place)))
        corrected[at] = largest
    return [_judged(one, p) for one, p in zip(compared, corrected, strict=True)]


def _judged(one: Comparison, p_holm: float) -> Comparison:
    low, high = one.interval
    verdict = Verdict.UNDECIDED
    if p_holm < 0.05 and (low > 0 or high < 0):
        gained = (one.difference > 0) != (one.metric in LOWER_IS_BETTER)
        verdict = Verdict.BETTER if gained else Verdict.WORSE
    return replace(one, p_holm=p_holm, verdict=verdict)
