"""What a caller sees while an answer is being made. Nothing unchecked is ever sent."""

from __future__ import annotations

from dataclasses import dataclass

from gezhi.types import Answer, Evidence, Statement


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A step began: `rewriting`, `computing`, `retrieving`, `judging`, `answering`, `repairing`."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceFound:
    """What the answer will be made from."""

    standalone_question: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementChecked:
    """A statement passed its checks; spans point into the text of the statements so far, joined."""

    statement: Statement


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    answer: Answer


AnswerEvent = Stage | EvidenceFound | StatementChecked | Done
