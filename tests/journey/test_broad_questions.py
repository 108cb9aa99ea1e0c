"""What are these documents about? Groups of passages that share names answer, each with a quote."""

from __future__ import annotations

from pathlib import Path

import pytest

from gezhi.answer.broad import is_broad
from gezhi.app.app import App
from gezhi.app.config import load_config
from gezhi.types import Scope

NOTES = {
    "pumps-1.md": "# Pumps\n\nNorvik Ltd builds the Sealion Pump in Bergen. The Sealion Pump runs at Bergen Port.\n",
    "pumps-2.md": "# Tests\n\nThe Sealion Pump failed its test at Bergen Port. Norvik Ltd repaired it.\n",
    "pumps-3.md": "# Sales\n\nNorvik Ltd sold forty units of the Sealion Pump.\n",
    "choir-1.md": "# Choir\n\n王小明和李红在上海音乐学院演出《黄河大合唱》。\n",
    "choir-2.md": "# Concert\n\n上海音乐学院的《黄河大合唱》由王小明指挥。\n",
    "choir-3.md": "# Review\n\n李红评论了上海音乐学院的《黄河大合唱》。\n",
}


@pytest.fixture
def app(tmp_path: Path) -> App:
    for name, text in NOTES.items():
        (tmp_path / name).write_text(text, "utf-8")
    made = App(tmp_path / "s", config=load_config(), chat=None, embedder=None)
    made.add(tmp_path)
    return made


def test_themes_are_told_and_cited(app: App) -> None:
    with app:
        answer = app.ask("What are the main themes of these documents?")
        assert answer.refusal is None
        assert len(answer.statements) == 2
        pumps, choir = sorted(answer.statements, key=lambda one: "Norvik" not in one.text)
        assert "Sealion Pump" in pumps.text
        assert "黄河大合唱" in choir.text
        for statement in answer.statements:
            for citation in statement.citations:
                document = app.document(citation.document_id)
                assert document.text[citation.start : citation.end] == citation.quote
        found = app.graph.themes()
        assert [len(theme.passages) for theme in found] == [3, 3]
        assert app.graph.themes(source_prefix="nowhere") == []


def test_what_the_asker_may_not_see_has_no_theme(app: App) -> None:
    with app:
        assert app.graph.themes(scope=Scope(principals=frozenset({"stranger"}))) == []


@pytest.mark.parametrize(
    "question",
    [
        "What are the main themes in these reports?",
        "Summarize all documents",
        "What are these documents about?",
        "这些报告主要讲了什么？",
        "这些文档有哪些主题？",
        "请概括一下所有资料的要点",
    ],
)
def test_broad_questions(question: str) -> None:
    assert is_broad(question)


@pytest.mark.parametrize(
    "question",
    [
        "What is the main pump in Bergen?",
        "Who wrote the report of 2024?",
        "违约金是多少？",
        "报告的作者是谁？",
        "What does the overview of clause 4 say?",
        "合同的主要条款中违约金是多少？",
    ],
)
def test_narrow_questions(question: str) -> None:
    assert not is_broad(question)
