"""Other names that a text gives to what it names: "Beijing Institute of Technology (BIT)", 北京理工大学（北理工）,
华辰泵业（Huachen Pumps）. Only what the text itself says and the letters bear out; never by likeness."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gezhi.store.naming.names import segmenter

HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
LONGEST = 80
"""Characters of a name before a bracket that are looked at."""


class AliasKind(StrEnum):
    ABBREVIATION = "abbreviation"
    """Its letters are those of the name, in order."""
    TRANSLATION = "translation"
    """The name in the other language, in brackets right after it."""
    DEFINED = "defined"
    """Said to stand for it in this document (hereinafter "Supplier", 以下简称“甲方”): counts in this document only."""


@dataclass(frozen=True, slots=True)
class Alias:
    kind: AliasKind
    name: tuple[int, int]
    """Place of the name."""
    alias: tuple[int, int]
    """Place of the other name."""


_BRACKET = re.compile(r"[(（]\s*([^()（）\n]{2,80}?)\s*[)）]")
_ABBREVIATION = re.compile(r"[A-Z][A-Za-z0-9&.\-]{1,9}")
_WORD = re.compile(r"[^\W_]+(?:[’'&-][^\W_]+)*")
_SMALL = frozenset(
    ["of", "the", "and", "for", "in", "on", "at", "de", "la", "le", "du", "des", "und", "der", "die", "a", "an", "to"]
)
_DEFINED = re.compile(
    r"(?:以下|下文)?(?:统|合)?(?:简称|下称|称)为?[：:]?\s*[“\"「『‘']?(?P<zh>[^”\"」』’'，,；;、]{1,20}?)[”\"」』’']?$"
    r"|(?:hereinafter|hereafter|herein)?(?:\s*(?:referred to as|called))?\s*,?\s*(?:the\s+|an?\s+)?"
    r"[“\"](?P<en>[^”\"]{2,40})[”\"]$"
)
_FIELD_START = re.compile(r"[：:，,。；;、\n\s“”\"《》]")
_HAN_NAME = re.compile(f"[{HAN}·]{{2,30}}")
_LATIN_NAME = re.compile(r"[A-Z][\w’'&.\-]*(?:[ ,]+(?:[A-Z0-9][\w’'&.\-]*|of|the|and|for|de|&))+\.?")
_NOT_IN_NAMES = re.compile(r"(?:v|vd|p|c|d|df|u|uj|ul|uz|uv|ud|ug|r|rr|rz|y|t|e|o|zg|f)$")
"""Tags of verbs, prepositions, conjunctions, adverbs, particles, pronouns and times."""
_ROLES_ZH = frozenset(
    re.findall(
        r"\w+",
        "负责人 总裁 总统 主席 总理 首相 部长 市长 经理 总经理 董事长 主任 教授 博士 学者 院长 校长 发言人 创始人"
        " 合伙人 医生 导演 将军 全名",
    )
)
_ROLE = re.compile(
    r"\b(?:officer|director|manager|president|chairman|chairwoman|engineer|head|secretary|editor|professor|minister)\b",
    re.IGNORECASE,
)


def find_aliases(text: str) -> list[Alias]:
    """In order; each place of a bracket gives at most one."""
    return [alias for bracket in _BRACKET.finditer(text) if (alias := _alias(text, bracket)) is not None]


def _alias(text: str, bracket: re.Match[str]) -> Alias | None:
    inner, place = bracket[1], bracket.span(1)
    before = len(text[: bracket.start()].rstrip())
    if before == 0:
        return None
    if (defined := _DEFINED.match(inner)) is not None:
        group = "zh" if defined["zh"] else "en"
        start = place[0] + defined.start(group)
        name = _name_before(text, before)
        return Alias(AliasKind.DEFINED, name, (start, start + len(defined[group].rstrip()))) if name else None
    if _ABBREVIATION.fullmatch(inner) and sum(letter.isupper() for letter in inner) >= 2:
        return next(_spelled_out(text, before, inner, place), None)
    last = next(iter(re.finditer(r"[A-Za-z0-9&.\-]+$", text[max(0, before - 12) : before])), None)
    if last is not None and _ABBREVIATION.fullmatch(last[0]) and _initials_fit(_WORD.findall(inner), last[0]):
        return Alias(AliasKind.ABBREVIATION, place, (before - len(last[0]), before))
    return _chinese(text, before, inner, place)


def _spelled_out(text: str, before: int, short: str, place: tuple[int, int]) -> Iterator[Alias]:
    """The shortest run of words before the bracket whose initials spell the abbreviation."""
    first = max(0, before - LONGEST)
    words = [(match.start() + first, match[0]) for match in _WORD.finditer(text[first:before])]
    for count in range(2, min(len(words), len(short) + 4) + 1):
        chosen = words[-count:]
        if chosen[0][1].casefold() in _SMALL or re.search(r"[.;:!?。；：，]\s", text[chosen[0][0] : before]):
            continue
        if _initials_fit([word for _, word in chosen], short):
            yield Alias(AliasKind.ABBREVIATION, (chosen[0][0], before), place)


def _initials_fit(words: list[str], short: str) -> bool:
    """Whether the abbreviation is the initials of the words; small words may be left out."""
    letters = [letter.casefold() for letter in short if letter.isalnum()]
    if len(letters) < 2 or len(words) < 2:
        return False
    every = [part[0].casefold() for word in words for part in word.split("-") if part]
    telling = [
        part[0].casefold() for word in words for part in word.split("-") if part and part.casefold() not in _SMALL
    ]
    return letters in (every, telling)


def _chinese(text: str, before: int, inner: str, place: tuple[int, int]) -> Alias | None:
    name = _name_before(text, before)
    if name is None:
        return None
    long = text[name[0] : name[1]]
    long_is_han, inner_is_han = bool(_HAN_NAME.fullmatch(long)), bool(_HAN_NAME.fullmatch(inner))
    if long_is_han and inner_is_han:
        if 2 <= len(inner) <= 6 and inner not in long and (start := _suffix_start(long, inner)) is not None:
            return Alias(AliasKind.ABBREVIATION, (name[0] + start, name[1]), place)
        return None
    if long_is_han and len(long) >= 3 and _LATIN_NAME.fullmatch(inner) and not _ROLE.search(inner):
        return Alias(AliasKind.TRANSLATION, name, place)
    if inner_is_han and len(inner) >= 2:
        first = max(0, before - LONGEST)
        latin = [match for match in _LATIN_NAME.finditer(text[first:before]) if match.end() + first == before]
        if latin and not _ROLE.search(latin[0][0]):
            return Alias(AliasKind.TRANSLATION, (latin[0].start() + first, before), place)
    return None


def _name_before(text: str, before: int) -> tuple[int, int] | None:
    """The field that ends there: from the last punctuation or space."""
    first = max(0, before - LONGEST)
    window = text[first:before]
    if not re.search(f"[{HAN}]", window[-1:]):
        latin = [match for match in _LATIN_NAME.finditer(window) if match.end() == len(window)]
        return (first + latin[0].start(), before) if latin else None
    starts = [match.end() for match in _FIELD_START.finditer(window)]
    start = _nouns_from(text, first + (starts[-1] if starts else 0), before)
    return (start, before) if 2 <= before - start <= 40 else None


def _nouns_from(text: str, start: int, end: int) -> int:
    """Where the last run of nouns begins, after a role such as 记者: what stands before it is not part of the name."""
    begins = at = start
    dotted = text.find("·", start, end)
    for word, tag in segmenter().tag(text[start:end]):
        at += len(word)
        if at < end and (_NOT_IN_NAMES.match(tag) or word in _ROLES_ZH or (word[-1:] in "员师者" and len(word) > 1)):
            begins = at
        elif at < dotted and tag[:2] != "nr" and word != "·":
            begins = at  # of a foreign name with a dot only what is tagged as a person's
        if at >= end and _NOT_IN_NAMES.match(tag):
            return end
    return begins + (text[begins] == "·")


def _suffix_start(long: str, short: str) -> int | None:
    """Where in `long` a name begins whose characters hold those of `short` in order, the first one first: in
    毕业于北京理工大学 at 北. None if the letters do not bear it out."""
    start = long.rfind(short[0])
    while start >= 0:
        at = start
        for character in short:
            at = long.find(character, at) + 1
            if at == 0:
                break
        else:
            if len(long) - start >= len(short) + 2:
                return start
        start = long.rfind(short[0], 0, start)
    return None
