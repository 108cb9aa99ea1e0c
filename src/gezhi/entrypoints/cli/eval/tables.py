"""`gezhi eval tables`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gezhi.entrypoints.cli.eval.printing import progress
from gezhi.entrypoints.cli.session import Session, command


def tables(
    session: Session,
    set_: Annotated[
        Path,
        typer.Option(
            "--set",
            metavar="FOLDER",
            help="questions.jsonl with `databases/` and gold SQL (as Spider), with a corpus of tables (as WTQ), or of "
            "tables with paragraphs (as TAT-QA): these are asked end to end.",
        ),
    ],
    model: Annotated[
        str | None, typer.Option(help="Chat model, or `rules` for none. The configured one if left out.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Draw so many questions.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 0,
    items: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a line a question here; what it holds already is not asked again."),
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep the store of tables with paragraphs here.")
    ] = None,
) -> None:
    """Are exact questions answered exactly? Results are compared with those of the gold SQL, or with the answers."""
    from gezhi.app.evaluation.tables import evaluate_tables

    with progress(session) as on_progress:
        figures = evaluate_tables(
            set_,
            model=model,
            limit=limit,
            seed=seed,
            items=items,
            keep=keep,
            config=session.config(),
            on_progress=on_progress,
        )
    if session.json:
        session.print_json(figures)
        return
    from gezhi.entrypoints.cli.output import cell, table

    shown = table("figure", "value")
    for name, value in figures.items():
        shown.add_row(cell(name), cell(value))
    session.out.print(shown)


def register(app: typer.Typer) -> None:
    command(app, "tables")(tables)
