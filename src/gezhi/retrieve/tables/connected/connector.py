"""What the rest needs of a database: rows of a query within limits, and what its tables are."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from gezhi.retrieve.tables.connected.address import Address
from gezhi.retrieve.tables.workspace import Limits
from gezhi.types import SqlFailed
from gezhi.types.tables import ColumnType, Value

_EXACT = 2**53
"""From here on not every whole number is a binary fraction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    count: int
    """Of all rows; those beyond ten times the limit are not counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundColumn:
    name: str
    type: ColumnType
    comment: str = ""
    loose: bool = False
    """A text to us, of another type to the database (uuid, enum, json): it is cast before it is compared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundKey:
    columns: tuple[str, ...]
    schema: str
    table: str
    target: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundTable:
    """A table or view as the database declares it."""

    name: str
    schema: str = ""
    """Empty where the database has none."""
    default_schema: bool = True
    comment: str = ""
    is_view: bool = False
    columns: tuple[FoundColumn, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[FoundKey, ...] = ()
    estimate: int | None = None
    """Rows, as the database believes."""


class Connector(Protocol):
    @property
    def address(self) -> Address: ...

    def fetch(self, sql: str, limits: Limits) -> Fetched:
        """Run one query in the database's own SQL. Raises SqlRefused, SqlFailed and DatabaseUnavailable."""
        ...

    def found(self) -> list[FoundTable]:
        """Every table and view that may be read. Raises DatabaseUnavailable."""
        ...

    def refuses_writes(self, table: FoundTable) -> bool | None:
        """Tried, with a statement that would change no row even if it were let through; None if it fails for another
        reason."""
        ...

    def could_write(self) -> bool | None:
        """Whether the account may write when nothing else stops it; None if one cannot tell."""
        ...

    def close(self) -> None: ...


def kept(rows: Iterable[Sequence[Any]], limits: Limits) -> tuple[tuple[tuple[Value, ...], ...], int]:
    """The rows that are kept, and how many there are. One at a time: a thousand rows may be a gigabyte."""
    found: list[tuple[Value, ...]] = []
    size = count = 0
    for row in rows:
        count += 1
        if count <= limits.rows:
            values = tuple(plain(value) for value in row)
            size += sum(len(value) for value in values if isinstance(value, str))
            if size > limits.result_bytes:
                raise SqlFailed("The result is too large.", hint="Select fewer or shorter columns, or fewer rows.")
            found.append(values)
        if count >= 10 * limits.rows:
            break
    return tuple(found), count


def plain(value: Any) -> Value:
    """A value of a driver as one to compute with: dates as ISO texts, truths as 1 and 0, as SQLite has them."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _number(value: Decimal) -> Value:
    """Whole numbers stay whole; a fraction too long for a binary one stays a text, to the last digit."""
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value() and value.as_tuple().exponent >= 0:  # type: ignore[operator]
        return int(value)
    return float(value) if abs(value) < _EXACT else str(value)
