"""JSON out of a model's reply: with text around it, in a code fence, or cut off in the middle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_DECODER = json.JSONDecoder()


def objects_in(text: str, start: int = 0) -> Iterator[tuple[dict[str, Any], int]]:
    """The whole JSON objects from `start` on, each with where it ends; what is cut off is not one."""
    at = start
    while (at := text.find("{", at)) >= 0:
        try:
            value, at = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError:
            return
        yield value, at


def first_object(text: str) -> dict[str, Any]:
    """The first; empty if there is none."""
    return next((value for value, _ in objects_in(text)), {})
