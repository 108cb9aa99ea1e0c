"""Which tables a question is about, and a workspace with them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Protocol

from gezhi.retrieve.tables.workspace import Limits, Workspace
from gezhi.types import Evidence, Filters, PassageKind, Query, Scope
from gezhi.types.tables import TypedRow, TypedTable, Value

MOST_TABLES = 4
"""In a workspace chosen for a question."""
MOST_ROWS = 1_000_000
"""Of all tables of a workspace together."""
KEPT = 8
"""Workspaces kept for the next question; each is as large as its tables."""


class TableIndex(Protocol):
    def tables(
        self, scope: Scope, filters: Filters, *, limit: int | None = None, offset: int = 0
    ) -> list[TypedTable]: ...
    def table_values(self, table_id: str, scope: Scope, *, totals: bool = False) -> list[tuple[Value, ...]]: ...
    def view_values(self, view_id: str, scope: Scope, *, names: Sequence[str] = ()) -> list[tuple[Value, ...]]: ...
    def table_rows(
        self, table_id: str, scope: Scope, *, after: int = 0, limit: int = 100, totals: bool = False
    ) -> list[TypedRow]: ...
    def terms_of(self, text: str) -> list[str]: ...
    def revision(self) -> int: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    table: TypedTable
    score: float
    """How much of the question its names say, plus how well its rows were found."""


class ByTable:
    def __init__(self, store: TableIndex, limits: Limits | None = None) -> None:
        self._store, self._limits = store, limits or Limits()
        self._spaces: OrderedDict[tuple[int, tuple[str, ...], Scope, bool], Workspace] = OrderedDict()
        self._catalogues: OrderedDict[tuple[int, Scope, Filters], list[TypedTable]] = OrderedDict()
        self._lock = threading.Lock()

    def catalogue(self, scope: Scope, filters: Filters) -> list[TypedTable]:
        """The tables that a scope may see; kept until the store changes."""
        key = (self._store.revision(), scope, filters)
        with self._lock:
            known = self._catalogues.get(key)
        if known is None:
            known = self._store.tables(scope, filters)
            with self._lock:
                self._catalogues[key] = known
                _shorten(self._catalogues, key[0])
        return known

    def candidates(self, query: Query, near: Sequence[Evidence]) -> list[Candidate]:
        """Tables that may answer, the likeliest first; none if nothing points to one. `near`: what words and meaning
        found, best first."""
        catalogue = self.catalogue(query.scope, query.filters)
        if not catalogue:
            return []
        asked = set(self._store.terms_of(query.text))
        found: dict[str, float] = {}
        for rank, one in enumerate(one for one in near if one.passage.kind is PassageKind.TABLE_ROWS):
            found.setdefault(one.passage.document_id, 1 / (1 + rank / 4))
        scored = [
            Candidate(table=table, score=self._named(table, asked) + found.get(table.document_id, 0.0))
            for table in catalogue
        ]
        scored.sort(key=lambda one: (-one.score, one.table.id))
        best = scored[0].score
        return [one for one in scored[:MOST_TABLES] if one.score > 0 and one.score >= best / 2]

    def _named(self, table: TypedTable, asked: set[str]) -> float:
        """Share of the question's words that are names of the table, its document or its columns."""
        columns = " ".join(f"{column.name} {column.key.replace('_', ' ')}" for column in table.columns)
        mine = set(self._store.terms_of(f"{table.name} {table.title} {' '.join(table.headings)} {columns}"))
        return 2 * len(mine & asked) / (len(asked) or 1)

    def workspace(self, tables: Sequence[TypedTable], scope: Scope, *, totals: bool = False) -> Workspace:
        """With these tables, as the scope may see them; kept until the store changes. `totals`: with the totals rows
        where they stand, for questions about cells."""
        key = (self._store.revision(), tuple(table.id for table in tables), scope, totals)
        with self._lock:
            space = self._spaces.get(key)
            if space is not None:
                self._spaces.move_to_end(key)
                return space
        space = Workspace(self._limits)
        left = MOST_ROWS
        for table in unique_keys(tables):
            if table.is_view:
                values = self._store.view_values(table.id, scope)
            else:
                values = self._store.table_values(table.id, scope, totals=totals)
            space.add(table, islice(values, left))
            left -= table.row_count
            if left <= 0:
                break
        with self._lock:
            self._spaces[key] = space
            _shorten(self._spaces, key[0])
        return space

    def rows(self, table: TypedTable, ordinals: Iterable[int], scope: Scope, *, totals: bool = False) -> list[TypedRow]:
        """Rows by their place in the workspace (`rowid`, from 1)."""
        apart = () if totals else sorted(table.quality.totals_rows)
        found = []
        for ordinal in ordinals:
            number = ordinal
            for one in apart:
                number += one <= number
            found += self._store.table_rows(table.id, scope, after=number - 1, limit=1, totals=totals)
        return found


def _shorten(kept: OrderedDict[Any, Any], revision: int) -> None:
    """Forget the oldest of too many, and what belongs to an older revision of the store."""
    while len(kept) > KEPT or next(iter(kept))[0] < revision:
        kept.popitem(last=False)


def unique_keys(tables: Sequence[TypedTable]) -> list[TypedTable]:
    """With names of their own: of two tables named `orders` the second is `orders_2`."""
    taken: set[str] = set()
    named = []
    for table in tables:
        key, number = table.key, 2
        while key.casefold() in taken:
            key, number = f"{table.key}_{number}", number + 1
        taken.add(key.casefold())
        named.append(replace(table, key=key))
    return named
