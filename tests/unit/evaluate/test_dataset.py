import json
from pathlib import Path
from typing import Any

import pytest

from gezhi.evaluate import corpus_hash, load_corpus, load_questions, with_answers, with_gold
from gezhi.types import InvalidInput


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n", "utf-8")
    return path


def test_corpus_is_read(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "c.jsonl", {"id": "1", "title": "月", "text": "圆", "meta": {"a": 1}}, "", {"id": 2, "text": ""}
    )
    first, second = load_corpus(path)
    assert (first.id, first.title, first.text, first.meta) == ("1", "月", "圆", {"a": 1})
    assert (second.id, second.title, second.text) == ("2", "", "")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b'{"id": "1", "text": "x"}\n')
    assert load_corpus(path)[0].id == "1"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("{not json", "line 2: not JSON"),
        ("[1]", "line 2: a JSON object is expected, not list"),
        ({"id": "2"}, "line 2: `text` is missing"),
        ({"text": "x"}, "line 2: `id` is missing"),
        ({"id": "2", "text": 5}, "line 2: `text` must be a text"),
        ({"id": "1", "text": "x"}, "line 2: the id '1' occurs a second time"),
        ({"id": " ", "text": "x"}, "line 2: `id` is empty"),
        ({"id": "2", "text": "x", "meta": []}, None),
        ({"id": "2", "text": "x", "meta": ["a"]}, "line 2: `meta` must be an object"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, row: Any, says: str | None) -> None:
    path = lines(tmp_path / "c.jsonl", {"id": "1", "text": "x"}, row)
    if says is None:
        assert len(load_corpus(path)) == 2
        return
    with pytest.raises(InvalidInput) as caught:
        load_corpus(path)
    assert says in caught.value.message
    assert caught.value.hint


def test_missing_empty_and_foreign_files(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_corpus(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(InvalidInput, match="holds no documents"):
        load_corpus(tmp_path / "empty.jsonl")
    with pytest.raises(InvalidInput, match="holds no questions"):
        load_questions(tmp_path / "empty.jsonl")
    (tmp_path / "gbk.jsonl").write_bytes('{"id": "1", "text": "月"}'.encode("gbk"))
    with pytest.raises(InvalidInput, match="not UTF-8"):
        load_corpus(tmp_path / "gbk.jsonl")


def test_answers_are_alternatives_or_parts(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "q.jsonl",
        {"question": "a", "answers": ["x", "y"]},
        {"question": "b", "answers": [["4次", "四次"], "三"]},
        {"question": "c", "answers": []},
    )
    assert [q.answers for q in load_questions(path)] == [(("x", "y"),), (("4次", "四次"), ("三",)), ()]
    assert load_questions(path, all_answers=True)[0].answers == (("x",), ("y",))
    assert [q.id for q in load_questions(path)] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"id": "q"}, "`question` is missing"),
        ({"question": "a", "answers": "x"}, "`answers` must be a list"),
        ({"question": "a", "answers": [1]}, "`answers` must hold texts"),
        ({"question": "a", "supporting_ids": "x"}, "`supporting_ids` must be a list"),
    ],
)
def test_a_bad_question_is_named(tmp_path: Path, row: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match="line 1") as caught:
        load_questions(lines(tmp_path / "q.jsonl", row))
    assert says in caught.value.message


def test_an_empty_question_is_scored_like_any_other(tmp_path: Path) -> None:
    """Public sets hold some; what is asked decides what becomes of them."""
    assert load_questions(lines(tmp_path / "q.jsonl", {"question": ""}))[0].question == ""


@pytest.mark.parametrize(
    ("row", "flagged"),
    [
        ({"type": "adversarial-unanswerable"}, True),
        ({"type": "unanswerable"}, True),
        ({"type": "answerable"}, False),
        ({"unanswerable": True}, True),
        ({"meta": {"unanswerable": True}}, True),
        ({"meta": {"unanswerable": False}}, False),
        ({}, False),
    ],
)
def test_unanswerable_questions_are_flagged(tmp_path: Path, row: dict[str, Any], flagged: bool) -> None:
    path = lines(tmp_path / "q.jsonl", {"question": "a", **row})
    assert load_questions(path)[0].unanswerable is flagged


def test_the_limit_counts_questions_that_can_be_scored(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "q.jsonl",
        {"id": "no-gold", "question": "a", "answers": ["x"]},
        {"id": "g1", "question": "b", "supporting_ids": ["1", "1"]},
        {"id": "g2", "question": "c", "supporting_ids": ["2"], "answers": ["y"]},
        {"id": "u", "question": "d", "type": "unanswerable"},
    )
    questions = load_questions(path)
    assert [q.id for q in with_gold(questions)] == ["g1", "g2"]
    assert with_gold(questions)[0].supporting_ids == ("1",)
    assert [q.id for q in with_gold(questions, 1)] == ["g1"]
    assert [q.id for q in with_answers(questions)] == ["no-gold", "g2", "u"]
    with pytest.raises(InvalidInput, match="leaves no question"):
        with_gold(questions, 0)
    with pytest.raises(InvalidInput, match="No question has gold"):
        with_gold(questions[:1])


def test_the_hash_of_a_corpus_follows_its_content(tmp_path: Path) -> None:
    one = load_corpus(lines(tmp_path / "1.jsonl", {"id": "1", "text": "ab"}, {"id": "2", "text": "c"}))
    two = load_corpus(lines(tmp_path / "2.jsonl", {"id": "1", "text": "a"}, {"id": "2", "text": "bc"}))
    assert corpus_hash(one) != corpus_hash(two)
    assert corpus_hash(one) == corpus_hash(list(one))
