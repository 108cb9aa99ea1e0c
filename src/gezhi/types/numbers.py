"""Numbers in texts, so that two ways of writing one compare equal."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_NUMBER = re.compile(r"\d+(?:[,，]\d{3})*(?:\.\d+)?")
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_NUMBER_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_CHINESE_TENS = re.compile("[一二三四五六七八九]?十[一二三四五六七八九]?")
_CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九两", "001234567892")
_CHINESE_NUMBER = re.compile("[〇零一二三四五六七八九十百千万亿两]{2,}|十")
_PLACES = {"十": 10, "百": 100, "千": 1_000}
_SCALES = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "trillion": 1_000_000_000_000,
    "百": 100,
    "千": 1_000,
    "万": 10_000,
    "亿": 100_000_000,
}
_UNITS = {
    "%": "%", "percent": "%", "per cent": "%", "percentage points": "points", "个百分点": "points",
    "year": "year", "month": "month", "week": "week", "day": "day", "hour": "hour", "minute": "minute",
    "second": "second", "个月": "month", "小时": "hour", "分钟": "minute", "秒": "second", "天": "day", "周年": "year",
    "km": "km", "kilometre": "km", "kilometer": "km", "公里": "km", "千米": "km", "mile": "mile", "英里": "mile",
    "m": "m", "metre": "m", "meter": "m", "米": "m", "cm": "cm", "centimetre": "cm", "centimeter": "cm", "厘米": "cm",
    "mm": "mm", "millimetre": "mm", "millimeter": "mm", "毫米": "mm", "foot": "foot", "feet": "foot", "ft": "foot",
    "inch": "inch", "inches": "inch", "kg": "kg", "kilogram": "kg", "公斤": "kg", "千克": "kg", "ton": "ton",
    "tonne": "ton", "吨": "ton", "g": "g", "gram": "g", "克": "g", "pound": "pound", "°c": "°c", "℃": "°c",
    "摄氏度": "°c", "°f": "°f", "dollar": "dollar", "美元": "dollar", "euro": "euro", "欧元": "euro", "元": "yuan",
    "yuan": "yuan", "人": "person", "people": "person", "kw": "kw", "千瓦": "kw", "mw": "mw", "兆瓦": "mw",
}  # fmt: skip
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))
_QUANTITY = re.compile(rf"({_NUMBER.pattern})[\s-]*({_SCALE})?[\s-]*(?:({_UNIT})(?:(?<=[a-z])e?s)?(?![a-z]))?")


def stated_numbers(text: str) -> set[str]:
    """The numbers that a text states in digits, in plain form: `1,200.50` is 1200.5."""
    return {_plain(match) for match in _NUMBER.findall(unicodedata.normalize("NFKC", text))}


def known_numbers(text: str) -> set[str]:
    """The numbers that a text carries in any form: digits, Chinese digits, small number words, names of months."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    found = stated_numbers(folded) | stated_numbers(folded.translate(_CHINESE_DIGITS))
    for chinese in _CHINESE_TENS.findall(folded):
        tens, _, ones = chinese.partition("十")
        found.add(str(10 * int((tens or "1").translate(_CHINESE_DIGITS)) + int(ones.translate(_CHINESE_DIGITS) or 0)))
    words = set(re.findall(r"[a-z]+", folded))
    found |= {str(i) for i, word in enumerate(_NUMBER_WORDS) if word in words}
    found |= {str(i) for i, month in enumerate(_MONTHS, start=1) if words & {month, month[:3], month[:4]}}
    return found


def quantities(text: str) -> set[tuple[str, str]]:
    """Numbers in digits with their units: `3.5 million km` is (3500000, km), `2万元` (20000, yuan); without a known
    unit, the second is empty."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return {(_scaled(match[1], match[2]), _UNITS.get(match[3] or "", "")) for match in _QUANTITY.finditer(folded)}


def in_digits(text: str) -> str:
    """The text with its Chinese numbers in digits: `二十四个月` is `24个月`. Single characters but 十 stay: 一 is often
    no number."""
    return _CHINESE_NUMBER.sub(lambda match: _chinese_value(match.group()), text)


def _chinese_value(number: str) -> str:
    if not any(char in _PLACES or char in "万亿" for char in number):
        return number.translate(_CHINESE_DIGITS)
    whole = section = digit = 0
    for char in number:
        if char in _PLACES:
            section += (digit or 1) * _PLACES[char]
            digit = 0
        elif char == "万":
            whole += (section + digit or 1) * 10_000
            section = digit = 0
        elif char == "亿":
            whole = (whole + section + digit or 1) * 100_000_000
            section = digit = 0
        else:
            digit = int(char.translate(_CHINESE_DIGITS))
    return str(whole + section + digit)


def _scaled(number: str, scale: str | None) -> str:
    if not scale:
        return _plain(number)
    return _plain(format(Decimal(_plain(number)) * _SCALES[scale], "f"))


def _plain(number: str) -> str:
    digits = number.replace(",", "").replace("，", "")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return digits.lstrip("0") or "0"
