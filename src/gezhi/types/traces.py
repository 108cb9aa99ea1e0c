"""What happened during one question or job."""

from __future__ import annotations

from dataclasses import dataclass

Attribute = str | int | float | bool

QUOTED = "gezhi.documents"
"""Attribute of the root span: ids of the documents shown, with a space between."""

READ = "gezhi.passages"
"""Attribute of the root span: ids of the passages that an answer was made from, with a space between."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """One timed step. Times are Unix seconds; children lie within their parent."""

    id: int
    parent: int | None
    name: str
    start: float
    end: float
    attributes: tuple[tuple[str, Attribute], ...] = ()
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """A tree of spans; the first is the root."""

    id: str
    kind: str
    """`ask`, `search`, `ingest`."""
    spans: tuple[Span, ...]

    @property
    def root(self) -> Span:
        return self.spans[0]

    @property
    def seconds(self) -> float:
        return self.root.end - self.root.start

    @property
    def read(self) -> tuple[str, ...]:
        """Ids of the passages that the answer was made from."""
        return tuple(str(dict(self.root.attributes).get(READ, "")).split()) if self.spans else ()

    @property
    def quoted(self) -> tuple[str, ...]:
        """Ids of the documents that its contents quote; empty where contents are not traced."""
        return tuple(dict.fromkeys(str(dict(self.root.attributes).get(QUOTED, "")).split())) if self.spans else ()
