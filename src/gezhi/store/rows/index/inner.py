"""Names inside names: "President Maria Keller" names Maria Keller too, if that is an entity of its own."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from gezhi.store.memory.words import Segment, add_segment, build_segment
from gezhi.store.schema import entities

LONGEST_INNER = 8
"""Words of a name looked for inside a longer one."""
BATCH = 16384


@dataclass(frozen=True, slots=True)
class Inner:
    """Finds the entities that a name stands for."""

    numbers: Mapping[str, int]
    telling: Collection[int]
    """Entities that count inside names though they are one word."""
    longest: Mapping[int, int]
    """Hash of a first word -> the most words a name that begins with it has, or more."""

    def of(self, name: str) -> list[int]:
        """The entity of this name if it is in the graph, and the longest entities inside it."""
        own = self.numbers.get(name)
        found = [] if own is None else [own]
        words = name.split(" ")
        at = 0
        while at < len(words):
            step = 1
            most = min(self.longest.get(hash(words[at]), 0), len(words) - at, LONGEST_INNER, len(words) - 1)
            for length in range(most, 0, -1):
                number = self.numbers.get(" ".join(words[at : at + length]))
                if number is not None and (length > 1 or number in self.telling):
                    found.append(number)
                    step = length
                    break
            at += step
        return found


class NamesByWords:
    """Which names hold a shorter one: postings of their words and pairs of words, as keys that tell nothing."""

    def __init__(self) -> None:
        self._segments: tuple[Segment, ...] = ()
        self._keys: list[NDArray[np.int64]] = []
        self._size = 0
        self._last = -1

    def add(self, names: Iterable[tuple[int, str]]) -> None:
        """Entities (key, name) that are newer than all before."""
        rows = list(names)
        for at in range(0, len(rows), BATCH):
            batch = rows[at : at + BATCH]
            packed = [_packed(_terms(name)) for _, name in batch]
            self._segments = add_segment(self._segments, build_segment(self._size, packed))
            self._keys.append(np.array([key for key, _ in batch], np.int64))
            self._size += len(batch)
        if rows:
            self._last = rows[-1][0]

    def follow(self, connection: sa.Connection) -> None:
        """Add the entities made since."""
        query = sa.select(entities.c.key, entities.c.name).where(entities.c.key > self._last).order_by(entities.c.key)
        self.add((row.key, row.name) for row in connection.execute(query))

    def longer(self, name: str) -> list[int]:
        """Keys of entities whose name may hold this one; some are gone, and a few do not."""
        if len(self._keys) > 1:
            self._keys = [np.concatenate(self._keys)]
        words = name.split(" ")
        wanted = _keys(words if len(words) == 1 else _pairs(words))
        found: list[int] = []
        for segment in self._segments:
            lists = [segment.postings(key) for key in wanted]
            if any(one is None for one in lists):
                continue
            places = sorted((one[0] for one in lists if one is not None), key=lambda some: some.size)
            held = places[0]
            for other in places[1:]:
                at = np.minimum(np.searchsorted(other, held), other.size - 1)
                held = held[other[at] == held]
            found += self._keys[0][held.astype(np.int64) + segment.first].tolist()
        return found


def _keys(terms: list[str]) -> list[int]:
    return [zlib.crc32(term.encode("utf-8", "surrogatepass")) for term in terms]


def _packed(terms: list[str]) -> bytes:
    """As `words.pack_terms`, for lists so short that numpy costs more than it saves."""
    keys = sorted(set(_keys(terms)))
    return struct.pack(f"<{len(keys)}I{len(keys)}s", *keys, b"\1" * len(keys))


def _pairs(words: list[str]) -> list[str]:
    return [f"{first} {second}" for first, second in pairwise(words)]


def _terms(name: str) -> list[str]:
    words = name.split(" ")
    return [*words, *_pairs(words)] if len(words) > 1 else []
