"""Evaluation sets: a corpus of documents, and questions with what is known of their answers; JSON lines or CSV."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from gezhi.types import InvalidInput, Turn

Cell = str | int | float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CorpusEntry:
    """One document of a corpus file."""

    id: str
    title: str
    text: str
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    id: str
    question: str
    answers: tuple[tuple[str, ...], ...]
    """Parts of the answer, each a group of alternatives: every part is required, any alternative of it will do."""
    supporting_ids: tuple[str, ...]
    """Ids of the gold documents in the corpus."""
    type: str = ""
    lang: str = ""
    unanswerable: bool = False
    """The corpus does not hold the answer: a refusal is right."""
    tags: tuple[str, ...] = ()
    """Groups to report on by themselves."""
    history: tuple[Turn, ...] = ()
    """Turns of the conversation before the question."""
    sql: str = ""
    """A gold query, where the answer is computed."""
    rows: tuple[tuple[Cell, ...], ...] | None = None
    """Its gold result."""
    meta: Mapping[str, Any] = field(default_factory=dict)

    def as_row(self) -> dict[str, Any]:
        """As a line of a questions file, which `read_question` reads back. Nothing that is empty."""
        row: dict[str, Any] = {"id": self.id, "question": self.question}
        row["answers"] = [list(part) for part in self.answers]
        row["supporting_ids"] = list(self.supporting_ids)
        more = {
            "type": self.type,
            "lang": self.lang,
            "unanswerable": self.unanswerable,
            "tags": list(self.tags),
            "history": [{"role": turn.role, "text": turn.text} for turn in self.history],
            "sql": self.sql,
            "rows": [list(cells) for cells in self.rows] if self.rows is not None else None,
            "meta": dict(self.meta),
        }
        return row | {name: value for name, value in more.items() if value or (value == [] and name == "rows")}


def load_corpus(path: Path) -> list[CorpusEntry]:
    """Read `{id, title, text, meta}` lines. Raises InvalidInput with the number of a bad line."""
    entries: dict[str, CorpusEntry] = {}
    for number, row in _rows(path):
        at = _Place(path, number)
        entry = CorpusEntry(
            id=_text(row, "id", at),
            title=_text(row, "title", at, optional=True),
            text=_text(row, "text", at),
            meta=_meta(row, at),
        )
        if entry.id in entries:
            raise at.bad(f"the id {entry.id!r} occurs a second time", "Give every document its own id.")
        entries[entry.id] = entry
    if not entries:
        raise InvalidInput(f"{path} holds no documents.", hint="Each line is {id, title, text}.")
    return list(entries.values())


def load_questions(path: Path, *, all_answers: bool = False) -> list[Question]:
    """Read `{id, question, answers, supporting_ids, type, lang, tags, unanswerable, history, meta}` lines, or a CSV
    file with such columns, the members of a list separated by `|`.

    `answers` is a list of alternatives; with `all_answers`, or where a member is itself a list, its members are
    parts that are all required, and a member that is a list names the alternatives of its part.
    Raises InvalidInput with the number of a bad line."""
    rows = _csv_rows(path) if path.suffix.lower() == ".csv" else _rows(path)
    questions = [
        read_question(row, place=_Place(path, number), number=number, all_answers=all_answers) for number, row in rows
    ]
    if not questions:
        raise InvalidInput(f"{path} holds no questions.", hint="Each line is {id, question, answers, supporting_ids}.")
    return questions


def read_question(
    row: Mapping[str, Any], *, place: _Place | None = None, number: int = 0, all_answers: bool = False
) -> Question:
    """One line of a questions file. Raises InvalidInput, naming the place."""
    at = place or _Place(None, number)
    meta = _meta(row, at)
    kind = _text(row, "type", at, optional=True)
    return Question(
        id=_text(row, "id", at, optional=True) or str(number),
        question=_text(row, "question", at),
        answers=_answers(row, at, all_answers),
        supporting_ids=_ids(row, at),
        type=kind,
        lang=_text(row, "lang", at, optional=True),
        unanswerable=_unanswerable(row, meta, kind),
        tags=_strings(row, "tags", at),
        history=_history(row.get("history") or meta.get("history") or [], at),
        sql=_text(row, "sql", at, optional=True),
        rows=_result_rows(row, at),
        meta={key: value for key, value in meta.items() if key != "history"},
    )


def with_gold(questions: Sequence[Question], limit: int | None = None) -> list[Question]:
    """The first questions, in file order, that have gold documents: what retrieval is measured on."""
    return _first((q for q in questions if q.supporting_ids), limit, "gold documents (`supporting_ids`)")


def with_answers(questions: Sequence[Question], limit: int | None = None) -> list[Question]:
    """The first questions, in file order, that have an answer or are flagged unanswerable."""
    return _first((q for q in questions if q.answers or q.unanswerable), limit, "`answers`")


def corpus_hash(entries: Iterable[CorpusEntry]) -> str:
    """Names the content of a corpus: 32 hex digits."""
    digest = hashlib.sha256()
    for entry in entries:
        for part in (entry.id, entry.title, entry.text):
            digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()[:32]


def _first(questions: Iterable[Question], limit: int | None, wanted: str) -> list[Question]:
    if limit is not None and limit < 1:
        raise InvalidInput(f"The limit {limit} leaves no question.", hint="Choose 1 or more.")
    chosen = list(questions)[:limit]
    if not chosen:
        raise InvalidInput(f"No question has {wanted}.", hint="Check the questions file.")
    return chosen


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a row stands, for the error that names it."""

    path: Path | None
    number: int

    def bad(self, what: str, hint: str = "") -> InvalidInput:
        where = f"{self.path}, line {self.number}" if self.path else f"item {self.number}"
        return InvalidInput(f"{where}: {what}.", hint=hint or "Correct the line.")


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with _opened(path) as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, _object(line, _Place(path, number))


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with _opened(path) as file:
        reader = csv.DictReader(file)
        for row in reader:
            at = _Place(path, reader.line_num)
            if None in row:
                raise at.bad("it has more cells than the header", "Put texts with commas in double quotes.")
            yield reader.line_num, {name: _csv_cell(name, value or "", at) for name, value in row.items()}


def _csv_cell(name: str, value: str, at: _Place) -> Any:
    if name in ("answers", "supporting_ids", "tags"):
        return [part.strip() for part in value.split("|") if part.strip()]
    if name == "unanswerable":
        if value.strip().lower() not in _TRUE | _FALSE:
            raise at.bad(f"`unanswerable` is {value!r}", "Write true or false.")
        return value.strip().lower() in _TRUE
    if name in ("meta", "history", "rows"):
        return _json(value, at) if value.strip() else None
    return value


_TRUE = frozenset({"true", "1", "yes", "是"})
_FALSE = frozenset({"false", "0", "no", "否", ""})


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", hint="Check the path.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8: {error.reason}.", hint="Save it as UTF-8.") from error
    except csv.Error as error:
        raise InvalidInput(f"{path} is not CSV: {error}.", hint="Save it as CSV again.") from error


def _json(text: str, at: _Place) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise at.bad(f"not JSON ({error.msg} at character {error.pos + 1})") from error


def _object(line: str, at: _Place) -> dict[str, Any]:
    row = _json(line, at)
    if not isinstance(row, dict):
        raise at.bad(f"a JSON object is expected, not {type(row).__name__}")
    return row


def _text(row: Mapping[str, Any], name: str, at: _Place, *, optional: bool = False) -> str:
    value = row.get(name)
    if value is None and optional:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and name == "id":
        return str(value)
    if not isinstance(value, str):
        raise at.bad(f"`{name}` must be a text" if name in row else f"`{name}` is missing")
    if name == "id" and not value.strip() and not optional:
        raise at.bad(f"`{name}` is empty")
    return value


def _meta(row: Mapping[str, Any], at: _Place) -> Mapping[str, Any]:
    meta = row.get("meta") or {}
    if not isinstance(meta, dict):
        raise at.bad("`meta` must be an object")
    return meta


def _strings(row: Mapping[str, Any], name: str, at: _Place) -> tuple[str, ...]:
    values = row.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise at.bad(f"`{name}` must be a list of texts")
    return tuple(values)


def _ids(row: Mapping[str, Any], at: _Place) -> tuple[str, ...]:
    ids = row.get("supporting_ids") or []
    if not isinstance(ids, list) or not all(isinstance(i, str | int) for i in ids):
        raise at.bad("`supporting_ids` must be a list of ids")
    return tuple(dict.fromkeys(str(i) for i in ids))


def _answers(row: Mapping[str, Any], at: _Place, all_answers: bool) -> tuple[tuple[str, ...], ...]:
    answers = row.get("answers") or []
    if not isinstance(answers, list):
        raise at.bad("`answers` must be a list")
    groups = [answer if isinstance(answer, list) else [answer] for answer in answers]
    if not all(isinstance(a, str) for group in groups for a in group):
        raise at.bad("`answers` must hold texts, or lists of texts")
    nested = any(isinstance(answer, list) for answer in answers)
    if not nested and not all_answers:
        groups = [[answer for group in groups for answer in group]]
    return tuple(tuple(group) for group in groups if group)


def _history(turns: object, at: _Place) -> tuple[Turn, ...]:
    """Roles other than `user` are the answering side, whatever a set calls it."""
    if not isinstance(turns, list) or not all(isinstance(t, dict) and isinstance(t.get("text"), str) for t in turns):
        raise at.bad("`history` must be a list of {role, text}")
    return tuple(Turn(role="user" if t.get("role") == "user" else "assistant", text=t["text"]) for t in turns)


def _result_rows(row: Mapping[str, Any], at: _Place) -> tuple[tuple[Cell, ...], ...] | None:
    rows = row.get("rows")
    if rows is None:
        return None
    if not isinstance(rows, list) or not all(isinstance(cells, list) for cells in rows):
        raise at.bad("`rows` must be a list of lists")
    return tuple(tuple(cells) for cells in rows)


def _unanswerable(row: Mapping[str, Any], meta: Mapping[str, Any], kind: str) -> bool:
    flagged = row.get("unanswerable") or meta.get("unanswerable")
    return bool(flagged) or "unanswerable" in re.split(r"[^a-z]+", kind.lower())
