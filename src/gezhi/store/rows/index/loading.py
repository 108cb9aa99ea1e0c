"""Rows into the indexes in memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from gezhi.store.catalogue import Catalogue
from gezhi.store.graph import Graph, build_graph
from gezhi.store.naming.aliases import AliasKind
from gezhi.store.naming.resolve import GivenName
from gezhi.store.rows.visibility import CHUNK
from gezhi.store.schema import (
    aliases,
    documents,
    entities,
    fact_statements,
    facts,
    mentions,
    passage_terms,
    passages,
    removals,
    source_access,
    sources,
    titles,
    vectors,
)
from gezhi.store.words import Segment, add_segment, build_segment
from gezhi.types import EVERYONE

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


def changed_documents(connection: sa.Connection, *, after: int) -> tuple[list[int], list[int]]:
    """Keys of the documents touched after a revision, and of those whose former passages are gone."""
    touched = connection.execute(
        sa.select(documents.c.key, documents.c.contents_at).where(documents.c.changed_at > after)
    ).all()
    removed = connection.execute(sa.select(removals.c.document).where(removals.c.revision > after)).scalars().all()
    return [row.key for row in touched], [row.key for row in touched if row.contents_at > after] + list(removed)


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


def load_graph(connection: sa.Connection, catalogue: Catalogue) -> Graph:
    """All of it: names inside other names make every entity matter to every other."""
    known = connection.execute(sa.select(entities.c.key, entities.c.name, entities.c.label, entities.c.type)).all()
    named = [
        _columns(connection, query)
        for query in (
            sa.select(mentions.c.passage, mentions.c.entity),
            sa.select(fact_statements.c.passage, facts.c.subject).join(facts, facts.c.key == fact_statements.c.fact),
            sa.select(fact_statements.c.passage, facts.c.object).join(facts, facts.c.key == fact_statements.c.fact),
        )
    ]
    return build_graph(
        catalogue,
        [(row.key, row.name, row.label, row.type) for row in known],
        (np.concatenate([pair[0] for pair in named]), np.concatenate([pair[1] for pair in named])),
        _columns(connection, sa.select(titles.c.document, titles.c.entity)),
        given=_given_names(connection),
        has_facts=bool(named[1][0].size),
    )


def _given_names(connection: sa.Connection) -> list[GivenName]:
    """Aliases; one counts beyond its document if everybody may read a document that says it."""
    public = sa.exists().where(
        sources.c.document == passages.c.document,
        source_access.c.source == sources.c.source,
        source_access.c.principal == EVERYONE,
    )
    query = sa.select(
        passages.c.document, aliases.c.alias, aliases.c.entity, aliases.c.kind, public.label("public")
    ).join(passages, passages.c.key == aliases.c.passage)
    return [
        GivenName(row.document, row.alias, row.entity, anywhere=row.public and row.kind != AliasKind.DEFINED.value)
        for row in connection.execute(query)
    ]


def _columns(
    connection: sa.Connection, query: sa.Select[tuple[int, int]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    parts = [
        np.array([tuple(row) for row in rows], np.int64)
        for rows in connection.execute(query.execution_options(yield_per=BATCH)).partitions()
    ]
    pairs = np.concatenate(parts) if parts else np.empty((0, 2), np.int64)
    return pairs[:, 0], pairs[:, 1]
