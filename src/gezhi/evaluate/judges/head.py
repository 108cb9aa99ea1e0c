"""The learned head of the rules judge: a logistic sum of its features. Its numbers are in `head.json`, with their card;
`evals/judges.py` fits them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    weights: Mapping[str, float]
    bias: float
    threshold: float
    """Chosen on the pairs it was fitted on."""

    def logit(self, features: Mapping[str, float]) -> float:
        return self.bias + sum(weight * features[name] for name, weight in self.weights.items())

    def score(self, parts: Sequence[Mapping[str, float]]) -> float:
        """Of a claim of several sentences: the logistic of the mean. One sentence that is not stated among many pulls
        it down without deciding alone; that agreed better with people than the worst sentence did."""
        return logistic(sum(self.logit(part) for part in parts) / len(parts))


@dataclass(frozen=True, kw_only=True, slots=True)
class Heads:
    version: str
    embedder: str
    """Beginning of the name of the embedder whose cosines the heads by meaning know."""
    support: Mapping[str, Head]
    """`words` and `meaning`."""
    relevancy: Mapping[str, Head]
    card: Mapping[str, Any]


def logistic(z: float) -> float:
    return 1 / (1 + math.exp(-min(max(z, -60.0), 60.0)))


@cache
def load_heads() -> Heads:
    return heads_from(json.loads((files("gezhi.evaluate.judges") / "head.json").read_text("utf-8")))


def heads_from(value: Mapping[str, Any]) -> Heads:
    def read(kind: str) -> dict[str, Head]:
        return {name: Head(**numbers) for name, numbers in value[kind].items()}

    return Heads(
        version=value["version"],
        embedder=value["embedder"],
        support=read("support"),
        relevancy=read("relevancy"),
        card=value["card"],
    )
