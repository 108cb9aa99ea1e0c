"""Questions that go on from others over tables, without a model: the later said takes the place of the earlier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gezhi.answer import Done, Stage
from gezhi.answer.exact.reader import CannotRead, Reading, read
from gezhi.app.app import App
from gezhi.app.config import Config
from gezhi.ingest.tables import typed_tables
from gezhi.parse import parse_bytes
from gezhi.types import Answer, Turn

ORDERS = """Order ID,Order Date,Customer,Region,Quantity,Amount,Status
A1,2024-01-05,Norvik Ltd,Europe,2,100,delivered
A2,2024-02-11,Adler,Europe,1,300,cancelled
A3,2025-02-20,Sol Foods,Asia,9,50,cancelled
A4,2025-03-02,Norvik Ltd,Asia,4,400,delivered
A5,2025-03-09,Norvik Ltd,Asia,5,600,delivered
"""
PLANT = "# Plants\n\nThe manager of the customer Norvik Ltd is Ole Berg.\n"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("follow")
    (folder / "orders.csv").write_text(ORDERS, "utf-8")
    (folder / "plants.md").write_text(PLANT, "utf-8")
    with App(folder / "x.gezhi", config=Config(home=folder / "home"), chat=None, embedder=None) as made:
        made.add(folder / "orders.csv", folder / "plants.md")
        yield made


def _talk(app: App, questions: Sequence[str]) -> list[Answer]:
    history: list[Turn] = []
    answers = []
    for question in questions:
        answers.append(app.ask(question, history=history))
        history += [Turn(role="user", text=question), Turn(role="assistant", text=answers[-1].text)]
    return answers


@pytest.mark.parametrize(
    ("questions", "numbers"),
    [
        (["How many orders were cancelled?", "And delivered?", "And in 2025?", "What about 2024?"], "2 3 2 1"),
        (["取消的订单有多少笔？", "已交付的呢？", "2025年呢？", "那2024年呢？"], "2 3 2 1"),
        (["What is the total amount in Europe?", "And in Asia?", "And the average?", "And how many orders?"],
         "400 1,050 350 3"),
        (["2024年的订单总额是多少？", "2025年呢？", "平均呢？"], "400 1,050 350"),
        (["Which customer has the most orders?", "And in 2024?"], "Norvik Adler"),
        (["Which order has the largest amount?", "And the third?", "Who is its customer?"], "A5 A2 Adler"),
        (["How many orders in 2025?", "How many of them were cancelled?", "What is their total amount?"], "3 1 50"),
        (["What is the total amount in Asia?", "By customer?", "By month?", "Only 2025-03"], "1,050 Sol 2025-02 1,000"),
        (["A1的金额是多少？", "它的客户是谁？", "A2呢？", "金额呢？"], "100 Norvik Adler 300"),
        (["金额最大的订单是哪个？", "它的客户是谁？", "日期呢？"], "A5 Norvik 2025-03-09"),
        (["How many orders were cancelled in 2024?", "And in 2025?", "List them"], "1 1 A3"),
        (["How many orders were cancelled?", "Why?", "And delivered?"], "2 - 3"),
        (["How many orders have an amount over 200?", "And over 350?"], "3 2"),
    ],
)  # fmt: skip
def test_each_goes_on_from_the_last(app: App, questions: list[str], numbers: str) -> None:
    answers = _talk(app, questions)
    for answer, number in zip(answers, numbers.split(), strict=True):
        if number == "-":
            assert answer.refusal is not None  # and the next goes on from the one before it
            continue
        assert number in answer.text.replace("。", "").replace(".", ""), (answer.standalone_question, answer.text)
        assert answer.computation is not None


@pytest.mark.parametrize(("route", "texts"), [("both", True), ("exact", False), ("", False)])
def test_the_route_that_was_chosen_holds_for_a_follow_up(app: App, route: str, texts: bool) -> None:
    history = [
        Turn(role="user", text="How many orders were cancelled?"),
        Turn(role="assistant", text="2."),
    ]
    *events, done = app.ask_stream("And delivered?", history=history, route=route)
    assert isinstance(done, Done)
    assert done.answer.text.startswith("3")
    assert any(isinstance(one, Stage) and one.name == "retrieving" for one in events) is texts


def test_a_question_that_names_its_rows_stands_alone(app: App) -> None:
    answers = _talk(app, ["How many orders were cancelled?", "How many orders that were placed in 2025 are there?"])
    assert answers[-1].text.startswith("3")


def test_two_values_asked_together_are_both_counted(app: App) -> None:
    assert _talk(app, ["How many orders are delivered or cancelled?"])[0].text.startswith("5")


def test_a_follow_up_that_no_table_knows_is_not_guessed(app: App) -> None:
    last = _talk(app, ["How many orders were cancelled?", "And the second most?"])[-1]
    assert last.refusal is not None


def test_a_follow_up_about_what_was_computed_is_looked_up(app: App) -> None:
    assert "Ole Berg" in _talk(app, ["Which customer has the most orders?", "Who is its manager?"])[-1].text


def test_what_a_model_may_have_understood_is_not_passed_over() -> None:
    """Of `only those of our best clients`, which rules do not know, a model was asked before."""
    document = parse_bytes(ORDERS.encode(), "orders.csv").document
    assert document is not None
    [data] = typed_tables(document)
    values = {(data.table.key, "status"): ["delivered", "cancelled"]}
    earlier = ("How many orders were cancelled?", "Only those of our best clients?")
    assert isinstance(read("And in 2025?", [data.table], values, earlier[:1], strict=True), Reading)
    assert isinstance(read("And in 2025?", [data.table], values, earlier, strict=True), CannotRead)
    assert isinstance(read("And in 2025?", [data.table], values, earlier), Reading)


CONTRACT = """# 采购合同

第一条 甲方向乙方采购水泵二十台。

第二条 付款期限为收到发票后三十天。

第三条 乙方逾期交货的，违约金为合同总额的百分之五。

第四条 质保期为两年，自验收之日起算。
"""
AGREEMENT = """# Supply agreement

Payment is due within 45 days of the invoice.

The penalty for late delivery is 3% of the order value.

The warranty lasts 24 months.
"""


@pytest.mark.parametrize(
    "questions",
    [
        ["违约金是多少？", "停车费呢？"],
        ["What is the penalty for late delivery?", "And the parking fee?"],
        ["How long does the warranty last?", "Why?"],
    ],
)
def test_an_answer_is_not_given_again_to_another_question(tmp_path: Path, questions: list[str]) -> None:
    (tmp_path / "采购合同.md").write_text(CONTRACT, "utf-8")
    (tmp_path / "supply.md").write_text(AGREEMENT, "utf-8")
    with App(tmp_path / "x.gezhi", config=Config(home=tmp_path / "home"), chat=None, embedder=None) as app:
        app.add(tmp_path / "采购合同.md", tmp_path / "supply.md")
        first, second = _talk(app, questions)
    assert first.refusal is None
    assert second.refusal is not None


@pytest.mark.parametrize(
    ("questions", "told"),
    [
        (["违约金是多少？", "付款期限呢？", "质保期呢？"], "百分之五 三十天 两年"),
        (["质保期是多久？", "那违约金呢？"], "两年 百分之五"),
        (["What is the penalty for late delivery?", "And the warranty?", "What about payment?"], "3% 24 45"),
        (["How long does the warranty last?", "And the penalty?"], "24 3%"),
    ],
)
def test_what_was_asked_last_weighs_more_than_what_was_asked_before(
    tmp_path: Path, questions: list[str], told: str
) -> None:
    (tmp_path / "采购合同.md").write_text(CONTRACT, "utf-8")
    (tmp_path / "supply.md").write_text(AGREEMENT, "utf-8")
    with App(tmp_path / "x.gezhi", config=Config(home=tmp_path / "home"), chat=None, embedder=None) as app:
        app.add(tmp_path / "采购合同.md", tmp_path / "supply.md")
        answers = _talk(app, questions)
    for answer, part in zip(answers, told.split(), strict=True):
        assert part in answer.text, (answer.standalone_question, answer.text)
        assert len(answer.statements) == 1
