"""What the plots show: scores by group of questions, and what refusing more or less would do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from gezhi.evaluate.scoring import interval
from gezhi.types import EvaluationResult

Slice = tuple[str, float, tuple[float, float], int]

MOST_SLICES = 24


def by_slice(results: Sequence[EvaluationResult], metric: str) -> list[Slice]:
    """The metric for all questions, then by language, type and tag, where there are several."""
    groups: dict[str, list[float]] = defaultdict(list)
    for result in results:
        if metric in result.scores:
            for label in ("all", *_labels(result)):
                groups[label].append(result.scores[metric])
    everything = len(groups.get("all", ()))
    kept = [(label, values) for label, values in groups.items() if label == "all" or len(values) < everything]
    kept.sort(key=lambda pair: (pair[0] != "all", -len(pair[1])))
    return [
        (label, sum(values) / len(values), interval(metric, values), len(values))
        for label, values in kept[:MOST_SLICES]
    ]


def _labels(result: EvaluationResult) -> list[str]:
    question: dict[str, Any] = (result.contents or {}).get("question") or {}
    labels = [f"{name}: {question[name]}" for name in ("lang", "type") if question.get(name)]
    return labels + [f"tag: {tag}" for tag in question.get("tags") or ()]


def refusal_curve(results: Sequence[EvaluationResult]) -> tuple[list[tuple[float, float]], tuple[float, float] | None]:
    """(share of the answerable refused, share of the unanswerable answered) for every threshold of the estimated
    chance of an answer, and the point of this run. Empty where the run has no such estimates of both kinds."""
    chances: dict[bool, list[float]] = {True: [], False: []}
    for result in results:
        contents = result.contents or {}
        chance = (contents.get("signals") or {}).get("chance")
        if chance is not None:
            chances[bool(contents.get("unanswerable"))].append(float(chance))
    unanswerable, answerable = chances[True], chances[False]
    if not unanswerable or not answerable:
        return [], None
    thresholds = [0.0, *sorted({*unanswerable, *answerable}), 2.0]
    points = [
        (
            sum(chance < threshold for chance in answerable) / len(answerable),
            sum(chance >= threshold for chance in unanswerable) / len(unanswerable),
        )
        for threshold in thresholds
    ]
    refused = [r.scores["false_refusal_rate"] for r in results if "false_refusal_rate" in r.scores]
    answered = [r.scores["false_answer_rate"] for r in results if "false_answer_rate" in r.scores]
    return points, (sum(refused) / len(refused), sum(answered) / len(answered))
