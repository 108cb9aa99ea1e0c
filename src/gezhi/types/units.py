"""What numbers count: units as cells and headers write them."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from pathlib import Path


class UnitKind(StrEnum):
    CURRENCY = "currency"
    MEASURE = "measure"
    COUNTER = "counter"
    """Chinese measure words: 12台 and 6套 may stand in one column of numbers."""
    SHARE = "share"


def _words() -> dict[str, list[str]]:
    words: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("units.txt").read_text("utf-8").splitlines():
        name, _, listed = line.partition(": ")
        words.setdefault(name, []).extend(listed.split())
    return words


_WORDS = _words()
_SIGNS, _CODES, _SCALES = _WORDS["signs"], _WORDS["codes"], _WORDS["scales"]
_KIND = {
    **dict.fromkeys([*_SIGNS, *_CODES, *_WORDS["money"]], UnitKind.CURRENCY),
    **dict.fromkeys(_WORDS["measures"], UnitKind.MEASURE),
    **dict.fromkeys(_WORDS["counters"], UnitKind.COUNTER),
    **dict.fromkeys(_WORDS["shares"], UnitKind.SHARE),
}


def _any(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


CURRENCY_BEFORE = re.compile(f"(?:{_any([*_SIGNS, *_CODES])}|人民币)(?=[^A-Za-z]|$)")
_SCALE = rf"(?:in )?(?:{_any(_SCALES)})"
_BASE = _any([*_KIND])
_HEADER_UNIT = re.compile(
    rf"(?:in |单位[:：]?\s*)?(?:(?:{_any(['十', '百', '千', '万', '百万', '千万', '亿', '十亿', '万亿'])})?(?:{_BASE})"
    rf"(?:\s?'?(?:{_SCALE}|of (?:{_BASE})))?|{_SCALE}(?:\s?(?:of )?(?:{_BASE}))?)"
    rf"(?:\s?(?:/|每|per )\s?(?:{_BASE}|[\w³²]{{1,8}}))?"
)
_BRACKETS = re.compile(r"\s*(?:\(([^()]{1,24})\)|\[([^\[\]]{1,24})\]|【([^】]{1,24})】)\s*")
_TAIL = re.compile(r"(?<=\S)(?:\s*[,，/:：]\s*|\s+in\s+|\s+)(?P<unit>[^\s,，/:：][^,，:：]{0,20})$")
_PERCENT_END = re.compile(r"\s*([%‰])$")
_SIZES = "(?:thousands|millions|billions)"
_STATED = re.compile(
    r"单位\s*[:：]\s*(?:人民币)?\s*([^\s,，;；、()（）]{1,12})"
    rf"|^\(?\s*((?:(?:(?:U\.?S\.?|HK)?\s?[$€£¥]|dollars|amounts|shares|RMB|CNY|USD|EUR)\s*)?in\s*{_SIZES}"
    r"(?: of [A-Za-z$€£¥]+)?)",
    re.I,
)


def unit_kind(unit: str) -> UnitKind | None:
    return _KIND.get(unit)


def folded(text: str) -> str:
    """Full-width signs as half-width ones; superscripts stay (12² is not 122, m² is m²)."""
    if text.isascii():
        return text
    text = text.replace("’", "'").replace("‘", "'")
    return "".join(
        character if character in "²³¹⁰⁴⁵⁶⁷⁸⁹℃℉…™" else unicodedata.normalize("NFKC", character) for character in text
    )


def header_unit(header: str) -> tuple[str, str]:
    """The header without the unit it names, and the unit: `金额（万元）` is 金额 and 万元; empty if it names none."""
    text = folded(header).strip()
    for match in reversed(list(_BRACKETS.finditer(text))):
        inside = next(group for group in match.groups() if group is not None).strip()
        if _HEADER_UNIT.fullmatch(inside):
            rest = f"{text[: match.start()]} {text[match.end() :]}".strip()
            return rest or text, _bare(inside)
    if (percent := _PERCENT_END.search(text)) and percent.start():
        return text[: percent.start()], percent[1]
    if (tail := _TAIL.search(text)) and " in " in text[tail.start() - 1 :].replace("\t", " ") and _named(tail["unit"]):
        return text[: tail.start()], _bare(tail["unit"])
    if (tail := re.search(r"\s*[,，/]\s*([^,，/]{1,20})$", text)) and tail.start() and _named(tail[1]):
        return text[: tail.start()], _bare(tail[1])
    return text, ""


def is_unit(text: str) -> bool:
    """Whether a cell of a header says what a column counts, and nothing else."""
    text = folded(text).strip().strip("()[]【】")
    return bool(text) and bool(_HEADER_UNIT.fullmatch(text))


def stated_unit(line: str) -> str:
    """The unit that a line above a table states for it: `单位：万元`, `(in thousands)`; empty if none."""
    match = _STATED.search(folded(line).strip())
    return "" if match is None else _bare(match[1] or match[2] or "")


def _named(text: str) -> bool:
    """Single letters after a comma are rather names than units."""
    text = text.strip()
    return text in ("%", "$", "€", "元") or (len(text) > 1 and bool(_HEADER_UNIT.fullmatch(text)))


def _bare(unit: str) -> str:
    bare = re.sub(r"^(?:in\s+|单位[:：]?\s*)", "", unit.strip(), flags=re.I).strip()
    return bare.lower() if bare.isascii() and not _HEADER_UNIT.fullmatch(bare) else bare
