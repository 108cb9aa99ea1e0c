"""Word's automatic numbers: "第三条", "2.1", "(a)" are not in the text of a paragraph; they are counted here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from gezhi.parse.formats.xml import local
from gezhi.parse.office.package import attribute, child, value_of

_DIGITS = "零一二三四五六七八九"
_CHINESE = frozenset({
    "chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting", "taiwaneseCounting",
    "taiwaneseCountingThousand", "chineseLegalSimplified", "ideographLegalTraditional",
})  # fmt: skip
_PLACEHOLDER = re.compile(r"%([1-9])")


@dataclass(kw_only=True, slots=True)
class Level:
    start: int = 1
    kind: str = "decimal"
    template: str = "%1."
    style: str = ""


@dataclass(kw_only=True, slots=True)
class _List:
    levels: dict[int, Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The lists of one document and how far each has counted."""

    def __init__(self, root: Any | None) -> None:
        abstract: dict[str, _List] = {}
        self._lists: dict[str, _List] = {}
        self._overrides: dict[str, dict[int, int]] = {}
        for element in root if root is not None else ():
            if local(element) == "abstractNum":
                abstract[attribute(element, "abstractNumId")] = _List(levels=_levels(element))
            elif local(element) == "num":
                number = attribute(element, "numId")
                shared = abstract.get(value_of(element, "abstractNumId") or "")
                if shared is None:
                    continue
                # Numberings over one abstract list go on counting together, unless one starts anew.
                fresh = {int(attribute(o, "ilvl", "0")) for o in element if local(o) == "lvlOverride"}
                self._lists[number] = _List(levels=shared.levels) if fresh else shared

    def marker(self, number: str, level: int) -> str | None:
        """Count one more paragraph of a list; the marker Word shows before it, or None if there is none."""
        listed = self._lists.get(number)
        if listed is None:
            return None
        rule = listed.levels.get(level) or Level()
        listed.counts[level] = listed.counts.get(level, rule.start - 1) + 1
        for deeper in [other for other in listed.counts if other > level]:
            del listed.counts[deeper]
        if rule.kind in ("bullet", "none"):
            return "-" if rule.kind == "bullet" else ""

        def shown(match: re.Match[str]) -> str:
            wanted = int(match.group(1)) - 1
            other = listed.levels.get(wanted) or Level()
            return format_number(listed.counts.get(wanted, other.start), other.kind)

        return _PLACEHOLDER.sub(shown, rule.template).strip()


def _levels(element: Any) -> dict[int, Level]:
    levels: dict[int, Level] = {}
    for inner in element:
        if local(inner) != "lvl":
            continue
        start = value_of(inner, "start") or "1"
        levels[int(attribute(inner, "ilvl", "0"))] = Level(
            start=int(start) if start.isdigit() else 1,
            kind=value_of(inner, "numFmt") or _alternate(inner) or "decimal",
            template=value_of(inner, "lvlText") or "",
            style=value_of(inner, "pStyle") or "",
        )
    return levels


def _alternate(level: Any) -> str | None:
    alternate = child(level, "AlternateContent", "Fallback")
    return value_of(alternate, "numFmt") if alternate is not None else None


def format_number(number: int, kind: str) -> str:
    if kind in _CHINESE:
        return chinese_number(number)
    if kind in ("lowerLetter", "upperLetter") and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if kind == "lowerLetter" else letter.upper()
    if kind in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        roman = _roman(number)
        return roman.lower() if kind == "lowerRoman" else roman
    if kind.startswith("decimalEnclosed") and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    if kind == "decimalZero":
        return f"{number:02d}"
    if kind == "ideographTraditional" and 0 < number <= 10:
        return "甲乙丙丁戊己庚辛壬癸"[number - 1]
    return str(number)


def chinese_number(number: int) -> str:
    """1 to 9999 as in 第一百零三条."""
    if not 0 < number < 10_000:
        return str(number)
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if zero and text else "") + _DIGITS[digit] + name
            zero = False
        else:
            zero = True
    return text.removeprefix("一") if text.startswith("一十") else text


def _roman(number: int) -> str:
    text = ""
    for value, letters in (
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
        (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ):  # fmt: skip
        text += letters * (number // value)
        number %= value
    return text
