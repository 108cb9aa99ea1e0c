"""The demo: install a chat model if there is none, add the sample documents, answer six questions.

    python samples/demo.py --store .demo/demo.gezhi

Uses only what `from gezhi import App` offers to everybody."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from gezhi import App
from gezhi.app.config import load_config
from gezhi.app.models import install_model, list_models
from gezhi.types import Answer, GezhiError, Progress, Status

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, default=Path(".demo/demo.gezhi"))
    arguments = parser.parse_args()
    arguments.store.parent.mkdir(parents=True, exist_ok=True)
    install_chat_model()
    with App(arguments.store) as app:
        print("\nAdding the sample documents ...", flush=True)
        report = app.add(HERE / "documents", sync=True, on_progress=show)
        for item in report.items:
            if item.outcome and item.outcome.status in (Status.WARNED, Status.REFUSED):
                print(f"  {item.outcome.status.value}: {item.source}: {item.outcome.message}")
        print("  " + ", ".join(f"{count} {status}" for status, count in report.job.counts))
        for question in demo_questions():
            print(f"\n\033[1m{question}\033[0m" if sys.stdout.isatty() else f"\n{question}", flush=True)
            started = time.monotonic()
            print_answer(app.ask(question), time.monotonic() - started)
    print(f"\nAsk your own: .venv/bin/gezhi --store {arguments.store} ask '...'", flush=True)


def install_chat_model() -> None:
    """A local chat model, unless one is installed or the settings name another."""
    config = load_config()
    installed = any(state.installed and state.entry.kind == "chat" for state in list_models(config))
    if config.chat_model != "auto" or config.chat_base_url or installed:
        return
    print("Installing a chat model; it is downloaded once.", flush=True)
    try:
        path = install_model(config, "auto", show_download)
    except GezhiError as error:
        print(f"\n  {error}\n  Going on without a chat model: answers are quoted sentences.")
    else:
        print(f"\n  {path}")


_last = ""


def show_download(done: int, total: int, stage: str) -> None:
    global _last
    shown = f"{stage}: {100 * done // max(total, 1):3d} %"
    if shown != _last:
        end = "\r" if sys.stdout.isatty() else "\n"
        if end == "\r" or done * 10 // max(total, 1) != _tenth(_last):
            print(f"  {shown:60}", end=end, flush=True)
        _last = shown


def _tenth(shown: str) -> int:
    digits = "".join(char for char in shown[-6:] if char.isdigit())
    return int(digits or -10) // 10


def show(progress: Progress) -> None:
    if progress.stage == "finished":
        print(f"  {progress.job.finished}/{progress.job.total}  {progress.source}", flush=True)


def demo_questions() -> list[str]:
    lines = (HERE / "questions.jsonl").read_text("utf-8").splitlines()
    return [entry["question"] for entry in map(json.loads, lines) if entry["demo"]]


def print_answer(answer: Answer, seconds: float) -> None:
    number = 0
    for statement in answer.statements:
        marks = ""
        for _ in statement.citations:
            number += 1
            marks += f"[{number}]"
        print(f"  {statement.text} {marks}")
    if answer.refusal:
        print(f"  ({answer.refusal.message})")
        for evidence in answer.evidence[:2]:
            print(f"     near: {evidence.source}: {' '.join(evidence.passage.text.split())[:80]} ...")
    for at, citation in enumerate(answer.citations, start=1):
        page = f", page {citation.page}" if citation.page else ""
        print(f'    [{at}] {citation.title} ({Path(citation.source).name}{page}): "{" ".join(citation.quote.split())}"')
    by = answer.model or ("computed, no chat model" if answer.computation else "quoted, no chat model")
    print(f"    {by}, {seconds:.1f} s, trace {answer.trace_id[:8]}")


if __name__ == "__main__":
    main()
