"""Fit and check the ranker of `retrieve/graph`: src/gezhi/retrieve/graph/ranker.json.

    pip install scikit-learn
    TRAIN=hotpotqa_train100,2wikimultihopqa_hippo_corpus,musique_train100,nq_oracle,nlpcc_mh_train,cmrc2018_trial
    python evals/graph_ranker.py --data DATA --keep STORES --train $TRAIN --test rgb_zh_refine,scifact \\
        [--words] [--out src/gezhi/retrieve/graph/ranker.json]

Prints Recall@5 of the first stage and of the ranker, each training set by a ranker that has not seen it (leave one set
out), each test set by one fitted on all training sets, with the 95 % interval of the difference. `--words` leaves the
embedder out. Only sets whose licence allows it may be trained on: see the card in ranker.json."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gezhi.app.config import load_config
from gezhi.app.corpus import build_store, corpus_id
from gezhi.app.evaluation.retrieval import use_facts
from gezhi.app.models import choose_embedder
from gezhi.evaluate import load_corpus, load_questions, with_gold
from gezhi.evaluate.statistics import bootstrap
from gezhi.llm.protocol import Embedder
from gezhi.retrieve import ByMeaning, ByWords, Retrieval
from gezhi.retrieve.graph.by_graph import ByGraph, features_of
from gezhi.retrieve.graph.candidates import gather
from gezhi.retrieve.graph.features import NAMES
from gezhi.retrieve.graph.ranker import Ranker, order_by
from gezhi.store.sqlite import open_sqlite
from gezhi.types import Filters, Query, Scope

TREES, DEPTH, RATE = 80, 4, 0.06
FIRST_STAGE = 3.0
"""Chosen so that sets where one passage is enough lose nothing, on sets left out."""


@dataclass(frozen=True, slots=True)
class Asked:
    features: NDArray[np.float32]
    positions: tuple[int, ...]
    documents: tuple[str, ...]
    """Of each candidate."""
    first: tuple[str, ...]
    """Documents of the first stage, in order."""
    gold: frozenset[str]

    @property
    def labels(self) -> NDArray[np.float64]:
        return np.array([float(document in self.gold) for document in self.documents])


def collect(data: Path, keep: Path, embedder: Embedder | None, limit: int, facts: Path | None) -> list[Asked]:
    questions = with_gold(load_questions(data / "questions.jsonl"))
    step = max(1, len(questions) // limit)
    build_store(keep, load_corpus(data / "corpus.jsonl"), embedder)
    use_facts(keep, facts)
    store = open_sqlite(keep)
    collected = []
    try:
        retrievers = [ByWords(store), *([ByMeaning(store, embedder)] if embedder else [])]
        first_stage, graph = Retrieval(retrievers), ByGraph(store)
        for question in questions[::step][:limit]:
            query = Query(text=question.question, scope=Scope.owner(), limit=100)
            lists = {retriever.name: retriever.find(query, 100) for retriever in retrievers}
            first = first_stage.retrieve(query)
            view = store.graph(query.scope, Filters())
            at = dict(zip(view.positions([one.passage.id for one in first]), first, strict=True))
            if not at:
                continue
            pool = gather(store, view, query.text, {position: one.score for position, one in at.items()})
            known = graph.known(query, pool, at)
            collected.append(
                Asked(
                    features=features_of(pool, query.text, known, lists),
                    positions=pool.positions,
                    documents=tuple(corpus_id(known[position].source) for position in pool.positions),
                    first=tuple(dict.fromkeys(corpus_id(one.source) for one in first)),
                    gold=frozenset(question.supporting_ids),
                )
            )
    finally:
        store.close()
    return collected


def fit(asked: Sequence[Asked]) -> dict[str, Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    rows = np.concatenate([one.features for one in asked]).astype(np.float64)
    labels = np.concatenate([one.labels for one in asked])
    shares = np.concatenate([np.full(len(one.documents), 50 / len(one.documents)) for one in asked])
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    scale[scale == 0] = 1.0
    logistic = LogisticRegression(C=0.3, max_iter=1000).fit((rows - mean) / scale, labels, sample_weight=shares)
    boosted = HistGradientBoostingClassifier(
        max_iter=TREES, max_depth=DEPTH, learning_rate=RATE, min_samples_leaf=40, l2_regularization=2, random_state=0
    ).fit(rows, labels)
    return {
        "logistic": {
            "mean": rounded(mean),
            "scale": rounded(scale),
            "weights": rounded(logistic.coef_[0]),
            "intercept": round(float(logistic.intercept_[0]), 4),
        },
        "base": round(float(np.ravel(boosted._baseline_prediction)[0]), 4),
        "depth": DEPTH,
        "first_stage": FIRST_STAGE,
        "trees": [tree(step[0].nodes) for step in boosted._predictors],
    }


def tree(nodes: NDArray[Any]) -> dict[str, list[float]]:
    leaf = nodes["is_leaf"].astype(bool)
    return {
        "feature": np.where(leaf, -1, nodes["feature_idx"]).tolist(),
        "threshold": rounded(np.where(leaf, 0.0, nodes["num_threshold"])),
        "left": np.where(leaf, 0, nodes["left"]).tolist(),
        "right": np.where(leaf, 0, nodes["right"]).tolist(),
        "value": rounded(np.where(leaf, nodes["value"], 0.0)),
    }


def rounded(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), 4) for value in values]


def recall(documents: Sequence[str], gold: frozenset[str]) -> float:
    return len(set(list(dict.fromkeys(documents))[:5]) & gold) / len(gold)


def check(fitted: dict[str, Any], asked: Sequence[Asked]) -> dict[str, Any]:
    model = Ranker.of(fitted)
    before = [recall(one.first, one.gold) for one in asked]
    after = [
        recall([one.documents[at] for at in order_by(model.scores(one.features), one.positions)], one.gold)
        for one in asked
    ]
    low, high = bootstrap([b - a for a, b in zip(before, after, strict=True)])
    pool = np.mean([len(set(one.documents) & one.gold) / len(one.gold) for one in asked])
    return {
        "questions": len(asked),
        "first_stage": round(float(np.mean(before)), 4),
        "graph": round(float(np.mean(after)), 4),
        "difference_95": [round(low, 4), round(high, 4)],
        "among_candidates": round(float(pool), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", default="")
    parser.add_argument("--words", action="store_true", help="without an embedder")
    parser.add_argument("--limit", type=int, default=300, help="questions a set; at most 150 of each are fitted on")
    parser.add_argument("--facts", action="append", default=[], metavar="SET=FILE", help="extracted facts for a set")
    parser.add_argument("--out", type=Path, help="write the ranker fitted on all training sets here")
    given = parser.parse_args()
    embedder = None if given.words else choose_embedder(load_config())
    train, test = given.train.split(","), [name for name in given.test.split(",") if name]
    facts = {name: Path(path) for name, _, path in (one.partition("=") for one in given.facts)}
    asked = {}
    for name in (*train, *test):
        started = time.process_time()
        asked[name] = collect(given.data / name, given.keep / name, embedder, given.limit, facts.get(name))
        print(f"{name}: {len(asked[name])} questions, {time.process_time() - started:.0f} s", file=sys.stderr)
    for name in train:
        others = [one for other in train if other != name for one in asked[other][:150]]
        if others:
            print(json.dumps({"set": name, "left_out": True, **check(fit(others), asked[name])}), flush=True)
    everything = fit([one for name in train for one in asked[name][:150]])
    for name in test:
        print(json.dumps({"set": name, "left_out": True, **check(everything, asked[name])}), flush=True)
    if given.out:
        write(given.out, "words" if embedder is None else "words,meaning", everything, train)


def write(path: Path, variant: str, fitted: dict[str, Any], train: Sequence[str]) -> None:
    stored = json.loads(path.read_text("utf-8")) if path.exists() else {"variants": {}}
    if stored.get("features") not in (None, list(NAMES)):
        stored["variants"] = {}
    card = {
        "what": "Ranks candidates of the graph retriever; evals/graph_ranker.py fits it.",
        "data": {**stored.get("card", {}).get("data", {}), variant: list(train)},
        "licences": "HotpotQA, CMRC 2018: CC BY-SA 4.0; 2WikiMultihopQA: Apache-2.0; MuSiQue: CC BY 4.0; Natural"
        " Questions: CC BY-SA 3.0; NLPCC-MH: free use. Only fitted numbers are kept, no text.",
        "date": time.strftime("%Y-%m-%d"),
        "figures": "docs/benchmarks.md",
    }
    variants = {**stored["variants"], variant: fitted}
    path.write_text(
        json.dumps({"card": card, "features": list(NAMES), "variants": variants}, ensure_ascii=False) + "\n", "utf-8"
    )


if __name__ == "__main__":
    main()
