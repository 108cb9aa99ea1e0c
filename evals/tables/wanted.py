"""What a file that was made for the purpose holds: types, units, counts and sums of its columns."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

Cell = str | int | float | bool | dt.date | None


@dataclass(frozen=True)
class Wanted:
    """A column: its name, type and unit, how many cells say something, and their sum."""

    name: str
    type: str
    count: int
    sum: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class WantedTable:
    rows: int
    columns: tuple[Wanted, ...]
    totals: int = 0


@dataclass(frozen=True)
class HardFile:
    name: str
    data: bytes
    tables: tuple[WantedTable, ...]


def text(name: str, count: int) -> Wanted:
    return Wanted(name, "text", count)


def integer(name: str, values: Sequence[float | None], unit: str = "") -> Wanted:
    known = [value for value in values if value is not None]
    return Wanted(name, "integer", len(known), math.fsum(known), unit)


def number(name: str, values: Sequence[float | None], unit: str = "") -> Wanted:
    known = [value for value in values if value is not None]
    return Wanted(name, "number", len(known), math.fsum(known), unit)


def date(name: str, count: int) -> Wanted:
    return Wanted(name, "date", count)


def boolean(name: str, values: Sequence[bool | None]) -> Wanted:
    known = [value for value in values if value is not None]
    return Wanted(name, "boolean", len(known), float(sum(known)))


def table(rows: int, *columns: Wanted, totals: int = 0) -> WantedTable:
    return WantedTable(rows, columns, totals)
