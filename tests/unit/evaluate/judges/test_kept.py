"""Judgements are kept as they are made, and a stopped run goes on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from gezhi.app.judging import measure
from gezhi.evaluate.judges import JudgedPair, Judgement, KeptJudgements
from gezhi.types import InvalidInput, ModelFailed, Usage

RATINGS = ("faithfulness", "completeness", "appropriateness")


class Scripted:
    """Scores a claim by its number; says what it was asked, and stops or fails when told to."""

    threshold = 0.5

    def __init__(
        self, name: str = "scripted-1", stop_at: int | None = None, fail: frozenset[str] = frozenset()
    ) -> None:
        self.name = name
        self.asked: list[tuple[str, str]] = []
        self._stop_at, self._fail = stop_at, fail

    def support(self, claim: str, evidence: Sequence[str], *, question: str = "") -> Judgement:
        del evidence, question
        return self._judge("support", claim)

    def relevancy(self, question: str, answer: str) -> Judgement:
        del question
        return self._judge("relevancy", answer)

    def _judge(self, about: str, claim: str) -> Judgement:
        if len(self.asked) == self._stop_at:
            raise KeyboardInterrupt
        self.asked.append((about, claim))
        if claim in self._fail:
            raise ModelFailed("nothing came")
        return Judgement(score=int(claim) / 10, usage=Usage(input_tokens=7, output_tokens=1))


def pairs(evidence: str = "e") -> list[JudgedPair]:
    return [
        JudgedPair(
            id=f"p{at}",
            group=str(at),
            claim=str(at),
            evidence=(evidence,),
            label=at > 4,
            ratings=dict.fromkeys(RATINGS, 1 + at / 3),
        )
        for at in range(10)
    ]


def test_a_stopped_run_goes_on_with_the_same_figures(tmp_path: Path) -> None:
    whole = measure(Scripted(), "set", pairs())
    file = tmp_path / "judged.jsonl"
    first = Scripted(stop_at=4)
    with pytest.raises(KeyboardInterrupt):
        measure(first, "set", pairs(), ask=KeptJudgements(file))
    assert len(file.read_text("utf-8").splitlines()) == 4
    second = Scripted()
    assert measure(second, "set", pairs(), ask=KeptJudgements(file)) == whole
    assert second.asked == [("support", str(at)) for at in range(4, 10)] + [("relevancy", str(at)) for at in range(10)]
    third = Scripted()
    assert measure(third, "set", pairs(), ask=KeptJudgements(file)) == whole
    assert third.asked == []
    line = json.loads(file.read_text("utf-8").splitlines()[3])
    assert (line["judge"], line["about"], line["pair"], line["score"]) == ("scripted-1", "support", "p3", 0.3)


def test_a_line_that_was_cut_short_is_judged_again(tmp_path: Path) -> None:
    file = tmp_path / "judged.jsonl"
    measure(Scripted(), "set", pairs(), ask=KeptJudgements(file))
    whole = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(whole[:3]) + whole[3][:25])
    judge = Scripted()
    measure(judge, "set", pairs(), ask=KeptJudgements(file))
    assert judge.asked[0] == ("support", "3")
    again = Scripted()
    measure(again, "set", pairs(), ask=KeptJudgements(file))
    assert again.asked == []


def test_another_judge_other_texts_and_errors_are_judged_again(tmp_path: Path) -> None:
    file = tmp_path / "judged.jsonl"
    failing = measure(Scripted(fail=frozenset("6")), "set", pairs(), ask=KeptJudgements(file))
    assert (failing["errors"], failing["relevancy_errors"]) == (1, 1)
    judge = Scripted()
    assert measure(judge, "set", pairs(), ask=KeptJudgements(file))["errors"] == 0
    assert judge.asked == [("support", "6"), ("relevancy", "6")]
    for judge, given in ((Scripted("scripted-2"), pairs()), (Scripted(), pairs("other evidence"))):
        measure(judge, "set", given, ask=KeptJudgements(file))
        assert len(judge.asked) == 20


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be"):
        measure(Scripted(), "set", pairs(), ask=KeptJudgements(tmp_path / "no" / "folder.jsonl"))
