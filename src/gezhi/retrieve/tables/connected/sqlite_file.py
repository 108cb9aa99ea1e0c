"""An SQLite file of the user's, open for reading only: by its mode, by a pragma, and by an authorizer."""

from __future__ import annotations

import os
import sqlite3 as sqlite
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from gezhi.retrieve.tables.check import FUNCTIONS
from gezhi.retrieve.tables.connected.address import Address
from gezhi.retrieve.tables.connected.connector import Fetched, FoundColumn, FoundKey, FoundTable, kept
from gezhi.retrieve.tables.workspace import Limits, declared_type, guard, quoted
from gezhi.types import SqlFailed, SqlRefused
from gezhi.types.tables import ColumnType

BUSY_SECONDS = 2.0
CELL_BYTES = 50_000_000
"""Of a value that stands in the user's own tables."""
_STEPS = 1000
_SEEN_SECONDS = 2.0
_NOWHERE = frozenset(["load_extension", "fts3_tokenizer"])
"""Not even in a view."""


class SqliteFile:
    """One connection, opened when it is first needed; queries wait for each other."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._connection: Any = None
        self._has_views = False

    @property
    def address(self) -> Address:
        return self._address

    def fetch(self, sql: str, limits: Limits) -> Fetched:
        with self._lock:
            connection = self._opened()
            stop = time.monotonic() + limits.seconds
            connection.set_progress_handler(lambda: time.monotonic() > stop, _STEPS)
            try:
                with closing(connection.execute(sql)) as cursor:
                    rows, count = kept(cursor, limits)
                    columns = tuple(entry[0] for entry in cursor.description or ())
            except (sqlite.Error, sqlite.Warning, OverflowError, ValueError, MemoryError) as error:
                raise self._failure(error, stop, limits) from error
            finally:
                connection.set_progress_handler(None, 0)
        return Fetched(columns=columns, rows=rows, count=count)

    def found(self) -> list[FoundTable]:
        with self._lock:
            connection = self._opened()
            try:
                with self._unguarded(connection):
                    self._has_views = _has_views(connection)
                    return list(_found(connection))
            except (sqlite.Error, ValueError) as error:
                raise self._address.unavailable(str(error)) from error

    def refuses_writes(self, table: FoundTable) -> bool | None:
        with self._lock:
            connection = self._opened()
            try:
                with self._unguarded(connection):  # the file itself must refuse, without its guard
                    connection.execute(f"DELETE FROM {quoted(table.name)} WHERE 1 = 0")
            except sqlite.Error as error:
                return True if "readonly" in str(error) else None
        return False

    def could_write(self) -> bool | None:
        return os.access(self._address.file, os.W_OK)

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _opened(self) -> Any:
        if self._connection is None:
            file = self._address.file
            if not file.is_file():
                raise self._address.unavailable(f"there is no file {file}", hint="Correct the setting `databases`.")
            uri = f"{file.as_uri()}?mode=ro"
            try:
                connection: Any = sqlite.connect(
                    uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None
                )
                connection.execute("PRAGMA query_only = ON")
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            except sqlite.Error as error:
                raise self._address.unavailable(str(error)) from error
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            guard(connection, Limits(cell_bytes=CELL_BYTES))
            self._has_views = _has_views(connection)
            connection.set_authorizer(self._allows)
            self._connection = connection
        return self._connection

    def _failure(self, error: Exception, stop: float, limits: Limits) -> SqlFailed | SqlRefused:
        if time.monotonic() > stop:
            return SqlFailed(
                f"The query took longer than {limits.seconds:g} seconds.", hint="Join fewer rows; filter first."
            )
        text = str(error)
        if "not authorized" in text or "prohibited" in text or "readonly" in text:
            return SqlRefused(f"The query may not do this: {text}.", hint="Only read the tables that were given.")
        if "locked" in text or "disk image" in text or "unable to open" in text or "not a database" in text:
            return self._address.unavailable(text)
        return SqlFailed(f"The database says: {text}.", hint="Correct the query.")

    def _allows(
        self, action: int, first: str | None, second: str | None, database: str | None, inside: str | None
    ) -> int:
        """Asked by the database for every part of a statement while it is prepared. `inside`: the view, or the named
        part of one or of the query, that it stands in. Views may use every function, and recursion."""
        in_view = bool(self._has_views and inside)
        if action == sqlite.SQLITE_SELECT:
            return int(sqlite.SQLITE_OK)
        if action == sqlite.SQLITE_RECURSIVE:
            return int(sqlite.SQLITE_OK if in_view else sqlite.SQLITE_DENY)
        if action == sqlite.SQLITE_READ:
            hidden = (first or "").casefold().startswith("sqlite_") or database == "temp"
            return int(sqlite.SQLITE_DENY if hidden else sqlite.SQLITE_OK)
        if action == sqlite.SQLITE_FUNCTION:
            name = (second or "").casefold()
            known = name in FUNCTIONS or (in_view and name not in _NOWHERE)
            return int(sqlite.SQLITE_OK if known else sqlite.SQLITE_DENY)
        return int(sqlite.SQLITE_DENY)

    @contextmanager
    def _unguarded(self, connection: Any) -> Iterator[None]:
        connection.set_authorizer(None)
        try:
            yield
        finally:
            connection.set_authorizer(self._allows)


def _has_views(connection: Any) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'view'").fetchone()[0])


def _found(connection: Any) -> Iterator[FoundTable]:
    """Tables and views; not the tables that a full-text index or another extension keeps for itself."""
    listed = connection.execute("PRAGMA main.table_list").fetchall()
    kinds = {row[1]: row[2] for row in listed if row[0] == "main"}
    order = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY rowid")
    for name in [row[0] for row in order.fetchall()]:
        if kinds.get(name) not in ("table", "view") or name.casefold().startswith("sqlite_"):
            continue
        try:
            info = [row for row in connection.execute(f"PRAGMA table_xinfo({quoted(name)})") if row[6] != 1]
            keys = connection.execute(f"PRAGMA foreign_key_list({quoted(name)})").fetchall()
        except sqlite.Error:
            continue  # a view on what is gone
        primary = sorted((row for row in info if row[5]), key=lambda row: row[5])
        seen = _seen_types(connection, name, [row[1] for row in info if not row[2]])
        yield FoundTable(
            name=name,
            is_view=kinds[name] == "view",
            columns=tuple(FoundColumn(name=row[1], type=seen.get(row[1]) or declared_type(row[2])) for row in info),
            primary_key=tuple(row[1] for row in primary),
            foreign_keys=tuple(_foreign_keys(keys, connection)),
        )


def _seen_types(connection: Any, table: str, columns: list[str]) -> dict[str, ColumnType]:
    """Of columns that are not declared with a type, as those that a view calculates: by their first values."""
    if not columns:
        return {}
    stop = time.monotonic() + _SEEN_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > stop, _STEPS)
    names = [quoted(column) for column in columns]
    kinds = ", ".join(f"typeof({name})" for name in names)
    try:
        rows = connection.execute(
            f"SELECT {kinds} FROM (SELECT {', '.join(names)} FROM {quoted(table)} LIMIT 100)"
        ).fetchall()
    except sqlite.Error:
        return {}
    finally:
        connection.set_progress_handler(None, 0)
    return {column: _type_of({row[place] for row in rows} - {"null"}) for place, column in enumerate(columns)}


def _type_of(kinds: set[str]) -> ColumnType:
    if not kinds or kinds - {"integer", "real"}:
        return ColumnType.TEXT
    return ColumnType.INTEGER if kinds == {"integer"} else ColumnType.NUMBER


def _foreign_keys(rows: list[Any], connection: Any) -> Iterator[FoundKey]:
    """Rows: (id, number, table, from, to, ...). Without `to`, the other table's own key is meant."""
    for number in dict.fromkeys(row[0] for row in rows):
        mine = [row for row in rows if row[0] == number]
        target = [row[4] for row in mine]
        if not all(target):
            info = connection.execute(f"PRAGMA table_info({quoted(mine[0][2])})").fetchall()
            target = [row[1] for row in sorted((row for row in info if row[5]), key=lambda row: row[5])]
        if len(target) == len(mine):
            yield FoundKey(columns=tuple(row[3] for row in mine), schema="", table=mine[0][2], target=tuple(target))
