"""A computed statement beside those from texts: shown once, first, whatever becomes of the others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from gezhi.answer import Done, StatementChecked
from gezhi.app.app import App
from gezhi.app.config import load_config
from gezhi.llm.protocol import ChatRequest
from gezhi.llm.scripted import ScriptedChat

ORDERS = "No,Region,Amount\n1,Europe,10\n2,Asia,20\n3,Asia,30\n"
QUESTION = "How many orders are there?"
SAID = "Orders are kept for ten years."


class Confirming(ScriptedChat):
    """A model whose readiness with Yes is known, so that its statements wait until they are confirmed."""

    def __init__(self, reply: str, chance: float) -> None:
        super().__init__(lambda _: reply, name="qwen2.5-coder-1.5b-instruct")
        self._chance = chance

    def choose(self, request: ChatRequest, options: Sequence[str]) -> dict[str, float]:
        del request
        return {options[0]: self._chance, options[1]: 1 - self._chance}


def reply(*texts: str) -> str:
    return json.dumps({"statements": [{"text": text, "cites": list(range(1, 9))} for text in texts]})


@pytest.mark.parametrize(
    ("written", "chance", "kept"),
    [
        (reply(SAID), 0.999, [SAID]),
        (reply(SAID), 0.0001, []),
        (reply("Orders weigh 777 tons."), 0.999, []),
        (reply(), 0.999, []),
    ],
)
def test_both(tmp_path: Path, written: str, chance: float, kept: list[str]) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS, "utf-8")
    (tmp_path / "rules.md").write_text(f"# Orders\n\n{SAID}\n", "utf-8")
    chat = Confirming(written, chance)
    with App(tmp_path / "s", config=load_config(), chat=chat, embedder=None) as app:
        app.add(tmp_path / "orders.csv")
        app.add(tmp_path / "rules.md")
        events = list(app.ask_stream(QUESTION, route="both"))
    assert isinstance(events[-1], Done)
    answer = events[-1].answer
    assert [statement.text for statement in answer.statements] == ["3.", *kept]
    assert [event.statement for event in events if isinstance(event, StatementChecked)] == list(answer.statements)
    assert answer.refusal is None
    assert answer.computation is not None
    for statement in answer.statements:
        assert statement.citations
        assert all(answer.text[c.answer_start : c.answer_end] == statement.text for c in statement.citations)
