"""The graph that follows commits is the graph that a freshly opened store makes: what it names, for whom, and how it
ranks."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gezhi.retrieve import ByGraph, ByWords, Retrieval
from gezhi.store.memory.graph import GraphView
from gezhi.store.protocol import Store
from gezhi.store.rows.index import derived
from gezhi.store.rows.index import graph as live_graph
from gezhi.store.sqlite import open_sqlite
from gezhi.types import (
    EVERYONE,
    Document,
    Filters,
    Outcome,
    Passage,
    Query,
    Scope,
    Status,
    Usage,
    document_id,
)
from gezhi.types.facts import StatedFact

NAMES = (
    "Maria Keller",
    "President Maria Keller",
    "Keller",
    "Graz",
    "Mayor of Graz",
    "University of Graz",
    "Graz Harbour Museum",
    "Harbour Museum",
    "Norvik Ltd",
    "Norvik Ltd Harbour Museum",
    "BIT",
    "Beijing Institute of Technology",
    "Basel Institute of Trade",
    "《银港》",
    "《银港之夜》",
    "上海交通大学",
    "苏州华辰泵业有限公司",
    "PPR-9087",
)
SAYINGS = (
    "Students of the Beijing Institute of Technology (BIT) met.",
    "The Basel Institute of Trade (BIT) is new.",
    'Norvik Ltd (the "Supplier") delivers to Graz.',
    "The Supplier pays.",
    "王小明毕业于上海交通大学（上海交大）。",
    "苏州华辰泵业有限公司（Suzhou Huachen Pumps）生产水泵。",
    "Suzhou Huachen Pumps opened a plant. BIT was there.",
    "nothing is named here.",
)
QUESTIONS = (
    "Where did President Maria Keller meet Norvik Ltd?",
    "Who runs the Harbour Museum in Graz?",
    "Who founded BIT?",
    "《银港》和上海交通大学有什么关系？",
    "which plant did they open",
)
SCOPES = (Scope.owner(), Scope(), Scope.of("board"))
FILTERS = (Filters(), Filters(source_prefix="d1"))


@dataclass
class Writer:
    """Random commits."""

    store: Store
    draw: random.Random
    held: dict[str, tuple[Document, list[Passage]]] = field(default_factory=dict)

    def step(self) -> None:
        kind = self.draw.choices(
            ["add", "replace", "remove", "again", "access", "facts", "forget"], [6, 3, 3, 1, 2, 1, 0.3]
        )
        source = self.draw.choice(sorted(self.held)) if self.held else ""
        if not source or kind == ["add"]:
            self.put(f"d{self.draw.randint(0, 99)}", *self.text())
        elif kind == ["replace"]:
            self.put(source, *self.text())
        elif kind == ["remove"]:
            self.store.remove([source], Scope.owner())
            del self.held[source]
        elif kind == ["again"]:
            document, _ = self.held[source]
            self.put(source, self.draw.choice(NAMES), document.text.split("\n"), pipeline=f"p{self.draw.random()}")
        elif kind == ["access"]:
            document, _ = self.held[source]
            self.put(source, document.title, document.text.split("\n"))
        elif kind == ["facts"]:
            texts = self.store.texts_to_read("test", Filters(), limit=2)
            stated = StatedFact(subject=self.draw.choice(NAMES), predicate="knows", object=self.draw.choice(NAMES))
            self.store.save_facts({one.text_hash: [stated] for one in texts}, extractor="test", usage=Usage())
        else:
            self.store.forget_facts("test")

    def text(self) -> tuple[str, list[str]]:
        texts = []
        for _ in range(self.draw.randint(0, 3)):
            some = self.draw.sample(NAMES, self.draw.randint(0, 3))
            texts.append(" met ".join([*some, self.draw.choice(SAYINGS)]))
        return self.draw.choice((*NAMES, "", "notes")), texts

    def put(self, source: str, title: str, texts: list[str], pipeline: str = "p") -> None:
        text = "\n".join(texts)
        access = self.draw.choice((EVERYONE, EVERYONE, "board", "other"))
        made = Document(
            id=document_id(text.encode()),
            source=source,
            title=title,
            media_type="text/plain",
            text=text,
            blocks=(),
            access=frozenset({access}),
        )
        parts, start = [], 0
        for ordinal, piece in enumerate(texts):
            end = start + len(piece)
            parts.append(Passage(document_id=made.id, ordinal=ordinal, start=start, end=end, text=piece))
            start = end + 1
        self.store.put(made, parts, outcome=Outcome(status=Status.STORED), pipeline=pipeline, embedder=None)
        self.held[source] = made, parts


def told(store: Store, scope: Scope, filters: Filters) -> dict[str, object]:
    """All that a view says, without numbers and positions."""
    view = store.graph(scope, filters)
    graph, names = view.graph, view.graph.names
    ids = {position: graph.passage_id(position) for position in range(view.allowed.size) if view.allowed[position]}
    return {
        "named": {ids[at]: sorted(names[n] for n in view.entities_of(at).tolist()) for at in ids},
        "passages": {name: sorted(ids[at] for at in view.passages_of(n).tolist()) for name, n in graph.numbers.items()},
        "frequencies": {name: int(view.frequencies[n]) for name, n in graph.numbers.items()},
        "weights": {name: float(view.weights[n]) for name, n in graph.numbers.items()},
        "titles": {ids[at]: "" if view.title(at) < 0 else names[view.title(at)] for at in ids},
        "is_title": {name for name, n in graph.numbers.items() if graph.is_title[n]},
        "labels": {name: (graph.labels[n], graph.types[n]) for name, n in graph.numbers.items()},
        "meant": {names[alias]: names[entity] for alias, entity in graph.meant.items()},
        "linked": [[names[n] for n in view.link(question)] for question in QUESTIONS],
        "places": view.positions([*ids.values(), "none:0"]) == [*ids, -1],
        "size": view.size,
        "facts": graph.has_facts,
    }


def ranked(store: Store, scope: Scope, filters: Filters) -> list[list[tuple[str, float]]]:
    retrieval = Retrieval([ByWords(store)], ByGraph(store))
    return [
        [
            (one.passage.id, round(one.score, 5))
            for one in retrieval.retrieve(Query(text=question, scope=scope, filters=filters, limit=30))
        ]
        for question in QUESTIONS
    ]


@pytest.mark.parametrize("seed", range(12))
def test_what_follows_commits_is_what_a_fresh_store_makes(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seed % 3 == 0:
        monkeypatch.setattr(derived, "FEW_DEAD", 5)  # loads all anew now and then
    if seed % 4 == 1:
        monkeypatch.setattr("gezhi.store.memory.lists.SLACK", 10)
    store = open_sqlite(tmp_path / "store")
    writer = Writer(store, random.Random(seed))
    for _ in range(12):
        for _ in range(writer.draw.randint(1, 4)):
            writer.step()
        fresh = open_sqlite(tmp_path / "store")
        for scope in SCOPES:
            for filters in FILTERS:
                assert told(store, scope, filters) == told(fresh, scope, filters)
                assert ranked(store, scope, filters) == ranked(fresh, scope, filters)
        fresh.close()
    store.close()


def test_commits_are_followed_and_not_loaded_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_sqlite(tmp_path / "store")
    writer = Writer(store, random.Random(5))
    for number in range(20):
        writer.put(f"d{number}", *writer.text())
    before = store.graph(Scope.owner(), Filters())
    held = described(before)

    def refuse(*_: object) -> None:
        raise AssertionError("loaded anew")

    monkeypatch.setattr(live_graph.LiveGraph, "load", refuse)
    for number in range(30):
        writer.put(f"d{number % 25}", *writer.text())
        store.graph(Scope.owner(), Filters())
    store.remove([f"d{number}" for number in range(25)], Scope.owner())
    after = store.graph(Scope.owner(), Filters())
    assert dict(after.graph.numbers) == {} and not any(after.graph.names) and not any(after.graph.labels)
    assert described(before) == held, "an older state still reads what it read"
    store.close()


def described(view: GraphView) -> list[list[int]]:
    numbers = range(view.graph.passages.count)
    return [view.passages_of(n).tolist() for n in numbers] + [view.entities_of(p).tolist() for p in range(view.size)]
