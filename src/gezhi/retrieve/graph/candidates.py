"""Which passages might answer together: found by the first stage, by a walk from the question's names, and by a second
walk from the best passages' names towards what the question still lacks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gezhi.retrieve.graph.walk import FRONTIER, HUB, NOWHERE, Floats, Spread, look_up, seen_from, walk
from gezhi.store.memory.graph import GraphView
from gezhi.store.protocol import GraphIndex, TermWeights

FROM_FIRST, FROM_WALK, FROM_SECOND = 40, 40, 20
KEPT = 60
"""Of each list, ranks that count."""
SEEDING = 5
"""Passages of the first stage whose names stand in where the question has none."""
BEST = 3
"""Passages that the second walk begins at."""
LOOKED_AT = 2000
"""Passages near the best ones that are weighed for the second walk."""
FIRST_STAGE_SHARE = 0.3
"""Of the first stage's score in the walk's list."""

Ranks = dict[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A ranked list: position -> score scaled to 0 to 1, and rank from 1."""

    scores: Mapping[int, float]
    ranks: Mapping[int, int]

    @classmethod
    def of(cls, scores: Mapping[int, float], keep: int = KEPT) -> Stage:
        return cls.of_spread((np.array(list(scores), np.int64), np.array(list(scores.values()), np.float64)), keep)

    @classmethod
    def of_spread(cls, spread: Spread, keep: int = KEPT) -> Stage:
        """Ties by position: repeatable. Rounded, so that the order in which parts were added up decides nothing."""
        positions, scores = spread[0], np.round(spread[1], 9)
        if positions.size > keep:
            least = np.partition(scores, positions.size - keep)[positions.size - keep]
            positions, scores = positions[scores >= least], scores[scores >= least]
        best = np.lexsort((positions, -scores))[:keep]
        kept = dict(zip(positions[best].tolist(), scores[best].tolist(), strict=True))
        return cls(scores=scaled(kept), ranks={position: rank for rank, position in enumerate(kept, start=1)})

    @property
    def order(self) -> list[int]:
        return list(self.ranks)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """Everything the ranker looks at."""

    view: GraphView
    named: tuple[int, ...]
    """Entities that the question names."""
    first: Stage
    walked: Stage
    second: Stage
    best: tuple[int, ...]
    positions: tuple[int, ...]
    terms: TermWeights
    """Over `positions`."""
    missing: tuple[int, ...]
    """Terms (by number) that the best passage lacks."""
    missing_two: tuple[int, ...]
    """Terms that the best two lack."""


def gather(index: GraphIndex, view: GraphView, question: str, first_scores: Mapping[int, float]) -> Pool:
    first = Stage.of(first_scores)
    named = tuple(view.link(question))
    walked = Stage.of_spread(_walk_scores(view, named, first))
    pool = list(dict.fromkeys([*first.order[:10], *walked.order[:10]]))
    known = index.weigh_terms(question, view, pool)
    covered = _coverage(known)
    merit = {
        position: first.scores.get(position, 0.0) + walked.scores.get(position, 0.0) + float(covered[at])
        for at, position in enumerate(pool)
    }
    best = tuple(sorted(pool, key=lambda position: (-merit[position], position))[:BEST])
    held = [set(np.flatnonzero(known.weights[:, pool.index(position)] > 0).tolist()) for position in best]
    every = range(len(known.terms))
    missing = tuple(term for term in every if not held or term not in held[0])
    missing_two = tuple(term for term in missing if len(held) < 2 or term not in held[1])
    second = Stage.of_spread(_second_walk(index, view, question, named, best, missing), FROM_WALK)
    positions = tuple(
        dict.fromkeys([*first.order[:FROM_FIRST], *walked.order[:FROM_WALK], *second.order[:FROM_SECOND]])
    )
    return Pool(
        view=view,
        named=named,
        first=first,
        walked=walked,
        second=second,
        best=best,
        positions=positions,
        terms=index.weigh_terms(question, view, positions),
        missing=missing,
        missing_two=missing_two,
    )


def _walk_scores(view: GraphView, named: Sequence[int], first: Stage) -> Spread:
    seeds = {entity: float(view.weights[entity]) / math.sqrt(view.frequencies[entity]) for entity in named}
    if not seeds:
        for rank, position in enumerate(first.order[:SEEDING], start=1):
            entities = view.entities_of(position)
            for entity, idf in zip(entities.tolist(), view.weights[entities].tolist(), strict=True):
                seeds[entity] = seeds.get(entity, 0.0) + idf / rank / entities.size
    reached, masses = walk(view, seeds, first.scores)
    scores = _scaled(np.log(masses + 1e-6))
    found = np.array(sorted(first.scores), np.int64)
    shares = np.array([FIRST_STAGE_SHARE * first.scores[position] for position in found.tolist()], np.float64)
    both = np.union1d(reached, found)
    return both, look_up(both, (reached, scores)) + look_up(both, (found, shares))


def _second_walk(
    index: GraphIndex,
    view: GraphView,
    question: str,
    named: Sequence[int],
    best: Sequence[int],
    missing: Sequence[int],
) -> Spread:
    """One step from the names of the best passages, to passages that hold what the best one lacks."""
    weights: dict[int, float] = {}
    for rank, position in enumerate(best, start=1):
        entities = view.entities_of(position)
        for entity, idf in zip(entities.tolist(), view.weights[entities].tolist(), strict=True):
            if entity not in named and 1 < view.frequencies[entity] <= HUB:
                weights[entity] = weights.get(entity, 0.0) + idf / rank
    seeds = np.array(list(weights), np.int64)
    shares = np.array(list(weights.values()), np.float64)
    order = np.lexsort((view.graph.ties(seeds), -np.round(shares, 9)))[:FRONTIER]
    seeds, shares = seeds[order], shares[order] / np.sqrt(view.frequencies[seeds[order]])
    near, owners = seen_from(view, seeds)
    if not near.size:
        return NOWHERE
    positions, first, at = np.unique(near, return_index=True, return_inverse=True)
    looked_at = np.sort(np.argsort(first)[:LOOKED_AT])
    terms = index.weigh_terms(question, view, positions[looked_at].tolist())
    chosen = list(missing) if missing else list(range(len(terms.terms)))
    fit = np.zeros(positions.size)
    fit[looked_at] = _scaled(terms.weights[chosen].sum(axis=0).astype(np.float64))
    reached = np.bincount(at, weights=shares[owners] * (0.1 + fit[at]))
    others = positions != best[0]
    return positions[others], reached[others]


def _scaled(scores: Floats) -> Floats:
    """From 0 for the least to 1 for the most."""
    if not scores.size:
        return scores
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / ((high - low) or 1.0)


def _coverage(terms: TermWeights) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Share of the question's idf that each passage holds."""
    total = float(terms.idf.sum()) or 1.0
    return np.asarray((terms.idf[:, None] * (terms.weights > 0)).sum(axis=0) / total, np.float64)


def scaled(scores: Mapping[int, float]) -> dict[int, float]:
    """From 0 for the least to 1 for the most."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    return {key: (value - low) / ((high - low) or 1.0) for key, value in scores.items()}
