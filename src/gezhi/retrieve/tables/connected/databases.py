"""All databases that the user has connected: opened when they are needed, described once in a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from gezhi.retrieve.tables.connected.address import Address, DatabaseUnavailable, Kind
from gezhi.retrieve.tables.connected.catalogue import Catalogue, catalogue, database_of, source_of
from gezhi.retrieve.tables.connected.connector import Connector
from gezhi.retrieve.tables.connected.names import Native
from gezhi.retrieve.tables.connected.server import Server
from gezhi.retrieve.tables.connected.space import ConnectedSpace, Seen
from gezhi.retrieve.tables.connected.sqlite_file import SqliteFile
from gezhi.retrieve.tables.workspace import Limits, quoted
from gezhi.types import ConfigError, Filters, NotFound, Scope
from gezhi.types.tables import ColumnType, TypedRow, TypedTable, Value

KEPT_SECONDS = 600.0
"""A catalogue, and the values seen in its tables."""
RETRY_SECONDS = 30.0
"""Until a database that could not be reached is tried again."""
SECONDS = 10.0
"""For one query."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What a connection can do."""

    name: str
    place: str
    tables: int
    columns: int
    refuses_writes: bool | None
    """Tried; None if there is no table to try it on."""
    could_write: bool | None
    """Whether the account may write elsewhere; None if one cannot tell."""
    seconds: float
    warnings: tuple[str, ...]


class Databases:
    def __init__(self, urls: Mapping[str, str], *, seconds: float = SECONDS) -> None:
        """`urls`: by the user's names. They are looked at when a database is first needed. `seconds`: for one query."""
        self._limits = Limits(seconds=seconds)
        self._all = {name: _Database(name, url) for name, url in urls.items()}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._all)

    def tables(self, scope: Scope, filters: Filters | None = None) -> tuple[list[TypedTable], list[str]]:
        """What the scope may see, and which databases could not be reached, in words. Connections are the owner's:
        nobody else sees any of them."""
        narrowed = filters or Filters()
        if not scope.unrestricted or narrowed.documents:
            return [], []
        wanted = [one for one in self._all.values() if source_of(one.name).startswith(narrowed.source_prefix)]
        if not wanted:
            return [], []
        if len(wanted) == 1:
            outcomes = [_try_catalogue(wanted[0])]
        else:
            with ThreadPoolExecutor(max_workers=min(4, len(wanted))) as pool:
                outcomes = list(pool.map(_try_catalogue, wanted))
        found = [table for one in outcomes if isinstance(one, Catalogue) for table in one.tables]
        return found, [one for one in outcomes if isinstance(one, str)]

    def unreachable(self, scope: Scope) -> list[str]:
        """Which databases could not be reached of late, in words; none is tried for it."""
        return [one.problem for one in self._all.values() if one.problem] if scope.unrestricted else []

    def space(self, tables: Sequence[TypedTable], scope: Scope) -> ConnectedSpace:
        """Over these tables of one database. Raises NotFound, DatabaseUnavailable and ConfigError."""
        names = {database_of(table.id) for table in tables}
        if len(names) != 1 or not scope.unrestricted:
            raise NotFound("These are not tables of one database.", hint="Query the tables of one database at a time.")
        database = self._named(names.pop())
        ids = {table.id for table in tables}
        chosen = [native for native in database.catalogue().natives if native.table.id in ids]
        return database.space(chosen, self._limits)

    def rows(self, table: TypedTable, scope: Scope, *, after: int = 0, limit: int = 20) -> list[TypedRow]:
        """Some rows, in the order of the primary key if there is one."""
        order = f" ORDER BY {', '.join(quoted(key) for key in table.primary_key)}" if table.primary_key else ""
        columns = ", ".join(quoted(column.key) for column in table.columns)
        sql = f"SELECT {columns} FROM {quoted(table.key)}{order} LIMIT {limit} OFFSET {after}"
        result = self.space([table], scope).run(sql)
        return [
            TypedRow(
                number=after + place,
                values=tuple(_shown(value, column.type) for value, column in zip(row, table.columns, strict=True)),
                texts=tuple("" if value is None else str(value) for value in row),
                start=0,
                end=0,
            )
            for place, row in enumerate(result.rows, start=1)
        ]

    def check(self, name: str) -> Checked:
        """Connect anew, look at everything, and try to write. Raises DatabaseUnavailable, ConfigError, NotFound."""
        database = self._named(name)
        database.forget()
        began = time.monotonic()
        found = database.catalogue()
        base = next((one for one in database.connector.found() if not one.is_view), None)
        return Checked(
            name=name,
            place=database.address.shown,
            tables=len(found.natives),
            columns=sum(len(table.columns) for table in found.tables),
            refuses_writes=None if base is None else database.connector.refuses_writes(base),
            could_write=database.connector.could_write(),
            seconds=time.monotonic() - began,
            warnings=found.warnings,
        )

    def refresh(self) -> None:
        """Describe the databases anew when they are next needed."""
        for database in self._all.values():
            database.forget()

    def close(self) -> None:
        for database in self._all.values():
            database.close()

    def _named(self, name: str) -> _Database:
        if name not in self._all:
            known = ", ".join(self._all) or "none"
            raise NotFound(
                f"No database {name!r} is connected.", hint=f"Connected: {known}. See the setting databases."
            )
        return self._all[name]


class _Database:
    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._url = url
        self._lock, self._opening = threading.Lock(), threading.Lock()
        self._connector: Connector | None = None
        self._catalogue: tuple[float, Catalogue] | None = None
        self._failed: tuple[float, DatabaseUnavailable | ConfigError] | None = None
        self._seen = Seen(KEPT_SECONDS)

    @property
    def address(self) -> Address:
        return self.connector.address

    @property
    def connector(self) -> Connector:
        with self._opening:
            if self._connector is None:
                address = Address.of(self.name, self._url)
                self._connector = SqliteFile(address) if address.kind is Kind.SQLITE else Server(address)
            return self._connector

    @property
    def problem(self) -> str:
        return str(self._failed[1]) if self._failed is not None else ""

    def catalogue(self) -> Catalogue:
        """Kept for some minutes; so is a failure, for a shorter time."""
        with self._lock:
            now = time.monotonic()
            if self._catalogue is not None and now - self._catalogue[0] < KEPT_SECONDS:
                return self._catalogue[1]
            if self._failed is not None and now - self._failed[0] < RETRY_SECONDS:
                raise self._failed[1]
            try:
                found = catalogue(self.connector)
            except (DatabaseUnavailable, ConfigError) as error:
                self._failed = (time.monotonic(), error)
                raise
            self._catalogue, self._failed = (time.monotonic(), found), None
            return found

    def space(self, natives: Sequence[Native], limits: Limits) -> ConnectedSpace:
        return ConnectedSpace(self.connector, natives, limits, self._seen)

    def forget(self) -> None:
        with self._lock:
            self._catalogue = self._failed = None
            self._seen.clear()

    def close(self) -> None:
        with self._lock:
            if self._connector is not None:
                self._connector.close()


def _try_catalogue(database: _Database) -> Catalogue | str:
    try:
        return database.catalogue()
    except (DatabaseUnavailable, ConfigError) as error:
        return str(error)


def _shown(value: Value, kind: ColumnType) -> Value:
    return bool(value) if kind is ColumnType.BOOLEAN and isinstance(value, int) else value
