"""Documents in and out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gezhi.store.protocol import SourceState
from gezhi.store.rows.contents import drop_orphans, prepare_contents, write_contents
from gezhi.store.rows.encoding import blocks, pairs
from gezhi.store.rows.evaluations import erase_quotes
from gezhi.store.rows.jobs.items import finish_claimed
from gezhi.store.rows.meta import next_number
from gezhi.store.rows.part import StorePart
from gezhi.store.rows.visibility import begins, chunks, visible
from gezhi.store.schema import documents, source_access, sources
from gezhi.types import Document, DocumentSummary, Item, Outcome, Passage, Scope, Status
from gezhi.types.tables import TableData


class DocumentRows(StorePart):
    def source_state(self, source: str) -> SourceState | None:
        query = (
            sa.select(documents.c.id, sources.c.revision, sources.c.pipeline)
            .join(documents, documents.c.key == sources.c.document)
            .where(sources.c.source == source)
        )
        with self.database.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return SourceState(document_id=row.id, revision=row.revision, pipeline=row.pipeline)

    def sources(self, prefix: str = "") -> list[str]:
        query = sa.select(sources.c.source).where(begins(sources.c.source, prefix)).order_by(sources.c.source)
        with self.database.read() as connection:
            return list(connection.execute(query).scalars())

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        *,
        outcome: Outcome,
        pipeline: str,
        embedder: str | None,
        item: Item | None = None,
        tables: Sequence[TableData] = (),
    ) -> int:
        contents = prepare_contents(
            self.analyser, document, passages, tables=tables, pipeline=pipeline, embedder=embedder
        )
        with self.database.write() as connection:
            if item is not None:
                finish_claimed(connection, item, outcome, document.id)
            revision = next_number(connection, "revision")
            key, changed = write_contents(connection, contents, revision)
            return _write_source(connection, document, key, changed, outcome, pipeline, revision)

    def remove(self, sources_: Sequence[str], scope: Scope) -> int:
        removed = 0
        with self.database.write() as connection:
            keys: set[int] = set()
            for chunk in chunks(sources_):
                rows = connection.execute(
                    sa.select(sources.c.source, sources.c.document).where(sources.c.source.in_(chunk), visible(scope))
                ).all()
                names = [row.source for row in rows]
                connection.execute(sa.delete(sources).where(sources.c.source.in_(names)))
                keys.update(row.document for row in rows)
                removed += len(rows)
            if removed:
                erase_quotes(connection, drop_orphans(connection, keys, next_number(connection, "revision")))
        if removed:
            self.analyser.forget()
        return removed

    def document(self, document_id: str, scope: Scope) -> Document | None:
        query = (
            sa.select(documents, sources.c.source, sources.c.revision)
            .join(sources, sources.c.document == documents.c.key)
            .where(documents.c.id == document_id, visible(scope))
            .order_by(sources.c.source)
            .limit(1)
        )
        with self.database.read() as connection:
            row = connection.execute(query).first()
            if row is None:
                return None
            access = _access(connection, [row.source])[row.source]
        return Document(
            id=row.id,
            source=row.source,
            title=row.title,
            media_type=row.media_type,
            text=row.text,
            blocks=blocks(row.blocks),
            page_count=row.page_count,
            revision=row.revision,
            access=access,
            metadata=pairs(row.metadata),
        )

    def documents(
        self, scope: Scope, *, source_prefix: str = "", limit: int = 100, offset: int = 0
    ) -> list[DocumentSummary]:
        chosen = _summaries(scope).where(begins(sources.c.source, source_prefix))
        return self._described(chosen.limit(limit).offset(offset))

    def lookup(self, name: str, scope: Scope) -> list[DocumentSummary]:
        return self._described(
            _summaries(scope).where(sa.or_(sources.c.source == name, begins(documents.c.id, name))).limit(1000)
        )

    def _described(self, query: sa.Select[Any]) -> list[DocumentSummary]:
        with self.database.read() as connection:
            rows = connection.execute(query).all()
            access = _access(connection, [row.source for row in rows])
        return [_summary(row, access[row.source]) for row in rows]


def _summaries(scope: Scope) -> sa.Select[Any]:
    described = documents.c["id", "title", "media_type", "page_count", "passage_count", "character_count"]
    return (
        sa.select(sources, *described)
        .join(documents, documents.c.key == sources.c.document)
        .where(visible(scope))
        .order_by(sources.c.source)
    )


def _write_source(
    connection: sa.Connection,
    document: Document,
    key: int,
    changed: bool,
    outcome: Outcome,
    pipeline: str,
    revision: int,
) -> int:
    """Point the source at its document; what it held before goes if nothing else holds it."""
    source = document.source
    held = connection.execute(
        sa.select(sources.c.document, sources.c.revision).where(sources.c.source == source)
    ).first()
    number = 1
    if held is not None:
        number = held.revision + (1 if changed or held.document != key else 0)
    values: dict[str, Any] = {
        "document": key,
        "revision": number,
        "pipeline": pipeline,
        "status": outcome.status.value,
        "code": outcome.code,
        "message": outcome.message,
        "added_at": time.time(),
    }
    if held is None:
        connection.execute(sa.insert(sources).values(source=source, **values))
    else:
        connection.execute(sa.update(sources).where(sources.c.source == source).values(**values))
        connection.execute(sa.delete(source_access).where(source_access.c.source == source))
    if document.access:
        rows = [{"source": source, "principal": principal} for principal in sorted(document.access)]
        connection.execute(sa.insert(source_access), rows)
    if held is not None and held.document != key:
        erase_quotes(connection, drop_orphans(connection, [held.document], revision))
    return number


def _access(connection: sa.Connection, names: Sequence[str]) -> dict[str, frozenset[str]]:
    principals: dict[str, set[str]] = {name: set() for name in names}
    for chunk in chunks(names):
        for row in connection.execute(sa.select(source_access).where(source_access.c.source.in_(chunk))):
            principals[row.source].add(row.principal)
    return {name: frozenset(found) for name, found in principals.items()}


def _summary(row: sa.Row[Any], access: frozenset[str]) -> DocumentSummary:
    return DocumentSummary(
        id=row.id,
        source=row.source,
        title=row.title,
        media_type=row.media_type,
        revision=row.revision,
        page_count=row.page_count,
        passages=row.passage_count,
        characters=row.character_count,
        added_at=row.added_at,
        outcome=Outcome(status=Status(row.status), code=row.code, message=row.message),
        access=access,
    )
