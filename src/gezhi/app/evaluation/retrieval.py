"""Evaluation of retrieval over a corpus file."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gezhi.app.config import Config, load_config
from gezhi.app.corpus import SOURCES, Built, OnProgress, build_store, corpus_id, silent, store_folder
from gezhi.app.models import DEFAULT, Default, choose_embedder
from gezhi.app.version import version
from gezhi.evaluate import (
    CorpusEntry,
    Question,
    RetrievalScores,
    load_corpus,
    load_questions,
    score_retrieval,
    with_gold,
)
from gezhi.evaluate.runs import Kept, questions_hash, retrieval_run
from gezhi.retrieve import ByGraph, ByMeaning, ByWords, Retrieval
from gezhi.store.protocol import Vectors
from gezhi.store.sqlite import open_sqlite
from gezhi.types import Evidence, Filters, InvalidInput, Query, Scope

if TYPE_CHECKING:
    from gezhi.llm.protocol import Embedder


class PreparedQuestions:
    """An embedder that has embedded its questions before: so that searching is timed without the model."""

    def __init__(self, embedder: Embedder, questions: Sequence[str], on_progress: OnProgress = silent) -> None:
        self._embedder = embedder
        self._vectors: dict[str, Vectors] = {}
        self.cpu_seconds: list[float] = []
        for number, question in enumerate(dict.fromkeys(questions), start=1):
            before = time.process_time()
            self._vectors[question] = embedder.embed_question(question)
            self.cpu_seconds.append(time.process_time() - before)
            on_progress("embedding questions", number, len(questions))

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    def embed_question(self, text: str) -> Vectors:
        return self._vectors[text]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed_passages(texts)

    def close(self) -> None:
        """The embedder belongs to whoever made it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrievalRun:
    scores: RetrievalScores
    built: Built
    retrievers: tuple[str, ...]
    k: int
    question_cpu_seconds: tuple[float, ...]
    """Embedding each question."""
    load_cpu_seconds: float
    """Opening the store's indexes: the first search."""
    missing_gold: int
    """Gold documents that are not in the corpus; they count as not found."""
    dataset: str
    configuration: Mapping[str, Any]
    facts: int | None = None
    """Stated by the passages; None if none were given."""

    def kept(self, label: str) -> Kept:
        """As a run to keep in a store."""
        return retrieval_run(
            self.scores,
            k=self.k,
            label=label,
            dataset=self.dataset,
            configuration=self.configuration,
            summary=self.as_dict(),
        )

    def as_dict(self) -> dict[str, Any]:
        embedding = sorted(self.question_cpu_seconds)
        return {
            **self.scores.summary(self.k),
            "documents": self.built.documents,
            "passages": self.built.passages,
            "retrievers": list(self.retrievers),
            "embedder": self.built.embedder,
            "index_cpu_s": round(self.built.index_cpu_s, 2),
            "embed_cpu_s": round(self.built.embed_cpu_s, 2),
            "question_embed_cpu_ms_p50": round(1000 * embedding[len(embedding) // 2], 2) if embedding else None,
            "load_cpu_s": round(self.load_cpu_seconds, 2),
            "missing_gold": self.missing_gold,
            **({} if self.facts is None else {"facts": self.facts}),
        }


def evaluate_retrieval(
    corpus: Path,
    questions: Path,
    *,
    k: int = 5,
    retrievers: Sequence[str] | None = None,
    limit: int | None = None,
    keep: Path | None = None,
    facts: Path | None = None,
    config: Config | None = None,
    embedder: Embedder | Default | None = DEFAULT,
    on_progress: OnProgress = silent,
) -> RetrievalRun:
    """Store the corpus, ask the questions that have gold documents, score. `keep`: a folder for the store, which a
    later run with the same corpus takes as it is. `retrievers`: all available, if not given. `facts`: a file of
    extracted facts, JSON lines {doc_id, triples}; without it the store has none."""
    if not 1 <= k <= 100:
        raise InvalidInput(f"k = {k} is out of range.", hint="Choose 1 to 100.")
    entries = load_corpus(corpus)
    asked = with_gold(load_questions(questions), limit)
    dataset = questions.stem
    model: Embedder | None = None
    if retrievers is None or "meaning" in retrievers:
        model = choose_embedder(config or load_config()) if isinstance(embedder, Default) else embedder
    available = [ByWords.name, *([ByMeaning.name] if model else []), ByGraph.name]
    if retrievers is not None and not (retrievers and set(retrievers) <= set(available)):
        raise InvalidInput(  # before the corpus is embedded, not after
            f"Not all of these retrievers are available: {', '.join(retrievers) or '(none named)'}.",
            hint=f"Choose among: {', '.join(available)}. Meaning needs an embedding model.",
        )
    try:
        with store_folder(keep) as folder:
            built = build_store(folder, entries, model, on_progress)
            loaded = use_facts(folder, facts)
            run = _score(folder, built, entries, asked, k, retrievers, model, dataset, on_progress)
            return replace(run, facts=loaded)
    finally:
        if model is not None and isinstance(embedder, Default):
            model.close()


def use_facts(folder: Path, path: Path | None) -> int | None:
    """Bring the store of a corpus to exactly these facts. Returns how many its passages state."""
    from gezhi.ingest.facts import load, load_facts

    extractor = f"import:{sha256(path.read_bytes()).hexdigest()[:12]}" if path and path.is_file() else ""
    store = open_sqlite(folder)
    try:
        known = store.extractors()
        for other in known:
            if other != extractor:
                store.forget_facts(other)
        if path is None:
            return None
        if extractor not in known:
            load(store, load_facts(path), extractor, lambda name: f"{SOURCES}{name}")
        return len(store.facts(Scope.owner(), Filters(), limit=10_000_000))
    finally:
        store.close()


def _score(
    folder: Path,
    built: Built,
    entries: Sequence[CorpusEntry],
    asked: Sequence[Question],
    k: int,
    retrievers: Sequence[str] | None,
    model: Embedder | None,
    dataset: str,
    on_progress: OnProgress,
) -> RetrievalRun:
    prepared = PreparedQuestions(model, [q.question for q in asked], on_progress) if model else None
    store = open_sqlite(folder)
    try:
        retrieval = Retrieval([ByWords(store), *([ByMeaning(store, prepared)] if prepared else [])], ByGraph(store))

        def find(query: Query) -> list[Evidence]:
            return retrieval.retrieve(query, retrievers)

        before = time.process_time()
        find(Query(text=asked[0].question, scope=Scope.owner()))  # loads the derived indexes: not part of a query
        load_cpu_seconds = time.process_time() - before
        scores = score_retrieval(
            asked,
            find,
            lambda evidence: corpus_id(evidence.source),
            keep=k,
            on_step=lambda done, of: on_progress("searching", done, of),
        )
    finally:
        store.close()
    ids = {entry.id for entry in entries}
    return RetrievalRun(
        scores=scores,
        built=built,
        retrievers=tuple(retrievers or retrieval.names),
        k=k,
        question_cpu_seconds=tuple(prepared.cpu_seconds) if prepared else (),
        load_cpu_seconds=load_cpu_seconds,
        missing_gold=sum(gold not in ids for question in asked for gold in question.supporting_ids),
        dataset=dataset,
        configuration={
            "gezhi": version(),
            "retrievers": list(retrievers or retrieval.names),
            "embedder": built.embedder,
            "pipeline": built.pipeline,
            "corpus": built.corpus,
            "questions": questions_hash(asked),
        },
    )
