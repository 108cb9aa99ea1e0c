"""The learned ranker: which candidates answer, perhaps together. Fitted numbers and their card are in `ranker.json`;
`evals/graph_ranker.py` fits and checks them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gezhi.retrieve.graph.features import NAMES, Features

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranker:
    """The mean of a logistic model and of boosted trees, in log odds, plus the first stage's score: the models alone do
    harm where one passage is enough."""

    mean: Floats
    scale: Floats
    weights: Floats
    intercept: float
    base: float
    feature: NDArray[np.int64]
    """Of each node of each tree, shape (trees, nodes); -1 for a leaf."""
    threshold: Floats
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Floats
    depth: int
    first_stage: float

    @classmethod
    def of(cls, fitted: Mapping[str, Any]) -> Ranker:
        logistic, trees = fitted["logistic"], fitted["trees"]
        nodes = max(len(tree["feature"]) for tree in trees)

        def table(name: str, fill: float) -> Floats:
            return np.array([[*tree[name], *[fill] * (nodes - len(tree[name]))] for tree in trees], np.float64)

        return cls(
            mean=np.array(logistic["mean"]),
            scale=np.array(logistic["scale"]),
            weights=np.array(logistic["weights"]),
            intercept=float(logistic["intercept"]),
            base=float(fitted["base"]),
            feature=table("feature", -1).astype(np.int64),
            threshold=table("threshold", 0.0),
            left=table("left", 0).astype(np.int64),
            right=table("right", 0).astype(np.int64),
            value=table("value", 0.0),
            depth=int(fitted["depth"]),
            first_stage=float(fitted["first_stage"]),
        )

    def scores(self, features: Features) -> Floats:
        """Of each row; more is better."""
        rows = features.astype(np.float64)
        linear = (rows - self.mean) / self.scale @ self.weights + self.intercept
        return (linear + self._trees(rows)) / 2 + self.first_stage * rows[:, NAMES.index("first")]

    def _trees(self, rows: Floats) -> Floats:
        trees = np.arange(len(self.feature))[:, None]
        each = np.arange(len(rows))[None, :]
        at = np.zeros((len(self.feature), len(rows)), np.int64)
        for _ in range(self.depth):
            feature = self.feature[trees, at]
            goes_left = rows[each, np.maximum(feature, 0)] <= self.threshold[trees, at]
            following = np.where(goes_left, self.left[trees, at], self.right[trees, at])
            at = np.where(feature >= 0, following, at)
        return np.asarray(self.value[trees, at].sum(axis=0) + self.base)


@cache
def ranker(variant: str) -> Ranker:
    """`words`, or `words,meaning`: what the first stage consists of."""
    stored = json.loads((files("gezhi.retrieve.graph") / "ranker.json").read_text("utf-8"))
    if tuple(stored["features"]) != NAMES:
        raise ValueError("ranker.json was fitted on other features; run evals/graph_ranker.py")
    return Ranker.of(stored["variants"][variant])


def order_by(scores: Floats, positions: Sequence[int]) -> list[int]:
    """Indexes, best first; ties by position."""
    return sorted(range(len(positions)), key=lambda at: (-scores[at], positions[at]))
