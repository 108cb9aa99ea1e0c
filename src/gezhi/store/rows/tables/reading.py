"""Typed tables and their rows, as a scope may see them."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from gezhi.store.rows.encoding import strings
from gezhi.store.rows.part import StorePart
from gezhi.store.rows.visibility import narrowed, visible
from gezhi.store.schema import documents, sources, typed_rows, typed_tables
from gezhi.types import Filters, Scope
from gezhi.types.tables import CellIssue, Column, ColumnType, ForeignKey, TableQuality, TypedRow, TypedTable, Value

_BATCH = 20_000
"""Rows decoded at once."""


class TableRows(StorePart):
    def tables(self, scope: Scope, filters: Filters, *, limit: int | None = None, offset: int = 0) -> list[TypedTable]:
        query = _chosen(scope).where(narrowed(filters)).limit(limit).offset(offset)
        with self.database.read() as connection:
            return [_table(row) for row in connection.execute(query)]

    def table(self, table_id: str, scope: Scope) -> TypedTable | None:
        query = _chosen(scope).where(_has_id(table_id))
        with self.database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else _table(row)

    def table_rows(
        self, table_id: str, scope: Scope, *, after: int = 0, limit: int = 100, totals: bool = False
    ) -> list[TypedRow]:
        query = _of(sa.select(typed_rows), table_id, scope).where(typed_rows.c.number > after).limit(limit)
        with self.database.read() as connection:
            if not totals:
                query = query.where(typed_rows.c.number.not_in(_totals(connection, table_id, scope)))
            return [_row(row) for row in connection.execute(query)]

    def table_values(self, table_id: str, scope: Scope, *, totals: bool = False) -> list[tuple[Value, ...]]:
        last = _of(sa.select(sa.func.max(typed_rows.c.number)), table_id, scope).order_by(None)
        values: list[tuple[Value, ...]] = []
        with self.database.read() as connection:
            apart = () if totals else _totals(connection, table_id, scope)
            for first in range(0, connection.scalar(last) or 0, _BATCH):
                here = sa.and_(typed_rows.c.number > first, typed_rows.c.number <= first + _BATCH)
                here = sa.and_(here, typed_rows.c.number.not_in(apart)) if apart else here
                part = _of(sa.select(typed_rows.c.cells), table_id, scope).where(here).subquery()
                # One text from the database and one call for many rows: four times as fast as row by row.
                cells = connection.scalar(sa.select(sa.func.aggregate_strings(part.c.cells, ",")))
                values += map(tuple, json.loads(f"[{cells or ''}]"))
        return values


def _chosen(scope: Scope) -> sa.Select[Any]:
    """Tables of visible documents, each once: under the first of its document's visible sources."""
    return (
        sa.select(typed_tables, documents.c.id, documents.c.title, sa.func.min(sources.c.source).label("source"))
        .join(documents, documents.c.key == typed_tables.c.document)
        .join(sources, sources.c.document == documents.c.key)
        .where(visible(scope))
        .group_by(typed_tables.c.key, documents.c.id, documents.c.title)
        .order_by(sa.text("source"), typed_tables.c.number)
    )


def _of(query: sa.Select[Any], table_id: str, scope: Scope) -> sa.Select[Any]:
    """Rows of one table, in order, if the scope may see it."""
    seen = sa.exists().where(sources.c.document == typed_tables.c.document, visible(scope))
    table = (
        sa.select(typed_tables.c.key)
        .join(documents, documents.c.key == typed_tables.c.document)
        .where(_has_id(table_id), seen)
        .scalar_subquery()
    )
    return query.where(typed_rows.c.table == table).order_by(typed_rows.c.number)


def _totals(connection: sa.Connection, table_id: str, scope: Scope) -> list[int]:
    """Numbers of the rows that add up others."""
    quality = connection.scalar(_chosen(scope).with_only_columns(typed_tables.c.quality).where(_has_id(table_id)))
    return list(json.loads(quality).get("totals_rows", ())) if quality else []


def _has_id(table_id: str) -> sa.ColumnElement[bool]:
    document, _, number = table_id.rpartition(":t")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return sa.false()
    return sa.and_(documents.c.id == document, typed_tables.c.number == int(number))


def _table(row: sa.Row[Any]) -> TypedTable:
    primary, foreign = json.loads(row.keys)
    return TypedTable(
        id=f"{row.id}:t{row.number}",
        document_id=row.id,
        number=row.number,
        name=row.name,
        key=row.sql_name,
        headings=strings(row.headings),
        columns=tuple(
            Column(name=name, key=key, type=ColumnType(kind), unit=unit)
            for name, key, kind, unit in json.loads(row.columns)
        ),
        row_count=row.row_count,
        page=row.page,
        quality=_quality(row.quality),
        primary_key=tuple(primary),
        foreign_keys=tuple(
            ForeignKey(columns=tuple(columns), table=table, target=tuple(target)) for columns, table, target in foreign
        ),
        source=row.source,
        title=row.title,
    )


def _row(row: sa.Row[Any]) -> TypedRow:
    values = json.loads(row.cells)
    texts = json.loads(row.texts) if row.texts else [None] * len(values)
    return TypedRow(
        number=row.number,
        values=tuple(values),
        texts=tuple(
            text if text is not None else "" if value is None else str(value)
            for text, value in zip(texts, values, strict=True)
        ),
        start=row.start,
        end=row.end,
    )


def _quality(text: str) -> TableQuality:
    values = json.loads(text)
    return TableQuality(
        unparsed=tuple(
            CellIssue(row=row, column=column, text=cell) for row, column, cell in values.get("unparsed", ())
        ),
        unparsed_count=values.get("unparsed_count", 0),
        totals_rows=tuple(values.get("totals_rows", ())),
        duplicate_rows=tuple(values.get("duplicate_rows", ())),
        empty_columns=tuple(values.get("empty_columns", ())),
        rows_left_out=values.get("rows_left_out", 0),
        columns_left_out=values.get("columns_left_out", 0),
    )
