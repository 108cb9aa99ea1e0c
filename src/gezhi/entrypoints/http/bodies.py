"""The bodies of the native API. Every offset counts Unicode code points from 0, as Python does."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from gezhi.types import AnswerMode, BlockKind, JobState, PassageKind, PlotKind, Status
from gezhi.types.tables import Value

Text = Annotated[str, AfterValidator(lambda text: text.encode("utf-8", "replace").decode("utf-8"))]
"""JSON can carry halves of characters, which no store takes: they become question marks."""
AsDict = BeforeValidator(lambda pairs: pairs if isinstance(pairs, dict) else dict(pairs))
AsList = BeforeValidator(lambda names: sorted(names))


class Shown(BaseModel):
    """A type of the library as the API shows it."""

    model_config = ConfigDict(from_attributes=True)


class Asked(BaseModel):
    """What a client sends. Unknown fields are errors, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")


# Documents and jobs


class OutcomeBody(Shown):
    """How the work on a file ended."""

    status: Status
    code: str
    message: str


class DocumentSummaryBody(Shown):
    id: str
    source: str
    title: str
    media_type: str
    revision: int
    page_count: int | None
    passages: int
    characters: int
    added_at: float = Field(description="Unix time, seconds.")
    outcome: OutcomeBody
    access: Annotated[list[str], AsList]


class DocumentsBody(BaseModel):
    documents: list[DocumentSummaryBody]
    limit: int
    offset: int
    more: bool = Field(description="Whether there are documents after these.")


class BoxBody(Shown):
    """In points from the page's top left corner."""

    x0: float
    y0: float
    x1: float
    y1: float


class TableRowBody(Shown):
    cells: list[str]
    start: int
    end: int


class TableBody(Shown):
    name: str
    header: list[str]
    rows: list[TableRowBody]


class BlockBody(Shown):
    kind: BlockKind
    start: int
    end: int
    level: int
    page: int | None
    box: BoxBody | None
    table: TableBody | None


class DocumentBody(Shown):
    id: str
    source: str
    title: str
    media_type: str
    text: str
    blocks: list[BlockBody]
    page_count: int | None
    revision: int
    access: Annotated[list[str], AsList]
    metadata: Annotated[dict[str, str], AsDict]


class RemovedBody(BaseModel):
    removed: list[str] = Field(description="Sources that were removed.")


class JobBody(Shown):
    id: str
    label: str
    state: JobState
    created_at: float = Field(description="Unix time, seconds.")
    total: int
    finished: int
    counts: Annotated[dict[str, int], AsDict] = Field(description="Files per outcome.")


class ItemBody(Shown):
    """A finished file of a job."""

    number: int
    source: str
    outcome: OutcomeBody | None
    document_id: str | None


class JobDetailBody(BaseModel):
    job: JobBody
    items: list[ItemBody] = Field(description="Finished files, in the order they finished.")


class JobsBody(BaseModel):
    jobs: list[JobBody] = Field(description="Newest first.")


class AcceptedBody(BaseModel):
    jobs: list[JobBody] = Field(description="One for each file, in the order sent; `label` is the document's source.")


class JobProgressBody(BaseModel):
    """Data of the events `progress` (a file finished, or nothing yet) and `done` (the job has ended)."""

    job: JobBody
    item: ItemBody | None = None


# Questions


class FiltersBody(Asked):
    """Narrow a search."""

    documents: list[Text] = Field(default=[], max_length=10_000, description="Document ids.")
    source_prefix: Text = Field("", description="Only sources that begin so.", examples=["uploads/"])


class SearchRequest(Asked):
    query: Text = Field(examples=["违约金"])
    limit: int = Field(10, ge=1, le=1000)
    retrievers: list[Text] | None = Field(
        None, description="All of them if left out.", examples=[["words", "meaning"]], max_length=20
    )
    filters: FiltersBody | None = None


class FoundBody(Shown):
    """One retriever's word on a passage."""

    retriever: str
    rank: int = Field(description="From 1.")
    score: float


class PassageBody(Shown):
    id: str
    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    headings: list[str]
    kind: PassageKind
    page: int | None
    table_header: list[str]


class ConnectionBody(Shown):
    entity: str
    passage_id: str = Field(description="The other passage that names it; empty for the question.")


class SupersededBody(Shown):
    object: str = Field(description="What a newer document says instead.")
    since: str
    passage_id: str


class FactBody(Shown):
    subject: str
    predicate: str
    object: str
    valid_from: str = Field(description="ISO 8601, as exact as the passage says; empty if it does not.")
    valid_to: str
    dated: str = Field(description="Newest date in the names of the documents that state it.")
    passages: list[str] = Field(description="Ids of the passages that state it.")
    superseded: SupersededBody | None


class EvidenceBody(Shown):
    passage: PassageBody
    source: str
    title: str
    revision: int
    score: float = Field(description="Comparable within one query only.")
    found_by: list[FoundBody]
    connections: list[ConnectionBody] = Field(description="The names by which the graph led here.")
    facts: list[FactBody] = Field(description="What the passage states about these names, where facts were extracted.")


class SearchBody(Shown):
    results: list[EvidenceBody] = Field(description="Best first.")


class TurnBody(Asked):
    role: Literal["user", "assistant"]
    text: Text


class AnswerRequest(Asked):
    question: Text = Field(examples=["What is the penalty for late delivery?"])
    history: list[TurnBody] = Field(default=[], max_length=200, description="Earlier turns, oldest first.")
    filters: FiltersBody | None = None
    route: Literal["", "open", "exact", "both"] = Field(
        "", description="`open`: from texts only; `exact`: computed from tables or not at all. Decided by the question."
    )
    stream: bool = Field(False, description="Send server-sent events while the answer is made.")


class CitationBody(Shown):
    """Ties a span of the answer to a span of a document; the quote is there to the letter."""

    answer_start: int
    answer_end: int
    passage_id: str
    document_id: str
    source: str
    title: str
    revision: int
    start: int
    end: int
    quote: str
    page: int | None


class StatementBody(Shown):
    text: str
    citations: list[CitationBody]


class RefusalBody(Shown):
    code: str = Field(description="`no_evidence`, `not_supported` or `empty_store`.")
    message: str


class UsageBody(Shown):
    input_tokens: int
    output_tokens: int


class UsedTableBody(Shown):
    id: str
    name: str
    key: str = Field(description="Its name in the SQL.")
    source: str
    rows: int
    counted: bool = Field(description="Whether `rows` is exact; else it is a database's own estimate.")


class PlotBody(Shown):
    kind: PlotKind = Field(description="`bars`, or `line`: over time.")
    label: int = Field(description="The column of names or times, from 0.")
    value: int = Field(description="The column of numbers.")


class ComputationBody(Shown):
    sql: str
    by: str = Field(description="`rules` or `model`: who wrote the query.")
    tables: list[UsedTableBody]
    columns: list[str]
    rows: list[list[Value]] = Field(description="The first rows of the result.")
    row_count: int
    rows_used: int | None = Field(
        description="Rows of the table that the answer is made of; null if it cannot be told."
    )
    seconds: float
    plot: PlotBody | None = Field(description="Where the result is seen better as a plot.")
    tries: int = Field(description="How often a small model was asked for the query; else 1.")
    agreed: int = Field(description="The tries that gave this result.")


class NoteBody(Shown):
    text: str
    passage_ids: list[str] = Field(description="Of the passages it speaks of, the cited one first.")


class AnswerBody(Shown):
    question: str
    standalone_question: str = Field(description="As it was searched.")
    language: str
    text: str
    statements: list[StatementBody]
    evidence: list[EvidenceBody]
    mode: AnswerMode
    model: str | None
    refusal: RefusalBody | None
    computation: ComputationBody | None = Field(description="For an exact answer: what was run, over which rows.")
    notes: list[NoteBody] = Field(description="What to know beside it, such as a newer document that says otherwise.")
    dropped: int = Field(description="Statements that no citation carried; they are not shown.")
    usage: UsageBody
    trace_id: str


class StageBody(Shown):
    """Data of the event `stage`."""

    name: str = Field(description="`rewriting`, `computing`, `retrieving`, `judging`, `answering` or `repairing`.")


class EvidenceFoundBody(Shown):
    """Data of the event `evidence`."""

    standalone_question: str
    evidence: list[EvidenceBody]


# What happened, and how it stands


class SpanBody(Shown):
    id: int
    parent: int | None
    name: str
    start: float
    end: float
    attributes: Annotated[dict[str, str | int | float | bool], AsDict]
    error: str


class TraceBody(Shown):
    id: str
    kind: str
    seconds: float
    spans: list[SpanBody] = Field(description="The first is the root.")


class TraceSummaryBody(BaseModel):
    id: str
    kind: str
    start: float = Field(description="Unix time, seconds.")
    seconds: float
    spans: int
    error: str


class TracesBody(BaseModel):
    traces: list[TraceSummaryBody] = Field(description="Newest first.")


class StoreBody(Shown):
    path: str
    engine: str
    revision: int
    documents: int
    sources: int
    passages: int
    vectors: int
    embedders: list[str]
    bytes: int
    open_jobs: int
    traces: int


class LimitsBody(BaseModel):
    max_upload_bytes: int
    max_question_chars: int


class StatusBody(BaseModel):
    version: str
    store: StoreBody
    chat_model: str | None
    chat_provider: str | None
    embed_model: str | None
    retrievers: list[str]
    warnings: list[str]
    limits: LimitsBody


class AliveBody(BaseModel):
    status: Literal["ok"] = "ok"
