"""Fuse the lists of several retrievers into one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gezhi.store.protocol import Hit
from gezhi.types import Evidence, Found


def fuse(lists: Mapping[str, Sequence[Hit]], weights: Mapping[str, float]) -> list[Evidence]:
    """Weighted sum of z-scores: how far above its list's mean a hit stands, in standard deviations.

    A passage that a list lacks gets that list's lowest. Ranks alone (reciprocal rank fusion) throw away by how much
    the first hit leads, and lost to the better single retriever on four of five sets (docs/benchmarks.md). Ties are
    broken by passage id; a single list keeps its order."""
    found: dict[str, list[Found]] = {}
    hits: dict[str, Hit] = {}
    for name, ranked in lists.items():
        for rank, hit in enumerate(ranked, start=1):
            hits.setdefault(hit.passage.id, hit)
            found.setdefault(hit.passage.id, []).append(Found(retriever=name, rank=rank, score=hit.score))
    scores = dict.fromkeys(hits, 0.0)
    for name, ranked in lists.items():
        normal = _z_scores(ranked)
        lowest = min(normal.values(), default=0.0)
        for key in scores:
            scores[key] += weights.get(name, 1.0) * normal.get(key, lowest)
    order = {key: place for place, key in enumerate(hits)} if len(lists) == 1 else {}
    return [
        Evidence(
            passage=hits[key].passage,
            source=hits[key].source,
            title=hits[key].title,
            revision=hits[key].revision,
            score=scores[key],
            found_by=tuple(found[key]),
        )
        for key in sorted(scores, key=lambda key: (-scores[key], order.get(key, 0), key))
    ]


def _z_scores(ranked: Sequence[Hit]) -> dict[str, float]:
    if not ranked:
        return {}
    mean = sum(hit.score for hit in ranked) / len(ranked)
    spread = math.sqrt(sum((hit.score - mean) ** 2 for hit in ranked) / len(ranked)) or 1.0
    return {hit.passage.id: (hit.score - mean) / spread for hit in ranked}
