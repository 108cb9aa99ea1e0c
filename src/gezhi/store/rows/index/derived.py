"""The indexes in memory, kept in step with the rows by the store's revision.

They are a cache: dropping them loses nothing. A state is never changed, so searches run without a lock."""

from __future__ import annotations

import threading
from collections.abc import Container
from dataclasses import dataclass, field, replace

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from gezhi.store.memory.catalogue import Catalogue, Mask
from gezhi.store.memory.graph import Graph, GraphView
from gezhi.store.memory.lists import Ints
from gezhi.store.memory.vectors import VectorSpace
from gezhi.store.memory.words import Segment
from gezhi.store.rows.index.graph import LiveGraph
from gezhi.store.rows.index.loading import changed_documents, load_passages, load_vectors
from gezhi.store.rows.meta import read_meta, revision
from gezhi.store.rows.visibility import CHUNK, visible_documents
from gezhi.types import Filters, Scope

MOST_DEAD = 0.2
"""Share of dead positions at which everything is loaded anew."""
FEW_DEAD = 1000
KEPT_VIEWS = 32

View = tuple[Scope, Filters]


@dataclass(frozen=True, slots=True)
class IndexState:
    """Both indexes at one revision of the store."""

    revision: int
    catalogue: Catalogue
    segments: tuple[Segment, ...] = ()
    spaces: dict[str, VectorSpace] = field(default_factory=dict)
    views: dict[View, NDArray[np.int64]] = field(default_factory=dict)
    """Documents that a scope and filters let through, as asked before."""
    masks: dict[View, Mask] = field(default_factory=dict)
    former_masks: dict[View, tuple[Mask, Ints]] = field(default_factory=dict)
    """Masks of earlier states, and the documents that changed since."""
    graphs: list[Graph] = field(default_factory=list)
    """One, once it was asked for."""
    graph_views: dict[View, GraphView] = field(default_factory=dict)
    former: dict[View, tuple[Ints, Ints]] = field(default_factory=dict)
    """Of earlier views of the graph: how often each entity is named, and those for which it may have changed since."""

    @property
    def everything(self) -> bool:
        """Whether no position is dead."""
        return not self.catalogue.dead


class StaleSnapshot(Exception):
    """The indexes are already newer than the connection's snapshot: take a new one."""


class DerivedIndex:
    """Holds the newest state and brings it up to the snapshot of a connection."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._state: IndexState | None = None
        self._live: LiveGraph | None = None

    def at(self, connection: sa.Connection) -> IndexState:
        """The state at the connection's snapshot."""
        wanted = revision(connection)
        state = self._state
        if state is None or state.revision < wanted:
            with self._lock:
                state = self._state
                if state is None or state.revision < wanted:
                    state = self._state = self._refreshed(connection, state, wanted)
        if state.revision > wanted:
            raise StaleSnapshot
        return state

    def space(self, connection: sa.Connection, state: IndexState, embedder: str) -> VectorSpace | None:
        """The vectors of an embedder, loaded on first use; None if it has none."""
        if embedder not in state.spaces:
            with self._lock:
                if embedder not in state.spaces:
                    positions, rows = load_vectors(connection, state.catalogue, embedder)
                    if not positions.size:
                        return None
                    state.spaces[embedder] = VectorSpace.of(positions, rows)
        return state.spaces[embedder]

    def allowed(self, connection: sa.Connection, state: IndexState, scope: Scope, filters: Filters) -> Mask:
        """Positions of living passages that the scope may see and the filters let through."""
        if scope.unrestricted and filters == Filters():
            return state.catalogue.alive
        view = (scope, filters)
        mask = state.masks.get(view)
        if mask is None:
            documents = state.views.get(view)
            if documents is None:
                documents = visible_documents(connection, scope, filters)
            mask = _mask(state.catalogue, documents, state.former_masks.get(view))
            with self._lock:
                if len(state.views) >= KEPT_VIEWS:
                    state.views.clear()
                    state.masks.clear()
                    state.former_masks.clear()
                state.views[view] = documents
                state.masks[view] = mask
        return mask

    def graph(self, connection: sa.Connection, state: IndexState, scope: Scope, filters: Filters) -> GraphView:
        """The graph at the state's revision, built on first use, as the scope may see it."""
        if not state.graphs:
            with self._lock:
                if not state.graphs:
                    live = LiveGraph.load(connection, state.catalogue, state.revision)
                    state.graphs.append(live.graph)
                    if state is self._state:
                        self._live = live
        allowed = self.allowed(connection, state, scope, filters)
        view = state.graph_views.get((scope, filters))
        if view is None:
            view = GraphView.of(
                state.graphs[0],
                allowed,
                state.segments,
                unrestricted=scope.unrestricted and filters == Filters(),
                former=state.former.get((scope, filters)),
            )
            with self._lock:
                if len(state.graph_views) >= KEPT_VIEWS:
                    state.graph_views.clear()
                state.graph_views[scope, filters] = view
        return view

    def compact(self, connection: sa.Connection) -> IndexState:
        """Forget dead passages now."""
        with self._lock:
            state = self.at(connection)
            if not state.everything:
                state = self._state = _loaded(connection, state.revision)
                self._live = None
            return state

    def _refreshed(self, connection: sa.Connection, state: IndexState | None, wanted: int) -> IndexState:
        """The newer state; of a graph that is in use, too."""
        live, self._live = self._live, None
        if state is None or state.revision < int(read_meta(connection, "removals_from") or 0):
            return _loaded(connection, wanted)
        changes = changed_documents(connection, after=state.revision)
        touched, gone = changes.touched, changes.gone
        catalogue = state.catalogue.without(np.array(gone, np.int64))
        if catalogue.dead > max(FEW_DEAD, MOST_DEAD * catalogue.size):
            return _loaded(connection, wanted)
        catalogue, segments = load_passages(connection, catalogue, state.segments, after=state.revision)
        newer = replace(
            state,
            revision=wanted,
            catalogue=catalogue,
            segments=segments,
            spaces=_spaces(connection, state, catalogue, touched),
            views=(views := _views(connection, state, touched, gone)),
            masks={},
            former_masks=_former_masks(state, views, np.array(touched + gone, np.int64)),
            graphs=[],
            graph_views={},
            former={},
        )
        if live is not None and live.revision == state.revision:
            dirty = live.follow(connection, catalogue, wanted, touched=touched, gone=gone)
            if dirty is not None:
                newer.graphs.append(live.graph)
                newer.former.update(_former(state, dirty))
                self._live = live
        return newer


def _loaded(connection: sa.Connection, wanted: int) -> IndexState:
    catalogue, segments = load_passages(connection, Catalogue.empty(), (), after=-1)
    return IndexState(revision=wanted, catalogue=catalogue, segments=segments)


def _spaces(
    connection: sa.Connection, state: IndexState, catalogue: Catalogue, touched: list[int]
) -> dict[str, VectorSpace]:
    spaces = {}
    for embedder, space in state.spaces.items():
        positions, rows = load_vectors(connection, catalogue, embedder, within=touched)
        new = ~np.isin(positions, space.positions)
        spaces[embedder] = space.extended(positions[new], rows[new]) if new.any() else space
    return spaces


def _views(
    connection: sa.Connection, state: IndexState, touched: list[int], gone: list[int]
) -> dict[View, NDArray[np.int64]]:
    views = {}
    if len(touched) + len(gone) <= CHUNK:
        changed = np.array(touched + gone, np.int64)
        for (scope, filters), documents in list(state.views.items()):
            here = visible_documents(connection, scope, filters, within=touched)
            views[scope, filters] = np.union1d(np.setdiff1d(documents, changed), here)
    return views


def _mask(catalogue: Catalogue, documents: Ints, former: tuple[Mask, Ints] | None) -> Mask:
    """Living positions of these documents; only those of changed documents are looked up where a former mask is."""
    if former is None:
        return catalogue.alive & np.isin(catalogue.documents, documents)
    before, changed = former
    mask = catalogue.alive.copy()
    mask[: before.size] &= before
    at = np.flatnonzero(np.isin(catalogue.documents, changed))
    mask[at] = catalogue.alive[at] & np.isin(catalogue.documents[at], documents)
    return mask


def _former_masks(state: IndexState, views: Container[View], changed: Ints) -> dict[View, tuple[Mask, Ints]]:
    former = {view: (mask, np.union1d(before, changed)) for view, (mask, before) in list(state.former_masks.items())}
    former |= {view: (mask, changed) for view, mask in list(state.masks.items())}
    return {view: one for view, one in former.items() if view in views}


def _former(state: IndexState, dirty: Ints) -> dict[View, tuple[Ints, Ints]]:
    """What the next views of the graph can begin from."""
    former = {view: (counts, np.union1d(before, dirty)) for view, (counts, before) in state.former.items()}
    return former | {key: (view.frequencies, dirty) for key, view in list(state.graph_views.items())}
