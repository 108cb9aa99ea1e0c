"""The few facts about the store itself."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gezhi.store import migrations
from gezhi.store.analyse import Analyser
from gezhi.store.names import NAMES_VERSION
from gezhi.store.rows.graph.mentions import find_again
from gezhi.store.rows.terms import analyse_again
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


def schema_is_current(connection: sa.Connection, analyser: Analyser) -> bool:
    version = migrations.schema_version(connection)
    migrations.refuse_newer(version)
    if version != migrations.CURRENT:
        return False
    return (read_meta(connection, "analyser"), read_meta(connection, "names")) == (analyser.version, NAMES_VERSION)


def prepare(connection: sa.Connection, analyser: Analyser) -> None:
    """After migrations: analyse the passages again if another analyser wrote their terms, and find their names again
    if another finder, or none, did."""
    analysed, named = read_meta(connection, "analyser"), read_meta(connection, "names")
    if named != NAMES_VERSION:
        write_meta(connection, "names", NAMES_VERSION)
        find_again(connection)
    if analysed != analyser.version:
        write_meta(connection, "analyser", analyser.version)
        if analysed is not None:
            analyse_again(connection, analyser)
    if analysed is not None and (analysed, named) != (analyser.version, NAMES_VERSION):
        # Indexes built before, in any process, must not mix both kinds.
        write_meta(connection, "removals_from", str(next_number(connection, "revision")))
