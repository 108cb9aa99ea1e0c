"""Questions, evidence and answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from gezhi.types.documents import EVERYONE, Passage
from gezhi.types.facts import Fact
from gezhi.types.tables import Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Who asks. Every read of the store takes one; nothing outside it is ever returned."""

    principals: frozenset[str] = frozenset({EVERYONE})
    unrestricted: bool = False
    """True for the owner of the store: sees everything whatever its access."""

    @classmethod
    def owner(cls) -> Scope:
        """The person who owns the store: on a laptop, whoever runs the command."""
        return cls(unrestricted=True)

    @classmethod
    def of(cls, *principals: str) -> Scope:
        """Somebody known by these names (user, groups); `everyone` is added."""
        return cls(principals=frozenset(principals) | {EVERYONE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """Narrow a search within the scope. Empty means no narrowing."""

    documents: frozenset[str] = frozenset()
    """Document ids."""
    source_prefix: str = ""
    """Only sources that begin so, e.g. `contracts/`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One earlier turn of a conversation."""

    role: str
    """`user` or `assistant`."""
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    text: str
    scope: Scope
    filters: Filters = field(default_factory=Filters)
    limit: int = 10
    history: tuple[Turn, ...] = ()
    route: str = ""
    """`open`, `exact` or `both`, if the asker chose; else it is decided by the question and the tables."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One retriever's word on a passage."""

    retriever: str
    rank: int
    """From 1."""
    score: float
    """On the retriever's own scale; comparable within one retriever and one query only."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """Why the graph led to a passage: it names an entity that the question, or a better passage, names too."""

    entity: str
    """As it is written."""
    passage_id: str = ""
    """The other passage; empty for the question."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """A passage with how it was found. `score` is the fused score, comparable within one query only."""

    passage: Passage
    source: str
    title: str
    revision: int
    score: float
    found_by: tuple[Found, ...]
    connections: tuple[Connection, ...] = ()
    """Empty for a passage that the graph did not lead to."""
    facts: tuple[Fact, ...] = ()
    """What the passage states about names of the question or of its connections, where facts were extracted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation:
    """A span of the answer tied to a span of a document. The quote is in the source, to the letter."""

    answer_start: int
    answer_end: int
    """Span of the cited statement in `Answer.text`."""
    passage_id: str
    document_id: str
    source: str
    title: str
    revision: int
    start: int
    end: int
    """Span of the quote in the document's text."""
    quote: str
    page: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One statement of an answer; in a shown answer it has at least one citation."""

    text: str
    citations: tuple[Citation, ...]


class AnswerMode(StrEnum):
    MODEL = "model"
    """A chat model wrote the statements; each was checked against its citations."""
    EXTRACTIVE = "extractive"
    """No model: the sentences that answer best, quoted."""
    COMPUTED = "computed"
    """By a query over all rows of tables; see `Answer.computation`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why nothing was answered. A value, not an exception: the nearest passages stay in `Answer.evidence`."""

    code: str
    """`no_evidence`, `not_supported`, `empty_store`, `not_computed`."""
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """Tokens that models read and wrote."""

    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class UsedTable:
    """A table that a query reads."""

    id: str
    name: str
    key: str
    """Its name in the SQL."""
    source: str
    rows: int
    counted: bool = True
    """Whether `rows` is exact; else it is a database's own estimate."""


class PlotKind(StrEnum):
    BARS = "bars"
    LINE = "line"
    """Over time, in the order of the rows or against it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """How a result is drawn."""

    kind: PlotKind
    label: int
    """The column of names or times, from 0."""
    value: int
    """The column of numbers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Computation:
    """How an exact answer came about: what was run over which rows, and what it gave."""

    sql: str
    by: str
    """`rules` or `model`: who wrote the query."""
    tables: tuple[UsedTable, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    """The first rows of the result."""
    row_count: int
    """Of the result."""
    rows_used: int | None = None
    """How many rows of the table the answer is made of; None where one cannot tell (joins, subqueries)."""
    seconds: float = 0.0
    plot: Plot | None = None
    """Where the result is seen better as a plot."""
    tries: int = 1
    agreed: int = 1
    """Of the tries of a small model at the query, those that gave this result."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """What to know beside the statements: a newer document says otherwise, or a part of the question has no answer."""

    text: str
    passage_ids: tuple[str, ...]
    """Of the passages it speaks of, the cited one first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """Statements, each cited; or a refusal."""

    question: str
    standalone_question: str
    """The question as searched: with a history, rewritten so that it stands alone."""
    language: str
    """`zh` or `en`."""
    statements: tuple[Statement, ...]
    evidence: tuple[Evidence, ...]
    mode: AnswerMode
    model: str | None
    refusal: Refusal | None = None
    dropped: int = 0
    """Statements the model made that no citation carried; they are not shown."""
    notes: tuple[Note, ...] = ()
    computation: Computation | None = None
    """For an exact answer."""
    usage: Usage = field(default_factory=Usage)
    trace_id: str = ""

    @property
    def text(self) -> str:
        """The answer as one text; the spans of citations point into it. A refusal's message if nothing was answered."""
        if self.refusal is not None:
            return self.refusal.message
        return join_statements([s.text for s in self.statements], self.language)

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(c for s in self.statements for c in s.citations)

    def __str__(self) -> str:
        return self.text


def join_statements(texts: list[str], language: str) -> str:
    """Join statements as the language does: Chinese without a space between."""
    return ("" if language == "zh" else " ").join(texts)
