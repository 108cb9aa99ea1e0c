"""The peers' runner with Gezhi's own adapter: protocol, measuring, table."""

import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PEERS = Path(__file__).parents[3] / "evals" / "peers"
sys.path.insert(0, str(PEERS))
pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the runner reads /proc")

import adapter  # noqa: E402
import measure  # noqa: E402
import run  # noqa: E402
import table  # noqa: E402

TITLES = ["Pump", "Valve", "Harbour", "Ledger", "Turbine", "Membrane", "Reactor", "Terminal"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A set of eight documents, and a cache that holds a vector for every text a peer will ask for."""
    folder = tmp_path / "data" / "small"
    folder.mkdir(parents=True)
    lines = [
        {
            "id": f"d{number}",
            "title": title,
            "text": f"The {title.lower()} was inspected by {'qxzv' * 2}{'abcdefgh'[number]}.",
        }
        for number, title in enumerate(TITLES)
    ]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    questions = [{"id": "q", "question": "Who inspected the valve?", "supporting_ids": ["d1"], "answers": ["x"]}]
    (folder / "questions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in questions), "utf-8")
    generator = np.random.default_rng(0)
    with sqlite3.connect(tmp_path / "vectors.db") as cache:
        cache.execute("CREATE TABLE v (k TEXT PRIMARY KEY, v BLOB)")
        task = run.read_task(tmp_path / "data", "small", None)
        deleted = [task.deleted.title, " ".join(task.words), task.deleted.text[:200]]
        keys = [adapter.key_of(document.content) for document in task.documents]
        keys += ["q" + adapter.key_of(text) for text in [*task.questions, *deleted]]
        for key in keys:
            vector = generator.standard_normal(adapter.DIMENSIONS).astype(np.float32)
            cache.execute("INSERT INTO v VALUES (?, ?)", (key, (vector / np.linalg.norm(vector)).tobytes()))
    cache.close()
    return tmp_path


def trial(data: Path) -> run.Trial:
    task = run.read_task(data / "data", "small", None)
    child = measure.Child(peer="gezhi", python=Path(sys.executable), folder=data / "stores", patience=120.0)
    part = run.Part(data / "parts" / "gezhi.json", run.fingerprint_of("gezhi", task))
    return run.Trial(task, child, part, data / "vectors.db")


def test_gezhi_runs_through_all_stages_and_the_table_shows_them(data: Path) -> None:
    stages = trial(data).run(kills=False)
    assert stages["index"]["missed"] == 0, "a text was embedded that the cache should hold"
    assert stages["index"]["documents"] == len(TITLES) - run.ADDED
    figures = run.summary(run.read_task(data / "data", "small", None), stages)
    assert figures["recall_at_5"] == 1.0
    assert figures["index_peak_mb"] > 20 and figures["disk_mb"] > 0
    deleted = figures["delete"]
    assert all(deleted["words_before"].values()), "the deleted words were never there to be found"
    assert not any(deleted["words_after"].values())
    assert not deleted["still_found"] and not deleted["still_held"] and deleted["others_lost"] == 0
    said = table.markdown({"small": {"gezhi": figures}}, {"gezhi": "Gezhi"})
    assert "| 1.000 |" in said and "words, meaning and graph" in said


def test_a_finished_part_is_not_run_again(data: Path) -> None:
    path = data / "part.json"
    assert run.Part(path, "one").stage("index", lambda: {"a": 1}) == {"a": 1}

    def again() -> Any:
        raise AssertionError("run again")

    assert run.Part(path, "one").stage("index", again) == {"a": 1}
    assert run.Part(path, "other").stage("index", lambda: {"a": 2}) == {"a": 2}


def test_a_document_stands_at_its_best_passage() -> None:
    found = [["a", "a", "b", "c", "d", "e", "f"], ["x"]]
    gold = [frozenset({"e", "f"}), frozenset({"y"})]
    assert run.recalls(found, gold, 5) == [0.5, 0.0]


def test_own_words_stand_in_no_other_document() -> None:
    documents = [
        adapter.Document("a", "", "alphabet turbines membranes"),
        adapter.Document("b", "", "alphabetical turbines harbourmaster extraordinary"),
    ]
    document, words = run.with_own_words(documents)
    assert document.id == "b"
    assert set(words) == {"alphabetical", "harbourmaster", "extraordinary"}


def test_a_limit_keeps_the_gold_documents(data: Path) -> None:
    task = run.read_task(data / "data", "small", 1)
    assert "d1" in {document.id for document in task.documents}


def test_kills_are_told_moment_by_moment() -> None:
    kills = [
        {
            "at": 0.5,
            "late": False,
            "done": 75,
            "kept": 70,
            "half": 0,
            "opens": True,
            "repeated": 3,
            "lost": 0,
            "doubled": 0,
            "partial": 0,
        },
        {"at": 1.0, "late": False, "done": 150, "kept": 0, "opens": False, "error": ["x"], "again": ["ValueError"]},
    ]
    figures = {"kills": kills, "reference": {"contents": dict.fromkeys("abc", 1)}}
    said = "\n".join(table.killed({"gezhi": figures}, {"gezhi": "Gezhi"}))
    assert "70 / does not open of 3" in said
    assert "3 of 75 / –" in said
    assert "ends well / fails" in said
