"""Which tables a question is about, and a workspace with them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Protocol

from gezhi.retrieve.tables.connected.catalogue import database_of
from gezhi.retrieve.tables.connected.databases import Databases
from gezhi.retrieve.tables.glossary import column_translations, table_translations
from gezhi.retrieve.tables.workspace import Limits, Space, Workspace
from gezhi.store.stop_words import ENGLISH
from gezhi.types import Evidence, Filters, PassageKind, Query, Scope
from gezhi.types.tables import TypedRow, TypedTable, Value

MOST_TABLES = 4
"""In a workspace chosen for a question."""
MOST_ROWS = 1_000_000
"""Of all tables of a workspace together."""
MOST_GROUPS = 2
"""Places where a question is read: the store, a database."""
MOST_WORDS = 20_000
"""Tables whose words are remembered."""
BETWEEN = 2
"""Tables of a database that only join others."""
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
    def __init__(self, store: TableIndex, limits: Limits | None = None, *, databases: Databases | None = None) -> None:
        self._store, self._limits, self._databases = store, limits or Limits(), databases
        self._spaces: OrderedDict[tuple[int, tuple[str, ...], Scope, bool], Workspace] = OrderedDict()
        self._catalogues: OrderedDict[tuple[int, Scope, Filters], list[TypedTable]] = OrderedDict()
        self._words: dict[str, tuple[TypedTable, frozenset[str]]] = {}
        self._lock = threading.Lock()

    def catalogue(self, scope: Scope, filters: Filters) -> list[TypedTable]:
        """The tables that a scope may see, those of connected databases last; kept until the store changes."""
        key = (self._store.revision(), scope, filters)
        with self._lock:
            known = self._catalogues.get(key)
        if known is None:
            known = self._store.tables(scope, filters)
            with self._lock:
                self._catalogues[key] = known
                _shorten(self._catalogues, key[0])
        return known + self._databases.tables(scope, filters)[0] if self._databases is not None else known

    def groups(self, query: Query, near: Sequence[Evidence]) -> list[list[Candidate]]:
        """Tables that may answer, those of the store and those of each database together, for a query can only read
        one of them; the likeliest first. `near`: what words and meaning found, best first."""
        catalogue = self.catalogue(query.scope, query.filters)
        if not catalogue:
            return []
        asked = set(self._store.terms_of(query.text))
        asked = asked - ENGLISH or asked
        found: dict[str, float] = {}
        for rank, one in enumerate(one for one in near if one.passage.kind is PassageKind.TABLE_ROWS):
            found.setdefault(one.passage.document_id, 1 / (1 + rank / 4))
        homes: dict[str, list[Candidate]] = {}
        for table in catalogue:
            home = database_of(table.id)
            # Rows of a database were not searched: there the table's own name has to do.
            also = self._called(table, asked) if home else found.get(table.document_id, 0.0)
            homes.setdefault(home, []).append(Candidate(table=table, score=self._named(table, asked) + also))
        groups = []
        for home, scored in homes.items():
            scored.sort(key=lambda one: (-one.score, one.table.id))
            best = scored[0].score
            chosen = [one for one in scored[:MOST_TABLES] if one.score > 0 and one.score >= best / 2]
            groups.append(chosen + _between(chosen, scored) if home else chosen)
        ranked = sorted(
            (group for group in groups if group),
            key=lambda group: (-group[0].score, -self._called(group[0].table, asked)),
        )
        if not ranked and query.route:  # asked in another language than its names: a small database can be read whole
            return [scored for home, scored in homes.items() if home and len(scored) <= MOST_TABLES][:MOST_GROUPS]
        return [group for group in ranked if group[0].score >= ranked[0][0].score / 2][:MOST_GROUPS]

    def _called(self, table: TypedTable, asked: set[str]) -> float:
        """Share of the table's name that the question says."""
        mine = set(self._store.terms_of(f"{table.name} {table.key.replace('_', ' ')}"))
        return len(mine & asked) / (len(mine) or 1)

    def _named(self, table: TypedTable, asked: set[str]) -> float:
        """Share of the question's words that are names of the table, its document or its columns."""
        known, mine = self._words.get(table.id, (None, frozenset[str]()))
        if known is not table:
            columns = " ".join(f"{column.name} {column.key.replace('_', ' ')}" for column in table.columns)
            said = f"{table.name} {table.title} {' '.join(table.headings)} {columns}"
            others = " ".join(other for column in table.columns for other in column_translations(column.name))
            mine = frozenset(self._store.terms_of(f"{said} {others} {' '.join(table_translations(table.name))}"))
            if len(self._words) > MOST_WORDS:
                self._words.clear()
            self._words[table.id] = (table, mine)
        return 2 * len(mine & asked) / (len(asked) or 1)

    def workspace(self, tables: Sequence[TypedTable], scope: Scope, *, totals: bool = False) -> Space:
        """With these tables, as the scope may see them; kept until the store changes. `totals`: with the totals rows
        where they stand, for questions about cells. Tables of a database are queried there."""
        if self._databases is not None and any(database_of(table.id) for table in tables):
            return self._databases.space(tables, scope)
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


def _between(chosen: Sequence[Candidate], others: Sequence[Candidate]) -> list[Candidate]:
    """Tables that no word names and that join two which are."""
    keys = {one.table.key for one in chosen}
    joining = [one for one in others if one not in chosen and len(keys & {k.table for k in one.table.foreign_keys}) > 1]
    return joining[:BETWEEN]


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
