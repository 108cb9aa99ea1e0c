"""Score what came of the questions. No model is asked again but the judge, if there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gezhi.evaluate.answered import AnsweredQuestion
from gezhi.evaluate.judges.protocol import Judge
from gezhi.evaluate.metrics import (
    citation_precision,
    citation_recall,
    containment,
    context_precision,
    context_recall,
    exact_match,
    faithfulness,
    token_f1,
)
from gezhi.evaluate.statistics import Interval, bootstrap, percentile, wilson
from gezhi.types import GezhiError, Usage

SHARES = frozenset({"em", "containment", "gold_found", "gold_cited", "false_answer_rate", "false_refusal_rate"})
"""Metrics that are 0 or 1 for a question: their intervals are Wilson's; the others' are bootstrapped."""


JUDGE_FAILED = "judge: "
"""Begins the error of a question that was answered but not judged."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prices:
    """Of a million tokens, in any currency."""

    read: float = 0.0
    written: float = 0.0

    def cost(self, usage: Usage) -> float:
        return (usage.input_tokens * self.read + usage.output_tokens * self.written) / 1e6


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredAnswer:
    item: AnsweredQuestion
    scores: Mapping[str, float]
    """Metric -> value. A metric that has no meaning for this question is absent."""
    judge_error: str = ""
    """The judge failed: the judged metrics are missing, which makes the run invalid if it happens often."""
    judge_usage: Usage = field(default_factory=Usage)

    @property
    def error(self) -> str:
        return self.item.error or self.judge_error


def score_answers(
    items: Iterable[AnsweredQuestion],
    judge: Judge | None = None,
    *,
    prices: Prices | None = None,
    on_step: Callable[[int], None] | None = None,
) -> list[ScoredAnswer]:
    scored = []
    for number, item in enumerate(items, start=1):
        scored.append(_score(item, judge, prices or Prices()))
        if on_step is not None:
            on_step(number)
    return scored


def _score(item: AnsweredQuestion, judge: Judge | None, prices: Prices) -> ScoredAnswer:
    scores: dict[str, float] = {"seconds": item.seconds, "tokens": item.usage.input_tokens + item.usage.output_tokens}
    if cost := prices.cost(item.usage):
        scores["cost"] = cost
    if item.unanswerable:
        scores["false_answer_rate"] = float(item.answered)
    else:
        scores["false_refusal_rate"] = float(bool(item.refusal))
        scores["gold_found"] = float(item.gold_found)
        if item.question.answers:
            for name, metric in (("containment", containment), ("em", exact_match), ("f1", token_f1)):
                scores[name] = metric(item.text, item.question.answers) if item.answered else 0.0
        if item.answered:
            scores["gold_cited"] = float(item.cites_gold)
    if item.answered and item.quotes:
        scores["citation_validity"] = sum(quote.valid for quote in item.quotes) / len(item.quotes)
    if judge is None or item.error:
        return ScoredAnswer(item=item, scores=scores)
    asked = _Asked(judge, item.question.question)
    try:
        judged = _judged(item, asked)
    except GezhiError as error:
        return ScoredAnswer(
            item=item, scores=scores, judge_error=f"{JUDGE_FAILED}{error.code}: {error}", judge_usage=asked.usage
        )
    return ScoredAnswer(item=item, scores=scores | judged, judge_usage=asked.usage)


class _Asked:
    """The judge, asked the same thing once only."""

    def __init__(self, judge: Judge, question: str) -> None:
        self._judge, self._question = judge, question
        self._known: dict[tuple[str, tuple[str, ...]], bool] = {}
        self.usage = Usage()

    def supports(self, claim: str, texts: Sequence[str]) -> bool:
        key = (claim, tuple(texts))
        if key not in self._known:
            judgement = self._judge.support(claim, texts, question=self._question)
            self.usage += judgement.usage
            self._known[key] = judgement.score >= self._judge.threshold
        return self._known[key]

    def relevancy(self, answer: str) -> float:
        judgement = self._judge.relevancy(self._question, answer)
        self.usage += judgement.usage
        return judgement.score


def _judged(item: AnsweredQuestion, asked: _Asked) -> dict[str, float]:
    shown = [passage.said for passage in item.evidence]
    scores = {}
    if item.answered and item.statements:
        cited = item.cited_texts()
        scores["faithfulness"] = faithfulness([text for text, _ in cited], shown, asked.supports)
        scores["citation_recall"] = citation_recall(cited, asked.supports)
        scores["citation_precision"] = citation_precision(cited, asked.supports)
        scores["answer_relevancy"] = asked.relevancy(item.text)
    if not item.unanswerable and item.question.answers and shown:
        parts = item.question.answers
        useful = [any(asked.supports(a, [text]) for part in parts for a in part) for text in shown]
        scores["context_precision"] = context_precision(useful)
        scores["context_recall"] = context_recall(parts, shown, asked.supports)
    return scores


METRICS = (
    "em",
    "f1",
    "containment",
    "citation_validity",
    "citation_recall",
    "citation_precision",
    "faithfulness",
    "answer_relevancy",
    "context_precision",
    "context_recall",
    "gold_found",
    "gold_cited",
    "false_answer_rate",
    "false_refusal_rate",
)
"""In the order they are printed."""


def summarise(scored: Sequence[ScoredAnswer]) -> dict[str, Any]:
    """The figures to print: means over the questions for which a metric has a meaning; null over none.

    `containment_answered`: containment over the answerable questions that were answered.
    `false_refusal_rate_found`: false refusals where a gold document was among the evidence."""
    items = [one.item for one in scored]
    figures: dict[str, Any] = {}
    intervals: dict[str, list[float]] = {}
    for name in METRICS:
        values = [one.scores[name] for one in scored if name in one.scores]
        figures[name] = _mean(values)
        if values:
            intervals[name] = _rounded(interval(name, values))
    answered = [one.scores["containment"] for one in scored if one.item.answered and "containment" in one.scores]
    refused = [one.scores["false_refusal_rate"] for one in scored if one.scores.get("gold_found")]
    usage = sum((item.usage for item in items), Usage())
    judging = sum((one.judge_usage for one in scored), Usage())
    return {
        **figures,
        "containment_answered": _mean(answered),
        "false_refusal_rate_found": _mean(refused),
        "errors": sum(bool(item.error) for item in items),
        "judge_errors": sum(bool(one.judge_error) for one in scored),
        "questions": len(items),
        "answerable": sum(not item.unanswerable for item in items),
        "answered": sum(item.answered for item in items),
        "refused": sum(bool(item.refusal) for item in items),
        "citations": sum(len(item.quotes) for item in items),
        "dropped_statements": sum(item.dropped for item in items),
        "tokens_in": usage.input_tokens,
        "tokens_out": usage.output_tokens,
        "judge_tokens": judging.input_tokens + judging.output_tokens,
        "cost": round(sum(one.scores.get("cost", 0.0) for one in scored), 6),
        "cpu_s": round(sum(item.cpu_seconds for item in items), 2),
        "seconds_p50": round(percentile([item.seconds for item in items], 0.5), 2),
        "seconds_p95": round(percentile([item.seconds for item in items], 0.95), 2),
        "intervals": intervals,
    }


def interval(metric: str, values: Sequence[float]) -> Interval:
    """95 % interval of a metric's mean."""
    if metric in SHARES:
        return wilson(round(sum(values)), len(values))
    return bootstrap(values)


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _rounded(between: Interval) -> list[float]:
    return [round(end, 4) for end in between]
