"""The store itself as tables: its documents, their passages, the entities they name, every mention, the facts they
state. Counted and filtered by the same SQL as the tables of the documents, as far as a scope may see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from gezhi.store.naming.names import name_key
from gezhi.store.rows.part import StorePart
from gezhi.store.rows.visibility import visible
from gezhi.store.schema import documents, entities, fact_statements, facts, mentions, passages, sources, titles
from gezhi.store.schema import typed_tables as tables
from gezhi.types import Scope
from gezhi.types.tables import VIEW, Column, ColumnType, TypedTable, Value

_TEXT, _INTEGER, _DATE = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DATE
_COLUMNS: dict[str, dict[str, ColumnType]] = {
    "documents": {
        "document_id": _TEXT,
        "title": _TEXT,
        "source": _TEXT,
        "format": _TEXT,
        "pages": _INTEGER,
        "passages": _INTEGER,
        "tables": _INTEGER,
        "characters": _INTEGER,
        "added_on": _DATE,
    },
    "passages": {
        "passage_id": _TEXT,
        "document_id": _TEXT,
        "title": _TEXT,
        "source": _TEXT,
        "page": _INTEGER,
        "text": _TEXT,
    },
    "entities": {"entity": _TEXT, "type": _TEXT, "mentions": _INTEGER, "documents": _INTEGER},
    "mentions": {
        "entity": _TEXT,
        "type": _TEXT,
        "document_id": _TEXT,
        "title": _TEXT,
        "source": _TEXT,
        "page": _INTEGER,
        "passage_id": _TEXT,
    },
    "facts": {
        "subject": _TEXT,
        "predicate": _TEXT,
        "object": _TEXT,
        "valid_from": _DATE,
        "valid_to": _DATE,
        "document_id": _TEXT,
        "title": _TEXT,
        "source": _TEXT,
        "passage_id": _TEXT,
    },
}
"""A mention with a passage stands in its text; one without is the document's title. Dates of facts are as exact as
the text; days of adding are UTC."""

_FORMATS = {
    "text/plain": "text",
    "application/vnd.sqlite3": "sqlite",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "spreadsheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "word",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "slides",
    "application/vnd.oasis.opendocument.text": "opendocument",
    "application/epub+zip": "epub",
    "text/tab-separated-values": "tsv",
    "message/rfc822": "email",
    "image/*": "image",
}
"""Of others, what follows the slash: pdf, html, markdown, json, csv."""
MOST_PHRASES = 20


class ViewRows(StorePart):
    def views(self, scope: Scope) -> list[TypedTable]:
        with self.database.read() as connection:
            counts = {
                name: connection.scalar(sa.select(sa.func.count()).select_from(_SELECTS[name](scope, ()).subquery()))
                for name in _COLUMNS
            }
        return [_described(number, name, counts[name] or 0) for number, name in enumerate(_COLUMNS)]

    def view_values(self, view_id: str, scope: Scope, *, names: Sequence[str] = ()) -> list[tuple[Value, ...]]:
        name = view_id.removeprefix(VIEW)
        if name not in _SELECTS:
            return []
        wanted = tuple(dict.fromkeys(one for one in names if one.strip()))[:MOST_PHRASES]
        if name in _BY_KEY:
            wanted = tuple(sorted({name_key(one) for one in wanted}))
        with self.database.read() as connection:
            rows = connection.execute(_SELECTS[name](scope, wanted)).all()
        return [_document_row(row) if name == "documents" else tuple(row) for row in rows]


def _document_row(row: sa.Row[Any]) -> tuple[Value, ...]:
    *known, media_type, pages, passages_, tables_, characters, added_at = list(row)
    kind = _FORMATS.get(media_type, media_type.rpartition("/")[2])
    day = datetime.fromtimestamp(added_at, UTC).date().isoformat()
    return (*known, kind, pages, passages_, tables_, characters, day)


def _described(number: int, name: str, rows: int) -> TypedTable:
    return TypedTable(
        id=f"{VIEW}{name}",
        document_id="",
        number=number,
        name=name,
        key=name,
        columns=tuple(Column(name=key.replace("_", " "), key=key, type=kind) for key, kind in _COLUMNS[name].items()),
        row_count=rows,
        source="the store",
        title="The store",
    )


def _seen(scope: Scope) -> sa.Subquery:
    """Visible documents, each once: under the first of its visible sources."""
    return (
        sa.select(
            sources.c.document.label("key"),
            sa.func.min(sources.c.source).label("source"),
            sa.func.min(sources.c.added_at).label("added_at"),
        )
        .where(visible(scope))
        .group_by(sources.c.document)
        .subquery("seen")
    )


def _documents(scope: Scope, _: Sequence[str]) -> sa.Select[Any]:
    seen = _seen(scope)
    kept = sa.select(sa.func.count()).where(tables.c.document == documents.c.key).scalar_subquery()
    return (
        sa.select(
            documents.c.id,
            documents.c.title,
            seen.c.source,
            documents.c.media_type,
            documents.c.page_count,
            documents.c.passage_count,
            kept,
            documents.c.character_count,
            seen.c.added_at,
        )
        .join(seen, seen.c.key == documents.c.key)
        .order_by(seen.c.source)
    )


def _passages(scope: Scope, phrases: Sequence[str]) -> sa.Select[Any]:
    seen = _seen(scope)
    query = (
        sa.select(
            _passage_id(documents.c.id, passages.c.ordinal),
            documents.c.id,
            documents.c.title,
            seen.c.source,
            passages.c.page,
            passages.c.text,
        )
        .join(documents, documents.c.key == passages.c.document)
        .join(seen, seen.c.key == documents.c.key)
        .order_by(seen.c.source, passages.c.ordinal)
    )
    if not phrases:
        return query
    return query.where(sa.or_(*(passages.c.text.icontains(phrase, autoescape=True) for phrase in phrases)))


def _every_mention(scope: Scope, names: Sequence[str]) -> sa.Subquery:
    """In texts and as titles."""
    seen = _seen(scope)
    in_texts = (
        sa.select(
            mentions.c.entity, passages.c.document, passages.c.page, passages.c.ordinal, mentions.c.start, seen.c.source
        )
        .join(passages, passages.c.key == mentions.c.passage)
        .join(seen, seen.c.key == passages.c.document)
    )
    nowhere = [sa.null().label(name) for name in ("page", "ordinal", "start")]
    as_titles = sa.select(titles.c.entity, titles.c.document, *nowhere, seen.c.source).join(
        seen, seen.c.key == titles.c.document
    )
    if names:
        wanted = sa.select(entities.c.key).where(entities.c.name.in_(names))
        in_texts = in_texts.where(mentions.c.entity.in_(wanted))
        as_titles = as_titles.where(titles.c.entity.in_(wanted))
    return sa.union_all(in_texts, as_titles).subquery("every")


def _passage_id(document: sa.ColumnElement[str], ordinal: sa.ColumnElement[int]) -> sa.ColumnElement[str]:
    return document + ":" + sa.cast(ordinal, sa.Text)


def _mentions(scope: Scope, names: Sequence[str]) -> sa.Select[Any]:
    every = _every_mention(scope, names)
    return (
        sa.select(
            entities.c.label,
            entities.c.type,
            documents.c.id,
            documents.c.title,
            every.c.source,
            every.c.page,
            _passage_id(documents.c.id, every.c.ordinal),
        )
        .join(every, every.c.entity == entities.c.key)
        .join(documents, documents.c.key == every.c.document)
        .order_by(every.c.source, every.c.ordinal, every.c.start, entities.c.name)
    )


def _entities(scope: Scope, names: Sequence[str]) -> sa.Select[Any]:
    every = _every_mention(scope, names)
    count = sa.func.count()
    return (
        sa.select(entities.c.label, entities.c.type, count, sa.func.count(sa.distinct(every.c.document)))
        .join(every, every.c.entity == entities.c.key)
        .group_by(entities.c.key, entities.c.label, entities.c.type, entities.c.name)
        .order_by(count.desc(), entities.c.name)
    )


def _facts(scope: Scope, names: Sequence[str]) -> sa.Select[Any]:
    seen, subject, other = _seen(scope), entities.alias("subject"), entities.alias("object")
    query = (
        sa.select(
            subject.c.label,
            facts.c.predicate,
            other.c.label,
            sa.func.nullif(facts.c.valid_from, ""),
            sa.func.nullif(facts.c.valid_to, ""),
            documents.c.id,
            documents.c.title,
            seen.c.source,
            _passage_id(documents.c.id, passages.c.ordinal),
        )
        .select_from(facts)
        .join(subject, subject.c.key == facts.c.subject)
        .join(other, other.c.key == facts.c.object)
        .join(fact_statements, fact_statements.c.fact == facts.c.key)
        .join(passages, passages.c.key == fact_statements.c.passage)
        .join(documents, documents.c.key == passages.c.document)
        .join(seen, seen.c.key == documents.c.key)
        .order_by(seen.c.source, passages.c.ordinal, facts.c.key)
    )
    return query.where(sa.or_(subject.c.name.in_(names), other.c.name.in_(names))) if names else query


_SELECTS: dict[str, Callable[[Scope, Sequence[str]], sa.Select[Any]]] = {
    "documents": _documents,
    "passages": _passages,
    "entities": _entities,
    "mentions": _mentions,
    "facts": _facts,
}
_BY_KEY = frozenset({"entities", "mentions", "facts"})
"""Narrowed by names whatever their spelling; passages by what their text holds."""
