"""Sums that come out as on paper: SQLite adds binary fractions one after the other, and .1 ten times is not 1."""

from __future__ import annotations

import math
import re
from typing import Any

_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


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
        return math.fsum((*self._parts, self._whole))

    def _add(self, value: Any, sign: int) -> None:
        if value is None:
            return
        self._count += sign
        if isinstance(value, int):
            self._whole += sign * value
        elif isinstance(value, float):
            self._parts.append(sign * value)
        else:
            match = _NUMBER.match(value) if isinstance(value, str) else None  # as SQLite reads a text
            self._parts.append(sign * float(match.group()) if match else 0.0)


class ExactTotal(ExactSum):
    """`total(x)`: 0.0 where there is nothing to add."""

    def value(self) -> float:
        return self._total()


class ExactMean(ExactSum):
    """`avg(x)`."""

    def value(self) -> float | None:
        return self._total() / self._count if self._count else None
