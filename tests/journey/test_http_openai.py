"""The OpenAI-compatible routes, asked by the real `openai` client."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import openai
import pytest
from http_server import CONTRACT, client_of, opened, quoting_reply, served, upload

from gezhi.app.app import App
from gezhi.llm.scripted import ScriptedChat

QUESTION = "What does late delivery cost?"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with opened(tmp_path_factory.mktemp("openai"), ScriptedChat(quoting_reply), api_key="k") as app:
        with client_of(app) as client:
            client.headers["Authorization"] = "Bearer k"
            upload(client, "contract.md", CONTRACT.encode())
        yield app


@pytest.fixture(scope="module")
def url(app: App) -> Iterator[str]:
    with served(app) as url:
        yield f"{url}/v1"


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key="k", max_retries=0) as client:
        yield client


def test_a_completion_is_the_cited_answer(app: App, client: openai.OpenAI) -> None:
    found = client.chat.completions.create(model="gezhi", messages=[{"role": "user", "content": QUESTION}])
    message = found.choices[0].message
    assert found.choices[0].finish_reason == "stop"
    assert "0.5% of the price per day" in (message.content or "")
    assert found.usage is not None
    assert found.usage.total_tokens == found.usage.prompt_tokens + found.usage.completion_tokens > 0
    extra = message.model_extra or {}
    for citation in extra["citations"]:
        text = app.document(citation["document_id"]).text
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert (message.content or "")[citation["answer_start"] : citation["answer_end"]]
    assert extra["gezhi"]["refusal"] is None
    assert app.trace(extra["gezhi"]["trace_id"]).kind == "ask"
    assert extra["citations"][0]["passage_id"] in extra["gezhi"]["evidence"]


@pytest.mark.parametrize("question", [QUESTION, "违约金是多少？"])
def test_a_streamed_completion_says_the_same(client: openai.OpenAI, question: str) -> None:
    messages: list[openai.types.chat.ChatCompletionMessageParam] = [{"role": "user", "content": question}]
    whole = client.chat.completions.create(model="gezhi", messages=messages).choices[0].message
    stream = client.chat.completions.create(
        model="gezhi", messages=messages, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == whole.content
    assert len([c for c in chunks if c.choices and c.choices[0].delta.content]) == 2, "statement by statement"
    (last,) = [c for c in chunks if c.choices and c.choices[0].finish_reason == "stop"]
    assert (last.choices[0].delta.model_extra or {})["citations"] == (whole.model_extra or {})["citations"]
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens > 0


def test_the_streaming_helper_of_the_client_understands_it(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model="gezhi", messages=[{"role": "user", "content": QUESTION}]) as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    assert "0.5%" in (final.choices[0].message.content or "")


def test_earlier_messages_are_the_history(app: App, client: openai.OpenAI) -> None:
    found = client.chat.completions.create(
        model="gpt-anything",
        messages=[
            {"role": "system", "content": "Answer as a pirate."},
            {"role": "user", "content": QUESTION},
            {"role": "assistant", "content": "0.5% a day."},
            {"role": "user", "content": [{"type": "text", "text": "And how long is the warranty?"}]},
        ],
    )
    trace = app.trace((found.choices[0].message.model_extra or {})["gezhi"]["trace_id"])
    operations = [dict(span.attributes).get("gen_ai.operation.name") for span in trace.spans]
    assert "rewrite" in operations
    assert "24 months" in (found.choices[0].message.content or "")


def test_errors_are_understood_by_the_client(client: openai.OpenAI, url: str) -> None:
    with pytest.raises(openai.BadRequestError) as empty:
        client.chat.completions.create(model="gezhi", messages=[{"role": "user", "content": ""}])
    assert (empty.value.code, empty.value.type) == ("invalid_input", "invalid_request_error")
    with pytest.raises(openai.UnprocessableEntityError) as wrong:
        client.chat.completions.create(model="gezhi", messages=[{"role": "user", "content": 5}])  # type: ignore[list-item]
    assert (wrong.value.param or "").startswith("messages.0.content")
    with pytest.raises(openai.BadRequestError, match="text only"):
        client.chat.completions.create(
            model="gezhi", messages=[{"role": "user", "content": "x"}], response_format={"type": "json_object"}
        )
    stranger = openai.OpenAI(base_url=url, api_key="wrong", max_retries=0)
    with stranger, pytest.raises(openai.AuthenticationError):
        stranger.models.list()


def test_models_and_embeddings(app: App, client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["gezhi", "hash-64"]
    texts = ["late delivery", "质保期"]
    expected = app.embed(texts)
    by_default = client.embeddings.create(model="hash-64", input=texts)  # asks for base64, decodes it itself
    as_floats = client.embeddings.create(model="gezhi", input=texts, encoding_format="float")
    for found in (by_default, as_floats):
        np.testing.assert_allclose(np.array([e.embedding for e in found.data]), expected, atol=1e-6)
        assert [e.index for e in found.data] == [0, 1]
        assert (found.model, found.usage.total_tokens > 0) == ("hash-64", True)
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="text-embedding-3-small", input="x")
    with pytest.raises(openai.BadRequestError, match="64 dimensions"):
        client.embeddings.create(model="gezhi", input="x", dimensions=8)
