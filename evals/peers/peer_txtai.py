"""txtai: BM25 and vectors in one index, with content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

from adapter import DEPTH, Document, Matrix, Peer, main

PREFIXES = {"query": "query: ", "data": "passage: "}


class Txtai(Peer):
    package = "txtai"
    settings: ClassVar = {
        "documents in": "Embeddings.upsert of (id, text); a text is one entry, it has no splitter there",
        "search": f"Embeddings.search, {DEPTH} entries: BM25 and vectors, fused by reciprocal rank (scoring without"
        " normalize; hybrid=True, which adds normalised scores, does worse with this embedder)",
        "store": "Embeddings.save at the end; content=True (SQLite), backend faiss",
        "all else": "defaults",
    }

    def open(self) -> None:
        from txtai import Embeddings

        self._transform: Any = lambda texts: self._vectors(texts)
        path = str(self.folder / "index")
        if (self.folder / "index" / "config").exists() or (self.folder / "index" / "config.json").exists():
            self._embeddings: Any = Embeddings()
            self._embeddings.load(path, config={"transform": self._transform})
        else:
            self._embeddings = Embeddings(
                method="external",
                transform=self._transform,
                instructions=PREFIXES,
                scoring={"method": "bm25", "terms": True},
                content=True,
                backend="faiss",
            )
        self._path = path

    def _vectors(self, texts: Sequence[str]) -> Matrix:
        """The prefixes say which side it is; the embedder adds its own."""
        if texts[0].startswith(PREFIXES["query"]):
            return self.work.questions([text.removeprefix(PREFIXES["query"]) for text in texts])
        return self.work.passages([text.removeprefix(PREFIXES["data"]) for text in texts])

    def add(self, documents: Sequence[Document]) -> None:
        self._embeddings.upsert([(document.id, document.content) for document in documents])
        self._save()

    def _save(self) -> None:
        """The function that embeds cannot be written to the configuration; it is given again at `load`."""
        self._embeddings.config.pop("transform", None)
        self._embeddings.save(self._path)

    def search(self, question: str) -> list[str]:
        return [str(hit["id"]) for hit in self._embeddings.search(question, DEPTH)]

    def contents(self) -> dict[str, int]:
        if self._embeddings.database is None:
            return {}
        rows = self._embeddings.search("SELECT id FROM txtai LIMIT 1000000")
        return dict(Counter(str(row["id"]) for row in rows))

    def delete(self, document: Document) -> None:
        self._embeddings.delete([document.id])
        self._save()


if __name__ == "__main__":
    main(Txtai)
