"""Gated propagation from entities to passages and back, with work that does not grow with the graph."""

from __future__ import annotations

from collections.abc import Mapping

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
Spread = tuple[Ints, Floats]
"""Nodes, ascending, and the mass on each."""
_NOWHERE: Spread = (np.empty(0, np.int64), np.empty(0, np.float64))


def walk(view: GraphView, seeds: Mapping[int, float], gate: Mapping[int, float]) -> dict[int, float]:
    """Where a walk from the seed entities is found after some steps: position -> mass.

    `gate`: position -> 0 to 1, how well it fits the question; what fits badly passes little on."""
    total = sum(seeds.values())
    if not total:
        return {}
    start = _spread(np.array(list(seeds), np.int64), np.array(list(seeds.values())) / total)
    entities, passages = start, _NOWHERE
    for _ in range(STEPS):
        to_passages = _follow(view, entities)
        to_entities = _return(view, passages, gate)
        moved = float(to_passages[1].sum() + to_entities[1].sum())
        if not moved:
            break
        passages = to_passages[0], RESTART * to_passages[1] / moved
        entities = _spread(
            np.concatenate([start[0], to_entities[0]]),
            np.concatenate([(1 - RESTART) * start[1], RESTART * to_entities[1] / moved]),
        )
    return dict(zip(passages[0].tolist(), passages[1].tolist(), strict=True))


def _follow(view: GraphView, entities: Spread) -> Spread:
    """From entities to the passages that name them, each with an equal share."""
    nodes, masses = _heaviest(entities)
    frequencies = view.frequencies[nodes]
    kept = (frequencies > 0) & (frequencies <= HUB)
    nodes, shares = nodes[kept], masses[kept] / frequencies[kept]
    positions, owners = view.graph.passages.gather(nodes)
    seen = view.allowed[positions]
    return _spread(positions[seen], shares[owners[seen]])


def _return(view: GraphView, passages: Spread, gate: Mapping[int, float]) -> Spread:
    """From passages to the entities they name, the rare ones with more."""
    gates = np.array([LEAK + gate.get(position, 0.0) for position in passages[0].tolist()])
    nodes, masses = _heaviest((passages[0], passages[1] * gates) if gates.size else passages)
    entities, owners = view.graph.entities.gather(nodes)
    frequencies = view.frequencies[entities]
    kept = (frequencies > 0) & (frequencies <= HUB)
    entities, owners = entities[kept], owners[kept]
    weights = view.weights[entities]
    totals = np.bincount(owners, weights=weights, minlength=nodes.size)
    return _spread(entities, masses[owners] * weights / totals[owners])


def _heaviest(spread: Spread) -> Spread:
    nodes, masses = spread
    if nodes.size <= FRONTIER:
        return spread
    chosen = np.lexsort((nodes, -masses))[:FRONTIER]
    return nodes[chosen], masses[chosen]


def _spread(nodes: Ints, masses: Floats) -> Spread:
    """Masses of the same node added up."""
    if not nodes.size:
        return _NOWHERE
    distinct, places = np.unique(nodes, return_inverse=True)
    return distinct, np.bincount(places, weights=masses).astype(np.float64)
