"""Entities as rows: made by what names them, gone with the last that does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from gezhi.store.naming.keys import VAGUE
from gezhi.store.rows.visibility import chunks
from gezhi.store.schema import documents, entities, facts, mentions, passages, titles


def entity_keys(
    connection: sa.Connection, labels: Mapping[str, str], types: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Keys of the entities with these names (name -> label); those not known yet are made. `types`: name -> type;
    `name` where nothing is known. One known by a vague kind gets a telling one."""
    known = _known(connection, list(labels))
    new = [
        {"name": name, "label": label, "type": (types or {}).get(name, "name")}
        for name, label in labels.items()
        if name not in known
    ]
    telling = {name: kind for name, kind in (types or {}).items() if name in known and kind not in VAGUE}
    for kind in set(telling.values()):
        told = [known[name] for name, of in telling.items() if of == kind]
        for chunk in chunks(told):
            vague = sa.update(entities).where(entities.c.key.in_(chunk), entities.c.type.in_(VAGUE))
            connection.execute(vague.values(type=kind))
    if new:
        connection.execute(sa.insert(entities), new)
        known |= _known(connection, [row["name"] for row in new])
    return known


def drop_unnamed(connection: sa.Connection, keys: Collection[int]) -> None:
    """Delete the entities among these that nothing names any more."""
    named = sa.or_(
        sa.exists().where(mentions.c.entity == entities.c.key),
        sa.exists().where(titles.c.entity == entities.c.key),
        sa.exists().where(facts.c.subject == entities.c.key),
        sa.exists().where(facts.c.object == entities.c.key),
    )
    for chunk in chunks(list(keys)):
        connection.execute(sa.delete(entities).where(entities.c.key.in_(chunk), ~named))


def spell_again(connection: sa.Connection, keys: Collection[int]) -> None:
    """Label these entities by what still says them: the document whose spelling they had may be gone. The work does
    not grow with how often they are named."""
    one = mentions.alias("one")
    some = sa.select(one.c.passage).where(one.c.entity == entities.c.key).limit(1)
    mentioned = (
        sa.select(entities.c.key, entities.c.label, passages.c.text, mentions.c.start, mentions.c.end)
        .join(mentions, mentions.c.entity == entities.c.key)
        .join(passages, passages.c.key == mentions.c.passage)
        .where(mentions.c.passage == some.correlate(entities).scalar_subquery())
        .order_by(mentions.c.start)
    )
    titled = (
        sa.select(entities.c.key, entities.c.label, documents.c.title)
        .join(titles, titles.c.entity == entities.c.key)
        .join(documents, documents.c.key == titles.c.document)
        .order_by(documents.c.key.desc())
    )
    for chunk in chunks(list(keys)):
        spelled: dict[int, tuple[str, str]] = {}
        for row in connection.execute(mentioned.where(entities.c.key.in_(chunk))):
            spelled.setdefault(row.key, (row.label, row.text[row.start : row.end]))
        for about in connection.execute(titled.where(entities.c.key.in_(chunk))):
            spelled[about.key] = about.label, about.title.strip()
        for key, (label, said) in spelled.items():
            if said != label:
                connection.execute(sa.update(entities).where(entities.c.key == key).values(label=said))


def _known(connection: sa.Connection, names: Sequence[str]) -> dict[str, int]:
    known: dict[str, int] = {}
    for chunk in chunks(names):
        found = connection.execute(sa.select(entities.c.name, entities.c.key).where(entities.c.name.in_(chunk)))
        known.update((row.name, row.key) for row in found)
    return known
