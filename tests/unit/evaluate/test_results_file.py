from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.evaluate.results_file import ResultsFile
from gezhi.types import InvalidInput

ROWS: list[dict[str, Any]] = [{"id": "一", "score": 0.5}, {"id": "b\u2028c", "score": None}, {"id": "3"}]


def test_what_was_appended_is_read(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "r.jsonl")
    assert list(file.lines()) == []
    for row in ROWS:
        file.append(row)
    assert list(ResultsFile(tmp_path / "r.jsonl").lines()) == ROWS


def test_beginning_anew_leaves_all_or_what_was_there(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "r.jsonl")
    file.begin(ROWS)
    file.append({"id": "next"})
    assert list(file.lines()) == [*ROWS, {"id": "next"}]

    def killed() -> Iterator[dict[str, Any]]:
        yield ROWS[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        file.begin(killed())
    assert list(file.lines()) == [*ROWS, {"id": "next"}]
    file.begin()
    assert list(file.lines()) == []
    with pytest.raises(InvalidInput, match="cannot be written"):
        ResultsFile(tmp_path / "none" / "r.jsonl").begin()


@given(st.data())
def test_wherever_a_run_was_cut_the_whole_lines_stay_and_the_next_one_is_whole(
    tmp_path_factory: object, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("cut") / "r.jsonl"  # type: ignore[attr-defined]
    file = ResultsFile(path)
    for row in ROWS:
        file.append(row)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    before = list(file.lines())
    assert before == ROWS[: len(before)]
    assert len(before) >= whole[:cut].count(b"\n")
    file.append({"id": "next"})
    assert list(file.lines()) == [*before, {"id": "next"}]
