"""Several threads and processes at one store, and processes that die."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from contract_material import NO_FILTER, OWNER, add, document, meaning, put, words

from gezhi.store import Store
from gezhi.store.sqlite import open_sqlite

HERE = str(Path(__file__).parent)


def test_readers_see_whole_documents_while_one_writes(store: Store) -> None:
    """A source holds two passages of one version at any time, never of two."""
    put(store, document("a.txt", ["left v0", "right v0"]), vectors=True)
    stop = threading.Event()
    torn: list[object] = []

    def read() -> None:
        while not stop.is_set():
            hits = store.search_words("left right", OWNER, NO_FILTER, 10)
            found = sorted(hit.passage.text for hit in hits)
            if len(found) != 2 or found[0].split()[1] != found[1].split()[1]:
                torn.append(found)
            if len(meaning(store, "left")) != 2:
                torn.append("meaning")

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for version in range(1, 30):
        put(store, document("a.txt", [f"left v{version}", f"right v{version}"]), vectors=True)
    stop.set()
    for reader in readers:
        reader.join()
    assert torn == []
    assert words(store, "left") == ["left v29"]


def test_many_threads_write(store: Store) -> None:
    def write(worker: int) -> None:
        for n in range(8):
            add(store, f"{worker}/{n}.txt", f"text {worker} {n}", vectors=True)

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    status = store.status()
    assert (status.documents, status.passages, status.vectors, status.revision) == (32, 32, 32, 32)
    assert len(words(store, "text", limit=50)) == 32


def test_two_processes_open_a_fresh_store_and_write(tmp_path: Path) -> None:
    folder = tmp_path / "two.gezhi"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write_some, args=(str(folder), name)) for name in "ab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    store = open_sqlite(folder)
    assert len(store.sources()) == 20
    assert len(words(store, "text", limit=50)) == 20
    store.close()


def _write_some(folder: str, name: str) -> None:
    store = open_sqlite(Path(folder))
    for n in range(10):
        add(store, f"{name}{n}.txt", f"text {name} {n}")
        words(store, "text")
    store.close()


REPLACER = """
import sys
sys.path.insert(0, {here!r})
from pathlib import Path
from contract_material import document, put
from gezhi.store.sqlite import open_sqlite
store = open_sqlite(Path({folder!r}))
for n in range(10_000):
    put(store, document("a.txt", [f"version {{n}} line {{at}}" for at in range(60)]), vectors=True)
    print(n, flush=True)
"""


def test_kill_9_leaves_whole_documents_and_all_that_was_acknowledged(tmp_path: Path) -> None:
    folder = tmp_path / "killed.gezhi"
    program = REPLACER.format(here=HERE, folder=str(folder))
    for stop_after in (1, 2, 5):
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            acknowledged = -1
            for line in process.stdout:
                acknowledged = int(line)
                if acknowledged >= stop_after:
                    os.kill(process.pid, signal.SIGKILL)
                    break
            rest = process.stdout.read().split()
            acknowledged = int(rest[-1]) if rest else acknowledged
        store = open_sqlite(folder)
        hits = store.search_words("version", OWNER, NO_FILTER, 100)
        versions = {hit.passage.text.split()[1] for hit in hits}
        assert len(hits) == 60
        assert len(versions) == 1
        assert int(versions.pop()) in (acknowledged, acknowledged + 1)
        status = store.status()
        assert (status.documents, status.passages) == (1, 60)
        assert 60 <= status.vectors <= 120
        store.drop_unused_vectors()
        assert store.status().vectors == 60
        store.close()
