"""Any sequence of operations leaves the store as a plain dictionary would be."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from contract_material import EMBEDDER, ENGINES, NO_FILTER, OWNER, document, letters, put
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from gezhi.store import Hit, Store
from gezhi.types import Document, Filters, Scope

SOURCES = st.sampled_from(["a.txt", "b/1.txt", "b/2.txt", "合同.txt"])
TEXTS = st.lists(st.sampled_from(["apple pie", "apple", "pear 大学", "交通安全", "plum"]), min_size=1, max_size=3)
ACCESS = st.sampled_from(["everyone", "alice", "bob", "alice bob", ""])
SCOPES = [OWNER, Scope(), Scope.of("alice"), Scope.of("bob")]


@dataclass
class Held:
    document: Document
    revision: int
    vectors: bool


class StoreMachine(RuleBasedStateMachine):
    engine = ""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.open = ENGINES[self.engine](Path(self.folder.name))
        self.stores: list[Store] = [self.open(), self.open()]
        self.held: dict[str, Held] = {}
        self.vectors: set[str] = set()

    def teardown(self) -> None:
        for store in self.stores:
            store.close()
        self.folder.cleanup()

    @rule(source=SOURCES, texts=TEXTS, access=ACCESS, vectors=st.booleans(), by=st.integers(0, 1))
    def put(self, source: str, texts: list[str], access: str, vectors: bool, by: int) -> None:
        made = document(source, texts, access=access)
        old = self.held.get(source)
        shared = [held for held in self.held.values() if held.document.id == made.id]
        same = bool(shared) and shared[0].vectors == vectors
        revision = put(self.stores[by], made, vectors=vectors)
        unchanged = old is not None and old.document.id == made.id and same
        assert revision == (1 if old is None else old.revision + (0 if unchanged else 1))
        for held in shared:
            held.vectors = vectors
        self.held[source] = Held(replace(made, revision=revision), revision, vectors)
        self.vectors |= set(texts) if vectors else set()
        self.forget()

    @rule(sources=st.lists(SOURCES, max_size=3), scope=st.sampled_from(SCOPES), by=st.integers(0, 1))
    def remove(self, sources: list[str], scope: Scope, by: int) -> None:
        gone = [source for source in set(sources) if source in self.visible(scope)]
        assert self.stores[by].remove(sources, scope) == len(gone)
        for source in gone:
            del self.held[source]
        self.forget()

    def forget(self) -> None:
        """Vectors belong to texts, and live as long as some passage says the text."""
        self.vectors &= {text for held in self.held.values() for text in held.document.text.split("\n")}

    @rule(by=st.integers(0, 1))
    def reopen(self, by: int) -> None:
        self.stores[by].close()
        self.stores[by] = self.open()

    @invariant()
    def agrees(self) -> None:
        for store in self.stores:
            assert store.sources() == sorted(self.held)
            for scope in SCOPES:
                self.check(store, scope)

    def check(self, store: Store, scope: Scope) -> None:
        visible = self.visible(scope)
        assert [s.source for s in store.documents(scope)] == sorted(visible)
        for held in self.held.values():
            first = min((s for s, h in visible.items() if h.document.id == held.document.id), default=None)
            found = store.document(held.document.id, scope)
            assert found == (visible[first].document if first else None)
        parts = [
            (text, source, held.document.id, ordinal)
            for source, held in visible.items()
            for ordinal, text in enumerate(held.document.text.split("\n"))
        ]
        hits = store.search_words("apple", scope, NO_FILTER, 50)
        assert sorted(_places(hits)) == sorted({(d, at) for text, _, d, at in parts if "apple" in text})
        assert all(hit.source in visible for hit in hits)
        near = store.search_meaning(letters("apple"), EMBEDDER, scope, Filters(source_prefix="b/"), 50)
        expected = {(d, at) for text, source, d, at in parts if source.startswith("b/") and text in self.vectors}
        assert sorted(_places(near)) == sorted(expected)

    def visible(self, scope: Scope) -> dict[str, Held]:
        return {
            source: held
            for source, held in self.held.items()
            if scope.unrestricted or held.document.access & scope.principals
        }


def _places(hits: list[Hit]) -> list[tuple[str, int]]:
    return [(hit.passage.document_id, hit.passage.ordinal) for hit in hits]


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_the_store_agrees_with_a_dictionary(engine: str) -> None:
    machine = type("Machine", (StoreMachine,), {"engine": engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=6,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # Shrinking would run for minutes; the steps printed are few anyway.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )
