"""The tables of a database as those of the catalogue: names for SQL, keys between them, how many rows they have."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gezhi.retrieve.tables.connected.address import DatabaseUnavailable, Kind
from gezhi.retrieve.tables.connected.connector import Connector, FoundColumn, FoundTable
from gezhi.retrieve.tables.connected.dialect import LOOKED_THROUGH
from gezhi.retrieve.tables.connected.names import Native
from gezhi.retrieve.tables.workspace import Limits, quoted
from gezhi.types import SqlFailed, SqlRefused
from gezhi.types.tables import Column, ForeignKey, TableQuality, TypedTable

DATABASE = "database:"
"""Begins the id of a table of a connected database: `database:sales:orders`."""
MOST_TABLES = 1000
MOST_COLUMNS = 200
LONGEST_NAME = 40
"""Of a comment that is taken for a name."""
COUNTING_SECONDS = 5.0
"""For the rows of all tables together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    natives: tuple[Native, ...]
    warnings: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[TypedTable, ...]:
        return tuple(native.table for native in self.natives)


def database_of(table_id: str) -> str:
    """Name of the database that a table belongs to; empty if it is one of the store."""
    return table_id.removeprefix(DATABASE).partition(":")[0] if table_id.startswith(DATABASE) else ""


def source_of(name: str) -> str:
    """What stands for a document's source."""
    return f"database {name}"


def catalogue(connector: Connector) -> Catalogue:
    """Raises DatabaseUnavailable."""
    name = connector.address.name
    every = connector.found()
    warnings = []
    if len(every) > MOST_TABLES:
        warnings.append(f"The database {name!r} has {len(every)} tables; the first {MOST_TABLES} are used.")
    found = [one for one in every[:MOST_TABLES] if one.columns]
    keys = _keys(found)
    natives: list[Native] = []
    stop = time.monotonic() + COUNTING_SECONDS
    for number, one in enumerate(found):
        key = keys[one.schema, one.name]
        rows, exact = _rows(connector, one, stop)
        columns = list(_distinct(one.columns))[:MOST_COLUMNS]
        if len(columns) < len(one.columns):
            warnings.append(f"The table {key} of {name!r} has {len(one.columns)} columns; {len(columns)} are used.")
        table = TypedTable(
            id=f"{DATABASE}{name}:{key}",
            document_id="",
            number=number,
            name=_named(one.comment) or (one.name if one.default_schema else f"{one.schema}.{one.name}"),
            key=key,
            columns=tuple(Column(name=_named(c.comment) or c.name, key=c.name, type=c.type) for c in columns),
            row_count=rows,
            counted=exact,
            quality=TableQuality(columns_left_out=len(one.columns) - len(columns)),
            primary_key=one.primary_key,
            foreign_keys=tuple(_foreign_keys(one, keys)),
            source=source_of(name),
            title=name,
        )
        large = rows > LOOKED_THROUGH or not exact
        loose = frozenset(c.name for c in columns if c.loose)
        natives.append(Native(table=table, name=one.name, schema=one.schema, loose=loose, large=large))
    return Catalogue(natives=tuple(natives), warnings=tuple(warnings))


def _named(comment: str) -> str:
    """A short comment is what people call the table or column: 客户名称 for cust_nm."""
    text = " ".join(comment.split())
    return text if 0 < len(text) <= LONGEST_NAME else ""


def _keys(found: Sequence[FoundTable]) -> dict[tuple[str, str], str]:
    """Names in SQL. Those of the schema that the account works in stand alone, others with their schema's."""
    keys: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for one in found:
        plain = one.name if one.default_schema else f"{one.schema}_{one.name}"
        key, number = plain, 2
        while key.casefold() in taken:
            key, number = f"{plain}_{number}", number + 1
        taken.add(key.casefold())
        keys[one.schema, one.name] = key
    return keys


def _distinct(columns: Sequence[FoundColumn]) -> Iterator[FoundColumn]:
    """SQL here takes `Name` and `name` for one: the second cannot be asked for."""
    taken: set[str] = set()
    for column in columns:
        if column.name.casefold() not in taken:
            taken.add(column.name.casefold())
            yield column


def _foreign_keys(one: FoundTable, keys: Mapping[tuple[str, str], str]) -> Iterator[ForeignKey]:
    spelled = {(schema, name.casefold()): key for (schema, name), key in keys.items()}  # SQLite declares in any case
    for foreign in one.foreign_keys:
        target = spelled.get((foreign.schema, foreign.table.casefold()))
        if target is not None:
            yield ForeignKey(columns=foreign.columns, table=target, target=foreign.target)


def _rows(connector: Connector, one: FoundTable, stop: float) -> tuple[int, bool]:
    """How many rows, and whether that is counted: up to a limit they are, beyond it the database's own estimate
    stands."""
    left = stop - time.monotonic()
    if left <= 0 or (one.estimate or 0) > 2 * LOOKED_THROUGH:
        return one.estimate or 0, False
    quote = quoted if connector.address.kind is not Kind.MYSQL else _backquoted
    name = f"{quote(one.schema)}.{quote(one.name)}" if one.schema else quote(one.name)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {LOOKED_THROUGH + 1}) AS counted"
    try:
        counted = connector.fetch(sql, Limits(seconds=max(0.1, min(left, 2.0)))).rows[0][0]
    except DatabaseUnavailable:
        raise
    except (SqlFailed, SqlRefused):
        return one.estimate or 0, False
    rows = int(str(counted))
    return (rows, True) if rows <= LOOKED_THROUGH else (max(rows, one.estimate or 0), False)


def _backquoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
