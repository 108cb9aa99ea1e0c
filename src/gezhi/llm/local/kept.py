"""Prompts as the model has read them, on disk. Reading 400 tokens takes a 1.5B on two cores six seconds, and every
`gezhi ask` is a new process; put back, they take milliseconds. Only what is the same for every question is kept, never
a text of the user's."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from gezhi.llm.estimate import estimate_tokens
from gezhi.types import ModelFailed

FEWEST_TOKENS = 100
"""Of a text that is worth a file of 29 KB a token."""
MOST_FILES = 12
_BLOCK = 1 << 20


class Reads(Protocol):
    """What a model in memory must do for its prompts to be kept (`Engine`). File names are within its folder."""

    def read(self, text: str, cancelled: Callable[[], bool]) -> None: ...
    def save(self, file_name: str) -> None: ...
    def restore(self, file_name: str) -> None: ...


class KeptPrompts:
    """The files of one model. A file's name says which text, model and engine it is of, and what its bytes are: one
    that was cut short or changed is not put back, for the engine would crash on it."""

    def __init__(self, folder: Path, model: Path, window: int) -> None:
        self.folder = folder
        self._model, self._window = model, window
        self._ready: set[str] = set()

    def make_ready(self, text: str, engine: Reads, cancelled: Callable[[], bool]) -> None:
        """Have the engine know the text before it is used, from disk if it was ever read."""
        if text in self._ready or estimate_tokens(text) < FEWEST_TOKENS:
            return
        self._ready.add(text)
        with suppress(OSError, ModelFailed):  # without it, the text is read with the question
            if not self._put_back(text, engine):
                self._read(text, engine, cancelled)

    def _put_back(self, text: str, engine: Reads) -> bool:
        for path in self.folder.glob(f"{self._digest(text)}-*.kv"):
            if path.stem.endswith(_hash(path)):
                os.utime(path)
                engine.restore(path.name)
                return True
            path.unlink()
        return False

    def _read(self, text: str, engine: Reads, cancelled: Callable[[], bool]) -> None:
        engine.read(text, cancelled)
        if cancelled():
            self._ready.discard(text)
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self.folder / f"{os.getpid()}-{threading.get_ident()}.unfinished"
        try:
            engine.save(unfinished.name)
            unfinished.rename(self.folder / f"{self._digest(text)}-{_hash(unfinished)}.kv")
        finally:
            unfinished.unlink(missing_ok=True)
        kept = sorted(self.folder.glob("*.kv"), key=lambda path: path.stat().st_mtime)
        for old in kept[:-MOST_FILES]:
            old.unlink(missing_ok=True)

    def _digest(self, text: str) -> str:
        model = self._model.stat()
        parts = (_engine_version(), self._model.name, model.st_size, model.st_mtime_ns, self._window, text)
        return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:32]


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()[:32]


def _engine_version() -> str:
    try:
        return importlib.metadata.version("xllamacpp")
    except importlib.metadata.PackageNotFoundError:  # built from source
        return "unknown"
