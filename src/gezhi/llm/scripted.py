"""Fakes that ship with the package, so that tests and examples run without a model."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from gezhi.llm.estimate import estimate_tokens
from gezhi.llm.protocol import ChatDelta, ChatRequest, Vectors
from gezhi.types import ModelFailed, Usage

_PIECE = 7
"""Characters a delta: odd and small, so that callers meet words and JSON cut anywhere."""


class ScriptedChat:
    """Replies from a list, in order, or from a function of the request; keeps the requests it got."""

    provider = "scripted"

    def __init__(
        self,
        replies: Sequence[str] | Callable[[ChatRequest], str],
        *,
        name: str = "scripted",
        window: int = 8192,
        delay_s: float = 0.0,
    ) -> None:
        self.name = name
        self.window = window
        self.requests: list[ChatRequest] = []
        self.cancelled = 0
        """Streams that were closed before their end."""
        self.closed = False
        self._replies = replies if callable(replies) else list(replies)
        self._delay_s = delay_s

    def count_tokens(self, text: str) -> int:
        return estimate_tokens(text)

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        reply = self._next_reply(request)
        for mark in request.stop:
            reply = reply.split(mark, 1)[0]
        read = sum(estimate_tokens(message.text) for message in request.messages)
        if read > self.window:
            raise ModelFailed(f"The prompt has {read} tokens; the window of {self.name} is {self.window}.")
        done = False
        try:
            for start in range(0, len(reply), _PIECE):
                if self._delay_s:
                    time.sleep(self._delay_s)
                yield ChatDelta(text=reply[start : start + _PIECE])
            done = True
            usage = Usage(input_tokens=read, output_tokens=estimate_tokens(reply))
            yield ChatDelta(finish="stop", usage=usage)
        finally:
            self.cancelled += not done

    def _next_reply(self, request: ChatRequest) -> str:
        self.requests.append(request)
        if callable(self._replies):
            return self._replies(request)
        if len(self.requests) > len(self._replies):
            raise ModelFailed(
                f"The script of {self.name} has {len(self._replies)} replies and was asked {len(self.requests)} times."
            )
        return self._replies[len(self.requests) - 1]

    def close(self) -> None:
        self.closed = True


_TERMS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")


class HashEmbedder:
    """Bag of words hashed into unit vectors: texts that share words are near. Chinese by pairs of characters."""

    def __init__(self, dimensions: int = 64) -> None:
        self.dimensions = dimensions
        self.name = f"hash-{dimensions}"
        self.embedded = 0
        """Passages embedded so far, for tests of what is not done twice."""
        self.closed = False

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        out = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(out, texts, strict=True):
            self._fill(row, text)
        return out

    def embed_question(self, text: str) -> Vectors:
        row = np.zeros(self.dimensions, dtype=np.float32)
        self._fill(row, text)
        return row

    def _fill(self, row: Vectors, text: str) -> None:
        for term in _terms(text):
            digest = hashlib.blake2b(term.encode(), digest_size=8).digest()
            number = int.from_bytes(digest, "little")
            row[number % self.dimensions] += 1.0 if number >> 63 else -1.0
        length = float(np.linalg.norm(row))
        if length == 0.0:  # no terms, or terms that cancel out: still a unit vector
            row[0], length = 1.0, 1.0
        row /= length

    def close(self) -> None:
        self.closed = True


def _terms(text: str) -> Iterator[str]:
    for match in _TERMS.finditer(text.lower()):
        term = match.group()
        if term[0] < "\u3400":
            yield term
        else:
            yield from term
            yield from (term[i : i + 2] for i in range(len(term) - 1))
