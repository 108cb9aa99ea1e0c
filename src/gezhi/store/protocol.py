"""The one store, as the other rooms see it. `tests/contract` runs the same suite over every engine.

Every read of documents takes a `Scope` and filters inside the store. Every write is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gezhi.store.memory.graph import GraphView
from gezhi.types import (
    Dataset,
    DatasetItem,
    Document,
    DocumentSummary,
    EvaluationResult,
    EvaluationRun,
    Filters,
    Item,
    Job,
    NewItem,
    Outcome,
    Passage,
    Scope,
    Trace,
    Usage,
)
from gezhi.types.facts import Fact, StatedFact
from gezhi.types.tables import TableData, TypedRow, TypedTable, Value

Vectors = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceState:
    """What the store holds for one source: enough to see that a file has not changed."""

    document_id: str
    revision: int
    pipeline: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A passage found by one index, with where it stands in its document."""

    passage: Passage
    source: str
    title: str
    revision: int
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class WordSignals:
    """How well the best passages cover the question's words: input to the refusal decision."""

    terms: tuple[str, ...]
    """The question's distinct terms, rarest first."""
    idf: tuple[float, ...]
    """Of each term; terms in no passage have the largest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TermWeights:
    """What each word of a question adds to the BM25 of each of some passages."""

    terms: tuple[str, ...]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    """Shape (terms, passages); 0 where a passage lacks the term."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreStatus:
    path: str
    engine: str
    """Engine and version, e.g. `SQLite 3.53.1`."""
    revision: int
    """Counts committed changes of documents; every derived index knows it."""
    documents: int
    sources: int
    """Files and uploads that hold them; several may hold the same document."""
    passages: int
    vectors: int
    embedders: tuple[str, ...]
    """Names of the embedders that the stored vectors come from."""
    bytes: int
    open_jobs: int
    traces: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """A text that an extractor has not read yet."""

    text_hash: str
    passage_id: str
    """One of its passages."""
    source: str
    title: str
    text: str


class DocumentStore(Protocol):
    def source_state(self, source: str) -> SourceState | None:
        """What is stored under a source, or None. For ingestion, which acts for the owner."""
        ...

    def sources(self, prefix: str = "") -> list[str]:
        """All sources that begin so. For ingestion (`--sync`)."""
        ...

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        *,
        outcome: Outcome,
        pipeline: str,
        embedder: str | None,
        item: Item | None = None,
        tables: Sequence[TableData] = (),
    ) -> int:
        """Store a document under its source, replace what that source held, finish the item: one transaction.

        `tables` are the document's typed tables; like its passages they follow from its bytes and the pipeline.
        `pipeline` names the code that made it (parser, splitter); the same bytes under the same pipeline are
        unchanged. If the same bytes are already stored under another source the document is shared.
        Vectors are not passed: they were saved before by `save_vectors` under the passages' hashes.
        Returns the revision of the source."""
        ...

    def remove(self, sources: Sequence[str], scope: Scope) -> int:
        """Remove sources the scope may see, with everything only they held. Returns how many were removed."""
        ...

    def document(self, document_id: str, scope: Scope) -> Document | None: ...

    def documents(
        self, scope: Scope, *, source_prefix: str = "", limit: int = 100, offset: int = 0
    ) -> list[DocumentSummary]:
        """Summaries ordered by source."""
        ...

    def lookup(self, name: str, scope: Scope) -> list[DocumentSummary]:
        """Summaries of the source of this name, and of the documents whose id begins so."""
        ...

    def passages(self, passage_ids: Sequence[str], scope: Scope) -> list[Hit]:
        """The passages with these ids that the scope may see, in the order asked; score 0."""
        ...

    def traces_of_text(self, text: str) -> dict[str, int]:
        """Where a text still occurs: every table, every in-memory index, and the files themselves (after a
        checkpoint): place -> count. Empty once it is erased."""
        ...


class PassageIndex(Protocol):
    def search_words(self, text: str, scope: Scope, filters: Filters, limit: int) -> list[Hit]:
        """Best passages by BM25, best first. Ties are broken by passage id, so results are repeatable."""
        ...

    def search_meaning(self, vector: Vectors, embedder: str, scope: Scope, filters: Filters, limit: int) -> list[Hit]:
        """Best passages by cosine similarity to the vector, best first."""
        ...

    def word_signals(self, text: str) -> WordSignals: ...

    def terms_of(self, text: str) -> list[str]:
        """The analyser's terms of a text, in order: the one analyser for questions and passages."""
        ...


class GraphIndex(Protocol):
    def graph(self, scope: Scope, filters: Filters) -> GraphView:
        """Passages and the entities they name, at one revision, as the scope may see them: filtered before anything
        is followed."""
        ...

    def weigh_terms(self, question: str, view: GraphView, positions: Sequence[int]) -> TermWeights:
        """The question's words in the passages at these positions of the view."""
        ...


class FactStore(Protocol):
    """Facts live with the passages that state them: replaced and removed in the same transaction."""

    def texts_to_read(self, extractor: str, filters: Filters, *, limit: int | None = None) -> list[Unread]:
        """Distinct passage texts that this extractor has not read, in order of their sources. For ingestion."""
        ...

    def extractors(self) -> dict[str, int]:
        """Who found facts, and in how many texts."""
        ...

    def forget_facts(self, extractor: str) -> int:
        """Delete what an extractor found, facts and all. Returns in how many texts."""
        ...

    def save_facts(self, stated: Mapping[str, Sequence[StatedFact]], *, extractor: str, usage: Usage) -> None:
        """Keep what an extractor found in texts (by their hash), in place of what it found there before, and let every
        passage of those texts state it: one transaction. A text that no passage has any more is left out."""
        ...

    def facts(
        self,
        scope: Scope,
        filters: Filters,
        *,
        name: str = "",
        subjects: Sequence[str] = (),
        passage_ids: Sequence[str] = (),
        limit: int = 1000,
    ) -> list[Fact]:
        """Facts stated by visible passages, each with these passages: those about an entity (`name`, as subject or
        object), with one of these subjects, stated by these passages; all of them if nothing is given."""
        ...


class TableStore(Protocol):
    """Typed tables live with their document: written, replaced and removed in the same transaction."""

    def tables(self, scope: Scope, filters: Filters, *, limit: int | None = None, offset: int = 0) -> list[TypedTable]:
        """Visible tables with the source of their document, ordered by source and number."""
        ...

    def table(self, table_id: str, scope: Scope) -> TypedTable | None: ...

    def table_rows(
        self, table_id: str, scope: Scope, *, after: int = 0, limit: int = 100, totals: bool = False
    ) -> list[TypedRow]:
        """Rows numbered above `after`, in order; none if the scope may not see the table. `totals`: with the totals
        rows where they stand."""
        ...

    def table_values(self, table_id: str, scope: Scope, *, totals: bool = False) -> list[tuple[Value, ...]]:
        """The values of all rows in order; none if the scope may not see the table. `totals`: as above."""
        ...

    def views(self, scope: Scope) -> list[TypedTable]:
        """The store itself as tables, with ids such as `store:documents`: documents, passages, entities, mentions,
        facts. Counts what the scope may see."""
        ...

    def view_values(self, view_id: str, scope: Scope, *, names: Sequence[str] = ()) -> list[tuple[Value, ...]]:
        """The rows of a view that the scope may see. `names`: only of these entities, whatever their spelling; of
        passages, only those whose text holds one of these phrases in any case. None for another id."""
        ...


class VectorCache(Protocol):
    """Vectors by (hash of the embedded text, embedder): model calls while ingesting are paid once."""

    def known_vectors(self, hashes: Sequence[str], embedder: str) -> set[str]: ...

    def save_vectors(self, vectors: Mapping[str, Vectors], embedder: str) -> None:
        """Commit them at once, before the document is written."""
        ...

    def drop_unused_vectors(self) -> int:
        """Delete vectors that no passage needs and no open job may still use."""
        ...


class JobStore(Protocol):
    def create_job(self, label: str, items: Sequence[NewItem], *, access: frozenset[str], key: str = "") -> Job:
        """Record a job and its items; acknowledged once this returns. With a `key`, an open job with the same
        key is continued instead: its unfinished items stay, items it did not know are added."""
        ...

    def claim(self, worker: str, *, lease_seconds: float, job_id: str | None = None) -> Item | None:
        """Take the next unclaimed item, or one whose worker let its lease run out. Two workers never hold
        the same item at once."""
        ...

    def renew(self, worker: str, *, lease_seconds: float) -> None:
        """Keep this worker's claims alive."""
        ...

    def release(self, worker: str) -> None:
        """Give this worker's unfinished claims back at once (orderly stop)."""
        ...

    def workers(self) -> list[str]:
        """Names of the workers that hold unfinished claims: so that claims of a process seen dead are released."""
        ...

    def finish_item(self, item: Item, outcome: Outcome, document_id: str | None = None) -> None:
        """End an item that writes no document (refused, unchanged, removed). `put` ends the others."""
        ...

    def cancel_job(self, job_id: str) -> Job:
        """Unfinished items end as cancelled; stored documents stay."""
        ...

    def job(self, job_id: str) -> Job | None: ...

    def jobs(self, *, limit: int = 50) -> list[Job]:
        """Newest first."""
        ...

    def items(self, job_id: str, *, finished_after: int = 0, limit: int = 1000) -> list[Item]:
        """Items of a job in the order they finished (those numbered after `finished_after`); unfinished ones
        are not listed."""
        ...


class TraceStore(Protocol):
    def save_trace(self, trace: Trace, owner: frozenset[str]) -> None:
        """`owner`: the principals of the scope that asked; empty for the store's owner."""
        ...

    def save_traces(self, traces: Sequence[tuple[Trace, frozenset[str]]], *, keep: int | None = None) -> None:
        """Several in one transaction. `keep`: of all traces, only so many of the newest stay."""
        ...

    def trace(self, trace_id: str, scope: Scope) -> Trace | None: ...

    def traces(self, scope: Scope, *, kind: str = "", limit: int = 50) -> list[Trace]:
        """Newest first."""
        ...


class EvaluationStore(Protocol):
    """Data sets and runs. They quote documents, whoever may see these: a restricted scope finds none of them.

    When a document is gone from the store, what quotes it is erased in the same transaction; scores stay."""

    def save_dataset(self, name: str, items: Sequence[DatasetItem], *, note: str = "") -> Dataset:
        """Add a version; if its items are those of the newest version, that one is returned."""
        ...

    def datasets(self, scope: Scope) -> list[Dataset]:
        """Every version, by name, newest first."""
        ...

    def dataset(self, name: str, version: int | None, scope: Scope) -> tuple[Dataset, list[DatasetItem]]:
        """A version (the newest if None) with its items in order. Raises NotFound."""
        ...

    def save_run(self, run: EvaluationRun, results: Sequence[EvaluationResult]) -> None:
        """Keep a run; one with the same id is replaced."""
        ...

    def runs(self, scope: Scope, *, kind: str = "", limit: int = 50) -> list[EvaluationRun]:
        """Newest first."""
        ...

    def run(self, id_or_label: str, scope: Scope) -> tuple[EvaluationRun, list[EvaluationResult]]:
        """By id, the beginning of an id (6 characters or more), or the newest of that label. Raises NotFound."""
        ...

    def delete_run(self, run_id: str, scope: Scope) -> None: ...


class Store(
    DocumentStore,
    PassageIndex,
    GraphIndex,
    FactStore,
    TableStore,
    VectorCache,
    JobStore,
    TraceStore,
    EvaluationStore,
    Protocol,
):
    def status(self) -> StoreStatus: ...

    def revision(self) -> int:
        """As in `status`, which counts everything; this is one read."""
        ...

    def close(self) -> None: ...
