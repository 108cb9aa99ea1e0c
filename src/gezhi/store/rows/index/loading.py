"""Rows into the indexes in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from gezhi.store.memory.catalogue import Catalogue
from gezhi.store.memory.words import Segment, add_segment, build_segment
from gezhi.store.rows.visibility import CHUNK
from gezhi.store.schema import documents, passage_terms, passages, removals, vectors

BATCH = 16384
"""Passages turned into postings at once: bounds the memory that loading needs on top."""


def load_passages(
    connection: sa.Connection, catalogue: Catalogue, segments: tuple[Segment, ...], *, after: int
) -> tuple[Catalogue, tuple[Segment, ...]]:
    """Append the passages of contents written after a revision."""
    query = (
        sa.select(
            passages.c.key,
            passages.c.document,
            documents.c.id,
            passages.c.ordinal,
            passage_terms.c.length,
            passage_terms.c.terms,
        )
        .join(documents, documents.c.key == passages.c.document)
        .join(passage_terms, passage_terms.c.passage == passages.c.key)
        .where(documents.c.contents_at > after)
        .order_by(passages.c.key)
        .execution_options(yield_per=BATCH)
    )
    if catalogue.size:
        query = query.where(passages.c.key > int(catalogue.keys[-1]))  # keys only grow: no scan of all the others
    parts = [catalogue] if catalogue.size else []
    first = catalogue.size
    for rows in connection.execute(query).partitions():
        keys, document_keys, ids, ordinals, lengths, terms = zip(*rows, strict=True)
        segments = add_segment(segments, build_segment(first, terms))
        parts.append(
            Catalogue(
                keys=np.array(keys, np.int64),
                documents=np.array(document_keys, np.int64),
                document_ids=np.array([number.encode() for number in ids]),
                ordinals=np.array(ordinals, np.int32),
                lengths=np.array(lengths, np.float32),
                alive=np.ones(len(keys), np.bool_),
            )
        )
        first += len(keys)
    return Catalogue.joined(parts), segments


@dataclass(frozen=True, slots=True)
class Changes:
    touched: list[int]
    """Keys of the documents written, or changed in anything."""
    gone: list[int]
    """Keys of those whose former passages are gone."""


def changed_documents(connection: sa.Connection, *, after: int) -> Changes:
    query = sa.select(documents.c.key, documents.c.contents_at)
    touched = connection.execute(query.where(documents.c.changed_at > after)).all()
    removed = connection.execute(sa.select(removals).where(removals.c.revision > after)).all()
    return Changes(
        touched=[row.key for row in touched],
        gone=[row.key for row in touched if row.contents_at > after] + [row.document for row in removed],
    )


def load_vectors(
    connection: sa.Connection, catalogue: Catalogue, embedder: str, within: Sequence[int] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    """Positions and vectors of the passages that have one, in order of position."""
    query = (
        sa.select(passages.c.key, vectors.c.vector)
        .join(vectors, vectors.c.text_hash == passages.c.text_hash)
        .where(vectors.c.embedder == embedder)
        .order_by(passages.c.key)
        .execution_options(yield_per=BATCH)
    )
    if within is None:
        return _vectors(connection, catalogue, [query])
    chunks = [sorted(within)[at : at + CHUNK] for at in range(0, len(within), CHUNK)]
    return _vectors(connection, catalogue, [query.where(passages.c.document.in_(chunk)) for chunk in chunks])


def _vectors(
    connection: sa.Connection, catalogue: Catalogue, queries: Sequence[sa.Select[tuple[int, bytes]]]
) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    keys: list[int] = []
    rows: list[NDArray[np.float16]] = []
    for query in queries:
        for batch in connection.execute(query).partitions():
            keys.extend(row.key for row in batch)
            rows.append(np.frombuffer(b"".join(row.vector for row in batch), "<f2").reshape(len(batch), -1))
    matrix = np.concatenate(rows) if rows else np.empty((0, 0), np.float16)
    positions = catalogue.positions_of(np.array(keys, np.int64))
    order = np.argsort(positions, kind="stable")
    order = order[positions[order] >= 0]
    if order.size == len(keys) and bool((np.diff(positions) > 0).all()):
        return positions, matrix
    return positions[order], matrix[order]
