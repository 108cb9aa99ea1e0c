"""Gated propagation from entities to passages and back, with work that does not grow with the graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from gezhi.store.memory.graph import GraphView, Ints

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
NOWHERE: Spread = (np.empty(0, np.int64), np.empty(0, np.float64))


def walk(view: GraphView, seeds: Mapping[int, float], gate: Mapping[int, float]) -> Spread:
    """Where a walk from the seed entities is found after some steps: positions, and the mass on each.

    `gate`: position -> 0 to 1, how well it fits the question; what fits badly passes little on."""
    total = sum(seeds.values())
    if not total:
        return NOWHERE
    start = _spread(np.array(list(seeds), np.int64), np.array(list(seeds.values())) / total)
    gates = _spread(np.array(list(gate), np.int64), np.array(list(gate.values()), np.float64))
    entities, passages = start, NOWHERE
    for _ in range(STEPS):
        to_passages = _follow(view, entities)
        to_entities = _return(view, passages, gates)
        moved = float(to_passages[1].sum() + to_entities[1].sum())
        if not moved:
            break
        passages = to_passages[0], RESTART * to_passages[1] / moved
        entities = _spread(
            np.concatenate([start[0], to_entities[0]]),
            np.concatenate([(1 - RESTART) * start[1], RESTART * to_entities[1] / moved]),
        )
    return passages


def _follow(view: GraphView, entities: Spread) -> Spread:
    """From entities to the passages that name them, each with an equal share."""
    nodes, masses = _heaviest(entities, view.graph.ties)
    frequencies = view.frequencies[nodes]
    kept = (frequencies > 0) & (frequencies <= HUB)
    nodes, shares = nodes[kept], masses[kept] / frequencies[kept]
    positions, owners = seen_from(view, nodes)
    return _spread(positions, shares[owners])


def seen_from(view: GraphView, entities: Ints) -> tuple[Ints, Ints]:
    """Visible passages that name these, and which of them each is from."""
    positions, owners = view.graph.passages.gather(entities)
    seen = view.allowed[positions]
    return positions[seen], owners[seen]


def _return(view: GraphView, passages: Spread, gates: Spread) -> Spread:
    """From passages to the entities they name, the rare ones with more."""
    nodes, masses = _heaviest((passages[0], passages[1] * (LEAK + look_up(passages[0], gates))), _as_they_are)
    entities, owners = view.graph.entities.gather(nodes)
    frequencies = view.frequencies[entities]
    kept = (frequencies > 0) & (frequencies <= HUB)
    entities, owners = entities[kept], owners[kept]
    weights = view.weights[entities]
    totals = np.bincount(owners, weights=weights, minlength=nodes.size)
    return _spread(entities, masses[owners] * weights / totals[owners])


def look_up(nodes: Ints, spread: Spread) -> Floats:
    """The mass on each of these; 0 where there is none."""
    known, masses = spread
    if not known.size:
        return np.zeros(nodes.size)
    at = np.minimum(np.searchsorted(known, nodes), known.size - 1)
    return np.where(known[at] == nodes, masses[at], 0.0)


def _heaviest(spread: Spread, ties: Callable[[Ints], Ints]) -> Spread:
    """Rounded, so that the last bits do not choose among equals; then `ties` does."""
    nodes, masses = spread
    if nodes.size <= FRONTIER:
        return spread
    rounded = np.round(masses, 12)
    least = np.partition(rounded, nodes.size - FRONTIER)[nodes.size - FRONTIER]
    equal = np.flatnonzero(rounded == least)
    equal = equal[np.argsort(ties(nodes[equal]), kind="stable")]
    above = np.flatnonzero(rounded > least)
    chosen = np.sort(np.concatenate([above, equal[: FRONTIER - above.size]]))
    return nodes[chosen], masses[chosen]


def _as_they_are(nodes: Ints) -> Ints:
    return nodes


def _spread(nodes: Ints, masses: Floats) -> Spread:
    """Masses of the same node added up."""
    if not nodes.size:
        return NOWHERE
    order = np.argsort(nodes, kind="stable")
    nodes, masses = nodes[order], masses[order]
    first = np.flatnonzero(np.diff(nodes, prepend=-1))
    return nodes[first], np.add.reduceat(masses, first)
