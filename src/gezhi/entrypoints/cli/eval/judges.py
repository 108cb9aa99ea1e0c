"""`gezhi eval judges`: how far each judge agrees with people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gezhi.entrypoints.cli.eval.printing import progress
from gezhi.entrypoints.cli.session import Session, command


def judges(
    session: Session,
    data: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder with a folder for each labelled set.")],
    judge: Annotated[str, typer.Option(help="Comma-separated: rules, words, model.")] = "rules",
    sets: Annotated[
        str | None, typer.Option(help="Comma-separated names of sets; all that are there if left out.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Judge so many pairs of each set, always the same.")] = None,
    items: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write a JSON line a pair as it is judged; those it holds are not judged again."
        ),
    ] = None,
) -> None:
    """How far do the judges agree with people? Balanced accuracy and rank correlation on labelled sets."""
    from gezhi.app.judging import evaluate_judges

    with progress(session) as on_progress:
        found = evaluate_judges(
            data,
            _names(judge),
            limit,
            on_progress,
            sets=_names(sets or ""),
            items=items,
            config=session.config(),
        )
    if session.json:
        session.print_json(found)
        return
    from gezhi.entrypoints.cli.output import cell, table

    figures = ("balanced_accuracy", "auc", "spearman_faithfulness", "spearman_completeness")
    columns = ("judge", "set", "pairs", "errors", "balanced accuracy", "AUC", "rho faithfulness", "rho completeness")
    shown = table(*columns, right=columns[2:4])
    for entry in found["figures"]:
        names = (entry["judge"], entry["set"], entry["pairs"], entry["errors"])
        shown.add_row(*(cell(name) for name in names), *(cell(_with_interval(entry, name)) for name in figures))
    session.out.print(shown)
    if found["skipped"]:
        session.err.print(f"Not in {data}: {', '.join(found['skipped'])}")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _with_interval(entry: dict[str, Any], name: str) -> str:
    if entry.get(name) is None:
        return ""
    low, high = entry[f"{name}_interval"]
    return f"{entry[name]:.3f} ({low:.3f} to {high:.3f})"


def register(app: typer.Typer) -> None:
    command(app, "judges")(judges)
