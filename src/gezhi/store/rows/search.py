"""Search by words and by meaning, and passages by their ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa

from gezhi.store.analyse import squeeze, term_keys
from gezhi.store.memory.graph import GraphView
from gezhi.store.memory.vectors import unit
from gezhi.store.memory.words import (
    document_frequencies,
    inverse_frequency,
    positions_with_all,
    term_weights,
    word_scores,
)
from gezhi.store.protocol import Hit, TermWeights, Vectors, WordSignals
from gezhi.store.rows.encoding import strings
from gezhi.store.rows.index.derived import IndexState, StaleSnapshot
from gezhi.store.rows.part import StorePart
from gezhi.store.rows.visibility import chunks, narrowed, visible
from gezhi.store.schema import documents, passages, sources
from gezhi.types import Filters, Passage, PassageKind, Scope, StoreBusy, StoreError

T = TypeVar("T")

ATTEMPTS = 50
PHRASE_CANDIDATES = 200
"""Passages looked through for a phrase: the best of those that have all its terms."""
Found = Sequence[tuple[int, float]]
"""Positions and scores, best first."""

_PRIOR = 200
"""Passages without the term, imagined beside the stored ones when a question's words are weighed: in a store of three
passages a word that one of them holds is not common."""


class SearchRows(StorePart):
    def search_words(self, text: str, scope: Scope, filters: Filters, limit: int) -> list[Hit]:
        keys = term_keys(sorted(self.analyser.query_terms(text))).tolist()
        phrase = self.analyser.phrase(text) if limit > 0 else ""

        def found(connection: sa.Connection, state: IndexState) -> Found:
            allowed = self.index.allowed(connection, state, scope, filters)
            counted = self.index.allowed(connection, state, scope, Filters())
            everything = state.everything and scope.unrestricted
            scores = word_scores(state.segments, state.catalogue, keys, None if everything else counted)
            positions = np.flatnonzero(allowed & (scores > 0))
            best = state.catalogue.best(positions, scores[positions], limit)
            if phrase:
                full = positions_with_all(state.segments, keys)
                full = full[allowed[full]]
                likely = state.catalogue.best(full, scores[full], PHRASE_CANDIDATES)
                union = np.array(sorted({position for position, _ in best + likely}), np.int64)
                best = state.catalogue.best(union, scores[union], union.size)
            return best

        hits = self._hits(found, scope, filters) if keys else []
        return _phrase_first(hits, phrase)[:limit] if phrase else hits

    def search_meaning(self, vector: Vectors, embedder: str, scope: Scope, filters: Filters, limit: int) -> list[Hit]:
        direction = unit(vector)

        def found(connection: sa.Connection, state: IndexState) -> Found:
            space = self.index.space(connection, state, embedder)
            if space is None:
                return []
            if space.dimension != direction.size:
                raise StoreError(
                    f"The question's vector has {direction.size} dimensions, those of {embedder} in the store"
                    f" {space.dimension}.",
                    hint="The embedder is another model than the documents were added with; add them again.",
                )
            allowed = self.index.allowed(connection, state, scope, filters)
            return space.search(direction, state.catalogue, allowed, limit)

        return self._hits(found, scope, filters)

    def word_signals(self, text: str) -> WordSignals:
        terms = self.analyser.query_terms(text)
        keys = term_keys(terms).tolist()

        def signals(connection: sa.Connection) -> WordSignals:
            state = self.index.at(connection)
            alive = None if state.everything else state.catalogue.alive
            count = state.catalogue.size - state.catalogue.dead
            frequencies = document_frequencies(state.segments, alive, keys)
            weighed = [
                (term, inverse_frequency(count + _PRIOR, frequency))
                for term, frequency in zip(terms, frequencies, strict=True)
            ]
            weighed.sort(key=lambda pair: (-pair[1], pair[0]))
            return WordSignals(terms=tuple(t for t, _ in weighed), idf=tuple(i for _, i in weighed))

        return self._on_snapshot(signals)

    def graph(self, scope: Scope, filters: Filters) -> GraphView:
        def view(connection: sa.Connection) -> GraphView:
            state = self.index.at(connection)
            return self.index.graph(connection, state, scope, filters)

        return self._on_snapshot(view)

    def weigh_terms(self, question: str, view: GraphView, positions: Sequence[int]) -> TermWeights:
        terms = self.analyser.query_terms(question)
        everything = not view.graph.catalogue.dead and view.size == view.graph.catalogue.size
        idf, weights = term_weights(
            view.segments,
            view.graph.catalogue,
            term_keys(terms).tolist(),
            None if everything else view.allowed,
            np.array(positions, np.int64),
        )
        return TermWeights(terms=tuple(terms), idf=idf, weights=weights)

    def terms_of(self, text: str) -> list[str]:
        return self.analyser.terms(text)

    def passages(self, passage_ids: Sequence[str], scope: Scope) -> list[Hit]:
        wanted: dict[str, set[int]] = {}
        for passage_id in passage_ids:
            document, _, ordinal = passage_id.rpartition(":")
            if ordinal.isascii() and ordinal.isdigit() and len(ordinal) < 10:
                wanted.setdefault(document, set()).add(int(ordinal))
        hits: dict[str, Hit] = {}
        ordinals = sorted({ordinal for some in wanted.values() for ordinal in some})
        with self.database.read() as connection:
            for part in chunks(list(wanted)):
                for some in chunks(ordinals):
                    condition = sa.and_(documents.c.id.in_(part), passages.c.ordinal.in_(some))
                    for row in _rows(connection, condition, scope, Filters()):
                        if row.ordinal in wanted[row.id]:
                            hit = _hit(row, 0.0)
                            hits.setdefault(hit.passage.id, hit)
        return [hits[passage_id] for passage_id in passage_ids if passage_id in hits]

    def _hits(self, found: Callable[[sa.Connection, IndexState], Found], scope: Scope, filters: Filters) -> list[Hit]:
        """Search the index at a snapshot and read the passages found at the same snapshot."""

        def hits(connection: sa.Connection) -> list[Hit]:
            state = self.index.at(connection)
            best = found(connection, state)
            keys = [int(state.catalogue.keys[position]) for position, _ in best]
            rows: dict[int, Any] = {}
            for chunk in chunks(keys):
                for row in _rows(connection, passages.c.key.in_(chunk), scope, filters):
                    rows.setdefault(row.key, row)
            return [_hit(rows[key], score) for key, (_, score) in zip(keys, best, strict=True) if key in rows]

        return self._on_snapshot(hits)

    def _on_snapshot(self, read: Callable[[sa.Connection], T]) -> T:
        for _ in range(ATTEMPTS):
            try:
                with self.database.read() as connection:
                    return read(connection)
            except StaleSnapshot:
                continue
        raise StoreBusy("The store changes faster than it can be searched.", hint="Try again in a moment.")


def _rows(
    connection: sa.Connection, condition: sa.ColumnElement[bool], scope: Scope, filters: Filters
) -> Sequence[sa.Row[Any]]:
    """Passages with the sources that show them; the first source of a passage is the one to name."""
    query = (
        sa.select(passages, documents.c.id, documents.c.title, sources.c.source, sources.c.revision)
        .join(documents, documents.c.key == passages.c.document)
        .join(sources, sources.c.document == documents.c.key)
        .where(condition, visible(scope), narrowed(filters))
        .order_by(sources.c.source)
    )
    return connection.execute(query).all()


def _phrase_first(hits: list[Hit], phrase: str) -> list[Hit]:
    """Passages that say the phrase as one, before those that say all its parts."""
    if not hits:
        return []
    lift = hits[0].score

    def lifted(hit: Hit) -> Hit:
        said = phrase in squeeze(f"{hit.title} {' '.join(hit.passage.headings)} {hit.passage.text}")
        return replace(hit, score=hit.score + lift) if said else hit

    return sorted((lifted(hit) for hit in hits), key=lambda hit: -hit.score)


def _hit(row: sa.Row[Any], score: float) -> Hit:
    passage = Passage(
        document_id=row.id,
        ordinal=row.ordinal,
        start=row.start,
        end=row.end,
        text=row.text,
        headings=strings(row.headings),
        kind=PassageKind(row.kind),
        page=row.page,
        table_header=strings(row.table_header),
    )
    return Hit(passage=passage, source=row.source, title=row.title, revision=row.revision, score=score)
