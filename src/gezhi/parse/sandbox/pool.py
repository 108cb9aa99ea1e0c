"""Parse files in worker processes: one that hangs, dies or eats memory costs its own file and nothing else."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from gezhi.parse.outcomes import refusal
from gezhi.parse.protocol import Limits, ParseOptions
from gezhi.parse.sandbox.process import WorkerProcess
from gezhi.types import Parsed


class ParserPool:
    """At most `workers` files are parsed at a time; callers from any thread wait their turn.

    `command` starts a worker; the default is right for everything but tests."""

    def __init__(
        self,
        limits: Limits | None = None,
        options: ParseOptions | None = None,
        workers: int = 1,
        *,
        command: Sequence[str] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.options = options or ParseOptions()
        self._idle: queue.LifoQueue[WorkerProcess] = queue.LifoQueue()
        self._workers = [WorkerProcess(command) for _ in range(max(1, workers))]
        self._lock = threading.Lock()
        for worker in self._workers:
            self._idle.put(worker)

    def __enter__(self) -> ParserPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def parse(self, file: str | Path | bytes, source: str) -> Parsed:
        """Parse a path or bytes; every failure is a refusal with its code. `source` names the document."""
        worker = self._idle.get()
        try:
            if isinstance(file, bytes):
                if len(file) > self.limits.file_bytes:
                    return refusal("too_large", size=len(file), limit=self.limits.file_bytes)
                return worker.run((None, file, source, self.limits, self.options))
            return worker.run((str(Path(file).absolute()), None, source, self.limits, self.options))
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End the workers; a file in work ends as crashed."""
        with self._lock:
            for worker in self._workers:
                worker.close()

    @property
    def peak_bytes(self) -> int:
        """The most memory any worker held so far, as the watch saw it."""
        return max(worker.peak_bytes for worker in self._workers)

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the workers that run now."""
        return tuple(pid for worker in self._workers if (pid := worker.pid) is not None)
