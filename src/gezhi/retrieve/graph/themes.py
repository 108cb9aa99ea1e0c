"""What documents are about, as groups of passages that share names: found when asked, by Leiden clustering, so that no
stored summary can go stale."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gezhi.retrieve.graph.walk import HUB
from gezhi.store.memory.graph import GraphView
from gezhi.store.naming.names import NameType

MOST_PASSAGES = 2000
"""That are clustered; of more, every so-manieth is taken."""
SMALLEST = 2
"""Passages of a theme."""
LABELS = 4
MOST_OF_ONE = 20
"""Passages of one document: a long table must not outvote the rest."""
LONGEST_LABEL = 40
"""Characters."""
OWN_DOCUMENT = 0.3
"""Of the mean weight of a name: how strongly passages of one document hold together."""
SEED = 20
_DULL = frozenset({NameType.FIELD.value, NameType.CODE.value})
"""Types of names that do not say what a text is about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    names: tuple[str, ...]
    """The names that tell it from the others, the most telling first."""
    passages: tuple[str, ...]
    """Ids, the most central first."""
    documents: int
    share: float
    """Of the passages looked at."""


def themes(view: GraphView, *, within: Sequence[int] | None = None, limit: int = 8) -> list[Theme]:
    """The largest groups first. `within`: positions to look at; all visible ones if left out."""
    positions = np.flatnonzero(view.allowed).tolist() if within is None else sorted({p for p in within if p >= 0})
    chosen = _sample(view, positions)
    names, edges = _edges(view, chosen)
    if not edges:
        return []
    groups: dict[int, list[int]] = defaultdict(list)
    for position, group in _communities(edges).items():
        groups[group].append(position)
    found = [sorted(group) for group in groups.values() if len(group) >= SMALLEST]
    found.sort(key=lambda group: (-len(group), group[0]))
    return [_theme(view, group, names, len(chosen)) for group in found[:limit]]


def _sample(view: GraphView, positions: Sequence[int]) -> list[int]:
    documents: dict[int, list[int]] = defaultdict(list)
    for position in positions:
        documents[int(view.graph.catalogue.documents[position])].append(position)
    kept = sorted(one for some in documents.values() for one in _every(some, MOST_OF_ONE))
    return _every(kept, MOST_PASSAGES)


def _every(positions: Sequence[int], most: int) -> list[int]:
    """At most so many, evenly spread."""
    return list(positions)[:: -(-len(positions) // most) or 1]


Names = dict[int, list[int]]
"""Position -> the entities it names that others here name too."""


def _edges(view: GraphView, chosen: Sequence[int]) -> tuple[Names, list[tuple[str, str, float]]]:
    """Passages and the names they share; names that most of them have tell nothing."""
    named = {position: view.entities_of(position).tolist() for position in chosen}
    counts = Counter(entity for entities in named.values() for entity in entities)
    most = min(HUB, max(5, len(chosen) // 3))
    kept = {position: [e for e in entities if 2 <= counts[e] <= most] for position, entities in named.items()}
    idf = {entity: float(np.log1p(len(chosen) / (1 + count))) for entity, count in counts.items()}
    edges = [(f"p{position}", f"e{entity}", idf[entity]) for position, some in kept.items() for entity in some]
    mean = sum(weight for _, _, weight in edges) / len(edges) if edges else 0.0
    documents = view.graph.catalogue.documents
    edges += [(f"p{position}", f"d{documents[position]}", OWN_DOCUMENT * mean) for position in chosen if mean]
    return kept, edges


def _communities(edges: Sequence[tuple[str, str, float]]) -> dict[int, int]:
    """Position -> group."""
    import graspologic_native

    _, groups = graspologic_native.leiden(
        edges=list(edges),
        starting_communities=None,
        resolution=1.0,
        randomness=0.001,
        iterations=2,
        use_modularity=True,
        seed=SEED,
        trials=1,
    )
    return {int(node[1:]): group for node, group in groups.items() if node.startswith("p")}


def _theme(view: GraphView, group: Sequence[int], names: Names, total: int) -> Theme:
    inside = Counter(entity for position in group for entity in names[position])
    everywhere = Counter(entity for some in names.values() for entity in some)
    told = {entity: count * count / everywhere[entity] for entity, count in inside.items() if count > 1}
    best = sorted(
        (entity for entity in told if view.graph.types[entity] not in _DULL),
        key=lambda entity: (-told[entity], view.graph.names[entity]),
    )
    central = sorted(group, key=lambda position: (-sum(told.get(entity, 0.0) for entity in names[position]), position))
    return Theme(
        names=tuple(_distinct([view.graph.labels[entity] for entity in best])[:LABELS]),
        passages=tuple(view.graph.passage_id(position) for position in central),
        documents=len({int(view.graph.catalogue.documents[position]) for position in group}),
        share=len(group) / total,
    )


def _distinct(labels: Sequence[str]) -> list[str]:
    """Without those that are inside a longer one before them."""
    kept: list[str] = []
    for label in labels:
        if len(label) <= LONGEST_LABEL and not any(label in other or other in label for other in kept):
            kept.append(label)
    return kept
