"""Exact questions judged by hand-worked examples, and small sets of both forms run without a model."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.app.config import Config
from gezhi.app.evaluation.tables import evaluate_tables
from gezhi.evaluate.metrics import execution_match
from gezhi.evaluate.tables import Rows, TableItem, as_line, same_answers, summary
from gezhi.types import InvalidInput


@pytest.mark.parametrize(
    ("found", "gold"),
    [
        ([], []),
        ([(1,), (2,)], [(2,), (1,)]),
        ([("a", 1)], [(1, "a")]),
        ([(1, "a"), (2, "b")], [("b", 2.0), ("a", 1.0)]),
        ([(3,)], [("3",)]),
        ([("1,200",)], [(1200,)]),
        ([(0.333333,)], [(0.3333331,)]),
        ([("  Anna   Berg ",)], [("anna berg",)]),
        ([("'x'",)], [("x",)]),
        ([(None,)], [("",)]),
        ([(True,)], [(1,)]),
        ([("上海", 5)], [(5.0, "上海")]),
        ([(-3,)], [("-3.0",)]),
    ],
)
def test_rows_that_are_the_same(found: Rows, gold: Rows) -> None:
    assert execution_match(found, gold)
    assert execution_match(gold, found)


@pytest.mark.parametrize(
    ("found", "gold"),
    [
        ([], [(1,)]),
        ([(1,)], []),
        ([(1,), (1,)], [(1,)]),
        ([(1,), (1,), (2,)], [(1,), (2,), (2,)]),
        ([(1, 2)], [(1,)]),
        ([(1, "a"), (2, "b")], [(1, "b"), (2, "a")]),
        ([(0.3333,)], [(0.334,)]),
        ([("a",)], [("b",)]),
        ([("上海",)], [("上海市",)]),
        ([(0,)], [(None,)]),
        ([(1,), (2,)], [(1, 2)]),
        ([("Adler", "Norvik"), ("Berg", "Oslo")], [("Norvik", "Adler"), ("Berg", "Oslo")]),  # swapped in one row
        ([("a.b",)], [("ab",)]),
        ([("the box",)], [("box",)]),
    ],
)
def test_rows_that_differ(found: Rows, gold: Rows) -> None:
    assert not execution_match(found, gold)
    assert not execution_match(gold, found)


cells = st.one_of(st.integers(-999, 999), st.text("ab上海 ", max_size=4), st.none())


@given(
    st.integers(1, 8).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=6)),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_and_columns_never_matters_and_a_row_more_always_does(
    rows: list[list[Any]], chance: Any
) -> None:
    order = chance.sample(range(len(rows[0])), len(rows[0])) if rows else []
    shuffled = [[row[at] for at in order] for row in chance.sample(rows, len(rows))]
    assert execution_match(shuffled, rows)
    assert not execution_match([*rows, ["more"] * len(order)], rows)


def test_columns_that_hold_the_same_are_told_apart_by_their_rows() -> None:
    gold = [(a, b, *[0] * 7) for a, b in ((1, 2), (2, 3), (3, 1))]
    assert execution_match([(*row[2:], row[1], row[0]) for row in gold], gold)
    assert not execution_match([(a, a, *[0] * 7) for a, *_ in gold], gold)
    assert not execution_match([(a, b, *[0] * 7) for a, b in ((1, 2), (2, 1), (3, 3))], gold)


@pytest.mark.parametrize(
    ("found", "gold", "same"),
    [
        ([("Norvik",), ("Adler",)], ["adler", "Norvik"], True),
        ([("Norvik", "Adler")], ["Adler", "Norvik"], True),
        ([(1200,)], ["1,200"], True),
        ([(3,)], ["3.0"], True),
        ([("2024-01-05",)], ["2024-01-05"], True),
        ([("王小明",)], ["王小明"], True),
        ([("Norvik",)], ["Norvik", "Norvik"], False),
        ([("Norvik",), ("Adler",)], ["Norvik"], False),
        ([("Norvik", 5)], ["Norvik"], False),
        ([], ["Norvik"], False),
        ([(1,)], ["one"], False),
    ],
)
def test_answers(found: Rows, gold: list[str], same: bool) -> None:
    assert same_answers(found, gold) is same


def item(number: int, *, right: bool = False, answered: bool = True, by: str = "rules", **more: Any) -> TableItem:
    by = by if answered else ""
    return TableItem(id=f"q{number}", right=right, answered=answered, valid=answered, by=by, **more)


def test_a_summary_worked_by_hand() -> None:
    items = [
        item(1, right=True, cpu_s=0.4, tokens_in=10),
        item(2, right=True, by="model", cpu_s=0.1, tokens_in=20),
        item(3, by="model", cpu_s=0.2),
        item(4, answered=False, cpu_s=0.3),
        item(5, answered=False, error="the model failed"),
    ]
    found = summary(items, "execution_accuracy")
    low, high = found.pop("interval")
    assert 0 < low < 0.4 < high < 1
    assert found == {
        "execution_accuracy": 0.4,
        "valid_sql": 0.6,
        "answered": 3,
        "refused": 1,
        "wrong": 1,
        "right_of_answered": 0.6667,
        "errors": 1,
        "questions": 5,
        "by": {"rules": 1, "model": 2},
        "cpu_s": 1.0,
        "cpu_s_p50": 0.2,
        "tokens_in": 30,
    }


def test_a_summary_where_nothing_was_answered() -> None:
    refused = summary([item(1, answered=False)], "answer_accuracy")
    assert (refused["right_of_answered"], refused["refused"], refused["wrong"]) == (None, 1, 0)


def test_an_item_is_one_line_and_comes_back() -> None:
    one = item(1, right=True, sql="SELECT 1", tokens_in=3, cpu_s=0.25)
    assert TableItem(**json.loads(json.dumps(as_line(one)))) == one


def write(path: Path, entries: list[dict[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries), "utf-8")


@pytest.fixture
def databases(tmp_path: Path) -> Path:
    folder = tmp_path / "with-databases"
    (folder / "databases").mkdir(parents=True)
    with closing(sqlite3.connect(folder / "databases" / "shop.sqlite")) as connection:
        connection.executescript(
            "CREATE TABLE sales (region TEXT, amount REAL);"
            "INSERT INTO sales VALUES ('Europe', 5), ('Asia', 7), ('Asia', 8);"
            "CREATE TABLE 员工 (姓名 TEXT, 工资 INTEGER);"
            "INSERT INTO 员工 VALUES ('王小明', 100), ('李芳', 300);"
        )
    entries = [
        ("q1", "What is the total amount in Asia?", "SELECT sum(amount) FROM sales WHERE region = 'Asia'"),
        ("q2", "What is the total amount in Europe?", "SELECT 1 + sum(amount) FROM sales WHERE region = 'Europe'"),
        ("q3", "Why did the wind howl?", "SELECT 1"),
        ("q4", "工资合计是多少？", "SELECT sum(工资) FROM 员工"),
    ]
    questions = [{"id": key, "question": asked, "meta": {"db_id": "shop", "sql": sql}} for key, asked, sql in entries]
    questions.append({"id": "q5", "question": "?", "meta": {"db_id": "gone", "sql": "", "executes_on_sqlite": False}})
    write(folder / "questions.jsonl", questions)
    return folder


CONFIG = Config(chat_model="none", embed_model="none")


def run(folder: Path, **given: Any) -> dict[str, Any]:
    return evaluate_tables(folder, model="rules", config=CONFIG, **given)


def test_a_set_with_databases(databases: Path, tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    seen: list[tuple[int, int]] = []
    found = run(databases, items=items, on_progress=lambda _, done, of: seen.append((done, of)))
    by_id = {line["id"]: line for line in map(json.loads, items.read_text("utf-8").splitlines())}
    assert {key: (line["answered"], line["right"]) for key, line in by_id.items()} == {
        "q1": (True, True),
        "q2": (True, False),
        "q3": (False, False),
        "q4": (True, True),
    }
    assert (found["execution_accuracy"], found["wrong"], found["refused"], found["questions"]) == (0.5, 1, 1, 4)
    assert (found["model"], found["set"], found["by"]) == ("rules", "with-databases", {"rules": 3})
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert by_id["q3"]["by"] == ""


def test_what_was_asked_is_not_asked_again(databases: Path, tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    run(databases, items=items)
    made_with = json.loads(items.read_text("utf-8").splitlines()[0])["made_with"]
    told = as_line(item(2, right=True, by="model", sql="SELECT 'as it was'")) | {"made_with": made_with}
    items.write_text(json.dumps(told) + '\n{"id": "q1", "right": tr\n', "utf-8")
    found = run(databases, items=items)
    assert (found["execution_accuracy"], found["by"]) == (0.75, {"rules": 2, "model": 1})
    lines = items.read_text("utf-8").splitlines()
    assert len(lines) == 2 + 3, "the one kept, the broken one, three asked"
    assert run(databases, items=items) == found
    assert items.read_text("utf-8").splitlines() == lines


@pytest.mark.parametrize("name", ["gezhi", "model", "set", "questions", "seed", ""])
def test_what_was_made_otherwise_is_not_mixed_in(databases: Path, tmp_path: Path, name: str) -> None:
    items = tmp_path / "items.jsonl"
    run(databases, items=items)
    first, *rest = items.read_text("utf-8").splitlines()
    row = json.loads(first)
    row = row | {"made_with": {**row["made_with"], name: "another"}} if name else as_line(item(2))
    items.write_text("\n".join([json.dumps(row), *rest, ""]), "utf-8")
    with pytest.raises(InvalidInput, match=f"{name} was another" if name else "does not say"):
        run(databases, items=items)


def test_another_seed_or_other_questions_begin_another_file(databases: Path, tmp_path: Path) -> None:
    items = tmp_path / "items.jsonl"
    run(databases, items=items, limit=2)
    assert run(databases, items=items)["questions"] == 4, "more of the same are asked"
    with pytest.raises(InvalidInput, match="seed was 0, now 1"):
        run(databases, items=items, seed=1)
    questions = databases / "questions.jsonl"
    questions.write_text(questions.read_text("utf-8").replace("Asia", "Europe"), "utf-8")
    with pytest.raises(InvalidInput, match="questions was"):
        run(databases, items=items)


def test_a_gold_query_that_fails_is_an_error_and_not_a_wrong_answer(databases: Path) -> None:
    meta = {"db_id": "shop", "sql": "SELECT abs(-9223372036854775808) FROM sales"}
    write(databases / "questions.jsonl", [{"id": "q", "question": "What is the total amount in Asia?", "meta": meta}])
    found = run(databases)
    assert (found["errors"], found["answered"], found["execution_accuracy"]) == (1, 1, 0.0)


def test_a_draw_is_the_same_for_a_seed(databases: Path, tmp_path: Path) -> None:
    def drawn(seed: int) -> set[str]:
        items = tmp_path / f"{seed}-{len(list(tmp_path.iterdir()))}.jsonl"
        assert run(databases, limit=2, seed=seed, items=items)["questions"] == 2
        return {json.loads(line)["id"] for line in items.read_text("utf-8").splitlines()}

    assert drawn(1) == drawn(1)
    assert len({frozenset(drawn(seed)) for seed in range(6)}) > 1


def test_a_set_of_texts(tmp_path: Path) -> None:
    folder = tmp_path / "with-corpus"
    folder.mkdir()
    write(
        folder / "corpus.jsonl",
        [
            {"id": "t1", "text": "| City | Population |\n| Bergen | 280 |\n| Oslo | 700 |"},
            {"id": "t2", "text": "| 姓名 | 工资 |\n| 王小明 | 100 |\n| 李芳 | 300 |"},
        ],
    )
    entries = [
        ("a", "What is the population of Bergen?", "t1", ["280"]),
        ("b", "Which city has the highest population?", "t1", ["Oslo"]),
        ("c", "李芳的工资是多少？", "t2", ["300"]),
        ("d", "What is the population of Oslo?", "t1", ["701"]),
        ("e", "Who founded the harbour?", "t1", ["King Olav"]),
    ]
    write(
        folder / "questions.jsonl",
        [
            {"id": key, "question": asked, "supporting_ids": [text], "answers": gold}
            for key, asked, text, gold in entries
        ],
    )
    found = run(folder)
    assert (found["answer_accuracy"], found["answered"], found["wrong"], found["refused"]) == (0.6, 4, 1, 1)
    assert "execution_accuracy" not in found


def test_folders_that_are_no_set(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        run(tmp_path)
    (tmp_path / "questions.jsonl").write_text("{", "utf-8")
    with pytest.raises(InvalidInput, match="not JSON lines"):
        run(tmp_path)
    (tmp_path / "questions.jsonl").write_text("\n", "utf-8")
    with pytest.raises(InvalidInput, match="holds no question"):
        run(tmp_path)


def test_reports_are_asked_end_to_end(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    rows = [["(in millions)", "2019", "2018"], ["Net sales", "120", "100"], ["Costs", "70", "65"]]
    text = "The harbour of Bergen was dredged in March."
    write(
        folder / "corpus.jsonl",
        [
            {"id": "r1", "text": "", "meta": {"kind": "table", "rows": rows}},
            {"id": "p1", "text": text, "meta": {"kind": "paragraph", "order": 1, "table": "r1"}},
            {
                "id": "r2",
                "text": "",
                "meta": {"kind": "table", "rows": [["City", "2019"], ["Oslo", "7"], ["Bergen", "2"]]},
            },
        ],
    )
    entries = [
        ("a", "What was the percentage change in net sales from 2018 to 2019?", ["20"], "r1"),
        ("b", "What were the net sales in 2019 and 2018 respectively?", ["$120", "$100"], "r1"),
        ("c", "Which harbour was dredged in March?", ["Bergen"], "r1"),
        ("d", "What were the costs in 2019?", ["71"], "r2"),
    ]
    write(
        folder / "questions.jsonl",
        [
            {"id": key, "question": asked, "answers": gold, "meta": {"table": table}}
            for key, asked, gold, table in entries
        ],
    )
    items = tmp_path / "items.jsonl"
    found = run(folder, items=items, keep=tmp_path / "kept")
    by_id = {line["id"]: line for line in map(json.loads, items.read_text("utf-8").splitlines())}
    assert {key: (line["by"], line["right"], line["cited"]) for key, line in by_id.items()} == {
        "a": ("rules", True, True),
        "b": ("rules", True, True),
        "c": ("text", True, True),
        "d": ("rules", False, False),
    }
    assert (found["answer_accuracy"], found["cited_right"], found["wrong"]) == (0.75, 0.75, 1)
    assert run(folder, keep=tmp_path / "kept")["answer_accuracy"] == 0.75
