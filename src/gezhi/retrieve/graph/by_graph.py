"""From the first stage's list to one that also holds what only the graph leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from gezhi.retrieve.graph.candidates import Pool, Stage, gather
from gezhi.retrieve.graph.facts import one_at_a_time, superseded_by
from gezhi.retrieve.graph.features import Features, features
from gezhi.retrieve.graph.ranker import Floats, order_by, ranker
from gezhi.store.memory.graph import GraphView
from gezhi.store.naming.names import name_key
from gezhi.store.protocol import GraphIndex, Hit
from gezhi.types import Connection, Evidence, Filters, Found, Query, Scope
from gezhi.types.facts import Fact

MOST_CONNECTIONS = 3


MOST_FACTS = 5
"""Of one passage."""
MOST_TOLD = 20
"""Passages that are given their facts."""


class GraphStore(GraphIndex, Protocol):
    def passages(self, passage_ids: Sequence[str], scope: Scope) -> list[Hit]: ...

    def facts(
        self,
        scope: Scope,
        filters: Filters,
        *,
        name: str = "",
        subjects: Sequence[str] = (),
        passage_ids: Sequence[str] = (),
        limit: int = 1000,
    ) -> list[Fact]: ...


class ByGraph:
    """Reorders what words and meaning found, and adds passages that share names with the question or the best of them.

    No model is asked. Works as it is on any store: names are found when documents are added."""

    name = "graph"

    def __init__(self, store: GraphStore) -> None:
        self._store = store

    def extend(self, query: Query, first: Sequence[Evidence], lists: Mapping[str, Sequence[Hit]]) -> list[Evidence]:
        """`first`: the fused list; `lists`: those it was fused from, by retriever. Best first, at least as many as the
        query asks for if there are; whatever of `first` is not among the candidates follows in its order."""
        view = self._store.graph(query.scope, query.filters)
        at = dict(zip(view.positions([one.passage.id for one in first]), first, strict=True))
        at.pop(-1, None)  # removed since the first stage read it
        if not at:
            return list(first)
        pool = gather(self._store, view, query.text, {position: one.score for position, one in at.items()})
        table = features_of(pool, query.text, self.known(query, pool, at, pool.best), lists)
        scores = ranker("words,meaning" if "meaning" in lists else "words").scores(table)
        ordered = self._read(query, pool, at, scores)
        if view.graph.has_facts:
            shown = min(query.limit, MOST_TOLD)
            ordered[:shown] = self._with_facts(query, pool, ordered[:shown])
        if len(ordered) >= query.limit:
            return ordered
        lowest = min((one.score for one in ordered), default=0.0)
        candidates = set(pool.positions)
        rest = [one for position, one in at.items() if position not in candidates]
        return ordered + [replace(one, score=lowest - rank) for rank, one in enumerate(rest, start=1)]

    def _read(self, query: Query, pool: Pool, first: Mapping[int, Evidence], scores: Floats) -> list[Evidence]:
        """The best candidates as evidence, as many as are asked for; some may be gone from the store by now."""
        ordered: list[Evidence] = []
        order = order_by(scores, pool.positions)
        while order and len(ordered) < query.limit:
            batch, order = order[: query.limit], order[query.limit :]
            known = self.known(query, pool, first, [pool.positions[index] for index in batch])
            for index in batch:
                position = pool.positions[index]
                if position in known:
                    ordered.append(_evidence(pool, position, known[position], float(scores[index])))
        return ordered

    def _with_facts(self, query: Query, pool: Pool, found: Sequence[Evidence]) -> list[Evidence]:
        """With what the passages state about the names that lead to them, marked where newer documents disagree."""
        ids = [one.passage.id for one in found]
        stated = self._store.facts(query.scope, query.filters, passage_ids=ids)
        subjects = sorted({fact.subject for fact in stated if one_at_a_time(fact.predicate)})
        rivals = self._store.facts(query.scope, query.filters, subjects=subjects) if subjects else []
        stated = superseded_by(stated, rivals)
        asked = {pool.view.graph.names[entity] for entity in pool.named}
        told = []
        for one in found:
            names = asked | {name_key(connection.entity) for connection in one.connections}
            mine = [
                fact
                for fact in stated
                if one.passage.id in fact.passages and names & {name_key(fact.subject), name_key(fact.object)}
            ]
            told.append(replace(one, facts=tuple(mine[:MOST_FACTS])))
        return told

    def known(
        self, query: Query, pool: Pool, first: Mapping[int, Evidence], positions: Sequence[int] | None = None
    ) -> dict[int, Evidence]:
        """Candidates as evidence, all or these; those that the first stage lacks are read from the store."""
        wanted = (*pool.positions, *pool.best) if positions is None else positions
        found = {position: first[position] for position in wanted if position in first}
        new = [position for position in wanted if position not in found]
        ids = {pool.view.graph.passage_id(position): position for position in new}
        for hit in self._store.passages(list(ids), query.scope):
            found[ids[hit.passage.id]] = Evidence(
                passage=hit.passage,
                source=hit.source,
                title=hit.title,
                revision=hit.revision,
                score=0.0,
                found_by=(),
            )
        return found


def features_of(
    pool: Pool, question: str, known: Mapping[int, Evidence], lists: Mapping[str, Sequence[Hit]]
) -> Features:
    """What the ranker looks at; also for fitting it."""
    texts = {
        position: f"{known[position].title}\n{known[position].passage.text}"
        for position in pool.best
        if position in known
    }
    return features(
        pool, question, texts, _stage(pool.view, lists.get("words")), _stage(pool.view, lists.get("meaning"))
    )


def _stage(view: GraphView, hits: Sequence[Hit] | None) -> Stage | None:
    if not hits:
        return None
    positions = view.positions([hit.passage.id for hit in hits])
    return Stage.of({position: hit.score for position, hit in zip(positions, hits, strict=True) if position >= 0})


def _evidence(pool: Pool, position: int, one: Evidence, score: float) -> Evidence:
    ranks = [stage.ranks[position] for stage in (pool.walked, pool.second) if position in stage.ranks]
    found = Found(retriever=ByGraph.name, rank=min(ranks), score=score) if ranks else None
    return replace(
        one,
        score=score,
        found_by=(*one.found_by, *([found] if found else [])),
        connections=_connections(pool, position) if found else (),
    )


def _connections(pool: Pool, position: int) -> tuple[Connection, ...]:
    """The rarest names it shares with the question and with the best passages."""
    view = pool.view
    mine = set(view.entities_of(position).tolist())
    found: dict[int, str] = {}
    for other in pool.best:
        if other != position:
            for entity in mine & set(view.entities_of(other).tolist()):
                found.setdefault(entity, view.graph.passage_id(other))
    found |= dict.fromkeys(mine & set(pool.named), "")
    rarest = sorted(found, key=lambda entity: (-float(view.weights[entity]), view.graph.names[entity]))
    return tuple(
        Connection(entity=view.graph.labels[entity], passage_id=found[entity]) for entity in rarest[:MOST_CONNECTIONS]
    )
