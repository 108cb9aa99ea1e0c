"""Evaluation of exact questions over tables, on sets of the public forms: databases with gold SQL, or one table a
question with its answers."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from gezhi.answer.exact import answer_exactly
from gezhi.app.config import Config, load_config
from gezhi.app.corpus import OnProgress, silent
from gezhi.app.evaluation.reports import holds_reports, reports
from gezhi.app.evaluation.table_sets import TableSpaces, is_right, table_questions
from gezhi.app.models import choose_chat
from gezhi.app.version import code_hash, version
from gezhi.evaluate.results_file import ResultsFile
from gezhi.evaluate.tables import TableItem, as_line, summary
from gezhi.llm.protocol import ChatModel
from gezhi.store import Analyser
from gezhi.types import InvalidInput, ModelFailed, SqlFailed

RULES = "rules"
MADE_WITH = "made_with"


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
    `items`: a file of one line a question; what it holds already is not asked again. Raises InvalidInput where that was
    made with other code, another model, set or seed: two of them in one figure say nothing. `keep`: the folder of the
    store that reports are put into, for the next run."""
    questions = table_questions(folder, limit, seed)
    config = config or load_config()
    if model is not None and model != RULES:
        config = config.model_copy(update={"chat_model": model})
    made_with = {"gezhi": f"{version()}+{code_hash()}", "set": folder.name, "questions": _hash(folder), "seed": seed}
    if holds_reports(folder):
        config = config.model_copy(update={"chat_model": "none"}) if model == RULES else config
        name = config.chat_model if model != RULES else RULES
        kept = _Kept(items, made_with | {"model": name, "embedder": config.embed_model}) if items is not None else None
        with reports(folder, config, keep, on_progress) as ask:
            results = _ask_all(questions, ask, kept, on_progress)
        return {**summary(results, "answer_accuracy"), "model": name, "set": folder.name, "seed": seed}
    chat = None if model == RULES else choose_chat(config)
    spaces = TableSpaces(folder)
    terms = Analyser().terms
    try:
        kept = _Kept(items, made_with | {"model": chat.name if chat else RULES}) if items is not None else None
        results = _ask_all(questions, lambda question: _ask(question, spaces, chat, terms), kept, on_progress)
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


class _Kept:
    """Results in a file, each with what it was made with."""

    def __init__(self, path: Path, made_with: dict[str, Any]) -> None:
        self._file, self._made_with = ResultsFile(path), made_with
        self.items: dict[str, TableItem] = {}
        for row in self._file.lines():
            other = row.pop(MADE_WITH, None)
            with suppress(TypeError):  # a line of something else
                item = TableItem(**row)
                self._check(path, other)
                self.items[item.id] = item

    def _check(self, path: Path, other: object) -> None:
        if other == self._made_with:
            return
        told = "it does not say with what"
        if isinstance(other, dict):
            names = [name for name in {**other, **self._made_with} if other.get(name) != self._made_with.get(name)]
            told = "; ".join(f"{name} was {other.get(name)}, now {self._made_with.get(name)}" for name in names)
        raise InvalidInput(
            f"{path} holds results that were made otherwise: {told}.",
            hint="Give another file with --items, or remove this one, to begin anew.",
        )

    def add(self, item: TableItem) -> None:
        self.items[item.id] = item
        self._file.append(as_line(item) | {MADE_WITH: self._made_with})


def _hash(folder: Path) -> str:
    return hashlib.sha256((folder / "questions.jsonl").read_bytes()).hexdigest()[:12]


def _ask_all(
    questions: Sequence[dict[str, Any]],
    ask: Callable[[dict[str, Any]], TableItem],
    kept: _Kept | None,
    on_progress: OnProgress,
) -> list[TableItem]:
    done = dict(kept.items) if kept is not None else {}
    for number, question in enumerate(questions, start=1):
        if question["id"] not in done:
            item = ask(question)
            done[item.id] = item
            if kept is not None:
                kept.add(item)
        on_progress("asking", number, len(questions))
    return [done[question["id"]] for question in questions]


def _ask(question: dict[str, Any], spaces: TableSpaces, chat: ChatModel | None, terms: Any) -> TableItem:
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
            right = is_right(question, rows, space, spaces.has_databases)
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
