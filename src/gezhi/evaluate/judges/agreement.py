"""How far a judge agrees with people, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gezhi.evaluate.judges.pairs import RATINGS, JudgedPair
from gezhi.evaluate.judges.protocol import Judge
from gezhi.evaluate.statistics import Interval, bootstrap_groups
from gezhi.types import GezhiError, Usage

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FEWEST_EVEN = 30
"""Pairs that must be left, in weight, for a figure with lengths evened out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    pair: JudgedPair
    score: float | None
    """None after an error."""
    error: str = ""
    usage: Usage = field(default_factory=Usage)


About = Literal["support", "relevancy"]
"""What a judge is asked of a pair: whether the evidence states the claim, or whether the claim answers the question."""
Ask = Callable[[Judge, About, JudgedPair], Judged]


def ask_judge(judge: Judge, about: About, pair: JudgedPair) -> Judged:
    """A GezhiError is recorded with its pair; anything else is a bug and is raised."""
    try:
        if about == "support":
            found = judge.support(pair.claim, pair.evidence, question=pair.question)
        else:
            found = judge.relevancy(pair.question, pair.claim)
    except GezhiError as error:
        return Judged(pair=pair, score=None, error=f"{error.code}: {error}")
    return Judged(pair=pair, score=found.score, usage=found.usage)


def judge_pairs(
    judge: Judge,
    pairs: Sequence[JudgedPair],
    on_step: Callable[[int, int], None] | None = None,
    *,
    about: About = "support",
    ask: Ask = ask_judge,
) -> list[Judged]:
    """Ask the judge about every pair. `ask`: another way to ask it, one that remembers."""
    judged = []
    for number, pair in enumerate(pairs, start=1):
        judged.append(ask(judge, about, pair))
        if on_step is not None:
            on_step(number, len(pairs))
    return judged


def agreement(judged: Sequence[Judged], threshold: float) -> dict[str, Any]:
    """Balanced accuracy at the threshold and AUC against the labels, AUC also with weights under which length tells
    nothing; rank correlation with ratings where there are any.

    A failed judgement is wrong whatever the label: it counts against balanced accuracy, and is ranked at the wrong end
    in AUC; in rank correlation, which knows no wrong end, at the mean. Intervals resample groups of pairs."""
    labels = np.array([one.pair.label for one in judged])
    scores = np.array([one.score if one.score is not None else (-1.0 if one.pair.label else 2.0) for one in judged])
    groups = [one.pair.group for one in judged]
    figures: dict[str, Any] = {"pairs": len(judged), "errors": sum(one.score is None for one in judged)}
    yes = scores >= threshold
    figures |= _with_interval("balanced_accuracy", groups, lambda at: balanced_accuracy(labels[at], yes[at]))
    figures |= _with_interval("auc", groups, lambda at: auc(labels[at], scores[at]))
    even = even_lengths([len(one.pair.claim) for one in judged], labels)
    if even.sum() >= FEWEST_EVEN:
        figures |= _with_interval("auc_even_lengths", groups, lambda at: auc(labels[at], scores[at], even[at]))
    if all(one.pair.ratings for one in judged):
        for name in RATINGS:
            figures |= rating_agreement(name, judged, _ranked(judged))
    return figures


def rating_agreement(name: str, judged: Sequence[Judged], scores: Floats) -> dict[str, Any]:
    """Spearman's rank correlation of scores with one of the ratings."""
    rated = np.array([(one.pair.ratings or {})[name] for one in judged])
    groups = [one.pair.group for one in judged]
    return _with_interval(f"spearman_{name}", groups, lambda at: spearman(rated[at], scores[at]))


def relevancy_agreement(judged: Sequence[Judged]) -> dict[str, Any]:
    """Rank correlation of judgements of relevancy with the ratings that come nearest to it. Failed judgements stand at
    the mean, and are counted."""
    found = {"relevancy_errors": sum(one.score is None for one in judged)}
    for name in ("completeness", "appropriateness"):
        found |= {f"relevancy_{key}": value for key, value in rating_agreement(name, judged, _ranked(judged)).items()}
    return found


def _ranked(judged: Sequence[Judged]) -> Floats:
    known = [one.score for one in judged if one.score is not None]
    middle = sum(known) / len(known) if known else 0.0
    return np.array([one.score if one.score is not None else middle for one in judged])


def _with_interval(name: str, groups: Sequence[str], figure: Callable[[Any], float]) -> dict[str, Any]:
    value = figure(slice(None))
    interval: Interval | None = None if np.isnan(value) else bootstrap_groups(groups, figure)
    return {
        name: None if np.isnan(value) else round(value, 4),
        f"{name}_interval": None if interval is None else [round(end, 4) for end in interval],
    }


def balanced_accuracy(labels: Bools, yes: Bools) -> float:
    """Mean of the shares of right judgements among the true and among the false claims; NaN if one kind is absent."""
    if labels.all() or not labels.any():
        return float("nan")
    return float((yes[labels].mean() + (~yes[~labels]).mean()) / 2)


def auc(labels: Bools, scores: Floats, weights: Floats | None = None) -> float:
    """Chance that a true claim scores higher than a false one, a tie counting half (Mann-Whitney); NaN if one kind is
    absent."""
    weighed = np.ones(len(labels)) if weights is None else weights
    _, place = np.unique(scores, return_inverse=True)
    true = np.bincount(place.reshape(-1), np.where(labels, weighed, 0.0))
    false = np.bincount(place.reshape(-1), np.where(labels, 0.0, weighed))
    if not true.sum() or not false.sum():
        return float("nan")
    below = np.cumsum(false) - false / 2
    return float(true @ below / (true.sum() * false.sum()))


def even_lengths(lengths: Sequence[int], labels: Bools, bins: int = 12) -> Floats:
    """Weights under which, among claims of about the same length, true and false ones weigh the same: with them, a
    judge gains nothing by looking at the length. Lengths at which there is only one kind weigh nothing."""
    size = np.asarray(lengths)
    edges = np.unique(np.quantile(size, np.linspace(0, 1, bins + 1)))
    bin_of = np.digitize(size, edges[1:-1])
    weights = np.zeros(len(size))
    for one in np.unique(bin_of):
        here = bin_of == one
        least = min((here & labels).sum(), (here & ~labels).sum())
        for side in (labels, ~labels):
            if least:
                weights[here & side] = least / (here & side).sum()
    return weights


def spearman(left: Floats, right: Floats) -> float:
    """Correlation of the ranks; NaN where one side does not vary."""
    a, b = ranks(left), ranks(right)
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def ranks(values: Floats) -> Floats:
    """From 1; equal values share the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle = last - (counts - 1) / 2
    return np.asarray(middle[place.reshape(-1)], dtype=np.float64)


def choose_threshold(labels: Bools, scores: Floats, weights: Floats | None = None) -> float:
    """The threshold of the best balanced accuracy; of equals, the middle one. For the pairs a judge was fitted on,
    never for those it is measured on."""
    weighed = np.ones(len(labels)) if weights is None else weights
    order = np.argsort(scores, kind="stable")
    ordered, true = scores[order], labels[order]
    up = np.concatenate([[0.0], np.cumsum(np.where(true, weighed[order], 0.0))])
    down = np.concatenate([[0.0], np.cumsum(np.where(true, 0.0, weighed[order]))])
    worth = (1 - up / up[-1] + down / down[-1]) / 2
    distinct = np.concatenate([[True], ordered[1:] > ordered[:-1], [True]])
    worth[~distinct] = -1.0
    best = np.flatnonzero(worth >= worth.max() - 1e-12)
    at = int(best[len(best) // 2])
    if at == len(ordered):
        return float(np.nextafter(ordered[-1], np.inf))  # nothing is best called true
    return float(((ordered[at - 1] if at else 0.0) + ordered[at]) / 2)
