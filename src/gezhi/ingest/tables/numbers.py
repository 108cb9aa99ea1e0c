"""One cell read as a number with its unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from gezhi.ingest.tables.chinese import SCALES, chinese_number, scaled_number
from gezhi.ingest.tables.units import CURRENCY_BEFORE, UnitKind, folded, unit_kind

_PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,14})(\.\d{1,15})?", re.ASCII)
_MARKS = re.compile(r"(?:\s*(?:\[[\w*†‡ ]{1,8}\]|[*†‡#]+))+$")
_MINUS = str.maketrans("−–‒﹣", "----")
_SPACES = " \u00a0\u2009\u202f"
_ENGLISH = re.compile(
    rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}|\d{{1,3}}(?:[{_SPACES}']\d{{3}})+|\d+)?(?:\.\d+)?",
    re.ASCII,
)  # noqa: E501
_EUROPEAN = re.compile(rf"(?:\d{{1,3}}(?:[.{_SPACES}']\d{{3}})+|\d+)(?:,\d+)?", re.ASCII)
_DIGITS = re.compile(rf"(?P<digits>[\d.,'{_SPACES}]*\d|\d|\.\d+)(?P<rest>.*)", re.ASCII | re.DOTALL)
_POWER = re.compile(
    r"\s*[eE](?P<e>[-+]?\d{1,3})|\s?[×xX*]\s?10(?:\^(?P<caret>[-+]?\d{1,3})|(?P<raised>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
)
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_WORDS = {
    "thousand": 10**3, "million": 10**6, "mn": 10**6, "mln": 10**6, "billion": 10**9, "bn": 10**9, "trillion": 10**12,
    "tn": 10**12, "mio": 10**6,
}  # fmt: skip
_LETTERS = {"k": 10**3, "K": 10**3, "m": 10**6, "M": 10**6, "mm": 10**6, "B": 10**9, "b": 10**9, "T": 10**12}
_WORD = re.compile(rf"\s?(?:({'|'.join(SCALES)})|({'|'.join(_WORDS)})(?![a-z]))", re.I)
_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Amount:
    value: int | float
    unit: str = ""
    european: bool | None = None
    """Whether only a decimal comma, or only a decimal point, explains it; None if it says neither."""
    chinese: bool = False
    """Written in Chinese characters alone."""


def read_number(text: str, *, european: bool = False) -> Amount | None:
    """The number that a cell states and nothing else; None if it states none, or more than one.

    Scale words are multiplied in: 1.2万元 is 12000 元. A percentage keeps its number: 12.5% is 12.5 with unit %."""
    if not european and (plain := _PLAIN.fullmatch(text)):
        return Amount(float(text), "", False) if plain[1] else Amount(int(text))
    text = _MARKS.sub("", folded(text).strip()).translate(_MINUS)
    negative, unit, body = _signed(text)
    match = _DIGITS.fullmatch(body)
    if match is None:
        return _in_characters(body, negative, unit)
    number = _decimal(match["digits"], european=european)
    if number is None:
        return None
    value, style = number
    rest = match["rest"]
    if power := _POWER.match(rest):
        value = value.scaleb(int(power["e"] or power["caret"] or power["raised"].translate(_RAISED)))
        rest = rest[power.end() :]
    if compound := _compound(match["digits"] + rest):
        value, rest = compound
    elif word := _WORD.match(rest):
        value *= SCALES.get(word[1] or "") or _WORDS[word[2].lower()]
        rest = rest[word.end() :]
    elif unit and rest.strip() in _LETTERS:
        value, rest = value * _LETTERS[rest.strip()], ""
    after = _unit_after(rest, unit)
    if after is None:
        return None
    whole = "." not in str(value) and "E" not in str(value)
    return _amount(-value if negative else value, after, whole=whole, style=style)


def _signed(text: str) -> tuple[bool, str, str]:
    """Sign, currency before the number, and what is left."""
    negative = False
    if len(text) > 2 and text[0] == "(" and text[-1] == ")":
        negative, text = True, text[1:-1].strip()
    unit = ""
    for _ in range(4):
        if text[:1] in ("-", "+", "△", "▲", "▼") and len(text) > 1:
            if negative or text[0] in "△▲▼":
                return False, "", ""
            negative, text = text[0] == "-", text[1:].lstrip()
        elif not unit and (currency := CURRENCY_BEFORE.match(text)):
            unit, text = currency[0], text[currency.end() :].lstrip()
            if not negative and len(text) > 2 and text[0] == "(" and text[-1] == ")":
                negative, text = True, text[1:-1].strip()
        else:
            break
    if text.endswith("-") and not negative and text[:-1].strip()[-1:].isdigit():
        negative, text = True, text[:-1].rstrip()
    return negative, unit, text


def _decimal(digits: str, *, european: bool) -> tuple[Decimal, bool | None] | None:
    english_fits, european_fits = _ENGLISH.fullmatch(digits), _EUROPEAN.fullmatch(digits)
    style = bool(european_fits) if bool(english_fits) != bool(european_fits) else None
    if style is None and "." in digits and re.search(r"\.(?!\d{3}(?!\d))", digits):
        style = False
    if not (european_fits if european else english_fits):
        return None if style is None or style == european else (Decimal(0), style)
    plain = re.sub(rf"[{_SPACES}']", "", digits)
    plain = plain.replace(".", "").replace(",", ".") if european else plain.replace(",", "")
    try:
        return Decimal(plain), style
    except InvalidOperation:
        return None


def _compound(text: str) -> tuple[Decimal, str] | None:
    """`3亿5000万元`: the value of all parts, and what follows."""
    match = re.match(r"[\d.]+(?:万亿|亿|万|千)[\d.]+(?:亿|万|千|\d)*", text)
    value = scaled_number(match[0]) if match else None
    return None if match is None or value is None else (value, text[match.end() :])


def _unit_after(rest: str, before: str) -> str | None:
    """The unit of the cell; None if what follows the number is no unit, or contradicts the one before it."""
    rest = rest.strip()
    if not rest:
        return before
    if rest.lower() in ("per cent", "percent", "pct"):
        rest = "%"
    if rest in ("元整", "圆", "圆整", "块"):
        rest = "元"
    kind = unit_kind(rest)
    if kind is None or (before and kind is not UnitKind.CURRENCY):
        return None
    # Letters may be part of a code: 12B, 5A, 3M.
    return rest


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
        whole = "点" not in body
        return _amount(-value if negative else value, "%" if share else after, whole=whole, style=None, chinese=True)
    return None


def _amount(value: Decimal, unit: str, *, whole: bool, style: bool | None, chinese: bool = False) -> Amount | None:
    integral = whole or ("." not in unit and value == value.to_integral_value() and _scaled_up(value))
    if integral and abs(value) <= _MOST:
        return Amount(int(value), unit, style, chinese)
    number = float(value)
    return Amount(number, unit, style, chinese) if abs(number) != float("inf") else None


def _scaled_up(value: Decimal) -> bool:
    """Whether decimals went by multiplying (1.2万), and were not written (1200.00)."""
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= 0
