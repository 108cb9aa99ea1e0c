"""How well can it be told beforehand that the evidence carries no answer? Fits and checks `answer/support.py`.

    python evals/refusal.py --data DATA --keep STORES --train nq_oracle,cmrc2018_trial --test rgb_zh_refine,scifact

Each question is judged twice: on the evidence retrieved for it, and on the evidence with its gold documents taken
out. Fits a logistic model on half of the questions of the training sets, and reports on the other half and on the
test sets: area under the curve, and the share of false answers at the threshold where 10 % of the answerable are
refused. `--model` adds the local chat model's yes/no probability (slow: seconds a question), `--limit` takes so
many questions of each set."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gezhi.answer.answer import LOCAL_EVIDENCE_TOKENS
from gezhi.answer.numbered import number
from gezhi.answer.support import Signals, model_yes, retrieval_signals
from gezhi.app.config import load_config
from gezhi.app.corpus import build_store, corpus_id
from gezhi.app.models import choose_chat, choose_embedder
from gezhi.evaluate import load_corpus, load_questions, with_gold
from gezhi.llm.protocol import ChatModel, Embedder
from gezhi.retrieve import ByMeaning, ByWords, Retrieval
from gezhi.store.sqlite import open_sqlite
from gezhi.types import Query, Scope

SHOWN = 6
FEATURES = ("coverage", "similarity", "model_yes")


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    set: str
    question: str
    answerable: bool
    signals: Signals


def judge(data: Path, keep: Path, embedder: Embedder, chat: ChatModel | None, limit: int | None) -> list[Judged]:
    questions = with_gold(load_questions(data / "questions.jsonl"), None)
    step = max(1, len(questions) // limit) if limit else 1
    build_store(keep, load_corpus(data / "corpus.jsonl"), embedder)
    store = open_sqlite(keep)
    judged = []
    try:
        retrieval = Retrieval([ByWords(store), ByMeaning(store, embedder)])
        for at, question in enumerate(questions[::step][: limit or None]):
            found = retrieval.retrieve(Query(text=question.question, scope=Scope.owner(), limit=60))
            gold = set(question.supporting_ids)
            kept = [e for e in found if corpus_id(e.source) not in gold]
            for answerable, evidence in ((True, found[:SHOWN]), (False, kept[:SHOWN])):
                if answerable and not any(corpus_id(e.source) in gold for e in evidence):
                    continue  # retrieval failed: neither answer nor refusal would be a fault of the judgement
                signals = retrieval_signals(question.question, evidence, store, embedder.name)
                if chat is not None:
                    shown = number(evidence, LOCAL_EVIDENCE_TOKENS, chat.count_tokens)
                    signals = replace(signals, model_yes=model_yes(question.question, shown, chat))
                judged.append(Judged(set=data.name, question=question.question, answerable=answerable, signals=signals))
            print(f"\r{data.name} {at + 1}", end="", file=sys.stderr)
    finally:
        store.close()
    print(file=sys.stderr)
    return judged


def matrix(judged: Sequence[Judged], features: Sequence[str]) -> NDArray[np.float64]:
    columns = []
    for name in features:
        values = np.array([float(getattr(one.signals, name) or 0.0) for one in judged])
        if name == "model_yes":
            clipped = np.clip(values, 1e-4, 1 - 1e-4)
            values = np.log(clipped / (1 - clipped))
        columns.append(values)
    return np.stack([*columns, np.ones(len(judged))], axis=1)


def fit(x: NDArray[np.float64], y: NDArray[np.float64], ridge: float = 1e-2) -> NDArray[np.float64]:
    """Logistic regression by Newton's method, with a little ridge."""
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (p - y) + ridge * weights
        hessian = (x * (p * (1 - p))[:, None]).T @ x + ridge * np.eye(x.shape[1])
        step = np.linalg.solve(hessian, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def report(scores: NDArray[np.float64], y: NDArray[np.float64]) -> dict[str, float]:
    yes, no = scores[y == 1], scores[y == 0]
    auc = float(np.mean((yes[:, None] > no[None, :]) + 0.5 * (yes[:, None] == no[None, :])))
    threshold = float(np.quantile(yes, 0.1))
    return {
        "answerable": len(yes),
        "unanswerable": len(no),
        "auc": round(auc, 3),
        "false_answers_at_10pct_false_refusals": round(float(np.mean(no >= threshold)), 3),
        "threshold": round(1 / (1 + float(np.exp(-threshold))), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", default="")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--model", action="store_true", help="also ask the chat model of the settings")
    parser.add_argument("--items", type=Path, help="write the signals of each question here, as JSON lines")
    arguments = parser.parse_args()
    config = load_config()
    embedder = choose_embedder(config)
    if embedder is None:
        parser.error("an embedding model is needed")
    chat = choose_chat(config) if arguments.model else None
    train, test = arguments.train.split(","), [name for name in arguments.test.split(",") if name]
    judged = {
        name: judge(arguments.data / name, arguments.keep / name, embedder, chat, arguments.limit)
        for name in (*train, *test)
    }
    if arguments.items:
        lines = [json.dumps(asdict(one), ensure_ascii=False) for some in judged.values() for one in some]
        arguments.items.write_text("\n".join(lines) + "\n", "utf-8")
    ways = {"words": FEATURES[:1], "words+meaning": FEATURES[:2]}
    if chat is not None:
        ways |= {"model": FEATURES[2:], "all": FEATURES}
    result: dict[str, object] = {}
    halves = {name: (judged[name][: len(judged[name]) // 2], judged[name][len(judged[name]) // 2 :]) for name in train}
    for way, features in ways.items():
        fitted = [one for name in train for one in halves[name][0]]
        weights = fit(matrix(fitted, features), np.array([float(one.answerable) for one in fitted]))
        checked = {name: halves[name][1] for name in train} | {name: judged[name] for name in test}
        result[way] = {
            "weights": dict(zip((*features, "intercept"), weights.round(3).tolist(), strict=True)),
            **{
                name: report(matrix(some, features) @ weights, np.array([float(one.answerable) for one in some]))
                for name, some in checked.items()
            },
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
