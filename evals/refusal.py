"""Fits `gezhi/answer/refusal.json` on what `evals/refusal_signals.py` collected, and reports how well it refuses.

    python evals/refusal.py --items quoted.jsonl answered.jsonl --train nq_oracle,cmrc2018_trial [--write refusal.json]

No model is asked. Items without a chat model's probabilities fit the estimates from retrieval alone, the others those
with the model. Sets that are not named under --train are only tested on. Figures of a training set are
cross-validated: each question is judged by weights fitted without it. Intervals are 95 % Wilson."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gezhi.answer.support import logit
from gezhi.evaluate.statistics import wilson

Line = dict[str, Any]
Floats = NDArray[np.float64]

FALSE_REFUSALS = 0.1
HOPELESS = 0.05
FOLDS = 10
STAGES: dict[str, tuple[str, ...]] = {
    "words": ("coverage",),
    "meaning": ("similarity", "nearest"),
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
    low, high = wilson(int(hits.sum()), len(hits))
    return f"{hits.mean():.3f} ({low:.2f}-{high:.2f})"


class Fitted:
    """One estimate, fitted on the training sets."""

    def __init__(self, stage: str, lines: Sequence[Line], train: Sequence[str]) -> None:
        self.names = STAGES[stage]
        self.stage, self.lines = stage, lines
        inside = [line["set"] in train for line in lines]
        self.train = [line for line, is_in in zip(lines, inside, strict=True) if is_in]
        self.weights = fit(matrix(self.train, self.names), labels(self.train))
        self.scores = matrix(lines, self.names) @ self.weights
        self.scores[np.array(inside)] = cross_validated(self.train, self.names)
        self.thresholds = {language: self._threshold(language) for language in ("en", "zh")}

    def _threshold(self, language: str) -> float:
        """Where a tenth of the answerable questions of the training sets is refused."""
        scores = [
            s
            for s, line in zip(self.all_train_scores(), self.train, strict=True)
            if line["answerable"] and line["language"] == language
        ]
        return float(np.quantile(scores, FALSE_REFUSALS)) if scores else 0.0

    def all_train_scores(self) -> Floats:
        return cross_validated(self.train, self.names)

    def report(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name in dict.fromkeys(line["set"] for line in self.lines):
            chosen = np.array([line["set"] == name for line in self.lines])
            scores, lines = self.scores[chosen], [line for line in self.lines if line["set"] == name]
            y = labels(lines)
            if y.min() == y.max():
                continue
            shown = scores >= np.array([self.thresholds[line["language"]] for line in lines])
            out[name] = {
                "answerable": int(y.sum()),
                "unanswerable": int((1 - y).sum()),
                "auc": round(auc(scores, y), 3),
                "false_answers_at_10pct_false_refusals": round(at_refusals(scores, y), 3),
                "false_refusals": with_interval(~shown[y == 1]),
                "false_answers": with_interval(shown[y == 0]),
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
            "threshold": {k: round(1 / (1 + float(np.exp(-z))), 3) for k, z in self.thresholds.items()},
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


def curve(fitted: Fitted, name: str) -> list[tuple[float, float]]:
    """(false refusals, false answers) of a set at every twentieth of false refusals."""
    chosen = np.array([line["set"] == name for line in fitted.lines])
    y = labels([line for line in fitted.lines if line["set"] == name])
    scores = fitted.scores[chosen]
    return [(round(s, 2), round(at_refusals(scores, y, s), 3)) for s in np.arange(0, 0.55, 0.05).tolist()]


def end_to_end(lines: Sequence[Line], shown: Callable[[Line], bool]) -> dict[str, Any]:
    """What a person sees: refusals of any cause, and false answers, of which some hold the gold answer after all."""
    out: dict[str, Any] = {}
    for name in dict.fromkeys(line["set"] for line in lines):
        some = [line for line in lines if line["set"] == name]
        yes, no = ([line for line in some if line["answerable"] is kind] for kind in (True, False))
        if not yes or not no:
            continue
        false = [line for line in no if shown(line)]
        out[name] = {
            "false_refusals": with_interval(np.array([not shown(line) for line in yes], dtype=float)),
            "of_these_dropped_by_the_check": sum(not line["statements"] for line in yes),
            "false_answers": with_interval(np.array([shown(line) for line in no], dtype=float)),
            "of_these_hold_the_gold_answer": sum(line["right"] for line in false),
            "right_of_answered": with_interval(np.array([line["right"] for line in yes if shown(line)], dtype=float)),
        }
    return out


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
    result: dict[str, Any] = {}
    weights: dict[str, Any] = {"hopeless": HOPELESS}
    asked = [line for line in lines if line["model"]]
    for stage, names in STAGES.items():
        known = asked if stage == "sentence" else [line for line in lines if not line["model"]]
        if stage == "sentence":
            for line in known:
                line["signals"]["retrieval"] = retrieval_logit(weights["meaning"], line)
        known = [line for line in known if all(name in line["signals"] for name in names if name != "retrieval")]
        if not known:
            continue
        fitted = Fitted(stage, known, train)
        weights[stage] = fitted.as_json()
        result[stage] = {**fitted.report(), "shares (AUC / false answers)": by_share(fitted)}
        result[stage]["curves"] = {name: curve(fitted, name) for name in result[stage] if name in train}
    print(json.dumps(result, indent=1, ensure_ascii=False))
    if given.write:
        weights["card"] = {"fitted": date.today().isoformat(), "train": train, "figures": "docs/benchmarks.md"}
        given.write.write_text(json.dumps(weights, indent=1) + "\n", "utf-8")


def retrieval_logit(meaning: dict[str, Any], line: Line) -> float:
    signals: dict[str, float] = line["signals"]
    return float(
        sum(weight * signals[name] for name, weight in meaning["weights"].items())
        + meaning["intercept"][line["language"]]
    )


if __name__ == "__main__":
    main()
