"""Chat with a GGUF file in this process."""

from __future__ import annotations

import hashlib
import math
import queue
import re
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gezhi.llm.local.engine import Engine, default_threads
from gezhi.llm.local.kept import KeptPrompts
from gezhi.llm.protocol import ChatDelta, ChatRequest
from gezhi.types import ModelFailed, Usage

_WAIT_SECONDS = 900.0
"""For requests before this one. Bounded, so that a stream somebody forgot to close does not hang its own thread."""

_CHOICES = 20
"""Most likely first tokens looked at when choosing."""

KEPT_COUNTS = 4096
"""Texts whose tokens are not counted again."""

_CONTROL = re.compile(r"<(?=\|[\w ]{1,40}\|>|/?s>|(?:start|end)_of_turn>|\uff5c)|\[(?=/?INST\])")
"""Where text would be read as a chat template's control token."""


class LocalChat:
    """Answers one request at a time; others wait. The model is loaded at first use."""

    provider = "local"

    def __init__(
        self,
        path: Path,
        *,
        name: str = "",
        window: int = 8192,
        threads: int | None = None,
        prompts: Path | None = None,
    ) -> None:
        """`prompts`: a folder for system messages as the model has read them; None keeps none."""
        self.name = name or path.stem
        self.window = window
        self.path = path
        self._threads = threads or default_threads()
        self._engine: Engine | None = None
        self._loading = threading.Lock()
        self._turn = threading.Lock()
        self._running: threading.Event | None = None
        self._counts: dict[bytes, int] = {}
        self._kept = KeptPrompts(prompts, path, window) if prompts is not None else None

    def count_tokens(self, text: str) -> int:
        """Exact; loads the model."""
        if not text:
            return 0
        key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()  # keeps no text
        count = self._counts.get(key)
        if count is None:
            count = self._loaded().count_tokens(_clean(text))
            if len(self._counts) >= KEPT_COUNTS:
                self._counts.clear()
            self._counts[key] = count
        return count

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        rules = request.messages[0].text if request.rules_first else ""
        return self._deltas(self._chunks(self._body(request), rules))

    def choose(self, request: ChatRequest, options: Sequence[str]) -> dict[str, float]:
        """Probability of each option as the first token, read from the model's most likely tokens."""
        body = {**self._body(request), "max_tokens": 1, "logprobs": True, "top_logprobs": _CHOICES}
        weights = dict.fromkeys(options, 1e-6)  # never zero: an option may be less likely than all that are listed
        for chunk in self._chunks(body):
            if error := chunk.get("error"):
                raise self._failure(error)
            for choice in chunk.get("choices", ()):
                for token in ((choice.get("logprobs") or {}).get("content") or [{}])[0].get("top_logprobs", ()):
                    said = token["token"].strip().casefold()
                    for option in options:
                        weights[option] += math.exp(token["logprob"]) if said == option.casefold() else 0.0
        total = sum(weights.values())
        return {option: weight / total for option, weight in weights.items()}

    def _chunks(self, body: dict[str, Any], rules: str = "") -> Generator[Any, None, None]:
        """Run a request and yield the server's chunks; closing the iterator stops the model. `rules`: the text that it
        begins with, if that is worth keeping."""
        if not self._turn.acquire(timeout=_WAIT_SECONDS):
            raise ModelFailed(
                f"The local model {self.name} has been busy for {_WAIT_SECONDS:.0f} s.", hint="Try again later."
            )
        chunks: queue.SimpleQueue[Any] = queue.SimpleQueue()
        cancelled = threading.Event()
        try:
            engine = self._loaded()
            worker = threading.Thread(
                target=self._work, args=(engine, body, rules, chunks, cancelled), name="gezhi-llm", daemon=True
            )
            self._running = cancelled
            worker.start()
        except BaseException:
            self._turn.release()
            raise
        try:
            while (chunk := chunks.get()) is not None:
                yield chunk
        finally:
            cancelled.set()

    def _work(
        self,
        engine: Engine,
        body: dict[str, Any],
        rules: str,
        chunks: queue.SimpleQueue[Any],
        cancelled: threading.Event,
    ) -> None:
        """Run in a thread of its own. It, not the caller, ends the turn: a cancelled model still finishes its batch."""

        def on_chunk(chunk: Any) -> bool:
            chunks.put(chunk)
            return cancelled.is_set()

        try:
            if rules and self._kept is not None:
                self._kept.make_ready(_clean(rules), engine, cancelled.is_set)
            engine.chat(body, on_chunk)
        except (RuntimeError, ValueError) as error:  # what llama.cpp throws: a schema it cannot read, for one
            chunks.put({"error": {"message": str(error)}})
        finally:
            chunks.put(None)
            self._turn.release()

    def _deltas(self, chunks: Generator[Any, None, None]) -> Iterator[ChatDelta]:
        with closing(chunks):
            yield from self._read(chunks)

    def _read(self, chunks: Iterator[Any]) -> Iterator[ChatDelta]:
        finish: str | None = None
        usage = Usage()
        for chunk in chunks:
            if error := chunk.get("error"):
                raise self._failure(error)
            if counts := chunk.get("usage"):
                usage = Usage(
                    input_tokens=int(counts.get("prompt_tokens", 0)),
                    output_tokens=int(counts.get("completion_tokens", 0)),
                )
            for choice in chunk.get("choices", ()):
                finish = choice.get("finish_reason") or finish
                if text := choice.get("delta", {}).get("content"):
                    yield ChatDelta(text=text)
        if finish is None:
            raise ModelFailed(f"The local model {self.name} stopped without finishing.", hint="Try again.")
        yield ChatDelta(finish=finish, usage=usage)

    def _failure(self, error: dict[str, Any]) -> ModelFailed:
        tokens = error.get("n_prompt_tokens")
        if tokens is not None:
            return ModelFailed(
                f"The prompt has {tokens} tokens; the window of {self.name} is {error.get('n_ctx', self.window)}.",
                hint="Ask with fewer or shorter passages, or set a larger chat_window.",
            )
        return ModelFailed(f"The local model {self.name} failed: {error.get('message', error)}.")

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "messages": [{"role": message.role, "content": _clean(message.text)} for message in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "cache_prompt": True,
            "stream": True,
            "stream_options": {"include_usage": True},
            "return_progress": True,  # a chunk after each batch of the prompt: a place to cancel
        }
        if request.seed is not None:
            body["seed"] = request.seed
        if request.stop:
            body["stop"] = list(request.stop)
        if request.schema is not None:
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "reply", "strict": True, "schema": dict(request.schema)},
            }
        elif request.grammar is not None:
            body["grammar"] = request.grammar
        return body

    def _loaded(self) -> Engine:
        with self._loading:
            if self._engine is None:
                prompts = self._kept.folder if self._kept is not None else None
                self._engine = Engine(self.path, window=self.window, threads=self._threads, prompts=prompts)
            return self._engine

    def close(self) -> None:
        """Stop what runs and free the memory; the next use loads the model again."""
        if self._running is not None:
            self._running.set()
        with self._turn, self._loading:
            if self._engine is not None:
                self._engine.stop()
                self._engine = None


def _clean(text: str) -> str:
    """What llama.cpp can take. Control tokens in a document must not end a message: they are broken by a space."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return _CONTROL.sub(lambda match: match.group() + " ", text)
