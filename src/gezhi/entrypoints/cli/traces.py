"""`gezhi traces`: what happened during a question or a job, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.entrypoints.cli.session import Session, command
from gezhi.types import Span, Trace

if TYPE_CHECKING:
    from rich.text import Text

    from gezhi.app.app import App

MODEL = "gen_ai.request.model"
TOKENS_IN, TOKENS_OUT = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"


def register(app: typer.Typer) -> None:
    command(app, "traces")(traces)


def traces(
    session: Session,
    trace_id: Annotated[str, typer.Argument(metavar="ID", help="One trace as a tree; its first characters do.")] = "",
    kind: Annotated[str, typer.Option(metavar="KIND", help="Only these: ask, search or ingest.")] = "",
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=10_000, help="How many traces.")] = 20,
) -> None:
    """Show what happened during questions and jobs.

    Without an id the latest are listed; with one, its steps are shown as a tree with times and tokens."""
    with session.app() as app:
        found = [_trace(app, trace_id)] if trace_id else app.traces(kind=kind, limit=limit)
    if session.json:
        session.print_json(found[0] if trace_id else found)
    elif trace_id:
        _print_tree(session, found[0])
    else:
        _print_list(session, found)


def _trace(app: App, name: str) -> Trace:
    """The trace that begins so, if there is one and only one among the latest."""
    if len(name) < 32:
        found = [trace for trace in app.traces(limit=10_000) if len(name) >= 6 and trace.id.startswith(name)]
        if len(found) == 1:
            return found[0]
    return app.trace(name)


def _print_list(session: Session, found: list[Trace]) -> None:
    from gezhi.entrypoints.cli.documents import moment
    from gezhi.entrypoints.cli.output import cell, table

    if not found:
        session.err.print("No traces.")
        return
    shown = table("id", "begun", "kind", "ms", "model", "tokens", "note", right=["ms", "tokens"])
    for trace in found:
        models = dict.fromkeys(str(value) for span in trace.spans if (value := dict(span.attributes).get(MODEL)))
        tokens = [sum(_count(span, name) for span in trace.spans) for name in (TOKENS_IN, TOKENS_OUT)]
        shown.add_row(
            trace.id[:8],
            moment(trace.root.start),
            trace.kind,
            f"{trace.seconds * 1000:.0f}",
            cell(", ".join(models)),
            "+".join(map(str, tokens)) if any(tokens) else "",
            cell(trace.root.error[:80], style="red"),
        )
    session.out.print(shown)


def _count(span: Span, name: str) -> int:
    value = dict(span.attributes).get(name, 0)
    return int(value) if isinstance(value, int | float) else 0


def _print_tree(session: Session, trace: Trace) -> None:
    from rich.tree import Tree

    from gezhi.entrypoints.cli.documents import moment

    begun = f"{trace.kind} {trace.id} · {moment(trace.root.start)}"
    session.out.print(begun)
    nodes = {trace.root.id: Tree(_line(trace.root))}
    for span in trace.spans[1:]:
        above = nodes.get(span.parent if span.parent is not None else trace.root.id, nodes[trace.root.id])
        nodes[span.id] = above.add(_line(span))
    session.out.print(nodes[trace.root.id])


def _line(span: Span) -> Text:
    """Name, milliseconds, model, tokens, then whatever else was noted."""
    from rich.text import Text

    from gezhi.entrypoints.cli.output import clean, shorten

    noted = dict(span.attributes)
    line = Text(clean(span.name, lines=False), style="bold")
    line.append(f"  {(span.end - span.start) * 1000:.1f} ms", style="cyan not bold")
    if model := noted.pop(MODEL, ""):
        line.append(f"  {clean(str(model), lines=False)}", style="not bold")
    tokens = noted.pop(TOKENS_IN, None), noted.pop(TOKENS_OUT, None)
    if any(count is not None for count in tokens):
        line.append(f"  {tokens[0] or 0}+{tokens[1] or 0} tokens", style="not bold")
    for name, value in noted.items():
        line.append(f"  {name.removeprefix('gezhi.')}={shorten(str(value), 200)}", style="dim not bold")
    if span.error:
        line.append(f"  {shorten(span.error, 200)}", style="red not bold")
    return line
