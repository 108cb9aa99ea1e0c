"""The other names that documents give, as they change with the documents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from gezhi.store.naming.aliases import AliasKind
from gezhi.store.rows.visibility import CHUNK
from gezhi.store.schema import aliases, passages, source_access, sources
from gezhi.types import EVERYONE

Given = tuple[int, int, bool]
"""Keys of the other name and of what it stands for, and whether it can count beyond its document."""


class GivenNames:
    """By keys of documents and entities. An alias counts everywhere if all documents that everybody may read agree on
    what it stands for, and that is not itself such an alias."""

    def __init__(self) -> None:
        self._of: dict[int, list[Given]] = {}
        self._uses: Counter[int] = Counter()
        self._as_alias: Counter[int] = Counter()
        self._meant: dict[int, Counter[int]] = defaultdict(Counter)
        self._aliases: dict[int, Counter[int]] = defaultdict(Counter)

    def load(self, connection: sa.Connection) -> None:
        for document, one in _read(connection, None):
            self._add(document, one)

    def follow(self, connection: sa.Connection, documents: Iterable[int]) -> tuple[set[int], set[int]]:
        """Read these documents again. Returns the keys of entities that gained or lost a part in it, and those whose
        meaning everywhere may have changed."""
        before: dict[int, list[Given]] = {}
        wanted = list(documents)
        for document in wanted:
            if document in self._of:
                before[document] = sorted(self._of[document])
                self._drop(document)
        after: dict[int, list[Given]] = defaultdict(list)
        for at in range(0, len(wanted), CHUNK):
            for document, one in _read(connection, wanted[at : at + CHUNK]):
                after[document].append(one)
                self._add(document, one)
        parts: set[int] = set()
        for document in before.keys() | after.keys():
            if before.get(document, []) != sorted(after.get(document, [])):
                for alias, entity, _ in [*before.get(document, []), *after.get(document, [])]:
                    parts |= {alias, entity}
        return parts, parts | {alias for key in parts for alias in self._aliases.get(key, ())}

    def of(self, document: int) -> dict[int, set[int]]:
        """What the names of a document also name in it, in both directions."""
        found: dict[int, set[int]] = defaultdict(set)
        for alias, entity, _ in self._of.get(document, ()):
            found[alias].add(entity)
            found[entity].add(alias)
        return found

    def everything(self) -> Iterator[tuple[int, int, int, bool]]:
        """Document, other name, what it stands for, whether it can count elsewhere."""
        return ((document, *one) for document, some in self._of.items() for one in some)

    def used(self, key: int) -> bool:
        return self._uses[key] > 0

    def is_alias(self, key: int) -> bool:
        return self._as_alias[key] > 0

    def keys(self) -> Iterator[int]:
        return iter(self._uses)

    def everywhere(self, alias: int) -> int | None:
        """What it stands for in all documents."""
        entity = self._single(alias)
        return None if entity is None or self._single(entity) is not None else entity

    def all_everywhere(self) -> dict[int, int]:
        found = {alias: self.everywhere(alias) for alias in list(self._meant)}
        return {alias: entity for alias, entity in found.items() if entity is not None}

    def _single(self, alias: int) -> int | None:
        meant = self._meant.get(alias)
        return next(iter(meant)) if meant is not None and len(meant) == 1 else None

    def _add(self, document: int, one: Given) -> None:
        alias, entity, anywhere = one
        self._of.setdefault(document, []).append(one)
        self._uses.update((alias, entity))
        self._as_alias[alias] += 1
        if anywhere:
            self._meant[alias][entity] += 1
            self._aliases[entity][alias] += 1

    def _drop(self, document: int) -> None:
        for alias, entity, anywhere in self._of.pop(document):
            for key in (alias, entity):
                _less(self._uses, key)
            _less(self._as_alias, alias)
            if anywhere:
                for counts, of, key in ((self._meant, alias, entity), (self._aliases, entity, alias)):
                    _less(counts[of], key)
                    if not counts[of]:
                        del counts[of]


def _less(counts: Counter[int], key: int) -> None:
    counts[key] -= 1
    if counts[key] <= 0:
        del counts[key]


def _read(connection: sa.Connection, documents: list[int] | None) -> Iterator[tuple[int, Given]]:
    """One counts beyond its document if everybody may read a document that says it."""
    public = sa.exists().where(
        sources.c.document == passages.c.document,
        source_access.c.source == sources.c.source,
        source_access.c.principal == EVERYONE,
    )
    query = sa.select(
        passages.c.document, aliases.c.alias, aliases.c.entity, aliases.c.kind, public.label("public")
    ).join(passages, passages.c.key == aliases.c.passage)
    if documents is not None:
        query = query.where(passages.c.document.in_(documents))
    for row in connection.execute(query):
        yield (
            row.document,
            (row.alias, row.entity, bool(row.public) and row.kind != AliasKind.DEFINED.value),
        )
