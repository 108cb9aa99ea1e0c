"""SQLite databases as documents."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gezhi.ingest.tables import typed_tables
from gezhi.parse import parse_bytes
from gezhi.types import Status


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(
        """CREATE TABLE "订单 list" (id INTEGER PRIMARY KEY, 金额 REAL, note TEXT, data BLOB);
        INSERT INTO "订单 list" VALUES (1, 0.30000000000000004, '首单', x'00ff'), (2, -7, NULL, NULL),
            (3, 1e-9, '007', NULL);
        CREATE TABLE empty (a, b);
        CREATE TABLE codes (code TEXT, n INTEGER); INSERT INTO codes VALUES ('007', 123456789012345), ('012', 5);
        CREATE VIEW bomb AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r;"""
    )
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


def test_tables_come_in_exactly(database: Path) -> None:
    document = parse_bytes(database.read_bytes(), "folder/shop.db").document
    assert document is not None
    assert document.media_type == "application/vnd.sqlite3"
    orders, codes = typed_tables(document)
    assert (orders.table.name, orders.table.key, orders.table.primary_key) == ("订单 list", "订单_list", ("id",))
    assert [row.values for row in orders.rows] == [
        (1, 0.30000000000000004, "首单", "(2 bytes)"),
        (2, -7.0, None, None),
        (3, 1e-9, "007", None),
    ]
    assert [row.values for row in codes.rows] == [("007", 123456789012345), ("012", 5)]
    for row in orders.rows:
        assert document.text[row.start : row.end].startswith(row.texts[0])


def test_a_damaged_database_is_refused_by_name(database: Path) -> None:
    data = database.read_bytes()
    for broken in (data[:100], data[:4096], data[:200] + b"\xff" * 4000 + data[4200:]):
        parsed = parse_bytes(broken, "shop.db")
        assert parsed.outcome.status is Status.REFUSED
        assert parsed.outcome.code in ("damaged", "no_text")
