"""Durable jobs: what was asked for, and how far each file has come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gezhi.types.documents import EVERYONE, Outcome


class JobState(StrEnum):
    OPEN = "open"
    """Accepted; some files are not finished."""
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewItem:
    """A file to ingest."""

    source: str
    """Key of the document in the store."""
    path: str
    """Where its bytes are: an absolute path."""
    spooled: bool = False
    """True if the file at `path` is our own copy, to be deleted when the item is finished."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One file of a job."""

    job_id: str
    number: int
    source: str
    path: str
    spooled: bool
    attempts: int
    """Claims so far; an item whose worker died is claimed again."""
    access: frozenset[str] = frozenset({EVERYONE})
    outcome: Outcome | None = None
    document_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A job and its counts. `finished` is the number of items with an outcome."""

    id: str
    label: str
    state: JobState
    created_at: float
    total: int
    finished: int
    counts: tuple[tuple[str, int], ...]
    """Items per outcome status."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How a job stands now; sent after each step of each file."""

    job: Job
    source: str = ""
    """The file under way."""
    stage: str = ""
    """`reading`, `embedding`, `storing`, `finished`."""
    done: int = 0
    of: int = 0
    """Passages embedded, of so many, while embedding."""
    item: Item | None = None
    """The item that just finished, with its outcome."""
