"""Which names are one thing: what a document says of its own names counts in it; abbreviations and translations count
everywhere, where all documents that everybody may read agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GivenName:
    """A document says that one name stands for another: keys of the store, or numbers of the graph."""

    document: int
    alias: int
    entity: int
    anywhere: bool
    """Whether it can count in other documents too."""


def agreed(given: Iterable[GivenName]) -> dict[int, int]:
    """Alias -> entity, for those that count everywhere: an alias of one entity only, never chained."""
    meant: dict[int, set[int]] = defaultdict(set)
    for one in given:
        if one.anywhere:
            meant[one.alias].add(one.entity)
    single = {alias: next(iter(entities)) for alias, entities in meant.items() if len(entities) == 1}
    return {alias: entity for alias, entity in single.items() if entity not in single}


def implied(
    pairs: tuple[Ints, Ints], documents: Ints, given: Sequence[GivenName], everywhere: dict[int, int]
) -> tuple[Ints, Ints]:
    """Mentions (position, entity) that follow from mentions of other names. `documents`: of each mention."""
    local: dict[tuple[int, int], set[int]] = defaultdict(set)
    for one in given:
        local[one.document, one.alias].add(one.entity)
        local[one.document, one.entity].add(one.alias)
    known = np.array(sorted({key[1] for key in local} | set(everywhere)), np.int64)
    at = np.flatnonzero(np.isin(pairs[1], known))
    positions: list[int] = []
    entities: list[int] = []
    for position, document, name in zip(
        pairs[0][at].tolist(), documents[at].tolist(), pairs[1][at].tolist(), strict=True
    ):
        for other in {*local.get((document, name), ()), *((everywhere[name],) if name in everywhere else ())}:
            positions.append(position)
            entities.append(other)
    return np.array(positions, np.int64), np.array(entities, np.int64)
