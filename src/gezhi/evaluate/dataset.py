"""Evaluation sets as JSON lines: a corpus of documents, and questions with their answers and gold documents."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gezhi.types import InvalidInput


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
    meta: Mapping[str, Any] = field(default_factory=dict)


def load_corpus(path: Path) -> list[CorpusEntry]:
    """Read `{id, title, text, meta}` lines. Raises InvalidInput with the number of a bad line."""
    entries: dict[str, CorpusEntry] = {}
    for number, row in _rows(path):
        entry = CorpusEntry(
            id=_text(row, "id", path, number),
            title=_text(row, "title", path, number, optional=True),
            text=_text(row, "text", path, number),
            meta=_meta(row, path, number),
        )
        if entry.id in entries:
            raise _bad(path, number, f"the id {entry.id!r} occurs a second time", "Give every document its own id.")
        entries[entry.id] = entry
    if not entries:
        raise InvalidInput(f"{path} holds no documents.", hint="Each line is {id, title, text}.")
    return list(entries.values())


def load_questions(path: Path, *, all_answers: bool = False) -> list[Question]:
    """Read `{id, question, answers, supporting_ids, type, lang, meta}` lines.

    `answers` is a list of alternatives; with `all_answers`, or where a member is itself a list, its members are
    parts that are all required, and a member that is a list names the alternatives of its part.
    Raises InvalidInput with the number of a bad line."""
    questions: list[Question] = []
    for number, row in _rows(path):
        meta = _meta(row, path, number)
        kind = _text(row, "type", path, number, optional=True)
        questions.append(
            Question(
                id=_text(row, "id", path, number, optional=True) or str(number),
                question=_text(row, "question", path, number),
                answers=_answers(row, path, number, all_answers),
                supporting_ids=_ids(row, path, number),
                type=kind,
                lang=_text(row, "lang", path, number, optional=True),
                unanswerable=_unanswerable(row, meta, kind),
                meta=meta,
            )
        )
    if not questions:
        raise InvalidInput(f"{path} holds no questions.", hint="Each line is {id, question, answers, supporting_ids}.")
    return questions


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


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, _object(line, path, number)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", hint="Check the path.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8: {error.reason}.", hint="Save it as UTF-8.") from error


def _object(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise _bad(path, number, f"not JSON ({error.msg} at character {error.pos + 1})") from error
    if not isinstance(row, dict):
        raise _bad(path, number, f"a JSON object is expected, not {type(row).__name__}")
    return row


def _text(row: Mapping[str, Any], name: str, path: Path, number: int, *, optional: bool = False) -> str:
    value = row.get(name)
    if value is None and optional:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and name == "id":
        return str(value)
    if not isinstance(value, str):
        raise _bad(path, number, f"`{name}` must be a text" if name in row else f"`{name}` is missing")
    if name == "id" and not value.strip() and not optional:
        raise _bad(path, number, f"`{name}` is empty")
    return value


def _meta(row: Mapping[str, Any], path: Path, number: int) -> Mapping[str, Any]:
    meta = row.get("meta") or {}
    if not isinstance(meta, dict):
        raise _bad(path, number, "`meta` must be an object")
    return meta


def _ids(row: Mapping[str, Any], path: Path, number: int) -> tuple[str, ...]:
    ids = row.get("supporting_ids") or []
    if not isinstance(ids, list) or not all(isinstance(i, str | int) for i in ids):
        raise _bad(path, number, "`supporting_ids` must be a list of ids")
    return tuple(dict.fromkeys(str(i) for i in ids))


def _answers(row: Mapping[str, Any], path: Path, number: int, all_answers: bool) -> tuple[tuple[str, ...], ...]:
    answers = row.get("answers") or []
    if not isinstance(answers, list):
        raise _bad(path, number, "`answers` must be a list")
    groups = [answer if isinstance(answer, list) else [answer] for answer in answers]
    if not all(isinstance(a, str) for group in groups for a in group):
        raise _bad(path, number, "`answers` must hold texts, or lists of texts")
    nested = any(isinstance(answer, list) for answer in answers)
    if not nested and not all_answers:
        groups = [[answer for group in groups for answer in group]]
    return tuple(tuple(group) for group in groups if group)


def _unanswerable(row: Mapping[str, Any], meta: Mapping[str, Any], kind: str) -> bool:
    flagged = row.get("unanswerable") or meta.get("unanswerable")
    return bool(flagged) or "unanswerable" in re.split(r"[^a-z]+", kind.lower())


def _bad(path: Path, number: int, what: str, hint: str = "") -> InvalidInput:
    return InvalidInput(f"{path}, line {number}: {what}.", hint=hint or "Correct the line.")
