"""From a file to a stored document: parse, split, embed, store. Runs the items of durable jobs.

Every step may run again after a crash: vectors are committed as they are made and never made twice, and the
document, its passages and the item's end are one transaction."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from gezhi.ingest.split import SPLITTER_VERSION, split
from gezhi.ingest.tables import TABLES_VERSION, typed_tables
from gezhi.llm.protocol import Embedder
from gezhi.store.passages import embedding_text, text_hash
from gezhi.store.protocol import Store
from gezhi.trace import Tracer, span
from gezhi.types import (
    Cancelled,
    Item,
    Job,
    JobState,
    Outcome,
    Parsed,
    Passage,
    Progress,
    Status,
)

LEASE_SECONDS = 30.0
EMBED_BATCH = 32
"""Passages per model call and per commit: what a kill can cost."""

OnProgress = Callable[[Progress], None]


class FileParser(Protocol):
    """Parses one file in a worker process; never raises for what the file holds."""

    @property
    def version(self) -> str: ...

    def parse(self, path: Path, source: str) -> Parsed: ...


class Ingestor:
    """Works on the items of jobs in this thread, one after another; several may run side by side."""

    def __init__(
        self, store: Store, parser: FileParser, embedder: Embedder | None, tracer: Tracer, *, worker: str
    ) -> None:
        self._store = store
        self._parser = parser
        self._embedder = embedder
        self._tracer = tracer
        self._worker = worker
        self.pipeline = "/".join(
            (
                parser.version,
                f"split-{SPLITTER_VERSION}",
                f"tables-{TABLES_VERSION}",
                embedder.name if embedder else "no-vectors",
            )
        )

    def run_job(self, job_id: str, on_progress: OnProgress, stopped: threading.Event) -> None:
        """Work on the job's items until none is left to claim, the job is cancelled, or `stopped` is set."""
        with _Heartbeat(self._store, self._worker):
            while not stopped.is_set():
                item = self._store.claim(self._worker, lease_seconds=LEASE_SECONDS, job_id=job_id)
                if item is None:
                    return
                self.run_item(item, on_progress, stopped)

    def run_next(self, on_progress: OnProgress, stopped: threading.Event) -> bool:
        """Work on one item of any job; False if there was none."""
        item = self._store.claim(self._worker, lease_seconds=LEASE_SECONDS)
        if item is None:
            return False
        with _Heartbeat(self._store, self._worker):
            self.run_item(item, on_progress, stopped)
        return True

    def run_item(self, item: Item, on_progress: OnProgress, stopped: threading.Event) -> None:
        """Bring one file to its outcome. Raises ModelUnavailable, ModelFailed and StoreError: the item then
        stays unfinished, and is claimed again later."""
        report = _Reporter(self._store, item, on_progress)
        try:
            with self._tracer.trace("ingest", "ingest"), span("ingest.file", gezhi__source=item.source) as here:
                outcome = self._ingest(item, report, stopped)
                here.set(gezhi__status=outcome.status.value, gezhi__code=outcome.code)
        except Cancelled:
            if stopped.is_set():
                self._store.release(self._worker)
            return
        if item.spooled:
            Path(item.path).unlink(missing_ok=True)
        report("finished", item=replace(item, outcome=outcome))

    def _ingest(self, item: Item, report: _Reporter, stopped: threading.Event) -> Outcome:
        report("reading")
        before = self._store.source_state(item.source)
        if before and before.pipeline == self.pipeline and before.document_id == _file_id(Path(item.path)):
            return self._finish(item, Outcome(status=Status.UNCHANGED), before.document_id)
        with span("ingest.parse"):
            parsed = self._parser.parse(Path(item.path), item.source)
        if parsed.document is None:
            outcome = parsed.outcome
            if before:
                kept = f"{outcome.message} The revision stored earlier is kept."
                outcome = replace(outcome, message=kept)
            return self._finish(item, outcome)
        document = replace(parsed.document, access=item.access)
        with span("ingest.split") as here:
            passages = split(document)
            here.set(gezhi__passages=len(passages))
        with span("ingest.tables") as here:
            tables = typed_tables(document)
            here.set(gezhi__tables=len(tables), gezhi__rows=sum(len(table.rows) for table in tables))
        self._embed(document.title, passages, report, stopped)
        report("storing")
        with span("ingest.store"):
            self._store.put(
                document,
                passages,
                outcome=parsed.outcome,
                pipeline=self.pipeline,
                embedder=self._embedder.name if self._embedder else None,
                item=item,
                tables=tables,
            )
        return parsed.outcome

    def _finish(self, item: Item, outcome: Outcome, document_id: str | None = None) -> Outcome:
        self._store.finish_item(item, outcome, document_id)
        return outcome

    def _embed(self, title: str, passages: Sequence[Passage], report: _Reporter, stopped: threading.Event) -> None:
        """Make the vectors that are missing and commit each batch."""
        if self._embedder is None:
            return
        texts = {text_hash(text): text for text in (embedding_text(p, title) for p in passages)}
        known = self._store.known_vectors(list(texts), self._embedder.name)
        missing = [(key, text) for key, text in texts.items() if key not in known]
        with span("embeddings", gen_ai__request__model=self._embedder.name) as here:
            here.set(gezhi__texts=len(missing), gezhi__cached=len(known))
            for first in range(0, len(missing), EMBED_BATCH):
                if stopped.is_set() or report.cancelled():
                    raise Cancelled("The job was cancelled.")
                batch = missing[first : first + EMBED_BATCH]
                vectors = self._embedder.embed_passages([text for _, text in batch])
                self._store.save_vectors(
                    {key: vector for (key, _), vector in zip(batch, vectors, strict=True)}, self._embedder.name
                )
                report("embedding", done=first + len(batch), of=len(missing))


class _Reporter:
    """Tells the caller how far the file is, with the job's counts read afresh."""

    def __init__(self, store: Store, item: Item, on_progress: OnProgress) -> None:
        self._store, self._item, self._on_progress = store, item, on_progress

    def __call__(self, stage: str, *, done: int = 0, of: int = 0, item: Item | None = None) -> None:
        self._on_progress(Progress(job=self._job(), source=self._item.source, stage=stage, done=done, of=of, item=item))

    def cancelled(self) -> bool:
        return self._job().state is JobState.CANCELLED

    def _job(self) -> Job:
        job = self._store.job(self._item.job_id)
        if job is None:
            raise Cancelled("The job no longer exists.")
        return job


class _Heartbeat:
    """Renews the worker's leases in a thread, for parsing and embedding may outlast a lease."""

    def __init__(self, store: Store, worker: str) -> None:
        self._store, self._worker = store, worker
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="gezhi-heartbeat", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._done.wait(LEASE_SECONDS / 3):
            self._store.renew(self._worker, lease_seconds=LEASE_SECONDS)


def _file_id(path: Path) -> str | None:
    """The id the file's bytes would have (`document_id`), read in pieces; None if it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError:
        return None
    return digest.hexdigest()[:32]
