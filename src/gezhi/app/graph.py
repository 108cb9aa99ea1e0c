"""`app.graph`: the entities of the store, as a scope may see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gezhi.retrieve.graph import browse
from gezhi.retrieve.graph.export import export
from gezhi.store.protocol import Store
from gezhi.types import Filters, Scope

if TYPE_CHECKING:
    from gezhi.retrieve.graph.browse import EntityPage, GraphStats, Step
    from gezhi.store.graph import GraphView


class GraphReader:
    def __init__(self, store: Store) -> None:
        self._store = store

    def stats(self, *, limit: int = 20, scope: Scope | None = None) -> GraphStats:
        """How much there is, of which types, and what is named most."""
        return browse.stats(self._view(scope), limit=limit)

    def entity(self, name: str, *, limit: int = 20, scope: Scope | None = None) -> EntityPage:
        """The passages that name it and what is named with it. Raises NotFound."""
        return browse.entity_page(self._view(scope), name, limit=limit)

    def path(self, first: str, second: str, *, scope: Scope | None = None) -> list[Step]:
        """The shortest chain of passages between two entities; empty if there is none. Raises NotFound."""
        return browse.path(self._view(scope), first, second)

    def export(self, form: str, *, scope: Scope | None = None) -> Iterator[str]:
        """Lines of `graphml`, `jsonld` or `cypher`."""
        return export(self._view(scope), form)

    def _view(self, scope: Scope | None) -> GraphView:
        return self._store.graph(scope or Scope.owner(), Filters())
