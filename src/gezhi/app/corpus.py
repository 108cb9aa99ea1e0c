"""The store of an evaluation corpus: its lines go through splitting, embedding and storing, as files do."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gezhi.app.files import STORE_FILE
from gezhi.evaluate import CorpusEntry, corpus_hash
from gezhi.ingest import split
from gezhi.ingest.split import SPLITTER_VERSION
from gezhi.store.passages import embedding_text, text_hash
from gezhi.store.protocol import Store
from gezhi.store.sqlite import open_sqlite
from gezhi.types import Block, BlockKind, Document, Outcome, Passage, Scope, Status, document_id
from gezhi.types.language import line_spans

if TYPE_CHECKING:
    from gezhi.llm.protocol import Embedder

SOURCES = "corpus/"
"""Corpus documents are stored under this prefix and their id."""
EMBED_BATCH = 256
PIPELINE = f"corpus-1/split-{SPLITTER_VERSION}"

OnProgress = Callable[[str, int, int], None]
"""(stage, done, of so many)"""


def silent(stage: str, done: int, of: int) -> None:
    del stage, done, of


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """What building the store of a corpus took. Kept beside the store, so that the next run need not build it."""

    corpus: str
    """Hash of its content."""
    pipeline: str
    embedder: str | None
    complete: bool = False
    documents: int = 0
    passages: int = 0
    embedded: int = 0
    index_cpu_s: float = 0.0
    """CPU seconds of splitting and storing; embedding is not in it."""
    embed_cpu_s: float = 0.0


def corpus_document(entry: CorpusEntry) -> Document:
    """A corpus line as a document; each line of its text is a paragraph. Without a text, the title is the text."""
    text = entry.text if entry.text.strip() else entry.title
    content = json.dumps([entry.id, entry.title, entry.text], ensure_ascii=False)
    return Document(
        id=document_id(content.encode("utf-8", "surrogatepass")),
        source=f"{SOURCES}{entry.id}",
        title=entry.title,
        media_type="application/x-ndjson",
        text=text,
        blocks=tuple(Block(kind=BlockKind.PARAGRAPH, start=start, end=end) for start, end in line_spans(text)),
    )


def corpus_id(source: str) -> str:
    """The id in the corpus file of a stored source."""
    return source.removeprefix(SOURCES)


@contextmanager
def store_folder(keep: Path | None) -> Iterator[Path]:
    """The folder to build a store in: `keep`, or one that is deleted afterwards."""
    if keep is not None:
        yield keep.expanduser().absolute()
        return
    with tempfile.TemporaryDirectory(prefix="gezhi-eval-") as folder:
        yield Path(folder)


def build_store(
    folder: Path, entries: Sequence[CorpusEntry], embedder: Embedder | None, on_progress: OnProgress = silent
) -> Built:
    """Bring the store in `folder` to exactly these documents; what it holds already is not made again.

    Stopped at any moment, the next call goes on where it was. Without an embedder a store that also has vectors
    is taken as it is."""
    wanted = Built(corpus=corpus_hash(entries), pipeline=PIPELINE, embedder=embedder.name if embedder else None)
    before = _read_built(folder)
    if before is not None and _continues(before, wanted):
        if before.complete:
            return before
        wanted = before
    folder.mkdir(parents=True, exist_ok=True)
    store = open_sqlite(folder)
    try:
        return _Build(folder, store, embedder, wanted, on_progress).run(entries)
    finally:
        store.close()


def _continues(before: Built, wanted: Built) -> bool:
    same = (before.corpus, before.pipeline) == (wanted.corpus, wanted.pipeline)
    return same and (before.embedder == wanted.embedder or (wanted.embedder is None and before.complete))


class _Build:
    def __init__(
        self, folder: Path, store: Store, embedder: Embedder | None, built: Built, on_progress: OnProgress
    ) -> None:
        self._folder, self._store, self._embedder = folder, store, embedder
        self._built, self._on_progress = built, on_progress

    def run(self, entries: Sequence[CorpusEntry]) -> Built:
        with self._timed("index_cpu_s"):
            documents = [(document, split(document)) for document in map(corpus_document, entries)]
            gone = set(self._store.sources(SOURCES)) - {document.source for document, _ in documents}
            self._store.remove(sorted(gone), Scope.owner())
        self._embed(documents)
        self._put(documents)
        self._built = replace(
            self._built,
            complete=True,
            documents=len(documents),
            passages=sum(len(passages) for _, passages in documents),
        )
        self._save()
        return self._built

    def _embed(self, documents: Iterable[tuple[Document, Sequence[Passage]]]) -> None:
        if self._embedder is None:
            return
        texts = {
            text_hash(text): text
            for document, passages in documents
            for text in (embedding_text(passage, document.title) for passage in passages)
        }
        known = self._store.known_vectors(list(texts), self._embedder.name)
        missing = [(key, text) for key, text in texts.items() if key not in known]
        for first in range(0, len(missing), EMBED_BATCH):
            batch = missing[first : first + EMBED_BATCH]
            with self._timed("embed_cpu_s"):
                vectors = self._embedder.embed_passages([text for _, text in batch])
            with self._timed("index_cpu_s"):
                made = {key: vector for (key, _), vector in zip(batch, vectors, strict=True)}
                self._store.save_vectors(made, self._embedder.name)
            self._built = replace(self._built, embedded=self._built.embedded + len(batch))
            self._save()
            self._on_progress("embedding", first + len(batch), len(missing))

    def _put(self, documents: Sequence[tuple[Document, Sequence[Passage]]]) -> None:
        name = self._embedder.name if self._embedder else None
        pipeline = f"{PIPELINE}/{name or 'no-vectors'}"
        with self._timed("index_cpu_s"):
            for number, (document, passages) in enumerate(documents, start=1):
                state = self._store.source_state(document.source)
                if state is None or (state.document_id, state.pipeline) != (document.id, pipeline):
                    outcome = Outcome(status=Status.STORED)
                    self._store.put(document, passages, outcome=outcome, pipeline=pipeline, embedder=name)
                self._on_progress("storing", number, len(documents))

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        before = time.process_time()
        try:
            yield
        finally:
            spent = getattr(self._built, name) + time.process_time() - before
            self._built = replace(self._built, **{name: spent})

    def _save(self) -> None:
        path = self._folder / "built.json"
        path.with_suffix(".new").write_text(json.dumps(asdict(self._built)), "utf-8")
        path.with_suffix(".new").replace(path)


def _read_built(folder: Path) -> Built | None:
    if not (folder / STORE_FILE).exists():
        return None
    try:
        return Built(**json.loads((folder / "built.json").read_text("utf-8")))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        return None
