"""What the other rooms ask of models. Everything is synchronous: callers that must not block use a thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from gezhi.types import Usage

Vectors = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    role: str
    """`system`, `user` or `assistant`."""
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatRequest:
    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    """JSON schema the reply must follow. Local models are held to it token by token; a remote server may not
    enforce it, so callers validate."""
    grammar: str | None = None
    """GBNF that the reply must follow, for local models; others ignore it. Not together with `schema`."""
    max_tokens: int = 512
    temperature: float = 0.0
    seed: int | None = None
    """Of a temperature above 0, for local models: the same request gets the same reply. Others ignore it."""
    rules_first: bool = False
    """Whether the first message is the same for every question and holds nothing of the user's: a local model may then
    keep on disk how it read it."""
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatDelta:
    """A piece of a streamed reply. The last one has `finish` and the usage."""

    text: str = ""
    finish: str | None = None
    """`stop`, `length`, or the server's own word."""
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatReply:
    text: str
    finish: str
    usage: Usage


class ChatModel(Protocol):
    """A model that continues a conversation."""

    @property
    def name(self) -> str: ...

    @property
    def provider(self) -> str:
        """`local`, `openai_compatible` or `scripted`: OpenTelemetry's `gen_ai.provider.name`."""
        ...

    @property
    def window(self) -> int:
        """Tokens of prompt and reply together."""
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of the text; exact for local models, an upper estimate for remote ones."""
        ...

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        """Yield the reply as it is written. Closing the iterator stops the model.

        Raises ModelUnavailable (no server, not installed) or ModelFailed (error, garbage, prompt too long)."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Chooser(Protocol):
    """A chat model that can say how likely it is to begin its reply with each of some words."""

    def choose(self, request: ChatRequest, options: Sequence[str]) -> dict[str, float]:
        """Probability of each option as the beginning of the reply, case ignored, normalised to sum to 1 over the
        options. One token is generated."""
        ...


def complete(model: ChatModel, request: ChatRequest) -> ChatReply:
    """Run a request to its end."""
    parts: list[str] = []
    finish, usage = "stop", Usage()
    for delta in model.stream(request):
        parts.append(delta.text)
        usage = usage + delta.usage
        finish = delta.finish or finish
    return ChatReply(text="".join(parts), finish=finish, usage=usage)


class Embedder(Protocol):
    """A model that turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """Name and version: vectors of different names are never compared."""
        ...

    @property
    def dimensions(self) -> int: ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return float32 unit vectors, shape (len(texts), dimensions)."""
        ...

    def embed_question(self, text: str) -> Vectors:
        """Return one float32 unit vector, shape (dimensions,)."""
        ...

    def close(self) -> None: ...
