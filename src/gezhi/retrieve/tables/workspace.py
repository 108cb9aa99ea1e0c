"""A private database for one question: only the tables that it is about and that the asker may see are in it, so that
SQL written by a model cannot reach anything else. Checked before it runs, watched while it runs."""

from __future__ import annotations

import sqlite3 as sqlite
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from gezhi.retrieve.tables.check import CAP, FUNCTIONS, ROWS, checked
from gezhi.retrieve.tables.sums import ExactMean, ExactSum, ExactTotal
from gezhi.types import SqlFailed, SqlRefused
from gezhi.types.tables import Column, ColumnType, ForeignKey, TypedTable, Value

_HEAP_BYTES = 1 << 30
"""For all workspaces of the process together."""
MOST_TRIMMED = 1000
"""Characters that `trim` may be given."""
_STEPS = 1000
"""Instructions of the database's machine between two looks at the clock."""
_SQL_TYPES = {
    ColumnType.TEXT: "TEXT",
    ColumnType.INTEGER: "INTEGER",
    ColumnType.NUMBER: "REAL",
    ColumnType.DATE: "TEXT",
    ColumnType.BOOLEAN: "INTEGER",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    seconds: float = 2.0
    rows: int = 10_000
    """Kept of a result; all are counted up to ten times as many."""
    cell_bytes: int = 1_000_000
    """Of one value made by a query."""
    result_bytes: int = 50_000_000
    """Of the texts in a result: they are Python's, not counted in the database's heap."""
    sql_characters: int = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryResult:
    sql: str
    """As it ran."""
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    row_count: int
    truncated: bool
    """Whether there were more rows than are kept."""
    seconds: float


class Space(Protocol):
    """Tables that a question is about, and queries over them, in SQLite's dialect, that can only read them."""

    @property
    def tables(self) -> tuple[TypedTable, ...]: ...

    def run(self, sql: str) -> QueryResult:
        """Raises SqlRefused for what may not run, SqlFailed for what ran into an error or a limit; both say what to
        write instead."""
        ...

    def run_unchecked(self, sql: str) -> QueryResult:
        """Run SQL that our own code has written, to look around: where tables are very large, in a part of them."""
        ...

    def close(self) -> None: ...


class Workspace:
    """An in-memory SQLite database. Tables are added, then queries run, which change nothing and see nothing else.

    Python's own SQLite, not the store's: its limits can be set, and its memory is counted apart."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._tables: dict[str, TypedTable] = {}
        self._lock = threading.Lock()
        self._connection = sqlite.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._open = False
        """Whether the door is open for writing."""
        self._hidden: frozenset[str] = frozenset()
        self._harden()

    @classmethod
    def of_file(cls, path: Path, limits: Limits | None = None) -> Workspace:
        """A copy of an SQLite file with all its tables; the file is only read."""
        space = cls(limits)
        uri = f"{path.absolute().as_uri()}?mode=ro"  # a `#` or `?` in the name would end it before the mode
        with closing(sqlite.connect(uri, uri=True)) as source, space._writing() as connection:
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            source.backup(connection)
            for table in _described(connection):
                space._tables[table.key.casefold()] = table
        return space

    @property
    def tables(self) -> tuple[TypedTable, ...]:
        return tuple(self._tables.values())

    def add(self, table: TypedTable, values: Iterable[Sequence[Value]]) -> None:
        """`values`: the rows in order; a row's number is its `rowid`."""
        key = table.key.casefold()
        if key in self._tables:
            raise ValueError(f"two tables named {table.key}")
        columns = ", ".join(f"{quoted(column.key)} {_SQL_TYPES[column.type]}" for column in table.columns)
        holes = ", ".join("?" * len(table.columns))
        with self._writing() as connection:
            connection.execute(f"CREATE TABLE {quoted(table.key)} ({columns})")
            connection.execute("BEGIN")
            connection.executemany(f"INSERT INTO {quoted(table.key)} VALUES ({holes})", values)
            connection.execute("COMMIT")
        self._tables[key] = table

    def run(self, sql: str) -> QueryResult:
        """Raises SqlRefused for what may not run, SqlFailed for what ran into an error or a limit; both say what to
        write instead."""
        if len(sql) > self._limits.sql_characters:
            raise SqlRefused("The query is too long.", hint=f"At most {self._limits.sql_characters} characters.")
        ready = checked(sql, self.tables)
        result = self.run_unchecked(ready)
        if ready.endswith(CAP) and result.row_count > ROWS:
            return replace(result, row_count=self._count(ready.removesuffix(CAP), result.row_count), truncated=True)
        return result

    def _count(self, sql: str, at_least: int) -> int:
        """All rows of a query that was cut off; what is known of them if they cannot be counted in time."""
        try:
            return int(str(self.run_unchecked(f"SELECT count(*) FROM ({sql})").rows[0][0]))
        except SqlFailed:
            return at_least

    def run_unchecked(self, sql: str) -> QueryResult:
        """Run SQL that our own code has written, or for testing the guards of the connection: the same limits hold."""
        with self._lock:
            began = time.monotonic()
            stop = began + self._limits.seconds
            self._connection.set_progress_handler(lambda: time.monotonic() > stop, _STEPS)
            try:
                cursor = self._connection.execute(sql)
                columns = tuple(entry[0] for entry in cursor.description or ())
                rows, count = self._fetched(cursor)
            except (sqlite.Error, sqlite.Warning, OverflowError, ValueError, MemoryError) as error:
                raise self._failure(error, stop) from error
            finally:
                self._connection.set_progress_handler(None, 0)
        return QueryResult(
            sql=sql,
            columns=columns,
            rows=tuple(rows),
            row_count=count,
            truncated=count > len(rows),
            seconds=time.monotonic() - began,
        )

    def _fetched(self, cursor: Any) -> tuple[list[tuple[Value, ...]], int]:
        """The rows that are kept, and how many there are. One at a time: a thousand rows may be a gigabyte."""
        rows: list[tuple[Value, ...]] = []
        size = count = 0
        for row in cursor:
            count += 1
            if count <= self._limits.rows:
                size += sum(len(value) for value in row if isinstance(value, str | bytes))
                if size > self._limits.result_bytes:
                    raise SqlFailed("The result is too large.", hint="Select fewer or shorter columns, or fewer rows.")
                rows.append(row)
            if count >= 10 * self._limits.rows:
                break
        return rows, count

    def close(self) -> None:
        self._connection.close()

    def _failure(self, error: Exception, stop: float) -> SqlFailed | SqlRefused:
        if time.monotonic() > stop:
            return SqlFailed(
                f"The query took longer than {self._limits.seconds:g} seconds.", hint="Join fewer rows; filter first."
            )
        text = str(error)
        if "not authorized" in text or "prohibited" in text:
            return SqlRefused(f"The query may not do this: {text}.", hint="Only read the tables that were given.")
        return SqlFailed(f"The database says: {text}.", hint="Correct the query.")

    def _harden(self) -> None:
        guard(self._connection, self._limits)
        self._connection.execute("PRAGMA trusted_schema = OFF")
        self._connection.set_authorizer(self._allows)

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        with self._lock:
            self._open = True
            self._connection.set_authorizer(None)
            try:
                yield self._connection
            finally:
                self._open = False
                self._connection.set_authorizer(self._allows)

    def _allows(self, action: int, first: str | None, second: str | None, database: str | None, _: str | None) -> int:
        """Asked by the database for every part of a statement while it is prepared."""
        if action in (sqlite.SQLITE_SELECT, sqlite.SQLITE_RECURSIVE):
            return int(sqlite.SQLITE_OK if action == sqlite.SQLITE_SELECT else sqlite.SQLITE_DENY)
        if action == sqlite.SQLITE_READ:
            known = (first or "").casefold() in self._tables or database is None
            return int(sqlite.SQLITE_OK if known and not (first or "").startswith("sqlite_") else sqlite.SQLITE_DENY)
        if action == sqlite.SQLITE_FUNCTION:
            return int(sqlite.SQLITE_OK if (second or "").casefold() in FUNCTIONS else sqlite.SQLITE_DENY)
        return int(sqlite.SQLITE_DENY)


def guard(connection: Any, limits: Limits) -> None:
    """What a connection may use, and how it adds up."""
    for limit, value in (
        (sqlite.SQLITE_LIMIT_ATTACHED, 0),
        (sqlite.SQLITE_LIMIT_LENGTH, limits.cell_bytes),
        (sqlite.SQLITE_LIMIT_SQL_LENGTH, 10 * limits.sql_characters),
        (sqlite.SQLITE_LIMIT_EXPR_DEPTH, 100),
        (sqlite.SQLITE_LIMIT_COMPOUND_SELECT, 20),
        (sqlite.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000),
    ):
        connection.setlimit(limit, value)
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA hard_heap_limit = {_HEAP_BYTES}")
    for name, kind in (("sum", ExactSum), ("total", ExactTotal), ("avg", ExactMean)):
        connection.create_window_function(name, 1, kind)
    for name, strip in (("trim", str.strip), ("ltrim", str.lstrip), ("rtrim", str.rstrip)):
        connection.create_function(name, 2, _trimming(strip), deterministic=True)


def _trimming(strip: Callable[[str, str], str]) -> Callable[[Value, Value], str | None]:
    """SQLite's own compares every character with every one to be trimmed, and is not stopped while it does."""

    def trim(value: Value, characters: Value) -> str | None:
        if value is None or characters is None:
            return None
        if len(str(characters)) > MOST_TRIMMED:
            raise ValueError("too many characters to trim")
        return strip(str(value), str(characters))

    return trim


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _described(connection: Any) -> Iterator[TypedTable]:
    """The tables of a database as it declares them."""
    names = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY rowid"
        )
    ]
    for number, name in enumerate(names):
        info = connection.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
        keys = connection.execute(f"PRAGMA foreign_key_list({quoted(name)})").fetchall()
        primary = sorted((row for row in info if row[5]), key=lambda row: row[5])
        yield TypedTable(
            id=f"file:t{number}",
            document_id="",
            number=number,
            name=name,
            key=name,
            columns=tuple(Column(name=row[1], key=row[1], type=declared_type(row[2])) for row in info),
            row_count=connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0],
            primary_key=tuple(row[1] for row in primary),
            foreign_keys=tuple(ForeignKey(columns=(row[3],), table=row[2], target=(row[4],)) for row in keys if row[4]),
        )


def declared_type(declared: str) -> ColumnType:
    """Of a column of SQLite, by the words it is declared with."""
    low = (declared or "").casefold()
    if "int" in low:
        return ColumnType.INTEGER
    if any(word in low for word in ("real", "floa", "doub", "num", "dec")):
        return ColumnType.NUMBER
    if "date" in low or "time" in low:
        return ColumnType.DATE
    return ColumnType.BOOLEAN if "bool" in low else ColumnType.TEXT
