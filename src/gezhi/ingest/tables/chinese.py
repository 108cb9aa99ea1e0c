"""Numbers in Chinese characters: 三十五, 一百二十, 二〇二四, 叁佰, 3亿5000万."""

from __future__ import annotations

import re
from decimal import Decimal

_PLAIN = str.maketrans("零壹贰叁肆伍陆柒捌玖拾佰仟萬億两貳參陸〇", "零一二三四五六七八九十百千万亿二二三六零")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")}
_PLACES = (("千", 1000), ("百", 100), ("十", 10))
_NUMERAL = re.compile("负?[零一二三四五六七八九十百千万亿点]+")
_SECTION = re.compile(
    "(?:(?P<千>[一二三四五六七八九])千)?(?:零?(?P<百>[一二三四五六七八九])百)?"
    "(?:零?(?P<十>[一二三四五六七八九]?)(?P<has>十))?(?:(?P<zero>零)?(?P<one>[一二三四五六七八九]))?"
)
_SCALED = re.compile(
    r"(?:(\d+(?:\.\d+)?)万亿)?(?:(\d+(?:\.\d+)?)亿)?(?:(\d+(?:\.\d+)?)万)?(?:(\d+(?:\.\d+)?)千)?(\d+)?"
)
SCALES = {
    "万亿": 10**12, "千亿": 10**11, "百亿": 10**10, "十亿": 10**9, "亿": 10**8,
    "千万": 10**7, "百万": 10**6, "十万": 10**5, "万": 10**4, "千": 10**3,
}  # fmt: skip


def chinese_number(text: str) -> Decimal | None:
    """The value of a text that is wholly a number in Chinese characters, or None."""
    text = text.translate(_PLAIN)
    if not _NUMERAL.fullmatch(text):
        return None
    sign = -1 if text.startswith("负") else 1
    whole, point, fraction = text.lstrip("负").partition("点")
    if point and (not fraction or any(character not in _DIGITS for character in fraction)):
        return None
    value = _whole(whole)
    if value is None:
        return None
    return sign * Decimal(f"{value}.{''.join(str(_DIGITS[c]) for c in fraction)}" if point else value)


def scaled_number(text: str) -> Decimal | None:
    """The value of digits with descending scales, `3亿5000万`; None if there are fewer than two parts."""
    match = _SCALED.fullmatch(text)
    if match is None or sum(part is not None for part in match.groups()) < 2:
        return None
    scales = (10**12, 10**8, 10**4, 1000, 1)
    value = Decimal(0)
    for part, scale, above in zip(match.groups(), scales, (0, *scales), strict=False):
        if part is None:
            continue
        amount = Decimal(part) * scale
        if value and above and amount >= above:
            return None
        value += amount
    return value


def _whole(text: str) -> int | None:
    if text and all(character in _DIGITS for character in text):
        return int("".join(str(_DIGITS[character]) for character in text))
    return _part(text)


def _part(text: str) -> int | None:
    for scale, size in (("亿", 10**8), ("万", 10**4)):
        high, found, low = text.rpartition(scale) if scale == "亿" else text.partition(scale)
        if not found:
            continue
        above = _part(high)
        if above is None:
            return None
        if not low:
            return above * size
        if low in _DIGITS and low != "零":
            return above * size + _DIGITS[low] * size // 10  # 三万五 is 35,000
        below = _part(low)
        return None if below is None or below >= size else above * size + below
    return _section(text)


def _section(text: str) -> int | None:
    """Below ten thousand."""
    match = _SECTION.fullmatch(text)
    if match is None or not text:
        return None
    value, last = 0, 0
    for place, size in _PLACES:
        if place == "十" and match["has"]:
            value, last = value + _DIGITS.get(match["十"] or "一", 1) * 10, 10
        elif place != "十" and match[place]:
            value, last = value + _DIGITS[match[place]] * size, size
    if match["one"]:
        short = last >= 100 and not match["zero"]  # 一百五 is 150
        value += _DIGITS[match["one"]] * (last // 10 if short else 1)
    return value
