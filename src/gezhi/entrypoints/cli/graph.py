"""`gezhi graph`: look at the entities that documents name, and at what connects them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gezhi.entrypoints.cli.session import Session, command
from gezhi.types import InvalidInput

group = typer.Typer(
    name="graph",
    help="The entities that documents name, and what connects them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many to show.")]


def stats(session: Session, limit: Limit = 20) -> None:
    """How many entities there are, of which types, and which are named most."""
    with session.app() as app:
        found = app.graph.stats(limit=limit)
    if session.json:
        session.print_json(found)
        return
    from gezhi.entrypoints.cli.output import cell, table

    session.out.print(f"{found.entities} entities, {found.mentions} mentions in {found.passages} passages")
    session.out.print(", ".join(f"{count} {kind}" for kind, count in found.types))
    shown = table("passages", "entity", right=("passages",))
    for label, count in found.most_named:
        shown.add_row(cell(count), cell(label))
    session.out.print(shown)


def entity(session: Session, name: Annotated[str, typer.Argument(metavar="NAME")], limit: Limit = 20) -> None:
    """The passages that name an entity, and what is named with it."""
    from gezhi.entrypoints.cli.output import cell, shorten, table

    with session.app() as app:
        page = app.graph.entity(name, limit=limit)
        passages = [app.passage(identity) for identity in page.passages]
    if session.json:
        session.print_json(page)
        return
    session.out.print(cell(f"{page.label} ({page.type})", "bold"))
    shown = table("named with it", "type", "passages", right=("passages",))
    for one in page.neighbours:
        shown.add_row(cell(one.label), cell(one.type), cell(one.passages))
    session.out.print(shown)
    for passage in passages:
        session.out.print(cell(f"{passage.id}  {shorten(passage.text, 160)}", "dim"))


def path(
    session: Session,
    first: Annotated[str, typer.Argument(metavar="A")],
    second: Annotated[str, typer.Argument(metavar="B")],
) -> None:
    """The shortest chain of passages from one entity to another."""
    with session.app() as app:
        steps = app.graph.path(first, second)
    if session.json:
        session.print_json(steps)
        return
    from gezhi.entrypoints.cli.output import cell

    if not steps:
        session.out.print("No chain of passages connects them.")
    for step in steps:
        session.out.print(cell(f"{step.first} — {step.passage_id} — {step.second}"))


def export(
    session: Session,
    form: Annotated[str, typer.Option("--format", metavar="NAME", help="`graphml`, `jsonld` or `cypher` (Neo4j).")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to; standard output if left out.")] = None,
) -> None:
    """Write entities, passages and mentions for other programs."""
    import sys

    with session.app() as app:
        lines = app.graph.export(form)
        if out is None:
            sys.stdout.writelines(f"{line}\n" for line in lines)
            return
        try:
            with out.open("w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
        except OSError as error:
            raise InvalidInput(f"{out} cannot be written: {error.strerror}.", hint="Check the path.") from error


command(group, "stats")(stats)
command(group, "entity")(entity)
command(group, "path")(path)
command(group, "export")(export)


def register(app: typer.Typer) -> None:
    app.add_typer(group)
