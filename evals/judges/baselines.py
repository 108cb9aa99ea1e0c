"""What a judge must beat: the check of statements that answering does, and the length of the claim."""

from __future__ import annotations

from collections.abc import Sequence

from gezhi.answer.numbered import number
from gezhi.answer.reply import Draft
from gezhi.answer.verify import check
from gezhi.evaluate.judges.protocol import Judgement
from gezhi.store.analyse import Analyser
from gezhi.types import Evidence, Passage, PassageKind


class CheckJudge:
    """Yes or no; all sentences of the evidence count as cited."""

    name = "check"
    threshold = 0.5

    def __init__(self) -> None:
        self._terms = Analyser().terms

    def support(self, claim: str, evidence: Sequence[str], *, question: str = "") -> Judgement:
        cited = number([_evidence(text) for text in evidence if text.strip()], 10**9, len)
        verdict = check(Draft(text=claim, cites=()), cited, question or claim[:0], self._terms)
        return Judgement(score=float(verdict.supported), reason=verdict.problem)

    def relevancy(self, question: str, answer: str) -> Judgement:
        del question, answer
        return Judgement(score=1.0)


class LengthJudge:
    """The shorter, the more supported."""

    name = "length"
    threshold = 0.5

    def support(self, claim: str, evidence: Sequence[str], *, question: str = "") -> Judgement:
        del evidence, question
        return Judgement(score=1 / (1 + len(claim) / 40))

    def relevancy(self, question: str, answer: str) -> Judgement:
        del question, answer
        return Judgement(score=1.0)


def _evidence(text: str) -> Evidence:
    passage = Passage(document_id="d", ordinal=0, start=0, end=len(text), text=text, kind=PassageKind.PROSE)
    return Evidence(passage=passage, source="s", title="", revision=1, score=1.0, found_by=())
