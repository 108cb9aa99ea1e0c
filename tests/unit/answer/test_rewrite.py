"""A follow-up without a chat model: the last question goes before what cannot stand alone, and only before that."""

from __future__ import annotations

import pytest

from gezhi.answer.rewrite import rewrite
from gezhi.types import Turn

BEFORE = "What was the net profit in 2023?"
HISTORY = (Turn(role="user", text=BEFORE), Turn(role="assistant", text="155.7"))


@pytest.mark.parametrize(
    "question",
    [
        "And in 2024?",
        "Why?",
        "Who approved it?",
        "What did they say about the plant?",
        "那2024年呢？",
        "谁批准的？",
        "它是什么时候公布的？",
    ],
)
def test_what_leans_on_the_last_question(question: str) -> None:
    assert rewrite(question, HISTORY, None)[0] == f"{BEFORE} {question}"
    assert rewrite(question, (), None)[0] == question


@pytest.mark.parametrize(
    "question",
    [
        "How many days of leave do employees in Rotterdam get?",
        "苏州工厂有多少名员工？",
        "Which documents mention PPR-9087?",
    ],
)
def test_what_stands_alone(question: str) -> None:
    assert rewrite(question, HISTORY, None)[0] == question
