"""The comparison of imported tables with an independent reader's sees what is wrong with them."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gezhi.ingest.tables import typed_tables
from gezhi.parse import parse_bytes
from gezhi.types import Document
from gezhi.types.tables import TableData

sys.path.insert(0, str(Path(__file__).parents[3] / "evals"))

from tables.account import account, as_number
from tables.reference import Grid, reader_of

PAGE = """<table><tr><th>Item<th>Cost ($)<th>Note<tr><td>Steel<td>1,200.50<td>paid
<tr><td>Labour<td>(40)<td>-<tr><td>Total<td>1,160.50<td></table>"""


def imported(path: Path, page: str = PAGE) -> tuple[Document, list[TableData], list[Grid]]:
    path.write_text(page, "utf-8")
    document = parse_bytes(path.read_bytes(), path.name).document
    assert document is not None
    reader = reader_of(path)
    assert reader is not None
    return document, typed_tables(document), list(reader(path))


def test_what_was_compared_is_counted(tmp_path: Path) -> None:
    done = account(*imported(tmp_path / "a.html"), "a")
    assert done.wrong == []
    assert (done.tables, done.rows, done.columns, done.numeric_columns, done.totals_rows) == (1, 2, 3, 1, 1)
    assert (done.cells, done.header_cells) == (5, 3)  # `-` says nothing


def test_a_wrong_number_a_missing_value_and_a_missing_row_are_seen(tmp_path: Path) -> None:
    document, (data,), given = imported(tmp_path / "a.html")
    row = data.rows[0]

    def wrong(**changed: object) -> str:
        return " ".join(account(document, [replace(data, **changed)], given, "a").wrong)  # type: ignore[arg-type]

    assert "sum" in wrong(rows=(replace(row, values=("Steel", 1200.0, "paid")), data.rows[1]))
    assert "not read" in wrong(rows=(replace(row, values=("Steel", None, "paid")), data.rows[1]))
    assert "are missing" in wrong(rows=(replace(row, values=(None, 1200.5, "paid")), data.rows[1]))
    assert "in no table" in wrong(rows=data.rows[:1], totals=())
    assert "stands nowhere" in wrong(rows=(replace(row, texts=("Steel", "1,200.51", "paid")), data.rows[1]))
    assert "is no total" in wrong(rows=data.rows[:1], totals=(data.rows[1], *data.totals))


def test_a_table_that_was_not_imported_is_seen(tmp_path: Path) -> None:
    document, _, given = imported(tmp_path / "a.html")
    wrong = account(document, [], given, "a").wrong
    assert any("no table was made of it" in one for one in wrong)
    assert any("the numbers of a row are in no table" in one for one in wrong)


def test_a_cell_that_was_lost_is_seen(tmp_path: Path) -> None:
    document, tables, given = imported(tmp_path / "a.html")
    given[0].rows.insert(0, ["A title that nobody kept", None, None])
    assert [one for one in account(document, tables, given, "a").wrong if "nowhere in the document" in one]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,234.5", 1234.5),
        ("(12)%", -12),
        ("−$5", -5),
        ("$-5", -5),
        (".5", 0.5),
        (True, None),
        ("12A", None),
        ("", None),
    ],
)
def test_numbers_are_read_without_our_own_reader(cell: str | bool, number: float | None) -> None:
    assert as_number(cell) == number
