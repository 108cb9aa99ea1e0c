"""Score any function from a query to evidence, at document level."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gezhi.evaluate.dataset import Question
from gezhi.evaluate.metrics import all_at, first_of_each, mrr_at, ndcg_at, precision_at, recall_at
from gezhi.evaluate.statistics import bootstrap, percentile
from gezhi.types import Evidence, Query, Scope

DEPTH = 100
"""Passages asked for per question: enough that at least 20 documents are among them."""
KEPT_DOCUMENTS = 20

Find = Callable[[Query], Sequence[Evidence]]
OnStep = Callable[[int, int], None]
"""(questions done, of so many)"""


@dataclass(frozen=True, kw_only=True, slots=True)
class RankedQuestion:
    """One question with the documents found for it."""

    question: Question
    documents: tuple[str, ...]
    """Corpus ids, best first."""
    cpu_seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrievalScores:
    items: tuple[RankedQuestion, ...]

    def values(self, metric: str) -> list[float]:
        """A metric's value per question; `metric` is like `recall@5`, `all@5`, `ndcg@10`, `mrr@10`."""
        name, k = metric.split("@")
        score = {"recall": recall_at, "precision": precision_at, "all": all_at, "ndcg": ndcg_at, "mrr": mrr_at}[name]
        return [score(int(k), item.documents, item.question.supporting_ids) for item in self.items]

    def mean(self, metric: str) -> float:
        values = self.values(metric)
        return sum(values) / len(values)

    @staticmethod
    def metrics(k: int) -> list[str]:
        """The usual cuts and those at k."""
        names = ["recall@5", "recall@20", "ndcg@10", "all@5", "mrr@10"]
        return list(dict.fromkeys(names + [f"{name}@{k}" for name in ("recall", "precision", "all", "ndcg", "mrr")]))

    def summary(self, k: int) -> dict[str, Any]:
        """The figures to print: the usual cuts and those at k, with 95 % intervals and CPU time per query."""
        names = self.metrics(k)
        times = [1000 * item.cpu_seconds for item in self.items]
        summary: dict[str, Any] = {name: round(self.mean(name), 4) for name in names}
        summary["intervals"] = {name: [round(end, 4) for end in bootstrap(self.values(name))] for name in names}
        summary["questions"] = len(self.items)
        summary["query_cpu_ms_p50"] = round(percentile(times, 0.5), 2)
        summary["query_cpu_ms_p95"] = round(percentile(times, 0.95), 2)
        return summary


def score_retrieval(
    questions: Sequence[Question],
    find: Find,
    document_of: Callable[[Evidence], str],
    *,
    keep: int = KEPT_DOCUMENTS,
    depth: int = DEPTH,
    on_step: OnStep | None = None,
) -> RetrievalScores:
    """Ask every question. `document_of` gives the corpus id that evidence comes from; `keep` documents are kept
    per question (the largest k to be read off). CPU time is the process's, native threads included."""
    items = []
    for number, question in enumerate(questions, start=1):
        query = Query(text=question.question, scope=Scope.owner(), limit=max(depth, keep))
        before = time.process_time()
        evidence = find(query)
        spent = time.process_time() - before
        documents = first_of_each(document_of(e) for e in evidence)[: max(keep, KEPT_DOCUMENTS)]
        items.append(RankedQuestion(question=question, documents=tuple(documents), cpu_seconds=spent))
        if on_step is not None:
            on_step(number, len(questions))
    return RetrievalScores(items=tuple(items))
