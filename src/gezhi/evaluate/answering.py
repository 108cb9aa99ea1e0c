"""Ask every question of any function from a query to an answer, and keep what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gezhi.evaluate.answered import AnsweredQuestion, CitedStatement, Quote, ShownPassage
from gezhi.evaluate.dataset import Question
from gezhi.types import Answer, Citation, GezhiError, Query, Scope

Ask = Callable[[Query], Answer]
OnStep = Callable[[int, int], None]
"""(questions done, of so many)"""


def ask_all(
    questions: Sequence[Question],
    ask: Ask,
    document_of: Callable[[str], str],
    is_true: Callable[[Citation], bool],
    *,
    without_gold: bool = False,
    signals_of: Callable[[Answer], Mapping[str, float]] | None = None,
    on_step: OnStep | None = None,
    on_item: Callable[[AnsweredQuestion], None] | None = None,
) -> list[AnsweredQuestion]:
    """Ask every question. `document_of`: source -> id in the set. `is_true` checks a citation against the stored
    document. `without_gold`: the gold documents are not in the store, so no question has an answer there.

    A GezhiError is recorded with its question and the run goes on; anything else is a bug and is raised."""
    items = []
    for number, question in enumerate(questions, start=1):
        item = AnsweredQuestion(question=question, unanswerable=without_gold or question.unanswerable)
        started, before = time.perf_counter(), time.process_time()
        answer: Answer | None = None
        try:
            answer = ask(Query(text=question.question, scope=Scope.owner(), history=question.history))
        except GezhiError as error:
            item = replace(item, error=f"{error.code}: {error}")
        item = replace(item, seconds=time.perf_counter() - started, cpu_seconds=time.process_time() - before)
        if answer is not None:
            item = _with_answer(item, answer, document_of, is_true)
            if signals_of is not None:
                item = replace(item, signals=dict(signals_of(answer)))
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
        statements=tuple(
            CitedStatement(
                text=statement.text,
                quotes=tuple(
                    Quote(
                        passage=citation.passage_id,
                        document=document_of(citation.source),
                        text=citation.quote,
                        valid=is_true(citation),
                    )
                    for citation in statement.citations
                ),
            )
            for statement in answer.statements
        ),
        evidence=tuple(
            ShownPassage(
                document=document_of(one.source),
                document_id=one.passage.document_id,
                passage=one.passage.id,
                title=one.title,
                text=one.passage.text,
            )
            for one in answer.evidence
        ),
        dropped=answer.dropped,
        usage=answer.usage,
        trace_id=answer.trace_id,
    )
