"""One worker process: started when needed, watched while it works, replaced when it has failed or grown."""

from __future__ import annotations

import contextlib
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from gezhi.parse.outcomes import refusal
from gezhi.parse.sandbox.memory import resident_bytes
from gezhi.parse.sandbox.wire import WireError, receive, send
from gezhi.parse.sandbox.worker import Request, memory_for
from gezhi.types import Parsed

_FILES = 200
"""After so many files a worker is replaced, whatever native libraries may have leaked in it."""
_WATCH_SECONDS = 0.05
_START = "import sys; sys.path.append(sys.argv[1]); from gezhi.parse.sandbox.worker import main; main()"
_ROOT = str(Path(__file__).resolve().parents[3])
"""The folder `gezhi` is imported from: the worker must find the same one."""


def default_command() -> list[str]:
    """`-P` keeps the current folder out of the import path: a user's own `email.py` must not become ours."""
    return [sys.executable, "-P", "-c", _START, _ROOT]


class WorkerProcess:
    """Used by one thread at a time, except `close`."""

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._command = list(command) if command is not None else default_command()
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[Parsed | None] = queue.SimpleQueue()
        self._files = 0
        self._closed = False
        self.peak_bytes = 0

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def run(self, request: Request) -> Parsed:
        """Send one request and wait for its answer within its limits."""
        limits = request[3]
        for attempt in (1, 2):
            if self._closed:
                return refusal("parser_crashed", detail="the parser pool was closed")
            fresh = self._process is None
            try:
                process = self._started()
            except OSError as error:
                return refusal("parser_unavailable", detail=error.strerror or str(error))
            deadline = time.monotonic() + limits.seconds
            # A worker that no longer reads would block the writing below for ever.
            watch = threading.Timer(limits.seconds, process.kill)
            watch.daemon = True
            watch.start()
            try:
                assert process.stdin is not None
                send(process.stdin, request)  # type: ignore[arg-type]
                break
            except (OSError, ValueError):
                # It died between two files: not this file's fault, unless it happens to a fresh one again.
                self.stop()
                if fresh or attempt == 2:
                    return refusal("parser_crashed", detail="the parser process ended at once")
            finally:
                watch.cancel()
        return self._wait(process, deadline, limits.seconds, memory_for(limits, request[4]))

    def close(self) -> None:
        """End it for good; a file in work ends as crashed."""
        self._closed = True
        self.stop()

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            self._files = 0
            self._answers = queue.SimpleQueue()
            reader = threading.Thread(target=_listen, args=(self._process.stdout, self._answers), daemon=True)
            reader.start()
        return self._process

    def _wait(self, process: subprocess.Popen[bytes], deadline: float, seconds: float, memory: int) -> Parsed:
        while True:
            try:
                answer = self._answers.get(timeout=_WATCH_SECONDS)
            except queue.Empty:
                held = resident_bytes(process.pid) or 0
                self.peak_bytes = max(self.peak_bytes, held)
                if held > memory:
                    self.stop()
                    return refusal("memory_limit", limit=memory // (1024 * 1024))
                if time.monotonic() > deadline:
                    self.stop()
                    return refusal("time_limit", limit=seconds)
                continue
            if answer is None:
                return self._died(process, memory)
            self._retire(process, memory)
            return answer

    def _died(self, process: subprocess.Popen[bytes], memory: int) -> Parsed:
        try:
            code = process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            code = 0
        self.stop()
        if code == -getattr(signal, "SIGKILL", 9):
            # We did not kill it: the system did, and it does so for want of memory.
            return refusal("memory_limit", limit=memory // (1024 * 1024))
        detail = f"signal {-code}" if code < 0 else f"exit code {code}"
        return refusal("parser_crashed", detail=detail)

    def _retire(self, process: subprocess.Popen[bytes], memory: int) -> None:
        """Count a finished file; end a worker that is old or has kept too much memory."""
        self._files += 1
        held = resident_bytes(process.pid) or 0
        self.peak_bytes = max(self.peak_bytes, held)
        if self._files >= _FILES or held > 0.6 * memory:
            self.stop()


def _listen(stream: BinaryIO | None, answers: queue.SimpleQueue[Parsed | None]) -> None:
    """Hand on answers; None when the worker has ended or sends nonsense."""
    assert stream is not None
    with stream:
        try:
            while True:
                answer = receive(stream)
                answers.put(answer if isinstance(answer, Parsed) else None)
                if not isinstance(answer, Parsed):
                    return
        except (WireError, OSError, ValueError, MemoryError):
            answers.put(None)
