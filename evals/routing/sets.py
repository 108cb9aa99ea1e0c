"""Is a question sent to tables, to texts, or to both? Over a labelled mix made from sets with known answers.

    python evals/routing/sets.py DATA_DIR [--limit 100]

DATA_DIR holds wtq_train600, spider_dev, dusql_train2000, tatqa_dev, nq_oracle and cmrc2018_trial in the form of the
other evaluations. Open questions meet tables of the exact sets as distractors: those that fit their words best."""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gezhi.answer.exact.reader import CannotRead, Reading, read
from gezhi.answer.exact.route import RouteKind, fit, route
from gezhi.ingest.tables import typed_tables
from gezhi.retrieve.tables.workspace import Workspace, quoted
from gezhi.types import Block, BlockKind, Document, Table, TableRow
from gezhi.types.tables import ColumnType, TypedTable

_VALUES = 500
_DISTRACTORS = 3
_TATQA = {"table": RouteKind.EXACT, "text": RouteKind.OPEN, "table-text": RouteKind.BOTH}


@dataclass(frozen=True, slots=True)
class Asked:
    set: str
    question: str
    right: RouteKind
    tables: list[TypedTable]


class Mix:
    def __init__(self, data: Path, limit: int, seed: int) -> None:
        self.data, self.limit, self.seed = data, limit, seed
        self.values: dict[tuple[str, str], list[str]] = {}
        self.pool: list[TypedTable] = []

    def lines(self, name: str, file: str = "questions.jsonl") -> list[dict[str, Any]]:
        path = self.data / name / file
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    def sampled(self, name: str) -> list[dict[str, Any]]:
        every = self.lines(name)
        return random.Random(self.seed).sample(every, min(self.limit, len(every)))

    def table(self, entry: dict[str, Any]) -> list[TypedTable]:
        meta = entry["meta"]
        rows = tuple(TableRow(cells=tuple(map(str, row)), start=0, end=0) for row in meta["rows"] if any(row))
        table = Table(name="table", header=tuple(meta.get("header") or ()), rows=rows)
        block = Block(kind=BlockKind.TABLE, start=0, end=1, table=table)
        made = typed_tables(
            Document(id="0" * 32, source=entry["id"], title="", media_type="", text="x", blocks=(block,))
        )
        found = []
        for data in made:
            key = "t" + hashlib.sha256(entry["id"].encode()).hexdigest()[:12] + f"_{data.table.number}"
            renamed = _keyed(data.table, key)
            for at, column in enumerate(renamed.columns):
                if column.type is ColumnType.TEXT:
                    texts = dict.fromkeys(str(row.values[at]) for row in data.rows if row.values[at] is not None)
                    self.values[key, column.key] = list(texts)[:_VALUES]
            found.append(renamed)
        return found

    def database(self, path: Path) -> list[TypedTable]:
        space = Workspace.of_file(path)
        found = []
        for table in space.tables:
            key = f"{path.stem}_{table.key}"
            for column in table.columns:
                if column.type is ColumnType.TEXT:
                    name = quoted(column.key)
                    sql = f"SELECT DISTINCT {name} FROM {quoted(table.key)} WHERE {name} IS NOT NULL LIMIT {_VALUES}"
                    self.values[key, column.key] = [str(row[0]) for row in space.run_unchecked(sql).rows]
            found.append(_keyed(table, key))
        space.close()
        return found

    def questions(self) -> Iterator[Asked]:
        for name in ("wtq_train600", "tatqa_dev"):
            corpus = {one["id"]: one for one in self.lines(name, "corpus.jsonl") if "rows" in (one.get("meta") or {})}
            for one in self.sampled(name):
                wtq = name.startswith("wtq")
                entry = corpus.get(one["supporting_ids"][0] if wtq else one["meta"]["table"])
                tables = self.table(entry) if entry is not None else []
                self.pool += tables
                right = RouteKind.EXACT if wtq else _TATQA[one["meta"]["answer_from"]]
                yield Asked(name, one["question"], right, tables)
        for name in ("spider_dev", "dusql_train2000"):
            read_already: dict[str, list[TypedTable]] = {}
            for one in self.sampled(name):
                database = one["meta"]["db_id"]
                path = self.data / name / "databases" / f"{database}.sqlite"
                if not path.exists():
                    continue
                if database not in read_already:
                    read_already[database] = self.database(path)
                    self.pool += read_already[database]
                yield Asked(name, one["question"], RouteKind.EXACT, read_already[database])
        for name in ("nq_oracle", "cmrc2018_trial"):
            for one in self.sampled(name):
                best = sorted(self.pool, key=lambda table: -fit(one["question"], table, self.values).coverage)
                yield Asked(name, one["question"], RouteKind.OPEN, best[:_DISTRACTORS])


def _keyed(table: TypedTable, key: str) -> TypedTable:
    return TypedTable(
        id=table.id, document_id="", number=table.number, name=table.name, key=key, columns=table.columns,
        row_count=table.row_count,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=100, help="questions of each set")
    parser.add_argument("--seed", type=int, default=13)
    options = parser.parse_args()
    mix = Mix(options.data, options.limit, options.seed)
    confusion: dict[str, Counter[tuple[str, str]]] = {}
    for asked in mix.questions():
        reading: Reading | CannotRead = read(asked.question, asked.tables, mix.values)
        got = route(asked.question, asked.tables, mix.values, reading)
        confusion.setdefault(asked.set, Counter())[asked.right.value, got.kind.value] += 1
    for name, counts in [*confusion.items(), ("all", sum(confusion.values(), Counter()))]:
        right = sum(count for (wanted, got), count in counts.items() if wanted == got)
        print(json.dumps({
            "set": name, "questions": counts.total(), "accuracy": round(right / counts.total(), 3),
            "confusion": {f"{wanted}->{got}": count for (wanted, got), count in sorted(counts.items())},
        }))  # fmt: skip


if __name__ == "__main__":
    main()
