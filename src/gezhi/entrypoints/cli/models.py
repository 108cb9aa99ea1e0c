"""`gezhi models`: which models there are, and installing them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from gezhi.entrypoints.cli.session import Session, command, with_session

Name = Annotated[str, typer.Argument(metavar="NAME", help="As `gezhi models list` shows it.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        name="models",
        help="List, install and remove models.",
        invoke_without_command=True,
        rich_markup_mode=None,
        callback=with_session(list_models),
    )
    command(group, "list")(list_models)
    command(group, "install")(install)
    command(group, "remove")(remove)
    app.add_typer(group)


def list_models(session: Session) -> None:
    """List models, and which are installed and in use."""
    from gezhi.app.models import list_models as states
    from gezhi.entrypoints.cli.operate import size
    from gezhi.entrypoints.cli.output import cell, table

    found = states(session.config())
    if session.json:
        session.print_json(found)
        return
    shown = table("name", "kind", "size", "licence", "installed", "in use", right=["size"])
    for state in found:
        entry = state.entry
        shown.add_row(
            cell(entry.name, style="bold" if state.active else ""),
            cell(entry.kind),
            size(entry.size),
            cell(entry.licence),
            "yes" if state.installed else "",
            "yes" if state.active else "",
        )
    session.out.print(shown)


def install(
    session: Session,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="`auto` is the best chat model that fits the free memory.")
    ] = "auto",
) -> None:
    """Download a model and verify it.

    Interrupted, the same command goes on where it was."""
    from gezhi.app.models import install_model

    config = session.config()
    with _bar(session) as show:
        path = install_model(config, name, show)
    if session.json:
        session.print_json({"name": path.stem, "path": path})
    else:
        session.out.print(f"{path.stem} is installed: {path}", soft_wrap=True)


@contextmanager
def _bar(session: Session) -> Iterator[Callable[[int, int, str], None]]:
    """Bytes done, rate and time left on stderr; a line for each stage where stderr is not a terminal."""
    if not session.shows_progress:
        last = ""

        def say(done: int, total: int, stage: str) -> None:
            nonlocal last
            del done, total
            if stage != last:
                session.err.print(stage)
            last = stage

        yield say
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=session.err, transient=True) as bar:
        task, now = bar.add_task("", total=None), ""

        def show(done: int, total: int, stage: str) -> None:
            nonlocal task, now
            if stage != now:  # a task of its own, so that the rate is of this stage
                bar.remove_task(task)
                task, now = bar.add_task(stage, total=total, completed=done), stage
            bar.update(task, completed=done, total=total)

        yield show


def remove(session: Session, name: Name) -> None:
    """Delete an installed model or an interrupted download."""
    from gezhi.app.models import remove_model

    removed = remove_model(session.config(), name)
    if session.json:
        session.print_json({"name": name, "removed": bool(removed)})
    else:
        session.out.print(f"{name} is removed." if removed else f"{name} was not installed.")
