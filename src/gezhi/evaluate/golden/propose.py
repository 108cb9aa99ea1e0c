"""A question to a passage, written by a chat model and checked without one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from gezhi.llm.json_reply import first_object
from gezhi.llm.protocol import ChatModel, ChatRequest, Message, complete
from gezhi.types import Usage
from gezhi.types.language import find_quote, fold_for_quote, language_of

LONGEST_PASSAGE = 2500
"""Characters shown to the model."""
SHORTEST_QUESTION = 6
LONGEST_ANSWER = 80
POINTING = ("this passage", "the passage", "this document", "the document", "this table", "the table", "this text",
            "本文", "该段", "这段", "上表", "下表", "该文", "文中", "上文")  # fmt: skip
"""A question with one of these cannot be asked by who has not seen the passage."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A question for a person to accept, edit or drop."""

    question: str
    answer: str = ""
    quote: str = ""
    """The words of the passage that state the answer, to the letter."""
    source: str
    """Of the document the passage is from."""
    passage: str
    """Its text: what the person looks at."""
    unanswerable: bool = False
    found_rank: int | None = None
    """Where retrieval finds the document for this question; None if not among the first."""
    usage: Usage = field(default_factory=Usage)


def propose(chat: ChatModel, *, source: str, title: str, passage: str, unanswerable: bool) -> Proposal | str:
    """A proposal, or why the model's reply cannot be one. Raises ModelUnavailable, ModelFailed."""
    language = language_of(passage)
    text = passage[:LONGEST_PASSAGE]
    kind = "unanswerable" if unanswerable else "answerable"
    names = ("question",) if unanswerable else ("question", "quote", "answer")
    request = ChatRequest(
        messages=(Message(role="user", text=f"{title}\n\n{text}\n\n{_prompt(kind, language)}"),),
        schema=_schema(names),
        max_tokens=300,
    )
    reply = complete(chat, request)
    fields = _fields(reply.text, names)
    if fields is None:
        return "the reply is not of the asked form"
    problem = _problem(fields, text, language)
    if problem:
        return problem
    quote = ""
    if not unanswerable:
        span = find_quote(fields["quote"], text)
        if span is None:
            return "the quote is not in the passage"
        quote = text[span[0] : span[1]]
        if fold_for_quote(fields["answer"])[0] not in fold_for_quote(quote)[0]:
            return "the answer is not in the quote"
    return Proposal(
        question=fields["question"],
        answer=fields.get("answer", ""),
        quote=quote,
        source=source,
        passage=text,
        unanswerable=unanswerable,
        usage=reply.usage,
    )


def _problem(fields: Mapping[str, str], passage: str, language: str) -> str:
    question = fields["question"]
    if len(question) < SHORTEST_QUESTION:
        return "the question is too short"
    if language_of(question) != language:
        return "the question is in another language than the passage"
    if any(word in question.casefold() for word in POINTING):
        return "the question points at the passage instead of naming what it is about"
    if find_quote(question, passage) is not None:
        return "the question is copied from the passage"
    answer = fields.get("answer")
    if answer is None:
        return ""
    if not answer or len(answer) > LONGEST_ANSWER:
        return "the answer is empty or long"
    if fold_for_quote(answer)[0] in fold_for_quote(question)[0]:
        return "the question holds its answer"
    return ""


def _fields(text: str, names: tuple[str, ...]) -> dict[str, str] | None:
    value = first_object(text)
    if not all(isinstance(value.get(name), str) for name in names):
        return None
    return {name: value[name].strip() for name in names}


def _schema(names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "required": list(names),
        "additionalProperties": False,
    }


@cache
def _prompt(name: str, language: str) -> str:
    return (files("gezhi.evaluate.golden") / "prompts" / f"{name}.{language}.txt").read_text("utf-8").strip()
