"""One cell read as a number with its unit."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isinf

from gezhi.ingest.tables.chinese import SCALES, chinese_number, scaled_number
from gezhi.types.units import CURRENCY_BEFORE, UnitKind, folded, unit_kind

_PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,14})(\.\d{1,15})?", re.ASCII)
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:,\d{3}){1,4}(\.\d{1,15})?", re.ASCII)
_MARKS = re.compile(r"(?:\s*(?:\[[\w*†‡ ]{1,8}\]|[*†‡]+))+$")
_MINUS = str.maketrans("−–‒﹣", "----")
_DECADE = re.compile(r"[12]\d\d0", re.ASCII)
_SPACES = " \u00a0\u2009\u202f"
_ENGLISH = re.compile(
    rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}|\d{{1,3}}(?:[{_SPACES}']\d{{3}})+|\d+)?(?:\.\d+)?",
    re.ASCII,
)
_EUROPEAN = re.compile(rf"(?:\d{{1,3}}(?:[.{_SPACES}']\d{{3}})+|\d+)(?:,\d+)?", re.ASCII)
_DIGITS = re.compile(rf"(?P<digits>[\d.,'{_SPACES}]*\d|\d|\.\d+)(?P<rest>.*)", re.ASCII | re.DOTALL)
_POWER = re.compile(r"[eE](?P<e>[-+]?\d{1,3})|\s?[×xX*]\s?10(?:\^(?P<caret>[-+]?\d{1,3})|(?P<raised>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))")
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_WORDS = {
    "thousand": 10**3, "million": 10**6, "mn": 10**6, "mln": 10**6, "billion": 10**9, "bn": 10**9, "trillion": 10**12,
    "tn": 10**12, "mio": 10**6,
}  # fmt: skip
_LETTERS = {"k": 10**3, "K": 10**3, "m": 10**6, "M": 10**6, "mm": 10**6, "B": 10**9, "b": 10**9, "T": 10**12}
_WORD = re.compile(rf"\s?(?:({'|'.join(SCALES)})|({'|'.join(_WORDS)})(?![a-z]))", re.I)
_MOST = 2**63 - 1
_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Amount:
    value: int | float
    unit: str = ""
    chinese: bool = False
    """Written in Chinese characters alone."""


def read_number(text: str, *, decimal_comma: bool = False) -> Amount | None:
    """The number that a cell states and nothing else; None if it states none, or more than one.

    Scale words are multiplied in: 1.2万元 is 12000 元. A percentage keeps its number: 12.5% is 12.5 with unit %."""
    if not decimal_comma and (plain := _PLAIN.fullmatch(text)):
        return Amount(float(text) if plain[1] else int(text))
    if not decimal_comma and (grouped := _GROUPED.fullmatch(text)):
        plainly = text.replace(",", "")
        return Amount(float(plainly) if grouped[1] else int(plainly))
    text = _MARKS.sub("", folded(text).strip()).translate(_MINUS)
    negative, unit, body = _signed(text)
    match = _DIGITS.fullmatch(body)
    if match is None:
        return _in_characters(body, negative, unit)
    value = _decimal(match["digits"], decimal_comma=decimal_comma)
    if value is None or (unit and match["digits"].strip("'") == "000"):  # £000 is a unit
        return None
    rest, scaled = match["rest"], True
    power = _POWER.match(rest)
    if power:
        value = value.scaleb(int(power["e"] or power["caret"] or power["raised"].translate(_RAISED)))
        rest = rest[power.end() :]
    if unit_kind(rest.strip()) is not None and not unit:
        scaled = False  # 千瓦 and 千克 begin like scales
    elif compound := _compound(match["digits"] + rest):
        value, rest = compound
    elif word := _WORD.match(rest):
        value *= SCALES.get(word[1] or "") or _WORDS[word[2].lower()]
        rest = rest[word.end() :]
    elif unit and rest.strip() in _LETTERS:
        value, rest = value * _LETTERS[rest.strip()], ""
    else:
        scaled = False
    after = _unit_after(rest, unit, match["digits"])
    if after is None:
        return None
    return _amount(-value if negative else value, after, scaled=scaled, rounded=bool(power))


def _signed(text: str) -> tuple[bool, str, str]:
    """Sign, currency before the number, and what is left."""
    negative = False
    if match := re.fullmatch(r"\((.+)\)\s*(%|‰|bps|pp|)", text):
        negative, text = True, match[1].strip() + match[2]
    unit, signed = "", negative
    for _ in range(2):
        if text[:1] in ("-", "+") and not signed:
            signed, negative, text = True, text[0] == "-", text[1:].lstrip()
        elif not unit and (currency := CURRENCY_BEFORE.match(text)):
            unit, text = currency[0], text[currency.end() :].lstrip()
            if not signed and (match := re.fullmatch(r"\((.+)\)", text)):
                signed, negative, text = True, True, match[1].strip()
        else:
            break
    if text.endswith("-") and not signed:
        negative, text = True, text[:-1].rstrip()
    return negative, unit, text


def _decimal(digits: str, *, decimal_comma: bool) -> Decimal | None:
    if not (_EUROPEAN if decimal_comma else _ENGLISH).fullmatch(digits):
        return None
    plain = re.sub(rf"[{_SPACES}']", "", digits)
    return Decimal(plain.replace(".", "").replace(",", ".") if decimal_comma else plain.replace(",", ""))


def _compound(text: str) -> tuple[Decimal, str] | None:
    """`3亿5000万元`: the value of all parts, and what follows."""
    match = re.match(r"[\d.]+(?:万亿|亿|万|千)\d[\d.]*(?:亿|万|千|\d)*", text)
    value = scaled_number(match[0]) if match else None
    return None if match is None or value is None else (value, text[match.end() :])


def _unit_after(rest: str, before: str, digits: str = "") -> str | None:
    """The unit of the cell; None if what follows the number is no unit, or contradicts the one before it."""
    unit = rest.strip()
    if not unit:
        return before
    if unit.lower() in ("per cent", "percent", "pct"):
        unit = "%"
    if unit in ("元整", "圆", "圆整", "块"):
        unit = "元"
    kind = unit_kind(unit)
    if rest == "s" and _DECADE.fullmatch(digits):
        return None  # the 1950s
    if kind is None or (before and kind is not UnitKind.CURRENCY):
        return None
    if len(unit) == 1 and unit.isascii() and unit.isupper() and rest == unit:
        return None  # 12A and 3B are seats and rooms rather than amperes and bytes
    return unit


def _in_characters(text: str, negative: bool, unit: str) -> Amount | None:
    share = text.startswith("百分之")
    body = text.removeprefix("百分之")
    for end in range(len(body), max(len(body) - 4, 0), -1):
        value = chinese_number(body[:end])
        if value is None:
            continue
        after = _unit_after(body[end:], unit)
        if after is None or (share and after):
            return None
        found = _amount(-value if negative else value, "%" if share else after, scaled=False)
        return replace(found, chinese=True) if found else None
    return None


def _amount(value: Decimal, unit: str, *, scaled: bool, rounded: bool = False) -> Amount | None:
    """1.2万 is a whole number, 1200.00 is none: its decimals were written. So many digits that SQL cannot hold them as
    a whole number are no amount, but a power of ten has few digits."""
    exponent = value.as_tuple().exponent
    integral = value == value.to_integral_value() and (scaled or (isinstance(exponent, int) and exponent >= 0))
    if integral and abs(value) <= (_EXACT if rounded else _MOST):
        return Amount(int(value), unit)
    if integral and not rounded:
        return None
    number = float(value)
    return None if isinf(number) else Amount(number, unit)
