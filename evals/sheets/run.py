"""Sheets as offices keep them, and what their people ask: all sheets in one store, each question through `App.ask`.

    python evals/sheets/run.py [--model rules|NAME] [--items FILE] [--json]

The sheets and questions are fictional and were written before any rule saw them. By the MD5 of its text a question
belongs to the half `read`, whose errors may be looked at, or to `kept`, of which only totals are ever shown: --items
writes the first half only. A computed answer is right if its rows are those of a gold result, where further columns do
not count; a quoted one if it says all cells of one. reference.py finds the gold without Gezhi."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from gezhi import App
from gezhi.app.config import Config
from gezhi.evaluate.statistics import wilson
from gezhi.types import Answer

HERE = Path(__file__).parent
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
ROUNDING = 0.0051
WIDE = 3
"""A row with more columns than this does not answer a question for one number."""


def make_files(folder: Path) -> None:
    """The sheets as files; those named *.xlsx.csv as workbooks."""
    for path in sorted(HERE.glob("*/*.csv")):
        if path.suffixes[-2:] == [".xlsx", ".csv"]:
            make_workbook(path, folder / path.stem)
        else:
            (folder / path.name).write_bytes(path.read_bytes())


def make_workbook(source: Path, target: Path) -> None:
    with xlsxwriter.Workbook(target) as book, source.open(encoding="utf-8", newline="") as file:
        page, dates = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for at, line in enumerate(csv.reader(file)):
            for place, cell in enumerate(line):
                if re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
                    page.write_datetime(at, place, datetime.fromisoformat(cell), dates)
                elif re.fullmatch(r"\d+(\.\d+)?", cell):
                    page.write_number(at, place, float(cell))
                elif cell:
                    page.write_string(at, place, cell)


def is_right(answer: Answer, gold: Sequence[Sequence[Sequence[Any]]]) -> bool:
    if answer.computation is None:
        numbers = [float(one.replace(",", "")) for one in NUMBER.findall(answer.text)]
        return any(all(says(cell, numbers, answer.text) for row in one for cell in row) for one in gold)
    rows = answer.computation.rows
    if len(rows) < answer.computation.row_count:
        return False
    return any(same(rows, one) for one in gold)


def same(rows: Sequence[Sequence[Any]], gold: Sequence[Sequence[Any]]) -> bool:
    """Whether every row is one of the gold result, and every one of these is there."""

    def fits(row: Sequence[Any], wanted: Sequence[Any]) -> bool:
        lone = len(wanted) == 1 and isinstance(wanted[0], int | float)
        return not (lone and len(row) > WIDE) and all(any(equal(cell, one) for cell in row) for one in wanted)

    return all(any(fits(row, one) for one in gold) for row in rows) and all(
        any(fits(row, one) for row in rows) for one in gold
    )


def equal(cell: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return any(equal(cell, one) for one in wanted)
    if isinstance(wanted, int | float):
        return isinstance(cell, int | float) and abs(cell - wanted) <= max(ROUNDING, 1e-4 * abs(wanted))
    return plain(str(cell)) == plain(wanted)


def says(wanted: Any, numbers: Iterable[float], text: str) -> bool:
    if isinstance(wanted, list):
        return any(says(one, numbers, text) for one in wanted)
    if isinstance(wanted, int | float):
        return any(equal(one, wanted) for one in numbers)
    return plain(wanted) in plain(text)


def plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def half(question: dict[str, Any]) -> str:
    return "kept" if hashlib.md5(question["question"].encode()).digest()[0] % 2 else "read"


def outcome(answer: Answer, question: dict[str, Any]) -> str:
    answered = answer.refusal is None
    if question["kind"] == "unanswerable":
        return "false answer" if answered else "refused rightly"
    if not answered:
        return "refused wrongly"
    return "right" if is_right(answer, question["gold"]) else "wrong"


def summary(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    counts = Counter(item["outcome"] for item in items)
    answered, unanswerable = counts["right"] + counts["wrong"], counts["false answer"] + counts["refused rightly"]
    answerable = len(items) - unanswerable

    def share(part: int, whole: int) -> list[float] | None:
        return [round(one, 3) for one in (part / whole, *wilson(part, whole))] if whole else None

    return {
        "answerable": answerable,
        "answered": answered,
        "of_these_computed": sum(item["computed"] for item in items if item["outcome"] in ("right", "wrong")),
        "right": counts["right"],
        "wrong": counts["wrong"],
        "refused_though_answerable": counts["refused wrongly"],
        "unanswerable": unanswerable,
        "false_answers": counts["false answer"],
        "answered_share": share(answered, answerable),
        "right_of_answered": share(counts["right"], answered),
        "right_share": share(counts["right"], answerable),
        "false_answer_share": share(counts["false answer"], unanswerable),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="rules", help="a chat model as in the setting `chat_model`; rules: none")
    parser.add_argument("--items", type=Path, help="one line per question of the half `read`")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    given = parser.parse_args()
    questions = [json.loads(line) for line in (HERE / "questions.jsonl").read_text("utf-8").splitlines()]
    items = []
    with tempfile.TemporaryDirectory() as temporary:
        files = Path(temporary) / "sheets"
        files.mkdir()
        make_files(files)
        config = Config(chat_model="none" if given.model == "rules" else given.model)
        with App(Path(temporary) / "store.gezhi", config=config) as app:
            app.add(files)
            for at, question in enumerate(questions, 1):
                answer = app.ask(question["question"])
                items.append(item(answer, question))
                print(f"\r{at}/{len(questions)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if given.items:
        shown = [json.dumps(one, ensure_ascii=False) + "\n" for one in items if one["half"] == "read"]
        given.items.write_text("".join(shown), "utf-8")
    report(items, as_json=given.json)
    return 0


def item(answer: Answer, question: dict[str, Any]) -> dict[str, Any]:
    computed = answer.computation
    return {
        **question,
        "half": half(question),
        "crossed": not question["sheet"].startswith(question["lang"]),
        "outcome": outcome(answer, question),
        "computed": computed is not None,
        "sql": computed.sql if computed else "",
        "rows": [list(row) for row in computed.rows] if computed else [],
        "text": answer.text,
    }


def report(items: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    parts = {
        "all": items,
        **{name: [one for one in items if one["half"] == name] for name in ("read", "kept")},
        **{name: [one for one in items if one["lang"] == name] for name in ("en", "zh")},
        "sheet in the other language": [one for one in items if one["crossed"]],
        **{kind: [one for one in items if one["kind"] == kind] for kind in dict.fromkeys(one["kind"] for one in items)},
    }
    figures = {name: summary(part) for name, part in parts.items()}
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    print(f"{'':28}answerable answered right wrong refused | unanswerable false answers")
    for name, one in figures.items():
        print(
            f"{name:28}{one['answerable']:10} {one['answered']:8} {one['right']:5} {one['wrong']:5}"
            f" {one['refused_though_answerable']:7} | {one['unanswerable']:12} {one['false_answers']:13}"
        )


if __name__ == "__main__":
    sys.exit(main())
