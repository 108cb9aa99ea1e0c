"""Whether a result is seen better as a plot: one number for each of some names, or over time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gezhi.types import Plot, PlotKind
from gezhi.types.tables import Value

FEWEST, MOST = 2, 40
"""Rows of a plot that can be read."""
_TIME = re.compile(r"(?:1[5-9]|20)\d\d(?:[-/.]?(?:0[1-9]|1[0-2]|Q[1-4])(?:[-/.]\d\d)?|年.{0,6})?", re.IGNORECASE)
FEWEST_TIMES = 3
"""Points of a line."""


def plot_of(rows: Sequence[Sequence[Value]], row_count: int) -> Plot | None:
    """`rows`: all of them, of two columns; None if they are better read."""
    if row_count != len(rows) or not FEWEST <= len(rows) <= MOST or any(len(row) != 2 for row in rows):
        return None
    times = [all(_is_time(row[at]) for row in rows) for at in (0, 1)]
    numbers = [all(_is_number(row[at]) for row in rows) for at in (0, 1)]
    label = 0 if times[0] or not numbers[0] else 1
    value = 1 - label
    labels = [str(row[label]) for row in rows]
    if not numbers[value] or (numbers[label] and not times[label]) or len(set(labels)) < len(labels):
        return None
    over_time = times[label] and len(rows) >= FEWEST_TIMES and labels in (sorted(labels), sorted(labels, reverse=True))
    return Plot(kind=PlotKind.LINE if over_time else PlotKind.BARS, label=label, value=value)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_time(value: Value) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool) and bool(_TIME.fullmatch(str(value)))
