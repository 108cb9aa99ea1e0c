"""Rows that the graph in memory is made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from gezhi.store.rows.visibility import chunks
from gezhi.store.schema import documents, entities, fact_statements, facts, mentions, titles

BATCH = 16384
Ints = NDArray[np.int64]

_SUBJECTS = sa.select(fact_statements.c.passage, facts.c.subject.label("entity")).join(
    facts, facts.c.key == fact_statements.c.fact
)
_OBJECTS = sa.select(fact_statements.c.passage, facts.c.object.label("entity")).join(
    facts, facts.c.key == fact_statements.c.fact
)
_MENTIONS = sa.select(mentions.c.passage, mentions.c.entity)


@dataclass(frozen=True, slots=True)
class EntityRow:
    name: str
    label: str
    type: str
    shared: bool
    """Whether two passages name it."""
    titled: bool
    """Whether a document that has passages is about it."""


def has_facts(connection: sa.Connection) -> bool:
    return bool(connection.scalar(sa.select(sa.exists().select_from(fact_statements))))


def all_naming(connection: sa.Connection) -> tuple[Ints, Ints]:
    """Passage keys, and the entities they name; a pair may come more than once."""
    parts = [columns(connection, query) for query in (_MENTIONS, _SUBJECTS, _OBJECTS)]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def naming(connection: sa.Connection, passage_keys: Collection[int], facts_too: bool) -> dict[int, dict[int, str]]:
    """Passage -> key and name of each entity it names."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for chunk in chunks(passage_keys):
        for query in (_MENTIONS, _SUBJECTS, _OBJECTS) if facts_too else (_MENTIONS,):
            source = query.where(query.selected_columns.passage.in_(chunk)).subquery()
            named = sa.select(source.c.passage, entities.c.key, entities.c.name).join(
                entities, entities.c.key == source.c.entity
            )
            for row in connection.execute(named):
                found[row.passage][row.key] = row.name
    return found


def naming_passages(connection: sa.Connection, entity_keys: Collection[int], facts_too: bool, most: int) -> set[int]:
    """Passages that name one of these entities; stops soon after there are more than `most`."""
    found: set[int] = set()
    for chunk in chunks(entity_keys):
        for query in (_MENTIONS, _SUBJECTS, _OBJECTS) if facts_too else (_MENTIONS,):
            some = query.where(query.selected_columns.entity.in_(chunk)).distinct().limit(most + 1)
            found.update(row.passage for row in connection.execute(some))
        if len(found) > most:
            break
    return found


def names(connection: sa.Connection, keys: Collection[int]) -> Iterator[tuple[int, str]]:
    for chunk in chunks(keys):
        query = sa.select(entities.c.key, entities.c.name).where(entities.c.key.in_(chunk))
        yield from ((row.key, row.name) for row in connection.execute(query))


def entity_rows(connection: sa.Connection, keys: Collection[int], facts_too: bool) -> dict[int, EntityRow]:
    """What is known of these entities; the work does not grow with how often they are named."""
    one = mentions.alias("one")
    some = sa.select(one.c.passage).where(one.c.entity == entities.c.key).limit(1)
    first = some.correlate(entities).scalar_subquery()
    another = sa.exists().where(mentions.c.entity == entities.c.key, mentions.c.passage != first)
    titled = sa.exists().where(
        titles.c.entity == entities.c.key, documents.c.key == titles.c.document, documents.c.passage_count > 0
    )
    found: dict[int, EntityRow] = {}
    for chunk in chunks(keys):
        query = sa.select(entities, another.label("another"), titled.label("titled")).where(entities.c.key.in_(chunk))
        for row in connection.execute(query).all():
            shared = bool(row.another) or (facts_too and _shared(connection, row.key))
            found[row.key] = EntityRow(row.name, row.label, row.type, shared, bool(row.titled))
    return found


def _shared(connection: sa.Connection, key: int) -> bool:
    passages: set[int] = set()
    for query in (_MENTIONS, _SUBJECTS, _OBJECTS):
        some = query.where(query.selected_columns.entity == key).distinct().limit(2)
        passages.update(row.passage for row in connection.execute(some))
    return len(passages) > 1


def title_keys(connection: sa.Connection, document_keys: Iterable[int]) -> dict[int, int]:
    """Document -> the entity it is about."""
    found: dict[int, int] = {}
    for chunk in chunks(list(document_keys)):
        query = sa.select(titles).where(titles.c.document.in_(chunk))
        found.update((row.document, row.entity) for row in connection.execute(query))
    return found


def columns(connection: sa.Connection, query: sa.Select[Any]) -> tuple[Ints, Ints]:
    parts = [
        np.array([tuple(row) for row in rows], np.int64)
        for rows in connection.execute(query.execution_options(yield_per=BATCH)).partitions()
    ]
    pairs = np.concatenate(parts) if parts else np.empty((0, 2), np.int64)
    return pairs[:, 0], pairs[:, 1]
