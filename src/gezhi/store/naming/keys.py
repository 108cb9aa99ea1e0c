"""What a name is, and when two spellings are one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_PIECE = re.compile(f"[{HAN}]|[^{HAN}\\W_]+")
_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）")
_POSSESSIVE = re.compile(r"['’]s\b")


class NameType(StrEnum):
    NAME = "name"
    """A capitalised span, of a kind unknown."""
    PERSON = "person"
    PLACE = "place"
    ORGANISATION = "organisation"
    WORK = "work"
    """In 《》 or quotation marks."""
    CODE = "code"
    """Letters with digits: part numbers, versions, contract numbers."""
    FIELD = "field"
    """A short cell of a table or field of a list."""
    TITLE = "title"
    """The title of a document."""


VAGUE = frozenset({NameType.NAME, NameType.FIELD, NameType.TITLE})
"""Kinds that say less of what a name is than any other found for it."""


@dataclass(frozen=True, slots=True)
class Name:
    start: int
    end: int
    key: str
    type: NameType


def name_key(text: str) -> str:
    """What makes two spellings one name: case, width, accents of typing, brackets, possessives, leading articles and
    punctuation do not count. Words, and Chinese characters, with one space between."""
    folded = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", text).casefold())
    words = _PIECE.findall(_BRACKETS.sub(" ", folded) if _BRACKETS.sub("", folded).strip() else folded)
    while len(words) > 1 and words[0] in ("the", "a", "an"):
        words = words[1:]
    return " ".join(words)


def key_words(text: str) -> list[str]:
    """The words of a text as they stand in keys: what a key is looked for in."""
    return _PIECE.findall(_POSSESSIVE.sub("", unicodedata.normalize("NFKC", text).casefold()))


@cache
def segmenter() -> Any:
    """Chinese words with their tags."""
    import rjieba

    return rjieba
