"""Open or create a store folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from gezhi.store import migrations
from gezhi.store.analyse import Analyser
from gezhi.store.prepare import prepare, schema_is_current
from gezhi.store.protocol import Store
from gezhi.store.sql import SqlStore
from gezhi.store.sqlite.database import FILE, SqliteDatabase
from gezhi.types import StoreError, StoreReadOnly


def open_sqlite(path: Path, *, user_terms: Sequence[str] = (), busy_seconds: float = 10.0) -> Store:
    """Open the store in the folder `path`, creating or upgrading it.

    A store that lies where nothing can be written is opened for reading."""
    _make_folder(path)
    analyser = Analyser(user_terms)
    database = SqliteDatabase(path, busy_seconds=busy_seconds, read_only=_is_read_only(path))
    try:
        with database.read() if (path / FILE).exists() else database.write() as connection:
            current = schema_is_current(connection, analyser)
        if not current:
            with database.write() as connection:
                migrations.upgrade(connection)
                prepare(connection, analyser)
    except StoreError:
        database.close()
        raise
    return SqlStore(database, analyser)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(f"{path} is a file, not a store.", hint="Name a folder such as `my.gezhi`.") from error
    except PermissionError as error:
        raise StoreReadOnly(f"The folder {path} cannot be created.", hint="Choose a folder you may write.") from error
    except OSError as error:
        raise StoreError(f"The folder {path} cannot be created: {error.strerror}.") from error


def _is_read_only(path: Path) -> bool:
    """A finished store (no write-ahead log left) in a place that cannot be written."""
    file = path / FILE
    if os.access(path, os.W_OK) and (not file.exists() or os.access(file, os.W_OK)):
        return False
    if not file.exists():
        raise StoreReadOnly(
            f"There is no store in {path}, and none can be created there.", hint="Choose another folder."
        )
    log = path / f"{FILE}-wal"
    return not (log.exists() and log.stat().st_size)
