from __future__ import annotations

from dataclasses import replace

import pytest
from contract_material import (
    NO_FILTER,
    OWNER,
    PUBLIC,
    Opener,
    add,
    document,
    letters,
    passages,
    put,
    rich_document,
    words,
)

from gezhi.store import SourceState, Store
from gezhi.types import Filters, InvalidInput, Outcome, Scope, Status, StoreError


def test_a_document_comes_back_as_it_was_put(opener: Opener) -> None:
    made, parts = rich_document()
    warned = Outcome(status=Status.WARNED, code="no_text_layer", message="3 of 40 pages are empty.")
    assert put(opener(), made, outcome=warned, parts=parts) == 1
    again = opener()
    assert again.document(made.id, OWNER) == made
    [hit] = again.passages([parts[0].id], OWNER)
    assert (hit.passage, hit.source, hit.title, hit.revision, hit.score) == (parts[0], made.source, made.title, 1, 0)
    [summary] = again.documents(OWNER)
    assert (summary.id, summary.source, summary.title, summary.outcome) == (made.id, made.source, made.title, warned)
    assert (summary.passages, summary.characters, summary.page_count) == (1, len(made.text), 2)
    assert summary.access == made.access
    assert again.source_state(made.source) == SourceState(document_id=made.id, revision=1, pipeline="p1")


def test_a_document_without_passages_is_stored(store: Store) -> None:
    empty = document("scan.pdf", [""])
    put(store, empty, parts=[])
    assert store.document(empty.id, OWNER) == empty
    assert store.status().documents == 1


def test_another_content_replaces_the_old_one(store: Store) -> None:
    old = add(store, "a.txt", "apples are red", "shared words")
    new = document("a.txt", ["pears are green", "shared words"])
    assert put(store, new) == 2
    assert store.document(old.id, OWNER) is None
    assert store.passages([f"{old.id}:0"], OWNER) == []
    assert words(store, "apples") == []
    assert words(store, "pears") == ["pears are green"]
    assert [(s.revision, s.id) for s in store.documents(OWNER)] == [(2, new.id)]
    assert store.search_words("pears", OWNER, NO_FILTER, 1)[0].revision == 2


def test_the_same_content_again_keeps_the_revision_and_another_pipeline_raises_it(store: Store) -> None:
    made = document("a.txt", ["one passage"])
    assert put(store, made, pipeline="p1") == 1
    assert put(store, made, pipeline="p1") == 1
    split = replace(passages(made)[0], end=3, text="one")
    assert put(store, made, pipeline="p2", parts=[split]) == 2
    state = store.source_state("a.txt")
    assert state is not None
    assert state.pipeline == "p2"
    assert words(store, "passage") == []
    assert words(store, "one") == ["one"]


def test_the_same_bytes_under_two_sources_are_one_document(store: Store) -> None:
    made = add(store, "a.txt", "the same text")
    put(store, replace(made, source="copy/a.txt"))
    assert store.status().documents == 1
    assert words(store, "same") == ["the same text"]
    assert [s.source for s in store.documents(OWNER)] == ["a.txt", "copy/a.txt"]
    assert store.remove(["a.txt"], OWNER) == 1
    assert words(store, "same") == ["the same text"]
    found = store.document(made.id, OWNER)
    assert found is not None
    assert found.source == "copy/a.txt"
    assert store.remove(["copy/a.txt"], OWNER) == 1
    assert store.document(made.id, OWNER) is None
    assert words(store, "same") == []


def test_replacing_one_of_two_sources_keeps_the_shared_document(store: Store) -> None:
    made = add(store, "a.txt", "the same text")
    put(store, replace(made, source="b.txt"))
    add(store, "a.txt", "something new")
    assert words(store, "same") == ["the same text"]
    assert [hit.source for hit in store.search_words("same", OWNER, NO_FILTER, 5)] == ["b.txt"]


def test_sources_are_listed_by_prefix_in_order(store: Store) -> None:
    for source in ("b/2.txt", "b/1.txt", "a.txt", "b%.txt", "B/1.txt", "b_1.txt", "合同/一.txt"):
        add(store, source, source)
    assert store.sources() == ["B/1.txt", "a.txt", "b%.txt", "b/1.txt", "b/2.txt", "b_1.txt", "合同/一.txt"]
    assert store.sources("b/") == ["b/1.txt", "b/2.txt"]
    assert store.sources("b%") == ["b%.txt"]
    assert [s.source for s in store.documents(OWNER, source_prefix="合同/")] == ["合同/一.txt"]
    assert [s.source for s in store.documents(OWNER, limit=2, offset=1)] == ["a.txt", "b%.txt"]
    assert store.source_state("nowhere") is None


def test_removing_what_is_not_there_changes_nothing(store: Store) -> None:
    add(store, "a.txt", "text")
    before = store.status()
    assert store.remove(["b.txt"], OWNER) == 0
    assert store.remove([], OWNER) == 0
    assert store.status().revision == before.revision


def test_passages_come_in_the_order_asked(store: Store) -> None:
    made = add(store, "a.txt", "zero", "one", "two")
    ids = [f"{made.id}:2", "nonsense", f"{made.id}:0", "no:thing", f"{made.id}:9", "", f"{made.id}:2"]
    assert [hit.passage.text for hit in store.passages(ids, OWNER)] == ["two", "zero", "two"]


class TestScope:
    """A document hidden from a scope appears on no path."""

    @pytest.fixture
    def hidden(self, store: Store) -> str:
        add(store, "open.txt", "apples for everyone", vectors=True)
        return add(store, "secret.txt", "apples for alice", access="alice", vectors=True).id

    def test_reads(self, store: Store, hidden: str) -> None:
        bob = Scope.of("bob")
        assert store.document(hidden, bob) is None
        assert store.passages([f"{hidden}:0"], bob) == []
        assert [s.source for s in store.documents(bob)] == ["open.txt"]
        assert [s.source for s in store.documents(Scope.of("alice"))] == ["open.txt", "secret.txt"]
        assert [s.source for s in store.documents(OWNER)] == ["open.txt", "secret.txt"]

    def test_removal(self, store: Store, hidden: str) -> None:
        assert store.remove(["secret.txt"], PUBLIC) == 0
        assert store.document(hidden, OWNER) is not None
        assert store.remove(["secret.txt"], Scope.of("alice")) == 1

    def test_access_may_be_narrowed_and_widened(self, store: Store) -> None:
        made = document("a.txt", ["budget of 2024"])
        put(store, made)
        assert words(store, "budget", PUBLIC) == ["budget of 2024"]
        assert put(store, replace(made, access=frozenset({"cfo"}))) == 1
        assert words(store, "budget", PUBLIC) == []
        assert store.document(made.id, PUBLIC) is None
        put(store, replace(made, access=frozenset({"cfo", "board"})))
        assert words(store, "budget", Scope.of("board")) == ["budget of 2024"]
        put(store, replace(made, access=frozenset()))
        assert words(store, "budget", Scope.of("cfo", "board")) == []
        assert words(store, "budget", OWNER) == ["budget of 2024"]

    def test_a_shared_document_shows_only_the_source_one_may_see(self, store: Store) -> None:
        made = document("alice/secret-name.txt", ["minutes of the meeting"], access="alice")
        put(store, made)
        put(store, replace(made, source="public.txt", access=frozenset({"everyone"})))
        [hit] = store.search_words("minutes", PUBLIC, NO_FILTER, 5)
        found = store.document(made.id, PUBLIC)
        assert found is not None
        assert (hit.source, found.source, found.access) == ("public.txt", "public.txt", frozenset({"everyone"}))
        assert store.search_words("minutes", PUBLIC, Filters(source_prefix="alice/"), 5) == []
        assert store.remove(["public.txt"], OWNER) == 1
        assert words(store, "minutes", PUBLIC) == []
        assert words(store, "minutes", Scope.of("alice")) == ["minutes of the meeting"]


def test_a_failed_put_changes_nothing(store: Store) -> None:
    add(store, "a.txt", "the old text")
    before = store.status()
    new = document("a.txt", ["the new text"])
    with pytest.raises(StoreError, match="no vector"):
        store.put(new, passages(new), outcome=Outcome(status=Status.STORED), pipeline="p1", embedder="unknown")
    assert store.status() == replace(before, bytes=store.status().bytes)
    assert words(store, "text") == ["the old text"]


class TestErasure:
    SECRET = 'Ms "Quixotic" Zephyr-7731 signed'

    def test_nothing_is_left_of_removed_text(self, opener: Opener) -> None:
        store = opener()
        add(store, "keep.txt", "Somebody else signed", vectors=True)
        made = document("gone.txt", [self.SECRET, "second passage"], title=f"About {self.SECRET}")
        put(store, made, vectors=True)
        words(store, "Quixotic")
        store.search_meaning(letters("Quixotic"), "letters", OWNER, NO_FILTER, 5)
        before = store.traces_of_text("Zephyr-7731")
        assert {"table documents.text", "table documents.title", "table passages.text", "index words"} <= set(before)
        assert "index vectors of letters" in before
        assert store.traces_of_text(self.SECRET)
        vectors = store.status().vectors
        assert store.remove(["gone.txt"], OWNER) == 1
        assert store.traces_of_text("Zephyr-7731") == {}
        assert store.traces_of_text(self.SECRET) == {}
        assert store.traces_of_text("Quixotic") == {}
        assert store.status().vectors == vectors - 2
        assert store.traces_of_text("Somebody")

    def test_nothing_is_left_of_a_replaced_revision(self, store: Store) -> None:
        add(store, "a.txt", "Zephyr-7731 was here")
        words(store, "Zephyr")
        add(store, "a.txt", "nobody was here")
        assert store.traces_of_text("Zephyr-7731") == {}

    def test_text_in_a_trace_or_another_document_is_found(self, store: Store) -> None:
        add(store, "a.txt", "Zephyr-7731 was here")
        add(store, "b.txt", "also Zephyr-7731")
        store.remove(["a.txt"], OWNER)
        assert store.traces_of_text("Zephyr-7731")["table passages.text"] == 1

    def test_an_empty_text_is_refused(self, store: Store) -> None:
        with pytest.raises(InvalidInput):
            store.traces_of_text(" ")
