"""Search and answers through the HTTP door: what is cited is in the document, to the letter."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from http_server import CONTRACT, client_of, events_of, opened, quoting_reply, served, upload, wait_until
from starlette.testclient import TestClient

from gezhi.app.app import App
from gezhi.entrypoints.http.server import ServerLimits
from gezhi.llm.protocol import ChatRequest
from gezhi.llm.scripted import ScriptedChat
from gezhi.types import ModelUnavailable

QUESTIONS = ["What does late delivery cost?", "违约金是多少？"]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with opened(tmp_path_factory.mktemp("answers"), ScriptedChat(quoting_reply)) as app:
        with client_of(app) as client:
            upload(client, "contract.md", CONTRACT.encode())
        yield app


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    with client_of(app) as client:
        yield client


def check(client: TestClient, answer: dict[str, Any]) -> None:
    """Every citation stands in the document and in the answer where it says."""
    assert answer["refusal"] is None
    assert answer["statements"]
    for statement in answer["statements"]:
        assert statement["citations"]
        for citation in statement["citations"]:
            text = client.get(f"/api/v1/documents/{citation['document_id']}").json()["text"]
            assert text[citation["start"] : citation["end"]] == citation["quote"]
            assert answer["text"][citation["answer_start"] : citation["answer_end"]] == statement["text"]


def test_search_says_who_found_what(client: TestClient) -> None:
    found = client.post("/api/v1/search", json={"query": "late delivery", "limit": 3}).json()["results"]
    assert {"words", "meaning"} <= {f["retriever"] for f in found[0]["found_by"]}
    passage = found[0]["passage"]
    text = client.get(f"/api/v1/documents/{passage['document_id']}").json()["text"]
    assert text[passage["start"] : passage["end"]] == passage["text"]
    words = client.post("/api/v1/search", json={"query": "late delivery", "retrievers": ["words"]}).json()["results"]
    assert [f["retriever"] for f in words[0]["found_by"]] == ["words"]
    nowhere = {"query": "late delivery", "filters": {"source_prefix": "elsewhere/"}}
    assert client.post("/api/v1/search", json=nowhere).json() == {"results": []}


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_cited(client: TestClient, question: str) -> None:
    answer = client.post("/api/v1/answers", json={"question": question}).json()
    check(client, answer)
    assert (answer["mode"], answer["model"]) == ("model", "scripted")
    assert answer["usage"]["input_tokens"] > 0
    trace = client.get(f"/api/v1/traces/{answer['trace_id']}").json()
    assert trace["kind"] == "ask"
    assert "chat" in {span["name"] for span in trace["spans"]}
    assert question not in str(trace), "contents are traced only if asked for"
    assert answer["trace_id"] in {t["id"] for t in client.get("/api/v1/traces?kind=ask").json()["traces"]}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_streamed_answer_is_the_same(client: TestClient, question: str) -> None:
    whole = client.post("/api/v1/answers", json={"question": question}).json()
    response = client.post("/api/v1/answers", json={"question": question, "stream": True})
    assert response.headers["content-type"].startswith("text/event-stream")
    events = events_of(response.text)
    names = [name for name, _ in events]
    assert names[0] == "stage"
    assert names[-1] == "done"
    assert names.index("evidence") < names.index("statement")
    done = events[-1][1]
    assert done["statements"] == [data for name, data in events if name == "statement"] == whole["statements"]
    assert {**done, "trace_id": ""} == {**whole, "trace_id": ""}


def test_a_follow_up_sends_the_history(client: TestClient) -> None:
    history = [{"role": "user", "text": QUESTIONS[0]}, {"role": "assistant", "text": "0.5% a day."}]
    events = events_of(
        client.post("/api/v1/answers", json={"question": "and at most?", "history": history, "stream": True}).text
    )
    stages = [data["name"] for name, data in events if name == "stage"]
    assert stages[:2] == ["computing", "rewriting"]  # rules first try to go on from a question that tables answered


def test_without_a_model_the_answer_is_quoted_or_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as app, client_of(app) as client:
        empty = client.post("/api/v1/answers", json={"question": "Anything?"})
        assert (empty.status_code, empty.json()["refusal"]["code"]) == (200, "empty_store")
        upload(client, "contract.md", CONTRACT.encode())
        answer = client.post("/api/v1/answers", json={"question": QUESTIONS[0]}).json()
        check(client, answer)
        assert (answer["mode"], answer["model"]) == ("extractive", None)


def test_a_model_that_fails_is_an_error_in_either_form(tmp_path: Path) -> None:
    def down(_: ChatRequest) -> str:
        raise ModelUnavailable("The chat server does not answer.", hint="Start it.")

    with opened(tmp_path, ScriptedChat(down)) as app, client_of(app) as client:
        upload(client, "contract.md", CONTRACT.encode())
        response = client.post("/api/v1/answers", json={"question": QUESTIONS[0]})
        assert response.status_code == 503
        assert response.json() == {
            "error": {"code": "model_unavailable", "message": "The chat server does not answer.", "hint": "Start it."}
        }
        events = events_of(client.post("/api/v1/answers", json={"question": QUESTIONS[0], "stream": True}).text)
        assert (events[-1][0], events[-1][1]["error"]["code"]) == ("error", "model_unavailable")
        chunks = events_of(
            client.post(
                "/v1/chat/completions", json={"messages": [{"role": "user", "content": QUESTIONS[0]}], "stream": True}
            ).text
        )
        assert chunks[-1][1]["error"]["type"] == "server_error"


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_stops_the_model(tmp_path: Path, stream: bool) -> None:
    chat = ScriptedChat(quoting_reply, delay_s=0.05)
    with opened(tmp_path, chat) as app:
        with client_of(app) as client:
            upload(client, "contract.md", CONTRACT.encode())
        with served(app) as url:
            body = b'{"question": "What does late delivery cost?", "stream": %s}' % str(stream).lower().encode()
            host, port = url.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(
                    b"POST /api/v1/answers HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
                )
                wait_until(lambda: len(chat.requests) == 1)
            wait_until(lambda: chat.cancelled == 1)


def test_too_many_answers_are_refused_with_retry_after(tmp_path: Path) -> None:
    go_on = threading.Event()

    def slow(request: ChatRequest) -> str:
        go_on.wait(20)
        return quoting_reply(request)

    chat = ScriptedChat(slow)
    with opened(tmp_path, chat) as app, client_of(app, ServerLimits(answers_at_once=1, answers_waiting=1)) as client:
        upload(client, "contract.md", CONTRACT.encode())
        answers: list[int] = []

        def ask() -> None:
            answers.append(client.post("/api/v1/answers", json={"question": QUESTIONS[0]}).status_code)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        wait_until(lambda: answers == [503])
        refused = client.post("/api/v1/answers", json={"question": QUESTIONS[0]})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.json()["error"]["code"] == "server_busy"
        assert client.post("/api/v1/search", json={"query": "warranty"}).status_code == 200, "search goes on"
        go_on.set()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [200, 200, 503]
