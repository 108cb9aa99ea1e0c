"""Facts from passages by a chat model: one request a passage, the reply held to a schema, what is not in the passage
dropped."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from gezhi.ingest.facts.grounded import as_time, grounded
from gezhi.llm.json_reply import objects_in
from gezhi.llm.protocol import ChatModel, ChatRequest, Message, complete
from gezhi.types import Usage
from gezhi.types.facts import StatedFact
from gezhi.types.language import language_of

MOST_FACTS = 12
"""Of one passage: more are repetitions."""
REPLY_TOKENS = 700
TYPICAL_REPLY_TOKENS = 180
"""For the estimate of what an extraction costs: measured over passages of both languages."""

_END = {"type": "string", "minLength": 1, "maxLength": 100}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "facts": {
            "type": "array",
            "maxItems": MOST_FACTS,
            "items": {
                "type": "object",
                "properties": {
                    "subject": _END,
                    "predicate": {"type": "string", "minLength": 1, "maxLength": 50},
                    "object": _END,
                    "from": {"type": "string", "maxLength": 10},
                    "to": {"type": "string", "maxLength": 10},
                },
                "required": ["subject", "predicate", "object", "from", "to"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["facts"],
    "additionalProperties": False,
}


class FactReader:
    """Asks a model which facts a passage states."""

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat
        text = "".join(_prompt(language) for language in ("en", "zh"))
        self.name = f"{chat.name}/{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        """Under which its findings are kept: the model and the prompt."""

    def tokens(self, title: str, text: str) -> int:
        """Of the request and a typical reply."""
        return sum(self._chat.count_tokens(m.text) for m in _messages(title, text)) + TYPICAL_REPLY_TOKENS

    def read(self, title: str, text: str) -> tuple[list[StatedFact], Usage]:
        """Raises ModelUnavailable and ModelFailed."""
        request = ChatRequest(messages=_messages(title, text), schema=SCHEMA, max_tokens=REPLY_TOKENS, rules_first=True)
        reply = complete(self._chat, request)
        return grounded(drafts(reply.text), title, text), reply.usage


def drafts(reply: str) -> list[StatedFact]:
    """The facts of a reply; one that was cut off gives those that are whole."""
    found: list[StatedFact] = []
    begin = reply.find("[")
    for value, _ in objects_in(reply, begin) if begin >= 0 else ():
        ends = [end for name in ("subject", "predicate", "object") if isinstance(end := value.get(name), str)]
        if len(ends) == 3:
            found.append(
                StatedFact(
                    subject=ends[0].strip(),
                    predicate=ends[1].strip(),
                    object=ends[2].strip(),
                    valid_from=as_time(str(value.get("from") or "")),
                    valid_to=as_time(str(value.get("to") or "")),
                )
            )
    return found


def _messages(title: str, text: str) -> tuple[Message, ...]:
    language = language_of(text)
    asked = f"标题：{title}\n文字：{text}" if language == "zh" else f"Title: {title}\nText: {text}"
    return Message(role="system", text=_prompt(language)), Message(role="user", text=asked)


@cache
def _prompt(language: str) -> str:
    name = "extract.zh.txt" if language == "zh" else "extract.en.txt"
    return (files("gezhi.ingest.facts") / "prompts" / name).read_text("utf-8")
