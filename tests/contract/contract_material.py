"""The engines under the contract, and documents made from plain texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from gezhi.store import Hit, Store, Vectors, embedding_text, text_hash
from gezhi.store.sqlite import open_sqlite
from gezhi.types import (
    EVERYONE,
    Block,
    BlockKind,
    Box,
    Document,
    Filters,
    Item,
    Outcome,
    Passage,
    PassageKind,
    Scope,
    Status,
    Table,
    TableRow,
    document_id,
)

Opener = Callable[[], Store]

ENGINES: dict[str, Callable[[Path], Opener]] = {
    "sqlite": lambda folder: lambda: open_sqlite(folder / "contract.gezhi"),
}
"""Another engine is one more entry."""

OWNER = Scope.owner()
PUBLIC = Scope()
NO_FILTER = Filters()
STORED = Outcome(status=Status.STORED)
EMBEDDER = "letters"


def document(source: str, texts: Sequence[str], *, title: str = "", access: str = EVERYONE) -> Document:
    """One passage a text."""
    text = "\n".join(texts)
    return Document(
        id=document_id(text.encode()),
        source=source,
        title=title,
        media_type="text/plain",
        text=text,
        blocks=(Block(kind=BlockKind.PARAGRAPH, start=0, end=len(text)),),
        access=frozenset(access.split()),
    )


def passages(document: Document) -> list[Passage]:
    found, start = [], 0
    for ordinal, piece in enumerate(document.text.split("\n")):
        end = start + len(piece)
        found.append(Passage(document_id=document.id, ordinal=ordinal, start=start, end=end, text=piece))
        start = end + 1
    return found


def rich_document() -> tuple[Document, list[Passage]]:
    """Every field of every type holds something."""
    text = "价目表\n型号 | 单价\nPPR-9087 | 12.50\n备注：含税 😀"
    table = Table(name="价目", header=("型号", "单价"), rows=(TableRow(cells=("PPR-9087", "12.50"), start=14, end=30),))
    blocks = (
        Block(kind=BlockKind.HEADING, start=0, end=3, level=1, page=1, box=Box(x0=1.5, y0=2, x1=3, y1=4.25)),
        Block(kind=BlockKind.TABLE, start=4, end=30, page=2, table=table),
    )
    made = Document(
        id=document_id(text.encode()),
        source="prices/价目 表\n1.xlsx",
        title='A "title"',
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        text=text,
        blocks=blocks,
        page_count=2,
        access=frozenset({"alice", "sales"}),
        metadata=(("author", "王"), ("created", "2024-01-01")),
    )
    part = Passage(
        document_id=made.id,
        ordinal=0,
        start=14,
        end=30,
        text=text[14:30],
        headings=("价目表", "a > b"),
        kind=PassageKind.TABLE_ROWS,
        page=2,
        table_header=("型号", "单价"),
    )
    return made, [part]


def letters(text: str) -> Vectors:
    """A vector that tells texts apart by how often each letter comes."""
    vector = np.zeros(32, dtype=np.float32)
    for character in text:
        vector[ord(character) % 32] += 1
    return vector


def put(
    store: Store,
    document: Document,
    *,
    pipeline: str = "p1",
    vectors: bool = False,
    item: Item | None = None,
    outcome: Outcome = STORED,
    parts: Sequence[Passage] | None = None,
) -> int:
    parts = passages(document) if parts is None else parts
    if vectors:
        texts = [embedding_text(part, document.title) for part in parts]
        store.save_vectors({text_hash(text): letters(text) for text in texts}, EMBEDDER)
    embedder = EMBEDDER if vectors else None
    return store.put(document, parts, outcome=outcome, pipeline=pipeline, embedder=embedder, item=item)


def add(store: Store, source: str, *texts: str, access: str = EVERYONE, vectors: bool = False) -> Document:
    made = document(source, texts, access=access)
    put(store, made, vectors=vectors)
    return made


def words(store: Store, text: str, scope: Scope = OWNER, filters: Filters = NO_FILTER, limit: int = 10) -> list[str]:
    return texts_of(store.search_words(text, scope, filters, limit))


def meaning(store: Store, text: str, scope: Scope = OWNER, filters: Filters = NO_FILTER, limit: int = 10) -> list[str]:
    return texts_of(store.search_meaning(letters(text), EMBEDDER, scope, filters, limit))


def texts_of(hits: Sequence[Hit]) -> list[str]:
    return [hit.passage.text for hit in hits]
