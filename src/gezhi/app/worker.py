"""Who works on jobs: workers have names that tell whether they are still alive."""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable

from gezhi.ingest import Ingestor
from gezhi.store.protocol import Store
from gezhi.types import GezhiError

log = logging.getLogger("gezhi.worker")

IDLE_SECONDS = 0.5
RETRY_SECONDS = 15.0
"""Pause after a failure that is not the document's: a model server that is down, a full disk."""


def worker_name() -> str:
    return f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"


def release_dead_workers(store: Store) -> None:
    """Give back the claims of processes of this machine that no longer run, without waiting for their leases."""
    for name in store.workers():
        host, pid, _ = name.rsplit("/", 2)
        if host == socket.gethostname() and not _runs(int(pid)):
            store.release(name)


def _runs(pid: int) -> bool:
    if os.name == "nt":
        return True  # no cheap test there: the lease decides
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class BackgroundWorker:
    """Works on open jobs in a thread until stopped: the server's side of ingestion."""

    def __init__(self, store: Store, make_ingestor: Callable[[], Ingestor], idle: Callable[[], bool]) -> None:
        """`idle`: called while no job is open; whether there was something to do."""
        self._store, self._make_ingestor, self._idle = store, make_ingestor, idle
        self._stopped, self._woken = threading.Event(), threading.Event()
        self.last_error: GezhiError | None = None
        self._thread = threading.Thread(target=self._run, name="gezhi-worker", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        self._stopped.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        ingestor = self._make_ingestor()
        while not self._stopped.is_set():
            try:
                release_dead_workers(self._store)
                busy = ingestor.run_next(lambda _: None, self._stopped)
                self.last_error = None
            except GezhiError as error:
                log.error("ingestion pauses for %.0f s: %s", RETRY_SECONDS, error)
                self.last_error = error
                self._stopped.wait(RETRY_SECONDS)
                continue
            if not busy and not self._idle():
                self._woken.wait(IDLE_SECONDS)
                self._woken.clear()
