"""`gezhi eval runs`, `compare`, `gate` and `datasets`: what the store keeps of evaluations."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gezhi.entrypoints.cli.eval.printing import print_figures, tell_unjudged
from gezhi.entrypoints.cli.session import OK, Session, command
from gezhi.types import InvalidInput

if TYPE_CHECKING:
    from gezhi.evaluate.compare import Comparison

GATE_FAILED = 5
"""Exit code of a gate that does not let a change in."""

RUN_HELP = "A run: its id or the beginning of it, its label, or a file that `runs --export` wrote."
Run = Annotated[str, typer.Argument(metavar="RUN", help=RUN_HELP)]
Metrics = Annotated[str | None, typer.Option(metavar="NAMES", help="Comma-separated metrics, e.g. containment,f1.")]


def runs(
    session: Session,
    run: Annotated[str | None, typer.Argument(metavar="RUN", help=RUN_HELP)] = None,
    kind: Annotated[str, typer.Option(help="Only runs of `answers` or `retrieval`.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many runs to list.")] = 20,
    score: Annotated[
        str | None,
        typer.Option(
            "--score", metavar="JUDGE", help="Score it again by `rules`, `model` or `none`; a run of its own."
        ),
    ] = None,
    label: Annotated[str, typer.Option(help="Name of the run that --score makes.")] = "",
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write its report.")] = None,
    export: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write it to a file.")] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete it.")] = False,
) -> None:
    """List the runs that were kept, or show one: its figures, and what it was measured with."""
    with session.app() as app:
        kept = app.evaluations
        if run is None:
            if score or html or export or delete:
                raise InvalidInput("Which run?", hint="Name one; `gezhi eval runs` lists them.")
            _list(session, kept.runs(kind=kind, limit=limit))
            return
        if delete:
            kept.delete(run)
            return
        if score is not None:
            scored = kept.score_again(run, score, label=label)
            tell_unjudged(session, kept.run(scored.id)[1])
            run = scored.id
        if export is not None:
            kept.export(run, export)
        found, results = kept.run(run)
    if html is not None:
        from gezhi.evaluate.report import write_report

        write_report(html, found, results)
        session.err.print(f"Report: {html}")
    if session.json:
        session.print_json({"run": found, "results": results})
        return
    print_figures(session, found.summary)
    made_with = ", ".join(f"{name} {value}" for name, value in found.configuration.items())
    session.out.print(f"{found.id[:8]} {found.label} over {found.dataset}: {made_with}")


def compare(session: Session, first: Run, second: Run, metrics: Metrics = None) -> None:
    """Is the second run better? Paired by question: differences with 95 % intervals, tests, and what could be seen."""
    with session.app() as app:
        compared = app.evaluations.compare(first, second, _names(metrics))
    if session.json:
        session.print_json(compared)
        return
    _table(session, compared)


def gate(
    session: Session,
    baseline: Run,
    candidate: Run,
    metrics: Metrics = None,
    margin: Annotated[float, typer.Option(min=0.0, max=1.0, help="A drop up to this size passes.")] = 0.02,
    max_errors: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of questions with an error that makes a run invalid.")
    ] = 0.02,
) -> int:
    """May the candidate go in? Fails (exit code 5) for a drop that is shown and larger than the margin."""
    with session.app() as app:
        decided = app.evaluations.gate(baseline, candidate, _names(metrics), margin=margin, most_errors=max_errors)
    if session.json:
        session.print_json(decided)
    else:
        _table(session, decided.comparisons)
        for reason in decided.reasons:
            session.out.print(reason)
        session.out.print("passed" if decided.passed else "failed" if decided.valid else "invalid: too many errors")
    return OK if decided.passed else GATE_FAILED


def datasets(
    session: Session,
    add: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep these questions as the next version of --name.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the data set to add to or to print.")] = None,
    note: Annotated[str, typer.Option(help="What changed in this version.")] = "",
) -> None:
    """List the data sets of the store, print one as JSON lines (`--name`), or add a version (`--add`)."""
    with session.app() as app:
        kept = app.evaluations
        if add is not None:
            if name is None:
                raise InvalidInput("The data set needs a name.", hint="Give --name.")
            from gezhi.evaluate.golden import accepted

            made = kept.save_dataset(name, accepted(add), note=note)
            if session.json:
                session.print_json(made)
            else:
                session.out.print(f"{made.label}: {made.items} items")
        elif name is not None:
            for question in kept.dataset(name)[1]:
                session.print_json(question.as_row(), compact=True)
        else:
            _list_datasets(session, kept.datasets())


def _names(metrics: str | None) -> list[str]:
    return [name.strip() for name in (metrics or "").split(",") if name.strip()]


def _list(session: Session, found: Sequence[Any]) -> None:
    if session.json:
        session.print_json(found)
        return
    from gezhi.entrypoints.cli.output import cell, table

    counted = ("questions", "errors", "not judged")
    shown = table("run", "label", "kind", "data set", *counted, "figure", "when", right=counted)
    for run in found:
        figure = next((n for n in ("containment", "recall@5") if run.summary.get(n) is not None), "")
        shown.add_row(
            *(cell(value) for value in (run.id[:8], run.label, run.kind, run.dataset, run.questions, run.errors)),
            cell(run.summary.get("judge_errors", "")),
            cell(f"{figure} {run.summary[figure]:.3f}" if figure else ""),
            cell(time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created_at))),
        )
    session.out.print(shown)


def _list_datasets(session: Session, found: Sequence[Any]) -> None:
    if session.json:
        session.print_json(found)
        return
    from gezhi.entrypoints.cli.output import cell, table

    shown = table("data set", "items", "when", "note", right=("items",))
    for one in found:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.created_at))
        shown.add_row(cell(one.label), cell(one.items), cell(when), cell(one.note))
    session.out.print(shown)


def _table(session: Session, compared: Sequence[Comparison]) -> None:
    from gezhi.entrypoints.cli.output import cell, table

    columns = (
        "metric",
        "questions",
        "first",
        "second",
        "difference",
        "95 % interval",
        "p (Holm)",
        "detectable",
        "verdict",
    )
    shown = table(*columns, right=columns[1:5])
    for one in compared:
        low, high = one.interval
        shown.add_row(
            cell(one.metric),
            cell(one.questions),
            cell(f"{one.first:.3f}"),
            cell(f"{one.second:.3f}"),
            cell(f"{one.difference:+.3f}"),
            cell(f"{low:+.3f} to {high:+.3f}"),
            cell(f"{one.p:.3f} ({one.p_holm:.3f})"),
            cell(f"{one.detectable:.3f}"),
            cell(one.verdict.value),
        )
    session.out.print(shown)


def register(app: typer.Typer) -> None:
    command(app, "runs")(runs)
    command(app, "compare")(compare)
    command(app, "gate")(gate)
    command(app, "datasets")(datasets)
