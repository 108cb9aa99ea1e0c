"""Names for SQL made of headers and titles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from pathlib import Path

_MOST = 60
_KEYWORDS = frozenset(Path(__file__).with_name("keywords.txt").read_text("ascii").split())


def sql_key(name: str, taken: Container[str], *, otherwise: str) -> str:
    """Letters, digits, underscores and Chinese, in lower case; unlike every key taken and no word of SQL."""
    kept = "".join(_letter(character) for character in unicodedata.normalize("NFKD", name))
    key = re.sub("_+", "_", unicodedata.normalize("NFC", kept)).strip("_").lower()[:_MOST].rstrip("_") or otherwise
    if key[0].isdigit():
        key = f"_{key}"
    if key in _KEYWORDS:
        key = f"{key}_"
    if key not in taken:
        return key
    number = 2
    while f"{key.rstrip('_')}_{number}" in taken:
        number += 1
    return f"{key.rstrip('_')}_{number}"


def _letter(character: str) -> str:
    if unicodedata.category(character) in ("Mn", "Me"):
        return ""  # the accent of a letter taken apart
    return character if character.isalnum() and character.isprintable() else "_"
