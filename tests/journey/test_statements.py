"""Questions about the cells of accounts, asked of files through the app: computed, in both languages, and cited."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gezhi.app.app import App
from gezhi.app.config import Config
from gezhi.types import Answer, AnswerMode

FILES = {
    "report.html": """<html><body><h1>Norvik annual report</h1><p>Sales by contract type (in millions):</p><table>
<tr><td></td><td>2019</td><td>2018</td><td>2017</td></tr>
<tr><td>Fixed price</td><td>$ 1,452.4</td><td>$ 1,146.2</td><td>$ 1,036.9</td></tr>
<tr><td>Other</td><td>44.1</td><td>56.7</td><td>70.8</td></tr>
<tr><td>Total sales</td><td>$ 1,496.5</td><td>$ 1,202.9</td><td>$ 1,107.7</td></tr></table></body></html>""",
    "利润表.csv": "项目（万元）,2024年,2023年\n营业收入,1200,1000\n管理费用,90,100\n净利润,150,120\n",
    "orders.csv": "No,Customer,Amount\n1,Adler,10\n2,Norvik,20\n",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("statements")
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    with App(folder / "x.gezhi", config=Config(home=folder / "home"), chat=None, embedder=None) as opened:
        opened.add(*(folder / name for name in FILES))
        yield opened


def value(answer: Answer) -> object:
    assert answer.mode is AnswerMode.COMPUTED, answer.text
    assert answer.computation is not None
    assert answer.computation.by == "rules"
    [[one]] = answer.computation.rows
    return one


@pytest.mark.parametrize(
    ("question", "expected", "told", "row"),
    [
        ("What were the total sales in 2018?", 1202.9, "$1,202.9 millions (Total sales, 2018).", "Total sales"),
        (
            "What was the change in other sales from 2018 to 2019?",
            pytest.approx(-12.6),
            "-$12.6 millions (Other, 2019: 44.1, 2018: 56.7).",
            "Other",
        ),
        (
            "What was the percentage change in total sales from 2018 to 2019?",
            24.41,
            "24.41% (Total sales, 2019: ",
            "Total sales",
        ),
        ("2024年净利润比2023年增长了多少？", 30, "30万元（净利润，2024年: 150，2023年: 120）。", "净利润"),
        ("营业收入从2023年到2024年的增长率是多少？", 20.0, "20%", "营业收入"),
    ],
)
def test_cells(app: App, question: str, expected: object, told: str, row: str) -> None:
    answer = app.ask(question)
    assert value(answer) == expected
    assert answer.text.startswith(told), answer.text
    assert [citation.quote.startswith(row) for citation in answer.citations] == [True]


def test_what_no_cell_holds_is_not_computed(app: App) -> None:
    for question in ("What were the total sales in 2015?", "Why did other sales fall in 2019?", "2021年净利润是多少？"):
        assert app.ask(question).computation is None
