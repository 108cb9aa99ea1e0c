"""Evaluation of the real parts: retrieval over a corpus file, and answers through `App.ask`."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gezhi.app.config import Config, load_config
from gezhi.app.corpus import Built, OnProgress, build_store, corpus_id, silent
from gezhi.app.models import DEFAULT, Default, choose_chat, choose_embedder
from gezhi.evaluate import (
    AnsweredQuestion,
    CorpusEntry,
    Question,
    RetrievalScores,
    load_corpus,
    load_questions,
    score_answers,
    score_retrieval,
    summarise_answers,
    with_answers,
    with_gold,
)
from gezhi.retrieve import ByMeaning, ByWords, Retrieval
from gezhi.store.protocol import Vectors
from gezhi.store.sqlite import open_sqlite
from gezhi.types import Citation, Document, Evidence, InvalidInput, Query, Scope

if TYPE_CHECKING:
    from gezhi.llm.protocol import ChatModel, Embedder


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


@contextmanager
def store_folder(keep: Path | None) -> Iterator[Path]:
    """The folder to build a store in: `keep`, or one that is deleted afterwards."""
    if keep is not None:
        yield keep.expanduser().absolute()
        return
    with tempfile.TemporaryDirectory(prefix="gezhi-eval-") as folder:
        yield Path(folder)


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
        }


def evaluate_retrieval(
    corpus: Path,
    questions: Path,
    *,
    k: int = 5,
    retrievers: Sequence[str] | None = None,
    limit: int | None = None,
    keep: Path | None = None,
    config: Config | None = None,
    embedder: Embedder | Default | None = DEFAULT,
    on_progress: OnProgress = silent,
) -> RetrievalRun:
    """Store the corpus, ask the questions that have gold documents, score. `keep`: a folder for the store, which a
    later run with the same corpus takes as it is. `retrievers`: all available, if not given."""
    if not 1 <= k <= 100:
        raise InvalidInput(f"k = {k} is out of range.", hint="Choose 1 to 100.")
    entries = load_corpus(corpus)
    asked = with_gold(load_questions(questions), limit)
    model: Embedder | None = None
    if retrievers is None or "meaning" in retrievers:
        model = choose_embedder(config or load_config()) if isinstance(embedder, Default) else embedder
    available = [ByWords.name, *([ByMeaning.name] if model else [])]
    if retrievers is not None and not (retrievers and set(retrievers) <= set(available)):
        raise InvalidInput(  # before the corpus is embedded, not after
            f"Not all of these retrievers are available: {', '.join(retrievers) or '(none named)'}.",
            hint=f"Choose among: {', '.join(available)}. Meaning needs an embedding model.",
        )
    try:
        with store_folder(keep) as folder:
            built = build_store(folder, entries, model, on_progress)
            return _score(folder, built, entries, asked, k, retrievers, model, on_progress)
    finally:
        if model is not None and isinstance(embedder, Default):
            model.close()


def _score(
    folder: Path,
    built: Built,
    entries: Sequence[CorpusEntry],
    asked: Sequence[Question],
    k: int,
    retrievers: Sequence[str] | None,
    model: Embedder | None,
    on_progress: OnProgress,
) -> RetrievalRun:
    prepared = PreparedQuestions(model, [q.question for q in asked], on_progress) if model else None
    store = open_sqlite(folder)
    try:
        retrieval = Retrieval([ByWords(store), *([ByMeaning(store, prepared)] if prepared else [])])

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
    )


def evaluate_answers(
    corpus: Path,
    questions: Path,
    *,
    model: str | None = None,
    limit: int | None = None,
    all_answers: bool = False,
    without_gold: bool = False,
    keep: Path | None = None,
    items: Path | None = None,
    config: Config | None = None,
    chat: ChatModel | Default | None = DEFAULT,
    embedder: Embedder | Default | None = DEFAULT,
    on_progress: OnProgress = silent,
) -> dict[str, Any]:
    """Store the corpus, ask the questions through `App.ask`, score. `model`: as the setting `chat_model`, or
    `extractive` for none. `without_gold`: the questions' gold documents are left out of the store, so every answer
    is a false one. `items`: a file to write one line per question to, as they are answered."""
    from gezhi.app.app import App

    settings = config or load_config()
    if model is not None:
        settings = settings.model_copy(update={"chat_model": "none" if model == "extractive" else model})
    entries = load_corpus(corpus)
    everything = load_questions(questions, all_answers=all_answers)
    asked = with_gold(everything, limit) if without_gold else with_answers(everything, limit)
    if without_gold:
        gold = {supporting for question in asked for supporting in question.supporting_ids}
        entries = [entry for entry in entries if entry.id not in gold]
    answering = choose_chat(settings) if isinstance(chat, Default) else chat
    embedding = choose_embedder(settings) if isinstance(embedder, Default) else embedder
    with store_folder(keep) as folder:
        built = build_store(folder, entries, embedding, on_progress)
        with (
            App(folder, config=settings, chat=answering, embedder=embedding) as app,
            _lines(items) as write,
        ):
            scored = score_answers(
                asked,
                app.ask,
                corpus_id,
                lambda citation: _is_true(app.document(citation.document_id), citation),
                without_gold=without_gold,
                on_step=lambda done, of: on_progress("answering", done, of),
                on_item=write,
            )
    return {
        **summarise_answers(scored),
        "model": answering.name if answering else "extractive",
        "embedder": built.embedder,
        "documents": built.documents,
        "passages": built.passages,
        "without_gold": without_gold,
    }


def _is_true(document: Document, citation: Citation) -> bool:
    return bool(citation.quote) and document.text[citation.start : citation.end] == citation.quote


@contextmanager
def _lines(path: Path | None) -> Iterator[Callable[[AnsweredQuestion], None] | None]:
    if path is None:
        yield None
        return
    try:
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.", hint="Check the path.") from error
    with file:

        def write(item: AnsweredQuestion) -> None:
            file.write(json.dumps(item.as_dict(), ensure_ascii=False) + "\n")
            file.flush()

        yield write
