"""The graph in memory, made from rows once and then kept in step: a changed document costs what it says and what
depends on its names, not the size of the store. Both ways lead to the same graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa

from gezhi.store.memory.catalogue import Catalogue
from gezhi.store.memory.graph import Graph, Numbers, Places
from gezhi.store.memory.lists import NONE, Ints, Lists
from gezhi.store.naming.names import LONGEST
from gezhi.store.naming.resolve import GivenName, implied
from gezhi.store.rows.index import naming_rows as rows
from gezhi.store.rows.index.given import GivenNames
from gezhi.store.rows.index.inner import Inner, NamesByWords
from gezhi.store.schema import entities, titles

MOST_FOLLOWED = 2000
"""Passages to resolve anew, or an eighth of all if that is more: beyond, loading everything is no dearer."""
MOST_NAMES = 20_000
"""Names that may hold those that came or went."""

Changes = dict[int, set[int]]


@dataclass(slots=True)
class _Turn:
    """What one step changes in who is in the graph, by entity key."""

    on: dict[int, rows.EntityRow] = field(default_factory=dict)
    off: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    """Those that nothing names any more."""
    names: set[str] = field(default_factory=set)
    """That may now be found in other names, or no longer."""
    telling: dict[int, bool] = field(default_factory=dict)
    titled: dict[int, bool] = field(default_factory=dict)


class LiveGraph:
    """Keeps what states of the graph share. One thread at a time; the states are read without a lock."""

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self.graph: Graph
        self._known: dict[str, int] = {}
        self._names: list[str] = []
        self._labels: list[str] = []
        self._types: list[str] = []
        self._keys: list[int] = []
        """Of each number, the entity's key in the store."""
        self._number_of: dict[int, int] = {}
        self._telling: set[int] = set()
        """Numbers of titles and other names: they count inside names though they are one word."""
        self._longest: dict[int, int] = {}
        self._inner = Inner(self._known, self._telling, self._longest)
        self._places = Places()
        self._given = GivenNames()
        self._by_words = NamesByWords()

    # -- loading ---------------------------------------------------------------------------------------------------

    @classmethod
    def load(cls, connection: sa.Connection, catalogue: Catalogue, revision: int) -> LiveGraph:
        live = cls(revision)
        query = sa.select(entities.c.key, entities.c.name, entities.c.label, entities.c.type).order_by(entities.c.key)
        known = connection.execute(query).all()
        live._given.load(connection)
        live._by_words.add((row.key, row.name) for row in known)
        live._places.add(catalogue, 0)
        keys = np.array([row.key for row in known], np.int64)
        passages, named = rows.all_naming(connection)
        positions = catalogue.positions_of(passages)
        alive = (positions >= 0) & catalogue.alive[positions] if catalogue.size else positions >= 0
        pairs = _unique(positions[alive], np.searchsorted(keys, named[alive]))
        titled = _titled(catalogue, *rows.columns(connection, sa.select(titles.c.document, titles.c.entity)))
        titled = np.where(titled >= 0, np.searchsorted(keys, titled), -1)
        counts = np.bincount(pairs[1], minlength=keys.size)
        is_title = np.zeros(keys.size, np.bool_)
        is_title[titled[titled >= 0]] = True
        used = np.searchsorted(keys, np.array(sorted(live._given.keys()), np.int64))
        strong = is_title | (counts >= 2)
        strong[used] = True
        index = np.full(keys.size, -1, np.int64)
        index[np.flatnonzero(strong)] = np.arange(int(np.count_nonzero(strong)))
        for at in np.flatnonzero(strong).tolist():
            row = known[at]
            live._enter(row.key, row.name, row.label, row.type)
            if is_title[at] or live._given.is_alias(row.key):
                live._telling.add(live._number_of[row.key])
        live.graph = live._resolved(
            catalogue,
            pairs,
            [row.name for row in known],
            counts,
            np.where(titled >= 0, index[titled], -1) if keys.size else titled,
            is_title[strong],
            rows.has_facts(connection),
        )
        return live

    def _resolved(
        self,
        catalogue: Catalogue,
        pairs: tuple[Ints, Ints],
        names: Sequence[str],
        counts: Ints,
        titled: Ints,
        is_title: np.ndarray[tuple[int], np.dtype[np.bool_]],
        has_facts: bool,
    ) -> Graph:
        found = [self._inner.of(name) if count else [] for name, count in zip(names, counts, strict=True)]
        inner = Lists.of_sizes(
            np.array([len(some) for some in found], np.int64),
            np.array([one for some in found for one in some], np.int64),
        )
        held, owners = inner.gather(pairs[1])
        at = pairs[0][owners]
        given = [
            GivenName(document, self._number_of[alias], self._number_of[entity], anywhere)
            for document, alias, entity, anywhere in self._given.everything()
        ]
        meant = {self._number_of[a]: self._number_of[e] for a, e in self._given.all_everywhere().items()}
        more_at, more = implied((at, held), catalogue.documents[at], given, meant)
        about = np.flatnonzero(titled >= 0)
        joined = _unique(np.concatenate([at, more_at, about]), np.concatenate([held, more, titled[about]]))
        return self._graph(
            catalogue,
            titled,
            is_title,
            Lists.grouped(joined[1], joined[0], len(self._names)),
            Lists.grouped(joined[0], joined[1], catalogue.size),
            meant,
            has_facts,
        )

    def _graph(
        self,
        catalogue: Catalogue,
        titled: Ints,
        is_title: np.ndarray[tuple[int], np.dtype[np.bool_]],
        passages: Lists,
        held: Lists,
        meant: dict[int, int],
        has_facts: bool,
    ) -> Graph:
        return Graph(
            catalogue=catalogue,
            names=self._names,
            labels=self._labels,
            types=self._types,
            numbers=Numbers(self._known, len(self._names)),
            longest=self._longest,
            titles=titled,
            is_title=is_title,
            passages=passages,
            entities=held,
            places=self._places,
            has_facts=has_facts,
            meant=meant,
        )

    def _enter(self, key: int, name: str, label: str, kind: str) -> int:
        """Put an entity into the graph; one that was in it before has its number again."""
        number = self._number_of.get(key)
        if number is None:
            number = self._number_of[key] = len(self._names)
            self._names.append(name)
            self._labels.append(label)
            self._types.append(kind)
            self._keys.append(key)
        self._names[number], self._labels[number], self._types[number] = name, label, kind
        self._known[name] = number
        words = name.split(" ")
        first = hash(words[0])
        self._longest[first] = max(self._longest.get(first, 0), min(len(words), LONGEST))
        return number

    # -- following -------------------------------------------------------------------------------------------------

    def follow(
        self,
        connection: sa.Connection,
        catalogue: Catalogue,
        revision: int,
        *,
        touched: Sequence[int],
        gone: Sequence[int],
    ) -> Ints | None:
        """Bring `graph` to the rows of this snapshot. `touched`: documents written or changed since; `gone`: documents
        whose former passages are gone. Returns the entities whose passages changed, or may be seen by others; None
        where it is cheaper to load everything, and this one is of no more use."""
        before, self.revision = self.graph, -1
        size = before.catalogue.size
        dead = np.flatnonzero(before.catalogue.alive & ~catalogue.alive[:size])
        changed = np.flatnonzero(np.isin(catalogue.documents, np.array(touched, np.int64)) & catalogue.alive)
        most = max(MOST_FOLLOWED, catalogue.size // 8)
        if changed.size + dead.size > most:
            return None
        facts_too = rows.has_facts(connection)
        self._by_words.follow(connection)
        parts, meaning = self._given.follow(connection, {*touched, *gone})
        said = rows.naming(connection, catalogue.keys[changed].tolist(), facts_too)
        about = rows.title_keys(connection, touched)
        old_positions = np.concatenate([dead, changed[changed < size]])
        seen = before.entities.gather(old_positions)[0]
        candidates = {key for some in said.values() for key in some} | set(about.values()) | parts
        candidates |= {self._keys[number] for number in np.unique(seen).tolist()}
        turn = self._turn(candidates, rows.entity_rows(connection, candidates, facts_too), before)
        renamed = self._apply(connection, turn)
        if renamed is None:
            return None
        affected = rows.naming_passages(connection, renamed, facts_too, most)
        others = catalogue.positions_of(np.array(sorted(affected - set(said)), np.int64))
        meant, spoken = self._meanings(before, meaning)
        dirty = np.unique(np.concatenate([changed, others[others >= 0], *spoken]))
        dirty = dirty[catalogue.alive[dirty]]
        if dirty.size > most:
            return None
        unread = [key for key in catalogue.keys[dirty].tolist() if key not in said]
        said.update(rows.naming(connection, unread, facts_too))
        titled = self._titles(before, catalogue, dead, changed, about)
        wanted = self._wanted(catalogue, dirty, said, titled, meant) | {position: set() for position in dead.tolist()}
        self._places.add(catalogue, size)
        added, removed = _differences(before.entities, wanted)
        added_to, removed_from = _turned(added), _turned(removed)
        is_title = np.zeros(len(self._names), np.bool_)
        is_title[: before.is_title.size] = before.is_title
        for number, is_one in turn.titled.items():
            is_title[number] = is_one
        self.graph = self._graph(
            catalogue,
            titled,
            is_title,
            before.passages.changed(len(self._names), added_to, removed_from),
            before.entities.changed(catalogue.size, added, removed),
            meant,
            facts_too,
        )
        self.revision = revision
        self._forget(turn, catalogue, dead, changed)
        moved = np.array(sorted(added_to.keys() | removed_from.keys()), np.int64)
        return np.union1d(moved, seen)

    def _turn(self, candidates: Iterable[int], known: dict[int, rows.EntityRow], before: Graph) -> _Turn:
        """Which of these enter the graph, leave it, or count otherwise inside names than before."""
        turn = _Turn()
        for key in sorted(candidates):
            row, number = known.get(key), self._number_of.get(key)
            was = number is not None and self._known.get(self._names[number]) == number
            strong = row is not None and (row.shared or row.titled or self._given.used(key))
            telling = strong and row is not None and (row.titled or self._given.is_alias(key))
            did_tell = number is not None and number in self._telling
            if row is not None and strong:
                name = row.name
                if number is not None:
                    self._labels[number], self._types[number] = row.label, row.type
                if not was:
                    turn.on[key] = row
            elif number is not None:
                name = self._names[number]
                if was:
                    turn.off.append(key)
                if row is None:
                    turn.gone.append(key)
            else:
                continue
            if telling != did_tell or (was != strong and " " in name):
                turn.names.add(name)
            if telling != did_tell:
                turn.telling[key] = telling
            if row is not None and strong:
                if number is None or number >= before.is_title.size or bool(before.is_title[number]) != row.titled:
                    turn.titled[key] = row.titled
            elif number is not None:
                turn.titled[key] = False
        return turn

    def _apply(self, connection: sa.Connection, turn: _Turn) -> set[int] | None:
        """Enter and leave. Returns the entities whose name now stands for others than before; None if too many may."""
        longer = {key for name in turn.names for key in self._by_words.longer(name)}
        if len(longer) > MOST_NAMES:
            return None
        named = dict(rows.names(connection, longer))
        before = {key: self._inner.of(name) for key, name in named.items()}
        for key in turn.off:
            name = self._names[self._number_of[key]]
            if self._known.get(name) == self._number_of[key]:
                del self._known[name]
        for key, row in turn.on.items():
            self._enter(key, row.name, row.label, row.type)
        for key, telling in turn.telling.items():
            (self._telling.add if telling else self._telling.discard)(self._number_of[key])
        turn.titled = {self._number_of[key]: titled for key, titled in turn.titled.items()}
        other = {key for key, name in named.items() if self._inner.of(name) != before[key]}
        return other | turn.on.keys() | set(turn.off)

    def _meanings(self, before: Graph, keys: Collection[int]) -> tuple[dict[int, int], list[Ints]]:
        """What other names stand for everywhere now, and the positions that name one for which this changed."""
        meant = dict(before.meant)
        spoken: list[Ints] = [NONE]
        for key in keys:
            number = self._number_of.get(key)
            if number is None:
                continue
            entity = self._given.everywhere(key)
            now = None if entity is None else self._number_of[entity]
            if meant.get(number) != now:
                if number < before.passages.count:
                    spoken.append(before.passages.of(number))
                meant.pop(number, None)
                if now is not None:
                    meant[number] = now
        return meant, spoken

    def _titles(self, before: Graph, catalogue: Catalogue, dead: Ints, changed: Ints, about: dict[int, int]) -> Ints:
        titled = np.full(catalogue.size, -1, np.int64)
        titled[: before.titles.size] = before.titles
        titled[dead] = -1
        for position in changed.tolist():
            key = about.get(int(catalogue.documents[position]))
            titled[position] = -1 if key is None else self._number_of[key]
        return titled

    def _wanted(
        self,
        catalogue: Catalogue,
        positions: Ints,
        said: dict[int, dict[int, str]],
        titled: Ints,
        meant: dict[int, int],
    ) -> dict[int, set[int]]:
        """Position -> the entities it names."""
        resolved: dict[str, list[int]] = {}
        local: dict[int, dict[int, set[int]]] = {}
        wanted = {}
        for position in positions.tolist():
            document = int(catalogue.documents[position])
            if document not in local:
                local[document] = {
                    self._number_of[key]: {self._number_of[other] for other in others}
                    for key, others in self._given.of(document).items()
                }
            found: set[int] = set()
            for name in said.get(int(catalogue.keys[position]), {}).values():
                if name not in resolved:
                    resolved[name] = self._inner.of(name)
                found.update(resolved[name])
            for one in list(found):
                found |= local[document].get(one, set())
                if one in meant:
                    found.add(meant[one])
            if titled[position] >= 0:
                found.add(int(titled[position]))
            wanted[position] = found
        return wanted

    def _forget(self, turn: _Turn, catalogue: Catalogue, dead: Ints, changed: Ints) -> None:
        """Leave no name or id that may be said by no document any more."""
        for key in turn.off:
            number = self._number_of[key]
            self._telling.discard(number)
            self._names[number] = self._labels[number] = ""
        for key in turn.gone:
            self._number_of.pop(key, None)
        stored_again = set(catalogue.document_ids[changed].tolist())
        self._places.forget(set(catalogue.document_ids[dead].tolist()) - stored_again)


def _differences(lists: Lists, wanted: dict[int, set[int]]) -> tuple[Changes, Changes]:
    added, removed = {}, {}
    for index, new in wanted.items():
        old = set(lists.of(index).tolist()) if index < lists.count else set()
        if new - old:
            added[index] = new - old
        if old - new:
            removed[index] = old - new
    return added, removed


def _turned(changes: Changes) -> Changes:
    """By item instead of by list."""
    turned: Changes = defaultdict(set)
    for index, items in changes.items():
        for item in items:
            turned[item].add(index)
    return turned


def _unique(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """Distinct pairs, in order."""
    width = int(second.max(initial=0)) + 1
    pairs = np.sort(first * width + second)
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    return pairs // width, pairs % width


def _titled(catalogue: Catalogue, documents: Ints, keys: Ints) -> Ints:
    """Of each position, the key of the entity its document is about; -1 for none."""
    if not documents.size or not catalogue.size:
        return np.full(catalogue.size, -1, np.int64)
    order = np.argsort(documents)
    at = np.minimum(np.searchsorted(documents[order], catalogue.documents), documents.size - 1)
    known = documents[order][at] == catalogue.documents
    return np.where(known & catalogue.alive, keys[order][at], -1)
