"""Looking at the graph: an entity with its passages and neighbours, a path between two, counts, and an export."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from gezhi.retrieve.graph.walk import HUB
from gezhi.retrieve.tables.holding import Held
from gezhi.store.memory.graph import GraphView
from gezhi.store.naming.names import name_key
from gezhi.types import InvalidInput, NotFound

MOST_VISITED = 50_000
"""Entities that a search for a path looks at, at most."""
LONGEST_PATH = 6
"""Passages on a path."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbour:
    label: str
    type: str
    passages: int
    """That name both."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherName:
    label: str
    passage_id: str
    """Names both: the reason."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EntityPage:
    label: str
    type: str
    other_names: tuple[OtherName, ...]
    """Abbreviations and translations that stand for it everywhere."""
    passages: tuple[str, ...]
    """Ids of the passages that name it."""
    neighbours: tuple[Neighbour, ...]
    """Named with it most often first."""
    rows: tuple[Held, ...] = ()
    """Of tables, whose cells are it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Two entities that one passage names."""

    first: str
    passage_id: str
    second: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GraphStats:
    passages: int
    entities: int
    """That two passages name, or a title is about."""
    mentions: int
    types: tuple[tuple[str, int], ...]
    most_named: tuple[tuple[str, int], ...]


def number_of(view: GraphView, name: str) -> int:
    """The entity of this name. Raises NotFound."""
    key = name_key(name)
    if not key:
        raise InvalidInput("No name given.", hint="Name an entity, e.g. a person, a place or a part number.")
    number = view.graph.numbers.get(key)
    if number is None or not view.frequencies[number]:
        raise NotFound(
            f"No two passages name {name!r}, and no title is about it.",
            hint="`gezhi graph stats` lists what they name.",
        )
    return number


def _meant(view: GraphView, name: str) -> int:
    """The entity that a name stands for, if it is one of its other names. Raises NotFound."""
    number = number_of(view, name)
    return view.graph.meant.get(number, number)


def entity_page(view: GraphView, name: str, *, limit: int = 20) -> EntityPage:
    number = _meant(view, name)
    passages = view.passages_of(number).tolist()
    together = Counter(
        other for position in passages[: HUB * 5] for other in view.entities_of(position).tolist() if other != number
    )
    graph = view.graph
    return EntityPage(
        label=graph.labels[number],
        type=graph.types[number],
        other_names=tuple(_other_names(view, number)),
        passages=tuple(graph.passage_id(position) for position in passages[:limit]),
        neighbours=tuple(
            Neighbour(label=graph.labels[other], type=graph.types[other], passages=count)
            for other, count in sorted(together.items(), key=lambda pair: (-pair[1], graph.names[pair[0]]))[:limit]
        ),
    )


def documents_naming(view: GraphView, name: str) -> set[str]:
    """Ids of the documents whose passages name it. Raises NotFound."""
    number = _meant(view, name)
    return {view.graph.passage_id(position).rpartition(":")[0] for position in view.passages_of(number).tolist()}


def _other_names(view: GraphView, number: int) -> Iterator[OtherName]:
    mine = set(view.passages_of(number).tolist())
    for alias, entity in view.graph.meant.items():
        both = mine & set(view.passages_of(alias).tolist()) if entity == number else set()
        if both:
            yield OtherName(label=view.graph.labels[alias], passage_id=view.graph.passage_id(min(both)))


def path(view: GraphView, first: str, second: str) -> list[Step]:
    """The shortest chain of passages from one entity to the other, by names that are not too common. Empty if there is
    none. Raises NotFound for a name that is not there."""
    start, goal = number_of(view, first), number_of(view, second)
    came: dict[int, tuple[int, int]] = {start: (-1, -1)}
    depth = {start: 0}
    waiting = deque([start])
    while waiting and goal not in came and len(came) < MOST_VISITED:
        entity = waiting.popleft()
        if depth[entity] >= LONGEST_PATH or (entity != start and view.frequencies[entity] > HUB):
            continue
        for position in view.passages_of(entity).tolist():
            for other in view.entities_of(position).tolist():
                if other not in came:
                    came[other] = (entity, position)
                    depth[other] = depth[entity] + 1
                    waiting.append(other)
    if goal not in came:
        return []
    chain = [goal]
    while came[chain[-1]][0] >= 0:
        chain.append(came[chain[-1]][0])
    labels = view.graph.labels
    return [
        Step(first=labels[a], passage_id=view.graph.passage_id(came[b][1]), second=labels[b])
        for a, b in pairwise(reversed(chain))
    ]


def stats(view: GraphView, *, limit: int = 20) -> GraphStats:
    named = [number for number, count in enumerate(view.frequencies.tolist()) if count]
    types = Counter(view.graph.types[number] for number in named)
    most = sorted(named, key=lambda number: (-view.frequencies[number], view.graph.names[number]))[:limit]
    return GraphStats(
        passages=view.size,
        entities=len(named),
        mentions=int(view.frequencies.sum()),
        types=tuple(types.most_common()),
        most_named=tuple((view.graph.labels[number], int(view.frequencies[number])) for number in most),
    )


def edges(view: GraphView) -> Iterator[tuple[int, str]]:
    """(entity, passage id) of every visible mention."""
    for number in range(len(view.graph.names)):
        for position in view.passages_of(number).tolist():
            yield number, view.graph.passage_id(position)
