"""Evaluation of exact questions over tables, on sets of the public forms: databases with gold SQL, or one table a
question with its answers."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from gezhi.answer.exact import answer_exactly
from gezhi.app.config import Config, load_config
from gezhi.app.corpus import OnProgress, silent
from gezhi.app.evaluation.reports import holds_reports, reports
from gezhi.app.models import choose_chat
from gezhi.evaluate.metrics import execution_match
from gezhi.evaluate.results_file import ResultsFile
from gezhi.evaluate.tables import TableItem, as_line, same_answers, summary
from gezhi.ingest.tables import typed_tables
from gezhi.ingest.tables.dates import read_date
from gezhi.llm.protocol import ChatModel
from gezhi.retrieve.tables.workspace import Workspace
from gezhi.store import Analyser
from gezhi.types import Block, BlockKind, Document, InvalidInput, ModelFailed, SqlFailed, Table, TableRow, document_id
from gezhi.types.tables import Value

RULES = "rules"


def evaluate_tables(
    folder: Path,
    *,
    model: str | None = None,
    limit: int | None = None,
    seed: int = 0,
    items: Path | None = None,
    keep: Path | None = None,
    config: Config | None = None,
    on_progress: OnProgress = silent,
) -> dict[str, Any]:
    """`model`: a chat model, `rules` for none, or the configured one. `limit`: so many questions drawn by `seed`.
    `items`: a file of one line a question; what it holds already is not asked again. `keep`: the folder of the store
    that reports are put into, for the next run."""
    questions = _questions(folder, limit, seed)
    config = config or load_config()
    if model is not None and model != RULES:
        config = config.model_copy(update={"chat_model": model})
    if holds_reports(folder):
        config = config.model_copy(update={"chat_model": "none"}) if model == RULES else config
        with reports(folder, config, keep, on_progress) as ask:
            results = _ask_all(questions, ask, items, on_progress)
        name = config.chat_model if model != RULES else RULES
        return {**summary(results, "answer_accuracy"), "model": name, "set": folder.name, "seed": seed}
    chat = None if model == RULES else choose_chat(config)
    spaces = _Spaces(folder)
    terms = Analyser().terms
    try:
        results = _ask_all(questions, lambda question: _ask(question, spaces, chat, terms), items, on_progress)
    finally:
        if chat is not None:
            chat.close()
    measure = "execution_accuracy" if spaces.has_databases else "answer_accuracy"
    return {
        **summary(results, measure),
        "model": chat.name if chat else RULES,
        "set": folder.name,
        "seed": seed,
    }


def _ask_all(
    questions: Sequence[dict[str, Any]],
    ask: Callable[[dict[str, Any]], TableItem],
    items: Path | None,
    on_progress: OnProgress,
) -> list[TableItem]:
    kept = ResultsFile(items) if items is not None else None
    done = {item.id: item for item in _done(kept)}
    for number, question in enumerate(questions, start=1):
        if question["id"] not in done:
            item = ask(question)
            done[item.id] = item
            if kept is not None:
                kept.append(as_line(item))
        on_progress("asking", number, len(questions))
    return [done[question["id"]] for question in questions]


def _questions(folder: Path, limit: int | None, seed: int) -> list[dict[str, Any]]:
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


def _done(kept: ResultsFile | None) -> Iterator[TableItem]:
    for row in kept.lines() if kept is not None else ():
        with suppress(TypeError):  # a line of something else
            yield TableItem(**row)


class _Spaces:
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


def _ask(question: dict[str, Any], spaces: _Spaces, chat: ChatModel | None, terms: Any) -> TableItem:
    began = time.process_time()
    space = spaces.of(question)
    try:
        found = answer_exactly(question["question"], space, chat, terms, whole=spaces.whole(question))
    except ModelFailed as failed:
        return TableItem(id=question["id"], right=False, answered=False, valid=False, by="", error=str(failed))
    spent = time.process_time() - began
    rows = found.result.rows if found.result is not None else None
    error = ""
    right = False
    if rows is not None:
        try:
            right = _is_right(question, rows, space, spaces.has_databases)
        except SqlFailed as failure:
            error = f"gold: {failure}"
    return TableItem(
        id=question["id"],
        right=right,
        answered=rows is not None,
        valid=rows is not None,
        by=found.by if rows is not None else "",
        sql=found.sql,
        error=error,
        tokens_in=found.usage.input_tokens,
        cpu_s=round(spent, 3),
        unanimous=found.tries == found.agreed if rows is not None and found.tries > 1 else None,
    )


def _in_iso(value: Value) -> Value:
    """Dates are typed: `October 13, 1968` is answered as 1968-10-13."""
    return (read_date(value) or value) if isinstance(value, str) else value


def _is_right(question: dict[str, Any], rows: Any, space: Workspace, has_databases: bool) -> bool:
    if not has_databases:
        units = [column.unit for table in space.tables for column in table.columns if column.unit]
        found = [[_in_iso(value) for value in row] for row in rows]
        return same_answers(found, [str(_in_iso(answer)) for answer in question["answers"]], units)
    meta = question["meta"]
    gold = space.run(meta.get("sql_sqlite") or meta["sql"])
    return execution_match(rows, gold.rows) == 1.0
