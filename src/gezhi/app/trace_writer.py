"""Traces on their way to the store: those of searches wait a moment and are committed together."""

from __future__ import annotations

import logging
import threading

from gezhi.store.protocol import Store
from gezhi.types import GezhiError, StoreFull, StoreReadOnly, Trace

log = logging.getLogger("gezhi.traces")

DELAY_SECONDS = 1.0
"""Longest that the trace of a search waits. A crash loses no more than these."""
MOST_WAITING = 200
HURRIED = frozenset({"ask", "ingest"})
"""Kinds committed at once: feedback and evaluation refer to them."""


class TraceWriter:
    """A commit costs more than a search by words. Safe to use from several threads."""

    def __init__(self, store: Store, *, keep: int) -> None:
        self._store, self._keep = store, keep
        self._waiting: list[tuple[Trace, frozenset[str]]] = []
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def save(self, trace: Trace, owner: frozenset[str]) -> None:
        """Raises StoreError for a trace that is committed at once and cannot be. On a full disk, or one that may only
        be read, the answer is worth more than its trace: then it is lost, and the log says so."""
        with self._lock:
            self._waiting.append((trace, owner))
            if trace.kind not in HURRIED and len(self._waiting) < MOST_WAITING:
                if self._timer is None:
                    self._timer = threading.Timer(DELAY_SECONDS, self._flush_quietly)
                    self._timer.daemon = True
                    self._timer.start()
                return
        self.flush()

    def flush(self) -> None:
        """Commit what waits: before traces are read, and at the end."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        if waiting:
            try:
                self._store.save_traces(waiting, keep=self._keep)
            except (StoreFull, StoreReadOnly) as error:
                log.warning("%d %s lost: %s", len(waiting), "trace is" if len(waiting) == 1 else "traces are", error)

    def _flush_quietly(self) -> None:
        """In the timer's thread nobody can be told; a store that cannot be written says so at the next write."""
        try:
            self.flush()
        except GezhiError:
            return
