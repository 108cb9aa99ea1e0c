"""Retrieval and answers are scored through the functions handed in, whatever stands behind them."""

from collections.abc import Sequence

import pytest

from gezhi.evaluate import Question, ask_all, score_answers, score_retrieval, summarise
from gezhi.types import (
    Answer,
    AnswerMode,
    Citation,
    Evidence,
    ModelFailed,
    Passage,
    Query,
    Refusal,
    Statement,
    Usage,
)


def question(key: str, *gold: str, answers: Sequence[str] = (), unanswerable: bool = False) -> Question:
    return Question(
        id=key,
        question=key,
        answers=(tuple(answers),) if answers else (),
        supporting_ids=gold,
        unanswerable=unanswerable,
    )


def evidence(source: str, ordinal: int = 0) -> Evidence:
    passage = Passage(document_id=source, ordinal=ordinal, start=0, end=4, text="text")
    return Evidence(passage=passage, source=source, title="", revision=1, score=1.0, found_by=())


def test_retrieval_is_scored_per_document() -> None:
    found = {
        "first": [evidence("b"), evidence("b", 1), evidence("a")],
        "second": [evidence(str(n)) for n in range(30)],
    }
    asked: list[Query] = []

    def find(query: Query) -> list[Evidence]:
        asked.append(query)
        return found[query.text]

    steps: list[tuple[int, int]] = []
    scores = score_retrieval(
        [question("first", "a"), question("second", "7", "25")],
        find,
        lambda e: e.source,
        on_step=lambda done, of: steps.append((done, of)),
    )
    assert steps == [(1, 2), (2, 2)]
    assert all(q.scope.unrestricted and q.limit == 100 for q in asked)
    assert scores.items[0].documents == ("b", "a")
    assert scores.values("mrr@10") == [0.5, 1 / 8]
    summary = scores.summary(k=10)
    assert summary["recall@5"] == 0.5
    assert summary["recall@10"] == 0.75
    assert summary["recall@20"] == 0.75
    assert summary["all@5"] == 0.5
    assert summary["questions"] == 2
    assert summary["query_cpu_ms_p95"] >= summary["query_cpu_ms_p50"] >= 0
    assert summary["intervals"]["recall@5"] == [0.0, 1.0]


def test_a_larger_k_keeps_more_documents() -> None:
    scores = score_retrieval(
        [question("q", "25")], lambda _: [evidence(str(n)) for n in range(30)], lambda e: e.source, keep=30
    )
    assert scores.mean("recall@30") == 1.0


def answer(text: str, *sources: str, quote: str = "quote", refusal: str = "") -> Answer:
    citations = tuple(
        Citation(
            answer_start=0,
            answer_end=len(text),
            passage_id=f"{source}:0",
            document_id=source,
            source=source,
            title="",
            revision=1,
            start=0,
            end=len(quote),
            quote=quote,
        )
        for source in sources
    )
    return Answer(
        question="q",
        standalone_question="q",
        language="en",
        statements=() if refusal else (Statement(text=text, citations=citations),),
        evidence=(evidence("gold"), evidence("other")),
        mode=AnswerMode.MODEL,
        model="m",
        refusal=Refusal(code=refusal, message="Not in the documents.") if refusal else None,
        usage=Usage(input_tokens=10, output_tokens=2),
    )


REPLIES = {
    "right": answer("It is Paris", "gold"),
    "wrong": answer("It is Rome", "other"),
    "false quote": answer("Paris", "gold", quote="invented"),
    "refused": answer("", refusal="no_evidence"),
    "unanswerable, refused": answer("", refusal="no_evidence"),
    "unanswerable, answered": answer("It is Paris", "gold"),
}


def ask(query: Query) -> Answer:
    if query.text == "broken":
        raise ModelFailed("The server answered with garbage.")
    return REPLIES[query.text]


QUESTIONS = [
    question("right", "gold", answers=["Paris"]),
    question("wrong", "gold", answers=["Paris"]),
    question("false quote", "gold", answers=["Paris"]),
    question("refused", "gold", answers=["Paris"]),
    question("broken", "gold", answers=["Paris"]),
    question("unanswerable, refused", "gold", unanswerable=True),
    question("unanswerable, answered", "gold", unanswerable=True),
]


def test_answers_are_scored() -> None:
    items = score_answers(ask_all(QUESTIONS, ask, lambda source: source, lambda citation: citation.quote == "quote"))
    figures = summarise(items)
    assert figures["containment"] == 0.4  # 2 of 5: the refusal and the error count 0
    assert figures["containment_answered"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["em"] == 0.2
    # "It is Paris": 2 * 1 / 4; "Paris": 1.
    assert figures["f1"] == pytest.approx((0.5 + 1) / 5)
    assert figures["citation_validity"] == 0.75
    assert figures["gold_cited"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["false_answer_rate"] == 0.5
    assert figures["false_refusal_rate"] == 0.2
    assert figures["errors"] == 1
    assert (figures["questions"], figures["answered"], figures["refused"]) == (7, 4, 2)
    assert (figures["tokens_in"], figures["tokens_out"]) == (60, 12)
    assert figures["intervals"]["containment"][0] < 0.4 < figures["intervals"]["containment"][1]
    broken = next(item for item in items if item.error)
    assert broken.error.startswith("model_failed: The server")
    assert broken.scores["containment"] == 0.0


def test_without_gold_every_answer_is_false() -> None:
    items = ask_all(
        [question("right", "gold", answers=["Paris"]), question("refused", "gold")],
        ask,
        lambda source: source,
        lambda _: True,
        without_gold=True,
    )
    figures = summarise(score_answers(items))
    assert figures["false_answer_rate"] == 0.5
    assert figures["false_refusal_rate"] is None
    assert figures["containment"] is None
    assert figures["citation_validity"] == 1.0


def test_a_bug_is_not_an_answer() -> None:
    def buggy(_: Query) -> Answer:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        ask_all(QUESTIONS[:1], buggy, lambda s: s, lambda _: True)
