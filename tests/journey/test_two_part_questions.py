"""Questions of which a table answers one part and texts the other, asked of files through the app, without a model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gezhi.app.app import App
from gezhi.app.config import Config
from gezhi.types import Answer, AnswerMode

ORDERS = """Order,Customer,Region,Amount,Status
1001,Norvik Ltd,Europe,1200.5,delivered
1002,Adler,Europe,300,cancelled
1003,Sol Foods,Asia,99.5,cancelled
1004,Norvik Ltd,Asia,400,delivered
"""
HAZARDS = "季度,上报隐患,整改率\n第一季度,486,99.0%\n第二季度,553,98.9%\n第三季度,668,98.7%\n"
RULES = "# Cancelling\n\nWhoever cancels an order pays a cancellation fee of 5 % of its price.\n"
REPORT = "# 年度安全报告\n\n第三季度发生了一起机械密封失效事故，没有人员受伤。\n\n第一季度没有发生事故。\n"
FILES = {"orders.csv": ORDERS, "隐患统计.csv": HAZARDS, "rules.md": RULES, "report.md": REPORT}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("two")
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    with App(folder / "x.gezhi", config=Config(home=folder / "home"), chat=None, embedder=None) as made:
        made.add(*[folder / name for name in FILES])
        yield made


def _ask(app: App, question: str) -> Answer:
    answer = app.ask(question)
    assert answer.refusal is None, answer.text
    return answer


def test_a_clause_is_computed_and_the_other_quoted(app: App) -> None:
    answer = _ask(app, "How many orders were cancelled, and what fee does whoever cancels an order pay?")
    assert answer.statements[0].text.startswith("2")
    assert answer.computation is not None and "COUNT" in answer.computation.sql
    assert "5 %" in answer.text and not answer.notes


def test_what_a_thing_is_by_is_computed_and_then_looked_up(app: App) -> None:
    answer = _ask(app, "上报隐患最多的季度发生了什么事故？")
    assert answer.statements[0].text.startswith("第三季度")
    assert "机械密封失效" in answer.text


def test_the_part_without_an_answer_is_said(app: App) -> None:
    answer = _ask(app, "How many orders were cancelled, and who invented the telephone?")
    assert answer.text.startswith("2") and len(answer.statements) == 1
    assert answer.mode is AnswerMode.COMPUTED
    assert ["rest of the question" in note.text for note in answer.notes] == [True]


def test_a_few_rows_are_no_answer_to_a_question_over_all(tmp_path: Path) -> None:
    lines = [f"{number},{('Adler', 'Sol', 'Norvik')[number % 3]},{number * 10},rush" for number in range(1, 121)]
    (tmp_path / "parcels.csv").write_text("\n".join(["Parcel,Customer,Weight,Speed", *lines]), "utf-8")
    with App(tmp_path / "x.gezhi", config=Config(home=tmp_path / "home"), chat=None, embedder=None) as app:
        app.add(tmp_path / "parcels.csv")
        english = app.ask("How many parcels for Adler went by zeppelin?")
        assert english.refusal is not None and english.refusal.code == "not_computed"
        assert "says nothing of" in english.text and english.evidence
        assert "COUNT" in getattr(app.ask("How many parcels for Adler?").computation, "sql", "")
