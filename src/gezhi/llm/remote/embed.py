"""Embeddings from an OpenAI-compatible server."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gezhi.llm.protocol import Vectors
from gezhi.llm.remote.connection import Connection, Deadline
from gezhi.types import ModelFailed


class RemoteEmbedder:
    """Vectors are normalised here. Some models want prefixes (`query: `, `passage: `): give them."""

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str = "",
        *,
        timeout: float = 60.0,
        total: float | None = None,
        retries: int = 3,
        pause: float = 0.5,
        batch: int = 32,
        dimensions: int | None = None,
        question_prefix: str = "",
        passage_prefix: str = "",
    ) -> None:
        self.name = model
        self._total = total if total is not None else 4 * timeout
        self._connection = Connection(
            base_url, api_key, timeout=timeout, total=self._total, retries=retries, pause=pause, what="embedding"
        )
        self._batch = batch
        self._dimensions = dimensions
        self._question_prefix = question_prefix
        self._passage_prefix = passage_prefix

    def __repr__(self) -> str:
        return f"RemoteEmbedder({self.name!r}, {self._connection.shown_url!r})"

    @property
    def dimensions(self) -> int:
        """Asked of the server once, by embedding a word, unless given or seen already."""
        if self._dimensions is None:
            self._embed(["dimensions"])
        assert self._dimensions is not None
        return self._dimensions

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        starts = range(0, len(texts), self._batch)
        return np.concatenate(
            [self._embed([self._passage_prefix + text for text in texts[i : i + self._batch]]) for i in starts]
        )

    def embed_question(self, text: str) -> Vectors:
        return np.asarray(self._embed([self._question_prefix + text])[0], dtype=np.float32)

    def _embed(self, texts: list[str]) -> Vectors:
        # Servers refuse empty inputs and cannot be sent lone surrogates.
        inputs = [text.encode("utf-8", "replace").decode("utf-8") if text.strip() else "." for text in texts]
        data = self._connection.call(
            lambda client: client.embeddings.create(model=self.name, input=inputs, encoding_format="float"),
            Deadline(self._total),
        )
        return self._checked(data, len(texts))

    def _checked(self, reply: object, count: int) -> Vectors:
        try:
            items = sorted(reply.data, key=lambda item: int(item.index))  # type: ignore[attr-defined]
            vectors = np.asarray([item.embedding for item in items], dtype=np.float32)
        except (AttributeError, TypeError, ValueError):
            raise self._unusable("no vectors") from None
        if vectors.ndim != 2 or vectors.shape[0] != count or vectors.shape[1] == 0:
            raise self._unusable(f"vectors of shape {vectors.shape} for {count} texts")
        if self._dimensions is not None and vectors.shape[1] != self._dimensions:
            raise self._unusable(f"vectors of {vectors.shape[1]} instead of {self._dimensions} dimensions")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or (lengths == 0).any():
            raise self._unusable("vectors that are zero or not numbers")
        self._dimensions = vectors.shape[1]
        return np.asarray(vectors / lengths, dtype=np.float32)

    def _unusable(self, what: str) -> ModelFailed:
        return ModelFailed(
            f"The embedding server {self._connection.shown_url} sent {what}.",
            hint=f"Check that {self.name} is an embedding model.",
        )

    def close(self) -> None:
        self._connection.close()
