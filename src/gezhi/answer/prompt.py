"""Prompts are text files beside the stage; their hash goes into the trace."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from gezhi.answer.numbered import Sentence, as_text
from gezhi.llm.protocol import Message
from gezhi.types.language import language_of


@cache
def prompt(name: str, language: str) -> str:
    """The prompt's text: `name` in `language` (`zh` or `en`)."""
    return (files("gezhi.answer") / "prompts" / f"{name}.{language}.txt").read_text("utf-8").strip()


def prompt_hash(*texts: str) -> str:
    """Twelve hex digits that change when a prompt does."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def ask_about(sentences: Sequence[Sentence], question: str, instruction: str) -> tuple[Message, ...]:
    """The messages of every call about one evidence: the same system text, evidence and question first, the
    instruction last, so that a second call finds the first one's prefix in the model's cache."""
    language = language_of(question)
    label = "问题：" if language == "zh" else "Question: "
    return (
        Message(role="system", text=prompt("system", language)),
        Message(role="user", text=f"{as_text(sentences)}\n\n{label}{question}\n\n{instruction}"),
    )
