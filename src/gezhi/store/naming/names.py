"""Names in a text, found without a language model: what the graph links passages by.

English names are spans of capitalised words with the small words inside them ("University of Leeds"); Chinese ones are
what the dictionary tags as a person, place, organisation or other name, and what stands in 《》 or quotation marks.
Codes, and short fields of tables and lists, count in both."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gezhi.store.naming.chinese import chinese_names
from gezhi.store.naming.keys import HAN, VAGUE, Name, NameType, key_words, name_key, segmenter

__all__ = ["LONGEST", "NAMES_VERSION", "Name", "NameType", "find_names", "key_words", "name_key", "segmenter"]

NAMES_VERSION = "4"
"""Changes with what is found; a store made by another version finds its names anew."""

LONGEST = 16
"""Words, or Chinese characters, of a name."""


_WORD = re.compile(rf"[^\W_{HAN}]+(?:[.'’&-][^\W_{HAN}]+)*")
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_CODE = re.compile(r"(?<![\w.\-/])(?=[\w.\-/]*[A-Za-z])(?=[\w.\-/]*\d)[A-Za-z0-9][\w.\-/]*\w", re.ASCII)

_ORGANISATIONS = re.compile(
    r"\b(?:university|college|institute|company|corporation|inc|ltd|llc|gmbh|bank|ministry|department|agency|council)$"
)


_MARKS = " \t*_#>"
_COUNTED = re.compile(r"\d+(?:st|nd|rd|th|s)", re.IGNORECASE)
"""Ordinals and decades, which are no codes."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_INSIDE = _words("of the de von van der den da di la le du del dos das and & for al el bin ibn y")
"""Small words that may stand between the capitalised words of one name."""
_NOT_FIRST = _words("""
    a an the this that these those his her its their our your my he she it they we i you in on at of for to from by with
    as and or but if when while where what who whom which whose how why is are was were be been being do does did has
    have had not no there here then than so such also both after before during since until under over between into
    through about against according although because however following many most some several one two three four five
    six seven eight nine ten other another each every all any more first second third born
""")
"""Words that begin sentences and questions with a capital and are no part of a name."""
_CALENDAR = _words("""
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
""")


def find_names(text: str) -> list[Name]:
    """Every name with its place, in order; one place may hold a longer and a shorter one."""
    found = [*_codes(text), *_capitalised(text)]
    if _HAN_CHARACTER.search(text):
        found += chinese_names(text)
    codes = [name for name in found if name.type is NameType.CODE]
    seen: set[tuple[int, int]] = set()
    kept = []
    for name in sorted(found, key=lambda name: (name.start, -name.end, name.type in VAGUE)):
        if name.type is NameType.NAME and any(_stem(name, code) for code in codes):
            continue
        if (name.start, name.end) not in seen and _plausible(name.key):
            seen.add((name.start, name.end))
            kept.append(name)
    return kept


def _stem(name: Name, code: Name) -> bool:
    """Whether it is all of a code but its last sign: GK-12 of GK-12/A. COVID-19 of COVID-19/SARS is a name."""
    return name.start == code.start and 0 < code.end - name.end <= 3


def _plausible(key: str) -> bool:
    words = key.split()
    if not words or len(words) > LONGEST or key in _NOT_FIRST:
        return False
    tells = [word for word in words if not word.isdecimal() and word not in _CALENDAR]
    return bool(tells) and len(key.replace(" ", "")) >= 2


def _capitalised(text: str) -> Iterator[Name]:
    words = [(match.start(), match.end(), match.group()) for match in _WORD.finditer(text)]
    small = frozenset(word for _, _, word in words if word[0].islower())
    at = 0
    while at < len(words):
        if not words[at][2][0].isupper():
            at += 1
            continue
        last = _end_of_name(text, words, at)
        first = at
        while first <= last and words[first][2].casefold() in _NOT_FIRST:
            first += 1
        if first <= last and not (first == last and _only_begins(text, words[first], small)):
            start, end = words[first][0], words[last][1]
            if text[start:end].endswith(("'s", "’s")):
                end -= 2
            key = name_key(text[start:end])
            yield Name(start, end, key, NameType.ORGANISATION if _ORGANISATIONS.search(key) else NameType.NAME)
        at = last + 1


def _only_begins(text: str, word: tuple[int, int, str], small: frozenset[str]) -> bool:
    """Whether a word has its capital from where it stands: it begins a sentence, and the text also writes it small."""
    start, _, written = word
    if written.casefold() not in small:
        return False
    before = text[max(0, start - 40) : start].rstrip(_MARKS)
    if before and before[-1].isdecimal():  # the number of a heading
        before = before.rstrip("0123456789.").rstrip(_MARKS)
        return not before or before[-1] == "\n"
    return not before or before[-1] in ".!?:;\n•|-–—。！？：；"


def _end_of_name(text: str, words: list[tuple[int, int, str]], first: int) -> int:
    """Index of the last word of the capitalised span that begins at `first`."""
    last = at = first
    while at + 1 < len(words):
        gap = text[words[at][1] : words[at + 1][0]]
        initial = gap.strip(" \u00a0") == "." and len(words[at][2]) <= 2  # "J. K. Rowling", "St. Louis"
        if gap.strip(" \u00a0") and not initial:
            break
        word = words[at + 1][2]
        if word[0].isupper() or (word[0].isdigit() and word.isalnum()):
            at += 1
            last = at
        elif word in _INSIDE and at - last < 2:
            at += 1
        else:
            break
    return last


def _codes(text: str) -> Iterator[Name]:
    for match in _CODE.finditer(text):
        if not _COUNTED.fullmatch(match.group()):
            yield Name(match.start(), match.end(), name_key(match.group()), NameType.CODE)
