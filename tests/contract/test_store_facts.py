"""Facts live and die with the passages that state them, and a scope sees only its own part."""

from __future__ import annotations

import sqlalchemy as sa
from contract_material import NO_FILTER, OWNER, Opener, add

from gezhi.store import Store, text_hash
from gezhi.types import Filters, Scope, Usage
from gezhi.types.facts import Fact, StatedFact

NORVIK = "Norvik Ltd was founded in Bergen by Anna Berg."
FOUNDED = StatedFact(subject="Norvik Ltd", predicate="founded by", object="Anna Berg")
PLACE = StatedFact(subject="Norvik Ltd", predicate="Founded In", object="Bergen", valid_from="1999")


def read(store: Store, *facts: StatedFact, holding: str = "Norvik", extractor: str = "test") -> None:
    texts = [one for one in store.texts_to_read(extractor, NO_FILTER) if holding in one.text]
    assert texts
    store.save_facts({one.text_hash: facts for one in texts}, extractor=extractor, usage=Usage())


def said(facts: list[Fact]) -> list[str]:
    return sorted(str(fact) for fact in facts)


def test_what_a_passage_states_is_found_from_both_ends(store: Store) -> None:
    document = add(store, "a.txt", NORVIK)
    read(store, FOUNDED, PLACE)
    by_object = store.facts(OWNER, NO_FILTER, name="anna berg")
    assert said(by_object) == ["Norvik Ltd — founded by — Anna Berg"]
    assert by_object[0].passages == (f"{document.id}:0",)
    place = store.facts(OWNER, NO_FILTER, name="Bergen")[0]
    assert (place.predicate, place.valid_from) == ("founded in", "1999")
    assert len(store.facts(OWNER, NO_FILTER, subjects=["NORVIK LTD"])) == 2
    assert len(store.facts(OWNER, NO_FILTER, passage_ids=[f"{document.id}:0"])) == 2
    assert store.facts(OWNER, NO_FILTER, passage_ids=["nothing:0", "nonsense"]) == []
    assert store.texts_to_read("test", NO_FILTER) == []
    assert len(store.texts_to_read("another", NO_FILTER)) == 1


def test_a_fact_that_two_documents_state_survives_one(store: Store) -> None:
    add(store, "a.txt", NORVIK)
    other = add(store, "b.txt", f"{NORVIK} It makes pumps.")
    read(store, FOUNDED)
    assert len(store.facts(OWNER, NO_FILTER)[0].passages) == 2
    store.remove(["a.txt"], OWNER)
    assert store.facts(OWNER, NO_FILTER)[0].passages == (f"{other.id}:0",)
    store.remove(["b.txt"], OWNER)
    assert store.facts(OWNER, NO_FILTER) == []
    assert rows(store, "facts") == rows(store, "fact_statements") == rows(store, "extractions") == 0
    assert rows(store, "entities") == 0


def test_a_text_that_comes_back_is_not_read_again(store: Store) -> None:
    add(store, "a.txt", NORVIK)
    read(store, FOUNDED)
    add(store, "a.txt", NORVIK, "A second line is new.")
    assert [one.text for one in store.texts_to_read("test", NO_FILTER)] == ["A second line is new."]
    assert said(store.facts(OWNER, NO_FILTER)) == ["Norvik Ltd — founded by — Anna Berg"]


def test_reading_again_replaces_what_the_extractor_said(store: Store) -> None:
    add(store, "a.txt", NORVIK)
    read(store, FOUNDED, PLACE)
    read(store, StatedFact(subject="Anna Berg", predicate="lives in", object="Oslo"), extractor="other")
    kept = store.texts_to_read("none", NO_FILTER)[0].text_hash
    store.save_facts({kept: [PLACE]}, extractor="test", usage=Usage())
    assert said(store.facts(OWNER, NO_FILTER)) == ["Anna Berg — lives in — Oslo", "Norvik Ltd — founded in — Bergen"]
    store.save_facts({kept: []}, extractor="other", usage=Usage())
    assert said(store.facts(OWNER, NO_FILTER)) == ["Norvik Ltd — founded in — Bergen"]
    assert "Oslo" not in labels(store)


def test_a_changed_document_states_only_what_it_now_says(store: Store) -> None:
    add(store, "a.txt", NORVIK)
    read(store, FOUNDED)
    add(store, "a.txt", "It was sold.")
    assert store.facts(OWNER, NO_FILTER) == []
    assert rows(store, "extractions") == 0


def test_what_was_removed_while_it_was_read_is_not_kept(store: Store) -> None:
    add(store, "a.txt", NORVIK)
    store.save_facts({text_hash("elsewhere"): [FOUNDED]}, extractor="test", usage=Usage())
    assert rows(store, "extractions") == rows(store, "entities") - rows_named_by_text(store) == 0


def test_hidden_statements_do_not_count(store: Store) -> None:
    add(store, "open.txt", NORVIK)
    secret = add(store, "secret.txt", f"Secret. {NORVIK}", access="board")
    read(store, FOUNDED)
    read(store, PLACE, holding="Secret", extractor="other")
    everyone = store.facts(Scope(), NO_FILTER)
    assert said(everyone) == ["Norvik Ltd — founded by — Anna Berg"]
    assert len(everyone[0].passages) == 1
    board = store.facts(Scope.of("board"), NO_FILTER)
    assert len(board) == 2
    assert f"{secret.id}:0" in board[0].passages
    assert store.facts(Scope(), NO_FILTER, passage_ids=[f"{secret.id}:0"]) == []
    assert len(store.facts(OWNER, Filters(source_prefix="secret"))) == 2


def test_facts_link_passages_in_the_graph(opener: Opener) -> None:
    store = opener()
    first = add(store, "a.txt", "the widget maker of the north is run by a woman from Leeds.")
    second = add(store, "b.txt", "our widget maker sells to schools.")
    assert "widget maker" not in store.graph(OWNER, NO_FILTER).graph.numbers
    read(store, StatedFact(subject="widget maker", predicate="run by", object="woman"), holding="Leeds")
    read(store, StatedFact(subject="widget maker", predicate="sells to", object="schools"), holding="schools")
    for one in (store, opener()):
        view = one.graph(OWNER, NO_FILTER)
        number = view.graph.numbers["widget maker"]
        assert sorted(view.passages_of(number).tolist()) == sorted(view.positions([f"{first.id}:0", f"{second.id}:0"]))


def rows(store: Store, table: str) -> int:
    with store.database.read() as connection:  # type: ignore[attr-defined]
        return int(connection.execute(sa.text(f"select count(*) from {table}")).scalar_one())


def rows_named_by_text(store: Store) -> int:
    with store.database.read() as connection:  # type: ignore[attr-defined]
        query = (
            "select count(*) from entities where key in (select entity from mentions union select entity from titles)"
        )
        return int(connection.execute(sa.text(query)).scalar_one())


def labels(store: Store) -> set[str]:
    with store.database.read() as connection:  # type: ignore[attr-defined]
        return set(connection.execute(sa.text("select label from entities")).scalars())


def test_an_extractor_can_be_forgotten(store: Store) -> None:
    add(store, "a.txt", NORVIK)
    read(store, FOUNDED)
    read(store, FOUNDED, PLACE, extractor="other")
    assert store.extractors() == {"other": 1, "test": 1}
    assert store.forget_facts("other") == 1
    assert said(store.facts(OWNER, NO_FILTER)) == ["Norvik Ltd — founded by — Anna Berg"]
    assert (store.forget_facts("test"), store.forget_facts("test")) == (1, 0)
    assert store.facts(OWNER, NO_FILTER) == []
