"""`gezhi eval`: score retrieval and answers on a set of questions with known answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="eval",
    help="Score retrieval and answers on your own questions, or on a public set.",
    no_args_is_help=True,
)

Corpus = Annotated[Path, typer.Option(help="Documents: JSON lines {id, title, text}.")]
Questions = Annotated[
    Path, typer.Option(help="Questions: JSON lines {id, question, answers, supporting_ids}; ids of the corpus.")
]
Limit = Annotated[int | None, typer.Option(min=1, help="Ask only the first N questions.")]
Keep = Annotated[
    Path | None,
    typer.Option(help="Folder to keep the store in: the next run with the same corpus does not build it again."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def retrieval(
    corpus: Corpus,
    questions: Questions,
    k: Annotated[int, typer.Option("--k", min=1, max=100, help="Also score the first K documents.")] = 5,
    retrievers: Annotated[
        str | None, typer.Option(help="Comma-separated: words, meaning. All available if left out.")
    ] = None,
    limit: Limit = None,
    keep: Keep = None,
    as_json: Json = False,
) -> None:
    """Is the right document among the first? Recall, nDCG, MRR at document level."""
    from gezhi.app.evaluation import evaluate_retrieval

    names = [name.strip() for name in retrievers.split(",") if name.strip()] if retrievers is not None else None
    with _progress() as on_progress:
        run = evaluate_retrieval(
            corpus, questions, k=k, retrievers=names, limit=limit, keep=keep, on_progress=on_progress
        )
    _print(run.as_dict(), as_json)


@app.command()
def answers(
    corpus: Corpus,
    questions: Questions,
    model: Annotated[
        str | None,
        typer.Option(help="Chat model, as in the setting chat_model; `extractive` for none. The configured one."),
    ] = None,
    limit: Limit = None,
    all_answers: Annotated[
        bool,
        typer.Option(
            "--all-answers", help="The listed answers are parts that are all required, not alternatives of one."
        ),
    ] = False,
    without_gold: Annotated[
        bool,
        typer.Option(
            "--without-gold", help="Leave the questions' gold documents out of the store: every answer is then false."
        ),
    ] = False,
    keep: Keep = None,
    items: Annotated[Path | None, typer.Option(help="Write one JSON line per question to this file.")] = None,
    as_json: Json = False,
) -> None:
    """Are answers right, are their citations true, is what cannot be answered refused?"""
    from gezhi.app.evaluation import evaluate_answers

    with _progress() as on_progress:
        figures = evaluate_answers(
            corpus,
            questions,
            model=model,
            limit=limit,
            all_answers=all_answers,
            without_gold=without_gold,
            keep=keep,
            items=items,
            on_progress=on_progress,
        )
    _print(figures, as_json)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr for each stage; nothing where stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:

        def on_progress(stage: str, done: int, of: int) -> None:
            if stage not in bars:
                bars[stage] = progress.add_task(stage, total=of)
            progress.update(bars[stage], completed=done, total=of)

        yield on_progress


def _print(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        return
    from rich.console import Console
    from rich.table import Table

    intervals = figures.get("intervals", {})
    table = Table("figure", "value", "95 % interval")
    for name, value in figures.items():
        if name != "intervals":
            low_high = intervals.get(name)
            table.add_row(name, _shown(value), f"{low_high[0]:.3f} to {low_high[1]:.3f}" if low_high else "")
    Console().print(table)


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
