"""Sets of exact questions in their public forms: databases with gold SQL, or one table a question with its answers."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from gezhi.evaluate.metrics import execution_match
from gezhi.evaluate.tables import same_answers
from gezhi.ingest.tables import typed_tables
from gezhi.ingest.tables.dates import read_date
from gezhi.retrieve.tables.workspace import Workspace
from gezhi.types import Block, BlockKind, Document, InvalidInput, Table, TableRow, document_id
from gezhi.types.tables import Value


def table_questions(folder: Path, limit: int | None, seed: int) -> list[dict[str, Any]]:
    path = folder / "questions.jsonl"
    try:
        every = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", hint="Name the folder of a set.") from error
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{path} is not JSON lines: {error.msg}.", hint="One question a line.") from error
    every = [one for one in every if (one.get("meta") or {}).get("executes_on_sqlite") is not False]
    if limit is not None and limit < len(every):
        every = random.Random(seed).sample(every, limit)
    if not every:
        raise InvalidInput(f"{path} holds no question.", hint="Name the folder of a set.")
    return sorted(every, key=_database)  # a local model then finds most of a prompt read


def _database(question: dict[str, Any]) -> str:
    return str((question.get("meta") or {}).get("db_id") or "")


class TableSpaces:
    """The tables of each question, opened once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.has_databases = (folder / "databases").is_dir()
        self._open: dict[str, Workspace] = {}
        self._whole: dict[str, Workspace] = {}
        self._texts: dict[str, str] = {}
        if not self.has_databases:
            with (folder / "corpus.jsonl").open(encoding="utf-8") as file:
                for line in file:
                    entry = json.loads(line)
                    self._texts[entry["id"]] = entry["text"]

    def of(self, question: dict[str, Any]) -> Workspace:
        name = question["meta"]["db_id"] if self.has_databases else question["supporting_ids"][0]
        if name not in self._open:
            if self.has_databases:
                self._open[name] = Workspace.of_file(self._folder / "databases" / f"{name}.sqlite")
            else:
                self._open[name], self._whole[name] = _of_text(self._texts[name])
        return self._open[name]

    def whole(self, question: dict[str, Any]) -> Workspace | None:
        """With totals rows; None for databases, which have none."""
        return None if self.has_databases else self._whole[question["supporting_ids"][0]]


def _of_text(text: str) -> tuple[Workspace, Workspace]:
    """A table written as `| a | b |` lines, its first line the header; and the same with its totals rows."""
    rows, start = [], 0
    for line in text.split("\n"):
        cells = tuple(cell.strip() for cell in line.strip().strip("|").split(" | "))
        rows.append(TableRow(cells=tuple(cell.strip() for cell in cells), start=start, end=start + len(line)))
        start += len(line) + 1
    table = Table(name="table", header=rows[0].cells, rows=tuple(rows[1:]))
    document = Document(
        id=document_id(text.encode()),
        source="table",
        title="table",
        media_type="text/plain",
        text=text,
        blocks=(Block(kind=BlockKind.TABLE, start=0, end=len(text), table=table),),
    )
    space, whole = Workspace(), Workspace()
    for data in typed_tables(document):
        space.add(data.table, [row.values for row in data.rows])
        every = sorted((*data.rows, *data.totals), key=lambda row: row.number)
        whole.add(data.table, [row.values for row in every])
    return space, whole


def _in_iso(value: Value) -> Value:
    """Dates are typed: `October 13, 1968` is answered as 1968-10-13."""
    return (read_date(value) or value) if isinstance(value, str) else value


def is_right(question: dict[str, Any], rows: Any, space: Workspace, has_databases: bool) -> bool:
    if not has_databases:
        units = [column.unit for table in space.tables for column in table.columns if column.unit]
        found = [[_in_iso(value) for value in row] for row in rows]
        return same_answers(found, [str(_in_iso(answer)) for answer in question["answers"]], units)
    meta = question["meta"]
    gold = space.run(meta.get("sql_sqlite") or meta["sql"])
    return execution_match(rows, gold.rows) == 1.0
