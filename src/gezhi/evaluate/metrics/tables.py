"""Scores of a computed table against the gold one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import permutations

from gezhi.evaluate.metrics.texts import answer_tokens

Cell = str | int | float | None
Row = Sequence[Cell]

DIGITS = 6
"""Significant digits that must agree: sums in another order differ in the last bits."""
MOST_PERMUTED = 6
"""Columns whose orders are all tried; wider tables are compared in the order of their columns' contents."""


def execution_match(rows: Sequence[Row], gold: Sequence[Row]) -> float:
    """1 if the result is the gold result: the same multiset of rows, whatever the order of rows and of columns.

    Numbers agree to six significant digits, 1 and 1.0 and "1" are one value; texts by their answer tokens."""
    if len(rows) != len(gold):
        return 0.0
    if not rows:
        return 1.0
    widths = {len(row) for row in rows} | {len(row) for row in gold}
    if len(widths) != 1:
        return 0.0
    width = widths.pop()
    mine = [[_plain(cell) for cell in row] for row in rows]
    wanted = Counter(tuple(_plain(cell) for cell in row) for row in gold)
    columns = [Counter(row[at] for row in mine) for at in range(width)]
    targets = [Counter({k[at]: 0 for k in wanted}) for at in range(width)]
    for row, count in wanted.items():
        for at in range(width):
            targets[at][row[at]] += count
    for order in _orders(columns, targets):
        if Counter(tuple(row[at] for at in order) for row in mine) == wanted:
            return 1.0
    return 0.0


def _orders(columns: Sequence[Counter[str]], targets: Sequence[Counter[str]]) -> list[tuple[int, ...]]:
    """Orders of my columns in which each holds what the gold column at its place holds."""
    width = len(columns)
    if width > MOST_PERMUTED:
        left = list(range(width))
        order = []
        for target in targets:
            fitting = next((at for at in left if columns[at] == target), None)
            if fitting is None:
                return []
            left.remove(fitting)
            order.append(fitting)
        return [tuple(order)]
    return [
        order
        for order in permutations(range(width))
        if all(columns[at] == target for at, target in zip(order, targets, strict=True))
    ]


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    try:
        number = float(cell)
    except ValueError:
        return " ".join(answer_tokens(str(cell)))
    if not math.isfinite(number):
        return str(number)
    return f"{0.0 if number == 0 else number:.{DIGITS}g}"
