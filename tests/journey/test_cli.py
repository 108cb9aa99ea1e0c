"""The command line as a user meets it, in one process; `test_cli_process.py` starts real ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from gezhi.app.parsing import PooledParser
from gezhi.entrypoints.cli.root import app
from gezhi.types import Block, BlockKind, Parsed

CONTRACT = """# Supply contract

The supplier delivers within 30 days. The penalty for late delivery is 0.5% of the price per day, at most 10%.

## Payment

Payment is due within 60 days after the invoice.
"""
HANDBOOK = "# 员工手册\n\n员工每年有十五天带薪年假。\n\n## 违约\n\n违约金为合同总额的百分之五。\n"
EVIL = "Zebra \x1b[31mred\x1b[0m \x1b]0;title\x07 quagga \x9b2J and \u202edesrever. [bold]Plain[/bold] :smile: text.\n"

Gezhi = Callable[..., Result]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of documents, and no models."""
    folder = tmp_path_factory.mktemp("cli")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"CHAT_MODEL": "none", "EMBED_MODEL": "none", "HOME": str(folder / "home")}.items():
            patch.setenv(f"GEZHI_{name}", value)
        patch.delenv("GEZHI_CONFIG", raising=False)
        patch.delenv("GEZHI_STORE", raising=False)
        patch.chdir(folder)
        yield folder


@pytest.fixture(scope="module")
def run(settings: Path) -> Gezhi:
    assert settings.is_dir()
    runner = CliRunner()

    def gezhi(*words: str, given: str | None = None, env: dict[str, str] | None = None) -> Result:
        return runner.invoke(app, words, input=given, env=env, prog_name="gezhi")

    return gezhi


@pytest.fixture(scope="module")
def filled(run: Gezhi, settings: Path) -> Result:
    """The store with four files added; the result of adding them.

    The parser drops control characters; here one document keeps them, for the printing must be safe on its own."""
    docs = settings / "docs"
    docs.mkdir()
    (docs / "contract.md").write_text(CONTRACT, "utf-8")
    (docs / "手册.md").write_text(HANDBOOK, "utf-8")
    (docs / "evil.txt").write_text(EVIL, "utf-8")
    (docs / "empty.txt").write_bytes(b"")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PooledParser, "parse", _keeping_controls(PooledParser.parse))
        return run("add", "docs", "--json")


def _keeping_controls(parse: Callable[[PooledParser, Path, str], Parsed]) -> Callable[..., Parsed]:
    def parse_as_is(self: PooledParser, path: Path, source: str) -> Parsed:
        found = parse(self, path, source)
        if path.name != "evil.txt" or found.document is None:
            return found
        block = Block(kind=BlockKind.PARAGRAPH, start=0, end=len(EVIL))
        return replace(found, document=replace(found.document, text=EVIL, blocks=(block,), title="Evil\x1b[2J title"))

    return parse_as_is


def parsed(result: Result) -> Any:
    return json.loads(result.stdout)


def is_safe(text: str) -> bool:
    return not any((ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in text)


def test_help_lists_every_command(run: Gezhi) -> None:
    result = run("--help")
    assert result.exit_code == 0
    root = typer.main.get_command(app)
    assert set(root.commands) == {  # type: ignore[attr-defined]
        *("add", "ask", "search", "docs", "show", "remove", "verify-erasure", "status", "serve"),
        *("jobs", "config", "traces", "models", "eval", "graph", "tables"),
    }
    for name in root.commands:  # type: ignore[attr-defined]
        assert f"\n  {name} " in result.stdout
        assert run(name, "--help").exit_code == 0
    assert "Exit codes" in result.stdout
    assert "..." not in result.stdout.split("Commands:")[1]  # every line of help fits


def test_no_command_shows_help_and_an_unknown_one_is_wrong_use(run: Gezhi) -> None:
    assert run().exit_code == 2
    result = run("serach", "x")
    assert result.exit_code == 2
    assert "search" in result.stderr


def test_add_reports_every_file(filled: Result) -> None:
    assert filled.exit_code == 4
    report = parsed(filled)
    assert set(report) == {"job", "items", "removed"}
    outcomes = {item["source"]: item["outcome"]["status"] for item in report["items"]}
    assert outcomes.pop("docs/empty.txt") == "refused"
    assert outcomes == {"docs/contract.md": "stored", "docs/手册.md": "stored", "docs/evil.txt": "stored"}
    assert report["job"]["counts"] == {"stored": 3, "refused": 1}
    assert "4/4" in filled.stderr


@pytest.mark.usefixtures("filled")
def test_adding_again_changes_nothing_and_names_what_needs_attention(run: Gezhi) -> None:
    result = run("add", "docs")
    assert result.exit_code == 4
    assert "docs/empty.txt: " in result.stdout
    assert "docs/contract.md" not in result.stdout
    assert [line.split() for line in result.stdout.splitlines()[-2:]] == [["refused", "1"], ["unchanged", "3"]]


@pytest.mark.usefixtures("filled")
def test_quiet_says_nothing_beside_the_result(run: Gezhi) -> None:
    result = run("add", "docs/contract.md", "--quiet")
    assert result.exit_code == 0
    assert result.stderr == ""


def test_add_without_a_path_or_with_one_that_is_not_there(run: Gezhi) -> None:
    assert run("add").exit_code == 2
    result = run("add", "nowhere")
    assert result.exit_code == 3
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.splitlines()) == 2
    assert "Traceback" not in result.output


def test_sync_removes_what_has_left_the_folder(run: Gezhi, tmp_path: Path) -> None:
    store = str(tmp_path / "s.gezhi")
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(f"File {name} speaks of ships.", "utf-8")
    assert run("add", str(tmp_path), "--store", store).exit_code == 0
    (tmp_path / "b.txt").unlink()
    result = run("add", str(tmp_path), "--store", store, "--sync")
    assert result.exit_code == 0
    assert "b.txt: removed" in result.stdout
    assert [d["source"] for d in parsed(run("--store", store, "docs", "--json"))] == ["a.txt"]


@pytest.mark.usefixtures("filled")
def test_ask_shows_numbers_sources_and_the_quote(run: Gezhi) -> None:
    result = run("ask", "What is the penalty for late delivery?")
    assert result.exit_code == 0
    assert "0.5% of the price per day, at most 10%.[1]" in result.stdout
    source = next(line for line in result.stdout.splitlines() if line.startswith("[1] "))
    assert "docs/contract.md" in source
    assert "«The penalty for late delivery is 0.5% of the price per day, at most 10%.»" in result.stdout
    assert "Quoted, no chat model." in result.stdout


@pytest.mark.usefixtures("filled")
def test_ask_in_chinese(run: Gezhi) -> None:
    result = run("ask", "违约金是多少？")
    assert result.exit_code == 0
    assert result.stdout.startswith("违约金为合同总额的百分之五。[1]")


@pytest.mark.usefixtures("filled")
def test_ask_json_is_the_whole_answer(run: Gezhi) -> None:
    before, after = run("--json", "ask", "What is the penalty?"), run("ask", "What is the penalty?", "--json")
    answer = parsed(after)
    assert answer.keys() == parsed(before).keys()
    assert answer["mode"] == "extractive"
    assert answer["refusal"] is None
    citation = answer["statements"][0]["citations"][0]
    assert answer["text"][citation["answer_start"] : citation["answer_end"]] == answer["statements"][0]["text"]
    document = parsed(run("show", citation["document_id"], "--json"))
    assert document["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert citation["passage_id"] in {e["passage"]["id"] for e in answer["evidence"]}


@pytest.mark.usefixtures("filled")
def test_ask_refuses_with_code_3_and_shows_what_is_near(run: Gezhi) -> None:
    result = run("ask", "Which zebra won the chess championship of 1972 in Reykjavik?")
    assert result.exit_code == 3
    assert "docs/evil.txt" in result.stdout
    assert "Nearest passages:" in result.stdout
    assert parsed(run("ask", "Who discovered penicillin?", "--json"))["refusal"]["code"]


@pytest.mark.usefixtures("filled")
def test_ask_stream(run: Gezhi) -> None:
    question = "What is the penalty for late delivery?"
    plain, streamed = run("ask", question), run("ask", question, "--stream")
    assert streamed.stdout.split("Trace")[0] == plain.stdout.split("Trace")[0]
    events = [json.loads(line) for line in run("ask", question, "--stream", "--json").stdout.splitlines()]
    names = [event["event"] for event in events]
    assert set(names) == {"stage", "evidence_found", "statement_checked", "done"}
    assert names[-1] == "done"
    assert events[-1]["answer"]["statements"]


@pytest.mark.usefixtures("filled")
def test_a_conversation_remembers_and_survives_errors(run: Gezhi) -> None:
    lines = ["What is the penalty for late delivery?", "x" * 9000, "and when is payment due?"]
    result = run("ask", "-i", "--json", given="\n".join(lines) + "\n")
    printed = [json.loads(line) for line in result.stdout.splitlines()]
    assert [d.get("question", d.get("error", {}).get("code")) for d in printed] == [
        lines[0],
        "limit_exceeded",
        lines[2],
    ]
    assert printed[2]["standalone_question"] != lines[2]
    assert "penalty" in printed[2]["standalone_question"]
    assert result.exit_code == 0


@pytest.mark.parametrize("question", ["", "   "])
@pytest.mark.usefixtures("filled")
def test_an_empty_question_is_wrong_use(run: Gezhi, question: str) -> None:
    result = run("ask", question)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "question is empty" in result.stderr
    assert parsed(run("ask", question, "--json"))["error"]["code"] == "invalid_input"


@pytest.mark.usefixtures("filled")
def test_search(run: Gezhi) -> None:
    found = parsed(run("search", "payment invoice", "--limit", "1", "--json"))
    assert len(found) == 1
    assert found[0]["source"] == "docs/contract.md"
    assert found[0]["found_by"][0] | {"score": 0} == {"retriever": "words", "rank": 1, "score": 0}
    shown = run("search", "payment invoice", "--retrievers", "words").stdout.splitlines()
    assert "docs/contract.md" in shown[0]
    assert "invoice" in shown[1], "its words stand on a line of their own"
    assert "words #1" in shown[2]
    assert run("search", "xyzzy").exit_code == 0
    assert run("search", "payment", "--in", "elsewhere/", "--json").stdout == "[]\n"
    assert run("search", "payment", "--retrievers", "smell").exit_code == 2
    assert run("search", "payment", "--limit", "0").exit_code == 2


@pytest.mark.usefixtures("filled")
def test_docs(run: Gezhi) -> None:
    found = parsed(run("docs", "--json"))
    assert [d["source"] for d in found] == ["docs/contract.md", "docs/evil.txt", "docs/手册.md"]
    assert found[0]["outcome"]["status"] == "stored"
    assert parsed(run("docs", "docs/手", "--json"))[0]["source"] == "docs/手册.md"
    assert parsed(run("docs", "--limit", "1", "--offset", "1", "--json"))[0]["source"] == "docs/evil.txt"
    assert "docs/手册.md" in run("docs").stdout
    assert run("docs", "elsewhere").stdout == ""


@pytest.mark.usefixtures("filled")
def test_show(run: Gezhi) -> None:
    document = parsed(run("show", "docs/contract.md", "--json"))
    assert "penalty" in run("show", document["id"][:8]).stdout
    blocks = run("show", document["id"], "--blocks").stdout
    assert "heading 1" in blocks
    assert "Supply contract" in blocks
    passage = parsed(run("search", "penalty", "--json"))[0]["passage"]
    assert run("show", "docs/contract.md", "--passage", passage["id"]).stdout.strip() == passage["text"].strip()
    shown = parsed(run("show", "docs/contract.md", "--passage", str(passage["ordinal"]), "--json"))
    assert shown == passage
    for words in (["nothing.md"], ["abcdef"], ["docs/contract.md", "--passage", "99"]):
        result = run("show", *words)
        assert result.exit_code == 3
        assert result.stderr.startswith("Error: ")


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "words",
    [
        ["show", "docs/evil.txt"],
        ["show", "docs/evil.txt", "--blocks"],
        ["show", "docs/evil.txt", "--passage", "0"],
        ["docs"],
        ["search", "zebra quagga"],
        ["ask", "zebra quagga plain text"],
        ["ask", "zebra quagga plain text", "--stream"],
        *(["--json", *words] for words in (["show", "docs/evil.txt"], ["search", "zebra"], ["ask", "zebra quagga"])),
    ],
    ids=" ".join,
)
def test_a_document_cannot_steer_the_terminal(run: Gezhi, words: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 0
    assert is_safe(result.output)
    if "--json" in words:
        assert "\\u001b[31mred" in result.stdout
    elif words != ["docs"]:
        assert "[bold]Plain[/bold] :smile:" in result.stdout


def test_a_hostile_name_cannot_steer_the_terminal(run: Gezhi) -> None:
    for words in (["show", "no\x1b[2Jsuch"], ["add", "no\x1b[2Jsuch"], ["jobs", "\x1b[2Jabcdef"]):
        result = run(*words)
        assert result.exit_code == 3
        assert is_safe(result.output)


def test_remove_and_prove_it(run: Gezhi, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("The code word is Rumpelstiltskin.", "utf-8")
    at = ("--store", str(tmp_path / "s.gezhi"))
    run("add", str(tmp_path / "secret.txt"), *at)
    assert run("verify-erasure", "Rumpelstiltskin", *at).exit_code == 1
    assert run("remove", "secret.txt", *at).exit_code == 2  # nobody there to confirm
    assert parsed(run("verify-erasure", "Rumpelstiltskin", *at, "--json"))["erased"] is False
    assert run("remove", "secret.txt", "nothing.txt", "--yes", *at).exit_code == 3
    assert run("remove", "secret.txt", "--yes", *at).stdout == "removed secret.txt\n"
    result = run("verify-erasure", "Rumpelstiltskin", *at, "--json")
    assert (result.exit_code, parsed(result)) == (0, {"erased": True, "places": {}})
    assert run("docs", *at, "--json").stdout == "[]\n"


@pytest.mark.usefixtures("filled")
def test_status(run: Gezhi) -> None:
    result = run("status", "--json")
    status = parsed(result)
    assert status["store"]["documents"] == 3
    assert (status["chat_model"], status["embed_model"], status["retrievers"]) == (None, None, ["words", "graph"])
    assert len(status["warnings"]) == 2
    Path("again.md").write_bytes(Path("docs/contract.md").read_bytes())
    run("add", "again.md")
    shown = run("status")
    assert "3 in 4 files" in shown.stdout
    assert "SQLite" in shown.stdout
    assert "No chat model" in shown.stderr
    assert "No chat model" not in run("status", "--quiet").output


@pytest.mark.usefixtures("filled")
def test_traces(run: Gezhi) -> None:
    answer = parsed(run("ask", "What is the penalty?", "--json"))
    newest = parsed(run("traces", "--kind", "ask", "--limit", "1", "--json"))
    assert [trace["id"] for trace in newest] == [answer["trace_id"]]
    assert newest[0]["seconds"] >= 0
    assert isinstance(newest[0]["spans"][0]["attributes"], dict)
    assert answer["trace_id"][:8] in run("traces").stdout
    tree = run("traces", answer["trace_id"][:8]).stdout
    assert "retrieve.words" in tree
    assert " ms" in tree
    assert run("traces", "ffffffffffff").exit_code == 3


@pytest.mark.usefixtures("filled")
def test_jobs(run: Gezhi) -> None:
    job = parsed(run("jobs", "--json"))[-1]
    assert job["state"] == "done"
    shown = run("jobs", job["id"][:8])
    assert "docs/empty.txt" in shown.stdout
    assert len(parsed(run("jobs", job["id"], "--json"))["items"]) == 4
    assert parsed(run("jobs", "cancel", job["id"], "--json"))["id"] == job["id"]
    assert run("jobs", "ffffffff").exit_code == 3
    assert run("jobs", "one", "two", "three").exit_code == 2


def test_config_shows_where_values_come_from_and_hides_keys(run: Gezhi, tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('port = 9000\nchat_api_key = "sk-verysecret"\n', "utf-8")
    env = {"GEZHI_CONFIG": str(file), "GEZHI_API_KEY": "alsosecret"}
    result = run("config", "--json", "--store", "x.gezhi", env=env)
    rows = {row["name"]: row for row in parsed(result)}
    assert (rows["port"]["value"], rows["port"]["from"]) == (9000, "file")
    assert (rows["chat_model"]["value"], rows["chat_model"]["from"]) == ("none", "environment")
    assert (rows["store"]["value"], rows["store"]["from"]) == ("x.gezhi", "option")
    assert rows["host"]["from"] == "default"
    assert rows["host"]["description"]
    table = run("config", env=env)
    assert "secret" not in result.output + table.output
    assert "********" in table.stdout
    assert run("config", "path", env=env).stdout.strip() == str(file)
    assert run("config", "nonsense").exit_code == 2


def test_a_wrong_setting_is_named(run: Gezhi) -> None:
    result = run("status", env={"GEZHI_PORT": "many"})
    assert result.exit_code == 2
    assert "'port'" in result.stderr
    assert "Traceback" not in result.output
    assert "Traceback" in run("status", "--debug", env={"GEZHI_PORT": "many"}).stderr


def test_models(run: Gezhi) -> None:
    states = parsed(run("models", "list", "--json"))
    assert {"entry", "installed", "path", "active"} == set(states[0])
    assert {"chat", "embedding"} <= {state["entry"]["kind"] for state in states}
    table = run("models").stdout
    for state in states:
        assert state["entry"]["name"] in table
        assert state["entry"]["licence"] in table
    for words in (["install", "no-such-model"], ["remove", "no-such-model"]):
        assert run("models", *words).exit_code == 3
    chat = next(state["entry"]["name"] for state in states if state["entry"]["kind"] == "chat")
    assert parsed(run("models", "remove", chat, "--json")) == {"name": chat, "removed": False}


def test_a_store_that_is_none(run: Gezhi, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a store", "utf-8")
    result = run("status", "--store", str(tmp_path / "file"))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
