"""Documents in: files and uploads become jobs, worked on here or in the background."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gezhi.app.config import Config
from gezhi.app.files import collect, copy_limited, job_key, source_of, upload_source
from gezhi.app.parsing import PooledParser
from gezhi.app.worker import BackgroundWorker, release_dead_workers, worker_name
from gezhi.ingest import Ingestor, OnProgress
from gezhi.llm.protocol import Embedder
from gezhi.store.protocol import Store
from gezhi.trace import Tracer
from gezhi.types import (
    EVERYONE,
    GezhiError,
    InvalidInput,
    Item,
    Job,
    JobState,
    NewItem,
    NotFound,
    Progress,
    Scope,
)

POLL_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class JobReport:
    """How a call of `add` ended."""

    job: Job
    items: tuple[Item, ...]
    removed: tuple[str, ...] = ()
    """Sources that `sync` removed."""


class Ingestion:
    """The part of `App` that takes documents in."""

    config: Config
    path: Path
    _store: Store
    _embedder: Embedder | None
    _tracer: Tracer
    _parser: PooledParser
    _worker: BackgroundWorker | None
    _lock: threading.Lock

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
                self._worker = BackgroundWorker(self._store, self._ingestor, self._when_idle)

    def _when_idle(self) -> bool:
        return False

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
