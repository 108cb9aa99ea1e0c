"""A PostgreSQL, MySQL or MariaDB server. Every query runs in a transaction that the database itself keeps from writing,
for as long as it may."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from gezhi.retrieve.tables.connected.address import Address, DatabaseUnavailable, Kind
from gezhi.retrieve.tables.connected.connector import Fetched, FoundTable, kept
from gezhi.retrieve.tables.workspace import Limits
from gezhi.types import SqlFailed, SqlRefused

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

POOL = 2
CONNECT_SECONDS = 5
GRACE_SECONDS = 2.0
"""The database ends a query itself; when it has not by then, the connection is cut."""
_EXTRAS = {Kind.POSTGRES: "postgres", Kind.MYSQL: "mysql"}
_TIMEOUTS = frozenset(["57014", 3024, 1969, 1317])
_READ_ONLY = frozenset(["25006", "42501", 1792, 1290, 1142, 1044, 1227])
"""Codes of PostgreSQL, and of MySQL and MariaDB: a write in a read-only transaction; a right that is missing."""
_LOST = frozenset([None, "57P01", "57P02", "57P03", "08000", "08003", "08006", 0, 2006, 2013, 2014, 2055, 1927])
"""The connection is gone; a PostgreSQL driver that lost it has no code to tell."""
_SQL_MODE = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"
"""Of MySQL: as the queries are written for it, whatever the server's own is."""


class Server:
    def __init__(self, address: Address) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    @property
    def address(self) -> Address:
        return self._address

    def fetch(self, sql: str, limits: Limits) -> Fetched:
        began = time.monotonic()
        with self._transaction(limits) as connection:
            try:
                with self._cursor(connection) as cursor:
                    cursor.execute(sql)
                    if cursor.description is None:
                        raise SqlRefused("The query gives no rows.", hint="Write one SELECT that only reads.")
                    columns = tuple(entry[0] for entry in cursor.description)
                    rows, count = kept(cursor, limits)
            except (connection.dialect.loaded_dbapi.Error, OSError, ValueError) as error:
                failure = self._failure(error, began, limits)
                if isinstance(failure, DatabaseUnavailable) or self._is_late(began, limits):
                    connection.invalidate()
                raise failure from None  # what a driver knows may hold the password
        return Fetched(columns=columns, rows=rows, count=count)

    @contextmanager
    def _cursor(self, connection: Connection) -> Iterator[Any]:
        """One that the server keeps the rows for. PostgreSQL declares it, for which it takes nothing but a query."""
        raw: Any = connection.connection.driver_connection
        if self._address.kind is Kind.POSTGRES:
            with raw.cursor(name="gezhi") as cursor:
                cursor.itersize = 500
                yield cursor
            return
        from pymysql.cursors import SSCursor

        cursor = raw.cursor(SSCursor)
        try:
            yield cursor
        finally:
            with suppress(AttributeError, OSError, connection.dialect.loaded_dbapi.Error):  # of a connection just lost
                cursor.close()

    def found(self) -> list[FoundTable]:
        from sqlalchemy.exc import SQLAlchemyError

        from gezhi.retrieve.tables.connected.reflection import mysql_tables, postgres_tables

        with self._transaction(Limits(seconds=30.0)) as connection:
            try:
                return list((postgres_tables if self._address.kind is Kind.POSTGRES else mysql_tables)(connection))
            except SQLAlchemyError as error:
                raise self._address.unavailable(_said(error)) from None

    def refuses_writes(self, table: FoundTable) -> bool | None:
        from sqlalchemy.exc import SQLAlchemyError

        name = ".".join(self._quoted(part) for part in (table.schema, table.name) if part)
        with self._transaction(Limits()) as connection:
            try:  # not through a cursor, which takes nothing but a query
                connection.exec_driver_sql(f"DELETE FROM {name} WHERE 1 = 0")
            except SQLAlchemyError as error:
                return True if _codes(error) & _READ_ONLY else None
        return False

    def _quoted(self, name: str) -> str:
        mark = "`" if self._address.kind is Kind.MYSQL else '"'
        return mark + name.replace(mark, mark * 2) + mark

    def could_write(self) -> bool | None:
        from sqlalchemy import text

        if self._address.kind is not Kind.POSTGRES:
            return None
        asked = (
            "SELECT coalesce(bool_or(has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')), false)"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
        )
        with self._transaction(Limits()) as connection:
            return bool(connection.execute(text(asked)).scalar())

    def close(self) -> None:
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    @contextmanager
    def _transaction(self, limits: Limits) -> Iterator[Connection]:
        """A connection that can only read; what it did is rolled back."""
        from sqlalchemy.exc import SQLAlchemyError

        with self._ready(limits) as connection, self._cut_off(connection, limits):
            yield connection
            try:
                connection.rollback()
            except SQLAlchemyError:  # lost after the last row
                connection.invalidate()

    def _ready(self, limits: Limits) -> Connection:
        """A connection in a transaction. One that was kept may have died: then another is opened."""
        from sqlalchemy.exc import SQLAlchemyError

        for last in (False, True):
            try:
                connection = self._opened().connect()
            except (SQLAlchemyError, OSError, UnicodeError) as error:
                raise self._address.unavailable(_said(error)) from None
            try:
                with self._cut_off(connection, limits):
                    for statement in self._settings(limits):
                        connection.exec_driver_sql(statement)
                return connection
            except SQLAlchemyError as error:
                connection.invalidate()
                connection.close()
                if last or not getattr(error, "connection_invalidated", False):
                    raise self._address.unavailable(_said(error)) from None
        raise AssertionError

    def _settings(self, limits: Limits) -> list[str]:
        """Set anew for every transaction: a pooler between here and the database may have given another connection."""
        milliseconds = int(limits.seconds * 1000)
        if self._address.kind is Kind.POSTGRES:
            return [
                "SET TRANSACTION READ ONLY",
                f"SELECT set_config('statement_timeout', '{milliseconds}', true),"
                " set_config('standard_conforming_strings', 'on', true), set_config('TimeZone', 'UTC', true)",
            ]
        return [
            "SET SESSION TRANSACTION READ ONLY",
            f"SET SESSION sql_mode = '{_SQL_MODE}', SESSION div_precision_increment = 12",
            f"SET SESSION max_statement_time = {limits.seconds}"
            if self._is_mariadb()
            else f"SET SESSION max_execution_time = {milliseconds}",
            "START TRANSACTION READ ONLY",
        ]

    def _is_mariadb(self) -> bool:
        return bool(getattr(self._opened().dialect, "is_mariadb", False))

    def _opened(self) -> Engine:
        from sqlalchemy import create_engine, event
        from sqlalchemy.exc import NoSuchModuleError

        with self._lock:
            if self._engine is None:
                kind = self._address.kind
                waits = {} if "connect_timeout" in self._address.url.query else {"connect_timeout": CONNECT_SECONDS}
                if kind is Kind.MYSQL:
                    waits["read_timeout"] = CONNECT_SECONDS  # its greeting may never come
                try:
                    self._engine = create_engine(
                        self._address.url,
                        pool_size=POOL,
                        max_overflow=0,
                        pool_timeout=10,
                        pool_recycle=1800,
                        hide_parameters=True,
                        connect_args=dict(waits),
                    )
                    if kind is Kind.MYSQL:
                        event.listen(self._engine, "connect", _wait_for_answers)
                except (ImportError, NoSuchModuleError):
                    raise DatabaseUnavailable(
                        f"The database {self._address.name!r} needs a driver that is not installed.",
                        hint=f'Install it: pip install "gezhi[{_EXTRAS[kind]}]".',
                    ) from None
            return self._engine

    @contextmanager
    def _cut_off(self, connection: Connection, limits: Limits) -> Iterator[None]:
        """Nobody waits for a server that does not answer and does not stop: its connection is shut from this side."""
        raw: Any = connection.connection.driver_connection
        watch = threading.Timer(limits.seconds + GRACE_SECONDS, _shut, (raw,))
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _failure(self, error: Exception, began: float, limits: Limits) -> SqlFailed | SqlRefused:
        codes = _codes(error)
        if codes & _TIMEOUTS or self._is_late(began, limits):
            return SqlFailed(
                f"The query took longer than {limits.seconds:g} seconds.", hint="Join fewer rows; filter first."
            )
        said = self._address.clean(_said(error))
        if codes & _READ_ONLY:
            return SqlRefused(f"The query may not do this: {said}.", hint="Only read the tables that were given.")
        if codes & _LOST:
            return self._address.unavailable(said)
        return SqlFailed(f"The database says: {said}.", hint="Correct the query.")

    @staticmethod
    def _is_late(began: float, limits: Limits) -> bool:
        """Whether the connection was cut from this side."""
        return time.monotonic() - began >= limits.seconds + GRACE_SECONDS


def _wait_for_answers(raw: Any, _: object) -> None:
    """Once PyMySQL is connected, a query has its own time."""
    raw._read_timeout = None


def _shut(raw: Any) -> None:
    """Close the socket under a connection of psycopg or PyMySQL, whatever it waits for."""
    try:
        held = getattr(raw, "_sock", None)
        number = held.fileno() if held is not None else raw.fileno()
        with socket.socket(fileno=os.dup(number)) as line:
            line.shutdown(socket.SHUT_RDWR)
    except (OSError, AttributeError, ValueError):
        return  # it is closed already


def _codes(error: Exception) -> set[str | int | None]:
    """SQLSTATE of PostgreSQL, number of MySQL. {None} for an error without either."""
    original: Any = getattr(error, "orig", None) or error
    args: tuple[Any, ...] = getattr(original, "args", ())
    number = args[0] if args and isinstance(args[0], int) else None
    state = getattr(original, "sqlstate", None)
    return {one for one in (state, number) if one is not None} or {None}


def _said(error: Exception) -> str:
    """The first line of what a driver says, without its error number."""
    original = getattr(error, "orig", None) or error
    args: tuple[Any, ...] = getattr(original, "args", ())
    text = str(args[1]) if len(args) > 1 and isinstance(args[0], int) else str(original)
    return next((line.strip() for line in text.splitlines() if line.strip()), type(original).__name__).rstrip(".")
