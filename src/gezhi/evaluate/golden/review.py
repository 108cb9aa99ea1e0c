"""The file of proposals between the model that wrote them and the person who accepts them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from gezhi.evaluate.dataset import Question, load_questions, read_question
from gezhi.evaluate.golden.propose import Proposal
from gezhi.types import InvalidInput


class Status(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reviewed:
    """A line of the file: a question as in any questions file, with its passage and how a person decided."""

    question: Question
    status: Status
    quote: str
    passage: str
    found_rank: int | None

    def as_row(self) -> dict[str, Any]:
        return self.question.as_row() | {
            "status": self.status.value,
            "quote": self.quote,
            "passage": self.passage,
            "found_rank": self.found_rank,
        }


def proposed(number: int, proposal: Proposal, language: str) -> Reviewed:
    question = Question(
        id=f"q{number}",
        question=proposal.question,
        answers=((proposal.answer,),) if proposal.answer else (),
        supporting_ids=() if proposal.unanswerable else (proposal.source,),
        type="unanswerable" if proposal.unanswerable else "answerable",
        lang=language,
        unanswerable=proposal.unanswerable,
        meta={"written_from": proposal.source},
    )
    return Reviewed(
        question=question,
        status=Status.PROPOSED,
        quote=proposal.quote,
        passage=proposal.passage,
        found_rank=proposal.found_rank,
    )


def write_proposals(path: Path, lines: Sequence[Reviewed]) -> None:
    """Replace the file in one step: a decision is never lost half-way."""
    text = "".join(json.dumps(line.as_row(), ensure_ascii=False) + "\n" for line in lines)
    draft = path.with_name(path.name + ".new")
    try:
        draft.write_text(text, "utf-8")
        draft.replace(path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.", hint="Check the path.") from error


def read_proposals(path: Path) -> list[Reviewed]:
    """Raises InvalidInput for a file that `gezhi eval make` did not write."""
    return [_reviewed(path, number, row) for number, row in _rows(path)]


def accepted(path: Path) -> list[Question]:
    """The accepted questions of a file of proposals, or all questions of an ordinary questions file."""
    if path.suffix.lower() == ".csv" or not any("status" in row for _, row in _rows(path)):
        return load_questions(path)
    questions = [line.question for line in read_proposals(path) if line.status is Status.ACCEPTED]
    if not questions:
        raise InvalidInput(f"No question of {path} is accepted yet.", hint=f"Run `gezhi eval review {path}` first.")
    return questions


def _rows(path: Path) -> list[tuple[int, Mapping[str, Any]]]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
        return [(number, json.loads(line)) for number, line in enumerate(lines, start=1) if line.strip()]
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", hint="Check the path.") from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InvalidInput(f"{path} does not hold JSON lines: {error}.", hint="Correct the file.") from error


def _reviewed(path: Path, number: int, row: Mapping[str, Any]) -> Reviewed:
    try:
        return Reviewed(
            question=read_question(row, number=number),
            status=Status(row["status"]),
            quote=str(row.get("quote") or ""),
            passage=str(row.get("passage") or ""),
            found_rank=row.get("found_rank"),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(
            f"{path}, line {number} is not a proposal ({error}).", hint="`gezhi eval make` writes such files."
        ) from error
