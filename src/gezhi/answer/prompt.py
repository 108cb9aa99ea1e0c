"""Prompts are text files beside the stage; their hash goes into the trace."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files


@cache
def prompt(name: str, language: str) -> str:
    """The prompt's text: `name` in `language` (`zh` or `en`)."""
    return (files("gezhi.answer") / "prompts" / f"{name}.{language}.txt").read_text("utf-8").strip()


def prompt_hash(*texts: str) -> str:
    """Twelve hex digits that change when a prompt does."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]
