"""Answers under way: each in its own thread, few at once, stopped when nobody listens any more."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from starlette.types import Receive

from gezhi.answer.events import AnswerEvent, Done
from gezhi.entrypoints.http.errors import Internal, ServerBusy, ServerStopping
from gezhi.types import Answer, GezhiError

log = logging.getLogger("gezhi.http")

TICK_SECONDS = 0.5
"""How often a waiting answer looks whether the server is stopping."""


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class _End:
    error: GezhiError | None


class Run:
    """One answer under way. The events are made in a worker thread and read here, in the event loop.

    The whole iterator runs in one thread: its trace lives in a context variable."""

    def __init__(self, events: Iterator[AnswerEvent], stopping: threading.Event) -> None:
        self._events, self._stopping = events, stopping
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[AnswerEvent | _End] = asyncio.Queue()
        self._stopped = threading.Event()
        self.future: Future[None] | None = None

    def stop(self) -> None:
        """End the answer; the model stops at its next step."""
        self._stopped.set()
        if self.future is not None:
            self.future.cancel()

    def work(self) -> None:
        """Make the events; runs in the worker thread."""
        error: GezhiError | None = None
        done: Done | None = None
        try:
            while not self._stopped.is_set():
                event = next(self._events, None)
                if event is None:
                    break
                if isinstance(event, Done):
                    done = event  # sent once the iterator has ended: the trace is stored then
                else:
                    self._send(event)
        except GezhiError as failure:
            error = failure
        except Exception:
            log.exception("an answer failed")
            error = Internal("Something went wrong inside the server.", hint="Its log says what.")
        finally:
            close = getattr(self._events, "close", None)
            if close is not None:
                close()
            if done is not None and error is None:
                self._send(done)
            self._send(_End(error))

    def _send(self, item: AnswerEvent | _End) -> None:
        try:
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)
        except RuntimeError:  # the event loop is gone, and the client with it
            self._stopped.set()

    async def events(self) -> AsyncIterator[AnswerEvent | None]:
        """The events; None while waiting, every half second. Raises what the answer raised."""
        while True:
            try:
                item = await asyncio.wait_for(self._queue.get(), TICK_SECONDS)
            except TimeoutError:
                if self._stopping.is_set():
                    raise ServerStopping("The server is stopping.", hint="Ask again in a moment.") from None
                yield None
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item

    async def answer(self, receive: Receive) -> Answer:
        """Wait for the whole answer. Raises ClientGone, with the model stopped, if the client left."""
        answer = asyncio.create_task(self._last())
        gone = asyncio.create_task(disconnected(receive))
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise ClientGone
            return answer.result()
        finally:
            self.stop()
            answer.cancel()
            gone.cancel()
            await asyncio.gather(answer, gone, return_exceptions=True)

    async def _last(self) -> Answer:
        async for event in self.events():
            if isinstance(event, Done):
                return event.answer
        raise ServerStopping("The answer was stopped.", hint="Ask again.")


async def disconnected(receive: Receive) -> None:
    """Return when the client is gone. The request's body must have been read."""
    while (await receive())["type"] != "http.disconnect":
        pass


class Answering:
    """Runs a few answers at once, lets a few wait, and refuses the rest."""

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self.stopping = threading.Event()
        self._most = at_once + waiting
        self._executor = ThreadPoolExecutor(at_once, thread_name_prefix="gezhi-answer")
        self._lock = threading.Lock()
        self._pending = 0

    def start(self, events: Iterator[AnswerEvent]) -> Run:
        """Begin an answer. Raises ServerBusy if too many wait already."""
        with self._lock:
            if self._pending >= self._most:
                raise ServerBusy(
                    f"{self._pending} answers are under way or waiting; no more are taken.",
                    hint="Try again in a few seconds.",
                )
            self._pending += 1
        run = Run(events, self.stopping)
        run.future = self._executor.submit(run.work)
        run.future.add_done_callback(self._finished)
        return run

    def _finished(self, _: Future[None]) -> None:
        with self._lock:
            self._pending -= 1

    def close(self) -> None:
        """Wait for the answers under way to stop."""
        self.stopping.set()
        self._executor.shutdown(wait=True, cancel_futures=True)
