"""`gezhi graph`: look at the entities that documents name, and at what connects them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.entrypoints.cli.session import Session, command
from gezhi.types import InvalidInput, NotFound

if TYPE_CHECKING:
    from gezhi.app.app import App

group = typer.Typer(
    name="graph",
    help="The entities that documents name, and what connects them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
INDENTED = (0, 0, 0, 4)
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
    """The passages that name an entity, what is named with it, and the rows of tables that hold it."""
    from rich.padding import Padding

    from gezhi.entrypoints.cli.output import cell, shorten, table

    with session.app() as app:
        page = app.graph.entity(name, limit=limit)
        passages = [_told(app, identity) for identity in page.passages]
    if session.json:
        session.print_json(page)
        return
    session.out.print(cell(f"{page.label} ({page.type})", "bold"))
    if page.other_names:
        session.out.print(cell("also " + ", ".join(one.label for one in page.other_names)))
    shown = table("named with it", "type", "passages", right=("passages",))
    for one in page.neighbours:
        shown.add_row(cell(one.label), cell(one.type), cell(one.passages))
    session.out.print(shown)
    if page.rows:
        held = table("rows", "of the table", "in the column", right=("rows",))
        for row in page.rows:
            held.add_row(cell(row.rows), cell(row.name), cell(row.column))
        session.out.print(held)
    for place, text in passages:
        session.out.print(cell(place))
        session.out.print(Padding(cell(shorten(text, 160), "dim"), INDENTED, expand=False))


def _told(app: App, passage_id: str) -> tuple[str, str]:
    """Where a passage is, as `gezhi show SOURCE --passage N` takes it, and its text."""
    passage = app.passage(passage_id)
    return f"{app.document(passage.document_id).source} #{passage.ordinal}", passage.text


def path(
    session: Session,
    first: Annotated[str, typer.Argument(metavar="A")],
    second: Annotated[str, typer.Argument(metavar="B")],
) -> None:
    """The shortest chain of passages from one entity to another."""
    with session.app() as app:
        steps = app.graph.path(first, second)
        passages = [_told(app, step.passage_id) for step in steps]
    if session.json:
        session.print_json(steps)
        return
    from rich.padding import Padding

    from gezhi.entrypoints.cli.cited import snippet
    from gezhi.entrypoints.cli.output import cell

    if not steps:
        session.out.print("No chain of passages connects them.")
    for step, (place, text) in zip(steps, passages, strict=True):
        session.out.print(cell(f"{step.first} — {place} — {step.second}"))
        shown = cell(snippet(text, f"{step.first} {step.second}", 160), "dim")
        session.out.print(Padding(shown, INDENTED, expand=False))


def themes(
    session: Session,
    prefix: Annotated[str, typer.Option(help="Only documents whose source begins so, e.g. `contracts/`.")] = "",
    limit: Limit = 8,
) -> None:
    """What the documents are about: groups of passages that share names."""
    with session.app() as app:
        found = app.graph.themes(source_prefix=prefix, limit=limit)
    if session.json:
        session.print_json(found)
        return
    from gezhi.entrypoints.cli.output import cell, table

    shown = table("share", "passages", "documents", "names", right=("share", "passages", "documents"))
    for theme in found:
        share = f"{theme.share:.0%}"
        shown.add_row(share, cell(len(theme.passages)), cell(theme.documents), cell(", ".join(theme.names)))
    session.out.print(shown if found else "The documents share no names.")


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


def facts(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="An entity; all facts if left out.")] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="Only what may have held then: 2024, 2024-03 or 2024-03-05.")
    ] = "",
    limit: Limit = 100,
) -> None:
    """The facts that documents state, and where a newer document says otherwise."""
    with session.app() as app:
        found = app.graph.facts(name, as_of=as_of, limit=limit)
    if session.json:
        session.print_json(found)
        return
    from gezhi.entrypoints.cli.output import cell, table

    if not found:
        session.out.print("No facts. `gezhi graph extract` reads documents for facts, `gezhi graph load` loads them.")
        return
    shown = table("subject", "predicate", "object", "since", "until", "passages", right=("passages",))
    for fact in found:
        until = fact.valid_to
        if fact.superseded is not None:
            until = f"superseded {fact.superseded.since}: {fact.superseded.object}"
        since = fact.valid_from or (f"stated {fact.dated}" if fact.dated else "")
        cells = (fact.subject, fact.predicate, fact.object, since, until, len(fact.passages))
        shown.add_row(*(cell(str(one)) for one in cells))
    session.out.print(shown)


def extract(
    session: Session,
    prefix: Annotated[str, typer.Option(help="Only documents whose source begins so, e.g. `contracts/`.")] = "",
    asked: Annotated[
        bool, typer.Option("--asked", help="Only passages that answers were made from, the most used first.")
    ] = False,
    most_tokens: Annotated[int | None, typer.Option(min=1, help="Stop before so many tokens are spent.")] = None,
    most_passages: Annotated[int | None, typer.Option(min=1, help="Read at most so many passages.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask after showing what it will cost.")] = False,
) -> None:
    """Let the chat model read passages for facts. Shows the cost first; what was read is never paid for again."""
    from gezhi.entrypoints.cli.eval.printing import progress

    with session.app() as app:
        cost = app.graph.estimate(source_prefix=prefix, asked=asked)
        told = f"{cost.texts} passages to read, about {cost.tokens:,} tokens with {cost.extractor}."
        prices = (app.config.chat_price_in, app.config.chat_price_out)
        if any(prices):
            told += f" At most {cost.tokens / 1e6 * max(price or 0 for price in prices):.2f} at the configured prices."
        session.err.print(told)
        if cost.texts and not yes and not session.json and not typer.confirm("Go on?", default=True, err=True):
            return
        with progress(session) as shown:
            done = app.graph.extract(
                source_prefix=prefix,
                asked=asked,
                most_tokens=most_tokens,
                most_passages=most_passages,
                on_progress=lambda at, of, tokens: shown(f"reading ({tokens:,} tokens)", at, of),
            )
    if session.json:
        session.print_json(done)
        return
    session.out.print(
        f"{done.facts} facts from {done.texts} passages; {done.left} passages left, {done.failed} failed."
    )


def load(session: Session, file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Load facts: JSON lines {"source": "a.md", "facts": [{"subject", "predicate", "object", "valid_from"}]}."""
    with session.app() as app:
        loaded = app.graph.load_facts(file)
    if session.json:
        session.print_json(loaded)
        return
    session.out.print(f"{loaded.facts} facts in {loaded.texts} passages.")
    if loaded.dropped:
        session.out.print(f"{loaded.dropped} left out: no passage of their document holds both their ends.")
    if loaded.unknown:
        session.err.print(f"Not in the store: {', '.join(loaded.unknown[:5])}{' …' if len(loaded.unknown) > 5 else ''}")


def forget(
    session: Session,
    extractor: Annotated[str, typer.Argument(metavar="[EXTRACTOR]", help="As listed without this argument.")] = "",
) -> None:
    """List where facts come from, or delete the facts that one of these found."""
    with session.app() as app:
        known = app.graph.extractors()
        if extractor and extractor not in known:
            raise NotFound(
                f"No facts come from {extractor!r}.", hint="`gezhi graph forget` lists where they come from."
            )
        removed = app.graph.forget(extractor) if extractor else None
    if session.json:
        session.print_json(known if removed is None else {"extractor": extractor, "passages": removed})
    elif removed is not None:
        session.out.print(f"Facts of {extractor} removed from {removed} passages.")
    else:
        from gezhi.entrypoints.cli.output import cell, table

        shown = table("passages", "extractor", right=("passages",))
        for name, count in known.items():
            shown.add_row(cell(count), cell(name))
        session.out.print(shown)


command(group, "stats")(stats)
command(group, "entity")(entity)
command(group, "path")(path)
command(group, "themes")(themes)
command(group, "export")(export)
command(group, "facts")(facts)
command(group, "extract")(extract)
command(group, "load")(load)
command(group, "forget")(forget)


def register(app: typer.Typer) -> None:
    app.add_typer(group)
