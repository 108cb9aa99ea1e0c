"""Ask every retriever, fuse what they found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from gezhi.llm.protocol import Embedder
from gezhi.retrieve.fuse import fuse
from gezhi.retrieve.graph import ByGraph
from gezhi.store.protocol import Hit, PassageIndex
from gezhi.trace import span
from gezhi.types import Evidence, InvalidInput, Query


class Retriever(Protocol):
    """Finds passages in one way."""

    name: str
    weight: float
    """In the fusion, against 1 for words."""

    def find(self, query: Query, limit: int) -> list[Hit]:
        """Best first, within the query's scope and filters."""
        ...


class ByWords:
    """BM25 over analysed words."""

    name = "words"
    weight = 1.0

    def __init__(self, index: PassageIndex) -> None:
        self._index = index

    def find(self, query: Query, limit: int) -> list[Hit]:
        return self._index.search_words(query.text, query.scope, query.filters, limit)


class ByMeaning:
    """Cosine similarity of embeddings."""

    name = "meaning"
    weight = 1.5  # chosen by `evals/fusion.py`

    def __init__(self, index: PassageIndex, embedder: Embedder) -> None:
        self._index, self._embedder = index, embedder

    def find(self, query: Query, limit: int) -> list[Hit]:
        with span("embeddings", gen_ai__request__model=self._embedder.name):
            vector = self._embedder.embed_question(query.text)
        return self._index.search_meaning(vector, self._embedder.name, query.scope, query.filters, limit)


IDENTIFIER = re.compile(r"(?=[\w.\-/]*[A-Za-z])[\w.\-/]*\d[\w.\-/]*\d", re.ASCII)
"""Part numbers, versions, contract numbers: letters with at least two digits."""
IDENTIFIER_WEIGHT = 3.0
"""Of words, where the question names an identifier: vectors cannot tell PPR-9087 from PPR-9086."""

CANDIDATES = 60
"""Passages each retriever hands to the fusion, at least."""


class Retrieval:
    """The retrievers in use. `retrieve` is the one way from a query to evidence."""

    def __init__(self, retrievers: Sequence[Retriever], graph: ByGraph | None = None) -> None:
        self._retrievers: Mapping[str, Retriever] = {r.name: r for r in retrievers}
        self._graph = graph

    @property
    def names(self) -> tuple[str, ...]:
        return (*self._retrievers, *((self._graph.name,) if self._graph else ()))

    def retrieve(self, query: Query, names: Sequence[str] | None = None) -> list[Evidence]:
        """Evidence best first, at most `query.limit`. `names` chooses among the retrievers; all by default. The graph
        starts from what the others find; alone, it starts from words."""
        wanted = list(dict.fromkeys(self.names if names is None else names))
        chosen = self._chosen(wanted)
        limit = max(query.limit, CANDIDATES)
        lists: dict[str, Sequence[Hit]] = {}
        for retriever in chosen:
            with span(f"retrieve.{retriever.name}") as here:
                lists[retriever.name] = retriever.find(query, limit)
                here.set(gezhi__hits=len(lists[retriever.name]))
        with span("retrieve.fuse"):
            fused = fuse(lists, _weights(query, chosen))
        if self._graph is not None and self._graph.name in wanted:
            with span("retrieve.graph"):
                fused = self._graph.extend(query, fused, lists)
        return fused[: query.limit]

    @property
    def first_stage(self) -> list[str]:
        """Names of the retrievers, without the graph."""
        return list(self._retrievers)

    def _chosen(self, names: Sequence[str]) -> list[Retriever]:
        unknown = [name for name in names if name not in self.names]
        if unknown or not names:
            raise InvalidInput(
                f"No such retriever: {', '.join(unknown) or '(none named)'}.",
                hint=f"Choose among: {', '.join(self.names)}. Meaning needs an embedding model.",
            )
        first = [name for name in names if name in self._retrievers] or [ByWords.name]
        return [self._retrievers[name] for name in first]


def _weights(query: Query, retrievers: Sequence[Retriever]) -> dict[str, float]:
    weights = {retriever.name: retriever.weight for retriever in retrievers}
    if ByWords.name in weights and IDENTIFIER.search(query.text):
        weights[ByWords.name] = IDENTIFIER_WEIGHT
    return weights
