"""How well the cells of statements are read by rules: each question over the table that belongs to it, no model.

    python evals/statements.py DATA/tatqa_dev [--half tuned|unseen] [--wrong]

The rules were written with the wrong answers of one half of the questions in view (by the first byte of the MD5 of
their id, even); of the other half only figures were looked at, and a few kinds of errors at the end. Numbers are right
up to rounding to two decimals, other answers to the letter; of several gold answers all must be there."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

from gezhi.answer.exact.cells.read import Cells, read_cells
from gezhi.app.evaluation.reports import is_said
from gezhi.evaluate.statistics import wilson
from gezhi.ingest.tables import typed_tables
from gezhi.retrieve.tables.workspace import Workspace
from gezhi.types import Block, BlockKind, Document, Table, TableRow, document_id
from gezhi.types.tables import TypedTable, Value

Rows = list[tuple[Value, ...]]


def tables_of(entry: dict[str, Any]) -> list[tuple[TypedTable, Rows]]:
    rows = [TableRow(cells=tuple(cells), start=0, end=1) for cells in entry["meta"]["rows"]]
    table = Table(name="table", header=rows[0].cells, rows=tuple(rows[1:]))
    block = Block(kind=BlockKind.TABLE, start=0, end=1, table=table)
    document = Document(
        id=document_id(entry["id"].encode()),
        source="table",
        title="",
        media_type="text/html",
        text="x",
        blocks=(block,),
    )
    return [
        (data.table, [row.values for row in sorted((*data.rows, *data.totals), key=lambda row: row.number)])
        for data in typed_tables(document)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("tuned", "unseen"), help="of the questions; both if left out")
    parser.add_argument("--wrong", action="store_true", help="print the wrong answers")
    given = parser.parse_args()
    entries = [json.loads(line) for line in (given.folder / "corpus.jsonl").open(encoding="utf-8")]
    tables = {entry["id"]: tables_of(entry) for entry in entries if entry["meta"]["kind"] == "table"}
    counts: Counter[str] = Counter()
    for line in (given.folder / "questions.jsonl").open(encoding="utf-8"):
        question = json.loads(line)
        half = "unseen" if hashlib.md5(question["id"].encode()).digest()[0] % 2 else "tuned"
        if given.half not in (None, half):
            continue
        counts["questions"] += 1
        read = [
            (rows, read_cells(question["question"], table, rows)) for table, rows in tables[question["meta"]["table"]]
        ]
        found = [(rows, cells) for rows, cells in read if isinstance(cells, Cells)]
        if len(found) != 1:
            continue
        rows, cells = found[0]
        space = Workspace()
        space.add(cells.table, rows)
        values = [value for row in space.run(cells.sql).rows for value in row]
        numbers = [float(value) for value in values if isinstance(value, int | float)]
        gold = question["answers"]
        text = " ".join(str(value) for value in values)
        right = len(gold) <= len(values) and all(is_said(one, numbers, text) for one in gold)
        counts["answered"] += 1
        counts["right"] += right
        if given.wrong and not right:
            print(f"{question['question']} | {cells.sql} | {values} | gold {gold} {question['meta']['derivation']}")
    low, high = wilson(counts["right"], max(1, counts["answered"]))
    print(
        json.dumps(
            {
                **counts,
                "answered_share": round(counts["answered"] / counts["questions"], 3),
                "right_of_answered": round(counts["right"] / max(1, counts["answered"]), 3),
                "interval": [round(low, 3), round(high, 3)],
            }
        )
    )


if __name__ == "__main__":
    main()
