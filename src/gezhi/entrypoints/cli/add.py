"""`gezhi add`: files and folders in, with a progress bar that tells the truth."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.entrypoints.cli.session import INTERRUPTED, OK, SOME_REFUSED, Session, command
from gezhi.types import EVERYONE, JobState, Outcome, Progress, Status

if TYPE_CHECKING:
    from types import FrameType

    from gezhi.app.ingestion import JobReport

ShowProgress = Callable[[Progress], None]


def register(app: typer.Typer) -> None:
    command(app, "add")(add)


def add(
    session: Session,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files and folders.", show_default=False)],
    sync: Annotated[
        bool, typer.Option("--sync", help="Also remove what was added from these folders and is no longer there.")
    ] = False,
    ocr: Annotated[bool, typer.Option("--ocr", help="Read scanned pages. Needs `gezhi[ocr]`.")] = False,
    access: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Who may read them; may be repeated. Everyone if left out."),
    ] = None,
) -> int:
    """Add files and folders. What is stored already is skipped; what changed is replaced.

    Every file ends in a named outcome. Ctrl-C stops orderly, and the same command goes on where it was."""
    stopped = threading.Event()
    names = access or [EVERYONE]
    overrides = {"ocr": True} if ocr else {}
    with session.app(**overrides) as app, _stops_on_ctrl_c(session, stopped), _progress(session) as show:
        report = app.add(*paths, sync=sync, access=names, on_progress=show, stopped=stopped)
    if session.json:
        session.print_json(report)
    else:
        _print(session, report)
    if report.job.state is JobState.OPEN:
        session.err.print("Stopped; the same command goes on where it was.")
        return INTERRUPTED
    return SOME_REFUSED if any(_ended(item.outcome, Status.REFUSED) for item in report.items) else OK


def _ended(outcome: Outcome | None, *statuses: Status) -> bool:
    return outcome is not None and outcome.status in statuses


@contextmanager
def _stops_on_ctrl_c(session: Session, stopped: threading.Event) -> Iterator[None]:
    """The first Ctrl-C asks the work to stop after its step, the second ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()
        session.err.print("Stopping after this step; Ctrl-C again stops at once.")

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(session: Session) -> Iterator[ShowProgress]:
    if session.quiet:
        yield lambda _: None
    elif session.shows_progress:
        with _bar(session) as show:
            yield show
    else:
        yield _Lines(session)


class _Lines:
    """Where stderr is not a terminal: one line a file."""

    def __init__(self, session: Session) -> None:
        self._err = session.err
        self._lock = threading.Lock()

    def __call__(self, progress: Progress) -> None:
        if progress.item is None or progress.item.outcome is None:
            return
        from gezhi.entrypoints.cli.output import clean

        status = progress.item.outcome.status.value.replace("_", " ")
        with self._lock:
            self._err.print(f"{progress.job.finished}/{progress.job.total} {status}: {clean(progress.source)}")


@contextmanager
def _bar(session: Session) -> Iterator[ShowProgress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    from gezhi.entrypoints.cli.output import shorten

    started, embedded = time.monotonic(), 0
    last: dict[str, int] = {}
    lock = threading.Lock()
    columns = (
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("files"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[now]}"),
    )
    with Bar(*columns, console=session.err, transient=True) as bar:
        task = bar.add_task("", total=None, rate="", now="")

        def show(progress: Progress) -> None:
            nonlocal embedded
            with lock:
                if progress.stage == "embedding":
                    embedded += progress.done - last.get(progress.source, 0)
                    last[progress.source] = progress.done
                elif progress.stage == "finished":
                    last.pop(progress.source, None)
                seconds = max(time.monotonic() - started, 0.001)
                rate = f"{embedded / seconds:.0f} passages/s" if embedded else ""
            step = f"{progress.done}/{progress.of} passages" if progress.of else progress.stage
            now = f"{step} · {shorten(progress.source, 40)}" if progress.stage != "finished" else ""
            bar.update(task, completed=progress.job.finished, total=progress.job.total, rate=rate, now=now)

        yield show


_STYLES = {Status.WARNED: "yellow", Status.REFUSED: "red"}


def _print(session: Session, report: JobReport) -> None:
    """A line for each file that needs attention, then how many ended how."""
    from rich.text import Text

    from gezhi.entrypoints.cli.output import clean, table

    out = session.out
    for item in report.items:
        if item.outcome is not None and item.outcome.message:
            style = _STYLES.get(item.outcome.status, "")
            line = Text().append(clean(item.source, lines=False), style=style)
            out.print(line.append(f": {clean(item.outcome.message, lines=False)}"))
    for source in report.removed:
        out.print(Text(f"{clean(source, lines=False)}: removed, no longer in the folder"))
    counts = Counter(item.outcome.status for item in report.items if item.outcome is not None)
    counts[Status.REMOVED] += len(report.removed)
    summary = table("outcome", "files", right=["files"])
    for status in Status:
        if counts[status]:
            summary.add_row(Text(status.value.replace("_", " "), style=_STYLES.get(status, "")), str(counts[status]))
    if waiting := report.job.total - report.job.finished:
        summary.add_row("waiting", str(waiting))
    if summary.row_count:
        out.print(summary)
    else:
        session.err.print("No files found.")
