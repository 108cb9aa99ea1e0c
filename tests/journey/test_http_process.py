"""The server as a process: it says its address, ends in order, and closes the store."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from http_server import CONTRACT, client_of, opened, upload

SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from http_server import opened, quoting_reply
from gezhi.entrypoints.http.server import serve
from gezhi.llm.scripted import ScriptedChat
with opened(Path(sys.argv[2]), ScriptedChat(quoting_reply, delay_s=0.1)) as app:
    serve(app, "127.0.0.1", 0)
print("closed", flush=True)
"""


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "http://127.0.0.1:" in line, line + process.stderr.read()
        yield process, line.split()[2]
    finally:
        process.kill()
        process.communicate()


def test_replies_on_a_kept_connection_do_not_wait_for_acknowledgements(tmp_path: Path) -> None:
    with running(tmp_path) as (_, url), httpx2.Client(base_url=url) as client:
        client.get("/health")
        took = []
        for _ in range(9):
            began = time.perf_counter()
            client.get("/health")
            took.append(time.perf_counter() - began)
    assert sorted(took)[len(took) // 2] < 0.03, took  # 44 ms with Nagle's algorithm on


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_even_with_an_answer_under_way(tmp_path: Path, sent: signal.Signals) -> None:
    with opened(tmp_path) as app, client_of(app) as client:
        upload(client, "contract.md", CONTRACT.encode())
    with running(tmp_path) as (process, url):
        assert httpx2.get(f"{url}/ready").status_code == 200
        body = {"question": "What does late delivery cost?", "stream": True}
        with httpx2.stream("POST", f"{url}/api/v1/answers", json=body, timeout=30) as response:
            lines = response.iter_lines()
            assert any("answering" in line for line in lines)
            began = time.monotonic()
            process.send_signal(sent)
            assert any("server_stopping" in line for line in lines)
        out, errors = process.communicate(timeout=30)
        assert (process.returncode, out) == (0, "closed\n"), errors
        assert time.monotonic() - began < 15
        assert "Traceback" not in errors
