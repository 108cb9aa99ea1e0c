"""Questions about the documents themselves are counted over every passage, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gezhi.app.app import App
from gezhi.app.config import Config
from gezhi.types import Answer, AnswerMode, Scope

FILES = {
    "plants.md": "# Plants\n\nThe Rotterdam plant makes PPR-9087 pumps.\n",
    "会议纪要.txt": "会议在鹿特丹工厂举行。讨论了PPR-9087和PPR-9065。\n",
    "news.html": "<html><body><h1>News</h1><p>Rotterdam reported a leak. 鹿特丹也提到了。</p></body></html>",
    "prices.csv": "Model,Price\nPPR-9065,10\nPPR-90871,20\n",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("library")
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "secret.txt").write_text("Rotterdam will be sold. PPR-9087 too.", "utf-8")
    with App(folder / "x.gezhi", config=Config(home=folder / "home"), chat=None, embedder=None) as opened:
        opened.add(*(folder / name for name in FILES))
        opened.add(folder / "secret.txt", access=["board"])
        yield opened


def value(answer: Answer) -> object:
    assert answer.mode is AnswerMode.COMPUTED, answer.text
    assert answer.computation is not None
    [[one]] = answer.computation.rows
    return one


def files(answer: Answer) -> set[str]:
    assert answer.computation is not None
    return {Path(str(source)).name for _, source in answer.computation.rows}


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("How many documents are there?", 5),
        ("how many files do I have in total", 5),
        ("库里一共有多少份文档？", 5),
        ("有几个Markdown文件？", 1),
        ("How many CSV files are there?", 1),
        ("How many documents mention Rotterdam?", 3),
        ("In how many documents is PPR-9087 mentioned?", 3),
        ("有多少个文档提到了鹿特丹？", 2),
        ("PPR-9065一共出现在多少份文件中？", 2),
        ("How many documents mention zorblax?", 0),
        ("多少份文档提到“完全没有的词”？", 0),
    ],
)
def test_counts(app: App, question: str, count: int) -> None:
    assert value(app.ask(question)) == count


def test_each_cited_sentence_says_it(app: App) -> None:
    answer = app.ask("Which documents mention PPR-9087?")
    assert answer.computation is not None
    assert {str(row[1]).rpartition("/")[2] for row in answer.computation.rows} == {
        "plants.md",
        "会议纪要.txt",
        "secret.txt",
    }
    assert answer.text == "plants, secret, 会议纪要." or set(answer.text[:-1].split(", ")) == {
        "Plants",
        "secret",
        "会议纪要",
    }
    assert len({citation.document_id for citation in answer.citations}) == 3
    assert all("PPR-9087" in citation.quote for citation in answer.citations)
    assert files(app.ask("哪些文件提到PPR-9087？", scope=Scope())) == {"plants.md", "会议纪要.txt"}


def test_a_scope_counts_its_own(app: App) -> None:
    assert value(app.ask("How many documents are there?", scope=Scope())) == 4
    assert value(app.ask("How many documents mention Rotterdam?", scope=Scope())) == 2


@pytest.mark.parametrize(
    "question",
    [
        "How many documents must a supplier hand in?",
        "How many documents mention a rise in the price of steel?",
        "供应商要提交多少份文件？",
        "Which documents are needed for a visa?",
    ],
)
def test_other_questions_about_documents_are_left_alone(app: App, question: str) -> None:
    assert app.ask(question).computation is None


def test_sql_over_the_store(app: App) -> None:
    result = app.tables.query("SELECT format, count(*) AS n FROM documents GROUP BY format ORDER BY n DESC, format")
    assert dict(result.rows) == {"text": 2, "csv": 1, "html": 1, "markdown": 1}  # type: ignore[arg-type]
    joined = "SELECT count(DISTINCT d.title) FROM mentions m JOIN documents d ON d.document_id = m.document_id"
    assert app.tables.query(f"{joined} WHERE m.entity = 'PPR-9065'").rows == ((2,),)
    _, shown = app.tables.show("documents", limit=2)
    assert [row.number for row in shown] == [1, 2]
    assert "secret" not in str(app.tables.query("SELECT * FROM documents", scope=Scope()).rows)
