"""`gezhi docs`, `show`, `remove`, `verify-erasure`: the documents in the store."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.entrypoints.cli.session import ERROR, OK, Session, command
from gezhi.types import Block, Document, InvalidInput, Passage, Status

if TYPE_CHECKING:
    from rich.console import Console

    from gezhi.app.app import App

Name = Annotated[str, typer.Argument(metavar="ID_OR_SOURCE", help="Or the first 6 characters or more of an id.")]


def register(app: typer.Typer) -> None:
    command(app, "docs")(docs)
    command(app, "show")(show)
    command(app, "remove")(remove)
    command(app, "verify-erasure")(verify_erasure)


def docs(
    session: Session,
    prefix: Annotated[str, typer.Argument(metavar="PREFIX", help="Only sources that begin so.")] = "",
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=100_000, help="How many documents.")] = 100,
    offset: Annotated[int, typer.Option(metavar="N", min=0, help="Skip so many.")] = 0,
) -> None:
    """List the documents in the store."""
    with session.app() as app:
        found = app.documents(source_prefix=prefix, limit=limit, offset=offset)
    if session.json:
        session.print_json(found)
        return
    if not found:
        session.err.print("No documents. `gezhi add FOLDER` adds some." if not prefix else "No such documents.")
        return
    from gezhi.entrypoints.cli.output import cell, table

    shown = table(
        "id", "source", "title", "rev", "pages", "passages", "added", "note", right=["rev", "pages", "passages"]
    )
    for summary in found:
        shown.add_row(
            summary.id[:8],
            cell(summary.source),
            cell(summary.title[:60]),
            str(summary.revision),
            "" if summary.page_count is None else str(summary.page_count),
            str(summary.passages),
            moment(summary.added_at),
            cell(summary.outcome.message if summary.outcome.status is Status.WARNED else "", style="yellow"),
        )
    session.out.print(shown)
    if len(found) == limit:
        session.err.print(f"The first {limit} from {offset}; --limit and --offset show others.")


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")


def show(
    session: Session,
    name: Name,
    passage: Annotated[
        str, typer.Option(metavar="ID", help="Only this passage: its id, or its number within the document.")
    ] = "",
    blocks: Annotated[bool, typer.Option("--blocks", help="The structure: headings, paragraphs, tables.")] = False,
) -> None:
    """Show a document: its text, its blocks, or one passage."""
    with session.app() as app:
        document = app.document(name)
        part = _passage(app, document, passage) if passage else None
    if part is not None:
        if session.json:
            session.print_json(part)
        else:
            _print_text(part.text)
    elif session.json:
        session.print_json(document)
    elif blocks:
        _print_blocks(session.out, document)
    else:
        _print_head(session.err, document)
        _print_text(document.text)


def _passage(app: App, document: Document, name: str) -> Passage:
    """A passage by its id or its number within the document."""
    number = name.removeprefix(f"{document.id}:")
    return app.passage(f"{document.id}:{number}")


def _print_text(text: str) -> None:
    from gezhi.entrypoints.cli.output import clean

    sys.stdout.write(clean(text).rstrip("\n") + "\n")


def _print_head(err: Console, document: Document) -> None:
    from gezhi.entrypoints.cli.output import cell

    err.print(cell(document.title or document.source, style="bold"))
    facts = [document.source, document.media_type, f"revision {document.revision}", f"id {document.id[:8]}"]
    if document.page_count is not None:
        facts.append(f"{document.page_count} pages")
    facts += [f"{key}: {value}" for key, value in document.metadata]
    facts.append("may be read by " + ", ".join(sorted(document.access)))
    err.print(cell(" · ".join(facts), style="dim"))
    err.print()


def _print_blocks(out: Console, document: Document) -> None:
    from gezhi.entrypoints.cli.output import cell, shorten, table

    shown = table("kind", "page", "from", "to", "text", right=["page", "from", "to"])
    for block in document.blocks:
        text = shorten(document.text[block.start : block.end], 120)
        page = "" if block.page is None else str(block.page)
        shown.add_row(_kind(block), page, str(block.start), str(block.end), cell(text))
    out.print(shown)


def _kind(block: Block) -> str:
    if block.table is not None:
        return f"table {len(block.table.rows)}×{max((len(row.cells) for row in block.table.rows), default=0)}"
    return f"heading {block.level}" if block.level else block.kind.value


def remove(
    session: Session,
    names: Annotated[
        list[str], typer.Argument(metavar="ID_OR_SOURCE", help="Documents to remove.", show_default=False)
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove documents and all the store knows of them.

    At once and for good; `gezhi verify-erasure` proves it."""
    from gezhi.entrypoints.cli.output import clean

    with session.app() as app:
        if not yes:
            _confirm(session, [app.document(name).source for name in names])
        removed = app.remove(*names)
    if session.json:
        session.print_json({"removed": removed})
        return
    for source in removed:
        session.out.print(f"removed {clean(source, lines=False)}")


def _confirm(session: Session, sources: list[str]) -> None:
    from gezhi.entrypoints.cli.output import clean

    if session.json or not sys.stdin.isatty():
        raise InvalidInput("Nothing was removed: nobody is there to confirm it.", hint="Add --yes to remove.")
    for source in sources:
        session.err.print(f"  {clean(source, lines=False)}")
    typer.confirm(f"Remove {len(sources)} document{'s' if len(sources) > 1 else ''} for good?", abort=True, err=True)


def verify_erasure(
    session: Session,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="A text that only the removed document held.", show_default=False)
    ],
) -> int:
    """Prove that a removed text is gone from the store.

    Looks for it in every table, every index and the files themselves. Exit code 1 if it is still there."""
    with session.app() as app:
        places = app.find_traces_of(text)
    if session.json:
        session.print_json({"erased": not places, "places": places})
    elif not places:
        session.out.print("Not found in any table, index or file of the store.")
    else:
        from gezhi.entrypoints.cli.output import cell, table

        shown = table("place", "times", right=["times"])
        for place, times in places.items():
            shown.add_row(cell(place), str(times))
        session.out.print(shown)
    return ERROR if places else OK
