"""Sets that people labelled, as pairs to judge. Each reader knows one set's form and nothing else does."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gezhi.types import InvalidInput

RATINGS = ("faithfulness", "completeness", "appropriateness")
FAITHFUL = 3.5
"""Mean rating (1 to 4) from which an answer counts as faithful where a yes or no is needed."""
SHORTEST_CLAUSE = 4
"""Characters; shorter ones (`据悉`) state nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedPair:
    """A claim with evidence, and what people said of it."""

    id: str
    group: str
    """Pairs of one group (an item, a conversation) depend on each other: they are split and resampled together."""
    claim: str
    evidence: tuple[str, ...]
    label: bool
    """People found it supported."""
    question: str = ""
    ratings: Mapping[str, float] | None = None
    """Means over the raters, 1 to 4."""

    @property
    def train(self) -> bool:
        """Fixed half of the groups, by a hash of the id. Judges may be fitted on it where the licence allows."""
        return zlib.crc32(self.group.encode()) % 2 == 0


def load_pairs(data: Path, name: str) -> list[JudgedPair]:
    """The pairs of a labelled set in its folder below `data`. Raises InvalidInput for what cannot be read."""
    if name not in READERS:
        raise InvalidInput(f"There is no reader for {name!r}.", hint=f"Known sets: {', '.join(READERS)}.")
    try:
        pairs = list(READERS[name](data / name))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InvalidInput(f"{data / name} is not in the expected form ({error!r}).") from error
    if not pairs:
        raise InvalidInput(f"{data / name} holds nothing to judge.")
    return pairs


def halueval(folder: Path) -> Iterator[JudgedPair]:
    """Right and made-up answers to questions of HotpotQA, with the paragraphs that hold the right one."""
    for row in _rows(folder / "labels.jsonl"):
        yield JudgedPair(
            id=row["id"],
            group=row["id"].rpartition("-")[0],
            claim=row["response"],
            evidence=(row["context"],),
            question=row["question"],
            label=not row["label_hallucinated"],
        )


def mtrag(folder: Path) -> Iterator[JudgedPair]:
    """Whole answers in conversations, rated by people. Turns without passages have nothing to be judged by."""
    for row in _rows(folder / "labels.jsonl"):
        if not row["contexts"]:
            continue
        ratings = {name: _mean(row["annotations"][name]) for name in RATINGS}
        yield JudgedPair(
            id=row["id"],
            group=row["id"].partition("<::>")[0],
            claim=row["response"],
            evidence=tuple(context["text"] for context in row["contexts"]),
            question=row["question"],
            label=ratings["faithfulness"] >= FAITHFUL,
            ratings=ratings,
        )


def _mean(votes: Mapping[str, Mapping[str, Any]]) -> float:
    values = [float(vote["value"]) for vote in votes.values()]
    return sum(values) / len(values)


def climate(folder: Path) -> Iterator[JudgedPair]:
    """Claims found on the web, each with single sentences of Wikipedia that support it, refute it, or do neither."""
    sentences = {row["id"]: f"{row['title']}\n{row['text']}" for row in _rows(folder / "corpus.jsonl")}
    for row in _rows(folder / "questions.jsonl"):
        for sentence, label in row["meta"]["evidence"].items():
            yield JudgedPair(
                id=f"{row['id']}/{sentence}",
                group=row["id"],
                claim=row["question"],
                evidence=(sentences[sentence],),
                label=label == "SUPPORTS",
            )


def scifact(folder: Path) -> Iterator[JudgedPair]:
    """Scientific claims, each with an abstract that supports it, contradicts it, or does neither."""
    abstracts = {row["id"]: f"{row['title']}\n{row['text']}" for row in _rows(folder / "corpus.jsonl")}
    for row in _rows(folder / "questions.jsonl"):
        for document in row["supporting_ids"]:
            yield JudgedPair(
                id=f"{row['id']}/{document}",
                group=row["id"],
                claim=row["question"],
                evidence=(abstracts[document],),
                label=row["meta"]["labels"].get(document) == "SUPPORT",
            )


_CLAUSE = re.compile(r"[^，。；！？,;!?\n]+")


def uhgeval(folder: Path) -> Iterator[JudgedPair]:
    """Clauses by which Chinese models continued news reports. A clause is supported if every keyword marked in it is
    reasonable; whole continuations are not judged, because each of them holds a made-up keyword. The report's own
    continuation was the annotators' reference, and is evidence here."""
    for row in _rows(folder / "labels.jsonl"):
        for number, clause in enumerate(_CLAUSE.findall(row["response"])):
            marks = [mark["hallucinated"] for mark in row["keyword_labels"] if mark["keyword"] in clause]
            if marks and len(clause.strip()) >= SHORTEST_CLAUSE:
                yield JudgedPair(
                    id=f"{row['id']}/{number}",
                    group=row["id"],
                    claim=clause.strip(),
                    evidence=(row["headline"], row["context"], row["truth"]),
                    label=not any(marks),
                )


READERS: Mapping[str, Callable[[Path], Iterator[JudgedPair]]] = {
    "halueval_qa": halueval,
    "mtrag_human_eval": mtrag,
    "climate_fever": climate,
    "scifact": scifact,
    "uhgeval_concise": uhgeval,
}


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                if line.strip():
                    yield json.loads(line)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", hint="Check the folder of the sets.") from error
