"""`gezhi status`, `serve`, `jobs`, `config`: the store at work and its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.entrypoints.cli.session import Session, command
from gezhi.types import InvalidInput, Job

if TYPE_CHECKING:
    from gezhi.app.app import App, AppStatus


MASK = "********"


def register(app: typer.Typer) -> None:
    command(app, "status")(status)
    command(app, "serve")(serve)
    command(app, "jobs")(jobs)
    command(app, "config")(config)


def status(session: Session) -> None:
    """Show what the store holds and which models are in use."""
    with session.app() as app:
        now = app.status()
    if session.json:
        session.print_json(now)
        return
    from gezhi.entrypoints.cli.output import cell, table

    shown = table("", "")
    shown.show_header = False
    for name, value in _lines(now):
        shown.add_row(cell(name, style="dim"), cell(value))
    session.out.print(shown)
    for warning in now.warnings:
        session.err.print(cell(warning, style="yellow"))


def _lines(now: AppStatus) -> list[tuple[str, str]]:
    store = now.store
    alike = store.sources != store.documents
    chat = f"{now.chat_model} ({now.chat_provider})" if now.chat_model else "none: answers are quoted sentences"
    return [
        ("version", now.version),
        ("store", store.path),
        ("engine", store.engine),
        ("size", size(store.bytes)),
        ("documents", f"{store.documents:,}" + (f" in {store.sources:,} files" if alike else "")),
        ("passages", f"{store.passages:,}"),
        ("vectors", f"{store.vectors:,}" + (f" ({', '.join(store.embedders)})" if store.embedders else "")),
        ("revision", str(store.revision)),
        ("open jobs", str(store.open_jobs)),
        ("traces", f"{store.traces:,}"),
        ("chat model", chat),
        ("embedding model", now.embed_model or "none: search is by words only"),
        ("retrievers", ", ".join(now.retrievers)),
    ]


def size(count: int) -> str:
    amount = float(count)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"


def serve(
    session: Session,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address to listen on. The setting `host` if left out.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", min=0, max=65535, help="Port; 0 takes a free one. The setting `port` if left out."
        ),
    ] = None,
) -> None:
    """Serve the web page and the HTTP API until Ctrl-C.

    The API includes OpenAI-compatible endpoints; /docs on the server describes all of it."""
    from gezhi.entrypoints.http.server import serve as serve_app

    with session.app(host=host, port=port) as app:
        announce = (lambda address: session.print_json({"address": address}, compact=True)) if session.json else None
        serve_app(app, host=app.config.host, port=app.config.port, on_ready=announce)


def jobs(
    session: Session,
    words: Annotated[list[str] | None, typer.Argument(metavar="ID | cancel ID", help="Nothing: list them.")] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=10_000, help="How many jobs.")] = 20,
) -> None:
    """List jobs, show one with its files, or cancel one.

    `gezhi jobs` lists them, `gezhi jobs ID` shows one, `gezhi jobs cancel ID` cancels one: what it stored stays."""
    with session.app() as app:
        match words or []:
            case []:
                _print_jobs(session, app.jobs(limit))
            case ["cancel", job_id]:
                cancelled = app.cancel(_job_id(app, job_id))
                if session.json:
                    session.print_json(cancelled)
                else:
                    _print_jobs(session, [cancelled])
            case [job_id]:
                _print_job(session, app, _job_id(app, job_id))
            case _:
                raise InvalidInput(
                    f"`jobs` does not understand {' '.join(words or [])!r}.",
                    hint="Say `jobs`, `jobs ID` or `jobs cancel ID`.",
                )


def _job_id(app: App, name: str) -> str:
    """The id that begins so, if there is one and only one."""
    found = [job.id for job in app.jobs(10_000) if len(name) >= 6 and job.id.startswith(name)]
    return found[0] if len(found) == 1 else name


def _print_jobs(session: Session, found: list[Job]) -> None:
    if session.json:
        session.print_json(found)
        return
    if not found:
        session.err.print("No jobs.")
        return
    from gezhi.entrypoints.cli.documents import moment
    from gezhi.entrypoints.cli.output import cell, table

    shown = table("id", "begun", "state", "files", "outcomes", "what", right=["files"])
    for job in found:
        counts = ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in job.counts if number)
        files = f"{job.finished}/{job.total}"
        shown.add_row(job.id[:8], moment(job.created_at), job.state.value, files, counts, cell(job.label[:60]))
    session.out.print(shown)


def _print_job(session: Session, app: App, job_id: str) -> None:
    job, items = app.job(job_id), app.items(job_id)
    if session.json:
        session.print_json({"job": job, "items": items})
        return
    from gezhi.entrypoints.cli.output import cell, table

    _print_jobs(session, [job])
    shown = table("outcome", "source", "note")
    for item in items:
        if item.outcome is not None:
            shown.add_row(item.outcome.status.value.replace("_", " "), cell(item.source), cell(item.outcome.message))
    session.out.print()
    session.out.print(shown)


def config(
    session: Session,
    what: Annotated[str, typer.Argument(metavar="path", help="`path` prints where the config file is.")] = "",
) -> None:
    """Show every setting and where its value came from.

    Keys are masked."""
    from pydantic import SecretStr

    from gezhi.app.config import config_file, sources_of
    from gezhi.entrypoints.cli.output import cell, table

    if what == "path":
        session.print_json({"path": config_file()}) if session.json else session.out.print(
            str(config_file()), soft_wrap=True
        )
        return
    if what:
        raise InvalidInput(f"`config` does not know {what!r}.", hint="Say `config` or `config path`.")
    settings = session.config()
    sources = sources_of(settings)
    if session.store is not None:
        sources["store"] = "option"
    rows = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = MASK if value.get_secret_value() else ""
        elif name == "databases":
            value = dict.fromkeys(value, MASK)
        rows.append({"name": name, "value": value, "from": sources[name], "description": field.description or ""})
    if session.json:
        session.print_json(rows)
        return
    shown = table("setting", "value", "from", "meaning")
    for row in rows:
        style = "" if row["from"] == "default" else "bold"
        shown.add_row(row["name"], cell(row["value"], style=style), row["from"], cell(row["description"], style="dim"))
    session.out.print(shown)
