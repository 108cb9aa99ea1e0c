"""The answering stage over a real store, with scripted models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gezhi.answer import Answerer, Done, EvidenceFound, StatementChecked
from gezhi.ingest import split
from gezhi.llm.protocol import ChatRequest
from gezhi.llm.scripted import ScriptedChat
from gezhi.retrieve import ByWords, Retrieval
from gezhi.store.protocol import Store
from gezhi.store.sqlite import open_sqlite
from gezhi.types import (
    Answer,
    AnswerMode,
    Block,
    BlockKind,
    Document,
    ModelFailed,
    Outcome,
    Query,
    Scope,
    Status,
    Turn,
    document_id,
)

CONTRACT = (
    "The warranty of every pump lasts 24 months from delivery.\n"
    "Late delivery costs 0.5% of the price per day, at most 10%.\n"
    "质保期为交货后二十四个月，易损件除外。"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_sqlite(tmp_path / "my.gezhi")
    blocks, at = [], 0
    for line in CONTRACT.split("\n"):
        blocks.append(Block(kind=BlockKind.PARAGRAPH, start=at, end=at + len(line)))
        at += len(line) + 1
    document = Document(
        id=document_id(CONTRACT.encode()),
        source="contract.md",
        title="Contract",
        media_type="text/markdown",
        text=CONTRACT,
        blocks=tuple(blocks),
    )
    opened.put(document, split(document), outcome=Outcome(status=Status.STORED), pipeline="test", embedder=None)
    yield opened
    opened.close()


def statements(*pairs: tuple[str, Sequence[int]]) -> str:
    return json.dumps({"statements": [{"cites": list(cites), "text": text} for text, cites in pairs]})


def ask(store: Store, question: str, chat: ScriptedChat | None = None, history: tuple[Turn, ...] = ()) -> Answer:
    answerer = Answerer(Retrieval([ByWords(store)]), store, chat=chat, embedder=None, threshold=0.0)
    events = list(answerer.answer(Query(text=question, scope=Scope.owner(), history=history), "t"))
    shown = [e.statement for e in events if isinstance(e, StatementChecked)]
    assert isinstance(events[-1], Done)
    answer = events[-1].answer
    assert tuple(shown) == answer.statements
    assert any(isinstance(e, EvidenceFound) for e in events)
    for citation in answer.citations:
        assert CONTRACT[citation.start : citation.end] == citation.quote
    for statement in answer.statements:
        assert all(answer.text[c.answer_start : c.answer_end] == statement.text for c in statement.citations)
        assert statement.citations
    return answer


def test_statements_are_cited_to_the_letter(store: Store) -> None:
    chat = ScriptedChat(
        [statements(("The warranty lasts 24 months.", [1]), ("Late delivery costs 0.5% per day.", [2]))]
    )
    answer = ask(store, "How long is the warranty and what does late delivery cost?", chat)
    assert answer.mode is AnswerMode.MODEL
    assert answer.text == "The warranty lasts 24 months. Late delivery costs 0.5% per day."
    assert [c.quote for c in answer.citations] == CONTRACT.split("\n")[:2]
    assert answer.usage.output_tokens > 0


def test_an_unsupported_statement_gets_one_repair_turn(store: Store) -> None:
    chat = ScriptedChat(
        [
            statements(("The warranty lasts 36 months.", [1])),
            statements(("The warranty lasts 24 months.", [1])),
        ]
    )
    answer = ask(store, "How long is the warranty?", chat)
    assert answer.text == "The warranty lasts 24 months."
    assert "36 is not in the cited sentences" in chat.requests[1].messages[-1].text


def test_what_stays_unsupported_is_dropped_and_nothing_left_is_a_refusal(store: Store) -> None:
    wrong = statements(("The warranty lasts 36 months.", [1]))
    answer = ask(store, "How long is the warranty?", ScriptedChat([wrong, wrong]))
    assert answer.refusal is not None and answer.refusal.code == "not_supported"
    assert answer.statements == () and answer.dropped == 1
    assert answer.evidence


def test_supported_statements_survive_a_failed_repair(store: Store) -> None:
    both = statements(("The warranty lasts 24 months.", [1]), ("It rains in Paris on Sundays.", [2]))
    answer = ask(store, "How long is the warranty?", ScriptedChat([both, "garbage"]))
    assert answer.text == "The warranty lasts 24 months."
    assert answer.refusal is None


def test_an_empty_list_of_statements_is_a_refusal_without_repair(store: Store) -> None:
    chat = ScriptedChat([statements()])
    answer = ask(store, "Who signed the warranty?", chat)
    assert answer.refusal is not None
    assert len(chat.requests) == 1


@pytest.mark.parametrize("reply", ["I do not know", '{"statements": "x"}'])
def test_garbage_is_asked_again_once(store: Store, reply: str) -> None:
    chat = ScriptedChat([reply, reply])
    assert ask(store, "How long is the warranty?", chat).refusal is not None
    assert len(chat.requests) == 2


def test_an_empty_reply_is_an_error_that_says_so(store: Store) -> None:
    with pytest.raises(ModelFailed, match="empty reply"):
        ask(store, "How long is the warranty?", ScriptedChat([""]))


def test_without_a_model_the_best_sentence_is_quoted(store: Store) -> None:
    answer = ask(store, "What does late delivery cost per day?")
    assert answer.mode is AnswerMode.EXTRACTIVE
    assert answer.text == "Late delivery costs 0.5% of the price per day, at most 10%."
    assert ask(store, "易损件的质保期是多久？").text == "质保期为交货后二十四个月，易损件除外。"


def test_a_question_about_nothing_stored_is_refused(store: Store) -> None:
    answerer = Answerer(Retrieval([ByWords(store)]), store, chat=None, embedder=None)
    for question in ("Who won the championship in 1998?", "董事长的生日是哪天？"):
        *_, done = answerer.answer(Query(text=question, scope=Scope.owner()), "t")
        assert isinstance(done, Done) and done.answer.refusal is not None
        assert done.answer.language == ("zh" if "董" in question else "en")


def test_a_follow_up_is_rewritten_with_the_history(store: Store) -> None:
    def reply(request: ChatRequest) -> str:
        if "question" in str(request.schema):
            assert "How long is the warranty?" in request.messages[-1].text
            return '{"question": "What does late delivery of a pump cost?"}'
        return statements(("Late delivery costs 0.5% per day.", [2]))

    history = (Turn(role="user", text="How long is the warranty?"), Turn(role="assistant", text="24 months."))
    answer = ask(store, "And late delivery?", ScriptedChat(reply), history)
    assert answer.standalone_question == "What does late delivery of a pump cost?"
    assert answer.text == "Late delivery costs 0.5% per day."


def test_without_a_model_a_follow_up_keeps_the_question_before(store: Store) -> None:
    history = (Turn(role="user", text="warranty of a pump"),)
    assert ask(store, "how long?", None, history).standalone_question == "warranty of a pump how long?"


def test_a_document_removed_while_the_model_writes_is_not_cited(store: Store) -> None:
    def reply(request: ChatRequest) -> str:
        del request
        store.remove(["contract.md"], Scope.owner())
        return statements(("The warranty lasts 24 months.", [1]))

    answer = ask(store, "How long is the warranty?", ScriptedChat(reply))
    assert answer.refusal is not None and answer.refusal.code == "not_supported"


def test_closing_the_stream_stops_the_model(store: Store) -> None:
    chat = ScriptedChat([statements(("The warranty lasts 24 months.", [1]), ("Late delivery costs 0.5%.", [2]))])
    events = Answerer(Retrieval([ByWords(store)]), store, chat=chat, embedder=None, threshold=0.0).answer(
        Query(text="How long is the warranty?", scope=Scope.owner()), "t"
    )
    for event in events:
        if isinstance(event, StatementChecked):
            break
    events.close()  # type: ignore[attr-defined]
    assert chat.cancelled == 1
