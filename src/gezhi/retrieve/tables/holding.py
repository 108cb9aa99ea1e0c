"""From an entity of the graph to the rows of tables whose cells are it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from gezhi.retrieve.tables.by_table import TableIndex
from gezhi.store.naming.names import name_key
from gezhi.types import Filters, Scope
from gezhi.types.tables import ColumnType

MOST_TABLES = 40
MOST_ROWS = 500_000
"""Read in all; what lies beyond is not looked at."""
FIRST_ROWS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """Rows of one table whose cell in one column is the entity."""

    table: str
    """Its id."""
    name: str
    """In SQL."""
    column: str
    rows: int
    first: tuple[int, ...]
    """Numbers of the first few, from 1."""
    source: str


def rows_that_hold(store: TableIndex, names: Collection[str], documents: Collection[str], scope: Scope) -> list[Held]:
    """By any of its names, in tables of these documents; most rows first. Totals rows are not counted."""
    keys = {key for name in names if (key := name_key(name))}
    if not documents or not keys:
        return []
    found: list[Held] = []
    left = MOST_ROWS
    for table in store.tables(scope, Filters(documents=frozenset(documents)), limit=MOST_TABLES):
        left -= table.row_count
        texts = [(place, c) for place, c in enumerate(table.columns) if c.type is ColumnType.TEXT]
        if left < 0 or not texts:
            continue
        apart = set(table.quality.totals_rows)
        hits: dict[int, list[int]] = defaultdict(list)
        is_it: dict[str, bool] = {}
        for number, cells in enumerate(store.table_values(table.id, scope, totals=True), start=1):
            for place, _ in texts:
                cell = cells[place]
                if not isinstance(cell, str) or number in apart:
                    continue
                if cell not in is_it:
                    is_it[cell] = name_key(cell) in keys
                if is_it[cell]:
                    hits[place].append(number)
        found += [
            Held(
                table=table.id, name=table.key, column=column.name, rows=len(hits[place]),
                first=tuple(hits[place][:FIRST_ROWS]), source=table.source,
            )
            for place, column in texts if place in hits
        ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.rows, one.source, one.name, one.column))
