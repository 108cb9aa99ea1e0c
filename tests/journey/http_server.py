"""What the tests of the HTTP door share: an App with fakes, in memory or behind a real socket."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.testclient import TestClient

from gezhi.app.app import App
from gezhi.app.config import Config
from gezhi.entrypoints.http.server import ServerLimits, create_app
from gezhi.llm.protocol import ChatRequest
from gezhi.llm.scripted import HashEmbedder, ScriptedChat

BASE = "http://127.0.0.1:8765"
CONTRACT = """# Supply contract 😀

Signed by both parties in Hangzhou.

## Warranty

The warranty of every pump lasts 24 months from delivery. Seals are excluded.

## Late delivery

Late delivery costs 0.5% of the price per day, at most 10%. The buyer may cancel after 60 days.

## 违约责任

质保期为交货后二十四个月，易损件除外。迟延交货的违约金为每日货款的千分之五。
"""

_SENTENCE = re.compile(r"^(\d+): (.+)$", re.MULTILINE)


def quoting_reply(request: ChatRequest) -> str:
    """A model that says the sentence of the evidence that shares most with the question, and cites it."""
    last = request.messages[-1].text
    if '"statements"' not in json.dumps(dict(request.schema or {})):
        return json.dumps({"question": last.split("\n")[-1].removeprefix("user: ")}, ensure_ascii=False)
    evidence, _, question = last.replace("问题：", "Question: ").rpartition("Question: ")
    wanted = set(_words(question))
    scored = sorted(
        ((len(wanted & set(_words(text))), -int(number), text) for number, text in _SENTENCE.findall(evidence)),
        reverse=True,
    )
    statements = [{"cites": [-number], "text": text} for _, number, text in scored[:2]]
    return json.dumps({"statements": statements}, ensure_ascii=False)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]", text.lower())


def settings(folder: Path, **given: Any) -> Config:
    return Config(home=folder, **{"refusal_threshold": 0.0, **given})


@contextmanager
def opened(folder: Path, chat: ScriptedChat | None = None, **given: Any) -> Iterator[App]:
    with App(folder / "my.gezhi", config=settings(folder, **given), chat=chat, embedder=HashEmbedder()) as app:
        yield app


@contextmanager
def client_of(app: App, limits: ServerLimits | None = None, base: str = BASE) -> Iterator[TestClient]:
    with TestClient(create_app(app, limits), base_url=base) as client:
        yield client


@contextmanager
def served(app: App, limits: ServerLimits | None = None) -> Iterator[str]:
    """A real server on a free port, for clients that need a socket: their leaving, the openai package, a browser."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(app, limits), log_config=None, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.02)


def upload(client: TestClient, name: str, data: bytes) -> dict[str, Any]:
    """Upload a file and wait for its end; returns the finished item."""
    response = client.post("/api/v1/documents", files=[("files", (name, data))])
    assert response.status_code == 202, response.text
    (job,) = response.json()["jobs"]
    wait_until(lambda: bool(client.get(f"/api/v1/jobs/{job['id']}").json()["job"]["state"] != "open"))
    (item,) = client.get(f"/api/v1/jobs/{job['id']}").json()["items"]
    found: dict[str, Any] = item
    return found


def events_of(text: str) -> list[tuple[str, Any]]:
    """Server-sent events as (event, data); data is parsed unless it is `[DONE]`."""
    found = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        if lines:
            name = next((line[7:] for line in lines if line.startswith("event: ")), "message")
            data = "".join(line[6:] for line in lines if line.startswith("data: "))
            found.append((name, data if data == "[DONE]" else json.loads(data)))
    return found
