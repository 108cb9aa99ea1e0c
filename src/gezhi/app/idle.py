"""Work for the time in which nobody asks: passages that answers were made from are read for facts."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from gezhi.types import GezhiError

if TYPE_CHECKING:
    from gezhi.app.parts.graph import GraphReader

log = logging.getLogger("gezhi.idle")

QUIET_SECONDS = 10.0
"""Without a question, before the chat model is used for anything else."""


class LazyFacts:
    """Reads one passage at a time, so that a question waits for one at most, and never more tokens a day than given.
    The count begins anew with the process."""

    def __init__(self, graph: Callable[[], GraphReader], most_tokens: int, *, quiet: float | None = None) -> None:
        self._graph, self._most = graph, most_tokens
        self._quiet = QUIET_SECONDS if quiet is None else quiet
        self._lock = threading.Lock()
        self._asking = 0
        self._asked_at = 0.0
        self._pending = False
        self._day: date | None = None
        self._spent = self._failed = 0

    @contextmanager
    def question(self) -> Iterator[None]:
        """While a question is answered, nothing is read."""
        with self._lock:
            self._asking += 1
        try:
            yield
        finally:
            with self._lock:
                self._asking -= 1
                self._asked_at = time.monotonic()
                self._pending = True

    def read_one(self) -> bool:
        """Read the next passage. False if there is none, not now, or not today."""
        with self._lock:
            quiet = not self._asking and time.monotonic() - self._asked_at >= self._quiet
            if not self._pending or not quiet:
                return False
        today = datetime.now(UTC).date()
        if today != self._day:
            self._day, self._spent = today, 0
        try:
            read = self._graph().extract(
                asked=True, most_tokens=self._most - self._spent, most_passages=1 + self._failed
            )
        except GezhiError as error:
            log.error("facts wait for the next question: %s", error)
            read = None
        if read is not None:
            self._spent += read.usage.input_tokens + read.usage.output_tokens
            self._failed = read.failed  # these come first again: look past them
        if read is None or not read.texts:
            with self._lock:
                self._pending = False
            return False
        return True
