"""One cell read as a date: ISO 8601, as exact as it is written."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum

from gezhi.types.units import folded


class DateOrder(StrEnum):
    """How 3/5/2024 is read; a column shows it by a number above 12."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = {short: number for number, name in enumerate(_NAMES, 1) for short in (name, name[:3], name[:4])}
_MONTH["sept"] = 9
_WEEKDAY = re.compile(
    r"^(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)"
    r"|\s*\(?(?:星期|周|礼拜)[一二三四五六日天]\)?$",
    re.I,
)
_TIME = r"(?:(?:[ T]|\s+)(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(?P<zone>Z|UTC|[-+]\d{2}:?\d{2})?)?"
_NUMERIC = re.compile(
    rf"(?P<y>\d{{4}})(?:(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}}){_TIME}|[-/](?P<m2>\d{{1,2}}))"
)
"""2024.3 is rather a number."""
_CHINESE = re.compile(rf"(?P<y>\d{{4}})\s*年\s*(?:(?P<m>\d{{1,2}})\s*月\s*(?:(?P<d>\d{{1,2}})\s*[日号]\s*)?)?{_TIME}")
_CHARACTERS = re.compile(
    "([〇零○一二三四五六七八九]{4})年(?:([一二三四五六七八九十]{1,2})月(?:([一二三四五六七八九十]{1,3})[日号])?)?"
)
_DAY_FIRST = re.compile(
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s.-]*(?:of\s+)?(?P<name>[a-z]{{3,9}})\.?,?[\s-]*(?P<y>\d{{4}}|\d{{2}}){_TIME}",
    re.I,
)
_MONTH_FIRST = re.compile(
    rf"(?P<name>[a-z]{{3,9}})\.?\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,\s*|\s+)(?P<y>\d{{4}}){_TIME}", re.I
)
_MONTH_YEAR = re.compile(r"(?P<name>[a-z]{3,9})\.?,?[\s-]*(?P<y>\d{4})", re.I)
_SLASHES = re.compile(rf"(?P<a>\d{{1,2}})(?P<s>[-/.])(?P<b>\d{{1,2}})(?P=s)(?P<y>\d{{4}}){_TIME}")
_YEAR = re.compile(r"(?:1[0-9]|20)\d\d")
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)")
_DIGIT = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}


def read_date(text: str, order: DateOrder | None = None) -> str | None:
    """None if the cell is no date. A year alone is none (see `read_year`), nor is 3/5/2024 without an order."""
    text = folded(text).strip()
    if not 4 <= len(text) <= 40 or not (text[0].isdigit() or text[0].isalpha() or text[0] in "〇○"):
        return None
    text = _WEEKDAY.sub("", text)
    for pattern in (_NUMERIC, _CHINESE, _DAY_FIRST, _MONTH_FIRST, _MONTH_YEAR):
        match = pattern.fullmatch(text)
        if match is not None:
            return _from(match.groupdict())
    if match := _SLASHES.fullmatch(text):
        if order is None:
            return None
        day, month = (match["a"], match["b"]) if order is DateOrder.DAY_FIRST else (match["b"], match["a"])
        return _from({**match.groupdict(), "m": month, "d": day})
    if match := _CHARACTERS.fullmatch(text):
        year = "".join(str(_DIGIT[character]) for character in match[1])
        return _from({"y": year, "m": match[2] and str(_small(match[2])), "d": match[3] and str(_small(match[3]))})
    return None


def read_year(text: str) -> str | None:
    text = text.strip()
    return text if _YEAR.fullmatch(text) else None


def read_compact(text: str) -> str | None:
    """20240305."""
    match = _COMPACT.fullmatch(text.strip())
    return _from(match.groupdict()) if match else None


def date_order(texts: list[str]) -> DateOrder | None:
    """What numbers above 12 say of the order in a column; None if they say nothing, or both."""
    orders = set()
    for text in texts:
        if match := _SLASHES.match(text.strip()):
            if int(match["a"]) > 12:
                orders.add(DateOrder.DAY_FIRST)
            if int(match["b"]) > 12:
                orders.add(DateOrder.MONTH_FIRST)
    return orders.pop() if len(orders) == 1 else None


def _from(parts: dict[str, str | None]) -> str | None:
    year, month, day = parts["y"] or "", parts.get("m") or parts.get("m2"), parts.get("d")
    if name := parts.get("name"):
        number = _MONTH.get(name.lower())
        if number is None:
            return None
        month = str(number)
    if len(year) == 2:
        year = str(int(year) + (1900 if int(year) >= 70 else 2000))
    try:
        date = dt.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if not month:
        return f"{date.year:04}"
    if not day:
        return f"{date.year:04}-{date.month:02}" if not parts.get("time") else None
    return _with_time(date.isoformat(), parts)


def _with_time(date: str, parts: dict[str, str | None]) -> str | None:
    time = parts.get("time")
    if not time:
        return date
    hours, minutes, *seconds = time.split(":")
    if int(hours) > 23 or int(minutes) > 59 or (seconds and float(seconds[0]) >= 60):
        return None
    clock = ":".join([f"{int(hours):02}", minutes, *seconds])
    if clock in ("00:00", "00:00:00") and not parts.get("zone"):
        return date
    return f"{date} {clock}{parts.get('zone') or ''}"


def _small(text: str) -> int:
    tens, found, ones = text.partition("十")
    if not found:
        return _DIGIT.get(text, 99)
    return _DIGIT.get(tens or "一", 9) * 10 + (_DIGIT.get(ones, 99) if ones else 0)
