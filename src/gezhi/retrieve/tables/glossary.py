"""Names of columns and their values in the other language, so that a Chinese question can be asked of an English sheet
without a model, and the other way round. The words are those of business sheets, in `glossary.tsv`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice, product

from gezhi.types.units import header_unit

MOST = 8
"""Translations of one name."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_CURRENCY = re.compile(r"[\s_](?:cny|rmb|usd|eur|gbp|hkd|jpy)$")
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[a-z]+(?:&[a-z]+)?")


@lru_cache(maxsize=20_000)
def translations(name: str) -> tuple[str, ...]:
    """What a name is called in the other language: `order date` is 订单日期. Empty unless all of it is known."""
    plain = " ".join(name.casefold().replace("_", " ").split())
    if not plain or len(plain) > 60:
        return ()
    if _HAN.search(plain):
        if _WORD.search(plain):
            return ()  # it stands in both languages already
        ways, joint = [_chinese_pieces(plain)], " "
    else:  # `order date` is 下单日期, and 订单日期 word by word
        ways, joint = [_english_pieces(plain), _english_pieces(plain, longest=1)], ""
    made = (joint.join(parts) for pieces in ways if pieces for parts in islice(product(*pieces), MOST))
    return tuple(dict.fromkeys(made))


def word_translations(text: str) -> tuple[str, ...]:
    """Of each word of an English title, and of what a Chinese one is made of, those that are known."""
    words = _LETTERS.findall(text)
    return tuple(dict.fromkeys(other for word in words for other in translations(word)))


def column_translations(name: str) -> tuple[str, ...]:
    """Of a column's name, without the unit or currency that it states: `amount_cny`, 单价（元）."""
    plain = header_unit(name.replace("_", " "))[0] or name
    return translations(_CURRENCY.sub("", plain.casefold()))


def table_translations(name: str) -> tuple[str, ...]:
    """Of a table's name, without its numbers: `orders-2024-2025` is 订单."""
    return translations(" ".join(_LETTERS.findall(name)))


def _chinese_pieces(name: str) -> list[tuple[str, ...]]:
    known = _words()[0]
    pieces, at = [], 0
    while at < len(name):
        end = next((end for end in range(len(name), at, -1) if name[at:end] in known), None)
        if end is None:
            return []
        pieces.append(known[name[at:end]])
        at = end
    return pieces


def _english_pieces(name: str, longest: int = 9) -> list[tuple[str, ...]]:
    words = [_singular(word) for word in _WORD.findall(name)]
    if " ".join(_WORD.findall(name)) != name:
        return []  # a digit or a sign says something that is not known
    known = _words()[1]
    pieces, at = [], 0
    while at < len(words):
        last = min(len(words), at + longest)
        end = next((end for end in range(last, at, -1) if " ".join(words[at:end]) in known), None)
        if end is None:
            return []
        pieces.append(known[" ".join(words[at:end])])
        at = end
    return pieces


@cache
def _words() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Chinese -> English, and English in the singular -> Chinese."""
    to_english: dict[str, tuple[str, ...]] = {}
    to_chinese: dict[str, tuple[str, ...]] = {}
    for chinese, english in _lines():
        for word in chinese:
            to_english[word] = tuple(dict.fromkeys((*to_english.get(word, ()), *english)))
        for phrase in english:
            key = " ".join(map(_singular, phrase.split()))
            to_chinese[key] = tuple(dict.fromkeys((*to_chinese.get(key, ()), *chinese)))
    return to_english, to_chinese


def _lines() -> Iterator[tuple[list[str], list[str]]]:
    text = (files("gezhi.retrieve.tables") / "glossary.tsv").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            chinese, english = line.split("\t")
            yield chinese.split("|"), english.split("|")


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")) else word
