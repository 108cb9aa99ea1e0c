"""Questions are embedded once: routing, retrieval and the comparison of sentences ask for the same vector."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from gezhi.llm.protocol import Embedder, Vectors

KEPT = 64
"""Questions whose vectors are kept."""


class Remembered:
    """An embedder that keeps the vectors of the last questions."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed_passages(texts)

    def embed_question(self, text: str) -> Vectors:
        with self._lock:
            if text in self._known:
                self._known.move_to_end(text)
                return self._known[text]
        vector = self._embedder.embed_question(text)
        vector.flags.writeable = False
        with self._lock:
            self._known[text] = vector
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return vector

    def close(self) -> None:
        self._embedder.close()
