"""`app.tables`: the typed tables of the store, as a scope may see them, and queries over them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gezhi.store.protocol import Store
from gezhi.types import Filters, InvalidInput, NotFound, Scope
from gezhi.types.tables import TypedRow, TypedTable, Value

if TYPE_CHECKING:
    from gezhi.retrieve.tables.workspace import QueryResult

MOST_TABLES = 20
"""In one query's workspace, if they are not named."""


class TableReader:
    def __init__(self, store: Store) -> None:
        self._store = store

    def catalogue(
        self, *, source_prefix: str = "", limit: int | None = None, offset: int = 0, scope: Scope | None = None
    ) -> list[TypedTable]:
        """By source and place in it."""
        filters = Filters(source_prefix=source_prefix)
        return self._store.tables(scope or Scope.owner(), filters, limit=limit, offset=offset)

    def views(self, *, scope: Scope | None = None) -> list[TypedTable]:
        """The store itself as tables: documents, passages, entities, mentions, facts."""
        return self._store.views(scope or Scope.owner())

    def show(
        self, name: str, *, after: int = 0, limit: int = 20, scope: Scope | None = None
    ) -> tuple[TypedTable, list[TypedRow]]:
        """A table by its id or name, with rows numbered above `after`. Raises NotFound; InvalidInput if several have
        the name."""
        table = self._named(name, scope)
        if table.is_view:
            values = self._store.view_values(table.id, scope or Scope.owner())[after : after + limit]
            return table, [_row(number, one) for number, one in enumerate(values, start=after + 1)]
        return table, self._store.table_rows(table.id, scope or Scope.owner(), after=after, limit=limit)

    def query(self, sql: str, *, tables: Sequence[str] = (), scope: Scope | None = None) -> QueryResult:
        """Run one SELECT over some tables (ids or names), or over all if they are few. Raises SqlRefused, SqlFailed,
        NotFound."""
        from gezhi.retrieve.tables.by_table import ByTable

        chosen = [self._named(name, scope) for name in tables] or self._in_sql(sql, scope)
        return ByTable(self._store).workspace(chosen, scope or Scope.owner()).run(sql)

    def _in_sql(self, sql: str, scope: Scope | None) -> list[TypedTable]:
        """The tables whose SQL names stand in the query; where a name is not unique, the table must be given."""
        low = sql.casefold()
        found = [table for table in self.catalogue(scope=scope) if table.key.casefold() in low]
        taken = {table.key.casefold() for table in found}
        words = set(re.findall(r"\w+", low))
        found += [view for view in self.views(scope=scope) if view.key in words - taken]
        if len(found) > MOST_TABLES:
            raise InvalidInput(f"{len(found)} tables have such names.", hint="Name the tables with --table.")
        if not found:
            raise NotFound("No table of this store is named in the query.", hint="`gezhi tables list` shows the names.")
        return found

    def _named(self, name: str, scope: Scope | None) -> TypedTable:
        table = self._store.table(name, scope or Scope.owner())
        if table is not None:
            return table
        low = name.casefold()
        found = [one for one in self.catalogue(scope=scope) if low in (one.key.casefold(), one.name.casefold())]
        found = found or [view for view in self.views(scope=scope) if low in (view.id, view.key)]
        if not found:
            raise NotFound(f"There is no table {name!r}.", hint="`gezhi tables list` shows the tables.")
        if len(found) > 1:
            ids = ", ".join(f"{one.id} ({one.source})" for one in found[:5])
            raise InvalidInput(f"{len(found)} tables are named {name!r}: {ids}.", hint="Give the id of one.")
        return found[0]


def _row(number: int, values: tuple[Value, ...]) -> TypedRow:
    texts = tuple("" if value is None else str(value) for value in values)
    return TypedRow(number=number, values=values, texts=texts, start=0, end=0)
