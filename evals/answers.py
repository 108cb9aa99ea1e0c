"""Answers on two public sets, with the right passage in the store and with it left out.

    python evals/answers.py --data DATA --keep STORES --model qwen2.5-coder-1.5b-instruct --items OUT

DATA holds nq_oracle (English) and rgb_zh_refine (Chinese). Four runs: each set with its gold documents in the store
(is the answer right? are citations to the letter, and to a gold document?), and each set with them left out (is the
question refused?). One JSON line per run. On two cores a 1.5B model takes about half a minute per question."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from gezhi.app.evaluation import evaluate_answers

PARTS = {"nq_oracle": False, "rgb_zh_refine": True}
"""Set -> are its listed answers parts that are all required (a list of names), or alternatives?"""


def seeded(keep: Path, source: str, target: str) -> Path:
    """The store without gold documents starts as a copy of the one with them: nothing else is embedded again."""
    if not (keep / target).exists() and (keep / source).exists():
        shutil.copytree(keep / source, keep / target)
    return keep / target


def run(given: argparse.Namespace, name: str, without_gold: bool, limit: int) -> dict[str, Any]:
    label = f"{name}-without-gold" if without_gold else name
    started = time.monotonic()
    given.items.mkdir(parents=True, exist_ok=True)

    def show(stage: str, done: int, of: int) -> None:
        if sys.stderr.isatty() or (stage == "answering" and done % 10 == 0):
            sys.stderr.write(f"{label}: {stage} {done}/{of}" + ("\r" if sys.stderr.isatty() else "\n"))

    figures = evaluate_answers(
        given.data / name / "corpus.jsonl",
        given.data / name / "questions.jsonl",
        model=given.model,
        limit=limit,
        all_answers=PARTS[name],
        without_gold=without_gold,
        keep=seeded(given.keep, name, label) if without_gold else given.keep / name,
        items=given.items / f"{label}.jsonl",
        resume=given.resume,
        on_progress=show,
    ).as_dict()
    return {"run": label, **figures, "seconds": round(time.monotonic() - started, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with one folder per set")
    parser.add_argument("--keep", type=Path, required=True, help="folder for the stores")
    parser.add_argument("--items", type=Path, required=True, help="folder for one JSON line per question")
    parser.add_argument("--model", help="chat model, or `extractive`; the configured one if left out")
    parser.add_argument("--sets", default=",".join(PARTS))
    parser.add_argument("--limit", type=int, default=100, help="questions per set with gold; without, half of it")
    parser.add_argument("--resume", action="store_true", help="go on where a stopped run of the same command was")
    given = parser.parse_args()
    for without_gold in (False, True):
        for name in given.sets.split(","):
            limit = max(1, given.limit // 2) if without_gold else given.limit
            print(json.dumps(run(given, name, without_gold, limit), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
