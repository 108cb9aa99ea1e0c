"""The store itself as tables: whole for its owner, and never more than a scope may see."""

from __future__ import annotations

from contract_material import NO_FILTER, OWNER, PUBLIC, STORED, document, passages

from gezhi.store import Store
from gezhi.types import EVERYONE, Scope, Usage
from gezhi.types.facts import StatedFact

NAMES = ("documents", "passages", "entities", "mentions", "facts")


def add(store: Store, source: str, *texts: str, title: str, access: str = EVERYONE) -> str:
    owner = document(source, texts, title=title, access=access)
    store.put(owner, passages(owner), outcome=STORED, pipeline="p1", embedder=None)
    return owner.id


def rows(store: Store, name: str, scope: Scope = OWNER, *names: str) -> list[dict[str, object]]:
    view = next(one for one in store.views(scope) if one.key == name)
    values = store.view_values(view.id, scope, names=names)
    assert names or view.row_count == len(values)
    return [dict(zip((column.key for column in view.columns), row, strict=True)) for row in values]


def test_documents_passages_and_names(store: Store) -> None:
    first = add(store, "a.txt", "Otto Brandt leads the Rotterdam plant.", "100% of PPR-9087 were sold.", title="Plants")
    add(store, "b.txt", "张伟说：Otto Brandt 去了苏州。", title="会议纪要")
    assert [view.key for view in store.views(OWNER)] == list(NAMES)
    assert all(view.is_view for view in store.views(OWNER))
    [one, two] = rows(store, "documents")
    assert (one["document_id"], one["title"], one["format"], one["passages"]) == (first, "Plants", "text", 2)
    assert two["source"] == "b.txt"
    assert {row["source"] for row in rows(store, "mentions", OWNER, "otto brandt")} == {"a.txt", "b.txt"}
    assert [row["passage_id"] for row in rows(store, "mentions", OWNER, "PPR-9087")] == [f"{first}:1"]
    assert [row["passage_id"] for row in rows(store, "mentions", OWNER, "plants")] == [None]  # by its title
    [brandt] = [row for row in rows(store, "entities") if row["entity"] == "Otto Brandt"]
    assert (brandt["mentions"], brandt["documents"]) == (2, 2)
    assert [row["passage_id"] for row in rows(store, "passages", OWNER, "ROTTERDAM PLANT")] == [f"{first}:0"]
    assert [row["passage_id"] for row in rows(store, "passages", OWNER, "0% of")] == [f"{first}:1"]
    assert rows(store, "passages", OWNER, "1%0") == []
    assert store.view_values("store:sources", OWNER) == []


def test_facts_with_the_passage_that_states_them(store: Store) -> None:
    add(store, "a.txt", "Otto Brandt leads Norvik.", title="A")
    [unread] = store.texts_to_read("x", NO_FILTER)
    fact = StatedFact(subject="Otto Brandt", predicate="leads", object="Norvik", valid_from="2024", valid_to="")
    store.save_facts({unread.text_hash: [fact]}, extractor="x", usage=Usage())
    [row] = rows(store, "facts")
    assert (row["subject"], row["predicate"], row["object"]) == ("Otto Brandt", "leads", "Norvik")
    assert (row["valid_from"], row["valid_to"], row["passage_id"]) == ("2024", None, unread.passage_id)
    assert rows(store, "facts", OWNER, "NORVIK") == [row]
    assert rows(store, "facts", OWNER, "Adler") == []


def test_a_scope_counts_only_what_it_sees(store: Store) -> None:
    add(store, "open.txt", "Otto Brandt signed.", title="Open")
    add(store, "secret.txt", "Otto Brandt and Mara Vell argued.", title="Secret", access="board")
    for name in NAMES:
        seen = rows(store, name, PUBLIC)
        assert not any(
            "secret" in str(value).casefold() or "Vell" in str(value) for row in seen for value in row.values()
        )
        assert len(rows(store, name, Scope.of("board"))) == len(rows(store, name))
    [brandt] = [row for row in rows(store, "entities", PUBLIC) if row["entity"] == "Otto Brandt"]
    assert (brandt["mentions"], brandt["documents"]) == (1, 1)
    assert rows(store, "passages", PUBLIC, "argued") == []


def test_a_removed_document_is_in_no_view(store: Store) -> None:
    add(store, "a.txt", "Otto Brandt signed.", title="A")
    store.remove(["a.txt"], OWNER)
    assert [rows(store, name) for name in NAMES] == [[]] * len(NAMES)
