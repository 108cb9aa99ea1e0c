"""Documents and their parts: what parsing yields and the store keeps."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

EVERYONE = "everyone"
"""The principal that every `Scope` holds; the access of a document unless somebody narrows it."""


def document_id(data: bytes) -> str:
    """Return the id of the document with these bytes: 32 hex digits of its SHA-256."""
    return hashlib.sha256(data).hexdigest()[:32]


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    CODE = "code"


class PassageKind(StrEnum):
    PROSE = "prose"
    TABLE_ROWS = "table_rows"


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A rectangle on a page, in points (1/72 inch) from the page's top left corner; y grows downwards."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TableRow:
    """One row: its cells as written, and its place in `Document.text`."""

    cells: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table inside a document. `header` is empty where the source has none."""

    name: str
    header: tuple[str, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A structural part of a document: `Document.text[start:end]`. Blocks never overlap and are in reading order."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    """Depth of a heading, 1 (outermost) to 6; 0 for everything else."""
    page: int | None = None
    """Page, slide or sheet number from 1, where the format has one."""
    box: Box | None = None
    table: Table | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One revision of one source. The same bytes always give the same `id`."""

    id: str
    source: str
    """Where it came from, and its key in the store: a path as the user would write it, or an upload's name."""
    title: str
    media_type: str
    text: str
    blocks: tuple[Block, ...]
    page_count: int | None = None
    revision: int = 1
    """Counts the versions stored under this source, from 1; the store sets it."""
    access: frozenset[str] = frozenset({EVERYONE})
    """Principals who may read it."""
    metadata: tuple[tuple[str, str], ...] = ()
    """Facts from the file itself (author, created, subject), as written there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A piece of a document small enough to retrieve: `document.text[start:end] == text`."""

    document_id: str
    ordinal: int
    """Place among the document's passages, from 0."""
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()
    """The path of headings above it, outermost first; the document's title is not repeated."""
    kind: PassageKind = PassageKind.PROSE
    page: int | None = None
    table_header: tuple[str, ...] = ()
    """For table rows: the header of their table."""

    @property
    def id(self) -> str:
        return f"{self.document_id}:{self.ordinal}"


class Status(StrEnum):
    """How the work on one file ended."""

    STORED = "stored"
    WARNED = "stored_with_warning"
    REFUSED = "refused"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """The named end of the work on one file, with a reason a person understands."""

    status: Status
    code: str = "ok"
    """Stable machine name: `ok`, `no_text_layer`, `encrypted`, `empty_file`, `too_large`, ..."""
    message: str = ""
    """What happened and what to do next; empty when all went well."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parsed:
    """What parsing one file gave: a document, or a refusal without one."""

    outcome: Outcome
    document: Document | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentSummary:
    """A line of the list of documents."""

    id: str
    source: str
    title: str
    media_type: str
    revision: int
    page_count: int | None
    passages: int
    characters: int
    added_at: float
    """Unix time, seconds."""
    outcome: Outcome
    access: frozenset[str] = field(default_factory=lambda: frozenset({EVERYONE}))
