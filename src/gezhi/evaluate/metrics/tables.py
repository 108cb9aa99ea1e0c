"""Scores of a computed table against the gold one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

Cell = str | int | float | bool | None
Row = Sequence[Cell]

DIGITS = 6
"""Significant digits that must agree: sums in another order differ in the last bits."""
NUMBER = re.compile(r"[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)


def execution_match(rows: Sequence[Row], gold: Sequence[Row]) -> float:
    """1 if the result is the gold result: the same multiset of rows, whatever the order of the rows, and of the columns
    as long as it is one order for all rows. Cells are compared as `plain_cell` gives them."""
    if len(rows) != len(gold):
        return 0.0
    if not rows:
        return 1.0
    if len({len(row) for row in (*rows, *gold)}) != 1:
        return 0.0
    mine = list(zip(*([plain_cell(cell) for cell in row] for row in rows), strict=True))
    wanted = list(zip(*([plain_cell(cell) for cell in row] for row in gold), strict=True))
    return float(_fits(mine, wanted, [()] * len(rows), [()] * len(gold)))


Column = tuple[str, ...]
Beginnings = Sequence[tuple[str, ...]]


def _fits(mine: Sequence[Column], wanted: Sequence[Column], begun: Beginnings, gold: Beginnings) -> bool:
    """Whether my columns can be put into an order in which the rows, begun as they are, become the gold rows."""
    if not wanted:
        return True
    longer = [(*row, cell) for row, cell in zip(gold, wanted[0], strict=True)]
    counted = Counter(longer)
    for at, column in enumerate(mine):
        if column in mine[:at]:
            continue  # it was tried
        mine_longer = [(*row, cell) for row, cell in zip(begun, column, strict=True)]
        left = [*mine[:at], *mine[at + 1 :]]
        if Counter(mine_longer) == counted and _fits(left, wanted[1:], mine_longer, longer):
            return True
    return False


def plain_cell(value: Cell) -> str:
    """Numbers to six significant digits: 1, 1.0, true, "1" and "1.0" are one value, as are 1200 and "1,200". Of texts
    only case, spaces and quotes around them do not count; null is an empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    text = " ".join(str(value).casefold().split()).strip("'\" ")
    if isinstance(value, int | float) or NUMBER.fullmatch(text):
        return f"{float(text.replace(',', '')) + 0.0:.{DIGITS}g}"  # -0.0 is 0
    return text
