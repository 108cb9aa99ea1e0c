"""Figures with their intervals and definitions, and progress bars by stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from gezhi.entrypoints.cli.session import Session
from gezhi.types import EvaluationResult


@contextmanager
def progress(session: Session) -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each stage."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=session.err, disable=not session.shows_progress) as shown:

        def on_progress(stage: str, done: int, of: int) -> None:
            if stage not in bars:
                bars[stage] = shown.add_task(stage, total=of)
            shown.update(bars[stage], completed=done, total=of)

        yield on_progress


def tell_unjudged(session: Session, results: Sequence[EvaluationResult]) -> None:
    """How many answers the judge could not judge, and why, with what the first reason says to do."""
    from gezhi.evaluate.scoring import JUDGE_FAILED

    failed = [one.error.removeprefix(JUDGE_FAILED) for one in results if one.error.startswith(JUDGE_FAILED)]
    if failed:
        told = "1 answer was" if len(failed) == 1 else f"{len(failed)} answers were"
        session.err.print(f"{told} not judged: {failed[0].partition(': ')[2]}", markup=False)


def print_figures(session: Session, figures: Mapping[str, Any]) -> None:
    if session.json:
        session.print_json(figures)
        return
    from gezhi.entrypoints.cli.output import cell, table
    from gezhi.evaluate.metrics import definition

    intervals = figures["intervals"]
    shown = table("figure", "value", "95 % interval", "meaning", right=("value",))
    for name, value in figures.items():
        if name == "intervals" or value is None:
            continue
        low_high = intervals.get(name)
        between = f"{low_high[0]:.3f} to {low_high[1]:.3f}" if low_high else ""
        shown.add_row(cell(name), cell(written(value)), cell(between, "dim"), cell(definition(name), "dim"))
    session.out.print(shown)


def written(value: object) -> str:
    match value:
        case None:
            return "-"
        case list():
            return ", ".join(str(part) for part in value)
        case float():
            return f"{value:g}"
        case _:
            return str(value)
