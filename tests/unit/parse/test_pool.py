"""The pool: a file that hangs, crashes or eats memory costs its own outcome and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gezhi.parse import Limits, ParserPool, parse_bytes

from . import samples

# A worker whose parser does what the file says: only tests can start it, through their own command.
HOSTILE = """
import os, sys, time
from gezhi.parse.dispatch import parse_bytes
from gezhi.parse.sandbox.worker import serve

def parse(data, source, limits, options):
    print("a library prints", flush=True)
    os.write(1, b"straight to the descriptor")
    order = data.decode("latin-1").partition(":")[0]
    if order == "hang":
        while True:
            time.sleep(0.01)
    if order == "crash":
        os.abort()
    if order == "exit":
        os._exit(3)
    if order == "eat":
        held = []
        while True:
            held.append(bytearray(os.urandom(1 << 20) * 8))
    if order == "allocate":
        bytearray(1 << 40)
    if order == "garbage":
        import gc, io
        for item in gc.get_objects():
            if isinstance(item, io.BufferedWriter) and item.fileno() > 2:
                item.write(b"\\x00" * 7 + b"\\x04junk")
                item.flush()
                time.sleep(60)
    return parse_bytes(data, source, limits, options)

serve(parse)
"""


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool() as made:
        yield made


@pytest.fixture
def hostile() -> Iterator[ParserPool]:
    limits = Limits(seconds=5, memory_bytes=300 * 1024 * 1024)
    with ParserPool(limits, command=[sys.executable, "-c", HOSTILE]) as made:
        yield made


def test_same_as_in_process(pool: ParserPool) -> None:
    for name, data in samples.every().items():
        assert pool.parse(data, name) == parse_bytes(data, name)


def test_paths(pool: ParserPool, tmp_path: Path) -> None:
    good = tmp_path / "emoji 🙂\nline.txt"
    good.write_text("words", encoding="utf-8")
    parsed = pool.parse(good, "key.txt")
    assert parsed.document is not None and (parsed.document.source, parsed.document.text) == ("key.txt", "words")
    assert pool.parse(tmp_path / "missing.txt", "x").outcome.code == "not_found"
    assert pool.parse(tmp_path, "x").outcome.code == "not_a_file"
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    assert pool.parse(tmp_path / "dangling", "x").outcome.code == "not_found"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert pool.parse(tmp_path / "loop", "x").outcome.code == "unreadable"
    os.mkfifo(tmp_path / "fifo")
    assert pool.parse(tmp_path / "fifo", "x").outcome.code == "not_a_file"
    assert pool.parse("/dev/zero", "x").outcome.code == "not_a_file"
    if os.geteuid() != 0:
        good.chmod(0)
        assert pool.parse(good, "x").outcome.code == "unreadable"


def test_size_is_checked_before_reading(tmp_path: Path) -> None:
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(2 << 30)
    with ParserPool(Limits(file_bytes=1000)) as pool:
        assert pool.parse(huge, "huge.txt").outcome.code == "too_large"
        assert pool.parse(b"x" * 1001, "x.txt").outcome.code == "too_large"


@pytest.mark.parametrize(
    ("order", "code"),
    [("crash", "parser_crashed"), ("exit", "parser_crashed"), ("eat", "memory_limit"), ("allocate", "memory_limit"),
     ("garbage", "parser_crashed")],
)  # fmt: skip
def test_failures_are_outcomes_and_the_next_file_works(hostile: ParserPool, order: str, code: str) -> None:
    for _ in range(2):
        parsed = hostile.parse(order.encode() + b": words", "a.txt")
        assert parsed.outcome.code == code and parsed.document is None and parsed.outcome.message
    assert hostile.parse(b"fine: words", "a.txt").document is not None


def test_hanging_parser_is_stopped() -> None:
    with ParserPool(Limits(seconds=0.6), command=[sys.executable, "-c", HOSTILE]) as pool:
        pool.parse(b"warm: up", "a.txt")
        assert pool.parse(b"hang: words", "a.txt").outcome.code == "time_limit"
    with ParserPool(command=[sys.executable, "-c", HOSTILE]) as pool:
        assert pool.parse(b"fine: words", "a.txt").document is not None


def test_worker_killed_between_files_is_replaced(hostile: ParserPool) -> None:
    assert hostile.parse(b"one", "a.txt").document is not None
    os.kill(hostile.pids[0], signal.SIGKILL)
    time.sleep(0.1)
    assert hostile.parse(b"two", "a.txt").document is not None


def test_worker_that_does_not_start() -> None:
    with ParserPool(command=["/nonexistent/python"]) as pool:
        assert pool.parse(b"x", "a.txt").outcome.code == "parser_unavailable"
    with ParserPool(command=[sys.executable, "-c", "raise SystemExit(1)"]) as pool:
        assert pool.parse(b"x" * 1_000_000, "a.txt").outcome.code == "parser_crashed"


def test_threads_share_a_pool() -> None:
    results: dict[int, str] = {}

    def work(number: int) -> None:
        parsed = pool.parse(f"text {number}".encode(), f"{number}.txt")
        results[number] = parsed.document.text if parsed.document else parsed.outcome.code

    with ParserPool(workers=2) as pool:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(pool.pids) <= 2
    assert results == {number: f"text {number}" for number in range(12)}


def test_close_ends_the_workers() -> None:
    with ParserPool() as pool:
        pool.parse(b"x", "a.txt")
        pid = pool.pids[0]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert pool.parse(b"x", "a.txt").outcome.code == "parser_crashed"


def test_plain_script_without_main_guard_and_a_shadowing_folder(tmp_path: Path) -> None:
    # The user's own `email.py` and `json.py` must not be imported by the worker.
    (tmp_path / "email.py").write_text("raise SystemExit('shadowed')")
    (tmp_path / "selectolax.py").write_text("raise SystemExit('shadowed')")
    (tmp_path / "work").mkdir()
    script = tmp_path / "work" / "script.py"
    script.write_text(
        "print('start')\nfrom gezhi.parse import ParserPool\n"
        "with ParserPool() as pool:\n    print(pool.parse(b'<p>hello</p>', 'a.html').document.text)\n"
    )
    done = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout == "start\nhello\n", done.stderr


def test_no_orphans_when_the_parent_is_killed() -> None:
    source = (
        "import sys, threading, time\nfrom gezhi.parse import ParserPool\n"
        f"pool = ParserPool(command=[sys.executable, '-c', {HOSTILE!r}])\n"
        "pool.parse(b'fine', 'a.txt')\nprint(pool.pids[0], flush=True)\n"
        "threading.Thread(target=pool.parse, args=(b'hang:', 'a.txt')).start()\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        worker = int(parent.stdout.readline())
    time.sleep(0.3)
    parent.kill()
    parent.wait()
    for _ in range(100):
        if not _runs(worker):
            return
        time.sleep(0.05)
    os.kill(worker, signal.SIGKILL)
    pytest.fail("the worker outlived its parent")


def _runs(pid: int) -> bool:
    """Whether a process runs; one that has ended but was not yet collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_import_is_light() -> None:
    heavy = [
        "pypdfium2",
        "lxml",
        "selectolax",
        "numpy",
        "python_calamine",
        "charset_normalizer",
        "docx",
        "pptx",
        "pdfplumber",
    ]
    source = f"import sys, gezhi.parse; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
