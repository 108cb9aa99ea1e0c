"""Haystack: BM25 and embedding retrieval joined by reciprocal rank, on its in-memory store saved to disk.

Without `from __future__ import annotations`: Haystack reads a component's types when it is made."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from adapter import DEPTH, Document, Peer, main


class Haystack(Peer):
    package = "haystack-ai"
    settings: ClassVar = {
        "documents in": "DocumentSplitter(split_by=word, split_length=200), embedder, DocumentWriter(policy=overwrite)",
        "search": f"InMemoryBM25Retriever and InMemoryEmbeddingRetriever, {DEPTH} each,"
        " DocumentJoiner(join_mode=reciprocal_rank_fusion)",
        "store": "InMemoryDocumentStore(embedding_similarity_function=cosine), save_to_disk at the end (JSON)",
        "all else": "defaults",
    }

    def open(self) -> None:
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        self._file = self.folder / "documents.json"
        if self._file.exists():
            self._store = InMemoryDocumentStore.load_from_disk(str(self._file))
        else:
            self._store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        self._pipeline: Any = None

    def add(self, documents: Sequence[Document]) -> None:
        from haystack import Document as HaystackDocument
        from haystack import Pipeline, component
        from haystack.components.preprocessors import DocumentSplitter
        from haystack.components.writers import DocumentWriter
        from haystack.document_stores.types import DuplicatePolicy

        work = self.work

        @component
        class Embed:
            @component.output_types(documents=list[HaystackDocument])
            def run(self, documents: list[HaystackDocument]) -> dict[str, Any]:
                made = []
                for start in range(0, len(documents), 32):  # the batch of Haystack's own embedders
                    batch = documents[start : start + 32]
                    vectors = work.passages([document.content or "" for document in batch])
                    made += [replace(d, embedding=v.tolist()) for d, v in zip(batch, vectors, strict=True)]
                return {"documents": made}

        pipeline = Pipeline()
        pipeline.add_component("split", DocumentSplitter(split_by="word", split_length=200))
        pipeline.add_component("embed", Embed())
        pipeline.add_component("write", DocumentWriter(self._store, policy=DuplicatePolicy.OVERWRITE))
        pipeline.connect("split", "embed")
        pipeline.connect("embed", "write")
        given = [HaystackDocument(content=document.content, meta={"document": document.id}) for document in documents]
        pipeline.run({"split": {"documents": given}})
        self._store.save_to_disk(str(self._file))

    def search(self, question: str) -> list[str]:
        if self._pipeline is None:
            self._pipeline = self._searching()
        vector = self.work.questions([question])[0].tolist()
        given = {"words": {"query": question}, "meaning": {"query_embedding": vector}}
        return [hit.meta["document"] for hit in self._pipeline.run(given)["join"]["documents"]]

    def _searching(self) -> Any:
        from haystack import Pipeline
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever

        pipeline = Pipeline()
        pipeline.add_component("words", InMemoryBM25Retriever(self._store, top_k=DEPTH))
        pipeline.add_component("meaning", InMemoryEmbeddingRetriever(self._store, top_k=DEPTH))
        pipeline.add_component("join", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("words", "join")
        pipeline.connect("meaning", "join")
        return pipeline

    def contents(self) -> dict[str, int]:
        return dict(Counter(document.meta["document"] for document in self._store.filter_documents()))

    def delete(self, document: Document) -> None:
        same = {"field": "meta.document", "operator": "==", "value": document.id}
        self._store.delete_documents([found.id for found in self._store.filter_documents(same)])
        self._store.save_to_disk(str(self._file))


if __name__ == "__main__":
    main(Haystack)
