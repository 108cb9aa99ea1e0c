"""Typed tables and their rows, written; callers hold the write transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gezhi.store.rows.encoding import dump, dump_strings
from gezhi.store.rows.meta import inserted_key
from gezhi.store.schema import typed_rows, typed_tables
from gezhi.types.tables import TableData, TableQuality, TypedRow

_BATCH = 5000
"""Rows written at once."""


@dataclass(frozen=True, slots=True)
class PreparedTable:
    """A table made ready outside the transaction."""

    columns: dict[str, Any]
    rows: list[dict[str, Any]]


def prepare_table(data: TableData) -> PreparedTable:
    table = data.table
    columns = {
        "number": table.number,
        "name": table.name,
        "sql_name": table.key,
        "headings": dump_strings(table.headings),
        "columns": dump([[column.name, column.key, column.type.value, column.unit] for column in table.columns]),
        "row_count": table.row_count,
        "page": table.page,
        "quality": _dump_quality(table.quality),
        "keys": dump([table.primary_key, [[one.columns, one.table, one.target] for one in table.foreign_keys]]),
    }
    rows = [
        {
            "number": row.number,
            "cells": dump(row.values),
            "texts": _dump_texts(row),
            "start": row.start,
            "end": row.end,
        }
        for row in (*data.rows, *data.totals)
    ]
    return PreparedTable(columns, rows)


def replace_tables(connection: sa.Connection, document: int, tables: Sequence[PreparedTable]) -> None:
    """Let a document have these tables and no others; callers hold the write transaction."""
    connection.execute(sa.delete(typed_tables).where(typed_tables.c.document == document))
    for table in tables:
        result = connection.execute(sa.insert(typed_tables).values(document=document, **table.columns))
        key = inserted_key(result)
        for first in range(0, len(table.rows), _BATCH):
            batch = [{"table": key, **row} for row in table.rows[first : first + _BATCH]]
            connection.execute(sa.insert(typed_rows), batch)


def _dump_texts(row: TypedRow) -> str:
    texts = [
        None if text == ("" if value is None else str(value)) else text
        for text, value in zip(row.texts, row.values, strict=True)
    ]
    return dump(texts) if any(text is not None for text in texts) else ""


def _dump_quality(quality: TableQuality) -> str:
    values = {
        "unparsed": [[issue.row, issue.column, issue.text] for issue in quality.unparsed],
        "unparsed_count": quality.unparsed_count,
        "totals_rows": quality.totals_rows,
        "duplicate_rows": quality.duplicate_rows,
        "empty_columns": quality.empty_columns,
        "rows_left_out": quality.rows_left_out,
        "columns_left_out": quality.columns_left_out,
    }
    return dump({name: value for name, value in values.items() if value})
