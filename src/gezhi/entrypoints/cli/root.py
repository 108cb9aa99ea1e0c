"""`gezhi`: the command line's root. Nothing heavy is imported here, so that help and completion come at once."""

from __future__ import annotations

import gc
import io
import os
import sys
from types import TracebackType
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from gezhi.entrypoints.cli import add, ask, documents, graph, models, operate, tables, traces
from gezhi.entrypoints.cli.session import ERROR, Debug, Json, Quiet, Session, Store, exit_code
from gezhi.types import GezhiError

EXIT_CODES = (
    "Exit codes: 0 done · 1 error · 2 wrong use or setting · 3 not found, or `ask` refused to answer · "
    "4 `add` refused some files · 130 interrupted."
)


class LazyGroup(TyperCommand):
    """A group of commands whose module is imported when one of them runs or shows its help."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        from gezhi.entrypoints.cli import eval as evaluation

        group = typer.main.get_group(evaluation.app)
        return group.make_context(info_name, args, parent=parent, **extra)


class Root(TyperGroup):
    """Adds the lazy group, and turns the errors of Gezhi into two lines and an exit code."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        help = "Score retrieval and answers on known questions."
        self.add_command(LazyGroup("eval", callback=None, help=help))

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except GezhiError as error:
            ctx.ensure_object(Session).show_error(error)
            raise typer.Exit(exit_code(error)) from error


app = typer.Typer(
    name="gezhi",
    cls=Root,
    help="Answers from your own documents, every statement cited and checked.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from gezhi.app.version import version

        typer.echo(version())
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    store: Store = None,
    as_json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
    version: bool = typer.Option(False, "--version", help="Print the version.", is_eager=True, callback=_print_version),
) -> None:
    del version
    ctx.obj = Session(store=store, json=as_json, quiet=quiet, debug=debug)


add.register(app)
ask.register(app)
documents.register(app)
operate.register(app)
models.register(app)
traces.register(app)
graph.register(app)
tables.register(app)


YOUNG = 50_000
"""New objects before cycles are looked for, 700 otherwise: importing makes a million, none of them garbage (.1 s)."""


def main() -> None:
    """Run the command line; ends the process."""
    gc.set_threshold(YOUNG)
    _write_utf8()
    sys.excepthook = _explain
    try:
        typer.main.get_command(app)(prog_name="gezhi")
    except BrokenPipeError:
        # Whoever read us has gone, as `head` does: nothing is wrong, and nobody listens.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ERROR)


def _write_utf8() -> None:
    """Documents hold any character, whatever the locale can show."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _explain(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A failure that nobody foresaw: one line, and the traceback only for who asks."""
    if "--debug" in sys.argv[1:]:
        sys.__excepthook__(kind, error, trace)
        return
    from gezhi.entrypoints.cli.output import clean

    told = clean(str(error), lines=False)
    sys.stderr.write(f"Error: {kind.__name__}: {told}\nThis should not happen; --debug shows where.\n")
