"""The small benchmark of `make bench`: under ten minutes on two cores, no chat model. `--full` is `make bench-full`.

    python evals/bench.py --data DATA [--full] [--keep FOLDER] [--only NAME,...] [--list]

DATA holds the sets (`DATA/<set>/{corpus,questions}.jsonl`) and `docs_real`; what is missing is left out and named.
Prints one JSON line a measurement. With `--keep`, each is written to FOLDER/bench.jsonl when it is made, and a run that
was stopped goes on after the last one, within a long one too. Name with `--only` what to measure again; in a new
folder everything is. Names may be beginnings (`tables`) or patterns (`retrieval/*/words`)."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from bench_steps import Step, full, small
from gezhi.evaluate.results_file import ResultsFile

RESULTS = "bench.jsonl"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--full", action="store_true", help="nearly every figure of docs/benchmarks.md: hours")
    parser.add_argument("--keep", type=Path, help="keep stores and results here, so that a stopped run goes on")
    parser.add_argument("--only", help="comma-separated names of steps: these, whether they were measured or not")
    parser.add_argument("--list", action="store_true", help="name the steps with their commands, and measure nothing")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gezhi-bench-") as folder:
        keep = given.keep or Path(folder)
        steps = list((full if given.full else small)(given.data, keep))
        if given.only:
            steps = chosen(steps, given.only.split(","))
            if not steps:
                parser.error(f"--only {given.only}: no step has such a name; --list names them")
        if given.list:
            print("\n".join(f"{step.name}: {' '.join(step.command)}" for step in steps))
            return 0
        (keep / "items").mkdir(parents=True, exist_ok=True)
        return measure(steps, ResultsFile(keep / RESULTS), again=bool(given.only))


def chosen(steps: Sequence[Step], names: Sequence[str]) -> list[Step]:
    wanted = [name.strip() for name in names if name.strip()]
    return [
        step
        for step in steps
        if any(step.name == name or step.name.startswith(f"{name}/") or fnmatchcase(step.name, name) for name in wanted)
    ]


def measure(steps: Sequence[Step], kept: ResultsFile, *, again: bool = False) -> int:
    """Print the result of each step, from the file where the same command went well before. 1 if one failed."""
    before = {tuple(row.get("command", ())): row for row in kept.lines() if "failed" not in row}
    known = {} if again else before
    failed = 0
    for number, step in enumerate(steps, start=1):
        place = f"[{number}/{len(steps)}] {step.name}"
        missing = [str(path) for path in step.needs if not path.exists()]
        if step.command in known:
            print(f"{place}: measured before", file=sys.stderr, flush=True)
            row = known[step.command]
        elif missing:
            print(f"{place}: left out, {', '.join(missing)} is not there", file=sys.stderr, flush=True)
            continue
        else:
            print(f"{place} ...", file=sys.stderr, flush=True)
            if step.command in before:
                forget(step)
            row = run(step)
            kept.append(row)
            said = f"failed, {row['failed']}" if "failed" in row else "done"
            print(f"{place}: {said} after {row['seconds']} s", file=sys.stderr, flush=True)
        failed += "failed" in row
        shown = {key: value for key, value in row.items() if key != "command"}
        print(json.dumps(shown, ensure_ascii=False), flush=True)
    return 1 if failed else 0


def forget(step: Step) -> None:
    """What the step wrote of its questions when it was measured before: it would not ask them again."""
    for path in step.items:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def run(step: Step) -> dict[str, Any]:
    started = time.monotonic()
    done = subprocess.run([sys.executable, *step.command], capture_output=True, check=False)
    row: dict[str, Any] = {"bench": step.name, "command": list(step.command)}
    row |= {"seconds": round(time.monotonic() - started, 1), "at": time.strftime("%Y-%m-%d %H:%M")}
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        row["failed"] = f"exit code {done.returncode}: {said[-1] if said else 'nothing said'}"
    result = printed(done.stdout.decode("utf-8", "replace"))
    if step.figures and isinstance(result, dict):
        result = {name: result[name] for name in step.figures if name in result}
    return {**row, "result": result}


def printed(text: str) -> Any:
    """One JSON value, the values of JSON lines, or the text itself."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        pass
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        return [json.loads(line) for line in lines]
    except json.JSONDecodeError:
        return text.strip()


if __name__ == "__main__":
    sys.exit(main())
