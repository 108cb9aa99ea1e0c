"""Sums that come out as on paper: SQLite adds binary fractions one after the other, and .1 ten times is not 1."""

from __future__ import annotations

import math
import re
from typing import Any

_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


_WAITING = 1024
"""Parts added up at once: the sum so far stays a few numbers, however many rows there are."""


class ExactSum:
    """`sum(x)`, also as a window: whole numbers stay whole, the others are added without rounding in between."""

    def __init__(self) -> None:
        self._whole = 0
        self._parts: list[float] = []
        self._count = 0

    def step(self, value: Any) -> None:
        self._add(value, 1)

    def inverse(self, value: Any) -> None:
        self._add(value, -1)

    def value(self) -> Any:
        if not self._count:
            return None
        return self._total() if self._parts else self._whole

    def finalize(self) -> Any:
        return self.value()

    def _total(self) -> float:
        self._settle()
        return math.fsum((*self._parts, self._whole))

    def _settle(self) -> None:
        """Replace the parts by a few with the same sum: the rounded sum, then what it lacks, until nothing is."""
        if len(self._parts) < 2:
            return
        parts: list[float] = []
        while (lacking := math.fsum((*self._parts, *(-part for part in parts)))) != 0:
            if not math.isfinite(lacking):
                return
            parts.append(lacking)
        self._parts = parts or [0.0]

    def _add(self, value: Any, sign: int) -> None:
        if value is None:
            return
        self._count += sign
        if isinstance(value, int):
            self._whole += sign * value
        elif isinstance(value, float):
            self._put(sign * value)
        else:
            match = _NUMBER.match(value) if isinstance(value, str) else None  # as SQLite reads a text
            self._put(sign * float(match.group()) if match else 0.0)

    def _put(self, part: float) -> None:
        self._parts.append(part)
        if len(self._parts) > _WAITING:
            self._settle()


class ExactTotal(ExactSum):
    """`total(x)`: 0.0 where there is nothing to add."""

    def value(self) -> float:
        return self._total()


class ExactMean(ExactSum):
    """`avg(x)`."""

    def value(self) -> float | None:
        return self._total() / self._count if self._count else None
