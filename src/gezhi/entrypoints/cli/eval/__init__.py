"""`gezhi eval`: how good is it, and did a change make it better?"""

from __future__ import annotations

import typer

from gezhi.entrypoints.cli.eval import golden, judges, kept, measure, tables

app = typer.Typer(
    name="eval",
    help="Score retrieval and answers on questions with known answers: your own, or a public set. Compare runs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

measure.register(app)
kept.register(app)
golden.register(app)
judges.register(app)
tables.register(app)
