"""Gated propagation from entities to passages and back, with work that does not grow with the graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from gezhi.store.graph import GraphView, Ints

HUB = 200
"""An entity that more passages name tells nothing; it is not followed."""
STEPS = 4
RESTART = 0.5
"""Share of each step that goes back to the seeds."""
LEAK = 0.1
"""What passes through a passage that the first stage did not find at all."""
FRONTIER = 300
"""Entities, and passages, followed in a step: the heaviest."""

Floats = NDArray[np.float64]
Masses = dict[int, float]


def walk(view: GraphView, seeds: Mapping[int, float], gate: Mapping[int, float]) -> Masses:
    """Where a walk from the seed entities is found after some steps: position -> mass.

    `gate`: position -> 0 to 1, how well it fits the question; what fits badly passes little on."""
    total = sum(seeds.values())
    if not total:
        return {}
    start = {entity: weight / total for entity, weight in seeds.items()}
    entities: Masses = dict(start)
    passages: Masses = {}
    for _ in range(STEPS):
        gated = {position: mass * (LEAK + gate.get(position, 0.0)) for position, mass in passages.items()}
        to_passages = _spread(entities, lambda entity: _followed(view, entity))
        to_entities = _spread(gated, lambda position: _weighed(view, position))
        moved = sum(to_passages.values()) + sum(to_entities.values())
        if not moved:
            break
        passages = {position: RESTART * mass / moved for position, mass in to_passages.items()}
        entities = {entity: (1 - RESTART) * mass for entity, mass in start.items()}
        for entity, mass in to_entities.items():
            entities[entity] = entities.get(entity, 0.0) + RESTART * mass / moved
    return passages


def _followed(view: GraphView, entity: int) -> tuple[Ints, Floats]:
    """The passages that name it, each with an equal share."""
    if not 0 < view.frequencies[entity] <= HUB:
        return _NOTHING
    passages = view.passages_of(entity)
    return passages, np.full(passages.size, 1 / passages.size)


def _weighed(view: GraphView, position: int) -> tuple[Ints, Floats]:
    """The entities it names, the rare ones with more."""
    entities = view.entities_of(position)
    entities = entities[view.frequencies[entities] <= HUB]
    weights = view.idf(entities)
    return (entities, weights / weights.sum()) if entities.size else _NOTHING


_NOTHING = (np.empty(0, np.int64), np.empty(0, np.float64))


def _spread(masses: Masses, onto: Callable[[int], tuple[Ints, Floats]]) -> Masses:
    heaviest = sorted(masses.items(), key=lambda pair: (-pair[1], pair[0]))[:FRONTIER]
    reached = [(targets, shares * mass) for node, mass in heaviest for targets, shares in [onto(node)] if targets.size]
    if not reached:
        return {}
    targets, places = np.unique(np.concatenate([t for t, _ in reached]), return_inverse=True)
    sums = np.bincount(places, weights=np.concatenate([s for _, s in reached]))
    return dict(zip(targets.tolist(), sums.tolist(), strict=True))
