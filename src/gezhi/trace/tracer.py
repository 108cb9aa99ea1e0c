"""Spans of one question or job, kept in memory until it ends and handed to a sink.

Names follow OpenTelemetry's GenAI conventions (`genai.py`). The current trace travels in a context variable,
so stages open spans without being handed a tracer."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from gezhi.types import Attribute, Span, Trace

Sink = Callable[[Trace], None]


@dataclass(slots=True)
class OpenSpan:
    """A span under way. `set` adds attributes; `content` adds text only where contents are traced."""

    id: int
    parent: int | None
    name: str
    start: float
    contents: bool
    attributes: dict[str, Attribute] = field(default_factory=dict)
    error: str = ""

    def set(self, **attributes: Attribute) -> None:
        self.attributes.update({key.replace("__", "."): value for key, value in attributes.items()})

    def content(self, **attributes: str) -> None:
        """Questions, prompts, answers: left out unless the setting `trace_contents` is on."""
        if self.contents:
            self.set(**attributes)


@dataclass(slots=True)
class _OpenTrace:
    id: str
    contents: bool
    spans: list[Span] = field(default_factory=list)
    next_id: int = 0


_current: ContextVar[tuple[_OpenTrace, OpenSpan] | None] = ContextVar("gezhi_trace", default=None)


class Tracer:
    """Starts traces and hands them to the sink when they end, also after an error."""

    def __init__(self, sink: Sink, *, contents: bool) -> None:
        self._sink = sink
        self._contents = contents

    @contextmanager
    def trace(self, kind: str, name: str, sink: Sink | None = None) -> Iterator[tuple[str, OpenSpan]]:
        """Open a trace; yields its id and its root span."""
        opened = _OpenTrace(id=uuid.uuid4().hex, contents=self._contents)
        root = _open(opened, None, name)
        token = _current.set((opened, root))
        try:
            yield opened.id, root
        except BaseException as error:
            root.error = _said(error)
            raise
        finally:
            # A generator may be closed from another context than the one it was started in.
            try:
                _current.reset(token)
            except ValueError:
                _current.set(None)
            _close(opened, root)
            spans = tuple(sorted(opened.spans, key=lambda s: s.id))
            (sink or self._sink)(Trace(id=opened.id, kind=kind, spans=spans))


@contextmanager
def span(name: str, **attributes: Attribute) -> Iterator[OpenSpan]:
    """Open a span below the current one. Outside a trace it is measured by nobody."""
    current = _current.get()
    if current is None:
        yield OpenSpan(id=0, parent=None, name=name, start=time.time(), contents=False)
        return
    opened, parent = current
    here = _open(opened, parent.id, name)
    here.set(**attributes)
    token = _current.set((opened, here))
    try:
        yield here
    except BaseException as error:
        here.error = _said(error)
        raise
    finally:
        try:
            _current.reset(token)
        except ValueError:
            _current.set(current)
        _close(opened, here)


def _said(error: BaseException) -> str:
    """A stream closed by its reader is no failure of ours."""
    return "cancelled" if isinstance(error, GeneratorExit) else f"{type(error).__name__}: {error}"


def _open(opened: _OpenTrace, parent: int | None, name: str) -> OpenSpan:
    here = OpenSpan(id=opened.next_id, parent=parent, name=name, start=time.time(), contents=opened.contents)
    opened.next_id += 1
    return here


def _close(opened: _OpenTrace, here: OpenSpan) -> None:
    opened.spans.append(
        Span(
            id=here.id,
            parent=here.parent,
            name=here.name,
            start=here.start,
            end=max(time.time(), here.start),
            attributes=tuple(here.attributes.items()),
            error=here.error,
        )
    )
