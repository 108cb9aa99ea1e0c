"""Lists of integers by number, in one array. A changed list is written behind the others, so that a change costs what
changes, and older states still read what they read before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NONE = np.empty(0, np.int64)
SLACK = 100_000
"""Items that may lie unused before all is copied together."""


class _Items:
    """An array that grows at its end. One writer."""

    def __init__(self, items: Ints) -> None:
        self.array = items
        self.used = items.size

    def reserve(self, size: int) -> int:
        """Where so many new items begin."""
        if self.used + size > self.array.size:
            grown = np.empty(max(self.used + size, self.array.size + self.array.size // 2 + 1024), np.int64)
            grown[: self.used] = self.array[: self.used]
            self.array = grown
        begin = self.used
        self.used += size
        return begin


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists at one state, each ascending."""

    begins: Ints
    sizes: Ints
    room: Ints
    """Of each list, the items it can hold where it is."""
    items: Ints
    growing: _Items

    @classmethod
    def grouped(cls, groups: Ints, items: Ints, count: int) -> Lists:
        """Pairs (group, item) as one list a group."""
        order = np.lexsort((items, groups))
        return cls.of_sizes(np.bincount(groups, minlength=count).astype(np.int64), items[order])

    @classmethod
    def of_sizes(cls, sizes: Ints, items: Ints) -> Lists:
        return cls(np.cumsum(sizes) - sizes, sizes, sizes, items, _Items(items))

    @property
    def count(self) -> int:
        return self.sizes.size

    def of(self, index: int) -> Ints:
        begin = self.begins[index]
        return self.items[begin : begin + self.sizes[index]]

    def gather(self, indexes: Ints) -> tuple[Ints, Ints]:
        """The lists of all these, one after the other, and which of them (by place) each item is from."""
        sizes = self.sizes[indexes]
        owners = np.repeat(np.arange(indexes.size), sizes)
        before = np.cumsum(sizes) - sizes
        return self.items[np.arange(owners.size) + (self.begins[indexes] - before)[owners]], owners

    def changed(
        self, count: int, added: Mapping[int, Collection[int]], removed: Mapping[int, Collection[int]]
    ) -> Lists:
        """With `count` lists (not fewer than now), and items added to some and removed from some."""
        begins, sizes, room = (_longer(column, count) for column in (self.begins, self.sizes, self.room))
        growing = self.growing
        for index in added.keys() | removed.keys():
            old = self.of(index) if index < self.count else NONE
            plus, minus = added.get(index, ()), removed.get(index, ())
            new = np.array(sorted(plus), np.int64)
            size = old.size + new.size
            at_end = not minus and (not old.size or not new.size or new[0] > old[-1])
            if at_end and size <= room[index]:
                growing.array[begins[index] + old.size : begins[index] + size] = new
            else:
                kept = old[~np.isin(old, np.array(list(minus), np.int64))] if minus else old
                new = np.concatenate([kept, new]) if at_end else np.union1d(kept, new)
                size = new.size
                room[index] = size + size // 4 if added else size
                begins[index] = growing.reserve(int(room[index]))
                growing.array[begins[index] : begins[index] + size] = new
            sizes[index] = size
        changed = Lists(begins, sizes, room, growing.array, growing)
        return changed.compacted() if growing.used > 2 * int(sizes.sum()) + SLACK else changed

    def compacted(self) -> Lists:
        return Lists.of_sizes(self.sizes, self.gather(np.arange(self.count))[0])


def _longer(column: Ints, size: int) -> Ints:
    """A copy with zeros at the end."""
    copy = np.zeros(size, np.int64)
    copy[: column.size] = column
    return copy
