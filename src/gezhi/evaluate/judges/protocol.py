"""What the metrics ask of a judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gezhi.types import Usage


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    score: float
    """0 to 1: the judge's estimate that the answer to what it was asked is yes."""
    reason: str = ""
    """For a person: what spoke against it, e.g. a number that is not in the evidence."""
    usage: Usage = field(default_factory=Usage)


class Judge(Protocol):
    """Both methods raise GezhiError when no judgement could be made: that is an error of the run, not a score."""

    @property
    def name(self) -> str:
        """With its version: judgements of different names are never mixed."""
        ...

    @property
    def threshold(self) -> float:
        """A score from here on counts as yes."""
        ...

    def support(self, claim: str, evidence: Sequence[str], *, question: str = "") -> Judgement:
        """Do these texts together state the claim? With a question, the claim answers it: "in 1998" needs one."""
        ...

    def relevancy(self, question: str, answer: str) -> Judgement:
        """Does the answer, true or not, speak to the question?"""
        ...
