"""The living passages by position: what the word index and the vector index have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Columns over positions. A position is given once and keeps its passage; dead ones are masked."""

    keys: NDArray[np.int64]
    """Passage keys, ascending."""
    documents: NDArray[np.int64]
    document_ids: NDArray[np.bytes_]
    ordinals: NDArray[np.int32]
    lengths: NDArray[np.float32]
    """In terms, with repetitions."""
    alive: Mask
    dead: int = 0

    @classmethod
    def empty(cls) -> Catalogue:
        return cls(
            keys=np.empty(0, np.int64),
            documents=np.empty(0, np.int64),
            document_ids=np.empty(0, "S1"),
            ordinals=np.empty(0, np.int32),
            lengths=np.empty(0, np.float32),
            alive=np.empty(0, np.bool_),
        )

    @property
    def size(self) -> int:
        return int(self.keys.size)

    @classmethod
    def joined(cls, parts: Sequence[Catalogue]) -> Catalogue:
        """One after the other; keys must ascend."""
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return cls.empty()
        return cls(
            keys=np.concatenate([part.keys for part in parts]),
            documents=np.concatenate([part.documents for part in parts]),
            document_ids=np.concatenate([part.document_ids for part in parts]),
            ordinals=np.concatenate([part.ordinals for part in parts]),
            lengths=np.concatenate([part.lengths for part in parts]),
            alive=np.concatenate([part.alive for part in parts]),
            dead=sum(part.dead for part in parts),
        )

    def positions_of(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of passages with these keys; -1 where there is none."""
        if not self.size:
            return np.full(keys.size, -1, np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), self.size - 1)
        return np.where(self.keys[at] == keys, at, -1).astype(np.int64)

    def without(self, documents: NDArray[np.int64]) -> Catalogue:
        """With the passages of these documents dead."""
        if not documents.size or not self.size:
            return self
        alive = self.alive & ~np.isin(self.documents, documents)
        dead = alive.size - int(np.count_nonzero(alive))
        if dead == self.dead:
            return self
        return Catalogue(
            self.keys, self.documents, self.document_ids, self.ordinals, self.lengths, alive=alive, dead=dead
        )

    def best(self, positions: NDArray[np.int64], scores: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """The positions with the highest scores, best first; ties by document id and place in it."""
        if limit <= 0:
            return []
        if positions.size > limit:
            least = np.partition(scores, positions.size - limit)[positions.size - limit]
            kept = scores >= least
            positions, scores = positions[kept], scores[kept]
        order = np.lexsort((self.ordinals[positions], self.document_ids[positions], -scores))[:limit]
        return list(zip(positions[order].tolist(), scores[order].tolist(), strict=True))
