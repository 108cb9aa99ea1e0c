"""Printing: safe text, JSON, tables."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gezhi.types import Answer, Passage, Trace

WIDE = 400
"""Columns where the output is not a terminal: a line then stays a line, for grep and its like."""

_SEQUENCE = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]")
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_JSON_RAW = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str, *, lines: bool = True) -> str:
    """Make text from a document safe for a terminal: no escape sequences, no control characters, nothing that
    turns the writing direction. `lines=False` also joins it to one line."""
    text = text.replace("\r\n", "\n").replace("\x0c", "\n")
    safe = _CONTROL.sub("", _SEQUENCE.sub("", text))
    return safe if lines else " ".join(safe.split())


def shorten(text: str, length: int) -> str:
    """One clean line of at most so many characters."""
    line = clean(text[: length * 4], lines=False)
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def console(file: TextIO, *, quiet: bool = False) -> Console:
    """A console that prints what it is given: no markup, no emoji codes, no guessed highlighting."""
    made = Console(file=file, markup=False, emoji=False, highlight=False, quiet=quiet)
    if not made.is_terminal:
        made.width = WIDE
    return made


def table(*columns: str, right: Iterable[str] = ()) -> Table:
    made = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


def cell(text: object, style: str = "") -> Text:
    return Text(clean(str(text), lines=False), style=style)


# JSON

_PAIRS = frozenset({"counts", "metadata", "attributes"})
"""Fields that hold (name, value) pairs: objects in JSON."""


def to_json(value: object, *, compact: bool = False) -> str:
    """JSON with the names of the dataclasses' fields as keys. Characters that steer a terminal are escaped."""
    text = json.dumps(plain(value), ensure_ascii=False, indent=None if compact else 2)
    return _JSON_RAW.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def plain(value: object) -> Any:
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case Path():
            return str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case set() | frozenset():
            return sorted(plain(item) for item in value)
        case list() | tuple():
            return [plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _fields(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    match value:  # what a reader needs and a field does not hold
        case Passage():
            found["id"] = value.id
        case Answer():
            found["text"] = value.text
        case Trace():
            found["seconds"] = value.seconds
    for field in dataclasses.fields(value):
        item = getattr(value, field.name)
        found[field.name] = plain(dict(item)) if field.name in _PAIRS else plain(item)
    return found
