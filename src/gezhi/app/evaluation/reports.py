"""Evaluation of questions over reports of a table and its paragraphs (as TAT-QA), end to end: the reports are added as
files, the questions asked through `App.ask`."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gezhi.app.config import Config
from gezhi.app.corpus import OnProgress, store_folder
from gezhi.evaluate.metrics import containment
from gezhi.evaluate.tables import TableItem
from gezhi.types import Answer, GezhiError

if TYPE_CHECKING:
    from gezhi.app.app import App

_NUMBER = re.compile(r"[-−–]?\(?\$?\s?\d+(?:,\d{3})*(?:\.\d+)?")
_GOLD = re.compile(r"[-−–]?[\s(]*[$€£¥]?[\s(]*[-−–]?\d+(?:,\d{3})*(?:\.\d+)?[\s)%]*")
"""A number as accounts write it: `$(42,056)`, `−298`, `27.1%`."""
_ROUNDING = 0.011
"""Gold answers are rounded to two decimals."""


@contextmanager
def reports(
    folder: Path, config: Config, keep: Path | None, on_progress: OnProgress
) -> Iterator[Callable[[dict[str, Any]], TableItem]]:
    """The reports of a set in a store; yields what asks a question of it."""
    from gezhi.app.app import App

    with store_folder(keep) as place:
        files = place / "reports"
        files.mkdir(parents=True, exist_ok=True)
        for name, text in _pages(folder).items():
            path = files / f"{name}.html"
            if not path.exists():
                path.write_text(text, "utf-8")
        with App(place / "store", config=config) as app:
            app.add(files, on_progress=lambda one: on_progress("adding", one.job.finished, one.job.total))
            yield lambda question: _ask(app, question)


def _ask(app: App, question: dict[str, Any]) -> TableItem:
    began = time.process_time()
    try:
        answer = app.ask(question["question"])
    except GezhiError as failed:
        error = f"{type(failed).__name__}: {failed}"
        return TableItem(id=question["id"], right=False, answered=False, valid=False, by="", error=error)
    answered = answer.refusal is None
    report = question["meta"]["table"]
    return TableItem(
        id=question["id"],
        right=answered and is_right(answer, question["answers"]),
        answered=answered,
        valid=answer.computation is not None,
        by="" if not answered else answer.computation.by if answer.computation else "text",
        sql=answer.computation.sql if answer.computation else "",
        tokens_in=answer.usage.input_tokens,
        cpu_s=round(time.process_time() - began, 3),
        cited=any(Path(citation.source).stem == report for citation in answer.citations) if answered else None,
    )


def holds_reports(folder: Path) -> bool:
    """Whether the corpus is of tables with paragraphs that belong to them."""
    try:
        with (folder / "corpus.jsonl").open(encoding="utf-8") as file:
            return any((json.loads(line).get("meta") or {}).get("kind") == "paragraph" for line in file)
    except (OSError, json.JSONDecodeError):
        return False


def _pages(folder: Path) -> dict[str, str]:
    tables: dict[str, list[list[str]]] = {}
    paragraphs: dict[str, list[tuple[int, str]]] = {}
    with (folder / "corpus.jsonl").open(encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            meta = entry["meta"]
            if meta["kind"] == "table":
                tables[entry["id"]] = meta["rows"]
            else:
                paragraphs.setdefault(meta["table"], []).append((meta["order"], entry["text"]))
    return {name: _page(rows, [text for _, text in sorted(paragraphs.get(name, ()))]) for name, rows in tables.items()}


def _page(rows: Sequence[Sequence[str]], paragraphs: Sequence[str]) -> str:
    cells = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    texts = "\n".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    return f"<html><body>\n{texts}\n<table>\n{cells}\n</table>\n</body></html>"


def is_right(answer: Answer, gold: Sequence[str]) -> bool:
    """Whether every gold answer is said: numbers up to rounding, other words as they are. A computed answer must have
    as many values as there are gold answers."""
    if answer.computation is not None:
        values = [value for row in answer.computation.rows for value in row]
        numbers = [float(value) for value in values if isinstance(value, int | float)]
        text = " ".join(str(value) for value in values)
        if len(gold) > len(values):
            return False
    else:
        numbers, text = [_as_number(one) for one in _NUMBER.findall(answer.text)], answer.text
    return all(is_said(one, numbers, text) for one in gold)


def is_said(gold: str, numbers: Sequence[float], text: str) -> bool:
    if not _GOLD.fullmatch(gold.strip()):
        return bool(containment(text, [[gold]]))
    number = _as_number(gold.strip())
    return any(abs(one - number) <= max(_ROUNDING, 1e-6 * abs(number)) for one in numbers)


def _as_number(text: str) -> float:
    bare = float(re.sub(r"[^\d.]", "", text))
    return -bare if any(sign in text for sign in "-−–(") else bare
