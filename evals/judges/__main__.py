"""Fit the head of the rules judge, and measure judges against people.

    python evals/judges fit     --data DATA     # writes src/gezhi/evaluate/judges/head.json
    python evals/judges measure --data DATA --judge rules,words,check,length [--limit N] [--items FILE] [--json FILE]

With `--items`, a line a judged pair is written as it is judged, and a run that was stopped goes on with the same file.
`check` is the check of statements in `answer/`, `length` says yes to short claims: what judges must beat."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from baselines import CheckJudge, LengthJudge
from fitting import fit
from making import SETS, relevancy_pairs

from gezhi.app.config import load_config
from gezhi.app.judging import choose_judge, measure, measured_pairs
from gezhi.app.models import choose_chat, choose_embedder
from gezhi.evaluate.judges.agreement import Ask, ask_judge, auc, judge_pairs
from gezhi.evaluate.judges.kept import KeptJudgements
from gezhi.evaluate.judges.pairs import READERS
from gezhi.evaluate.judges.protocol import Judge
from gezhi.types import ConfigError

HEAD = Path(__file__).parents[2] / "src/gezhi/evaluate/judges/head.json"
SHOWN = (
    "balanced_accuracy",
    "auc",
    "auc_even_lengths",
    "spearman_faithfulness",
    "spearman_completeness",
    "relevancy_spearman_completeness",
    "relevancy_spearman_appropriateness",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("fit", "measure"))
    parser.add_argument("--data", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--head", type=Path, default=HEAD, help="file that `fit` writes")
    parser.add_argument("--judge", default="rules,words,check,length")
    parser.add_argument("--limit", type=int, help="pairs of each set")
    parser.add_argument("--items", type=Path, help="file of judged pairs, so that a stopped run goes on")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--card", action="store_true", help="put the figures into the head's card")
    options = parser.parse_args()
    if options.command == "fit":
        config = load_config()
        embedder = choose_embedder(config)
        if embedder is None:
            raise ConfigError("No embedder is installed: the heads by meaning cannot be fitted.")
        head = fit(options.data, embedder.embed_passages)
        write_head(head, options.head)
    else:
        figures = measured(options.data, options.judge.split(","), options.limit, options.items)
        if options.json:
            options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
        if options.card:
            write_card(figures, options.head)
        print(table(figures))


def write_head(head: Mapping[str, Any], path: Path) -> None:
    path.write_text(json.dumps(head, ensure_ascii=False, indent=1) + "\n", "utf-8")


def write_card(figures: Sequence[Mapping[str, Any]], path: Path) -> None:
    """What the judges by rules reach, and what the length of the claim alone does, goes into the card."""
    head = json.loads(path.read_text("utf-8"))
    wanted = ("judge", "set", "pairs", "errors", *(key for name in SHOWN for key in (name, f"{name}_interval")))
    head["card"]["figures"] = [
        {key: entry[key] for key in wanted if entry.get(key) is not None}
        for entry in figures
        if entry["judge"].startswith(("rules-", "length"))
    ]
    write_head(head, path)


def measured(data: Path, names: Sequence[str], limit: int | None, items: Path | None) -> list[dict[str, Any]]:
    """Figures of each judge on each set; for the judges by rules, also how well relevancy tells answers apart."""
    ask = KeptJudgements(items) if items is not None else ask_judge
    figures = []
    for name in names:
        judge = _judge(name)
        for one in READERS:
            figures.append(measure(judge, one, measured_pairs(data, one, limit), progress, ask))
        if name in ("rules", "words"):
            figures += [relevancy_auc(judge, data, one, limit, ask) for one in SETS]
    return figures


def _judge(name: str) -> Judge:
    plain: dict[str, Callable[[], Judge]] = {"check": CheckJudge, "length": LengthJudge}
    if name in plain:
        return plain[name]()
    config = load_config()
    chat = choose_chat(config) if name == "model" else None
    return choose_judge(name, config, chat, choose_embedder(config) if name == "rules" else None)


def relevancy_auc(judge: Judge, data: Path, name: str, limit: int | None, ask: Ask) -> dict[str, Any]:
    """Own answers against those of other questions, on the half that nothing was fitted on."""
    import numpy as np

    pairs = [pair for pair in relevancy_pairs(data, name) if not pair.train][:limit]
    judged = judge_pairs(judge, pairs, about="relevancy", ask=ask)
    known = [one for one in judged if one.score is not None]
    value = auc(np.array([one.pair.label for one in known]), np.array([one.score for one in known]))
    errors = len(judged) - len(known)
    return {
        "judge": judge.name,
        "set": f"relevancy: {name}",
        "pairs": len(pairs),
        "errors": errors,
        "auc": None if np.isnan(value) else round(value, 4),
    }


def progress(stage: str, done: int, of: int) -> None:
    if done == of or done % 100 == 0:
        print(f"{stage}: {done} of {of}", file=sys.stderr, flush=True)


def table(figures: Sequence[Mapping[str, Any]]) -> str:
    """As Markdown."""
    lines = ["| set | judge | pairs | errors | figure | value | 95 % |", "|---|---|---|---|---|---|---|"]
    for entry in sorted(figures, key=lambda entry: entry["set"]):
        for name in SHOWN:
            if entry.get(name) is not None:
                ends = entry.get(f"{name}_interval") or ("", "")
                interval = " to ".join(f"{end:.3f}" if end != "" else "" for end in ends)
                lines.append(
                    f"| {entry['set']} | {entry['judge']} | {entry['pairs']} | {entry['errors']} | {name} "
                    f"| {entry[name]:.3f} | {interval} |"
                )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
