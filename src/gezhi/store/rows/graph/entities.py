"""Entities as rows: made by what names them, gone with the last that does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from gezhi.store.rows.visibility import chunks
from gezhi.store.schema import entities, facts, mentions, titles


def entity_keys(
    connection: sa.Connection, labels: Mapping[str, str], types: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Keys of the entities with these names (name -> label); those not known yet are made. `types`: name -> type;
    `name` where nothing is known."""
    known = _known(connection, list(labels))
    new = [
        {"name": name, "label": label, "type": (types or {}).get(name, "name")}
        for name, label in labels.items()
        if name not in known
    ]
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


def _known(connection: sa.Connection, names: Sequence[str]) -> dict[str, int]:
    known: dict[str, int] = {}
    for chunk in chunks(names):
        found = connection.execute(sa.select(entities.c.name, entities.c.key).where(entities.c.name.in_(chunk)))
        known.update((row.name, row.key) for row in found)
    return known
