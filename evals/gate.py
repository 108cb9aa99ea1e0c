"""Does the gate hold its error rate, and what can it see? A simulation.

    python evals/gate.py --runs 400

Each simulated question has its own chance of a right answer (most are easy or hopeless, as in practice), and a run
draws from these chances. The candidate is the same model, or one whose chances are lower, so that its true score drops
by so many points. Shown: how often the gate fails, beside the gate that fails whenever the score fell, and one that
fails whenever the score fell by more than the margin."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gezhi.evaluate.compare import compare
from gezhi.evaluate.gate import MARGIN, gate
from gezhi.types import EvaluationResult

METRICS = ("containment", "citation_recall", "faithfulness")


def results(values: Sequence[NDArray[np.float64]]) -> list[EvaluationResult]:
    return [
        EvaluationResult(item=str(at), scores=dict(zip(METRICS, map(float, row), strict=False)))
        for at, row in enumerate(np.stack(values, axis=1))
    ]


def simulate(questions: int, drop: float, runs: int, metrics: int, generator: np.random.Generator) -> dict[str, float]:
    failed = naive = beyond_margin = 0
    detectable = []
    for _ in range(runs):
        chances = [generator.beta(0.45, 0.25, size=questions) for _ in range(metrics)]
        lower = [np.clip(one - drop * one / one.mean(), 0, 1) for one in chances]
        before = [(generator.random(questions) < one).astype(float) for one in chances]
        after = [(generator.random(questions) < one).astype(float) for one in lower]
        decided = gate(results(before), results(after), METRICS[:metrics])
        fell = [float(b.mean() - a.mean()) for b, a in zip(before, after, strict=True)]
        failed += not decided.passed
        naive += max(fell) > 0
        beyond_margin += max(fell) > MARGIN
        detectable.append(decided.comparisons[0].detectable)
    return {
        "questions": questions,
        "metrics": metrics,
        "true_drop": drop,
        "gate_fails": round(failed / runs, 3),
        "score_fell": round(naive / runs, 3),
        "fell_beyond_margin": round(beyond_margin / runs, 3),
        "detectable_p50": round(float(np.median(detectable)), 3),
    }


def coverage(questions: int, drop: float, runs: int, generator: np.random.Generator) -> float:
    """Share of runs whose 95 % interval holds the true difference."""
    held = 0
    for _ in range(runs):
        chances = generator.beta(0.45, 0.25, size=questions)
        lower = np.clip(chances - drop * chances / chances.mean(), 0, 1)
        before, after = ((generator.random(questions) < one).astype(float) for one in (chances, lower))
        (one,) = compare(results([before]), results([after]))
        held += one.interval[0] <= float((lower - chances).mean()) <= one.interval[1]
    return round(held / runs, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=400, help="simulated pairs of runs per line")
    given = parser.parse_args()
    generator = np.random.default_rng(7)
    for questions in (50, 100, 200, 500):
        for drop in (0.0, 0.05, 0.10, 0.15):
            print(json.dumps(simulate(questions, drop, given.runs, 1, generator)), flush=True)
    for questions in (100, 200):
        print(json.dumps(simulate(questions, 0.0, given.runs, 3, generator)), flush=True)
    for questions in (50, 200):
        print(json.dumps({"questions": questions, "coverage_of_95": coverage(questions, 0.05, given.runs, generator)}))


if __name__ == "__main__":
    main()
