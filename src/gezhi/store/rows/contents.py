"""Documents, passages and vectors written and deleted; callers hold the write transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gezhi.store.analyse import Analyser
from gezhi.store.passages import embedding_text, text_hash
from gezhi.store.rows.encoding import dump_blocks, dump_pairs, dump_strings
from gezhi.store.rows.graph.entities import drop_unnamed, spell_again
from gezhi.store.rows.graph.mentions import Named, entities_of, names_of, write_mentions
from gezhi.store.rows.graph.statements import drop_extractions, drop_unstated, facts_of, write_known_facts
from gezhi.store.rows.meta import inserted_key, next_number, write_meta
from gezhi.store.rows.tables.contents import PreparedTable, prepare_table, replace_tables
from gezhi.store.rows.terms import passage_blob
from gezhi.store.rows.visibility import chunks
from gezhi.store.schema import documents, passage_terms, passages, removals, sources, titles, vectors
from gezhi.types import Document, Passage, StoreError
from gezhi.types.tables import TableData

KEPT_REMOVALS = 20_000
"""Longest log of removals; an index in another process that is further behind loads everything anew."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A document made ready outside the transaction."""

    document: Document
    pipeline: str
    embedder: str | None
    columns: dict[str, Any]
    passages: list[dict[str, Any]]
    terms: list[tuple[bytes, int]]
    named: Named
    tables: list[PreparedTable]

    @property
    def hashes(self) -> list[str]:
        return [row["text_hash"] for row in self.passages]


def prepare_contents(
    analyser: Analyser,
    document: Document,
    parts: Sequence[Passage],
    *,
    tables: Sequence[TableData],
    pipeline: str,
    embedder: str | None,
) -> Contents:
    columns = {
        "title": document.title,
        "media_type": document.media_type,
        "text": document.text,
        "blocks": dump_blocks(document.blocks),
        "page_count": document.page_count,
        "metadata": dump_pairs(document.metadata),
        "pipeline": pipeline,
        "embedder": embedder,
        "passage_count": len(parts),
        "character_count": len(document.text),
    }
    rows = [
        {
            "ordinal": part.ordinal,
            "start": part.start,
            "end": part.end,
            "text": part.text,
            "headings": dump_strings(part.headings),
            "kind": part.kind.value,
            "page": part.page,
            "table_header": dump_strings(part.table_header),
            "text_hash": text_hash(embedding_text(part, document.title)),
        }
        for part in parts
    ]
    terms = [
        passage_blob(
            analyser,
            title=document.title,
            headings=part.headings,
            table_header=part.table_header,
            text=part.text,
        )
        for part in parts
    ]
    named = names_of(document.title, [part.text for part in parts])
    prepared = [prepare_table(one) for one in tables]
    return Contents(document, pipeline, embedder, columns, rows, terms, named, prepared)


def write_contents(connection: sa.Connection, contents: Contents, revision: int) -> tuple[int, bool]:
    """Store or replace a document's contents. Returns its key and whether anything in it changed."""
    refuse_missing_vectors(connection, contents)
    known = connection.execute(
        sa.select(documents.c.key, documents.c.title, documents.c.pipeline, documents.c.embedder).where(
            documents.c.id == contents.document.id
        )
    ).first()
    if known is None:
        values = {**contents.columns, "id": contents.document.id, "contents_at": revision, "changed_at": revision}
        result = connection.execute(sa.insert(documents).values(values))
        key = inserted_key(result)
        _insert_passages(connection, key, contents)
        replace_tables(connection, key, contents.tables)
        return key, True
    same = (known.title, known.pipeline, known.embedder) == (
        contents.document.title,
        contents.pipeline,
        contents.embedder,
    )
    if same:
        connection.execute(sa.update(documents).where(documents.c.key == known.key).values(changed_at=revision))
        return known.key, False
    before = _held(connection, known.key)
    connection.execute(sa.delete(titles).where(titles.c.document == known.key))
    connection.execute(sa.delete(passages).where(passages.c.document == known.key))
    connection.execute(
        sa.update(documents)
        .where(documents.c.key == known.key)
        .values(**contents.columns, contents_at=revision, changed_at=revision)
    )
    _insert_passages(connection, known.key, contents)
    replace_tables(connection, known.key, contents.tables)
    _drop_unneeded(connection, before, kept=set(contents.hashes))
    return known.key, True


def refuse_missing_vectors(connection: sa.Connection, contents: Contents) -> None:
    """Raise if a passage would be stored that search by meaning could never find."""
    if contents.embedder is None:
        return
    missing = set(contents.hashes) - known_hashes(connection, contents.hashes, contents.embedder)
    if missing:
        raise StoreError(
            f"{len(missing)} of {len(contents.passages)} passages of {contents.document.source} have no vector"
            f" from {contents.embedder}.",
            hint="Run the same command again: the missing vectors are computed then.",
        )


def known_hashes(connection: sa.Connection, hashes: Collection[str], embedder: str) -> set[str]:
    known: set[str] = set()
    for chunk in chunks(hashes):
        known.update(
            connection.execute(
                sa.select(vectors.c.text_hash).where(vectors.c.embedder == embedder, vectors.c.text_hash.in_(chunk))
            ).scalars()
        )
    return known


def drop_orphans(connection: sa.Connection, keys: Collection[int], revision: int) -> list[str]:
    """Delete the documents among these that no source holds any more, with everything only they needed.

    Returns their ids."""
    gone: list[str] = []
    for chunk in chunks(keys):
        held = sa.exists().where(sources.c.document == documents.c.key)
        query = sa.select(documents.c.key, documents.c.id).where(documents.c.key.in_(chunk), ~held)
        dead = connection.execute(query).all()
        gone += [row.id for row in dead]
        for key, _ in dead:
            former = _held(connection, key)
            connection.execute(sa.delete(documents).where(documents.c.key == key))
            connection.execute(sa.insert(removals).values(document=key, revision=revision))
            _drop_unneeded(connection, former)
        connection.execute(sa.update(documents).where(documents.c.key.in_(chunk)).values(changed_at=revision))
    _trim_removals(connection)
    return gone


@dataclass(frozen=True, slots=True)
class _Held:
    """What a document's passages hold on to, to be looked at once they are gone."""

    hashes: set[str]
    entities: set[int]
    facts: set[int]


def _held(connection: sa.Connection, document: int) -> _Held:
    facts, ends = facts_of(connection, document)
    return _Held(_hashes(connection, document), entities_of(connection, document) | ends, facts)


def _drop_unneeded(connection: sa.Connection, held: _Held, kept: Collection[str] = ()) -> None:
    gone = held.hashes - set(kept)
    drop_vectors(connection, gone)
    drop_extractions(connection, gone)
    drop_unstated(connection, held.facts)
    drop_unnamed(connection, held.entities)
    spell_again(connection, held.entities)


def drop_vectors(connection: sa.Connection, hashes: Collection[str]) -> None:
    """Delete the vectors of these hashes that no passage has any more."""
    for chunk in chunks(hashes):
        needed = sa.exists().where(passages.c.text_hash == vectors.c.text_hash)
        connection.execute(sa.delete(vectors).where(vectors.c.text_hash.in_(chunk), ~needed))


def _hashes(connection: sa.Connection, document: int) -> set[str]:
    return set(connection.execute(sa.select(passages.c.text_hash).where(passages.c.document == document)).scalars())


def _insert_passages(connection: sa.Connection, document: int, contents: Contents) -> None:
    if not contents.passages:
        write_mentions(connection, document, [], contents.named)
        return
    count = len(contents.passages)
    first = next_number(connection, "last_passage", count) - count + 1
    keys = range(first, first + count)
    rows = [{**row, "key": key, "document": document} for key, row in zip(keys, contents.passages, strict=True)]
    terms = [
        {"passage": key, "length": length, "terms": blob}
        for key, (blob, length) in zip(keys, contents.terms, strict=True)
    ]
    connection.execute(sa.insert(passages), rows)
    connection.execute(sa.insert(passage_terms), terms)
    write_mentions(connection, document, keys, contents.named)
    write_known_facts(connection, {row["key"]: row["text_hash"] for row in rows})


def _trim_removals(connection: sa.Connection) -> None:
    count = connection.scalar(sa.select(sa.func.count()).select_from(removals)) or 0
    if count <= KEPT_REMOVALS:
        return
    newest = connection.scalar(sa.select(sa.func.max(removals.c.revision)))
    connection.execute(sa.delete(removals))
    write_meta(connection, "removals_from", str(newest))
