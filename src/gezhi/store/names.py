"""Names in a text, found without a language model: what the graph links passages by.

English names are spans of capitalised words with the small words inside them ("University of Leeds"); Chinese ones are
what the dictionary tags as a person, place, organisation or other name, and what stands in 《》 or quotation marks.
Codes, and short fields of tables and lists, count in both."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

NAMES_VERSION = "2"
"""Changes with what is found; a store made by another version finds its names anew."""

LONGEST = 16
"""Words, or Chinese characters, of a name."""
LONGEST_FIELD = 24
"""Characters of a field of a table or list that may be a name."""


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


@dataclass(frozen=True, slots=True)
class Name:
    start: int
    end: int
    key: str
    type: NameType


_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(r"[^\W_]+(?:[.'’&-][^\W_]+)*")
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_PIECE = re.compile(f"[{_HAN}]|[^{_HAN}\\W_]+")
_HAN_RUN = re.compile(f"[{_HAN}]+(?:·[{_HAN}]+)*")
_QUOTED = re.compile(r"[《「『]([^》」』\n]{2,30})[》」』]|“([^”\n]{2,30})”")
_FIELDS = re.compile(r"\s[—|]\s|\t|\n")
_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）")
_CODE = re.compile(r"(?<![\w.\-/])(?=[\w.\-/]*[A-Za-z])(?=[\w.\-/]*\d)[A-Za-z0-9][\w.\-/]*\w", re.ASCII)
_POSSESSIVE = re.compile(r"['’]s\b")

_TAGS = {
    "nr": NameType.PERSON,
    "nrt": NameType.PERSON,
    "nrfg": NameType.PERSON,
    "ns": NameType.PLACE,
    "nt": NameType.ORGANISATION,
    "nz": NameType.NAME,
}
_ORGANISATIONS = re.compile(
    r"\b(?:university|college|institute|company|corporation|inc|ltd|llc|gmbh|bank|ministry|department|agency|council)$"
    r"|(?:公司|集团|大学|学院|研究院|研究所|银行|医院|委员会|法院|部|局)$"
)


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


def name_key(text: str) -> str:
    """What makes two spellings one name: case, width, accents of typing, brackets, possessives, leading articles and
    punctuation do not count. Words, and Chinese characters, with one space between."""
    folded = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", text).casefold())
    words = _PIECE.findall(_BRACKETS.sub(" ", folded) if _BRACKETS.sub("", folded).strip() else folded)
    while len(words) > 1 and words[0] in ("the", "a", "an"):
        words = words[1:]
    return " ".join(words)


def find_names(text: str) -> list[Name]:
    """Every name with its place, in order; one place may hold a longer and a shorter one."""
    found = [*_codes(text), *_capitalised(text)]
    if _HAN_CHARACTER.search(text):
        found += [*_quoted(text), *_tagged(text), *_fields(text)]
    seen: set[tuple[int, int]] = set()
    kept = []
    for name in sorted(found, key=lambda name: (name.start, -name.end)):
        if (name.start, name.end) not in seen and _plausible(name.key):
            seen.add((name.start, name.end))
            kept.append(name)
    return kept


def key_words(text: str) -> list[str]:
    """The words of a text as they stand in keys: what a key is looked for in."""
    return _PIECE.findall(_POSSESSIVE.sub("", unicodedata.normalize("NFKC", text).casefold()))


def _plausible(key: str) -> bool:
    words = key.split()
    if not words or len(words) > LONGEST or key in _NOT_FIRST:
        return False
    tells = [word for word in words if not word.isdecimal() and word not in _CALENDAR]
    return bool(tells) and len(key.replace(" ", "")) >= 2


def _capitalised(text: str) -> Iterator[Name]:
    words = [(match.start(), match.end(), match.group()) for match in _WORD.finditer(text)]
    at = 0
    while at < len(words):
        if not words[at][2][0].isupper():
            at += 1
            continue
        last = _end_of_name(text, words, at)
        first = at
        while first <= last and words[first][2].casefold() in _NOT_FIRST:
            first += 1
        if first <= last:
            start, end = words[first][0], words[last][1]
            if text[start:end].endswith(("'s", "’s")):
                end -= 2
            key = name_key(text[start:end])
            yield Name(start, end, key, NameType.ORGANISATION if _ORGANISATIONS.search(key) else NameType.NAME)
        at = last + 1


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
        yield Name(match.start(), match.end(), name_key(match.group()), NameType.CODE)


def _quoted(text: str) -> Iterator[Name]:
    for match in _QUOTED.finditer(text):
        group = 1 if match[1] is not None else 2
        yield Name(match.start(group), match.end(group), name_key(match[group]), NameType.WORK)


def _tagged(text: str) -> Iterator[Name]:
    """Runs of words that the dictionary tags as names: 上海 + 交通大学 is one."""
    for run in _HAN_RUN.finditer(text):
        start = at = run.start()
        kind: NameType | None = None
        for word, tag in [*segmenter().tag(run.group()), ("", "")]:
            named = _TAGS.get(tag) if len(word) >= 2 else None
            if named is not None:
                start, kind = (at, named) if kind is None else (start, named)
            elif kind is not None:
                key = name_key(text[start:at])
                sort = NameType.ORGANISATION if _ORGANISATIONS.search(key.replace(" ", "")) else kind
                yield Name(start, at, key, sort)
                kind = None
            at += len(word)


def _fields(text: str) -> Iterator[Name]:
    start = 0
    borders = [*((match.start(), match.end()) for match in _FIELDS.finditer(text)), (len(text), len(text))]
    if len(borders) == 1:
        return
    for end, following in borders:
        field = text[start:end]
        stripped = field.strip()
        if 2 <= len(stripped) <= LONGEST_FIELD and _HAN_CHARACTER.search(stripped):
            begin = start + field.index(stripped)
            yield Name(begin, begin + len(stripped), name_key(stripped), NameType.FIELD)
        start = following


@cache
def segmenter() -> Any:
    """Chinese words with their tags."""
    import rjieba

    return rjieba
