"""The type of a column, and its cells as values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gezhi.ingest.tables.cells import is_empty, is_nothing, read_boolean
from gezhi.ingest.tables.dates import DateOrder, date_order, read_compact, read_date, read_year
from gezhi.ingest.tables.numbers import Amount, read_number
from gezhi.types.tables import ColumnType, Value
from gezhi.types.units import UnitKind, unit_kind

ENOUGH = 0.9
"""Share of the cells that say something which a type must explain; the others become null and are reported."""
_SAMPLE = 64
_CODE_HEADER = re.compile(
    r"电话|手机|邮编|邮政编码|身份证|证号|账号|帐号|卡号|学号|工号|条码|代码|编码|传真|区号"
    r"|\b(?:phone|telephone|tel|mobile|fax|zip|zip ?code|postal(?: ?code)?|post ?code|isbn|issn|sku|ean|upc|iban|cusip"
    r"|ssn|fips|imei|ip|account (?:no|number))\b",
    re.I,
)
_VERSION_HEADER = re.compile(r"版本|\bversion\b", re.I)
_QUANTITY_HEADER = re.compile(r"[数量额计]|\bn(?:o|umber|um)\b|count|quantity|qty", re.I)
_DATE_HEADER = re.compile(r"日期|时间|年月|\bdates?\b|_date\b|\bday\b|_at\b", re.I)
_LEADING_ZERO = re.compile(r"[-+]?0\d[\d ]*", re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LONG_DIGITS = re.compile(r"\d{16,}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReadColumn:
    type: ColumnType
    unit: str
    values: list[Value]
    unread: list[int]
    """Places of cells that say something the type cannot hold."""


@dataclass(frozen=True, slots=True)
class _Reading:
    type: ColumnType
    values: dict[str, Value]
    unit: str = ""


def read_column(header: str, texts: Sequence[str]) -> ReadColumn:
    """Choose the type that at least nine tenths of the cells agree on; text if none."""
    counts = Counter(texts)
    stated = {text: count for text, count in counts.items() if not is_empty(text)}
    telling = {text: count for text, count in stated.items() if not is_nothing(text)}
    # The most frequent come first: they decide soonest.
    telling = dict(sorted(telling.items(), key=lambda one: -one[1]))
    reading = _best(header, telling)
    if reading is None:
        return ReadColumn(ColumnType.TEXT, "", [text if text in stated else None for text in texts], [])
    values: list[Value] = [reading.values.get(text) for text in texts]
    unread = [place for place, text in enumerate(texts) if text in telling and text not in reading.values]
    return ReadColumn(reading.type, reading.unit, values, unread)


def read_likewise(column: ReadColumn, header: str, texts: Sequence[str]) -> list[Value]:
    """The values of further cells of a column, totals say. `texts`: the column's own first. Null where they would make
    the column something else."""
    own = len(column.values)
    if len(texts) == own:
        return []
    both = read_column(header, texts)
    same = both.type is column.type and both.values[:own] == column.values
    return both.values[own:] if same else [None] * (len(texts) - own)


def _best(header: str, telling: dict[str, int]) -> _Reading | None:
    if not telling:
        return None
    total = sum(telling.values())
    readers: tuple[Callable[[str, dict[str, int]], _Reading | None], ...] = (_booleans, _dates, _numbers)
    for reader in readers:
        reading = reader(header, telling)
        if reading is not None and sum(telling[text] for text in reading.values) >= ENOUGH * total:
            return reading
    return None


def _booleans(_: str, telling: dict[str, int]) -> _Reading | None:
    values = {text: read_boolean(text) for text in telling}
    if all(value is not None for value in values.values()):
        return _Reading(ColumnType.BOOLEAN, dict(values))
    if {text.strip().lower() for text in telling} == {"y", "n"}:
        return _Reading(ColumnType.BOOLEAN, {text: text.strip().lower() == "y" for text in telling})
    return None


def _hopeless(telling: dict[str, int], read: Callable[[str], object]) -> bool:
    """Whether none of many different texts can be read: nine tenths of all will not be then."""
    texts = list(telling)
    if len(texts) <= 4 * _SAMPLE:
        return False
    sample = texts[:_SAMPLE] + texts[:: max(len(texts) // _SAMPLE, 1)]
    return all(read(text) is None for text in sample)


def _dates(header: str, telling: dict[str, int]) -> _Reading | None:
    if _hopeless(telling, lambda text: read_date(text, DateOrder.DAY_FIRST) or read_compact(text) or read_year(text)):
        return None
    order = date_order(list(telling))
    values: dict[str, Value] = {text: date for text in telling if (date := read_date(text, order)) is not None}
    if not values and _DATE_HEADER.search(header):
        values = {text: date for text in telling if (date := read_compact(text)) is not None}
    if values and len(values) < len(telling):
        # A year alone is a date only among dates.
        years = {text: year for text in telling if text not in values and (year := read_year(text)) is not None}
        if sum(telling[text] for text in values) >= sum(telling[text] for text in years):
            values |= years
    return _Reading(ColumnType.DATE, values) if values else None


def _numbers(header: str, telling: dict[str, int]) -> _Reading | None:
    if _are_codes(header, telling) or _hopeless(
        telling, lambda text: read_number(text) or read_number(text, decimal_comma=True)
    ):
        return None
    amounts = _amounts(telling, decimal_comma=False)
    if len(amounts) < len(telling) and any("," in text for text in telling):
        other = _amounts(telling, decimal_comma=True)
        if sum(telling[text] for text in other) > sum(telling[text] for text in amounts):
            amounts = other
    if not amounts or all(amount.chinese and len(text) == 1 and text != "十" for text, amount in amounts.items()):
        return None
    unit = _common_unit(amounts, telling)
    if unit is None or _are_names(header, unit, amounts):
        return None
    if all(isinstance(amount.value, int) for amount in amounts.values()):
        return _Reading(ColumnType.INTEGER, {text: amount.value for text, amount in amounts.items()}, unit)
    return _Reading(ColumnType.NUMBER, {text: float(amount.value) for text, amount in amounts.items()}, unit)


def _are_names(header: str, unit: str, amounts: dict[str, Amount]) -> bool:
    """一队 of a column 班组, 2队 of a column 抢修队: one of them, and not so many."""
    if unit_kind(unit) is not UnitKind.COUNTER or _QUANTITY_HEADER.search(header):
        return False
    in_characters = all(amount.chinese for amount in amounts.values())
    return in_characters or (header.endswith(unit) and len(header) > len(unit))


def _amounts(telling: dict[str, int], *, decimal_comma: bool) -> dict[str, Amount]:
    found = {}
    for text in telling:
        amount = read_number(text, decimal_comma=decimal_comma)
        if amount is not None:
            found[text] = amount
    return found


def _are_codes(header: str, telling: dict[str, int]) -> bool:
    """Digits that name something: nobody adds up telephone numbers."""
    digits = [text for text in telling if text.replace(" ", "").replace("-", "").isdigit()]
    if any(_LEADING_ZERO.fullmatch(text) or _LONG_DIGITS.fullmatch(text) for text in digits):
        return True
    named = header.replace("_", " ")
    if _CODE_HEADER.search(named) or (_VERSION_HEADER.search(named) and any("." in text for text in telling)):
        return True
    return bool(digits) and len(digits) == len(telling) and all(_MOBILE.fullmatch(text) for text in digits)


def _common_unit(amounts: dict[str, Amount], telling: dict[str, int]) -> str | None:
    """The unit of the column; empty if its numbers have none in common; None if they cannot be compared at all."""
    units: Counter[str] = Counter()
    for text, amount in amounts.items():
        units[amount.unit] += telling[text]
    named = [unit for unit in units if unit]
    if not named:
        return ""
    kinds = {unit: unit_kind(unit) for unit in named}
    for kind in (UnitKind.CURRENCY, UnitKind.MEASURE):
        if sum(found is kind for found in kinds.values()) > 1:
            return None
    if len(named) > 1:
        return ""
    only = named[0]
    if kinds[only] is UnitKind.SHARE and units[""] > units[only]:
        return ""  # a few percentages among other numbers: a column of several things
    return only
