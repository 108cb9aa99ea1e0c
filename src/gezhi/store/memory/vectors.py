"""Nearest passages by cosine similarity, in memory, built from the stored float16 vectors.

The newest vectors are compared exactly. Older ones lie in blocks with a one-bit code for each dimension (RaBitQ):
the codes choose candidates, the stored vectors rank them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gezhi.store.memory.catalogue import Catalogue, Mask

EXACT_LIMIT = 16384
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
    """The rows after the last block as float32, with spare room too."""

    @classmethod
    def of(cls, positions: NDArray[np.int64], rows: Halves) -> VectorSpace:
        return cls(rows, positions, (), np.empty((0, rows.shape[1]), np.float32))._settled(0)

    @property
    def size(self) -> int:
        return int(self.positions.size)

    @property
    def coded(self) -> int:
        """Rows that lie in blocks."""
        return self.blocks[-1].end if self.blocks else 0

    @property
    def dimension(self) -> int:
        return int(self.rows.shape[1])

    def extended(self, positions: NDArray[np.int64], new: Halves) -> VectorSpace:
        """With more rows."""
        rows = _filled(self.rows, self.size, new)
        return replace(self, rows=rows, positions=np.concatenate([self.positions, positions]))._settled(self.size)

    def search(self, vector: Floats, catalogue: Catalogue, allowed: Mask, limit: int) -> list[tuple[int, float]]:
        """Positions and similarities of the best allowed passages, best first."""
        inside = allowed[self.positions]
        left = np.flatnonzero(inside)
        if left.size <= SUBSET_LIMIT:
            found = left
            scores = products(self.rows[left].astype(np.float32), vector)
        else:
            coded = self.coded
            late = np.flatnonzero(inside[coded:])
            parts = [late + coded]
            similarities = [products(self.tail[: self.size - coded], vector)[late]]
            for block in self.blocks:
                chosen = _candidates(block, vector, inside, limit)
                parts.append(chosen)
                similarities.append(products(self.rows[chosen].astype(np.float32), vector))
            found, scores = np.concatenate(parts), np.concatenate(similarities)
        # Rounded, since the same vector may differ in the last bit with its place in the product.
        scores = np.minimum(np.round(scores, 6), np.float32(1.0))
        return catalogue.best(self.positions[found], scores, limit)

    def _settled(self, before: int) -> VectorSpace:
        """With the tail up to date, `before` rows being there already; coded where it has grown too long.

        Blocks at least halve in size from one to the next, so a row is coded a logarithmic number of times."""
        if self.size - self.coded <= EXACT_LIMIT:
            new = self.rows[max(before, self.coded) : self.size].astype(np.float32)
            return replace(self, tail=_filled(self.tail, max(before - self.coded, 0), new))
        blocks, start = self.blocks, self.coded
        while blocks and blocks[-1].size <= 2 * (self.size - start):
            start = blocks[-1].start
            blocks = blocks[:-1]
        return replace(self, blocks=(*blocks, _block(self.rows, start, self.size)), tail=self.tail[:0].copy())


def products(rows: Floats, vector: Floats) -> Floats:
    """Inner products of one query. Not by BLAS: its threads cost more than this work and keep spinning after it."""
    result: Floats = np.einsum("ij,j->i", rows, vector)
    return result


def _filled(buffer: NDArray[Any], used: int, new: NDArray[Any]) -> NDArray[Any]:
    """The buffer with new rows after the used ones, moved to a larger one if they do not fit."""
    end = used + len(new)
    if end > len(buffer):
        larger = np.empty((end + end // 8 + 256, buffer.shape[1]), buffer.dtype)
        larger[:used] = buffer[:used]
        buffer = larger
    buffer[used:end] = new
    return buffer


def _block(rows: Halves, start: int, end: int) -> Block:
    # 60 ms to import: only large stores need it.
    import faiss

    codes = faiss.IndexRaBitQ(int(rows.shape[1]), faiss.METRIC_INNER_PRODUCT)
    step = 16384
    sample = rows[start : end : max(1, (end - start) // step)].astype(np.float32)
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
        options.sel = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
    # A setting of the calling thread: for a single question the other threads would only spin.
    faiss.omp_set_num_threads(1)
    _, numbers = block.codes.search(vector[None, :], wanted, params=options)
    found: NDArray[np.int64] = numbers[0][numbers[0] >= 0]
    return np.sort(found) + block.start
