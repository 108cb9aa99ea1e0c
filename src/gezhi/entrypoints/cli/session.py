"""What every command shares: where its store is, how it prints, and how it ends."""

from __future__ import annotations

import functools
import inspect
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gezhi.types import ConfigError, GezhiError, InvalidInput, LimitExceeded, NotFound, SqlRefused

if TYPE_CHECKING:
    from rich.console import Console

    from gezhi.app.app import App
    from gezhi.app.config import Config

OK, ERROR, USAGE, NOT_FOUND, SOME_REFUSED, INTERRUPTED = 0, 1, 2, 3, 4, 130

Store = Annotated[
    Path | None, typer.Option("--store", metavar="FOLDER", help="Folder of the store. [env: GEZHI_STORE]")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no warnings.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


@dataclass(slots=True)
class Session:
    """The options that every command takes. They may stand before the command or after it."""

    store: Path | None = None
    json: bool = False
    quiet: bool = False
    debug: bool = False
    _out: Console | None = None
    _err: Console | None = None

    def merge(self, *, store: Path | None, as_json: bool, quiet: bool, debug: bool) -> None:
        self.store = store if store is not None else self.store
        self.json |= as_json
        self.quiet |= quiet
        self.debug |= debug

    def config(self, **overrides: object) -> Config:
        from gezhi.app.config import load_config

        return load_config(store=self.store, **overrides)

    def app(self, **overrides: object) -> App:
        """Open the store; to be used in a `with`. Overrides are settings given as options of the command."""
        from gezhi.app.app import App

        return App(config=self.config(**overrides))

    @property
    def out(self) -> Console:
        """For results."""
        from gezhi.entrypoints.cli.output import console

        if self._out is None:
            self._out = console(sys.stdout)
        return self._out

    @property
    def err(self) -> Console:
        """For progress and warnings. One console, so that a line printed beside a progress bar goes above it."""
        from gezhi.entrypoints.cli.output import console

        if self._err is None:
            self._err = console(sys.stderr, quiet=self.quiet)
        return self._err

    @property
    def shows_progress(self) -> bool:
        return not self.quiet and sys.stderr.isatty()

    def print_json(self, value: object, *, compact: bool = False) -> None:
        from gezhi.entrypoints.cli.output import to_json

        sys.stdout.write(to_json(value, compact=compact) + "\n")
        sys.stdout.flush()

    def show_error(self, error: GezhiError) -> None:
        """One red line, and one that says what to do next; with `--json` an object besides."""
        from rich.text import Text

        from gezhi.entrypoints.cli.output import clean, console, to_json

        if self.debug:
            traceback.print_exception(error)
        if self.json:
            told = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
            sys.stdout.write(to_json(told, compact=True) + "\n")
        err = console(sys.stderr)
        err.print(Text(f"Error: {clean(error.message, lines=False)}", style="bold red"))
        if error.hint:
            err.print(Text(clean(error.hint, lines=False)))


def exit_code(error: GezhiError) -> int:
    match error:
        case InvalidInput() | LimitExceeded() | ConfigError() | SqlRefused():
            return USAGE
        case NotFound():
            return NOT_FOUND
        case _:
            return ERROR


def session_of(ctx: typer.Context) -> Session:
    """The session of this run; the root creates it before any command runs."""
    return ctx.ensure_object(Session)


def command(app: typer.Typer, name: str, **settings: Any) -> Callable[[Callable[..., int | None]], None]:
    """Register a function as a command: it takes a `Session` first and may return an exit code.

    The shared options are added to its own, so that `gezhi ask ... --json` works like `gezhi --json ask ...`."""

    def register(run: Callable[..., int | None]) -> None:
        app.command(name, **settings)(with_session(run))

    return register


def with_session(run: Callable[..., int | None]) -> Callable[..., None]:
    @functools.wraps(run)
    def wrapper(
        ctx: typer.Context, *, store: Path | None, as_json: bool, quiet: bool, debug: bool, **given: object
    ) -> None:
        session = session_of(ctx)
        session.merge(store=store, as_json=as_json, quiet=quiet, debug=debug)
        if ctx.invoked_subcommand is None and (code := run(session, **given)):
            raise typer.Exit(code)

    _, *own = inspect.signature(run, eval_str=True).parameters.values()
    signature = inspect.Signature([_CONTEXT, *(p.replace(kind=p.KEYWORD_ONLY) for p in own), *_SHARED])
    wrapper.__signature__ = signature  # type: ignore[attr-defined]
    wrapper.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
    return wrapper


def _shared(name: str, annotation: object, default: object) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


_CONTEXT = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
_SHARED = (
    _shared("store", Store, None),
    _shared("as_json", Json, False),
    _shared("quiet", Quiet, False),
    _shared("debug", Debug, False),
)
