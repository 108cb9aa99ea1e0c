"""A kept run can be scored again, written to a file, read back, and shown."""

import json
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gezhi.evaluate import AnsweredQuestion, Prices, answered_question, read_question, score_answers, summarise
from gezhi.evaluate.answered import CitedStatement, Quote, ShownPassage
from gezhi.evaluate.judges.protocol import Judgement
from gezhi.evaluate.report import report_html, write_report
from gezhi.evaluate.runs import answers_run, questions_hash, run_from_json, run_to_json, score_again
from gezhi.types import InvalidInput, ModelFailed, Usage


class WordJudge:
    """Supported if every word of the claim is in the evidence; fails where the claim says so."""

    name = "words-1"
    threshold = 0.5

    def support(self, claim: str, evidence: Sequence[str], *, question: str = "") -> Judgement:
        assert question.endswith("?")
        if "broken" in claim:
            raise ModelFailed("The judge gave no verdict.")
        words = {word for text in evidence for word in text.split()}
        return Judgement(score=float(set(claim.split()) <= words), usage=Usage(input_tokens=3))

    def relevancy(self, question: str, answer: str) -> Judgement:
        assert question and answer
        return Judgement(score=0.75, usage=Usage(input_tokens=1))


def shown(name: str, text: str) -> ShownPassage:
    return ShownPassage(document=name, document_id=f"id-{name}", passage=f"{name}:0", title="", text=text)


def item(key: str, text: str = "", **more: object) -> AnsweredQuestion:
    question = read_question(
        {"id": key, "question": f"{key}?", "answers": ["red"], "supporting_ids": ["a"], "lang": "en"}
    )
    quotes = (Quote(passage="a:0", document="a", text="red", valid=True),)
    made = AnsweredQuestion(
        question=question,
        unanswerable=False,
        text=text,
        statements=(CitedStatement(text=text, quotes=quotes),) if text else (),
        evidence=(shown("a", "it is red"), shown("b", "it is blue")),
        signals={"chance": 0.8},
        usage=Usage(input_tokens=1_000_000, output_tokens=10),
        seconds=1.5,
    )
    return replace(made, **more)  # type: ignore[arg-type]


ITEMS = [
    item("right", "red"),
    item("unsupported", "green"),
    item("refused", refusal="no_evidence"),
    item("failed", error="model_failed: no"),
    item("unanswerable", "red", unanswerable=True, signals={"chance": 0.3}),
]


def test_judged_figures() -> None:
    figures = summarise(score_answers(ITEMS, WordJudge(), prices=Prices(read=2.0)))
    assert figures["faithfulness"] == figures["citation_recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["citation_precision"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["context_precision"] == figures["context_recall"] == 1.0  # not of the error, not of the unanswerable
    assert figures["answer_relevancy"] == 0.75
    assert figures["cost"] == 10.0
    assert (figures["errors"], figures["judge_errors"]) == (1, 0)


def test_a_failed_judgement_is_an_error_and_not_a_score() -> None:
    (scored,) = score_answers([item("x", "broken")], WordJudge())
    assert scored.error.startswith("judge: model_failed")
    assert "faithfulness" not in scored.scores and scored.scores["containment"] == 0.0
    figures = summarise([scored])
    assert (figures["judge_errors"], figures["faithfulness"]) == (1, None)


def test_a_run_counts_errors_as_its_figures_do() -> None:
    scored = score_answers([*ITEMS, item("unjudged", "broken")], WordJudge())
    figures = summarise(scored)
    run, results = answers_run(scored, label="", dataset="d", configuration={}, summary=figures)
    assert run.errors == figures["errors"] == 1
    assert run_from_json(run_to_json(run, results))[0].errors == 1
    page = report_html(run, results)
    assert "6 questions, 1 error, 1 answer not judged" in page


def test_figures_are_written_out() -> None:
    scored = score_answers(ITEMS)
    summary = {**summarise(scored), "tokens_in": 1234567, "em": 1 / 7}
    page = report_html(*answers_run(scored, label="", dataset="d", configuration={}, summary=summary))
    assert "<td>1,234,567</td>" in page
    assert "<td>0.1429</td>" in page


def test_an_item_comes_back_from_json() -> None:
    for one in ITEMS:
        assert answered_question(json.loads(json.dumps(one.as_dict()))) == one
    with pytest.raises(InvalidInput):
        answered_question({"question": {}})


def test_a_run_is_scored_again_without_asking() -> None:
    first, results = answers_run(
        score_answers(ITEMS), label="v1", dataset="golden@1", configuration={"model": "m"}, summary={"embedder": None}
    )
    assert "faithfulness" not in results[0].scores
    assert results[0].documents == ("id-a", "id-b")
    assert first.errors == 1
    again, judged = score_again(first, results, WordJudge())
    assert again.id != first.id
    assert (again.label, again.dataset, again.configuration["judge"]) == ("v1", "golden@1", "words-1")
    assert judged[0].scores["faithfulness"] == 1.0
    assert again.summary["embedder"] is None
    with pytest.raises(InvalidInput, match="erased"):
        score_again(first, [replace(results[0], contents=None)], None)
    with pytest.raises(InvalidInput, match="retrieval"):
        score_again(replace(first, kind="retrieval"), results, None)


def test_a_run_comes_back_from_a_file() -> None:
    kept = answers_run(score_answers(ITEMS), label="", dataset="d", configuration={"k": [1]}, summary={"f1": 0.5})
    assert run_from_json(json.loads(json.dumps(run_to_json(*kept)))) == kept
    for bad in (
        None,
        [],
        {},
        {"results": [{"item": 1}]},
        {"results": [{"item": 1, "scores": {"f1": "x"}, "error": ""}]},
    ):
        with pytest.raises(InvalidInput):
            run_from_json(bad)


def test_the_hash_names_the_questions() -> None:
    question = ITEMS[0].question
    assert questions_hash([question]) != questions_hash([replace(question, answers=(("blue",),))])
    assert questions_hash([question]) == questions_hash([read_question(question.as_row())])


class Checked(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attributes if name in ("src", "href", "onload", "onclick")]


def test_the_report_needs_no_network_and_runs_nothing(tmp_path: Path) -> None:
    nasty = item(
        "<script>alert(1)</script>", "red", evidence=(shown("<img src=x onerror=alert(1)>", "</blockquote>红"),)
    )
    run, results = answers_run(
        score_answers([*ITEMS, nasty], WordJudge()),
        label="<b>",
        dataset="d",
        configuration={"model": "<i>"},
        summary=summarise(score_answers([*ITEMS, nasty], WordJudge())),
    )
    page = report_html(run, results)
    seen = Checked()
    seen.feed(page)
    assert seen.links == []
    assert "script" not in seen.tags and "img" not in seen.tags and "i" not in seen.tags
    assert seen.tags.count("svg") == 3  # slices, refusal curve, latency
    assert "containment by slice" in page and "红" in page
    write_report(tmp_path / "r.html", run, [replace(result, contents=None) for result in results])
    assert "erased" in (tmp_path / "r.html").read_text("utf-8")
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_report(tmp_path, run, results)
