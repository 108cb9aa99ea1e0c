"""Nearest passages by cosine similarity, in memory, built from the stored float16 vectors.

The newest vectors are compared exactly. Older ones lie in blocks with a one-bit code for each dimension (RaBitQ):
the codes choose candidates, the stored vectors rank them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gezhi.store.catalogue import Catalogue, Mask

EXACT_LIMIT = 4096
"""Vectors compared exactly before they become a coded block: about 1 ms."""
SUBSET_LIMIT = 1024
"""Where a scope or a filter leaves no more vectors than this they are all compared exactly."""
CANDIDATES = 200
PER_HIT = 8
"""Candidates taken from a block: recall of the exact ten is .998 at 100,000 vectors."""

Halves = NDArray[np.float16]
Floats = NDArray[np.float32]


def pack_vector(vector: Floats) -> bytes:
    """Unit length, little-endian float16."""
    return unit(vector).astype("<f2").tobytes()


def unit(vector: Floats) -> Floats:
    values = np.asarray(vector, dtype=np.float32).ravel()
    length = float(np.linalg.norm(values))
    return values / np.float32(length) if length else values


@dataclass(frozen=True, slots=True)
class Block:
    """Codes of the rows `start` to `end`."""

    start: int
    end: int
    codes: Any

    @property
    def size(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class VectorSpace:
    """The vectors of one embedder. Rows are only added, so a search needs no lock."""

    rows: Halves
    """With spare room at the end, shared with later states."""
    positions: NDArray[np.int64]
    """Of the row's passage in the catalogue."""
    blocks: tuple[Block, ...]
    tail: Floats
    """The rows after the last block."""

    @classmethod
    def of(cls, positions: NDArray[np.int64], rows: Halves) -> VectorSpace:
        empty = np.empty((0, rows.shape[1]), np.float32)
        return cls(rows, positions, (), empty)._settled()

    @property
    def size(self) -> int:
        return int(self.positions.size)

    @property
    def dimension(self) -> int:
        return int(self.rows.shape[1])

    def extended(self, positions: NDArray[np.int64], new: Halves) -> VectorSpace:
        """With more rows."""
        if not positions.size:
            return self
        size = self.size
        end = size + len(new)
        rows = self.rows
        if end > len(rows):
            rows = np.empty((end + end // 8 + 256, self.dimension), np.float16)
            rows[:size] = self.rows[:size]
        rows[size:end] = new
        return replace(self, rows=rows, positions=np.concatenate([self.positions, positions]))._settled()

    def search(self, vector: Floats, catalogue: Catalogue, allowed: Mask, limit: int) -> list[tuple[int, float]]:
        """Positions and similarities of the best allowed passages, best first."""
        inside = allowed[self.positions]
        left = np.flatnonzero(inside)
        if left.size <= SUBSET_LIMIT:
            found = left
            scores = self.rows[left].astype(np.float32) @ vector
        else:
            coded = self.size - len(self.tail)
            candidates = [_candidates(block, vector, inside, limit) for block in self.blocks]
            chosen = np.sort(np.concatenate([np.empty(0, np.int64), *candidates]))
            late = np.flatnonzero(inside[coded:])
            found = np.concatenate([chosen, late + coded])
            scores = np.concatenate([self.rows[chosen].astype(np.float32) @ vector, (self.tail @ vector)[late]])
        # Rounded, since the same vector may differ in the last bit with its place in the product.
        scores = np.round(scores, 6)
        positions = self.positions[found]
        best = catalogue.best_of(positions, scores, limit)
        by_position = dict(zip(positions.tolist(), scores.tolist(), strict=True))
        return [(position, by_position[position]) for position in best.tolist()]

    def _settled(self) -> VectorSpace:
        """With the tail up to date, coded where it has grown too long; blocks at least halve in size."""
        blocks = self.blocks
        coded = blocks[-1].end if blocks else 0
        if self.size - coded > EXACT_LIMIT:
            start = coded
            while blocks and blocks[-1].size <= 2 * (self.size - start):
                start = blocks[-1].start
                blocks = blocks[:-1]
            blocks = (*blocks, _block(self.rows, start, self.size))
            coded = self.size
        kept = self.tail if len(self.tail) <= self.size - coded else self.tail[:0]
        new = self.rows[coded + len(kept) : self.size].astype(np.float32)
        return replace(self, blocks=blocks, tail=np.concatenate([kept, new]) if len(kept) else new)


def _block(rows: Halves, start: int, end: int) -> Block:
    # 60 ms to import: only large stores need it.
    import faiss

    codes = faiss.IndexRaBitQ(int(rows.shape[1]), faiss.METRIC_INNER_PRODUCT)
    step = 16384
    sample = rows[start:end:max(1, (end - start) // step)].astype(np.float32)
    codes.train(sample)
    for at in range(start, end, step):
        codes.add(rows[at : min(at + step, end)].astype(np.float32))
    return Block(start, end, codes)


def _candidates(block: Block, vector: Floats, inside: Mask, limit: int) -> NDArray[np.int64]:
    import faiss

    wanted = min(max(CANDIDATES, PER_HIT * limit), block.size)
    options = faiss.RaBitQSearchParameters()
    here = inside[block.start : block.end]
    if not here.all():
        bits = np.packbits(here, bitorder="little")
        options.sel = faiss.IDSelectorBitmap(bits)
    _, numbers = block.codes.search(vector[None, :], wanted, params=options)
    found: NDArray[np.int64] = numbers[0][numbers[0] >= 0]
    return found + block.start
