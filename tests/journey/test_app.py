"""The public App, from files to answers, with shipped fakes instead of models."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gezhi import App, Config
from gezhi.llm.protocol import ChatRequest
from gezhi.llm.scripted import HashEmbedder, ScriptedChat
from gezhi.types import Filters, InvalidInput, JobState, LimitExceeded, NotFound, Progress, Scope, Status, Turn

HANDBOOK = "# Handbook\n\n## Leave\n\nEvery employee has 25 days of paid leave a year.\n"
CONTRACT = "# 供货合同\n\n## 违约责任\n\n逾期交货的，每逾期一日按合同总价的0.5%支付违约金。\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    documents = tmp_path / "docs"
    documents.mkdir()
    (documents / "handbook.md").write_text(HANDBOOK, "utf-8")
    (documents / "合同.md").write_text(CONTRACT, "utf-8")
    return documents


def make(tmp_path: Path, chat: ScriptedChat | None = None) -> App:
    config = Config(home=tmp_path / "home", refusal_threshold=0.0)
    return App(tmp_path / "my.gezhi", config=config, chat=chat, embedder=HashEmbedder())


def outcomes(report: object) -> dict[str, Status]:
    return {item.source: item.outcome.status for item in report.items}  # type: ignore[attr-defined]


def test_documents_in_cited_answers_out(tmp_path: Path, folder: Path) -> None:
    with make(tmp_path) as app:
        report = app.add(folder)
        assert report.job.state is JobState.DONE
        assert outcomes(report) == {"docs/handbook.md": Status.STORED, "docs/合同.md": Status.STORED}
        for question, quote in (
            ("How many days of paid leave?", "Every employee has 25 days of paid leave a year."),
            ("违约金是多少？", "逾期交货的，每逾期一日按合同总价的0.5%支付违约金。"),
        ):
            answer = app.ask(question)
            (citation,) = answer.citations
            assert citation.quote == quote
            assert app.document(citation.document_id).text[citation.start : citation.end] == quote
            assert app.passage(citation.passage_id).document_id == citation.document_id
            assert app.trace(answer.trace_id).kind == "ask"
            assert not any(span.error for span in app.trace(answer.trace_id).spans)
        found = app.search("paid leave")[0]
        assert {"words", "meaning"} <= {f.retriever for f in found.found_by}


def test_the_same_bytes_again_change_nothing_and_new_bytes_replace(tmp_path: Path, folder: Path) -> None:
    with make(tmp_path) as app:
        app.add(folder)
        revision = app.status().store.revision
        assert set(outcomes(app.add(folder)).values()) == {Status.UNCHANGED}
        assert app.status().store.revision == revision
        (folder / "handbook.md").write_text(HANDBOOK.replace("25", "30"), "utf-8")
        app.add(folder)
        (summary,) = [d for d in app.documents() if d.source == "docs/handbook.md"]
        assert summary.revision == 2
        assert "30 days" in app.ask("How many days of paid leave?").text
        assert app.find_traces_of("25 days of paid leave") == {}


def test_sync_removes_what_has_left_the_folder_and_nothing_else(tmp_path: Path, folder: Path) -> None:
    other = tmp_path / "docs2"
    other.mkdir()
    (other / "note.txt").write_text("A pump is a pump.", "utf-8")
    with make(tmp_path) as app:
        app.add(folder, other)
        (folder / "合同.md").unlink()
        assert app.add(folder, sync=True).removed == ("docs/合同.md",)
        assert [d.source for d in app.documents()] == ["docs/handbook.md", "docs2/note.txt"]
        assert app.find_traces_of("每逾期一日按合同总价") == {}


def test_every_file_has_an_outcome_with_a_reason(tmp_path: Path, folder: Path) -> None:
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 not a zip")
    (folder / "photo.bin").write_bytes(bytes(range(256)) * 10)
    (folder / "表 格\n\U0001f4c8.csv").write_text("code,price\nPPR-9087,12400\n", "utf-8")
    with make(tmp_path) as app:
        report = app.add(folder)
    assert len(report.items) == 6
    for item in report.items:
        assert item.outcome is not None
        if item.outcome.status is Status.REFUSED:
            assert item.outcome.code != "ok" and len(item.outcome.message) > 10
    refused = {source for source, status in outcomes(report).items() if status is Status.REFUSED}
    assert refused == {"docs/empty.pdf", "docs/broken.docx", "docs/photo.bin"}


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
def test_a_file_name_that_is_not_utf_8_is_no_obstacle(tmp_path: Path, folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt")).write_text("The valve is red.", "utf-8")
    with make(tmp_path) as app:
        assert set(outcomes(app.add(folder)).values()) == {Status.STORED}
        assert app.ask("Which colour has the valve?").text == "The valve is red."


def test_stopping_early_and_the_same_call_goes_on(tmp_path: Path, folder: Path) -> None:
    for number in range(20):
        (folder / f"{number}.txt").write_text(f"Pump number {number} is in hall {number * 7}.", "utf-8")
    stopped = threading.Event()

    def stop_after_five(progress: Progress) -> None:
        if progress.job.finished >= 5:
            stopped.set()

    with make(tmp_path) as app:
        first = app.add(folder, on_progress=stop_after_five, stopped=stopped)
        assert first.job.state is JobState.OPEN and first.job.finished < 22
        second = app.add(folder)
        assert second.job.id == first.job.id and second.job.state is JobState.DONE
        assert [item.attempts for item in second.items[: first.job.finished]] == [1] * first.job.finished
        assert app.status().store.documents == 22


def test_cancel_keeps_what_is_stored(tmp_path: Path, folder: Path) -> None:
    with make(tmp_path) as app:

        def cancel(progress: Progress) -> None:
            if progress.job.finished == 1:
                app.cancel(progress.job.id)

        report = app.add(folder, on_progress=cancel)
        assert report.job.state is JobState.CANCELLED
        assert sorted(s.value for s in outcomes(report).values()) == ["cancelled", "stored"]
        assert app.status().store.documents == 1


def test_remove_is_by_source_or_by_id_and_leaves_nothing(tmp_path: Path, folder: Path) -> None:
    with make(tmp_path) as app:
        app.add(folder)
        document = app.document("docs/handbook.md")
        assert app.document(document.id[:8]).id == document.id
        assert app.remove(document.id[:8]) == ["docs/handbook.md"]
        assert app.find_traces_of("25 days of paid leave") == {}
        with pytest.raises(NotFound):
            app.document("docs/handbook.md")
        with pytest.raises(NotFound):
            app.remove("docs/handbook.md")


def test_a_scope_sees_its_own_documents_on_every_path(tmp_path: Path, folder: Path) -> None:
    with make(tmp_path) as app:
        app.add(folder / "handbook.md", access=["hr"])
        app.add(folder / "合同.md")
        hidden = app.document("docs/handbook.md").id
        stranger, hr = Scope.of("sales"), Scope.of("hr")
        assert [d.source for d in app.documents(scope=stranger)] == ["docs/合同.md"]
        assert all(e.passage.document_id != hidden for e in app.search("paid leave", scope=stranger))
        assert all(c.document_id != hidden for c in app.ask("How many days of leave?", scope=stranger).citations)
        assert app.ask("How many days of paid leave?", scope=hr).citations[0].document_id == hidden
        for call in (app.document, app.remove):
            with pytest.raises(NotFound):
                call(hidden, scope=stranger)
        trace = app.ask("违约金？", scope=hr).trace_id
        with pytest.raises(NotFound):
            app.trace(trace, scope=stranger)


def test_filters_narrow_the_search(tmp_path: Path, folder: Path) -> None:
    with make(tmp_path) as app:
        app.add(folder)
        (found,) = app.search("paid leave", filters=Filters(source_prefix="docs/合"))
        assert found.source == "docs/合同.md"


@pytest.mark.parametrize("question", ["", "   \n", "\0"])
def test_an_empty_question_is_refused(tmp_path: Path, question: str) -> None:
    with make(tmp_path) as app, pytest.raises(InvalidInput):
        app.ask(question)


def test_a_question_of_100_000_characters_is_refused(tmp_path: Path) -> None:
    with make(tmp_path) as app, pytest.raises(LimitExceeded, match="100,000"):
        app.ask("x" * 100_000)


def test_an_empty_store_says_so(tmp_path: Path) -> None:
    with make(tmp_path) as app:
        refusal = app.ask("违约金是多少？").refusal
        assert refusal is not None and refusal.code == "empty_store" and "文档" in refusal.message


def test_a_store_that_can_only_be_read_answers(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with make(tmp_path) as app:
        app.add(folder)
    monkeypatch.setattr("gezhi.store.sqlite.open._is_read_only", lambda _: True)
    with make(tmp_path) as app:
        assert app.ask("How many days of paid leave?").citations
        assert app.search("paid leave")
    assert "1 trace is lost" in caplog.text


def test_a_document_that_repeats_itself_is_quoted_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("图书馆藏书三百万册。\n" * 5, "utf-8")
    with make(tmp_path) as app:
        app.add(tmp_path / "a.txt")
        assert len(app.ask("图书馆藏书多少册？").statements) == 1


def test_follow_ups_use_the_history(tmp_path: Path, folder: Path) -> None:
    def reply(request: ChatRequest) -> str:
        if "question" in json.dumps(request.schema):
            return '{"question": "How many days of paid leave has an employee?"}'
        return '{"statements": [{"cites": [1], "text": "Every employee has 25 days."}]}'

    with make(tmp_path, ScriptedChat(reply)) as app:
        app.add(folder / "handbook.md")
        answer = app.ask("And how many?", history=[Turn(role="user", text="Tell me about paid leave")])
        assert answer.text == "Every employee has 25 days."


def test_two_apps_in_one_process_do_not_mix(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "b").mkdir()
    with make(tmp_path) as first, make(tmp_path / "b") as second:
        first.add(folder)
        assert first.status().store.documents == 2
        assert second.status().store.documents == 0


@pytest.mark.usefixtures("folder")
def test_it_works_in_a_plain_script_and_in_an_event_loop(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import asyncio\n"
        "from gezhi import App\n"
        "app = App('my.gezhi')\n"
        "app.add('docs')\n"
        "async def main():\n"
        "    return await asyncio.gather(*(asyncio.to_thread(app.ask, q) for q in ('paid leave days?', '违约金？')))\n"
        "for answer in asyncio.run(main()):\n"
        "    print(len(answer.citations))\n"
        "app.close()\n",
        "utf-8",
    )
    environment = {
        **os.environ,
        "GEZHI_CHAT_MODEL": "none",
        "GEZHI_EMBED_MODEL": "none",
        "GEZHI_REFUSAL_THRESHOLD": "0",
    }
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["1", "1"]
