"""The few facts about the store itself."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gezhi.store.schema import meta
from gezhi.types import StoreError


def read_meta(connection: sa.Connection, key: str) -> str | None:
    return connection.scalar(sa.select(meta.c.value).where(meta.c.key == key))


def write_meta(connection: sa.Connection, key: str, value: str) -> None:
    if not connection.execute(sa.update(meta).where(meta.c.key == key).values(value=value)).rowcount:
        connection.execute(sa.insert(meta).values(key=key, value=value))


def revision(connection: sa.Connection) -> int:
    return int(read_meta(connection, "revision") or 0)


def next_number(connection: sa.Connection, key: str, by: int = 1) -> int:
    """Raise a counter and return its new value; callers hold the write transaction."""
    value = int(read_meta(connection, key) or 0) + by
    write_meta(connection, key, str(value))
    return value


def inserted_key(result: sa.CursorResult[Any]) -> int:
    """Key the database gave to a new row."""
    key = result.inserted_primary_key
    if key is None:
        raise StoreError("The database gave no key to a new row.")
    return int(key[0])
