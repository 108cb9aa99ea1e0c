"""Chat with a model behind an OpenAI-compatible server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from gezhi.llm.estimate import estimate_tokens
from gezhi.llm.protocol import ChatDelta, ChatRequest
from gezhi.llm.remote.connection import Connection, Deadline, Rejected
from gezhi.types import ModelFailed, ModelUnavailable, Usage

if TYPE_CHECKING:
    import openai

_TOKENS_A_MESSAGE = 6
"""What chat templates add around a message, about."""


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What a server is known to take; learnt from what it refuses."""

    schema: str = "json_schema"
    """`json_schema`, then `json_object`, then `none`."""
    usage: bool = True
    length_field: str = "max_tokens"
    temperature: bool = True

    def simpler(self, said: str, *, with_schema: bool) -> _Dialect | None:
        """The next to try after a refusal that says this; None if there is nothing left to leave out."""
        if "max_completion_tokens" in said and self.length_field == "max_tokens":
            return replace(self, length_field="max_completion_tokens")
        if "stream_options" in said and self.usage:
            return replace(self, usage=False)
        if "temperature" in said and self.temperature:
            return replace(self, temperature=False)
        if with_schema and self.schema != "none":
            return replace(self, schema="json_object" if self.schema == "json_schema" else "none")
        return replace(self, usage=False) if self.usage else None


class RemoteChat:
    """Streams replies. `timeout` is how long the server may say nothing; a whole request gets `total` seconds."""

    provider = "openai_compatible"

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str = "",
        *,
        window: int = 8192,
        timeout: float = 120.0,
        total: float | None = None,
        retries: int = 3,
        pause: float = 0.5,
    ) -> None:
        self.name = model
        self.window = window
        self._total = total if total is not None else 4 * timeout
        self._connection = Connection(
            base_url, api_key, timeout=timeout, total=self._total, retries=retries, pause=pause, what="chat"
        )
        self._dialect = _Dialect()

    def __repr__(self) -> str:
        return f"RemoteChat({self.name!r}, {self._connection.shown_url!r})"

    def count_tokens(self, text: str) -> int:
        return estimate_tokens(text)

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        import httpx2
        import openai

        deadline = Deadline(self._total)
        reply = self._asked(request, deadline)
        try:
            yield from self._deltas(reply, request, deadline)
        except (openai.OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise self._connection.mapped(error, begun=True) from None
        finally:
            reply.close()

    def _asked(self, request: ChatRequest, deadline: Deadline) -> openai.Stream[Any]:
        dialect = self._dialect
        while True:
            body = self._body(request, dialect)
            try:
                reply = self._connection.call(partial(_create, body=body), deadline)
            except Rejected as error:
                simpler = dialect.simpler(error.said.lower(), with_schema=request.schema is not None)
                if error.status not in (400, 415, 422, 501) or simpler is None or _is_too_long(error.said):
                    raise self._explained(error) from None
                dialect = simpler
            else:
                self._dialect = dialect
                return reply

    def _body(self, request: ChatRequest, dialect: _Dialect) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [{"role": message.role, "content": _clean(message.text)} for message in request.messages],
            "stream": True,
            dialect.length_field: request.max_tokens,
        }
        if dialect.temperature:
            body["temperature"] = request.temperature
        if dialect.usage:
            body["stream_options"] = {"include_usage": True}
        if request.stop:
            body["stop"] = list(request.stop)
        if request.schema is not None and dialect.schema == "json_schema":
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "reply", "strict": True, "schema": dict(request.schema)},
            }
        elif request.schema is not None and dialect.schema == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body

    def _deltas(self, reply: openai.Stream[Any], request: ChatRequest, deadline: Deadline) -> Iterator[ChatDelta]:
        finish: str | None = None
        usage: Usage | None = None
        written: list[str] = []
        for chunk in self._chunks(reply):
            usage = _usage(chunk.get("usage")) or usage
            for choice in _list(chunk.get("choices"))[:1]:
                finish = choice.get("finish_reason") or finish
                said = choice.get("delta") or choice.get("message")
                text = said.get("content") if isinstance(said, dict) else None
                if isinstance(text, str) and text:
                    written.append(text)
                    yield ChatDelta(text=text)
            if deadline.left < 0:
                raise ModelUnavailable(
                    f"The chat server {self._connection.shown_url} was still writing after {self._total:g} s.",
                    hint="Ask for less, or set a longer timeout.",
                )
        if finish is None and not written:
            raise ModelFailed(
                f"The chat server {self._connection.shown_url} sent an empty answer.",
                hint="Check that the base URL is that of an OpenAI-compatible API; it usually ends in /v1.",
            )
        # A stream that ends without a reason was cut off: say so rather than call it finished.
        yield ChatDelta(finish=finish or "incomplete", usage=usage or self._estimated(request, "".join(written)))

    def _chunks(self, reply: openai.Stream[Any]) -> Iterator[dict[str, Any]]:
        """The stream's objects as plain dicts: the client does not check what the server sent."""
        kind = str(reply.response.headers.get("content-type", "")).lower()
        if "json" in kind:  # a server that does not stream
            data = json.loads(reply.response.read())
            if isinstance(data, dict):
                yield data
            return
        if "html" in kind:
            raise ValueError("a web page")
        for chunk in reply:
            data = chunk.model_dump(warnings=False) if hasattr(chunk, "model_dump") else chunk
            if isinstance(data, dict):
                yield data

    def _estimated(self, request: ChatRequest, written: str) -> Usage:
        read = sum(estimate_tokens(message.text) + _TOKENS_A_MESSAGE for message in request.messages)
        return Usage(input_tokens=read, output_tokens=estimate_tokens(written))

    def _explained(self, error: Rejected) -> ModelFailed:
        if _is_too_long(error.said):
            return ModelFailed(
                error.message,
                hint=f"The prompt is too long for it: set chat_window (now {self.window}) to what the model takes.",
            )
        return ModelFailed(error.message, hint="Check that the model can chat, and its name.")

    def close(self) -> None:
        self._connection.close()


def _create(client: openai.OpenAI, *, body: dict[str, Any]) -> openai.Stream[Any]:
    reply: openai.Stream[Any] = client.chat.completions.create(**body)
    return reply


def _is_too_long(said: str) -> bool:
    said = said.lower()
    return "context" in said and any(word in said for word in ("length", "size", "window", "exceed"))


def _usage(counts: Any) -> Usage | None:
    if not isinstance(counts, dict):
        return None
    read, wrote = counts.get("prompt_tokens"), counts.get("completion_tokens")
    if not isinstance(read, int) or not isinstance(wrote, int):
        return None
    return Usage(input_tokens=read, output_tokens=wrote)


def _list(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _clean(text: str) -> str:
    """Lone surrogates cannot be sent."""
    return text.encode("utf-8", "replace").decode("utf-8")
