from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.llm import (
    ChatModel,
    ChatRequest,
    Embedder,
    HashEmbedder,
    Message,
    ScriptedChat,
    complete,
    estimate_tokens,
)
from gezhi.types import ModelFailed


def ask(text: str, **options: object) -> ChatRequest:
    return ChatRequest(messages=(Message(role="user", text=text),), **options)  # type: ignore[arg-type]


def test_replies_come_in_order_in_small_pieces_and_requests_are_kept() -> None:
    model = ScriptedChat(["the first reply", "第二个"])
    chat: ChatModel = model
    deltas = list(chat.stream(ask("one")))
    assert "".join(delta.text for delta in deltas) == "the first reply"
    assert len(deltas) > 2
    assert deltas[-1].finish == "stop"
    assert deltas[-1].usage.output_tokens > 0
    assert complete(chat, ask("two")).text == "第二个"
    assert [request.messages[0].text for request in model.requests] == ["one", "two"]
    with pytest.raises(ModelFailed, match="2 replies"):
        complete(chat, ask("three"))


def test_a_function_sees_the_request() -> None:
    assert complete(ScriptedChat(lambda request: request.messages[-1].text[::-1]), ask("abc")).text == "cba"


def test_closing_the_stream_is_counted_and_the_window_is_kept() -> None:
    model = ScriptedChat(lambda _: "long " * 50, window=20)
    stream = model.stream(ask("go"))
    next(stream)
    stream.close()
    assert model.cancelled == 1
    with pytest.raises(ModelFailed, match="window"):
        complete(model, ask("word " * 30))


def test_texts_that_share_words_are_near() -> None:
    embedder: Embedder = HashEmbedder(256)
    vectors = embedder.embed_passages(["违约金是合同总额的百分之五", "the cat sat on the mat", "公司在上海"])
    assert int(np.argmax(vectors @ embedder.embed_question("合同的违约金是多少"))) == 0
    assert int(np.argmax(vectors @ embedder.embed_question("Where did the cat sit?"))) == 1
    assert embedder.embed_passages([]).shape == (0, 256)


@given(st.text())
def test_hash_vectors_are_unit_vectors_and_do_not_change(text: str) -> None:
    vector = HashEmbedder(16).embed_question(text)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    assert (HashEmbedder(16).embed_passages([text])[0] == vector).all()


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_estimate_grows_with_the_text(first: str, second: str) -> None:
    assert estimate_tokens(first + second) >= max(estimate_tokens(first), estimate_tokens(second))
    assert estimate_tokens(first) == 0 or first.strip(" ")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [  # counted with the tokenizer of Qwen2.5
        ("hello 世界", 3),
        ("<|im_end|>\n<|im_start|>system", 13),
        ("The supplier delivers within 30 days, i.e. before 2024-11-05.", 23),
    ],
)
def test_the_estimate_is_no_underestimate(text: str, tokens: int) -> None:
    assert tokens <= estimate_tokens(text) <= 2 * tokens + 4
