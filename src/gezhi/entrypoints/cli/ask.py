"""`gezhi ask`: an answer with its sources, or a conversation; `gezhi search`: the passages themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.entrypoints.cli.session import NOT_FOUND, OK, Session, command, exit_code
from gezhi.types import Answer, Filters, GezhiError, Turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from gezhi.answer.events import AnswerEvent
    from gezhi.app.app import App

Within = Annotated[str, typer.Option("--in", metavar="PREFIX", help="Only documents whose source begins so.")]


def register(app: typer.Typer) -> None:
    command(app, "ask")(ask)
    command(app, "search")(search)


def ask(
    session: Session,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In any words.", show_default=False)] = "",
    interactive: Annotated[
        bool, typer.Option("--interactive", "-i", help="A conversation: follow-ups know what was said. Ctrl-D ends.")
    ] = False,
    stream: Annotated[
        bool, typer.Option("--stream", help="Show each statement once it is checked; with --json one event a line.")
    ] = False,
    within: Within = "",
    route: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="`open`: from texts only; `exact`: computed from tables or not at all; `both`."
        ),
    ] = "",
) -> int:
    """Answer a question, every statement cited and checked.

    Exit code 3 means refused: the documents do not carry an answer."""
    filters = Filters(source_prefix=within)
    with session.app() as app:
        asker = _Asker(session, app, filters, stream=stream, route=route)
        if interactive:
            return _converse(session, asker, question)
        answer = asker.ask(question)
    return OK if answer.refusal is None else NOT_FOUND


class _Asker:
    """Asks and prints; keeps what was said."""

    def __init__(
        self, session: Session, app: App, filters: Filters, *, stream: bool, route: str = "", compact: bool = False
    ) -> None:
        self._route = route
        self._session, self._app, self._filters, self._stream = session, app, filters, stream
        self._history: list[Turn] = []
        self.compact = compact

    def ask(self, question: str) -> Answer:
        answer = self._print_events(question) if self._stream else self._print_whole(question)
        self._history += [Turn(role="user", text=question), Turn(role="assistant", text=answer.text)]
        return answer

    def _events(self, question: str) -> Iterator[AnswerEvent]:
        return self._app.ask_stream(question, history=self._history, filters=self._filters, route=self._route)

    def _print_whole(self, question: str) -> Answer:
        from gezhi.answer.events import Done, Stage
        from gezhi.entrypoints.cli.cited import print_answer

        with _stages(self._session) as show_stage:
            for event in self._events(question):
                if isinstance(event, Stage):
                    show_stage(event.name)
                elif isinstance(event, Done):
                    answer = event.answer
        if self._session.json:
            self._session.print_json(answer, compact=self.compact)
        else:
            print_answer(self._session.out, answer)
        return answer

    def _print_events(self, question: str) -> Answer:
        from gezhi.answer.events import Done, Stage, StatementChecked
        from gezhi.entrypoints.cli.cited import Numbers, print_answer, statement_text

        numbers, out = Numbers(), self._session.out
        with _stages(self._session) as show_stage:
            for event in self._events(question):
                if isinstance(event, Done):
                    answer = event.answer
                if self._session.json:
                    self._session.print_json(_event_object(event), compact=True)
                elif isinstance(event, Stage):
                    show_stage(event.name)
                elif isinstance(event, StatementChecked):
                    show_stage("")
                    out.print(statement_text(event.statement, numbers))
        if not self._session.json:
            print_answer(out, answer, statements=False)
        return answer


def _event_object(event: object) -> dict[str, object]:
    """An event with its name: `stage`, `evidence_found`, `statement_checked`, `done`."""
    from gezhi.entrypoints.cli.output import plain

    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(event).__name__).lstrip("_")
    return {"event": name, **plain(event)}


@contextmanager
def _stages(session: Session) -> Iterator[Callable[[str], None]]:
    """Says on stderr what is being done, and takes it away at the end. Nothing where nobody watches."""
    if not session.shows_progress:
        yield lambda _: None
        return
    with session.err.status("") as status:
        yield lambda stage: status.update(stage)


def _converse(session: Session, asker: _Asker, first: str) -> int:
    """One question after another until the input ends. An error ends a question, not the conversation."""
    asker.compact = True
    code = OK
    for question in _questions(session, first):
        try:
            code = OK if asker.ask(question).refusal is None else NOT_FOUND
        except GezhiError as error:
            session.show_error(error)
            code = exit_code(error)
    return code


def _questions(session: Session, first: str) -> Iterator[str]:
    prompting = sys.stdin.isatty() and not session.json
    if prompting:
        import readline  # noqa: F401  gives input() a history and line editing

        session.err.print("Ask; Ctrl-D ends.")
    if first:
        yield first
    while True:
        try:
            line = input("\n> ") if prompting else sys.stdin.readline()
        except EOFError:
            session.err.print()
            return
        if not prompting and not line:
            return
        if line.strip():
            yield line.strip()


def search(
    session: Session,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Words or a question.", show_default=False)],
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="How many passages.")] = 10,
    retrievers: Annotated[
        str, typer.Option(metavar="NAMES", help="Comma-separated: words, meaning. All in use if left out.")
    ] = "",
    within: Within = "",
) -> int:
    """Find passages; see which retriever found each."""
    names = [name.strip() for name in retrievers.split(",") if name.strip()] if retrievers else None
    with session.app() as app:
        found = app.search(query, limit=limit, retrievers=names, filters=Filters(source_prefix=within))
    if session.json:
        session.print_json(found)
        return OK
    if not found:
        session.err.print("Nothing found.")
        return OK
    from gezhi.entrypoints.cli.cited import print_evidence

    print_evidence(session.out, found, query)
    return OK
