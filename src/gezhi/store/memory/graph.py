"""The graph in memory: which passages name which entities. A cache, derived from rows; a state of it is never changed.

Only entities that can link something are in it: those that two passages name, or that a title is about."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gezhi.store.memory.catalogue import Catalogue, Mask
from gezhi.store.memory.lists import NONE, Ints, Lists
from gezhi.store.memory.words import Segment
from gezhi.store.naming.names import key_words

__all__ = ["Graph", "GraphView", "Idf", "Ints", "Lists", "Numbers", "Places"]


class Numbers(Mapping[str, int]):
    """Names to numbers as one state knows them; the names are shared with newer states."""

    def __init__(self, known: Mapping[str, int], count: int) -> None:
        self._known, self._count = known, count

    def __getitem__(self, name: str) -> int:
        number = self._known[name]
        if number >= self._count:
            raise KeyError(name)
        return number

    def __iter__(self) -> Iterator[str]:
        return (name for name, number in list(self._known.items()) if number < self._count)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def get(self, name: str, default: Any = None) -> Any:
        number = self._known.get(name, self._count)
        return default if number >= self._count else number


class Places:
    """Document id -> where its passages begin in the catalogue, oldest first: a document stored again has new ones."""

    def __init__(self) -> None:
        self._begins: dict[bytes, tuple[int, ...]] = {}

    def add(self, catalogue: Catalogue, first: int) -> None:
        """Of the positions from `first` on."""
        ids = catalogue.document_ids[first:]
        if not ids.size:
            return
        ordinals = catalogue.ordinals[first:]
        next_one = (ids[1:] != ids[:-1]) | (ordinals[1:] <= ordinals[:-1])
        begins = np.flatnonzero(np.concatenate([np.ones(1, np.bool_), next_one]))
        for name, begin in zip(ids[begins].tolist(), (begins + first).tolist(), strict=True):
            self._begins[name] = (*self._begins.get(name, ()), begin)

    def forget(self, ids: Iterable[bytes]) -> None:
        for name in ids:
            self._begins.pop(name, None)

    def position(self, catalogue: Catalogue, passage_id: str) -> int:
        """-1 if there is none."""
        document, _, ordinal = passage_id.rpartition(":")
        name = document.encode("utf-8", "surrogatepass")
        if not (ordinal.isascii() and ordinal.isdigit()):
            return -1
        wanted = int(ordinal)
        for begin in reversed(self._begins.get(name, ())):
            at = begin + wanted
            if at < catalogue.size and catalogue.document_ids[at] == name and catalogue.ordinals[at] == wanted:
                return at
            if begin < catalogue.size:
                return _searched(catalogue, begin, wanted)
        return -1


def _searched(catalogue: Catalogue, begin: int, ordinal: int) -> int:
    """In the run of the document's passages; -1 if it has no such one."""
    at = begin
    while at < catalogue.size and catalogue.document_ids[at] == catalogue.document_ids[begin]:
        if catalogue.ordinals[at] == ordinal:
            return at
        at += 1
    return -1


@dataclass(frozen=True, slots=True)
class Graph:
    """Passages by position in the catalogue, entities by number. What is shared with newer states only grows; entities
    that are no longer in it keep their number and have no passages."""

    catalogue: Catalogue
    names: Sequence[str]
    """The key of each entity."""
    labels: Sequence[str]
    """How it is written."""
    types: Sequence[str]
    """What it is: see `names.NameType`."""
    numbers: Mapping[str, int]
    longest: Mapping[int, int]
    """Hash of a first word -> the most words a name that begins with it has, or more."""
    titles: Ints
    """Of each position, the entity its document is about by title; -1 for none."""
    is_title: Mask
    """Of each entity, whether a document is about it."""
    passages: Lists
    """Of each entity, the positions that name it."""
    entities: Lists
    """Of each position, the entities it names."""
    places: Places = field(default_factory=Places)
    has_facts: bool = False
    meant: Mapping[int, int] = field(default_factory=dict)
    """Abbreviation or translation -> the entity that it stands for, by number."""

    def passage_id(self, position: int) -> str:
        return f"{self.catalogue.document_ids[position].decode()}:{self.catalogue.ordinals[position]}"

    def ties(self, numbers: Ints) -> Ints:
        """An order of entities that does not depend on when they were met."""
        return np.array(
            [zlib.crc32(self.names[number].encode("utf-8", "surrogatepass")) for number in numbers.tolist()], np.int64
        )


class Idf:
    """Of each entity, its idf: what few passages name tells most. Computed for those that are asked for."""

    def __init__(self, frequencies: Ints, size: int) -> None:
        self._frequencies, self._size = frequencies, size

    def __getitem__(self, entities: Any) -> NDArray[np.float64]:
        return np.asarray(np.log1p(self._size / (1 + self._frequencies[entities])), np.float64)


@dataclass(frozen=True, slots=True)
class GraphView:
    """The graph as a scope may see it: what is hidden neither counts nor connects."""

    graph: Graph
    allowed: Mask
    frequencies: Ints
    """Of each entity, how many visible passages name it."""
    size: int
    """Visible passages."""
    weights: Idf
    segments: tuple[Segment, ...]
    """The words of the same passages."""

    @classmethod
    def of(
        cls,
        graph: Graph,
        allowed: Mask,
        segments: tuple[Segment, ...],
        *,
        unrestricted: bool = False,
        former: tuple[Ints, Ints] | None = None,
    ) -> GraphView:
        """`former`: the frequencies of an earlier state, and the entities for which they may have changed."""
        size = int(np.count_nonzero(allowed))
        if unrestricted:
            frequencies = graph.passages.sizes
        elif former is None:
            frequencies = _counted(graph, allowed, np.arange(graph.passages.count))
        else:
            frequencies = np.zeros(graph.passages.count, np.int64)
            frequencies[: former[0].size] = former[0]
            frequencies[former[1]] = _counted(graph, allowed, former[1])
        return cls(graph, allowed, frequencies, size, Idf(frequencies, size), segments)

    def passages_of(self, entity: int) -> Ints:
        if entity >= self.graph.passages.count:
            return NONE
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
            for length in range(min(self.graph.longest.get(hash(words[at]), 0), len(words) - at), 0, -1):
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
        places = [self.graph.places.position(self.graph.catalogue, identity) for identity in passage_ids]
        return [place if place >= 0 and self.allowed[place] else -1 for place in places]


def _counted(graph: Graph, allowed: Mask, entities: Ints) -> Ints:
    """How many visible passages name each."""
    positions, owners = graph.passages.gather(entities)
    return np.bincount(owners[allowed[positions]], minlength=entities.size).astype(np.int64)
