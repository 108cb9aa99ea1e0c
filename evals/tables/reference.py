"""What the tables of a file hold, read without any of Gezhi's code: by zip, XML, HTML and csv of the standard library
and by markdown-it. A PDF states no tables: of those only prints of a sheet that lies beside them are compared."""

from __future__ import annotations

import csv
import datetime as dt
import io
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

Cell = str | int | float | bool | dt.date | dt.timedelta | None


UNREAD = "\ufffc"
"""Stands for what a cell holds where that can be written in several ways, a formula: that there is something counts."""


@dataclass
class Grid:
    """A sheet, or a table of a document, cell by cell. A cell merged downwards stands in each of its rows; one merged
    across stands in each of its columns in documents, and once, at its left, in sheets."""

    name: str
    rows: list[list[Cell]]
    sheet: bool = True
    layout: str = ""
    """Why it is no table of data, where the file's own marks say so."""


def reader_of(path: Path) -> Callable[[Path], Iterator[Grid]] | None:
    """None where nothing but our own parser says what the file's tables are."""
    if path.suffix.lower() == ".pdf":
        sheet = path.with_suffix("")  # budget.ods.pdf was printed from budget.ods
        return read_print if sheet.suffix in (".ods", ".xlsx") and sheet.is_file() else None
    return readers().get(path.suffix.lower())


def readers() -> dict[str, Callable[[Path], Iterator[Grid]]]:
    """By the ending of a file's name."""
    from tables.reference_documents import read_docx, read_html, read_markdown, read_odf, read_pptx
    from tables.reference_sheets import read_ods, read_xlsx

    return {
        **dict.fromkeys((".csv", ".tsv"), read_delimited),
        **dict.fromkeys((".xlsx", ".xlsm"), read_xlsx),
        **dict.fromkeys((".html", ".htm"), read_html),
        **dict.fromkeys((".odt", ".odp"), read_odf),
        ".ods": read_ods,
        ".sqlite": read_sqlite,
        ".docx": read_docx,
        ".pptx": read_pptx,
        ".md": read_markdown,
    }


def read_print(path: Path) -> Iterator[Grid]:
    sheet = path.with_suffix("")
    return readers()[sheet.suffix](sheet)


def read_delimited(path: Path) -> Iterator[Grid]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_bytes().decode("gb18030")
    head = text.partition("\n")[0]
    delimiter = "\t" if path.suffix.lower() == ".tsv" else max(",;\t|", key=head.count)  # as the names are parted
    yield Grid(path.stem, [[*row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)])


def read_sqlite(path: Path) -> Iterator[Grid]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
        for (name,) in names:
            cursor = connection.execute('SELECT * FROM "{}"'.format(name.replace('"', '""')))
            yield Grid(name, [[column[0] for column in cursor.description], *map(list, cursor)])


@dataclass(frozen=True)
class Span:
    """A cell as the file states it, before it is laid out."""

    value: Cell
    rows: int = 1
    columns: int = 1


def laid_out(lines: Sequence[Sequence[Span]]) -> list[list[Cell]]:
    """Each cell in all the places it covers."""
    places: dict[tuple[int, int], Cell] = {}
    for at, line in enumerate(lines):
        column = 0
        for cell in line:
            while (at, column) in places:
                column += 1
            for down in range(cell.rows):
                for across in range(cell.columns):
                    places.setdefault((at + down, column + across), cell.value)
            column += cell.columns
    width = max((column for _, column in places), default=-1) + 1
    return [[places.get((row, column)) for column in range(width)] for row in range(len(lines))]
