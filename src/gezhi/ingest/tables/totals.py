"""Rows that add up others: kept apart, for whoever adds up the column would count everything twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from gezhi.ingest.tables.numbers import read_number

_TOTAL = re.compile(
    r"(?:本页|本月|本年|全年|全部|期末)?(?:合\s*计|总\s*计|小\s*计|共\s*计|总\s*和|总\s*额|累\s*计)(?:数|金额)?"
    r"|(?:grand[\s-]*|sub[\s-]*)?totals?|sum|sum total|overall total|total sum"
    r"|(?:合计|总计|小计)\s*[/ ]?\s*(?:sub|grand )?total",
    re.I,
)
_SUBTOTAL = re.compile(r"小\s*计|sub[\s-]*totals?", re.I)
_WHOLE = re.compile(r"全年|全国|全部|总数|overall|all|all (?:regions|countries|products|years)", re.I)
_MEAN = re.compile(r"平均|平均值|平均数|均值|averages?|mean|avg\.?", re.I)
_END = re.compile(r"(?:[\s:：.。*]|[(（][^()（）]*[)）])+$")
_PARTS, _BEYOND_DOUBT = 3, 3
"""A row without a label sums up at least so many rows in at least so many columns."""
_LOOK_IN = 3
"""Columns from the left in which a label may stand."""


def totals_rows(rows: Sequence[Sequence[str]]) -> set[int]:
    """Places of the rows whose label says that they add up others and whose place or numbers bear it out; and a last
    row whose numbers do so beyond doubt, whatever it is called (`40 opponents`)."""
    labels = {place: label for place, row in enumerate(rows) if (label := _label(row))}
    last = len(rows) - 1
    if not labels and last >= _PARTS:
        agree, differ = _sums(rows, last, range(last), exactly=True)
        return {last} if agree >= _BEYOND_DOUBT and agree > differ else set()
    if not labels or len(rows) - len(labels) < 1:
        return set()
    found: set[int] = set()
    last_data = max(place for place in range(len(rows)) if place not in labels)
    for place, label in sorted(labels.items()):
        if place == 0:
            continue
        start = max((other + 1 for other in found if other < place), default=0)
        votes = [
            _adds_up(rows, place, [at for at in range(begin, place) if at not in labels], mean=label == "mean")
            for begin in ({start, 0} if label != "mean" else {0})
        ]
        at_end = place > last_data and len(rows) - len(labels) > 1
        unless_gainsaid = label == "subtotal" or (label == "total" and at_end)
        if any(vote is True for vote in votes) or (unless_gainsaid and None in votes):
            found.add(place)
    return found


def _label(row: Sequence[str]) -> str:
    for cell in row[:_LOOK_IN]:
        if not cell:
            continue
        word = _END.sub("", cell)
        if _TOTAL.fullmatch(word):
            return "subtotal" if _SUBTOTAL.search(word) else "total"
        if _WHOLE.fullmatch(word):
            return "whole"
        if _MEAN.fullmatch(word):
            return "mean"
    return ""


def _adds_up(rows: Sequence[Sequence[str]], place: int, parts: Sequence[int], *, mean: bool) -> bool | None:
    """Whether its numbers are the sums (or means) of the parts' in most columns; None if there is nothing to add."""
    agree, differ = _sums(rows, place, parts, mean=mean)
    return agree > differ if agree or differ else None


def _sums(
    rows: Sequence[Sequence[str]], place: int, parts: Sequence[int], *, mean: bool = False, exactly: bool = False
) -> tuple[int, int]:
    """In how many columns the number is that sum (or mean), and in how many it is not. Sums of rounded numbers may be
    a little off, unless `exactly`."""
    agree = differ = 0
    for column, cell in enumerate(rows[place]):
        stated = read_number(cell)
        if stated is None or stated.unit in ("%", "‰"):
            continue
        numbers = [read_number(rows[part][column]) for part in parts if column < len(rows[part])]
        known = [Decimal(str(number.value)) for number in numbers if number is not None]
        if not known:
            continue
        expected = sum(known, Decimal(0)) / (len(known) if mean else 1)
        unit = Decimal(10) ** -len(cell.partition(".")[2].rstrip("% ")) if "." in cell else Decimal(1)
        tolerance = unit * (1 if mean else (len(known) + 1) // 2) * Decimal("0.51")
        if abs(expected - Decimal(str(stated.value))) <= (0 if exactly else tolerance):
            agree += 1 if any(known) else 0
        else:
            differ += 1
    return agree, differ
