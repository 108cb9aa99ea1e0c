"""The benchmark goes on where it was stopped, and covers what docs/benchmarks.md shows."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "evals"))

import bench
from bench_steps import Step, full, small
from gezhi.evaluate.results_file import ResultsFile

ROOT = Path(__file__).parents[3]
ELSEWHERE = {
    "peers/run.py": "other systems, each in its own environment",
    "http_load.py": "a server",
    "busy_machine.py": "a model file, and an idle machine",
    "kept_prompts.py": "a model file",
    "tables_tries.py": "hours of a chat model",
    "ocr.py": "gezhi[ocr], and files to choose",
    "fusion.py": "prints every way of fusing that was tried: no figure of the page",
}


def step(name: str, code: str, **more: object) -> Step:
    return Step(name=name, command=("-c", code), **more)  # type: ignore[arg-type]


def counting(log: Path, prints: str, exits: int = 0) -> str:
    """A step that leaves a mark each time it is run."""
    return f"import sys; open({str(log)!r}, 'a').write('x'); print({prints!r}); sys.exit({exits})"


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_stopped_run_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = [tmp_path / "one", tmp_path / "two"]
    steps = [step(log.name, counting(log, '{"figure": 1}')) for log in logs]
    kept = ResultsFile(tmp_path / "bench.jsonl")
    assert bench.measure(steps[:1], kept) == 0
    with (tmp_path / "bench.jsonl").open("a") as file:
        file.write('{"bench": "two", "comm')
    capsys.readouterr()
    assert bench.measure(steps, kept) == 0
    assert [log.read_text() for log in logs] == ["x", "x"]
    out, err = capsys.readouterr()
    assert [(row["bench"], row["result"]) for row in map(json.loads, out.splitlines())] == [
        ("one", {"figure": 1}),
        ("two", {"figure": 1}),
    ]
    assert "[1/2] one: measured before" in err
    assert "[2/2] two: done after" in err


def test_what_failed_is_measured_again_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, kept = tmp_path / "log", ResultsFile(tmp_path / "bench.jsonl")
    failing = step("broken", counting(log, '{"mismatches": 3}', exits=2))
    for _ in range(2):
        assert bench.measure([failing], kept) == 1
        (row,) = printed(capsys)
        assert row["failed"] == "exit code 2: nothing said"
        assert row["result"] == {"mismatches": 3}
    assert log.read_text() == "xx"


def test_named_steps_are_measured_again_from_the_beginning(tmp_path: Path) -> None:
    log, items, kept = tmp_path / "log", tmp_path / "items.jsonl", ResultsFile(tmp_path / "bench.jsonl")
    one = step("one", counting(log, "{}"), items=(items,))
    items.write_text("of a run that was stopped")
    bench.measure([one], kept)
    assert items.exists(), "a stopped step goes on from its items"
    bench.measure([one], kept, again=True)
    assert not items.exists()
    assert log.read_text() == "xx"


def test_what_is_missing_is_left_out_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = step("one", "print(1)", needs=(tmp_path / "set",))
    assert bench.measure([one], ResultsFile(tmp_path / "bench.jsonl")) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "set is not there" in err


def test_output_of_every_form_is_kept() -> None:
    assert bench.printed('{\n "a": 1\n}') == {"a": 1}
    assert bench.printed('{"a": 1}\n{"a": 2}\n') == [{"a": 1}, {"a": 2}]
    assert bench.printed("| a | b |\n") == "| a | b |"
    shown = bench.run(step("one", 'print(\'{"a": 1, "files": []}\')', figures=("a",)))
    assert shown["result"] == {"a": 1}


def test_steps_are_chosen_by_name_beginning_and_pattern() -> None:
    steps = list(full(Path("data"), Path("keep")))

    def names(*wanted: str) -> list[str]:
        return [one.name for one in bench.chosen(steps, wanted)]

    assert names("mentions") == ["mentions"]
    assert names("tables/import") == ["tables/import/documents", "tables/import/spider", "tables/import/dusql"]
    assert set(names("retrieval/*/words")) == {
        one.name for one in steps if one.name.endswith("/words") and "retr" in one.name
    }
    assert names("nothing") == []


@pytest.mark.parametrize("make", [small, full])
def test_names_are_unique_and_scripts_are_there(make: object) -> None:
    steps = list(make(Path("data"), Path("keep")))  # type: ignore[operator]
    assert len({one.name for one in steps}) == len({one.command for one in steps}) == len(steps)
    for one in steps:
        assert one.command[0] == "-m" or Path(one.command[0]).exists()


def test_every_script_of_the_page_is_a_step_or_says_why_not() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    shown = set(re.findall(r"python evals/([\w/]+(?:\.py)?)", page))
    evals = ROOT / "evals"
    steps = {
        Path(one.command[0]).relative_to(evals).as_posix()
        for one in full(Path("data"), Path("keep"))
        if one.command[0] != "-m"
    }
    assert shown - steps - set(ELSEWHERE) == set()
    assert not steps & set(ELSEWHERE)


def test_the_list_names_every_step(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["bench.py", "--data", "data", "--full", "--list", "--only", "judges,gate"])
    assert bench.main() == 0
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "gate",
        "judges/words",
        "judges/rules",
    ]
