from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from gezhi.llm import ChatModel, ChatRequest, Embedder, Message, complete
from gezhi.llm.remote import RemoteChat, RemoteEmbedder
from gezhi.types import ConfigError, ModelFailed, ModelUnavailable, Usage

KEY = "sk-secret-0123456789"
SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}}


def ask(text: str = "你好", **options: Any) -> ChatRequest:
    return ChatRequest(messages=(Message(role="user", text=text),), **options)


@pytest.fixture
def chat(server: Any) -> Iterator[RemoteChat]:
    model = RemoteChat(server.url + "/v1", "m1", KEY, timeout=0.6, total=3, retries=2, pause=0.01)
    yield model
    model.close()


def chunk(text: str | None = None, finish: str | None = None, usage: dict[str, int] | None = None) -> dict[str, Any]:
    choices = [] if usage else [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m1", "choices": choices} | (
        {"usage": usage} if usage else {}
    )


def streaming(*texts: str, finish: str | None = "stop", usage: bool = True) -> Callable[[Any], None]:
    def behave(request: Any) -> None:
        request.start_events()
        for text in texts:
            request.event(chunk(text))
        request.event(chunk(finish=finish))
        if usage:
            request.event(chunk(usage={"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}))
        request.event("[DONE]")

    return behave


def refusing(word: str, then: Callable[[Any], None], said: str = "not supported") -> Callable[[Any], None]:
    """Refuses requests whose response_format (or whole body) mentions the word."""

    def behave(request: Any) -> None:
        if word in str(request.body):
            request.answer(400, {"error": {"message": said, "type": "invalid_request_error"}})
        else:
            then(request)

    return behave


def test_a_reply_streams_with_its_usage(server: Any, chat: RemoteChat) -> None:
    server.behave = streaming("你", "好", "！")
    model: ChatModel = chat
    deltas = list(model.stream(ask(stop=("END",), temperature=0.5, max_tokens=9)))
    assert [delta.text for delta in deltas] == ["你", "好", "！", ""]
    assert deltas[-1].finish == "stop"
    assert deltas[-1].usage == Usage(input_tokens=11, output_tokens=3)
    request = server.requests[0]
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body["messages"] == [{"role": "user", "content": "你好"}]
    assert (request.body["max_tokens"], request.body["stop"], request.body["temperature"]) == (9, ["END"], 0.5)


def test_missing_usage_is_estimated_and_a_cut_stream_is_not_called_finished(server: Any, chat: RemoteChat) -> None:
    server.behave = streaming("some words here", finish=None, usage=False)
    reply = complete(chat, ask("a question of six or seven words"))
    assert reply.usage.input_tokens >= 7
    assert reply.usage.output_tokens >= 3
    assert reply.finish == "incomplete"


def test_a_schema_that_is_refused_is_left_out_and_that_is_remembered(server: Any, chat: RemoteChat) -> None:
    server.behave = refusing("response_format", streaming("{}"))
    assert complete(chat, ask(schema=SCHEMA)).text == "{}"
    assert complete(chat, ask(schema=SCHEMA)).text == "{}"
    formats = [request.body.get("response_format", {}).get("type") for request in server.requests]
    assert formats == ["json_schema", "json_object", None, None]


def test_json_object_is_kept_where_it_is_taken(server: Any, chat: RemoteChat) -> None:
    server.behave = refusing("json_schema", streaming("{}"))
    complete(chat, ask(schema=SCHEMA))
    complete(chat, ask(schema=SCHEMA))
    formats = [request.body["response_format"]["type"] for request in server.requests]
    assert formats == ["json_schema", "json_object", "json_object"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("stream_options", "unknown field stream_options"),
        ("'max_tokens'", "Use 'max_completion_tokens' instead."),
        ("temperature", "temperature is fixed for this model"),
    ],
)
def test_other_fields_a_server_does_not_know(server: Any, chat: RemoteChat, word: str, said: str) -> None:
    server.behave = refusing(word, streaming("ok"), said)
    assert complete(chat, ask()).text == "ok"
    assert len(server.requests) == 2


def test_a_refusal_for_good_ends_soon(server: Any, chat: RemoteChat) -> None:
    server.behave = refusing("messages", streaming(), "no such luck")
    with pytest.raises(ModelFailed, match=r"400: no such luck"):
        complete(chat, ask(schema=SCHEMA))
    assert len(server.requests) == 4


def test_a_prompt_too_long_is_said_at_once(server: Any, chat: RemoteChat) -> None:
    server.behave = refusing("messages", streaming(), "maximum context length is 4096 tokens")
    with pytest.raises(ModelFailed, match="chat_window"):
        complete(chat, ask(schema=SCHEMA))
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_failures_are_tried_again(server: Any, chat: RemoteChat, status: int) -> None:
    def behave(request: Any) -> None:
        if len(server.requests) < 3:
            request.answer(status, b"<html>oops</html>", "text/html")
        else:
            streaming("ok")(request)

    server.behave = behave
    assert complete(chat, ask()).text == "ok"
    server.requests.clear()
    server.behave = lambda request: request.answer(status, {"error": {"message": f"bad key {KEY}"}})
    with pytest.raises(ModelFailed, match=str(status)) as caught:
        complete(chat, ask())
    assert len(server.requests) == 3
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_a_long_retry_after_is_not_waited_for(server: Any, chat: RemoteChat) -> None:
    server.behave = lambda request: request.answer(429, {"error": "slow down"}, retry_after="3600")
    with pytest.raises(ModelFailed, match="429: slow down"):
        complete(chat, ask())
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "said"), [(401, "Check the API key"), (403, "Check the API key"), (404, "model's name")]
)
def test_wrong_keys_and_names(server: Any, chat: RemoteChat, status: int, said: str) -> None:
    server.behave = lambda request: request.answer(status, {"error": {"message": f"Incorrect key {KEY}"}})
    with pytest.raises(ModelUnavailable, match=said) as caught:
        complete(chat, ask())
    assert len(server.requests) == 1
    assert server.url in str(caught.value)
    assert KEY not in "".join(traceback.format_exception(caught.value)) + repr(chat)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "text/event-stream"),
        (b"data: [DONE]\n\n", "text/event-stream"),
        (b"data: {nonsense\n\n", "text/event-stream"),
        (b'data: {"choices": "none"}\n\ndata: [DONE]\n\n', "text/event-stream"),
        (b"data: 17\n\ndata: [DONE]\n\n", "text/event-stream"),
        (b"\xff\xfe\x00", "text/event-stream"),
        (b"<html>log in</html>", "text/html"),
        (b"{", "application/json"),
        (b"[1]", "application/json"),
    ],
)
def test_garbage_is_a_failure(server: Any, chat: RemoteChat, body: bytes, kind: str) -> None:
    server.behave = lambda request: request.answer(200, body, kind)
    with pytest.raises(ModelFailed, match="The chat server http://127"):
        complete(chat, ask())


def test_an_error_inside_the_stream(server: Any, chat: RemoteChat) -> None:
    def behave(request: Any) -> None:
        request.start_events()
        request.event(chunk("half"))
        request.event({"error": {"message": f"out of memory {KEY}"}})

    server.behave = behave
    with pytest.raises(ModelFailed, match=r"out of memory \*\*\*"):
        complete(chat, ask())


def test_a_connection_that_breaks_in_the_middle(server: Any, chat: RemoteChat) -> None:
    server.behave = lambda request: request.answer(200, b"data: {", "text/event-stream", Content_Length="999")
    with pytest.raises(ModelFailed, match="broke off"):
        complete(chat, ask())


def test_a_server_that_does_not_stream(server: Any, chat: RemoteChat) -> None:
    message = {"choices": [{"message": {"role": "assistant", "content": "whole"}, "finish_reason": "length"}]}
    server.behave = lambda request: request.answer(
        200, message | {"usage": {"prompt_tokens": 5, "completion_tokens": 2}}
    )
    reply = complete(chat, ask())
    assert (reply.text, reply.finish, reply.usage.input_tokens) == ("whole", "length", 5)


def test_a_server_that_says_nothing(server: Any, chat: RemoteChat) -> None:
    server.behave = lambda _: server.released.wait(10)
    with pytest.raises(ModelUnavailable, match=r"did not answer within 0\.6 s"):
        complete(chat, ask())


def test_a_server_that_closes_without_a_word(server: Any, chat: RemoteChat) -> None:
    def behave(request: Any) -> None:
        request.handler.close_connection = True

    server.behave = behave
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        complete(chat, ask())


def test_a_server_that_is_not_there() -> None:
    model = RemoteChat("http://user:pass@127.0.0.1:1/v1", "m1", KEY, timeout=1, pause=0.01)
    with pytest.raises(ModelUnavailable, match=r"http://127.0.0.1:1/v1 cannot be reached.*Check") as caught:
        complete(model, ask())
    assert "pass@" not in str(caught.value)
    model.close()
    with pytest.raises(ConfigError, match="base URL"):
        RemoteChat("localhost:11434", "m1")


@pytest.mark.parametrize("comment", [True, False])
def test_a_server_that_trickles_meets_the_total(server: Any, comment: bool) -> None:
    def behave(request: Any) -> None:
        request.start_events()
        for _ in range(100):
            request.handler.wfile.write(b": wait\n\n") if comment else request.event(chunk("a"))
            request.handler.wfile.flush()
            if server.released.wait(0.05):
                return

    server.behave = behave
    model = RemoteChat(server.url, "m1", timeout=0.5, total=0.7)
    started = time.monotonic()
    with pytest.raises(ModelUnavailable):
        complete(model, ask())
    assert time.monotonic() - started < 3
    model.close()


def test_closing_the_iterator_closes_the_stream(server: Any, chat: RemoteChat) -> None:
    sent = []

    def behave(request: Any) -> None:
        request.start_events()
        for number in range(200):
            request.event(chunk("word " * 2000))
            sent.append(number)
            server.released.wait(0.01)

    server.behave = behave
    stream = chat.stream(ask())
    next(stream)
    stream.close()
    time.sleep(0.2)
    stopped = len(sent)
    time.sleep(0.2)
    assert len(sent) == stopped < 200


def test_nothing_from_the_environment_reaches_the_server(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "ambient-key")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "ambient-admin")
    monkeypatch.setenv("OPENAI_ORG_ID", "ambient-org")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "ambient-project")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Ambient: ambient-header")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.behave = streaming("ok")
    model = RemoteChat(server.url, "m1", timeout=2)
    assert complete(model, ask()).text == "ok"
    model.close()
    assert "ambient" not in str(server.requests[0].headers)


def embedding(*vectors: list[float]) -> Callable[[Any], None]:
    def behave(request: Any) -> None:
        chosen = list(vectors) or [[float(len(text)), 1.0, 0.0] for text in request.body["input"]]
        data = [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(chosen)]
        request.answer(200, {"object": "list", "model": "e1", "data": data[::-1], "usage": {}})

    return behave


@pytest.fixture
def embedder(server: Any) -> Iterator[RemoteEmbedder]:
    model = RemoteEmbedder(
        server.url + "/v1", "e1", KEY, timeout=0.6, retries=1, pause=0.01, batch=2, question_prefix="q: "
    )
    yield model
    model.close()


def test_vectors_come_in_order_normalised_and_in_batches(server: Any, embedder: RemoteEmbedder) -> None:
    server.behave = embedding()
    model: Embedder = embedder
    vectors = model.embed_passages(["a", "bbbb", "", "\ud800 x", "eeeee"])
    assert vectors.shape == (5, 3)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert vectors[1, 0] > vectors[0, 0]
    assert [len(request.body["input"]) for request in server.requests] == [2, 2, 1]
    assert all(text for request in server.requests for text in request.body["input"])
    assert model.dimensions == 3
    assert model.embed_question("x").shape == (3,)
    assert server.requests[-1].body["input"] == ["q: x"]


def test_dimensions_are_asked_once(server: Any, embedder: RemoteEmbedder) -> None:
    server.behave = embedding([1.0, 2.0])
    assert (embedder.dimensions, embedder.dimensions) == (2, 2)
    assert len(server.requests) == 1
    assert embedder.embed_passages([]).shape == (0, 2)
    server.behave = embedding([1.0, 2.0, 3.0])
    with pytest.raises(ModelFailed, match="3 instead of 2"):
        embedder.embed_question("x")


@pytest.mark.parametrize(
    "answer",
    [
        embedding([0.0, 0.0]),
        embedding([1.0], [2.0]),
        embedding([]),
        lambda request: request.answer(200, b"<html>", "text/html"),
        lambda request: request.answer(200, {"data": "x"}),
        lambda request: request.answer(200, b"nonsense"),
        lambda request: request.answer(500, b"oops"),
        lambda request: request.answer(400, {"error": {"message": "input too long"}}),
    ],
)
def test_unusable_vectors(server: Any, embedder: RemoteEmbedder, answer: Callable[[Any], None]) -> None:
    server.behave = answer
    with pytest.raises(ModelFailed, match="embedding server"):
        embedder.embed_question("x")


def test_an_embedding_server_that_is_not_usable(server: Any, embedder: RemoteEmbedder) -> None:
    server.behave = lambda request: request.answer(401, {"error": {"message": "no"}})
    with pytest.raises(ModelUnavailable, match="API key"):
        embedder.embed_question("x")
    server.behave = lambda _: server.released.wait(10)
    with pytest.raises(ModelUnavailable, match="did not answer"):
        embedder.embed_question("x")
