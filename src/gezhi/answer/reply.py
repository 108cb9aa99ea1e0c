"""Read the model's statements out of its reply while it is still being written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gezhi.llm.json_reply import objects_in


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A statement as the model wrote it, unchecked."""

    text: str
    cites: tuple[int, ...]


class ReplyReader:
    """Fed with pieces of a JSON reply, hands out each statement once its object is complete.

    Lenient where models are careless: text around the JSON, a code fence, a bare statement instead of a list."""

    def __init__(self) -> None:
        self._text = ""
        self._at = -1
        self.readable = False
        """Whether a list of statements was found at all."""

    def feed(self, piece: str) -> Iterator[Draft]:
        self._text += piece
        if self._at < 0:
            key = self._text.find('"statements"')
            bracket = self._text.find("[", key) if key >= 0 else -1
            if bracket < 0:
                return
            self._at = bracket + 1
            self.readable = True
        for value, end in objects_in(self._text, self._at):
            self._at = end
            if (draft := _draft(value)) is not None:
                yield draft

    @property
    def text(self) -> str:
        return self._text


def _draft(value: dict[str, Any]) -> Draft | None:
    written, cites = value.get("text"), value.get("cites")
    if not isinstance(written, str):
        return None
    numbers = [c for c in cites if isinstance(c, int)] if isinstance(cites, list) else []
    text = " ".join(written.split())
    return Draft(text=text, cites=tuple(dict.fromkeys(numbers))) if text else None


def reply_schema(numbers: Sequence[int], *, may_be_empty: bool) -> dict[str, object]:
    """JSON schema of a reply that can only cite sentences of these numbers.

    Citations come after the text: asked for them first, small models copied the right sentence and named the wrong
    number."""
    statement = {
        "type": "object",
        "properties": {
            "text": {"type": "string", "minLength": 1, "maxLength": 600},
            "cites": {
                "type": "array",
                "items": {"type": "integer", "enum": list(numbers)},
                "minItems": 1,
                "maxItems": 3,
            },
        },
        "required": ["text", "cites"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {
            "statements": {"type": "array", "items": statement, "minItems": 0 if may_be_empty else 1, "maxItems": 5}
        },
        "required": ["statements"],
        "additionalProperties": False,
    }
