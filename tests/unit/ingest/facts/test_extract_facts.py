"""What a model writes counts only if it stands in the passage; reading is capped, committed and gone on with."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from gezhi.app.app import App
from gezhi.app.config import load_config
from gezhi.app.idle import LazyFacts
from gezhi.ingest.facts import FactReader, grounded
from gezhi.ingest.facts.extract import drafts
from gezhi.ingest.facts.grounded import as_time
from gezhi.llm.protocol import ChatRequest
from gezhi.llm.scripted import ScriptedChat
from gezhi.types.facts import StatedFact


def fact(subject: str, predicate: str, object: str, valid_from: str = "") -> StatedFact:
    return StatedFact(subject=subject, predicate=predicate, object=object, valid_from=valid_from)


TEXT = "The company was founded in Bergen by Anna Berg, who has led it since March 2019."


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        (fact("Norvik Ltd", "founded in", "Bergen"), True),
        (fact("Norvik Ltd", "founded in", "Oslo"), False),
        (fact("Nordvik", "founded in", "Bergen"), False),
        (fact("Anna Berg", "leads", "Anna Berg"), False),
        (fact("Anna Berg", " ", "Bergen"), False),
        (fact("Anna Berg", "wrote", "a" * 200), False),
    ],
)
def test_both_ends_must_stand_in_the_passage_or_its_title(stated: StatedFact, kept: bool) -> None:
    assert grounded([stated], "Norvik Ltd", TEXT) == [stated] * kept


def test_chinese_names_must_stand_there_as_written() -> None:
    text = "公司由李明于苏州创办，2019年3月起由王芳任总经理。"
    assert grounded([fact("华辰泵业", "总经理", "王芳", "2019-03")], "华辰泵业", text)
    assert not grounded([fact("华辰泵业", "总经理", "王明")], "华辰泵业", text), (
        "its characters stand there, not the name"
    )


def test_a_time_that_the_text_does_not_say_is_dropped() -> None:
    assert grounded([fact("Anna Berg", "leads", "Norvik", "2019-03")], "Norvik", TEXT)[0].valid_from == "2019-03"
    assert grounded([fact("Anna Berg", "leads", "Norvik", "1987")], "Norvik", TEXT)[0].valid_from == ""


def test_times_are_read_as_models_write_them() -> None:
    written = ["2024", "2024-3", "2024/03/05", "2024.3.5", "March", "", "2024-13", "20240305"]
    assert [as_time(one) for one in written] == ["2024", "2024-03", "2024-03-05", "2024-03-05", "", "", "2024", ""]


def test_a_reply_that_was_cut_off_gives_its_whole_facts() -> None:
    whole = '{"subject": "A", "predicate": "b", "object": "C", "from": "2020", "to": ""}'
    assert drafts(f'{{"facts": [{whole}, {{"subject": "D", "pre') == [fact("A", "b", "C", "2020")]
    assert drafts("no JSON at all") == []
    assert drafts('{"facts": [{"subject": 3}]}') == []


def model(requests: list[str]) -> ScriptedChat:
    def reply(request: ChatRequest) -> str:
        requests.append(request.messages[-1].text)
        stated = {"subject": "Anna Berg", "predicate": "works for", "object": "Norvik Ltd", "from": "", "to": ""}
        return json.dumps({"facts": [stated, {**stated, "object": "the Moon"}]})

    return ScriptedChat(reply)


def test_reading_is_capped_kept_and_never_paid_for_twice(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.md").write_text(f"# Note {number}\n\nAnna Berg works for Norvik Ltd.\n", "utf-8")
    requests: list[str] = []
    chat = model(requests)
    with App(config=load_config(store=tmp_path / "s"), chat=chat, embedder=None) as app:
        app.add(tmp_path)
        cost = app.graph.estimate()
        assert cost.texts == 4
        assert cost.tokens > 4 * 200
        one = app.graph.extract(most_tokens=cost.tokens // 2)
        assert 1 <= one.texts < 4
        assert one.left == 4 - one.texts
        assert app.graph.facts("Norvik Ltd")[0].passages
        stopped = threading.Event()
        two = app.graph.extract(on_progress=lambda *_: stopped.set(), stopped=stopped)
        assert two.texts == 1
        rest = app.graph.extract()
        assert (one.texts + two.texts + rest.texts, rest.left, len(requests)) == (4, 0, 4)
        assert app.graph.extract().texts == 0
        assert app.graph.estimate().texts == 0
        facts = app.graph.facts()
        assert [str(one) for one in facts] == ["Anna Berg — works for — Norvik Ltd"], "the Moon is in no passage"
        assert len(facts[0].passages) == 4
        assert len(FactReader(chat).name) > 8


def test_only_what_answers_were_made_from_the_most_used_first(tmp_path: Path) -> None:
    topics = ["harbour", "orchard", "glacier", "lighthouse", "quarry", "windmill", "vineyard", "observatory"]
    for topic in topics:
        (tmp_path / f"{topic}.md").write_text(f"# The {topic}\n\nAnna Berg painted the {topic}.\n", "utf-8")
    requests: list[str] = []
    with App(config=load_config(store=tmp_path / "s", evidence_limit=1), chat=model(requests), embedder=None) as app:
        app.add(tmp_path)
        assert app.graph.estimate(asked=True).texts == 0, "nothing was asked yet"
        for question in ("Who painted the glacier?", "Who painted the quarry?", "What of the quarry was painted?"):
            app.ask(question)
        requests.clear()
        assert app.graph.estimate(asked=True).texts == 2
        app.remove(str(tmp_path / "glacier.md"))
        assert app.graph.estimate(asked=True).texts == 1, "removed documents are not read"
        app.add(tmp_path)
        assert app.graph.extract(asked=True, most_passages=1).texts == 1
        assert "quarry" in requests[0]
        assert app.graph.extract(asked=True).texts == 1
        assert "glacier" in requests[1]
        assert (app.graph.extract(asked=True).texts, app.graph.estimate().texts) == (0, len(topics) - 2)


def test_the_server_reads_what_answers_were_made_from_while_nobody_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gezhi.app.idle.QUIET_SECONDS", 0.0)
    for topic in ("harbour", "orchard", "glacier"):
        (tmp_path / f"{topic}.md").write_text(f"# The {topic}\n\nAnna Berg works for Norvik Ltd.\n", "utf-8")
    requests: list[str] = []
    settings = load_config(store=tmp_path / "s", evidence_limit=1, lazy_fact_tokens=100_000)
    with App(config=settings, chat=model(requests), embedder=None) as app:
        app.add(tmp_path)
        app.start_worker()
        app.ask("Who works for Norvik at the glacier?")
        until = time.monotonic() + 10
        while not app.graph.facts() and time.monotonic() < until:
            time.sleep(0.05)
        assert [str(one) for one in app.graph.facts()] == ["Anna Berg — works for — Norvik Ltd"]
        assert app.graph.estimate().texts == 2, "the other documents are not read"


def test_nothing_is_read_during_a_question_nor_beyond_the_tokens_of_a_day(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Note\n\nAnna Berg works for Norvik Ltd.\n", "utf-8")
    requests: list[str] = []
    with App(config=load_config(store=tmp_path / "s"), chat=model(requests), embedder=None) as app:
        app.add(tmp_path)
        app.ask("Who works for Norvik?")
        requests.clear()
        poor = LazyFacts(lambda: app.graph, most_tokens=10, quiet=0)
        with poor.question():
            pass
        assert not poor.read_one()
        assert not requests
        rich = LazyFacts(lambda: app.graph, most_tokens=100_000, quiet=0)
        assert not rich.read_one(), "nothing was asked since it began"
        with rich.question():
            assert not rich.read_one()
        assert rich.read_one()
        assert (rich.read_one(), len(requests)) == (False, 1)
