import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.app.config import Config
from gezhi.app.judging import choose_judge, evaluate_judges
from gezhi.evaluate.judges import JudgedPair, Judgement, agreement, choose_threshold, judge_pairs, load_pairs
from gezhi.evaluate.judges.agreement import auc, balanced_accuracy, even_lengths, ranks, spearman
from gezhi.evaluate.statistics import bootstrap_groups
from gezhi.llm.scripted import HashEmbedder, ScriptedChat
from gezhi.types import InvalidInput, ModelFailed, ModelUnavailable


class Known:
    """Scores by a list; None fails."""

    name = "known-1"
    threshold = 0.5

    def __init__(self, scores: Sequence[float | None]) -> None:
        self.scores = list(scores)

    def support(self, claim: str, evidence: Sequence[str], *, question: str = "") -> Judgement:
        del evidence, question
        score = self.scores[int(claim)]
        if score is None:
            raise ModelFailed("nothing came")
        return Judgement(score=score)

    def relevancy(self, question: str, answer: str) -> Judgement:
        raise NotImplementedError


def pairs(labels: Sequence[bool], ratings: Sequence[float] | None = None) -> list[JudgedPair]:
    rated = ratings or [None] * len(labels)
    return [
        JudgedPair(
            id=str(at),
            group=str(at),
            claim=str(at),
            evidence=("e",),
            label=label,
            ratings=None if r is None else dict.fromkeys(("faithfulness", "completeness", "appropriateness"), r),
        )
        for at, (label, r) in enumerate(zip(labels, rated, strict=True))
    ]


def test_figures_by_hand() -> None:
    labels = np.array([True, True, False, False])
    scores = np.array([0.9, 0.4, 0.4, 0.1])
    assert auc(labels, scores) == (1 + 1 + 0.5 + 1) / 4
    assert balanced_accuracy(labels, scores >= 0.5) == (0.5 + 1.0) / 2
    assert list(ranks(np.array([3.0, 1.0, 3.0]))) == [2.5, 1.0, 2.5]
    assert spearman(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 25.0])) == pytest.approx(1.0)
    assert spearman(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])) == pytest.approx(-1.0)
    assert np.isnan(spearman(np.array([1.0, 2.0]), np.array([1.0, 1.0])))
    assert np.isnan(auc(np.array([True]), np.array([1.0])))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=30))
def test_auc_is_the_share_of_pairs_in_order(items: list[tuple[bool, int]]) -> None:
    labels, scores = np.array([a for a, _ in items]), np.array([float(b) for _, b in items])
    won = [(p > n) + (p == n) / 2 for p in scores[labels] for n in scores[~labels]]
    found = auc(labels, scores)
    assert (np.isnan(found) and not won) or found == pytest.approx(sum(won) / len(won))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=2, max_size=30))
def test_no_threshold_is_better_than_the_chosen_one(items: list[tuple[bool, int]]) -> None:
    labels, scores = np.array([a for a, _ in items]), np.array([b / 9 for _, b in items])
    if labels.all() or not labels.any():
        return
    chosen = balanced_accuracy(labels, scores >= choose_threshold(labels, scores))
    assert chosen >= max(balanced_accuracy(labels, scores >= t / 18) for t in range(20)) - 1e-9


def test_a_failed_judgement_counts_as_wrong_whatever_its_label() -> None:
    labels = [True, True, False, False]
    perfect = agreement(judge_pairs(Known([0.9, 0.8, 0.2, 0.1]), pairs(labels)), 0.5)
    assert (perfect["balanced_accuracy"], perfect["auc"], perfect["errors"]) == (1.0, 1.0, 0)
    for failing in ([None, 0.8, 0.2, 0.1], [0.9, 0.8, None, 0.1]):
        figures = agreement(judge_pairs(Known(failing), pairs(labels)), 0.5)
        assert figures["balanced_accuracy"] == 0.75
        assert figures["auc"] == 0.5
        assert figures["errors"] == 1
        assert figures["pairs"] == 4


def test_ratings_give_rank_correlations() -> None:
    rated = pairs([True, True, False], [4.0, 3.0, 1.0])
    figures = agreement(judge_pairs(Known([0.9, 0.7, 0.2]), rated), 0.5)
    assert figures["spearman_faithfulness"] == 1.0
    low, high = figures["spearman_faithfulness_interval"]
    assert low <= 1.0 <= high


def test_even_lengths_take_the_length_away() -> None:
    lengths = [10] * 8 + [100] * 8
    labels = np.array([True] * 7 + [False] + [True] + [False] * 7)
    by_length = -np.array(lengths, dtype=float)
    assert auc(labels, by_length) > 0.85
    assert auc(labels, by_length, even_lengths(lengths, labels, bins=2)) == pytest.approx(0.5)


def test_groups_are_drawn_whole() -> None:
    groups = ["a"] * 50 + ["b"] * 50
    values = np.array([0.0] * 50 + [1.0] * 50)
    assert bootstrap_groups(groups, lambda at: float(values[at].mean())) == (0.0, 1.0)
    alone = bootstrap_groups(list(range(100)), lambda at: float(values[at].mean()))
    assert 0.38 < alone[0] < 0.45 and 0.55 < alone[1] < 0.62


def write(folder: Path, name: str, rows: Sequence[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Small sets in the forms that the readers know, made by hand."""
    items = [(f"h-{at}", f"Pump {at} was built in {1950 + at} by Marlow Works.", 1950 + at) for at in range(40)]
    rows = [
        {
            "id": f"{name}-{wrong}",
            "question": "When was the pump built?",
            "context": text,
            "response": f"It was built in {year + 500 * wrong}.",
            "label_hallucinated": wrong,
        }
        for name, text, year in items
        for wrong in (0, 1)
    ]
    write(tmp_path / "halueval_qa", "labels.jsonl", rows)
    votes = {"a": {"value": "4"}, "b": {"value": "3"}}
    annotations = dict.fromkeys(("faithfulness", "completeness", "appropriateness"), votes)
    low = {name: {"a": {"value": "1"}} for name in annotations}
    talks = [
        {
            "id": f"talk{at}<::>1|m",
            "question": "When was it built?",
            "contexts": [{"id": "c", "text": "The pump was built in 1998."}] if at else [],
            "response": "It was built in 1998." if at % 2 else "The museum opens at nine.",
            "annotations": annotations if at % 2 else low,
        }
        for at in range(5)
    ]
    write(tmp_path / "mtrag_human_eval", "labels.jsonl", talks)
    write(tmp_path / "climate_fever", "corpus.jsonl", [{"id": "s1", "title": "Ice", "text": "Ice melts."}])
    question = {"id": "c1", "question": "Ice melts.", "meta": {"evidence": {"s1": "SUPPORTS"}}}
    write(tmp_path / "climate_fever", "questions.jsonl", [question])
    marks = [
        {"keyword": "大桥", "hallucinated": False},
        {"keyword": "2300米", "hallucinated": True},
    ]
    report = {
        "id": "u1",
        "headline": "大桥通车",
        "context": "大桥全长1500米。",
        "truth": "大桥由东方公司承建。",
        "response": "大桥由东方公司承建，全长2300米，据悉。",
        "keyword_labels": marks,
    }
    write(tmp_path / "uhgeval_concise", "labels.jsonl", [report])
    return tmp_path


def test_the_readers(data: Path) -> None:
    halueval = load_pairs(data, "halueval_qa")
    assert [pair.label for pair in halueval[:2]] == [True, False]
    assert halueval[0].group == halueval[1].group == "h-0"
    assert 5 < sum(pair.train for pair in halueval) < 75
    talks = load_pairs(data, "mtrag_human_eval")
    assert len(talks) == 4, "a turn without passages has nothing to be judged by"
    assert talks[0].ratings == dict.fromkeys(("faithfulness", "completeness", "appropriateness"), 3.5)
    assert [pair.label for pair in talks] == [True, False, True, False]
    assert load_pairs(data, "climate_fever")[0].evidence == ("Ice\nIce melts.",)
    clauses = load_pairs(data, "uhgeval_concise")
    assert [(pair.claim, pair.label) for pair in clauses] == [("大桥由东方公司承建", True), ("全长2300米", False)]


def test_a_set_in_another_form_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "halueval_qa", "labels.jsonl", [{"id": "x"}])
    with pytest.raises(InvalidInput, match="expected form"):
        load_pairs(tmp_path, "halueval_qa")
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_pairs(tmp_path, "scifact")
    with pytest.raises(InvalidInput, match="no reader"):
        load_pairs(tmp_path, "other")


def test_judges_are_evaluated_on_what_is_there(data: Path, tmp_path: Path) -> None:
    config = Config(home=tmp_path)
    stages: list[tuple[str, int, int]] = []
    found = evaluate_judges(
        data, ["words"], config=config, chat=None, embedder=None, on_progress=lambda *step: stages.append(step)
    )
    assert found["skipped"] == ["scifact"]
    by_set = {entry["set"]: entry for entry in found["figures"]}
    halueval = by_set["halueval_qa"]
    assert halueval["pairs"] == sum(not pair.train for pair in load_pairs(data, "halueval_qa"))
    assert halueval["balanced_accuracy"] == halueval["auc"] == 1.0
    assert by_set["mtrag_human_eval"]["spearman_faithfulness"] > 0.5
    assert "relevancy_spearman_completeness" in by_set["mtrag_human_eval"]
    assert by_set["climate_fever"]["auc"] is None, "one label only"
    assert stages[-1][1] == stages[-1][2]
    json.dumps(found)


def test_a_limit_takes_the_same_pairs_each_time(data: Path, tmp_path: Path) -> None:
    chat = ScriptedChat(lambda _: "garbage")
    figures = evaluate_judges(
        data, ["model"], 12, sets=["halueval_qa"], config=Config(home=tmp_path), chat=chat, embedder=None
    )["figures"]
    assert (figures[0]["pairs"], figures[0]["errors"], figures[0]["balanced_accuracy"]) == (12, 12, 0.0)
    first = [request.messages for request in chat.requests]
    evaluate_judges(data, ["model"], 12, sets=["halueval_qa"], config=Config(home=tmp_path), chat=chat, embedder=None)
    assert [request.messages for request in chat.requests[12:]] == first


def test_judges_by_name(tmp_path: Path) -> None:
    config = Config(home=tmp_path)
    assert choose_judge("rules", config, None, None).name.endswith("-words")
    assert choose_judge("rules", config, None, HashEmbedder()).name.endswith("-words"), "its cosines are not known"
    assert choose_judge("model", config, ScriptedChat([]), None).name.startswith("model-scripted")
    with pytest.raises(ModelUnavailable, match="needs a chat model"):
        choose_judge("model", config, None, None)
    with pytest.raises(InvalidInput, match="no judge"):
        choose_judge("oracle", config, None, None)
    with pytest.raises(InvalidInput, match="None of the labelled sets"):
        evaluate_judges(tmp_path / "empty", config=config, chat=None, embedder=None)
