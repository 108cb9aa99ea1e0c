"""The sheets' gold answers are what the sheets say, and an answer is judged by them as a reader would."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[3] / "evals" / "sheets"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"office_sheets_{name}", FOLDER / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


QUESTIONS = [json.loads(line) for line in (FOLDER / "questions.jsonl").read_text("utf-8").splitlines()]


def test_gold_is_what_the_sheets_say() -> None:
    reference = load("reference")
    stale = [one["id"] for one in QUESTIONS if one["how"] and one["gold"] != reference.gold(one)]
    assert stale == []


def test_half_of_the_questions_are_in_each_language() -> None:
    assert len(QUESTIONS) == 120
    assert sum(one["lang"] == "en" for one in QUESTIONS) == 60
    assert all((one["kind"] == "unanswerable") == (not one["how"]) for one in QUESTIONS)


@pytest.mark.parametrize(
    ("rows", "gold", "right"),
    [
        ([(13,)], [[[13]]], True),
        ([(13, "Winter Shelter")], [[[13]]], True),
        ([(13, "a", "b", "c")], [[[13]]], False),
        ([("Kofi", 39.3), ("Ines", 33.857)], [[["Kofi"]], [["Ines", 33.857143], ["Kofi", 39.3]]], True),
        ([("Kofi",), ("Ines",)], [[["Kofi"]]], False),
        ([("2024-05", 10)], [[[["2024-05", 5], 10]]], True),
        ([(0.29,)], [[[0.294118]], [[29.411765]]], True),
        ([(28.57,)], [[[0.294118]], [[29.411765]]], False),
    ],
)
def test_results_are_judged_by_their_cells(
    rows: list[tuple[object, ...]], gold: list[list[list[object]]], right: bool
) -> None:
    run = load("run")
    assert any(run.same(rows, one) for one in gold) is right
