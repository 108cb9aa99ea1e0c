"""llama.cpp in this process, through xllamacpp: one loaded GGUF file."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gezhi.types import ModelFailed, ModelUnavailable

_BATCH = 128
"""Prompt tokens computed at a time (more is not faster). A request can be cancelled between two batches."""

KEPT_PROMPTS_MIB = 384
"""Of prompts read before, some 29 KB a token of a 1.5B: a query after an answer finds its 400 tokens of rules and
examples read: a seventeenth of the CPU (`evals/kept_prompts.py`)."""


def default_threads() -> int:
    """One for each core this process may use; past eight, memory is the bottleneck."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(8, cores))


class Engine:
    """A model in memory. It also listens on a loopback port (llama.cpp leaves no choice), under a random key."""

    def __init__(self, path: Path, *, window: int, threads: int, prompts: Path | None = None) -> None:
        """`prompts`: the folder that `save` and `restore` write to and read from."""
        if not path.is_file():
            raise ModelUnavailable(
                f"There is no model file {path}.", hint="Run `gezhi models list` and `gezhi models install NAME`."
            )
        try:
            import xllamacpp
        except ImportError as error:
            raise ModelUnavailable(
                f"Local chat models need xllamacpp, which cannot be loaded ({error}).",
                hint="Run: pip install 'gezhi[local]'",
            ) from error
        self._key = secrets.token_hex(24)
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx = window
        params.n_parallel = 1  # two at once are no faster on a CPU, and would halve the window or double its memory
        params.n_batch = _BATCH
        params.cpuparams.n_threads = threads
        params.cpuparams_batch.n_threads = threads
        for cpu in (params.cpuparams, params.cpuparams_batch):
            cpu.poll = 0  # sleep at barriers: spinning threads starve each other when the machine has other work
        params.verbosity = -1
        params.warmup = False
        params.cache_ram_mib = KEPT_PROMPTS_MIB  # its default keeps up to 8 GB
        params.ui = False
        params.endpoint_slots = False
        params.api_keys = [self._key]
        if prompts is not None:
            with suppress(OSError):  # a place that cannot be written to: nothing is kept
                prompts.mkdir(parents=True, exist_ok=True, mode=0o700)
            params.slot_save_path = f"{prompts}{os.sep}"
        try:
            self._server = xllamacpp.Server(params)
        except RuntimeError as error:
            raise ModelFailed(
                f"The model file {path} cannot be loaded: it is damaged, of an unknown kind, or memory ran out.",
                hint="Install the model again, or choose a smaller one.",
            ) from error
        self._address = urlsplit(self._server.listening_address)
        self._connection: http.client.HTTPConnection | None = None
        self._posting = threading.Lock()

    def chat(self, body: Mapping[str, Any], on_chunk: Callable[[Any], bool]) -> None:
        """Run a chat completion, handing over each chunk; a callback that returns True stops it."""
        self._server.handle_chat_completions(dict(body), on_chunk)

    def count_tokens(self, text: str) -> int:
        return len(self._posted("/tokenize", {"content": text, "add_special": False})["tokens"])

    def read(self, text: str, cancelled: Callable[[], bool]) -> None:
        """Read a system message; it is then known as long as nothing takes its place."""
        body = {
            "messages": [{"role": "system", "content": text}], "max_tokens": 1, "cache_prompt": True, "stream": True,
            "return_progress": True,
        }  # fmt: skip
        self.chat(body, lambda _: cancelled())

    def save(self, file_name: str) -> None:
        """Write what the model knows of its prompt. Raises ModelFailed."""
        self._posted("/slots/0?action=save", {"filename": file_name})

    def restore(self, file_name: str) -> None:
        """Have the model know what was saved. Raises ModelFailed."""
        self._posted("/slots/0?action=restore", {"filename": file_name})

    def _posted(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """What only the loopback port offers: a millisecond a call."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"}
        with self._posting:
            for attempt in (1, 2):
                try:
                    if self._connection is None:
                        host, port = self._address.hostname or "127.0.0.1", self._address.port
                        self._connection = http.client.HTTPConnection(host, port, timeout=60)
                    self._connection.request("POST", path, json.dumps(body), headers)
                    reply: dict[str, Any] = json.loads(self._connection.getresponse().read())
                except (OSError, http.client.HTTPException, ValueError) as error:
                    self._disconnect()
                    if attempt == 2:
                        raise ModelFailed(f"The local model did not answer at {path}: {error}.") from error
                    continue
                if refused := reply.get("error"):
                    raise ModelFailed(f"The local model refused {path}: {refused.get('message', refused)}.")
                return reply
        raise AssertionError("unreachable")

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def stop(self) -> None:
        """Free the memory. Nothing may be running."""
        with self._posting:
            self._disconnect()
            self._server = None
