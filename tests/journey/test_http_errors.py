"""Bad requests: one shape, the right status, a hint; and the server stays up."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from http_server import client_of, opened
from starlette.testclient import TestClient

from gezhi.app.app import App
from gezhi.entrypoints.http.errors import STATUSES, status_of
from gezhi.types import GezhiError, StoreBusy


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with opened(tmp_path_factory.mktemp("errors")) as app:
        yield app


@pytest.fixture(scope="module")
def client(app: App) -> Iterator[TestClient]:
    with client_of(app) as client:
        yield client


JSON = {"Content-Type": "application/json"}
LONG = "x" * 100_000
ANSWERS = ("POST", "/api/v1/answers")
SEARCH = ("POST", "/api/v1/search")
CHAT = ("POST", "/v1/chat/completions")
HUGE = "x" * (1024 * 1024)
WRONG: list[tuple[str, str, dict[str, Any], int, str]] = [
    (*ANSWERS, {"json": {"question": ""}}, 400, "invalid_input"),
    (*ANSWERS, {"json": {"question": " \n\u3000"}}, 400, "invalid_input"),
    (*ANSWERS, {"json": {"question": "", "stream": True}}, 400, "invalid_input"),
    (*ANSWERS, {"json": {"question": LONG}}, 413, "limit_exceeded"),
    (*ANSWERS, {"json": {"question": LONG, "stream": True}}, 413, "limit_exceeded"),
    (*ANSWERS, {"json": {"question": HUGE}}, 413, "limit_exceeded"),
    (*ANSWERS, {"json": {}}, 422, "malformed_request"),
    (*ANSWERS, {"json": {"question": "x", "qestion": "y"}}, 422, "malformed_request"),
    (*ANSWERS, {"json": {"question": "x", "history": [{"role": "system", "text": "y"}]}}, 422, "malformed_request"),
    (*SEARCH, {"content": b"{not json", "headers": JSON}, 400, "invalid_input"),
    (*SEARCH, {"content": b"\xff\xfe", "headers": JSON}, 400, "invalid_input"),
    (*SEARCH, {"content": b"[" * 200_000, "headers": JSON}, 400, "invalid_input"),
    (*SEARCH, {"content": b'{"query": "x"}', "headers": {"Content-Type": "text/plain"}}, 422, "malformed_request"),
    (*SEARCH, {"json": {"query": ""}}, 400, "invalid_input"),
    (*SEARCH, {"json": {"query": "x", "limit": 0}}, 422, "malformed_request"),
    (*SEARCH, {"json": {"query": "x", "retrievers": ["magic"]}}, 400, "invalid_input"),
    ("GET", "/api/v1/documents/0123456789abcdef0123456789abcdef", {}, 404, "not_found"),
    ("DELETE", "/api/v1/documents/nothing", {}, 404, "not_found"),
    ("GET", "/api/v1/documents?limit=-1", {}, 422, "malformed_request"),
    ("GET", "/api/v1/jobs/nothing", {}, 404, "not_found"),
    ("GET", "/api/v1/jobs/nothing/events", {}, 404, "not_found"),
    ("POST", "/api/v1/jobs/nothing/cancel", {}, 404, "not_found"),
    ("GET", "/api/v1/traces/nothing", {}, 404, "not_found"),
    ("GET", "/nowhere", {}, 404, "not_found"),
    ("GET", "/static/../server.py", {}, 404, "not_found"),
    ("GET", "/static/%2e%2e/server.py", {}, 404, "not_found"),
    ("PUT", "/api/v1/search", {}, 405, "method_not_allowed"),
    (*CHAT, {"json": {"messages": []}}, 422, "malformed_request"),
    (*CHAT, {"json": {"messages": [{"role": "system", "content": "x"}]}}, 400, "invalid_input"),
    (*CHAT, {"json": {"messages": [{"role": "user", "content": LONG}]}}, 413, "limit_exceeded"),
    ("POST", "/v1/embeddings", {"json": {"model": "gezhi", "input": []}}, 400, "invalid_input"),
    ("POST", "/v1/embeddings", {"json": {"model": "other", "input": "x"}}, 404, "not_found"),
    ("GET", "/v1/nowhere", {}, 404, "not_found"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "sent", "status", "code"), WRONG)
def test_every_error_has_the_one_shape(
    client: TestClient, method: str, path: str, sent: dict[str, Any], status: int, code: str
) -> None:
    response = client.request(method, path, **sent)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/json"), response.text
    assert set(response.json()) == {"error"}
    error = response.json()["error"]
    assert set(error) - {"param"} == {"code", "message", "hint"} | ({"type"} if path.startswith("/v1/") else set())
    assert error["code"] == code
    assert error["message"]
    assert error["hint"]
    assert len(response.text) < 2000, "what was sent is not repeated"
    assert client.get("/health").json() == {"status": "ok"}


def test_halves_of_characters_do_no_harm(client: TestClient) -> None:
    half = "x\ud83d"
    filters = {"source_prefix": half, "documents": [half]}
    for path, body in (
        ("/api/v1/answers", {"question": half, "history": [{"role": "user", "text": half}], "filters": filters}),
        ("/api/v1/search", {"query": half, "filters": filters}),
        ("/v1/embeddings", {"model": "gezhi", "input": [half]}),
    ):
        assert client.post(path, content=json.dumps(body), headers=JSON).status_code == 200, path
    body = {"query": "x", "retrievers": [half]}
    assert client.post("/api/v1/search", content=json.dumps(body), headers=JSON).status_code == 400


def test_a_body_without_a_length_is_limited_while_it_is_read(client: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"query": "'
        for _ in range(40):
            yield b"x" * 65536
        yield b'"}'

    response = client.post("/api/v1/search", content=pieces(), headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["error"]["code"]) == (413, "limit_exceeded")


def test_a_failure_of_ours_is_500_and_tells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path) as app, client_of(app) as client:

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("a secret of the inside")

        monkeypatch.setattr(app, "search", broken)
        monkeypatch.setattr(app, "ask_stream", broken)
        for path, body in (("/api/v1/search", {"query": "x"}), ("/api/v1/answers", {"question": "x"})):
            with caplog.at_level(logging.ERROR):
                response = client.post(path, json=body)
            error = response.json()["error"]
            assert (response.status_code, error["code"]) == (500, "internal_error")
            assert "secret" not in response.text
            assert "Traceback" not in response.text
            assert "a secret of the inside" in caplog.text
            assert error["hint"].rsplit(" ", 1)[-1].rstrip(".") in caplog.text, "the reference finds the log's line"
            assert response.headers["x-content-type-options"] == "nosniff"


def test_a_busy_store_asks_to_try_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as app, client_of(app) as client:

        def busy() -> None:
            raise StoreBusy("Another process writes.", hint="Try again.")

        monkeypatch.setattr(app, "status", busy)
        response = client.get("/ready")
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert response.json()["error"]["code"] == "store_busy"
        assert client.get("/health").status_code == 200


def test_every_error_of_the_tree_has_a_status() -> None:
    def below(kind: type[GezhiError]) -> Iterator[type[GezhiError]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    ours_to_mend = {"ConfigError", "StoreError", "Internal"}
    for kind in below(GezhiError):
        if kind.__module__.startswith(("gezhi.types", "gezhi.entrypoints.http")):
            assert (status_of(kind("x")) == 500) == (kind.__name__ in ours_to_mend), kind
    assert set(STATUSES.values()) >= {400, 404, 413, 502, 503, 507}
