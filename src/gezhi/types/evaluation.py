"""Data sets of questions and runs of an evaluation, as the store keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """One version of a data set. A version never changes; other items make a new one."""

    name: str
    version: int
    """From 1."""
    content_hash: str
    """Of the items, in order: the same items are the same version."""
    items: int
    created_at: float
    note: str = ""

    @property
    def label(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetItem:
    id: str
    """Names the item within every version of its data set."""
    contents: Mapping[str, Any] | None
    """The question with what is known of its answer, in the form of a line of a questions file. None once erased:
    a document it quotes was removed."""
    documents: tuple[str, ...] = ()
    """Ids of the stored documents that the contents quote."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationRun:
    """What was asked of what, and what it scored."""

    id: str
    kind: str
    """`retrieval` or `answers`."""
    label: str
    dataset: str
    """`name@version` of a stored data set, or the name of the questions file."""
    created_at: float
    configuration: Mapping[str, Any]
    """Models, prompts, retrievers, revisions: everything that might explain a difference."""
    summary: Mapping[str, Any]
    questions: int
    errors: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationResult:
    """What came of one question."""

    item: str
    """Its id: results of two runs are compared by it."""
    scores: Mapping[str, float]
    """Metric -> value. A metric that has no meaning for this question is absent."""
    error: str = ""
    contents: Mapping[str, Any] | None = field(default_factory=dict)
    """Question, answer, evidence: enough to score again. None once erased."""
    documents: tuple[str, ...] = ()
    """Ids of the stored documents that the contents quote."""
