"""A run as it is kept: what was asked of what, what came of each question, how it scored."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from gezhi.evaluate.answered import answered_question
from gezhi.evaluate.dataset import Question
from gezhi.evaluate.judges.protocol import Judge
from gezhi.evaluate.retrieval import RetrievalScores
from gezhi.evaluate.scoring import JUDGE_FAILED, Prices, ScoredAnswer, score_answers, summarise
from gezhi.types import DatasetItem, EvaluationResult, EvaluationRun, InvalidInput

Kept = tuple[EvaluationRun, list[EvaluationResult]]


def answers_run(
    scored: Sequence[ScoredAnswer],
    *,
    label: str,
    dataset: str,
    configuration: Mapping[str, Any],
    summary: Mapping[str, Any],
) -> Kept:
    results = [
        EvaluationResult(
            item=one.item.question.id,
            scores=one.scores,
            error=one.error,
            contents=one.item.as_dict(),
            documents=one.item.documents,
        )
        for one in scored
    ]
    return _run("answers", label, dataset, configuration, summary, results), results


def retrieval_run(
    scores: RetrievalScores,
    *,
    k: int,
    label: str,
    dataset: str,
    configuration: Mapping[str, Any],
    summary: Mapping[str, Any],
) -> Kept:
    per_metric = {name: scores.values(name) for name in scores.metrics(k)}
    results = [
        EvaluationResult(
            item=item.question.id,
            scores={name: values[at] for name, values in per_metric.items()},
            contents={"question": item.question.as_row(), "documents": list(item.documents)},
        )
        for at, item in enumerate(scores.items)
    ]
    return _run("retrieval", label, dataset, configuration, summary, results), results


def score_again(
    run: EvaluationRun,
    results: Sequence[EvaluationResult],
    judge: Judge | None,
    prices: Prices | None = None,
    *,
    label: str = "",
) -> Kept:
    """Score a kept run with another judge or newer metrics; the chat model is not asked. The new run has an id of its
    own. Raises InvalidInput for a run of another kind, or whose contents were erased."""
    if run.kind != "answers":
        raise InvalidInput(
            f"{run.id[:8]} is a run of {run.kind}: nothing in it needs a judge.", hint="Choose a run of answers."
        )
    erased = sum(result.contents is None for result in results)
    if erased:
        raise InvalidInput(
            f"{erased} answers of this run were erased with the documents they quote.", hint="Ask the questions again."
        )
    scored = score_answers([answered_question(result.contents or {}) for result in results], judge, prices=prices)
    configuration = {**run.configuration, "judge": judge.name if judge else "none", "scored_again": run.id}
    summary = {**run.summary, **summarise(scored)}
    return answers_run(
        scored, label=label or run.label, dataset=run.dataset, configuration=configuration, summary=summary
    )


def _run(
    kind: str,
    label: str,
    dataset: str,
    configuration: Mapping[str, Any],
    summary: Mapping[str, Any],
    results: Sequence[EvaluationResult],
) -> EvaluationRun:
    return EvaluationRun(
        id=uuid.uuid4().hex,
        kind=kind,
        label=label,
        dataset=dataset,
        created_at=time.time(),
        configuration=configuration,
        summary=summary,
        questions=len(results),
        errors=_errors(results),
    )


def _errors(results: Sequence[EvaluationResult]) -> int:
    """Questions that were not answered, as `errors` of the summary counts them; failed judgements are its
    `judge_errors`."""
    return sum(bool(result.error) and not result.error.startswith(JUDGE_FAILED) for result in results)


def questions_hash(questions: Sequence[Question]) -> str:
    """Names the questions and what is known of their answers: runs of other questions are not comparable."""
    lines = [json.dumps(question.as_row(), ensure_ascii=False, sort_keys=True) for question in questions]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def dataset_items(questions: Sequence[Question], documents: Mapping[str, str] | None = None) -> list[DatasetItem]:
    """Questions as items of a data set. `documents`: source -> id of the stored documents."""
    known = documents or {}
    return [
        DatasetItem(
            id=question.id,
            contents=question.as_row(),
            documents=tuple(known[source] for source in question.supporting_ids if source in known),
        )
        for question in questions
    ]


def run_to_json(run: EvaluationRun, results: Sequence[EvaluationResult]) -> dict[str, Any]:
    """A run as one JSON object, to be kept in a file, e.g. as the baseline of a gate in CI."""
    return {
        "id": run.id,
        "kind": run.kind,
        "label": run.label,
        "dataset": run.dataset,
        "created_at": run.created_at,
        "configuration": dict(run.configuration),
        "summary": dict(run.summary),
        "results": [
            {
                "item": result.item,
                "scores": dict(result.scores),
                "error": result.error,
                "contents": result.contents,
                "documents": list(result.documents),
            }
            for result in results
        ],
    }


def run_from_json(value: Any) -> Kept:
    """Read what `run_to_json` wrote. Raises InvalidInput."""
    try:
        results = [
            EvaluationResult(
                item=str(row["item"]),
                scores={name: float(score) for name, score in row["scores"].items()},
                error=str(row["error"]),
                contents=row.get("contents"),
                documents=tuple(row.get("documents") or ()),
            )
            for row in value["results"]
        ]
        run = EvaluationRun(
            id=str(value["id"]),
            kind=str(value["kind"]),
            label=str(value["label"]),
            dataset=str(value["dataset"]),
            created_at=float(value["created_at"]),
            configuration=dict(value["configuration"]),
            summary=dict(value["summary"]),
            questions=len(results),
            errors=_errors(results),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(
            f"This file does not hold a run ({error}).", hint="`gezhi eval runs NAME --export FILE` writes one."
        ) from error
    return run, results
