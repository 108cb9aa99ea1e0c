"""Facts in and out, and what is kept of asking models for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from gezhi.store.naming.names import name_key
from gezhi.store.protocol import Unread
from gezhi.store.rows.graph.entities import drop_unnamed
from gezhi.store.rows.graph.statements import (
    drop_unstated,
    dump_facts,
    write_known_facts,
)
from gezhi.store.rows.meta import next_number
from gezhi.store.rows.part import StorePart
from gezhi.store.rows.visibility import chunks, narrowed, visible
from gezhi.store.schema import documents, entities, extractions, fact_statements, facts, passages, sources
from gezhi.types import Filters, Scope, Usage
from gezhi.types.dates import date_in
from gezhi.types.facts import Fact, StatedFact

_SUBJECT, _OBJECT = entities.alias("subjects"), entities.alias("objects")


class FactRows(StorePart):
    def texts_to_read(self, extractor: str, filters: Filters, *, limit: int | None = None) -> list[Unread]:
        done = sa.exists().where(extractions.c.text_hash == passages.c.text_hash, extractions.c.extractor == extractor)
        query = (
            sa.select(
                passages.c.text_hash,
                documents.c.id,
                passages.c.ordinal,
                documents.c.title,
                passages.c.text,
                sources.c.source,
            )
            .join(documents, documents.c.key == passages.c.document)
            .join(sources, sources.c.document == documents.c.key)
            .where(narrowed(filters), ~done)
            .order_by(sources.c.source, passages.c.key)
        )
        found: dict[str, Unread] = {}
        with self.database.read() as connection:
            for row in connection.execute(query):
                found.setdefault(
                    row.text_hash,
                    Unread(
                        text_hash=row.text_hash,
                        passage_id=f"{row.id}:{row.ordinal}",
                        source=row.source,
                        title=row.title,
                        text=row.text,
                    ),
                )
                if limit is not None and len(found) >= limit:
                    break
        return list(found.values())

    def save_facts(self, stated: Mapping[str, Sequence[StatedFact]], *, extractor: str, usage: Usage) -> None:
        if not stated:
            return
        with self.database.write() as connection:
            rows: list[dict[str, Any]] = []
            for chunk in chunks(list(stated)):
                needed = set(
                    connection.execute(sa.select(passages.c.text_hash).where(passages.c.text_hash.in_(chunk))).scalars()
                )
                rows += [
                    {
                        "text_hash": text,
                        "extractor": extractor,
                        "facts": dump_facts(stated[text]),
                        "input_tokens": usage.input_tokens // len(stated),
                        "output_tokens": usage.output_tokens // len(stated),
                    }
                    for text in chunk
                    if text in needed  # its last passage may have been removed while the model read it
                ]
                connection.execute(
                    sa.delete(extractions).where(
                        extractions.c.text_hash.in_(chunk), extractions.c.extractor == extractor
                    )
                )
            if rows:
                connection.execute(sa.insert(extractions), rows)
            texts = [str(row["text_hash"]) for row in rows]
            _state_again(connection, texts)
            _announce(connection, texts)

    def extractors(self) -> dict[str, int]:
        query = sa.select(extractions.c.extractor, sa.func.count()).group_by(extractions.c.extractor)
        with self.database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(query.order_by(extractions.c.extractor))}

    def forget_facts(self, extractor: str) -> int:
        mine = extractions.c.extractor == extractor
        with self.database.write() as connection:
            hashes = list(connection.execute(sa.select(extractions.c.text_hash).where(mine)).scalars())
            if hashes:
                connection.execute(sa.delete(extractions).where(mine))
                _state_again(connection, hashes)
                _announce(connection, hashes)
        return len(hashes)

    def facts(
        self,
        scope: Scope,
        filters: Filters,
        *,
        name: str = "",
        subjects: Sequence[str] = (),
        passage_ids: Sequence[str] = (),
        limit: int = 1000,
    ) -> list[Fact]:
        conditions: list[sa.ColumnElement[bool]] = [visible(scope), narrowed(filters)]
        if name:
            key = name_key(name)
            conditions.append(sa.or_(_SUBJECT.c.name == key, _OBJECT.c.name == key))
        if subjects:
            conditions.append(_SUBJECT.c.name.in_(sorted({name_key(subject) for subject in subjects})))
        if passage_ids:
            pairs = [passage_id.rpartition(":") for passage_id in passage_ids]
            conditions.append(
                sa.or_(
                    *(
                        sa.and_(documents.c.id == document, passages.c.ordinal == int(ordinal))
                        for document, _, ordinal in pairs
                        if ordinal.isascii() and ordinal.isdigit()
                    ),
                    sa.false(),
                )
            )
        keys = _joined(sa.select(facts.c.key).distinct()).where(*conditions).order_by(facts.c.key).limit(limit)
        stated = (
            _joined(
                sa.select(
                    facts,
                    _SUBJECT.c.label.label("subject_label"),
                    _OBJECT.c.label.label("object_label"),
                    documents.c.id,
                    documents.c.title,
                    passages.c.ordinal,
                    sources.c.source,
                )
            )
            .where(visible(scope), narrowed(filters), facts.c.key.in_(keys))
            .order_by(facts.c.key, sources.c.source, passages.c.ordinal)
        )
        with self.database.read() as connection:
            rows = connection.execute(stated).all()
        grouped: dict[int, list[sa.Row[Any]]] = defaultdict(list)
        for row in rows:
            grouped[row.key].append(row)
        return [_fact(some) for some in grouped.values()]


def _announce(connection: sa.Connection, hashes: Sequence[str]) -> None:
    """The documents whose facts changed, so that the graph in memory follows instead of being loaded anew."""
    revision = next_number(connection, "revision")
    for chunk in chunks(hashes):
        changed = sa.select(passages.c.document).where(passages.c.text_hash.in_(chunk))
        connection.execute(sa.update(documents).where(documents.c.key.in_(changed)).values(changed_at=revision))


def _joined(query: sa.Select[Any]) -> sa.Select[Any]:
    return (
        query.select_from(facts)
        .join(_SUBJECT, _SUBJECT.c.key == facts.c.subject)
        .join(_OBJECT, _OBJECT.c.key == facts.c.object)
        .join(fact_statements, fact_statements.c.fact == facts.c.key)
        .join(passages, passages.c.key == fact_statements.c.passage)
        .join(documents, documents.c.key == passages.c.document)
        .join(sources, sources.c.document == documents.c.key)
    )


def _fact(rows: Sequence[sa.Row[Any]]) -> Fact:
    one = rows[0]
    return Fact(
        subject=one.subject_label,
        predicate=one.predicate,
        object=one.object_label,
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        dated=max(date_in(row.title) or date_in(row.source) for row in rows),
        passages=tuple(dict.fromkeys(f"{row.id}:{row.ordinal}" for row in rows)),
    )


def _state_again(connection: sa.Connection, hashes: Sequence[str]) -> None:
    """Let the passages of these texts state what is now known of the texts, and nothing else."""
    keys: dict[int, str] = {}
    old: set[int] = set()
    for chunk in chunks(hashes):
        found = connection.execute(
            sa.select(passages.c.key, passages.c.text_hash).where(passages.c.text_hash.in_(chunk))
        )
        keys.update((row.key, row.text_hash) for row in found)
    for part in chunks(list(keys)):
        stated = fact_statements.c.passage.in_(part)
        old.update(connection.execute(sa.select(fact_statements.c.fact).where(stated)).scalars())
        connection.execute(sa.delete(fact_statements).where(stated))
    names: set[int] = set()
    for some in chunks(old):
        ends = connection.execute(sa.select(facts.c.subject, facts.c.object).where(facts.c.key.in_(some)))
        names.update(key for row in ends for key in row)
    write_known_facts(connection, keys)
    drop_unstated(connection, old)
    drop_unnamed(connection, names)
