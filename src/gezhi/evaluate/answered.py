"""What came of one question: everything needed to score it, now or again later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from gezhi.evaluate.dataset import Question, read_question
from gezhi.types import InvalidInput, Usage


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPassage:
    """A passage of the evidence."""

    document: str
    """Its source, or in a corpus its id there."""
    document_id: str
    passage: str
    """Its id."""
    title: str
    text: str

    @property
    def said(self) -> str:
        """What a judge reads: pronouns in the text often stand for the title."""
        return f"{self.title}\n{self.text}" if self.title else self.text


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """A citation."""

    passage: str
    document: str
    text: str
    valid: bool
    """The quote is, to the letter, at that place of the stored document."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CitedStatement:
    text: str
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweredQuestion:
    """One question and what came of it. Exactly one of: an answer, a refusal, an error."""

    question: Question
    unanswerable: bool
    """The store does not hold the answer: a refusal is right."""
    text: str = ""
    """The answer; empty after a refusal or an error."""
    refusal: str = ""
    """The refusal's code."""
    error: str = ""
    statements: tuple[CitedStatement, ...] = ()
    evidence: tuple[ShownPassage, ...] = ()
    """Best first."""
    signals: Mapping[str, float] = field(default_factory=dict)
    """What the decision to answer rested on, by the names in the trace."""
    dropped: int = 0
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    trace_id: str = ""

    @property
    def answered(self) -> bool:
        return not self.refusal and not self.error

    @property
    def quotes(self) -> list[Quote]:
        return [quote for statement in self.statements for quote in statement.quotes]

    @property
    def gold_found(self) -> bool:
        """Retrieval did its part."""
        return bool({shown.document for shown in self.evidence} & set(self.question.supporting_ids))

    @property
    def cites_gold(self) -> bool:
        return bool({quote.document for quote in self.quotes} & set(self.question.supporting_ids))

    @property
    def documents(self) -> tuple[str, ...]:
        """Ids of the stored documents that are quoted here."""
        return tuple(dict.fromkeys(shown.document_id for shown in self.evidence))

    def cited_texts(self) -> list[tuple[str, list[str]]]:
        """Each statement with the passages it cites, as a judge reads them (ALCE judges whole passages)."""
        shown = {passage.passage: passage.said for passage in self.evidence}
        return [
            (s.text, list(dict.fromkeys(shown.get(quote.passage, quote.text) for quote in s.quotes)))
            for s in self.statements
        ]

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `answered_question` reads it back."""
        row = asdict(self)
        row["question"] = self.question.as_row()
        row["statements"] = [{**statement, "quotes": list(statement["quotes"])} for statement in row["statements"]]
        row["evidence"] = list(row["evidence"])
        return row


def answered_question(row: Mapping[str, Any]) -> AnsweredQuestion:
    """Read what `as_dict` wrote. Raises InvalidInput for anything else."""
    try:
        return AnsweredQuestion(
            question=read_question(row["question"]),
            unanswerable=bool(row["unanswerable"]),
            text=row["text"],
            refusal=row["refusal"],
            error=row["error"],
            statements=tuple(_statement(statement) for statement in row["statements"]),
            evidence=tuple(ShownPassage(**shown) for shown in row["evidence"]),
            signals=dict(row["signals"]),
            dropped=int(row["dropped"]),
            usage=Usage(**row["usage"]),
            seconds=float(row["seconds"]),
            cpu_seconds=float(row["cpu_seconds"]),
            trace_id=row["trace_id"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(f"This is not the record of an answered question ({error}).") from error


def _statement(row: Mapping[str, Any]) -> CitedStatement:
    quotes: Sequence[Mapping[str, Any]] = row["quotes"]
    return CitedStatement(text=row["text"], quotes=tuple(Quote(**quote) for quote in quotes))
