"""`gezhi eval`: score retrieval and answers on a set of questions with known answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from gezhi.entrypoints.cli.session import Session, command

app = typer.Typer(
    name="eval",
    help="Score retrieval and answers on questions with known answers: your own, or a public set.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Corpus = Annotated[Path, typer.Option(metavar="FILE", help="Documents: JSON lines {id, title, text}.")]
Questions = Annotated[
    Path,
    typer.Option(
        metavar="FILE",
        help="Questions: JSON lines {id, question, answers, supporting_ids}; supporting_ids are ids of the corpus.",
    ),
]
Limit = Annotated[int | None, typer.Option(min=1, help="Ask only the first so many questions.")]
Keep = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Keep the store here: the next run with the same corpus does not build it again. Deleted if left out.",
    ),
]


def retrieval(
    session: Session,
    corpus: Corpus,
    questions: Questions,
    k: Annotated[int, typer.Option("--k", min=1, max=100, help="Also score the first K documents.")] = 5,
    retrievers: Annotated[
        str | None, typer.Option(help="Comma-separated: words, meaning. All available if left out.")
    ] = None,
    limit: Limit = None,
    keep: Keep = None,
) -> None:
    """Is the right document among the first? Recall, nDCG and MRR at document level, and the time it took."""
    from gezhi.app.evaluation import evaluate_retrieval

    names = [name.strip() for name in retrievers.split(",") if name.strip()] if retrievers is not None else None
    with _progress(session) as on_progress:
        run = evaluate_retrieval(
            corpus,
            questions,
            k=k,
            retrievers=names,
            limit=limit,
            keep=keep,
            config=session.config(),
            on_progress=on_progress,
        )
    _print(session, run.as_dict())


def answers(
    session: Session,
    corpus: Corpus,
    questions: Questions,
    model: Annotated[
        str | None,
        typer.Option(help="Chat model, as in the setting chat_model, or `extractive`. The configured one if left out."),
    ] = None,
    limit: Limit = None,
    all_answers: Annotated[
        bool, typer.Option("--all-answers", help="All listed answers are required, as the parts of a list.")
    ] = False,
    without_gold: Annotated[
        bool,
        typer.Option("--without-gold", help="Leave the supporting documents out of the store: every answer is false."),
    ] = False,
    keep: Keep = None,
    items: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what came of each question here, as JSON lines.")
    ] = None,
) -> None:
    """Are the answers right, are their citations true, and is refused what cannot be answered?"""
    from gezhi.app.evaluation import evaluate_answers

    with _progress(session) as on_progress:
        figures = evaluate_answers(
            corpus,
            questions,
            model=model,
            limit=limit,
            all_answers=all_answers,
            without_gold=without_gold,
            keep=keep,
            items=items,
            config=session.config(),
            on_progress=on_progress,
        )
    _print(session, figures)


command(app, "retrieval")(retrieval)
command(app, "answers")(answers)


@contextmanager
def _progress(session: Session) -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each stage."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=session.err, disable=not session.shows_progress) as progress:

        def on_progress(stage: str, done: int, of: int) -> None:
            if stage not in bars:
                bars[stage] = progress.add_task(stage, total=of)
            progress.update(bars[stage], completed=done, total=of)

        yield on_progress


def _print(session: Session, figures: Mapping[str, Any]) -> None:
    if session.json:
        session.print_json(figures)
        return
    from gezhi.entrypoints.cli.output import cell, table

    intervals = figures["intervals"]
    shown = table("figure", "value", "95 % interval", right=("value",))
    for name, value in figures.items():
        if name != "intervals":
            low_high = intervals.get(name)
            between = f"{low_high[0]:.3f} to {low_high[1]:.3f}" if low_high else ""
            shown.add_row(cell(name), cell(_written(value)), cell(between, "dim"))
    session.out.print(shown)


def _written(value: object) -> str:
    match value:
        case None:
            return "-"
        case list():
            return ", ".join(str(part) for part in value)
        case float():
            return f"{value:g}"
        case _:
            return str(value)
