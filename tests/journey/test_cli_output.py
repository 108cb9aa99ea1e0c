"""What is printed is safe, marked where it should be, and JSON where it was asked for."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st

from gezhi.entrypoints.cli.cited import SAID, print_answer, print_evidence, quoted, snippet
from gezhi.entrypoints.cli.output import clean, console, shorten, to_json
from gezhi.types import Answer, AnswerMode, Evidence, Found, Item, Outcome, Passage, Refusal, Scope, Status

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
TEXT = st.text(st.characters(exclude_categories=[]) | st.sampled_from("\x1b[]\x9b\x07\x00\r\n31mK;\u202e"), max_size=60)


@given(TEXT)
def test_clean_leaves_nothing_that_steers_a_terminal(text: str) -> None:
    assert not CONTROL.search(clean(text))
    assert clean(clean(text)) == clean(text)
    clean(text).encode("utf-8")
    assert "\n" not in clean(text, lines=False)


def test_clean_keeps_what_is_text() -> None:
    text = "Füße, 违约金 ١٢٣ 🙂 a\tb\nc [bold] \\x1b"
    assert clean(text) == text
    assert clean("a\x1b[1;31mred\x1b[0mb\x9b2J") == "aredb"


@given(TEXT)
def test_json_holds_the_text_to_the_letter_and_no_raw_control_character(text: str) -> None:
    printed = to_json({"text": text})
    assert not CONTROL.search(printed)
    assert json.loads(printed)["text"] == text


def test_json_of_dataclasses() -> None:
    item = Item(
        job_id="j",
        number=1,
        source="a.txt",
        path="/a.txt",
        spooled=False,
        attempts=1,
        outcome=Outcome(status=Status.REFUSED, code="empty_file", message="It is empty."),
    )
    shown = json.loads(to_json(item, compact=True))
    assert shown["outcome"] == {"status": "refused", "code": "empty_file", "message": "It is empty."}
    assert shown["access"] == ["everyone"]
    assert json.loads(to_json(Scope.of("b", "a")))["principals"] == ["a", "b", "everyone"]
    assert json.loads(to_json(Passage(document_id="d", ordinal=3, start=0, end=1, text="x")))["id"] == "d:3"


@given(st.text("ab c。\n", min_size=1, max_size=900), st.data())
def test_quotes_are_marked_whole_and_once(text: str, data: st.DataObject) -> None:
    ends = st.integers(0, len(text))
    spans = sorted((min(pair), max(pair)) for pair in data.draw(st.lists(st.tuples(ends, ends), max_size=3)))
    shown = quoted(text, spans, as_lines=True, plain=True).plain
    covered = {at for start, end in spans for at in range(start, end)}
    marked = "".join(re.findall("«(.*?)»", shown, re.DOTALL))
    assert marked == "".join(text[at] for at in sorted(covered))
    assert set(re.sub("[«»…]", "", shown)) <= set(text) | {" "}


def test_only_what_is_near_the_quote_is_shown() -> None:
    text = "a" * 1000 + " the quote " + "b" * 1000
    shown = quoted(text, [(1001, 1010)], as_lines=False, plain=True).plain
    assert shown.startswith("…aaa")
    assert shown.endswith("bbb…")
    assert "«the quote»" in shown
    assert len(shown) < 320


def test_snippet_shows_the_words() -> None:
    text = "nothing of interest. " * 50 + "The zebra lives here. " + "more. " * 50
    assert "zebra" in snippet(text, "where is the zebra", 80)
    assert snippet("短文。", "没有", 80) == "短文。"
    both = "Delivery is by lorry. " * 20 + "For late delivery a penalty of 2 % is paid. " + "And so on. " * 20
    assert "a penalty of 2 %" in snippet(both, "What is the penalty for late delivery?", 100)
    chinese = "第一条 总则。" * 40 + "逾期交货的违约金为百分之五。" + "附则。" * 40
    assert "违约金为百分之五" in snippet(chinese, "违约金是多少？", 60)
    assert len(shorten("x" * 500, 100)) == 100


def refused(question: str, standalone: str) -> Answer:
    return Answer(
        question=question,
        standalone_question=standalone,
        language="en",
        statements=(),
        evidence=(),
        mode=AnswerMode.EXTRACTIVE,
        model=None,
        refusal=Refusal(code="no_evidence", message="Nothing."),
    )


def test_a_follow_up_says_what_was_searched_for() -> None:
    out = StringIO()
    print_answer(console(out), refused("And in 2024?", "How many orders were cancelled in 2024?"))
    print_answer(console(out), refused("How many?", "How many?"))
    assert out.getvalue().count("Searched as: ") == 1
    assert "Searched as: How many orders were cancelled in 2024?" in out.getvalue()


def test_a_heading_that_is_the_title_is_not_said_again() -> None:
    out = StringIO()
    passage = Passage(document_id="d", ordinal=0, start=0, end=4, text="Text", headings=("Handbook", "Leave"))
    found = Evidence(
        passage=passage,
        source="docs/h.md",
        title="Handbook",
        revision=1,
        score=1.5,
        found_by=(Found(retriever="words", rank=1, score=2.0),),
    )
    print_evidence(console(out), [found], "text")
    assert out.getvalue().splitlines() == [" 1. Handbook — docs/h.md › Leave", "    Text", "    1.500 · words #1"]


def test_what_stands_around_an_answer_speaks_its_language() -> None:
    assert SAID["en"].keys() == SAID["zh"].keys()
    for key, english in SAID["en"].items():
        assert set(re.findall(r"{(\w+)", english)) == set(re.findall(r"{(\w+)", SAID["zh"][key]))
    out = StringIO()
    print_answer(console(out), replace(refused("违约金是多少？", "违约金是多少？"), language="zh"))
    assert out.getvalue() == "Nothing.\n\n没有相近的段落。\n"
