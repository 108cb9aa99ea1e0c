"""LightRAG through its own pipeline; the language model that extracts is a table of stored facts.

Without facts for a set the model finds nothing, and LightRAG is asked in its mode `naive`: vectors of chunks only."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar

import numpy as np
from adapter import DEPTH, DIMENSIONS, Document, Peer, main

FIELD, END = "<|#|>", "<|COMPLETE|>"
INPUT = re.compile(r"---Input Text---\s*```\n(.*?)\n```", re.S)
CHARACTERS, BITS = 4, 21


class FourCharacters:
    """Its usual tokenizer has to be downloaded; four characters a token is about what that one makes of English."""

    def encode(self, content: str) -> list[int]:
        return [
            sum(ord(c) << (BITS * place) for place, c in enumerate(content[start : start + CHARACTERS]))
            for start in range(0, len(content), CHARACTERS)
        ]

    def decode(self, tokens: Sequence[int]) -> str:
        parts = [[(token >> (BITS * place)) & ((1 << BITS) - 1) for place in range(CHARACTERS)] for token in tokens]
        return "".join(chr(c) for part in parts for c in part if c)


class LightRag(Peer):
    package = "lightrag-hku"
    facts_use = "used"
    settings: ClassVar = {
        "documents in": "ainsert with ids; the extracting model answers from the stored facts, one call a chunk, no"
        " gleaning",
        "search": "aquery_data, mode mix (naive where a set has no facts), chunk_top_k 20, the question given as high-"
        " and low-level keyword (no language model at query time), no reranker",
        "store": "its default: JSON files, NanoVectorDB, NetworkX",
        "all else": "defaults",
    }

    def open(self) -> None:
        from lightrag import LightRAG
        from lightrag.utils import EmbeddingFunc, Tokenizer, logger

        logger.setLevel(logging.ERROR)
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._rag: Any = LightRAG(
            working_dir=str(self.folder),
            tokenizer=Tokenizer("four-characters", FourCharacters()),
            embedding_func=EmbeddingFunc(
                embedding_dim=DIMENSIONS, func=self._embed, max_token_size=512, supports_asymmetric=True
            ),
            llm_model_func=self._extract,
            llm_model_name="stored-facts",
            entity_extract_max_gleaning=0,
            force_llm_summary_on_merge=1_000_000,
            summary_context_size=10_000_000,
            summary_max_tokens=10_000_000,
        )
        self._wait(self._rag.initialize_storages())

    def __deepcopy__(self, memo: Any) -> LightRag:
        """LightRAG copies its configuration, and with it the functions of this object."""
        del memo
        return self

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(work)

    async def _embed(self, texts: list[str], context: str = "document", **more: Any) -> Any:
        del more
        vectors = self.work.questions(texts) if context == "query" else self.work.passages(texts)
        return np.asarray(vectors)

    async def _extract(self, prompt: str, **more: Any) -> str:
        del more
        found = INPUT.search(prompt)
        if found is None:
            raise ValueError(f"not a prompt to extract: {prompt[:200]}")
        content = found.group(1).strip()
        self.work.call(content)
        triples = self.facts.triples.get(content, ())
        told: dict[str, list[str]] = {name: [] for name in self.facts.entities.get(content, ())}
        for subject, relation, thing in triples:
            for name in (subject, thing):
                told.setdefault(name, []).append(f"{subject} {relation} {thing}.")
        rows = [["entity", name, "Other", " ".join(said) or name] for name, said in told.items()]
        rows += [["relation", s, o, r, f"{s} {r} {o}."] for s, r, o in triples]
        return "\n".join([*(FIELD.join(part.replace("\n", " ") for part in row) for row in rows), END])

    def add(self, documents: Sequence[Document]) -> None:
        names = [document.id for document in documents]
        contents = [document.content for document in documents]
        self._wait(self._rag.ainsert(contents, ids=names, file_paths=names))

    def search(self, question: str) -> list[str]:
        from lightrag import QueryParam

        param = QueryParam(
            mode="mix" if self.facts.triples else "naive",
            chunk_top_k=DEPTH,
            hl_keywords=[question],
            ll_keywords=[question],
            enable_rerank=False,
        )
        found = self._wait(self._rag.aquery_data(question, param))
        return [chunk["file_path"] for chunk in found.get("data", {}).get("chunks", [])]

    def contents(self) -> dict[str, int]:
        from lightrag.base import DocStatus

        done = self._wait(self._rag.doc_status.get_docs_by_statuses([DocStatus.PROCESSED]))
        vectors = self._wait(self._chunks())
        held = Counter(entry["full_doc_id"] for entry in vectors)
        return {name: held[name] for name in done}

    async def _chunks(self) -> list[dict[str, Any]]:
        return list((await self._rag.chunks_vdb.client_storage)["data"])

    def delete(self, document: Document) -> None:
        result = self._wait(self._rag.adelete_by_doc_id(document.id))
        if result.status != "success":
            raise SystemExit(f"not deleted: {result.message}")

    def close(self) -> None:
        self._wait(self._rag.finalize_storages())


if __name__ == "__main__":
    main(LightRag)
