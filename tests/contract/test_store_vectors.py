from __future__ import annotations

import numpy as np
from contract_material import EMBEDDER, NO_FILTER, OWNER, Opener, add, document, letters, passages, put

from gezhi.store import Store, embedding_text, text_hash
from gezhi.types import NewItem, Outcome, Status


def test_vectors_are_known_once_saved_by_embedder(opener: Opener) -> None:
    opener().save_vectors({"a": letters("a"), "b": letters("b")}, EMBEDDER)
    store = opener()
    assert store.known_vectors(["a", "b", "c"], EMBEDDER) == {"a", "b"}
    assert store.known_vectors(["a"], "another") == set()
    assert store.known_vectors([], EMBEDDER) == set()
    assert store.known_vectors([str(n) for n in range(2000)], EMBEDDER) == set()
    store.save_vectors({}, EMBEDDER)
    store.save_vectors({"a": letters("zzz"), "c": letters("c")}, EMBEDDER)
    assert store.status().vectors == 3
    assert store.status().embedders == (EMBEDDER,)


def test_a_vector_is_shared_and_lives_as_long_as_a_passage_needs_it(store: Store) -> None:
    add(store, "a.txt", "boilerplate", "only a", vectors=True)
    add(store, "b.txt", "boilerplate", "only b", vectors=True)
    assert store.status().vectors == 3
    store.remove(["a.txt"], OWNER)
    assert store.status().vectors == 2
    add(store, "b.txt", "something else", "only b", vectors=True)
    assert store.status().vectors == 2


def test_unused_vectors_are_dropped_unless_an_open_job_may_still_use_them(store: Store) -> None:
    add(store, "a.txt", "kept", vectors=True)
    job = store.create_job("add", [NewItem(source="b", path="/b")], access=frozenset())
    store.save_vectors({"early": letters("early")}, EMBEDDER)
    assert store.drop_unused_vectors() == 0
    item = store.claim("w", lease_seconds=60)
    assert item is not None
    store.finish_item(item, Outcome(status=Status.REFUSED))
    assert store.job(job.id)
    assert store.drop_unused_vectors() == 1
    assert store.status().vectors == 1


def test_vectors_keep_their_direction(store: Store) -> None:
    made = document("a.txt", ["aaab", "zzzz"])
    texts = [embedding_text(part, made.title) for part in passages(made)]
    store.save_vectors({text_hash(text): 1000 * letters(text) for text in texts}, EMBEDDER)
    put(store, made, vectors=True)
    [first, second] = store.search_meaning(7 * letters("aaab"), EMBEDDER, OWNER, NO_FILTER, 2)
    expected = float(
        letters("aaab") @ letters("zzzz") / np.linalg.norm(letters("aaab")) / np.linalg.norm(letters("zzzz"))
    )
    assert abs(first.score - 1) < 1e-3
    assert abs(second.score - expected) < 1e-3


def test_a_zero_vector_is_stored_and_found_last(store: Store) -> None:
    made = document("a.txt", ["aaa", "bbb"])
    texts = [embedding_text(part, made.title) for part in passages(made)]
    store.save_vectors({text_hash(texts[0]): np.zeros(32, np.float32), text_hash(texts[1]): letters("bbb")}, EMBEDDER)
    put(store, made, vectors=True)
    hits = store.search_meaning(letters("bbb"), EMBEDDER, OWNER, NO_FILTER, 2)
    assert [hit.passage.text for hit in hits] == ["bbb", "aaa"]
