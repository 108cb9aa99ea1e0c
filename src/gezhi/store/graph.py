"""The graph in memory: which passages name which entities. A cache, derived from rows, that is never changed.

Only entities that can link something are in it: those that two passages name, or that a title is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gezhi.store.catalogue import Catalogue, Mask
from gezhi.store.naming.names import LONGEST, key_words
from gezhi.store.naming.resolve import GivenName, agreed, implied
from gezhi.store.words import Segment

Ints = NDArray[np.int64]

LONGEST_INNER = 8
"""Words of a name looked for inside a longer one."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists of integers, one after the other: those of `i` are from `starts[i]` to `starts[i + 1]`."""

    starts: Ints
    items: Ints

    def of(self, index: int) -> Ints:
        return self.items[self.starts[index] : self.starts[index + 1]]

    def gather(self, indexes: Ints) -> tuple[Ints, Ints]:
        """The lists of all these, one after the other, and which of them (by place) each item is from."""
        begins = self.starts[indexes]
        sizes = self.starts[indexes + 1] - begins
        owners = np.repeat(np.arange(indexes.size), sizes)
        before = np.cumsum(sizes) - sizes
        return self.items[np.arange(owners.size) + (begins - before)[owners]], owners

    @classmethod
    def grouped(cls, groups: Ints, items: Ints, count: int) -> Lists:
        """Pairs (group, item) as one list a group."""
        order = np.lexsort((items, groups))
        starts = np.zeros(count + 1, np.int64)
        np.cumsum(np.bincount(groups, minlength=count), out=starts[1:])
        return cls(starts, items[order])


@dataclass(frozen=True, slots=True)
class Graph:
    """Passages by position in the catalogue, entities by number."""

    catalogue: Catalogue
    names: tuple[str, ...]
    """The key of each entity."""
    labels: tuple[str, ...]
    """How it is written."""
    types: tuple[str, ...]
    """What it is: see `names.NameType`."""
    numbers: Mapping[str, int]
    longest: Mapping[str, int]
    """First word -> the most words a name that begins with it has."""
    titles: Ints
    """Of each position, the entity its document is about by title; -1 for none."""
    is_title: Mask
    """Of each entity, whether a document is about it."""
    passages: Lists
    """Of each entity, the positions that name it."""
    entities: Lists
    """Of each position, the entities it names."""
    places: Mapping[str, int] = field(default_factory=dict)
    """Passage id -> position."""
    has_facts: bool = False
    meant: Mapping[int, int] = field(default_factory=dict)
    """Abbreviation or translation -> the entity that it stands for, by number."""

    def passage_id(self, position: int) -> str:
        return f"{self.catalogue.document_ids[position].decode()}:{self.catalogue.ordinals[position]}"


@dataclass(frozen=True, slots=True)
class GraphView:
    """The graph as a scope may see it: what is hidden neither counts nor connects."""

    graph: Graph
    allowed: Mask
    frequencies: Ints
    """Of each entity, how many visible passages name it."""
    size: int
    """Visible passages."""
    weights: NDArray[np.float64]
    """Of each entity, its idf: what few passages name tells most."""
    segments: tuple[Segment, ...]
    """The words of the same passages."""

    @classmethod
    def of(cls, graph: Graph, allowed: Mask, segments: tuple[Segment, ...]) -> GraphView:
        if bool(allowed.all()):
            frequencies, size = np.diff(graph.passages.starts), int(allowed.size)
            return cls(graph, allowed, frequencies, size, np.log1p(size / (1 + frequencies)), segments)
        seen = np.concatenate([np.zeros(1, np.int64), np.cumsum(allowed[graph.passages.items])])
        frequencies = seen[graph.passages.starts[1:]] - seen[graph.passages.starts[:-1]]
        size = int(np.count_nonzero(allowed))
        return cls(graph, allowed, frequencies, size, np.log1p(size / (1 + frequencies)), segments)

    def passages_of(self, entity: int) -> Ints:
        positions = self.graph.passages.of(entity)
        return positions[self.allowed[positions]]

    def entities_of(self, position: int) -> Ints:
        """Those that some visible passage names."""
        entities = self.graph.entities.of(position)
        return entities[self.frequencies[entities] > 0]

    def title(self, position: int) -> int:
        return int(self.graph.titles[position])

    def link(self, question: str) -> list[int]:
        """Entities that the question names, the longest name at each place. A single word counts if it is a title,
        or begins with a capital."""
        words = key_words(question)
        capital = {
            word.casefold() for word in question.split() for word in [word.strip("'\"?.,!()")] if word[:1].isupper()
        }
        found: dict[int, None] = {}
        at = 0
        while at < len(words):
            for length in range(min(self.graph.longest.get(words[at], 0), len(words) - at), 0, -1):
                number = self.graph.numbers.get(" ".join(words[at : at + length]))
                if number is None or not self.frequencies[number]:
                    continue
                if (
                    length == 1
                    and words[at] not in capital
                    and not (self.graph.is_title[number] and len(words[at]) > 3)
                ):
                    continue
                found[number] = None
                if (meant := self.graph.meant.get(number)) is not None and self.frequencies[meant]:
                    found[meant] = None
                at += length - 1
                break
            at += 1
        return list(found)

    def positions(self, passage_ids: Sequence[str]) -> list[int]:
        """Of the passages with these ids; -1 for one that is not visible."""
        places = [self.graph.places.get(identity, -1) for identity in passage_ids]
        return [place if place >= 0 and self.allowed[place] else -1 for place in places]


def build_graph(
    catalogue: Catalogue,
    entities: Sequence[tuple[int, str, str, str]],
    mentions: tuple[Ints, Ints],
    titles: tuple[Ints, Ints],
    *,
    given: Sequence[GivenName] = (),
    has_facts: bool = False,
) -> Graph:
    """`entities`: (key, name, label, type). `mentions` and `titles`: keys of passages or documents, and of entities.

    A passage that names "President Barack Obama" also names "Barack Obama", if that is an entity of its own."""
    keys = np.array([entity[0] for entity in entities], np.int64)
    order = np.argsort(keys)
    numbers_of = _Numbers(keys[order], order)
    names = [entity[1] for entity in entities]
    positions = catalogue.positions_of(mentions[0])
    alive = (positions >= 0) & catalogue.alive[np.maximum(positions, 0)] if catalogue.size else positions >= 0
    pairs = np.unique(np.stack([positions[alive], numbers_of(mentions[1][alive])], axis=1), axis=0)
    titled = np.full(catalogue.size, -1, np.int64)
    if titles[0].size and catalogue.size:
        by_document = np.argsort(titles[0])
        at = np.minimum(np.searchsorted(titles[0][by_document], catalogue.documents), titles[0].size - 1)
        known = titles[0][by_document][at] == catalogue.documents
        titled = np.where(known & catalogue.alive, numbers_of(titles[1][by_document][at]), -1)
    is_title = np.zeros(len(names), np.bool_)
    is_title[titled[titled >= 0]] = True
    counts = np.bincount(pairs[:, 1], minlength=len(names)) if pairs.size else np.zeros(len(names), np.int64)
    strong = is_title | (counts >= 2)
    if given:
        strong[numbers_of(np.array([key for one in given for key in (one.alias, one.entity)], np.int64))] = True
    kept = np.flatnonzero(strong)
    index = np.full(len(names), -1, np.int64)
    index[kept] = np.arange(kept.size)
    numbers = {names[old]: new for new, old in enumerate(kept.tolist())}
    resolved = [replace(one, alias=at[0], entity=at[1]) for one in given for at in [_ends(one, numbers_of, index)]]
    telling = {names[old] for old in np.flatnonzero(is_title).tolist()} | {names[kept[one.alias]] for one in resolved}
    inner = Lists.grouped(*_inner_names(names, counts, numbers, telling), len(names))
    spread = np.diff(inner.starts)[pairs[:, 1]] if pairs.size else np.empty(0, np.int64)
    all_positions = np.repeat(pairs[:, 0], spread) if pairs.size else np.empty(0, np.int64)
    all_entities = (
        np.concatenate([inner.of(entity) for entity in pairs[:, 1].tolist()]) if spread.any() else np.empty(0, np.int64)
    )
    everywhere = agreed(resolved)
    documents = catalogue.documents[all_positions] if all_positions.size else all_positions
    more_at, more = implied((all_positions, all_entities), documents, resolved, everywhere)
    about = np.flatnonzero(titled >= 0)
    joined = np.stack(
        [
            np.concatenate([all_positions, more_at, about]),
            np.concatenate([all_entities, more, index[titled[about]]]),
        ],
        axis=1,
    )
    joined = np.unique(joined, axis=0)
    return Graph(
        catalogue=catalogue,
        names=tuple(names[old] for old in kept.tolist()),
        labels=tuple(entities[old][2] for old in kept.tolist()),
        types=tuple(entities[old][3] for old in kept.tolist()),
        numbers=numbers,
        longest=_longest(numbers),
        titles=np.where(titled >= 0, index[np.maximum(titled, 0)], -1) if index.size else titled,
        is_title=is_title[kept],
        passages=Lists.grouped(joined[:, 1], joined[:, 0], kept.size),
        entities=Lists.grouped(joined[:, 0], joined[:, 1], catalogue.size),
        places=_places(catalogue),
        has_facts=has_facts,
        meant=everywhere,
    )


def _ends(one: GivenName, numbers_of: _Numbers, index: Ints) -> tuple[int, int]:
    alias, entity = index[numbers_of(np.array([one.alias, one.entity], np.int64))].tolist()
    return alias, entity


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Entity keys -> their numbers."""

    keys: Ints
    order: Ints

    def __call__(self, wanted: Ints) -> Ints:
        return self.order[np.searchsorted(self.keys, wanted)] if self.keys.size else wanted


def _inner_names(names: Sequence[str], counts: Ints, numbers: Mapping[str, int], titles: set[str]) -> tuple[Ints, Ints]:
    """Pairs (name, entity it stands for): itself if it is in the graph, and the longest entities inside it."""
    outer: list[int] = []
    inner: list[int] = []
    for at in np.flatnonzero(counts > 0).tolist():
        for number in _inside(names[at], numbers, titles):
            outer.append(at)
            inner.append(number)
    return np.array(outer, np.int64), np.array(inner, np.int64)


def _inside(name: str, numbers: Mapping[str, int], titles: set[str]) -> Iterator[int]:
    if name in numbers:
        yield numbers[name]
    words = name.split(" ")
    at = 0
    while at < len(words):
        step = 1
        for length in range(min(len(words) - at, LONGEST_INNER, len(words) - 1), 0, -1):
            part = " ".join(words[at : at + length])
            if part in numbers and (length > 1 or part in titles):
                yield numbers[part]
                step = length
                break
        at += step


def _longest(numbers: Mapping[str, int]) -> dict[str, int]:
    longest: dict[str, int] = defaultdict(int)
    for name in numbers:
        words = name.split(" ")
        longest[words[0]] = max(longest[words[0]], min(len(words), LONGEST))
    return dict(longest)


def _places(catalogue: Catalogue) -> dict[str, int]:
    ids, ordinals = catalogue.document_ids.tolist(), catalogue.ordinals.tolist()
    return {f"{ids[at].decode()}:{ordinals[at]}": at for at in np.flatnonzero(catalogue.alive).tolist()}
