"""Make a follow-up question stand alone."""

from __future__ import annotations

import json
from collections.abc import Sequence

from gezhi.answer.prompt import prompt, prompt_hash
from gezhi.llm.protocol import ChatModel, ChatRequest, Message, complete
from gezhi.trace import span
from gezhi.types import Turn, Usage
from gezhi.types.language import language_of

TURNS = 6
"""Earlier turns that the rewriting sees."""
TURN_CHARACTERS = 600

_SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string", "minLength": 1, "maxLength": 400}},
    "required": ["question"],
    "additionalProperties": False,
}


def rewrite(question: str, history: Sequence[Turn], chat: ChatModel | None) -> tuple[str, Usage]:
    """The question with what it refers to put in. Without a model, or where the model gives nothing usable, the
    last question is put before it: enough for retrieval."""
    asked = [turn.text for turn in history if turn.role == "user"]
    if not asked:
        return question, Usage()
    fallback = f"{asked[-1][:TURN_CHARACTERS]} {question}"
    if chat is None:
        return fallback, Usage()
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


def _question(reply: str) -> str:
    start, end = reply.find("{"), reply.rfind("}")
    try:
        value = json.loads(reply[start : end + 1])
    except json.JSONDecodeError:
        return ""
    found = value.get("question") if isinstance(value, dict) else None
    return " ".join(found.split()) if isinstance(found, str) else ""
