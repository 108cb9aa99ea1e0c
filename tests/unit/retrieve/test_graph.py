"""The graph leads to what the question's words do not reach, within the scope, with bounded work, and says why."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.app.corpus import build_store
from gezhi.evaluate import CorpusEntry
from gezhi.retrieve import ByGraph, ByWords, Retrieval
from gezhi.retrieve.graph.candidates import Stage, gather
from gezhi.retrieve.graph.features import NAMES, features
from gezhi.retrieve.graph.ranker import ranker
from gezhi.retrieve.graph.walk import walk
from gezhi.store.protocol import Store
from gezhi.store.sqlite import open_sqlite
from gezhi.types import Filters, Query, Scope

OWNER = Scope.owner()
TEXTS = {
    "The Silver Harbour": "The Silver Harbour is a film of 1987. It was directed by Mirela Toska.",
    "Mirela Toska": "Mirela Toska (born 1949) grew up in Brusno and trained as an engineer.",
    "Brusno": "Brusno is a village of nine hundred people on the river Hron.",
    "Golden Harbour": "Golden Harbour is a film of 1990. It was directed by Jon Palsson and is set in a harbour.",
    "Film festivals": "The director of a festival chooses a film. Where the director was born is no matter.",
    "银港": "《银港》是一九八七年的影片，导演是托斯卡娅。",
    "托斯卡娅": "托斯卡娅出生于布鲁斯诺，早年学习工程。",
    "电影节": "电影节的导演论坛讨论影片的出生与发行。",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("graph")
    fill = {f"Filler {n}": f"The film club met in town {n} and spoke about the weather." for n in range(40)}
    entries = [CorpusEntry(id=title, title=title, text=text) for title, text in {**TEXTS, **fill}.items()]
    build_store(folder, entries, None)
    return open_sqlite(folder)


def found(store: Store, question: str, *names: str, limit: int = 10, filters: Filters | None = None) -> list[str]:
    retrieval = Retrieval([ByWords(store)], ByGraph(store))
    query = Query(text=question, scope=OWNER, limit=limit, filters=filters or Filters())
    return [one.title for one in retrieval.retrieve(query, names or None)]


@pytest.mark.parametrize(
    ("question", "second"),
    [
        ("Where was the director of The Silver Harbour born?", "Mirela Toska"),
        ("《银港》的导演在哪里出生？", "托斯卡娅"),
    ],
)
def test_the_second_passage_is_found_by_the_name_in_the_first(store: Store, question: str, second: str) -> None:
    with_graph = found(store, question, limit=3)
    assert second in with_graph[:2]
    assert found(store, question, "words", limit=20).index(second) >= with_graph.index(second)


def test_it_says_by_which_names(store: Store) -> None:
    retrieval = Retrieval([ByWords(store)], ByGraph(store))
    query = Query(text="Where was the director of The Silver Harbour born?", scope=OWNER, limit=5)
    evidence = {one.title: one for one in retrieval.retrieve(query)}
    connections = evidence["Mirela Toska"].connections
    first = evidence["The Silver Harbour"].passage.id
    assert ("Mirela Toska", first) in [(one.entity, one.passage_id) for one in connections]
    assert "graph" in {one.retriever for one in evidence["Mirela Toska"].found_by}
    assert not any(one.connections for one in retrieval.retrieve(query, ["words"]))


def test_filters_hold_along_the_walk(store: Store) -> None:
    only = frozenset(one.id for one in store.documents(OWNER) if "Toska" not in one.title)
    titles = found(store, "Where was the director of The Silver Harbour born?", filters=Filters(documents=only))
    assert "Mirela Toska" not in titles and "The Silver Harbour" in titles


def test_one_passage_that_answers_stays_first(store: Store) -> None:
    assert found(store, "Who lives in the village of Brusno on the river Hron?")[0] == "Brusno"
    assert found(store, "zebra quagga okapi") == []
    assert set(found(store, "harbour", "words")) <= set(found(store, "harbour", limit=50))


def test_work_is_bounded_by_hubs_and_frontier(store: Store) -> None:
    view = store.graph(OWNER, Filters())
    positions, masses = walk(view, dict.fromkeys(range(len(view.graph.names)), 1.0), {})
    assert 0 < masses.sum() <= 1
    assert positions.tolist() == sorted(set(positions.tolist()))
    assert walk(view, {}, {})[0].size == 0


def test_features_keep_to_their_scale(store: Store) -> None:
    view = store.graph(OWNER, Filters())
    for question in ("Where was the director of The Silver Harbour born?", "x", "布鲁斯诺在哪里？"):
        first = {position: float(score) for position, score in enumerate(range(5, 0, -1))}
        pool = gather(store, view, question, first)
        table = features(pool, question, {}, None, Stage.of(first))
        assert table.shape == (len(pool.positions), len(NAMES))
        assert np.isfinite(table).all() and table.min() >= 0 and table.max() <= 1.0001


@pytest.mark.parametrize("variant", ["words", "words,meaning"])
@given(st.lists(st.floats(0, 1, width=32), min_size=len(NAMES), max_size=len(NAMES)))
def test_the_ranker_scores_by_its_trees_as_written(variant: str, row: list[float]) -> None:
    """Each tree followed by hand from the file gives the same as all of them at once."""
    stored = json.loads((files("gezhi.retrieve.graph") / "ranker.json").read_text("utf-8"))["variants"][variant]
    total = stored["base"]
    for tree in stored["trees"]:
        at = 0
        while tree["feature"][at] >= 0:
            goes_left = row[tree["feature"][at]] <= tree["threshold"][at]
            at = (tree["left"] if goes_left else tree["right"])[at]
        total += tree["value"][at]
    linear = stored["logistic"]
    logit = linear["intercept"] + sum(
        weight * (value - mean) / scale
        for weight, value, mean, scale in zip(linear["weights"], row, linear["mean"], linear["scale"], strict=True)
    )
    expected = (total + logit) / 2 + stored["first_stage"] * row[NAMES.index("first")]
    table = np.array([row, row], np.float32)
    assert ranker(variant).scores(table) == pytest.approx([expected] * 2, abs=1e-3)


def test_the_ranker_comes_with_its_card() -> None:
    card = json.loads((files("gezhi.retrieve.graph") / "ranker.json").read_text("utf-8"))["card"]
    assert {"data", "licences", "date", "figures"} <= set(card)
