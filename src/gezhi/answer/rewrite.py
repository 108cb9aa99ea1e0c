"""Make a follow-up question stand alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gezhi.answer.prompt import prompt, prompt_hash
from gezhi.llm.json_reply import first_object
from gezhi.llm.protocol import ChatModel, ChatRequest, Message, complete
from gezhi.trace import span
from gezhi.types import Turn, Usage
from gezhi.types.language import cjk_count, language_of

TURNS = 6
"""Earlier turns that the rewriting sees."""
TURN_CHARACTERS = 600

LEAST_WORDS, LEAST_CHARACTERS = 4, 7
"""Of a question that can stand alone; Chinese by the character."""
_LEANS = re.compile(
    r"^(?:and|but|also|so|then|or|what about|how about)\b|\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers)\b"
    r"|\b(?:this|that|these|those|same|former|latter|else|instead)\b"
    r"|^(?:那|还有|另外|以及)|呢[？?]?$|[它他她]|这|那|该|其|上述|前者|后者|同样",
    re.IGNORECASE,
)
"""What points to something said before."""

_SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string", "minLength": 1, "maxLength": 400}},
    "required": ["question"],
    "additionalProperties": False,
}


def rewrite(question: str, history: Sequence[Turn], chat: ChatModel | None) -> tuple[str, Usage]:
    """The question with what it refers to put in. Without a model the questions that one points to are put before
    it, also if it is too short to stand alone; so too where the model gives nothing usable."""
    asked = [turn.text for turn in history if turn.role == "user"]
    if not asked:
        return question, Usage()
    fallback = " ".join(leaning(question, history)) or f"{asked[-1][:TURN_CHARACTERS]} {question}"
    if chat is None:
        return fallback if _leans(question) else question, Usage()
    instruction = prompt("rewrite", language_of(question))
    talk = "\n".join(f"{turn.role}: {turn.text[:TURN_CHARACTERS]}" for turn in history[-TURNS:])
    request = ChatRequest(
        messages=(
            Message(role="system", text=instruction),
            Message(role="user", text=f"{talk}\nuser: {question}"),
        ),
        schema=_SCHEMA,
        max_tokens=150,
    )
    with span("chat", gen_ai__operation__name="rewrite", gen_ai__request__model=chat.name) as here:
        here.set(gezhi__prompt_hash=prompt_hash(instruction))
        reply = complete(chat, request)
        here.set(
            gen_ai__usage__input_tokens=reply.usage.input_tokens,
            gen_ai__usage__output_tokens=reply.usage.output_tokens,
        )
    return _question(reply.text) or fallback, reply.usage


def leaning(question: str, history: Sequence[Turn]) -> tuple[str, ...]:
    """The questions that one points to and itself, the one that stands alone first: `how many were cancelled?`, `and in
    2024?`, `and in 2025?`. Empty if it stands alone."""
    if not _leans(question):
        return ()
    chain = [question]
    for turn in reversed(history[-2 * TURNS :]):
        if turn.role == "user":
            chain.append(turn.text[:TURN_CHARACTERS])
            if not _leans(turn.text):
                break
    return tuple(reversed(chain)) if len(chain) > 1 else ()


def _leans(question: str) -> bool:
    chinese = language_of(question) == "zh"
    short = cjk_count(question) < LEAST_CHARACTERS if chinese else len(question.split()) < LEAST_WORDS
    return short or points_back(question)


def points_back(question: str) -> bool:
    """`and in 2024?`, `who is its manager?`: alone it would mean something else."""
    return _LEANS.search(question.strip()) is not None


def _question(reply: str) -> str:
    found = first_object(reply).get("question")
    return " ".join(found.split()) if isinstance(found, str) else ""
