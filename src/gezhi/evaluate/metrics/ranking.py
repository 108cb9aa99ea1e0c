"""Scores of a ranking of documents against the gold ones."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def first_of_each(ranked: Iterable[Key]) -> list[Key]:
    """Passages' documents, best first -> documents, each at the rank of its best passage."""
    return list(dict.fromkeys(ranked))


def recall_at(k: int, ranked: Sequence[str], gold: Collection[str]) -> float:
    """Share of the gold documents among the first k."""
    return len(set(ranked[:k]) & set(gold)) / len(set(gold))


def precision_at(k: int, ranked: Sequence[str], gold: Collection[str]) -> float:
    """Share of the first k places that hold a gold document; places left empty count as wrong."""
    return len(set(ranked[:k]) & set(gold)) / k


def all_at(k: int, ranked: Sequence[str], gold: Collection[str]) -> float:
    """1 if every gold document is among the first k."""
    return float(set(gold) <= set(ranked[:k]))


def ndcg_at(k: int, ranked: Sequence[str], gold: Collection[str]) -> float:
    """Normalised discounted cumulative gain, binary relevance, discount log2(rank + 1)."""
    wanted = set(gold)
    gain = sum(1 / math.log2(rank + 1) for rank, key in enumerate(ranked[:k], start=1) if key in wanted)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(wanted)) + 1))
    return gain / ideal


def mrr_at(k: int, ranked: Sequence[str], gold: Collection[str]) -> float:
    """1 / rank of the first gold document among the first k, else 0."""
    wanted = set(gold)
    return next((1 / rank for rank, key in enumerate(ranked[:k], start=1) if key in wanted), 0.0)
