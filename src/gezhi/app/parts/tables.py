"""`app.tables`: the typed tables of the store and of connected databases, as a scope may see them, and queries over
them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gezhi.store.protocol import Store
from gezhi.types import Filters, InvalidInput, NotFound, Scope
from gezhi.types.tables import TypedRow, TypedTable, Value

if TYPE_CHECKING:
    from gezhi.retrieve.tables.connected.databases import Checked, Databases
    from gezhi.retrieve.tables.workspace import QueryResult

MOST_TABLES = 20
"""In one query's workspace, if they are not named."""
_DATABASE = "database:"


class TableReader:
    def __init__(self, store: Store, databases: Databases | None = None) -> None:
        self._store, self._databases = store, databases
        self.unreachable: list[str] = []
        """What was said of databases that could not be reached, when the catalogue was last read."""

    def catalogue(
        self, *, source_prefix: str = "", limit: int | None = None, offset: int = 0, scope: Scope | None = None
    ) -> list[TypedTable]:
        """By source and place in it; those of connected databases last, for the owner alone."""
        who, filters = scope or Scope.owner(), Filters(source_prefix=source_prefix)
        found = self._store.tables(who, filters, limit=limit, offset=offset)
        connected = self._connected(who, filters)
        if not connected:
            return found
        skipped = max(0, offset - len(self._store.tables(who, filters))) if offset else 0
        return found + connected[skipped : None if limit is None else skipped + limit - len(found)]

    def views(self, *, scope: Scope | None = None) -> list[TypedTable]:
        """The store itself as tables: documents, passages, entities, mentions, facts."""
        return self._store.views(scope or Scope.owner())

    def show(
        self, name: str, *, after: int = 0, limit: int = 20, scope: Scope | None = None
    ) -> tuple[TypedTable, list[TypedRow]]:
        """A table by its id or name, with rows numbered above `after`. Raises NotFound; InvalidInput if several have
        the name."""
        who = scope or Scope.owner()
        table = self._named(name, scope)
        if table.id.startswith(_DATABASE) and self._databases is not None:
            return table, self._databases.rows(table, who, after=after, limit=limit)
        if table.is_view:
            values = self._store.view_values(table.id, who)[after : after + limit]
            return table, [_row(number, one) for number, one in enumerate(values, start=after + 1)]
        return table, self._store.table_rows(table.id, who, after=after, limit=limit)

    def query(self, sql: str, *, tables: Sequence[str] = (), scope: Scope | None = None) -> QueryResult:
        """Run one SELECT over some tables (ids, names, or `database:NAME` for all of a database), or over those that
        it names. Raises SqlRefused, SqlFailed, NotFound."""
        from gezhi.retrieve.tables.by_table import ByTable

        chosen = [one for name in tables for one in self._all_named(name, scope)] or self._in_sql(sql, scope)
        return ByTable(self._store, databases=self._databases).workspace(chosen, scope or Scope.owner()).run(sql)

    def check(self, name: str) -> Checked:
        """Connect to a database anew, look at its tables, and try whether it lets itself be written. Raises NotFound,
        ConfigError, DatabaseUnavailable."""
        if self._databases is None:
            raise NotFound("No database is connected.", hint="Name one in the setting `databases`.")
        return self._databases.check(name)

    @property
    def databases(self) -> tuple[str, ...]:
        """Names of the connected ones."""
        return self._databases.names if self._databases is not None else ()

    def _connected(self, who: Scope, filters: Filters) -> list[TypedTable]:
        if self._databases is None:
            return []
        found, self.unreachable = self._databases.tables(who, filters)
        return found

    def _in_sql(self, sql: str, scope: Scope | None) -> list[TypedTable]:
        """The tables whose SQL names stand in the query; where a name is not unique, the table must be given."""
        who = scope or Scope.owner()
        low = sql.casefold()
        found = [table for table in self._store.tables(who, Filters()) if table.key.casefold() in low]
        taken = {table.key.casefold() for table in found}
        if whole := self._database_in_sql(sql, taken, who):
            return whole
        words = set(re.findall(r"\w+", low))
        found += [view for view in self.views(scope=scope) if view.key in words - taken]
        if len(found) > MOST_TABLES:
            raise InvalidInput(f"{len(found)} tables have such names.", hint="Name the tables with --table.")
        if not found:
            raise NotFound(
                " ".join(["No table of this store is named in the query.", *self.unreachable]),
                hint="`gezhi tables list` shows the names.",
            )
        return found

    def _database_in_sql(self, sql: str, of_store: set[str], who: Scope) -> list[TypedTable]:
        """All tables of the one database that has every table of the query; none if there is none."""
        if self._databases is None:
            return []
        from gezhi.retrieve.tables.connected.dialect import tables_in

        connected = self._connected(who, Filters())
        names = tables_in(sql)
        holders = [
            mine
            for database in self._databases.names
            if (mine := [one for one in connected if one.id.startswith(f"{_DATABASE}{database}:")])
            and names <= {one.key.casefold() for one in mine}
        ]
        if not names or not holders:
            return []
        if len(holders) > 1 or names <= of_store:
            raise InvalidInput(
                "Tables of these names stand in more than one place.",
                hint=f"Say which with --table, e.g. --table {holders[0][0].id.rpartition(':')[0]}.",
            )
        return holders[0]

    def _all_named(self, name: str, scope: Scope | None) -> list[TypedTable]:
        """One table; all of a database for `database:NAME`."""
        if name.startswith(_DATABASE) and name.count(":") == 1:
            connected = self._connected(scope or Scope.owner(), Filters())
            if found := [one for one in connected if one.id.startswith(f"{name}:")]:
                return found
        return [self._named(name, scope)]

    def _named(self, name: str, scope: Scope | None) -> TypedTable:
        table = self._store.table(name, scope or Scope.owner())
        if table is not None:
            return table
        low = name.casefold()
        known = self.catalogue(scope=scope)
        found = [one for one in known if one.id == name] or [
            one for one in known if low in (one.key.casefold(), one.name.casefold())
        ]
        found = found or [view for view in self.views(scope=scope) if low in (view.id, view.key)]
        if not found:
            raise NotFound(
                " ".join([f"There is no table {name!r}.", *self.unreachable]),
                hint="`gezhi tables list` shows the tables.",
            )
        if len(found) > 1:
            ids = ", ".join(f"{one.id} ({one.source})" for one in found[:5])
            raise InvalidInput(f"{len(found)} tables are named {name!r}: {ids}.", hint="Give the id of one.")
        return found[0]


def _row(number: int, values: tuple[Value, ...]) -> TypedRow:
    texts = tuple("" if value is None else str(value) for value in values)
    return TypedRow(number=number, values=values, texts=texts, start=0, end=0)
