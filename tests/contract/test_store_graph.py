"""Entities and mentions live and die with the passages that name them, and a scope sees only its own part."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from contract_material import NO_FILTER, OWNER, Opener, add

from gezhi.retrieve import ByGraph, ByWords, Retrieval
from gezhi.store import Store
from gezhi.store.memory.graph import GraphView
from gezhi.store.sqlite import open_sqlite
from gezhi.types import Filters, Query, Scope

LEEDS = "Anna Berg studied at the University of Leeds before she joined Norvik Ltd."
NORVIK = "Norvik Ltd was founded in Bergen by Anna Berg."


def named(view: GraphView, source_position: int) -> set[str]:
    return {view.graph.labels[entity] for entity in view.entities_of(source_position).tolist()}


def test_passages_that_name_the_same_are_linked(store: Store) -> None:
    first, second = add(store, "a.txt", LEEDS), add(store, "b.txt", NORVIK)
    view = store.graph(OWNER, NO_FILTER)
    at = view.positions([f"{first.id}:0", f"{second.id}:0", "none:0"])
    assert at[2] == -1
    assert {"Anna Berg", "Norvik Ltd"} <= named(view, at[0]) & named(view, at[1])
    assert "University of Leeds" not in named(view, at[0]), "one passage alone links nothing"
    anna = view.graph.numbers["anna berg"]
    assert sorted(view.passages_of(anna).tolist()) == sorted(at[:2])
    assert view.link("Where did Anna Berg study?") == [anna]


def test_a_name_inside_a_longer_name_counts(store: Store) -> None:
    add(store, "a.txt", "President Maria Keller opened the bridge.")
    add(store, "b.txt", "Maria Keller was born in Graz.")
    add(store, "c.txt", "The film shows Maria Keller in Graz.")
    view = store.graph(OWNER, NO_FILTER)
    assert view.frequencies[view.graph.numbers["maria keller"]] == 3


def test_a_telling_kind_replaces_a_vague_one(store: Store) -> None:
    add(store, "a.txt", "主要支流 | 寨蒿河泵业 | 好")
    add(store, "b.txt", "寨蒿河泵业 | 42 | 好")
    view = store.graph(OWNER, NO_FILTER)
    number = view.graph.numbers["寨 蒿 河 泵 业"]
    assert view.graph.types[number] == "field"
    add(store, "c.txt", "我们在《寨蒿河泵业》一书中读到。")
    view = store.graph(OWNER, NO_FILTER)
    assert view.graph.types[view.graph.numbers["寨 蒿 河 泵 业"]] == "work"
    add(store, "d.txt", "寨蒿河泵业 | 43 | 好")
    view = store.graph(OWNER, NO_FILTER)
    assert view.graph.types[view.graph.numbers["寨 蒿 河 泵 业"]] == "work"


def test_what_is_hidden_neither_counts_nor_connects(store: Store) -> None:
    open_, secret = add(store, "a.txt", LEEDS), add(store, "s.txt", NORVIK, access="board")
    add(store, "c.txt", "Norvik Ltd pays on Fridays.")
    everyone, board = store.graph(Scope(), NO_FILTER), store.graph(Scope.of("board"), NO_FILTER)
    number = board.graph.numbers["norvik ltd"]
    assert (everyone.frequencies[number], board.frequencies[number]) == (2, 3)
    assert everyone.positions([f"{secret.id}:0"]) == [-1]
    assert everyone.size == 2
    anna = board.graph.numbers["anna berg"]
    assert everyone.passages_of(anna).size == 1
    assert everyone.positions([f"{open_.id}:0"])[0] in everyone.passages_of(anna).tolist()
    narrowed = store.graph(OWNER, Filters(source_prefix="a"))
    assert narrowed.frequencies[number] == 1


def test_what_only_a_removed_document_named_is_gone(opener: Opener) -> None:
    store = opener()
    add(store, "a.txt", LEEDS)
    add(store, "b.txt", NORVIK)
    assert "University of Leeds" in labels(store)
    store.graph(OWNER, NO_FILTER)
    store.remove(["a.txt"], OWNER)
    assert "University of Leeds" not in labels(store)
    assert {"Anna Berg", "Norvik Ltd", "Bergen"} <= labels(store), "another document names them"
    assert dict(store.graph(OWNER, NO_FILTER).graph.numbers) == {}
    store.remove(["b.txt"], OWNER)
    assert labels(store) == set()
    assert labels(opener()) == set()


def test_a_changed_document_names_what_it_now_says(store: Store) -> None:
    add(store, "a.txt", LEEDS)
    add(store, "a.txt", "now it names nobody at all.")
    assert labels(store) == set()


def test_chinese_names_and_titles_link_too(store: Store) -> None:
    first = add(store, "a.txt", "王小明毕业于上海交通大学。")
    second = add(store, "b.txt", "上海交通大学位于上海。")
    view = store.graph(OWNER, NO_FILTER)
    at = view.positions([f"{first.id}:0", f"{second.id}:0"])
    assert "上海交通大学" in named(view, at[0]) & named(view, at[1])
    assert [view.graph.labels[entity] for entity in view.link("谁毕业于上海交通大学？")] == ["上海交通大学"]


def test_terms_are_weighed_at_positions(store: Store) -> None:
    first, second = add(store, "a.txt", LEEDS), add(store, "b.txt", NORVIK)
    view = store.graph(OWNER, NO_FILTER)
    at = view.positions([f"{first.id}:0", f"{second.id}:0"])
    terms = store.weigh_terms("Leeds Bergen", view, at)
    found = {term: (terms.weights[number] > 0).tolist() for number, term in enumerate(terms.terms)}
    assert sorted(found.values()) == [[False, True], [True, False]]
    bm25 = {hit.source: hit.score for hit in store.search_words("Leeds Bergen", OWNER, NO_FILTER, 5)}
    assert abs(float(terms.weights[:, 0].sum()) - bm25["a.txt"]) < 1e-5


def labels(store: Store) -> set[str]:
    with store.database.read() as connection:  # type: ignore[attr-defined]
        return set(connection.execute(sa.text("select label from entities")).scalars())


def test_another_name_that_a_document_gives_links_to_the_name(store: Store) -> None:
    first = add(store, "a.txt", "He studied at Beijing Institute of Technology (BIT).")
    second = add(store, "b.txt", "Students of BIT built a rocket.")
    third = add(store, "c.txt", "The campus of Beijing Institute of Technology is large.")
    view = store.graph(OWNER, NO_FILTER)
    institute = view.graph.numbers["beijing institute of technology"]
    at = view.positions([f"{one.id}:0" for one in (first, second, third)])
    assert sorted(view.passages_of(institute).tolist()) == sorted(at)
    assert institute in view.link("Who founded BIT?")
    store.remove(["a.txt"], OWNER)
    view = store.graph(OWNER, NO_FILTER)
    assert view.graph.meant == {}, "nothing says any more what it stands for"


def test_names_of_two_languages_are_one_where_a_document_says_so(store: Store) -> None:
    add(store, "a.txt", "苏州华辰泵业（Suzhou Huachen Pumps）生产水泵。")
    english = add(store, "b.txt", "Suzhou Huachen Pumps opened a plant in Leeds.")
    view = store.graph(OWNER, NO_FILTER)
    assert view.positions([f"{english.id}:0"])[0] in view.passages_of(view.graph.numbers[KEY]).tolist()


KEY = "苏 州 华 辰 泵 业"


def test_what_stands_for_two_things_is_not_resolved(store: Store) -> None:
    add(store, "a.txt", "The Beijing Institute of Technology (BIT) is old.")
    add(store, "b.txt", "The Basel Institute of Trade (BIT) is new.")
    third = add(store, "c.txt", "Students of BIT built a rocket.")
    view = store.graph(OWNER, NO_FILTER)
    assert "BIT" in named(view, at := view.positions([f"{third.id}:0"])[0])
    assert not {"Beijing Institute of Technology", "Basel Institute of Trade"} & named(view, at)


def test_a_defined_term_counts_in_its_document_only(store: Store) -> None:
    contract = add(store, "a.txt", 'Harbor Fluid Systems Ltd. (the "Supplier") delivers.', "The Supplier pays.")
    other = add(store, "b.txt", "The Supplier of Norvik Ltd is late.")
    third = add(store, "c.txt", "Harbor Fluid Systems Ltd. is in Hull.")
    view = store.graph(OWNER, NO_FILTER)
    firm = view.passages_of(view.graph.numbers["harbor fluid systems ltd"]).tolist()
    assert sorted(firm) == sorted(view.positions([f"{contract.id}:0", f"{contract.id}:1", f"{third.id}:0"]))
    assert view.positions([f"{other.id}:0"])[0] not in firm


def test_a_hidden_document_resolves_nothing_for_others(store: Store) -> None:
    add(store, "s.txt", "The Beijing Institute of Technology (BIT) is old.", access="board")
    add(store, "b.txt", "Students of BIT built a rocket.")
    third = add(store, "c.txt", "The campus of the Beijing Institute of Technology is large.")
    view = store.graph(Scope(), NO_FILTER)
    institute = view.graph.numbers["beijing institute of technology"]
    assert view.passages_of(institute).tolist() == view.positions([f"{third.id}:0"])
    assert institute not in view.link("Who founded BIT?")


def test_removed_documents_leave_the_ranking_of_a_store_that_never_had_them(opener: Opener, tmp_path: Path) -> None:
    """Ten of forty, in both languages; names of theirs are inside names of others, and stand for others."""
    texts = {f"d{number:02}.txt": _told(number) for number in range(40)}
    gone = sorted(texts)[::4]
    had, never = opener(), open_sqlite(tmp_path / "never")
    for name, text in texts.items():
        add(had, name, *text)
        if name not in gone:
            add(never, name, *text)
    before = _ranked(had)
    for name in gone[:5]:
        had.remove([name], OWNER)
        had.graph(OWNER, NO_FILTER)
    had.remove(gone[5:], OWNER)
    expected = _ranked(never)
    assert before != expected
    assert _ranked(had) == expected, "in the process that saw them go"
    assert _ranked(opener()) == expected, "and opened again"
    for name in gone:
        for text in (*texts[name], f"Norvik Works {int(name[1:3])}", f"银河{int(name[1:3])}号计划"):
            assert had.traces_of_text(text) == {}, text
    never.close()


def _told(number: int) -> tuple[str, ...]:
    """Names that only this document says, and some that a few share."""
    shared = f"Harbour Museum {number % 7}"
    return (
        f"Norvik Works {number} sold the {shared} to President Maria Keller in {1900 + number}.",
        f"《银河{number}号计划》由上海交通大学第{number % 5}研究所和苏州华辰泵业有限公司完成。",
        f"The Bergen Institute of Trade {number % 3} (BIT) praised Maria Keller and the Old {shared} on page {number}.",
    )


def _ranked(store: Store) -> list[list[tuple[str, float]]]:
    """By words and graph. Equal scores are told apart by when a document was stored, which removals do not change."""
    retrieval = Retrieval([ByWords(store)], ByGraph(store))
    questions = (
        "Who bought the Harbour Museum 3 from Norvik Works 4?",
        "What did BIT say of President Maria Keller?",
        "《银河8号计划》的研究所和谁合作？",
        "上海交通大学有哪些计划？",
    )
    return [
        [(one.passage.id, round(one.score, 6)) for one in retrieval.retrieve(Query(text=text, scope=scope, limit=40))]
        for text in questions
        for scope in (OWNER, Scope())
    ]
