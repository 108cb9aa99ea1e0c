"""Data sets and runs: versions never change, what a removed document said goes, scores stay."""

from __future__ import annotations

import pytest
from contract_material import OWNER, PUBLIC, Opener, add

from gezhi.store import Store
from gezhi.types import DatasetItem, EvaluationResult, EvaluationRun, NotFound, Span, Trace
from gezhi.types.traces import QUOTED


def item(name: str, question: str = "谁？", *documents: str) -> DatasetItem:
    return DatasetItem(id=name, contents={"id": name, "question": question}, documents=documents)


def run(name: str, *, label: str = "", kind: str = "answers") -> EvaluationRun:
    return EvaluationRun(
        id=name,
        kind=kind,
        label=label,
        dataset="golden@1",
        created_at=1.5,
        configuration={"model": "模型", "k": 5},
        summary={"containment": 0.5, "intervals": {"containment": [0.4, 0.6]}},
        questions=2,
        errors=1,
    )


RESULTS = [
    EvaluationResult(item="a", scores={"f1": 0.25}, contents={"text": "答"}),
    EvaluationResult(item="b", scores={}, error="model_failed: no", contents={"text": ""}),
]


def test_the_same_items_are_the_same_version_and_others_make_a_new_one(opener: Opener) -> None:
    store = opener()
    first = store.save_dataset("golden", [item("1"), item("2")], note="first")
    assert store.save_dataset("golden", [item("1"), item("2")]) == first
    second = store.save_dataset("golden", [item("1"), item("2", "何时？")])
    assert (first.version, second.version) == (1, 2)
    assert opener().dataset("golden", 1, OWNER) == (first, [item("1"), item("2")])
    assert opener().dataset("golden", None, OWNER) == (second, [item("1"), item("2", "何时？")])
    assert opener().datasets(OWNER) == [second, first]


def test_a_run_comes_back_as_it_was_saved_and_is_found_by_id_beginning_or_label(opener: Opener) -> None:
    store = opener()
    store.save_run(run("0123456789", label="before"), RESULTS)
    store.save_run(run("9876543210", label="before", kind="retrieval"), [])
    assert opener().run("0123456789", OWNER) == (run("0123456789", label="before"), RESULTS)
    assert store.run("012345", OWNER)[0].id == "0123456789"
    assert store.run("before", OWNER)[0].id == "9876543210"  # the newest of that label
    assert [one.id for one in store.runs(OWNER)] == ["9876543210", "0123456789"]
    assert [one.id for one in store.runs(OWNER, kind="answers")] == ["0123456789"]
    for unknown in ("01", "", "after"):
        with pytest.raises(NotFound):
            store.run(unknown, OWNER)
    store.delete_run("0123456789", OWNER)
    assert [one.id for one in store.runs(OWNER)] == ["9876543210"]


def test_a_restricted_scope_sees_nothing(store: Store) -> None:
    store.save_dataset("golden", [item("1")])
    store.save_run(run("0123456789"), RESULTS)
    assert store.datasets(PUBLIC) == []
    assert store.runs(PUBLIC) == []
    for read in (lambda: store.dataset("golden", None, PUBLIC), lambda: store.run("0123456789", PUBLIC)):
        with pytest.raises(NotFound):
            read()
    with pytest.raises(NotFound):
        store.delete_run("0123456789", PUBLIC)


def test_removing_a_document_erases_its_quotes_everywhere_and_leaves_the_scores(store: Store) -> None:
    secret, other = add(store, "a.txt", "桂花酿的配方是秘密"), add(store, "b.txt", "食堂在二楼")
    kept = item("2", "食堂在哪？", other.id)
    store.save_dataset("golden", [item("1", "桂花酿的配方是秘密吗？", secret.id), kept])
    result = EvaluationResult(
        item="1", scores={"f1": 1.0}, contents={"text": "桂花酿的配方是秘密"}, documents=(secret.id, other.id)
    )
    store.save_run(run("0123456789"), [result])
    quoting = (("gezhi.question", "桂花酿的配方是秘密"), (QUOTED, f"{other.id} {secret.id}"))
    for name, attributes in (("t", quoting), ("u", ((QUOTED, other.id),))):
        span = Span(id=0, parent=None, name="ask", start=1.0, end=2.0, attributes=attributes)
        store.save_trace(Trace(id=name, kind="ask", spans=(span,)), frozenset())
    assert store.traces_of_text("桂花酿的配方是秘密")
    store.remove(["a.txt"], OWNER)
    assert store.traces_of_text("桂花酿的配方是秘密") == {}
    items = store.dataset("golden", 1, OWNER)[1]
    assert [one.contents for one in items] == [None, kept.contents]
    assert [(one.scores, one.contents) for one in store.run("0123456789", OWNER)[1]] == [({"f1": 1.0}, None)]
    assert [trace.id for trace in store.traces(OWNER)] == ["u"]


def test_a_replaced_document_counts_as_gone(store: Store) -> None:
    before = add(store, "a.txt", "旧的价格是五元")
    store.save_dataset("golden", [item("1", "旧的价格？", before.id)])
    add(store, "a.txt", "新的价格是六元")
    assert [one.contents for one in store.dataset("golden", None, OWNER)[1]] == [None]


def test_only_the_newest_traces_are_kept(store: Store) -> None:
    def trace(number: int) -> tuple[Trace, frozenset[str]]:
        span = Span(id=0, parent=None, name="search", start=float(number), end=number + 1.0)
        return Trace(id=f"t{number}", kind="search", spans=(span,)), frozenset()

    store.save_traces([trace(number) for number in range(6)])
    store.save_traces([trace(6)], keep=3)
    assert [one.id for one in store.traces(OWNER)] == ["t6", "t5", "t4"]
    store.save_traces([])
