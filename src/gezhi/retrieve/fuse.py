"""Fuse the lists of several retrievers into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gezhi.store.protocol import Hit
from gezhi.types import Evidence, Found

RRF_K = 10
"""Reciprocal rank fusion's constant. The usual 60 flattens the head: ranks 1 and 5 then differ by 6 %. Chosen by
`evals/fusion.py`; figures in docs/benchmarks.md."""


def fuse(lists: Mapping[str, Sequence[Hit]], weights: Mapping[str, float], k: int = RRF_K) -> list[Evidence]:
    """Weighted reciprocal rank fusion: score = sum of weight / (k + rank). Ties are broken by passage id.

    A single list keeps its order."""
    found: dict[str, list[Found]] = {}
    hits: dict[str, Hit] = {}
    scores: dict[str, float] = {}
    for name, ranked in lists.items():
        for rank, hit in enumerate(ranked, start=1):
            key = hit.passage.id
            hits.setdefault(key, hit)
            found.setdefault(key, []).append(Found(retriever=name, rank=rank, score=hit.score))
            scores[key] = scores.get(key, 0.0) + weights.get(name, 1.0) / (k + rank)
    return [
        Evidence(
            passage=hits[key].passage,
            source=hits[key].source,
            title=hits[key].title,
            revision=hits[key].revision,
            score=scores[key],
            found_by=tuple(found[key]),
        )
        for key in sorted(scores, key=lambda key: (-scores[key], key))
    ]
