"""SQLite connections: one writer, many readers, each with its own snapshot."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pysqlite3 import dbapi2 as driver
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from gezhi.store.sqlite.errors import store_error
from gezhi.types import StoreError, StoreReadOnly

FILE = "store.db"
SAFE_VERSION = (3, 51, 3)
"""The first SQLite without the WAL reset bug that can lose committed data."""
READERS = 8


def refuse_unsafe(version: tuple[int, ...]) -> None:
    """Raise if this SQLite may lose committed data."""
    if version < SAFE_VERSION:
        found, needed = (".".join(map(str, v)) for v in (version, SAFE_VERSION))
        raise StoreError(
            f"SQLite {found} can lose committed data; gezhi needs {needed} or newer.",
            hint="Run `pip install --upgrade pysqlite3`.",
        )


class SqliteDatabase:
    """The file `store.db` in a folder. `read_only` opens a finished file that nobody can write."""

    def __init__(self, folder: Path, *, busy_seconds: float, read_only: bool = False) -> None:
        refuse_unsafe(driver.sqlite_version_info)
        self._path = folder / FILE
        self._folder = folder
        self._busy_seconds = busy_seconds
        self._read_only = read_only
        self._writing = threading.Lock()
        self._closed = False
        self._readers = self._engine(writer=False)
        self._writer = self._engine(writer=True)

    @property
    def engine(self) -> str:
        return f"SQLite {driver.sqlite_version}"

    @property
    def location(self) -> str:
        return str(self._folder)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        with self._errors(), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        if self._read_only:
            raise StoreReadOnly(
                f"The store {self.location} cannot be written.",
                hint="Check the permissions of the folder, or copy the store somewhere writable.",
            )
        with self._errors(), self._writing, self._writer.begin() as connection:
            yield connection

    def size(self) -> int:
        return sum(path.stat().st_size for path in self._files())

    def files_with(self, needle: bytes) -> dict[str, int]:
        if not self._read_only:
            with self._errors(), self._writing, self._writer.connect() as connection:
                raw = connection.connection.cursor()
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                raw.close()
        found = {path.name: _count(path, needle) for path in self._files()}
        return {name: count for name, count in found.items() if count}

    def close(self) -> None:
        self._closed = True
        self._readers.dispose()
        self._writer.dispose()

    def _files(self) -> list[Path]:
        return [path for path in sorted(self._folder.glob(f"{FILE}*")) if path.is_file()]

    @contextmanager
    def _errors(self) -> Iterator[None]:
        if self._closed:
            raise StoreError(f"The store {self.location} was closed.", hint="Open it again.")
        try:
            yield
        except SQLAlchemyError as error:
            raise store_error(getattr(error, "orig", None) or error, self.location) from error
        except driver.Error as error:
            raise store_error(error, self.location) from error
        except UnicodeEncodeError as error:
            raise StoreError(
                f"A text for the store {self.location} holds characters that are not valid Unicode ({error.reason}).",
                hint="Rename the file, or convert it to UTF-8.",
            ) from error

    def _engine(self, *, writer: bool) -> sa.Engine:
        engine = sa.create_engine(
            "sqlite+pysqlite://",
            module=driver,
            creator=lambda: self._connect(writer=writer),
            poolclass=QueuePool,
            pool_size=1 if writer else READERS,
            max_overflow=0 if writer else -1,
        )
        begin = "BEGIN IMMEDIATE" if writer else "BEGIN"

        @sa.event.listens_for(engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    def _connect(self, *, writer: bool) -> Any:
        mode = "mode=ro&immutable=1" if self._read_only else "mode=rwc" if writer else "mode=rw"
        connection = driver.connect(
            f"{self._path.absolute().as_uri()}?{mode}",
            uri=True,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
        pragmas = ["foreign_keys=ON", "cache_size=-8000"]
        if writer:
            # Erased text must leave the file, not only the tables.
            pragmas += ["journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"]
        else:
            pragmas += ["query_only=ON"]
        try:
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}").fetchall()
        except driver.Error:
            connection.close()
            raise
        return connection


def _count(path: Path, needle: bytes) -> int:
    if not path.stat().st_size:
        return 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        count, at = 0, data.find(needle)
        while at >= 0:
            count, at = count + 1, data.find(needle, at + 1)
        return count
