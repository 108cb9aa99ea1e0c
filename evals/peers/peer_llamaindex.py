"""LlamaIndex: vector index and BM25, fused by reciprocal rank, on its default persistent storage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from adapter import DEPTH, Document, Peer, main


class LlamaIndex(Peer):
    package = "llama-index-core"
    settings: ClassVar = {
        "documents in": "VectorStoreIndex.from_documents, later refresh_ref_docs; SentenceSplitter, its defaults",
        "search": f"QueryFusionRetriever(mode=reciprocal_rerank, num_queries=1) over vector and BM25Retriever, {DEPTH}"
        " each",
        "store": "StorageContext.persist (JSON files), written at the end; BM25 built from them at start",
        "all else": "defaults",
    }

    def open(self) -> None:
        from llama_index.core import Settings, StorageContext, VectorStoreIndex, load_index_from_storage
        from llama_index.core.embeddings import BaseEmbedding
        from llama_index.core.llms import MockLLM
        from llama_index.core.node_parser import SentenceSplitter

        work = self.work

        class Embedding(BaseEmbedding):
            def _get_text_embedding(self, text: str) -> list[float]:
                return self._get_text_embeddings([text])[0]

            def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
                return work.passages(texts).tolist()

            def _get_query_embedding(self, query: str) -> list[float]:
                return work.questions([query])[0].tolist()

            async def _aget_query_embedding(self, query: str) -> list[float]:
                return self._get_query_embedding(query)

        Settings.embed_model = Embedding()
        Settings.llm = MockLLM()
        Settings.transformations = [SentenceSplitter()]
        self._retriever: Any = None
        self._index: Any = None
        if (self.folder / "docstore.json").exists():
            self._index = load_index_from_storage(StorageContext.from_defaults(persist_dir=str(self.folder)))
        self._from_documents = VectorStoreIndex.from_documents

    def add(self, documents: Sequence[Document]) -> None:
        from llama_index.core import Document as LlamaDocument

        given = [LlamaDocument(text=document.content, doc_id=document.id) for document in documents]
        if self._index is None:
            self._index = self._from_documents(given)
        else:
            self._index.refresh_ref_docs(given)
        self._index.storage_context.persist(persist_dir=str(self.folder))

    def search(self, question: str) -> list[str]:
        if self._retriever is None:
            from llama_index.core.retrievers import QueryFusionRetriever
            from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
            from llama_index.retrievers.bm25 import BM25Retriever

            docstore = self._index.docstore
            count = min(DEPTH, len(docstore.docs))
            self._retriever = QueryFusionRetriever(
                [
                    self._index.as_retriever(similarity_top_k=count),
                    BM25Retriever.from_defaults(docstore=docstore, similarity_top_k=count),
                ],
                similarity_top_k=DEPTH,
                num_queries=1,
                mode=FUSION_MODES.RECIPROCAL_RANK,
                use_async=False,
            )
        return [hit.node.ref_doc_id for hit in self._retriever.retrieve(question)]

    def contents(self) -> dict[str, int]:
        if self._index is None:
            return {}
        known = set(self._index.index_struct.nodes_dict.values())
        infos = self._index.docstore.get_all_ref_doc_info() or {}
        return {name: sum(node in known for node in info.node_ids) for name, info in infos.items()}

    def delete(self, document: Document) -> None:
        self._index.delete_ref_doc(document.id, delete_from_docstore=True)
        self._index.storage_context.persist(persist_dir=str(self.folder))


if __name__ == "__main__":
    main(LlamaIndex)
