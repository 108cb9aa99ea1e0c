"""Entities and their mentions, written and deleted with the passages that name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from gezhi.store.naming.aliases import Alias, AliasKind, find_aliases
from gezhi.store.naming.keys import VAGUE
from gezhi.store.naming.names import Name, NameType, find_names, name_key
from gezhi.store.rows.graph.entities import entity_keys
from gezhi.store.rows.graph.statements import write_known_facts
from gezhi.store.schema import aliases, documents, entities, fact_statements, facts, mentions, passages, titles

BATCH = 500


@dataclass(frozen=True, slots=True)
class Named:
    """The names of a document, found outside the transaction."""

    title: Name | None
    passages: tuple[tuple[Name, ...], ...]
    """Of each passage, with places in its text."""
    labels: Mapping[str, str]
    """Key -> its first spelling."""
    aliases: tuple[frozenset[tuple[str, str, AliasKind]], ...] = ()
    """Of each passage: (key of the other name, key of the name, kind)."""

    @property
    def types(self) -> dict[str, NameType]:
        """Key -> what it is; a more telling type wins over a name of an unknown kind."""
        kinds: dict[str, NameType] = {}
        for name in (*((self.title,) if self.title else ()), *(n for names in self.passages for n in names)):
            if kinds.get(name.key) in (None, *VAGUE):
                kinds[name.key] = name.type
        return kinds


def names_of(title: str, texts: Sequence[str]) -> Named:
    labels: dict[str, str] = {}
    found, others = [], []
    for text in texts:
        given = find_aliases(text)
        names = _with_ends(text, find_names(text), given)
        found.append(names)
        others.append(frozenset(_keys_of(text, given)))
        for name in names:
            labels.setdefault(name.key, text[name.start : name.end])
    key = name_key(title)
    titled = Name(0, len(title), key, NameType.TITLE) if len(key.replace(" ", "")) >= 2 else None
    if titled is not None:
        labels[key] = title.strip()
    return Named(title=titled, passages=tuple(found), labels=labels, aliases=tuple(others))


def _keys_of(text: str, given: Sequence[Alias]) -> Iterator[tuple[str, str, AliasKind]]:
    for alias in given:
        other, name = name_key(text[slice(*alias.alias)]), name_key(text[slice(*alias.name)])
        if other and name and other != name:
            yield other, name, alias.kind


def _with_ends(text: str, names: Sequence[Name], given: Sequence[Alias]) -> tuple[Name, ...]:
    """Both names of an alias are names, also where nothing else shows it."""
    known = {(name.start, name.end) for name in names}
    ends = {place for alias in given for place in (alias.name, alias.alias)} - known
    new = [Name(*place, name_key(text[slice(*place)]), NameType.NAME) for place in sorted(ends)]
    return (*names, *(name for name in new if name.key))


def write_mentions(connection: sa.Connection, document: int, passage_keys: Sequence[int], named: Named) -> None:
    """Write what a document names; callers hold the write transaction and have deleted what it named before."""
    keys = entity_keys(connection, named.labels, {name: kind.value for name, kind in named.types.items()})
    rows = [
        {"passage": passage, "start": name.start, "end": name.end, "entity": keys[name.key]}
        for passage, names in zip(passage_keys, named.passages, strict=True)
        for name in names
    ]
    if rows:
        connection.execute(sa.insert(mentions), rows)
    given = [
        {"passage": passage, "alias": keys[other], "entity": keys[name], "kind": kind.value}
        for passage, some in zip(passage_keys, named.aliases, strict=False)
        for other, name, kind in sorted(some)
        if other in keys and name in keys
    ]
    if given:
        distinct = {(row["passage"], row["alias"], row["entity"]): row for row in given}
        connection.execute(sa.insert(aliases), list(distinct.values()))
    if named.title is not None:
        connection.execute(sa.insert(titles).values(document=document, entity=keys[named.title.key]))


def entities_of(connection: sa.Connection, document: int) -> set[int]:
    """Keys of the entities that a document names: to be looked at once its mentions are gone."""
    mentioned = (
        sa.select(mentions.c.entity)
        .join(passages, passages.c.key == mentions.c.passage)
        .where(passages.c.document == document)
    )
    titled = sa.select(titles.c.entity).where(titles.c.document == document)
    return set(connection.execute(mentioned.union(titled)).scalars())


def find_again(connection: sa.Connection) -> None:
    """Find the names of all documents anew: after an upgrade, or with another version of the finder."""
    for table in (aliases, mentions, titles, fact_statements, facts, entities):
        connection.execute(sa.delete(table))
    last = -1
    while True:
        rows = connection.execute(
            sa.select(documents.c.key, documents.c.title)
            .where(documents.c.key > last)
            .order_by(documents.c.key)
            .limit(BATCH)
        ).all()
        if not rows:
            return
        for row in rows:
            parts = connection.execute(
                sa.select(passages.c.key, passages.c.text, passages.c.text_hash)
                .where(passages.c.document == row.key)
                .order_by(passages.c.key)
            ).all()
            named = names_of(row.title, [part.text for part in parts])
            write_mentions(connection, row.key, [part.key for part in parts], named)
            write_known_facts(connection, {part.key: part.text_hash for part in parts})
        last = rows[-1].key
