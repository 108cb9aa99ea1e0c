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


@pytest.mark.parametrize(
    ("question", "table", "sql", "noise", "cause", "name"),
    [
        (
            "Why did sales fall in the region with the most complaints?",
            "Region,Complaints\nEurope,10\nAsia,90\nAfrica,3\n",
            "SELECT region FROM complaints ORDER BY complaints DESC LIMIT 1",
            "Sales fall in the region with the most complaints when the region fails.",
            "The strike closed the port in Asia.",
            "Asia",
        ),
        (
            "投诉最多的地区销售额为什么下降？",
            "地区,投诉\n欧洲,10\n亚洲,90\n非洲,3\n",
            "SELECT 地区 FROM complaints ORDER BY 投诉 DESC LIMIT 1",
            "投诉最多的地区，销售额为什么会下降，各部门都要分析。",
            "亚洲的港口因罢工关闭。",
            "亚洲",
        ),
    ],
)
def test_the_texts_are_searched_for_what_was_computed(
    tmp_path: Path, question: str, table: str, sql: str, noise: str, cause: str, name: str
) -> None:
    (tmp_path / "complaints.csv").write_text(table, "utf-8")
    for number in range(40):
        (tmp_path / f"note{number}.md").write_text(f"# Note {number}\n\n{noise}\n", "utf-8")
    (tmp_path / "cause.md").write_text(f"# {name}\n\n{cause}\n", "utf-8")

    def told(request: ChatRequest) -> str:
        return json.dumps({"sql": sql}) if "CREATE TABLE" in request.messages[-1].text else reply(cause)

    with App(tmp_path / "s", config=load_config(), chat=ScriptedChat(told), embedder=None) as app:
        app.add(*sorted(tmp_path.glob("*.csv")), *sorted(tmp_path.glob("*.md")))
        answer = app.ask(question, route="both")
    assert name in answer.statements[0].text
    assert any(cause in one.passage.text for one in answer.evidence)
    assert any(cause in citation.quote for citation in answer.citations)
