"""From the user's own documents to a golden set, runs, a comparison and a gate, through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gezhi import App
from gezhi.app.evaluation.making import make_golden
from gezhi.entrypoints.cli.root import app
from gezhi.evaluate.golden import read_proposals, write_proposals
from gezhi.llm.protocol import ChatRequest
from gezhi.llm.scripted import ScriptedChat
from gezhi.types import ModelUnavailable, NotFound

Gezhi = Callable[..., Result]

FILES = {
    "canteen.md": "# Canteen\n\nThe canteen of the Rotterdam office opens at half past eleven on every working day.\n",
    "leave.md": "# Leave\n\nFull-time employees in Rotterdam receive 25 days of paid annual leave a year.\n",
    "手册.md": "# 员工手册\n\n上海办公室的全职员工入职满一年后，每年享有十二天带薪年休假，未休的可以结转。\n",
}


@pytest.fixture
def gezhi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gezhi:
    for name, value in {"CHAT_MODEL": "none", "EMBED_MODEL": "none", "HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(f"GEZHI_{name}", value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    for name, text in FILES.items():
        (tmp_path / "docs" / name).write_text(text, "utf-8")

    def run(*words: object, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words], input=stdin)

    assert run("add", "docs").exit_code == 0
    return run


def writes(request: ChatRequest) -> str:
    """A model that writes one good question, one whose quote is not in the passage, and unanswerable ones."""
    text = request.messages[-1].text
    if "does not answer" in text or "没有给出答案" in text:
        return json.dumps({"question": "Who cooks in the canteen of the Rotterdam office?"})
    if "canteen" in text:
        return json.dumps({"question": "When does the canteen open?", "quote": "It never opens.", "answer": "never"})
    if "年休假" in text:
        return json.dumps(
            {"question": "上海办公室员工有几天年休假？", "quote": "每年享有十二天带薪年休假", "answer": "十二天"}
        )
    quote = "Full-time employees in Rotterdam receive 25 days of paid annual leave a year."
    return json.dumps({"question": "How long is the annual leave in Rotterdam?", "quote": quote, "answer": "25 days"})


def test_a_golden_set_from_own_documents(gezhi: Gezhi, tmp_path: Path) -> None:
    file = tmp_path / "golden.jsonl"
    with App() as opened:
        made = make_golden(opened, ScriptedChat(writes), count=3, unanswerable=1 / 3)
        with pytest.raises(ModelUnavailable):
            make_golden(opened, None)
    asked = {line.question.question: line for line in made.lines}
    assert "How long is the annual leave in Rotterdam?" in asked or "上海办公室员工有几天年休假？" in asked
    assert all(line.found_rank == 1 for line in made.lines if not line.question.unanswerable)
    write_proposals(file, made.lines)
    refused = gezhi("eval", "datasets", "--add", file, "--name", "golden")
    assert refused.exit_code == 2 and "accepted" in refused.output
    # accept the first, edit the second, drop what is left
    edited = "e\nHow many days of leave?\n25\n"
    assert gezhi("eval", "review", file, stdin="a\n" + edited + "d\n" * 3).exit_code == 0
    decided = [line.status.value for line in read_proposals(file)]
    assert decided[:2] == ["accepted", "accepted"] and "proposed" not in decided
    kept = gezhi("eval", "datasets", "--add", file, "--name", "golden", "--json")
    assert json.loads(kept.stdout)["items"] == 2
    listed = gezhi("eval", "datasets", "--name", "golden")
    assert [json.loads(line)["question"] for line in listed.stdout.splitlines()][1] == "How many days of leave?"


def questions(folder: Path) -> Path:
    rows = [
        {"id": "1", "question": "How many days of paid annual leave in Rotterdam?", "answers": ["25 days"]},
        {"id": "2", "question": "When does the canteen of the Rotterdam office open?", "answers": ["half past eleven"]},
        {"id": "3", "question": "上海办公室全职员工每年有几天带薪年休假？", "answers": ["十二天"], "lang": "zh"},
        {"id": "4", "question": "Which zebra won the chess tournament of Osaka?", "unanswerable": True},
    ]
    gold = ["docs/leave.md", "docs/canteen.md", "docs/手册.md"]
    for row, source in zip(rows, gold, strict=False):
        row["supporting_ids"] = [source]
    path = folder / "questions.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def test_runs_are_kept_compared_and_gated(gezhi: Gezhi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = questions(tmp_path)
    assert gezhi("eval", "datasets", "--add", asked, "--name", "golden").exit_code == 0
    first = gezhi("eval", "answers", "--dataset", "golden", "--label", "before", "--json", "--html", "report.html")
    figures = json.loads(first.stdout)
    assert (figures["questions"], figures["errors"], figures["citation_validity"]) == (4, 0, 1.0)
    assert figures["containment"] == 1.0 and figures["false_answer_rate"] == 0.0
    assert figures["gold_cited"] == 1.0
    assert "<svg" in (tmp_path / "report.html").read_text("utf-8")
    monkeypatch.setenv("GEZHI_REFUSAL_THRESHOLD", "1.0")
    refusing = gezhi("eval", "answers", "--questions", asked, "--label", "after", "--items", "items.jsonl", "--json")
    assert json.loads(refusing.stdout)["false_refusal_rate"] == 1.0
    monkeypatch.delenv("GEZHI_REFUSAL_THRESHOLD")
    resumed = gezhi("eval", "answers", "--questions", asked, "--items", "items.jsonl", "--resume", "--json")
    assert json.loads(resumed.stdout)["false_refusal_rate"] == 1.0, "nothing was asked again"
    listed = json.loads(gezhi("eval", "runs", "--json").stdout)
    assert [run["label"] for run in listed] == ["after", "before"]
    compared = {one["metric"]: one for one in json.loads(gezhi("eval", "compare", "before", "after", "--json").stdout)}
    assert compared["containment"]["difference"] == -1.0
    assert compared["containment"]["verdict"] == "undecided", "three questions decide nothing"
    assert gezhi("eval", "gate", "before", "after").exit_code == 0
    assert gezhi("eval", "gate", "before", "before").exit_code == 0
    assert gezhi("eval", "runs", "before", "--export", "before.json").exit_code == 0
    assert gezhi("eval", "gate", "before.json", "after", "--margin", "0.0").exit_code == 0
    assert "containment" in gezhi("eval", "runs", "before.json").stdout
    assert gezhi("eval", "runs", "before", "--delete").exit_code == 0
    assert gezhi("eval", "runs", "before").exit_code == 3


def test_a_gate_fails_with_its_own_exit_code(gezhi: Gezhi, tmp_path: Path) -> None:
    run = {
        "id": "a",
        "kind": "retrieval",
        "label": "",
        "dataset": "d",
        "created_at": 0,
        "configuration": {},
        "summary": {},
    }
    for name, value in (("good", 1.0), ("bad", 0.0)):
        results = [{"item": str(at), "scores": {"recall@5": value}, "error": ""} for at in range(30)]
        (tmp_path / f"{name}.json").write_text(json.dumps(run | {"results": results}))
    failed = gezhi("eval", "gate", "good.json", "bad.json")
    assert failed.exit_code == 5 and "recall@5 went from 1.000 to 0.000" in failed.stdout
    assert gezhi("eval", "gate", "bad.json", "good.json").exit_code == 0
    (tmp_path / "broken.json").write_text("{")
    assert gezhi("eval", "gate", "broken.json", "good.json").exit_code == 2


def test_what_a_removed_document_said_is_gone_from_runs_and_sets(gezhi: Gezhi, tmp_path: Path) -> None:
    asked = questions(tmp_path)
    gezhi("eval", "datasets", "--add", asked, "--name", "golden")
    gezhi("eval", "answers", "--dataset", "golden", "--label", "run")
    assert gezhi("verify-erasure", "十二天").exit_code == 1
    assert gezhi("remove", "docs/手册.md", "--yes").exit_code == 0
    assert gezhi("verify-erasure", "十二天").exit_code == 0
    with App() as opened:
        run, results = opened.evaluations.run("run")
        assert run.questions == 4 and any(result.contents is None for result in results)
        assert all(result.scores for result in results)
        with pytest.raises(NotFound):
            opened.evaluations.dataset("golden@9")


def test_wrong_use_is_told(gezhi: Gezhi) -> None:
    for words, said in (
        (["answers"], "Which questions?"),
        (["answers", "--dataset", "none"], "no data set"),
        (["answers", "--questions", "q.jsonl", "--resume"], "--items"),
        (["answers", "--questions", "q.jsonl", "--without-gold"], "cannot be read"),
        (["runs", "--delete"], "Which run?"),
        (["datasets", "--add", "q.jsonl"], "needs a name"),
        (["make", "--out", "g.jsonl"], "chat model"),
        (["compare", "a", "b"], "no run"),
    ):
        result = gezhi("eval", *words)
        assert result.exit_code in (1, 2, 3), words
        assert said in result.output, words


def test_a_question_of_which_nothing_is_known_is_named(gezhi: Gezhi, tmp_path: Path) -> None:
    rows = [
        {"id": "known", "question": "When does the canteen open?", "answers": ["half past eleven"]},
        {"id": "q-blank", "question": "Who cooks?", "answers": []},
        {"id": "no", "question": "Who wrote Moby-Dick?", "answers": [], "unanswerable": True},
    ]
    asked = tmp_path / "mixed.jsonl"
    asked.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    told = gezhi("eval", "answers", "--questions", asked, "--judge", "none")
    assert "1 question is left out" in told.stderr and "q-blank" in told.stderr
    assert "left out" not in gezhi("eval", "answers", "--questions", asked, "--judge", "none", "--quiet").stderr


def test_a_kill_while_going_on_loses_no_answer(gezhi: Gezhi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, items = questions(tmp_path), tmp_path / "items.jsonl"
    assert gezhi("eval", "answers", "--questions", asked, "--items", items).exit_code == 0
    whole = items.read_bytes()

    def killed(*_: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        gezhi("eval", "answers", "--questions", asked, "--items", items, "--resume")
    assert items.read_bytes() == whole
    first = whole.splitlines(keepends=True)[0]
    items.write_bytes(first + b'{"question": {"id": "2", "que')
    assert gezhi("eval", "answers", "--questions", asked, "--items", items, "--resume").exit_code == 0
    kept = [json.loads(line) for line in items.read_text("utf-8").splitlines()]
    assert sorted(one["question"]["id"] for one in kept) == ["1", "2", "3", "4"]
    assert kept[0] == json.loads(first)


def test_an_answer_that_the_judge_cannot_read_is_told_and_no_error(gezhi: Gezhi, tmp_path: Path) -> None:
    row = {
        "id": "1",
        "question": "上海办公室全职员工每年有几天带薪年休假？",
        "answers": ["twelve days of paid leave in every year"],
    }
    (tmp_path / "q.jsonl").write_text(json.dumps(row | {"supporting_ids": ["docs/手册.md"]}), "utf-8")
    asked = gezhi("eval", "answers", "--questions", "q.jsonl", "--label", "mixed")
    assert "1 answer was not judged" in asked.stderr and "judge `model`" in asked.stderr
    [run] = json.loads(gezhi("eval", "runs", "--json").stdout)
    assert (run["errors"], run["summary"]["errors"], run["summary"]["judge_errors"]) == (0, 0, 1)
    assert "not judged" in gezhi("eval", "runs").stdout
