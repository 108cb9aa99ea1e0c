"""Score any function from a question to an answer: is it right, are its citations true, does it refuse when it must."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gezhi.evaluate.dataset import Question
from gezhi.evaluate.metrics import containment, exact_match, token_f1
from gezhi.evaluate.statistics import Interval, bootstrap, percentile, wilson
from gezhi.types import Answer, Citation, GezhiError, Usage

Ask = Callable[[str], Answer]
OnStep = Callable[[int, int], None]
"""(questions done, of so many)"""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweredQuestion:
    """One question and what came of it. Exactly one of: an answer, a refusal, an error."""

    question: Question
    unanswerable: bool
    """The store does not hold the answer: a refusal is right."""
    text: str = ""
    """The answer; empty after a refusal or an error."""
    refusal: str = ""
    """The refusal's code."""
    error: str = ""
    citations: int = 0
    true_citations: int = 0
    """Whose quote is, to the letter, at that place of the stored document."""
    cited: tuple[str, ...] = ()
    """Corpus ids of the documents cited."""
    evidence: tuple[str, ...] = ()
    """Corpus ids of the evidence shown to the model, best first."""
    dropped: int = 0
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    trace_id: str = ""

    @property
    def answered(self) -> bool:
        return not self.refusal and not self.error

    @property
    def gold_found(self) -> bool:
        """Retrieval did its part."""
        return bool(set(self.evidence) & set(self.question.supporting_ids))

    @property
    def cites_gold(self) -> bool:
        return bool(set(self.cited) & set(self.question.supporting_ids))

    def score(self, metric: Callable[[str, Sequence[Sequence[str]]], float]) -> float:
        """0 for a refusal and for an error."""
        return metric(self.text, self.question.answers) if self.answered else 0.0

    def as_dict(self) -> dict[str, Any]:
        """One line of the file of items."""
        return {
            "id": self.question.id,
            "question": self.question.question,
            "answers": [list(part) for part in self.question.answers],
            "supporting_ids": list(self.question.supporting_ids),
            "unanswerable": self.unanswerable,
            "text": self.text,
            "refusal": self.refusal,
            "error": self.error,
            "em": self.score(exact_match),
            "f1": round(self.score(token_f1), 4),
            "containment": self.score(containment),
            "citations": self.citations,
            "true_citations": self.true_citations,
            "cited": list(self.cited),
            "evidence": list(self.evidence),
            "gold_found": self.gold_found,
            "cites_gold": self.cites_gold,
            "dropped": self.dropped,
            "tokens_in": self.usage.input_tokens,
            "tokens_out": self.usage.output_tokens,
            "seconds": round(self.seconds, 3),
            "cpu_s": round(self.cpu_seconds, 3),
            "trace_id": self.trace_id,
        }


def score_answers(
    questions: Sequence[Question],
    ask: Ask,
    document_of: Callable[[str], str],
    is_true: Callable[[Citation], bool],
    *,
    without_gold: bool = False,
    on_step: OnStep | None = None,
    on_item: Callable[[AnsweredQuestion], None] | None = None,
) -> list[AnsweredQuestion]:
    """Ask every question. `document_of`: source -> corpus id. `is_true` checks a citation against the stored
    document. `without_gold`: the gold documents are not in the store, so no question has an answer there.

    A GezhiError is recorded with its question and the run goes on; anything else is a bug and is raised."""
    items = []
    for number, question in enumerate(questions, start=1):
        unanswerable = without_gold or question.unanswerable
        started, before = time.perf_counter(), time.process_time()
        item = AnsweredQuestion(question=question, unanswerable=unanswerable)
        answer: Answer | None = None
        try:
            answer = ask(question.question)
        except GezhiError as error:
            item = replace(item, error=f"{error.code}: {error}")
        item = replace(item, seconds=time.perf_counter() - started, cpu_seconds=time.process_time() - before)
        if answer is not None:
            item = _with_answer(item, answer, document_of, is_true)
        items.append(item)
        if on_item is not None:
            on_item(item)
        if on_step is not None:
            on_step(number, len(questions))
    return items


def _with_answer(
    item: AnsweredQuestion, answer: Answer, document_of: Callable[[str], str], is_true: Callable[[Citation], bool]
) -> AnsweredQuestion:
    return replace(
        item,
        text="" if answer.refusal else answer.text,
        refusal=answer.refusal.code if answer.refusal else "",
        citations=len(answer.citations),
        true_citations=sum(is_true(citation) for citation in answer.citations),
        cited=tuple(dict.fromkeys(document_of(c.source) for c in answer.citations)),
        evidence=tuple(dict.fromkeys(document_of(e.source) for e in answer.evidence)),
        dropped=answer.dropped,
        usage=answer.usage,
        trace_id=answer.trace_id,
    )


def summarise_answers(items: Sequence[AnsweredQuestion]) -> dict[str, Any]:
    """The figures to print. A share over nothing is null.

    `em`, `f1`, `containment`: over answerable questions, a refusal or an error counts 0; `containment_answered`:
    over those of them that were answered. `gold_cited`: over answered answerable questions. `false_answer_rate`:
    unanswerable questions that were answered. `false_refusal_rate`: answerable questions that were refused;
    `false_refusal_rate_found`: the same where a gold document was among the evidence."""
    answerable = [i for i in items if not i.unanswerable]
    unanswerable = [i for i in items if i.unanswerable]
    answered = [i for i in answerable if i.answered]
    found = [i for i in answerable if i.gold_found]
    scored = [i for i in answerable if i.question.answers]
    usage = sum((i.usage for i in items), Usage())
    shares = {
        "containment": [bool(i.score(containment)) for i in scored],
        "em": [bool(i.score(exact_match)) for i in scored],
        "gold_cited": [i.cites_gold for i in answered],
        "false_answer_rate": [i.answered for i in unanswerable],
        "false_refusal_rate": [bool(i.refusal) for i in answerable],
    }
    citations = sum(i.citations for i in items)
    f1 = [i.score(token_f1) for i in scored]
    return {
        "em": _share(shares["em"]),
        "f1": _mean(f1),
        "containment": _share(shares["containment"]),
        "containment_answered": _share([bool(i.score(containment)) for i in answered if i.question.answers]),
        "citation_validity": round(sum(i.true_citations for i in items) / citations, 4) if citations else None,
        "gold_cited": _share(shares["gold_cited"]),
        "gold_found": _share([i.gold_found for i in answerable]),
        "false_answer_rate": _share(shares["false_answer_rate"]),
        "false_refusal_rate": _share(shares["false_refusal_rate"]),
        "false_refusal_rate_found": _share([bool(i.refusal) for i in found]),
        "errors": sum(bool(i.error) for i in items),
        "questions": len(items),
        "answerable": len(answerable),
        "answered": sum(i.answered for i in items),
        "refused": sum(bool(i.refusal) for i in items),
        "citations": citations,
        "dropped_statements": sum(i.dropped for i in items),
        "tokens_in": usage.input_tokens,
        "tokens_out": usage.output_tokens,
        "cpu_s": round(sum(i.cpu_seconds for i in items), 2),
        "seconds_p50": round(percentile([i.seconds for i in items], 0.5), 2),
        "seconds_p95": round(percentile([i.seconds for i in items], 0.95), 2),
        "intervals": {
            **{name: _rounded(wilson(sum(values), len(values))) for name, values in shares.items() if values},
            **({"f1": _rounded(bootstrap(f1))} if f1 else {}),
        },
    }


def _share(values: Sequence[bool]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _rounded(interval: Interval) -> list[float]:
    return [round(end, 4) for end in interval]
