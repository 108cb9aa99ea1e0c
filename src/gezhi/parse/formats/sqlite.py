"""SQLite databases: a heading and a table for each of their tables. Views and virtual
tables are left out: they run what the file says."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from gezhi.parse.builder import Builder
from gezhi.parse.material import Material
from gezhi.parse.outcomes import Refused

_MOST_CELLS = 20_000_000
_TABLES = """SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rowid"""
_BATCH = 1000


def parse(material: Material, builder: Builder) -> None:
    connection = sqlite3.connect(":memory:")
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    try:
        # Bytes 18 and 19 ask for a log file beside the database, which an upload does not have.
        connection.deserialize(material.data[:18] + b"\x01\x01" + material.data[20:])
        for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON"):
            connection.execute(f"PRAGMA {pragma}")
        names = [str(name) for (name,) in connection.execute(_TABLES)]
        for number, name in enumerate(names, 1):
            _add(connection.cursor(), name, number, builder)
    except sqlite3.DatabaseError as error:
        raise Refused("damaged", detail=f"the database cannot be read ({error})") from error
    finally:
        connection.close()
    builder.page_count = len(names)


def _add(cursor: sqlite3.Cursor, name: str, number: int, builder: Builder) -> None:
    quoted = name.replace('"', '""')
    cursor.execute(f'SELECT * FROM "{quoted}"')
    columns = [str(column[0]) for column in cursor.description]

    def rows() -> Iterator[list[str]]:
        seen = 0
        while batch := cursor.fetchmany(_BATCH):
            seen += len(batch) * len(columns)
            if seen > _MOST_CELLS:
                raise Refused("too_many_cells", detail=f"the table {name}", limit=_MOST_CELLS)
            yield from ([_shown(value) for value in row] for row in batch)

    builder.heading(name, 1, page=number)
    builder.table(columns, rows(), name=name, page=number)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"({len(value):,} bytes)"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
