"""Files that are hard to import, and the way of their tables into the store and out of it."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from gezhi.ingest.ingest import Ingestor
from gezhi.ingest.tables import typed_tables
from gezhi.parse import parse_bytes
from gezhi.store.sql import SqlStore
from gezhi.store.sqlite import open_sqlite
from gezhi.trace import Tracer
from gezhi.types import Filters, NewItem, Parsed, Scope

sys.path.insert(0, str(Path(__file__).parents[4] / "evals"))

from tables.hard import hard_files
from tables.wanted import HardFile, Wanted, WantedTable
from tables_import import compare

FILES = {file.name: file for file in hard_files()}


@pytest.mark.parametrize("name", FILES)
def test_what_is_in_a_hard_file_is_in_its_tables(name: str) -> None:
    document = parse_bytes(FILES[name].data, name).document
    assert document is not None
    tables = typed_tables(document)
    wrong, right = compare(FILES[name], tables)
    assert wrong == []
    assert right == sum(len(table.columns) for table in FILES[name].tables)
    for data in tables:
        for row in data.rows:
            assert all(text in document.text[row.start : row.end] for text in row.texts)


def test_the_comparison_sees_a_wrong_sum_and_a_missing_row() -> None:
    file = FILES["precision.xlsx"]
    document = parse_bytes(file.data, file.name).document
    assert document is not None
    table = file.tables[0]
    column = table.columns[1]
    spoilt = Wanted(column.name, column.type, column.count, (column.sum or 0) + 0.001, column.unit)
    for wanted in (
        WantedTable(table.rows, (table.columns[0], spoilt, table.columns[2])),
        WantedTable(7, table.columns),
    ):
        assert compare(HardFile(file.name, file.data, (wanted,)), typed_tables(document))[0]


class Parser:
    version = "test"

    def parse(self, path: Path, source: str) -> Parsed:
        return parse_bytes(path.read_bytes(), source)


def test_tables_go_into_the_store_with_their_file_and_leave_with_it(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "store")
    assert isinstance(store, SqlStore)
    ingestor = Ingestor(store, Parser(), None, Tracer(lambda _: None, contents=False), worker="test")
    owner = Scope.owner()
    for name in ("two_tables.xlsx", "codes.csv"):
        (tmp_path / name).write_bytes(FILES[name].data)
        item = NewItem(source=name, path=str(tmp_path / name))
        job = store.create_job("add", [item], access=frozenset({"alice"}))
        ingestor.run_job(job.id, lambda _: None, threading.Event())
    found = store.tables(owner, Filters())
    assert [(table.source, table.number, table.row_count) for table in found] == [
        ("codes.csv", 0, 3),
        ("two_tables.xlsx", 0, 3),
        ("two_tables.xlsx", 1, 3),
        ("two_tables.xlsx", 2, 2),
    ]
    assert store.table_values(found[3].id, owner) == [("007", 4), ("012", 9)]
    assert store.tables(Scope(), Filters()) == []
    store.remove(["two_tables.xlsx", "codes.csv"], owner)
    assert store.tables(owner, Filters()) == []
    assert store.traces_of_text("PPR-9087") == {}
    store.close()
