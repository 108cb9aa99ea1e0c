"""The right answers, found without Gezhi: each question's `how` is a Python expression over the rows of its sheet.

    python evals/sheets/reference.py [--write]

`rows` are the data rows as they stand in the file (no titles, totals or notes); `num` and `day` read cells. Prints the
questions whose gold differs from what the expression gives; --write puts it there. A gold is a list of accepted
results, a result a list of rows, a row a list of cells, a cell a value or a list of values that are as good."""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
QUESTIONS = HERE / "questions.jsonl"
AFTER = ("total", "合计", "注：", "hl-130 was")
"""How the lines below the data begin."""
DAYS = ("%Y-%m-%d %H:%M", "%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%d/%m/%Y", "%Y/%m/%d", "%Y年%m月%d日")

Row = dict[str, str]


def sheet_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    head = next(at for at, line in enumerate(lines) if sum(map(bool, line)) >= 6)
    rows = []
    for line in lines[head + 1 :]:
        if line[0].lower().startswith(AFTER):
            break
        rows.append(dict(zip(lines[head], line, strict=True)))
    return rows


def num(cell: str) -> float:
    found = re.search(r"-?[\d,]*\.?\d+", cell)
    assert found, cell
    return float(found.group().replace(",", "")) * (10_000 if "万" in cell else 1)


def day(cell: str) -> date:
    for form in DAYS:
        try:
            return datetime.strptime(cell, form).date()
        except ValueError:
            continue
    raise ValueError(cell)


def numbers(rows: list[Row], name: str) -> list[float]:
    """The numbers of a column; cells that hold none are left out."""
    return [num(row[name]) for row in rows if re.search(r"\d", row[name])]


def total(rows: list[Row], name: str) -> float:
    return sum(numbers(rows, name))


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def groups(rows: list[Row], name: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return found


def months(rows: list[Row], name: str) -> list[tuple[Any, list[Row]]]:
    """The rows of each month, under every way to say the month."""
    found: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        at = day(row[name])
        found[at.year, at.month].append(row)
    return [([f"{y}-{m:02}", m, f"{m:02}", f"{m}月"], part) for (y, m), part in sorted(found.items())]


def first(table: dict[str, float], count: int) -> list[tuple[str, float]]:
    """The largest of a table; a tie at the border would leave no right answer."""
    order = sorted(table.items(), key=lambda item: -item[1])
    assert len(order) <= count or order[count - 1][1] != order[count][1], order
    return order[:count]


class Either(tuple[Any, ...]):
    """Several results, each right."""


def either(*results: Any) -> Either:
    return Either(results)


def versus(names: tuple[str, ...], value: Callable[[str], float]) -> Either:
    """The name with the largest value; or all of them with their values."""
    table = {name: value(name) for name in names}
    return either(first(table, 1)[0][0], list(table.items()))


def share(part: float, whole: float) -> Either:
    return either(part / whole, 100 * part / whole)


def as_result(value: Any) -> list[list[Any]]:
    lines = value if isinstance(value, list) else [value]
    return [[_plain(cell) for cell in (line if isinstance(line, tuple) else (line,))] for line in lines]


def _plain(cell: Any) -> Any:
    return round(cell, 6) if isinstance(cell, float) else str(cell) if isinstance(cell, date) else cell


def gold(question: dict[str, Any]) -> list[Any]:
    known = {
        "rows": sheet_rows(HERE / question["sheet"]),
        **{
            one.__name__: one
            for one in (num, day, numbers, total, mean, groups, months, first, either, versus, share, date)
        },
    }
    value = eval(question["how"], known)
    return [as_result(one) for one in (value if isinstance(value, Either) else (value,))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the answers into the questions' file")
    write = parser.parse_args().write
    questions = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    other = 0
    for question in questions:
        right = gold(question) if question["how"] else []
        if question.get("gold") != right:
            other += 1
            print(f"{question['id']} {question['question']}: {right}")
        question["gold"] = right
    if write:
        QUESTIONS.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in questions), "utf-8")
    return int(other > 0 and not write)


if __name__ == "__main__":
    sys.exit(main())
