"""What only SQLite can get wrong: files, locks, versions."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from pysqlite3 import dbapi2 as driver

from gezhi.store import Store, migrations, schema
from gezhi.store.sql import SqlStore
from gezhi.store.sqlite import open_sqlite
from gezhi.store.sqlite.database import refuse_unsafe
from gezhi.types import (
    Document,
    Filters,
    Outcome,
    Passage,
    Scope,
    Status,
    StoreBusy,
    StoreError,
    StoreFull,
    document_id,
)

OWNER = Scope.owner()


def add(store: Store, source: str, text: str) -> None:
    made = Document(
        id=document_id(text.encode()), source=source, title="", media_type="text/plain", text=text, blocks=()
    )
    part = Passage(document_id=made.id, ordinal=0, start=0, end=len(text), text=text)
    store.put(made, [part], outcome=Outcome(status=Status.STORED), pipeline="p", embedder=None)


def found(store: Store, text: str) -> list[str]:
    return [hit.source for hit in store.search_words(text, OWNER, Filters(), 10)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "my.gezhi"


@pytest.fixture
def store(folder: Path) -> Iterator[SqlStore]:
    opened = open_sqlite(folder)
    assert isinstance(opened, SqlStore)
    yield opened
    opened.close()


def test_settings_of_every_connection(store: SqlStore) -> None:
    def pragma(connection: sa.Connection, name: str) -> object:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    with store.database.write() as connection:
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "synchronous") == 2
        assert pragma(connection, "foreign_keys") == 1
        assert pragma(connection, "secure_delete") == 1
        assert pragma(connection, "busy_timeout") == 10_000
    with store.database.read() as connection:
        assert pragma(connection, "query_only") == 1
        with pytest.raises(sa.exc.OperationalError):
            connection.execute(sa.delete(schema.documents))


def test_an_unsafe_sqlite_is_refused() -> None:
    refuse_unsafe((3, 51, 3))
    with pytest.raises(StoreError, match=r"3\.51\.2 can lose committed data"):
        refuse_unsafe((3, 51, 2))


def test_migrations_lead_to_the_schema_the_code_uses(store: SqlStore) -> None:
    with store.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        assert migrations.schema_version(connection) == migrations.CURRENT


def test_a_newer_schema_is_refused_and_left_alone(folder: Path, store: SqlStore) -> None:
    add(store, "a.txt", "apple")
    with store.database.write() as connection:
        connection.execute(sa.update(schema.meta).where(schema.meta.c.key == "schema").values(value="99"))
    with pytest.raises(StoreError, match=r"schema version 99.*Upgrade gezhi"):
        open_sqlite(folder)
    assert found(store, "apple") == ["a.txt"]


def test_another_analyser_analyses_again(folder: Path, store: SqlStore) -> None:
    add(store, "a.txt", "关于格致引擎的说明")
    assert store.word_signals("格致引擎").terms == ("引擎", "格致", "致引")
    renewed = open_sqlite(folder, user_terms=["格致引擎"])
    assert "格致引擎" in renewed.word_signals("格致引擎").terms
    assert found(renewed, "格致引擎") == ["a.txt"]
    renewed.close()
    again = open_sqlite(folder)
    assert found(again, "格致引擎") == ["a.txt"]
    again.close()


def test_creating_and_opening_are_quick(folder: Path) -> None:
    start = time.process_time()
    open_sqlite(folder).close()
    created = time.process_time() - start
    start = time.process_time()
    open_sqlite(folder).close()
    opened = time.process_time() - start
    assert created < 0.5
    assert opened < 0.1


def test_a_full_disk_leaves_the_store_as_it_was(store: SqlStore) -> None:
    add(store, "a.txt", "apple")
    with store.database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 10}")
    with pytest.raises(StoreFull, match="No space is left"):
        add(store, "b.txt", "banana " * 50_000)
    assert store.sources() == ["a.txt"]
    assert found(store, "apple banana") == ["a.txt"]
    with store.database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    add(store, "b.txt", "banana " * 50_000)
    assert found(store, "banana") == ["b.txt"]


def test_a_lock_held_too_long(folder: Path) -> None:
    first, second = open_sqlite(folder), open_sqlite(folder, busy_seconds=0.05)
    assert isinstance(first, SqlStore)
    with first.database.write(), pytest.raises(StoreBusy, match="Another process"):
        add(second, "a.txt", "apple")
    add(second, "a.txt", "apple")
    first.close()
    second.close()


@pytest.mark.parametrize("damage", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_damaged_file(folder: Path, damage: bytes) -> None:
    folder.mkdir()
    (folder / "store.db").write_bytes(damage)
    with pytest.raises(StoreError, match="damaged or is no store"):
        open_sqlite(folder)
    assert (folder / "store.db").read_bytes() == damage


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    for path in (tmp_path / "x", tmp_path / "x" / "my.gezhi"):
        with pytest.raises(StoreError, match="is a file"):
            open_sqlite(path)


def test_a_closed_store_says_so(folder: Path) -> None:
    store = open_sqlite(folder)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="was closed"):
        store.sources()


def test_names_that_are_not_unicode_are_refused(store: SqlStore) -> None:
    with pytest.raises(StoreError, match="not valid Unicode"):
        add(store, "a\udcff.txt", "apple")
    for source in ("../../etc", "line\nbreak", "😀.txt", "'; DROP TABLE documents; --", "%_"):
        add(store, source, f"text of {source}")
    assert len(store.sources()) == 5
    assert store.sources("'") == ["'; DROP TABLE documents; --"]


READER = """
import os, sys
from pathlib import Path
from gezhi.store import Analyser
from gezhi.store.sqlite import open_sqlite
from gezhi.types import Filters, Scope, StoreReadOnly
Analyser().terms("apple")  # loads the stemmer: nobody may not read the interpreter's folder
os.setgid(65534); os.setuid(65534)
store = open_sqlite(Path(sys.argv[1]))
print([hit.source for hit in store.search_words("apple", Scope.owner(), Filters(), 5)])
try:
    store.remove(["a.txt"], Scope.owner())
except StoreReadOnly as error:
    print(error.code, error.hint)
try:
    open_sqlite(Path(sys.argv[1]) / "new.gezhi")
except StoreReadOnly as error:
    print(error.code)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root to become somebody else")
@pytest.mark.parametrize("open_elsewhere", [False, True])
def test_a_folder_that_cannot_be_written_can_be_read(open_elsewhere: bool) -> None:
    base = Path(tempfile.mkdtemp())
    try:
        base.chmod(0o755)
        store = open_sqlite(base / "my.gezhi")
        add(store, "a.txt", "apple")
        if not open_elsewhere:
            store.close()
        result = subprocess.run(
            [sys.executable, "-c", READER, str(base / "my.gezhi")], capture_output=True, text=True, check=False
        )
        store.close()
        assert result.stdout.splitlines()[0] == "['a.txt']", result.stderr
        assert "store_read_only" in result.stdout.splitlines()[1]
        assert "permissions" in result.stdout.splitlines()[1]
        assert result.stdout.splitlines()[2] == "store_read_only"
    finally:
        shutil.rmtree(base)


def test_an_index_far_behind_loads_anew(folder: Path, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gezhi.store.rows.contents.KEPT_REMOVALS", 3)
    other = open_sqlite(folder)
    add(store, "keep.txt", "apple")
    assert found(other, "apple") == ["keep.txt"]
    for n in range(8):
        add(store, f"{n}.txt", f"apple {n}")
        if n == 3:
            assert len(found(other, "apple")) == 2
        store.remove([f"{n}.txt"], OWNER)
    assert found(other, "apple") == ["keep.txt"]
    other.close()


def test_the_driver_is_the_one_that_was_checked() -> None:
    assert driver.sqlite_version_info >= (3, 51, 3)
