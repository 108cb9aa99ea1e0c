"""Lays a claim, and the question it answers, beside the sentences of the evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gezhi.evaluate.judges.wording import Terms, content_terms, names
from gezhi.types.language import sentence_spans
from gezhi.types.numbers import in_digits, known_numbers, quantities, stated_numbers

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts -> unit vectors, shape (len(texts), dimensions)."""

MOST_WORDS_OF_A_TITLE = 15
_CLAUSE = re.compile(r"[,;:，；：、]\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """One sentence of the evidence, or two neighbours."""

    text: str
    terms: tuple[str, ...]
    held: frozenset[str]
    """Its terms with those of the title above it: pronouns often stand for the title."""
    sentences: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceIndex:
    sentences: tuple[str, ...]
    windows: tuple[Window, ...]
    terms: frozenset[str]
    numbers: frozenset[str]
    quantities: frozenset[tuple[str, str]]
    names: tuple[str, ...]
    initials: frozenset[str]
    """Of the names of several words: UN for the United Nations."""
    text: str
    vectors: NDArray[np.float32] | None = field(default=None)


def index_evidence(evidence: Sequence[str], terms: Terms, embed: Embed | None) -> EvidenceIndex:
    sentences: list[str] = []
    windows: list[Window] = []
    for text in evidence:
        title, body = _title_of(in_digits(text))
        above = frozenset(content_terms(title, terms)) if title else frozenset()
        first = len(sentences)
        here = [body[start:end] for start, end in sentence_spans(body)] or [body]
        split = [tuple(content_terms(sentence, terms)) for sentence in here]
        for at, sentence in enumerate(here):
            windows.append(_window(sentence, split[at], above, (first + at,)))
            if at:
                windows.append(
                    _window(
                        f"{here[at - 1]} {sentence}", split[at - 1] + split[at], above, (first + at - 1, first + at)
                    )
                )
        sentences += here
    whole = in_digits("\n".join(evidence))
    named = tuple(dict.fromkeys(name for sentence in sentences for name in names(sentence)))
    return EvidenceIndex(
        sentences=tuple(sentences),
        windows=tuple(windows),
        terms=frozenset().union(*(window.held for window in windows)),
        numbers=frozenset(known_numbers(whole)),
        quantities=frozenset(quantities(whole)),
        names=named,
        initials=frozenset("".join(re.findall(r"\b[A-Z]", name)) for name in named if " " in name),
        text=whole,
        vectors=embed(sentences) if embed is not None and sentences else None,
    )


def _window(text: str, terms: tuple[str, ...], above: frozenset[str], sentences: tuple[int, ...]) -> Window:
    return Window(text=text, terms=terms, held=frozenset(terms) | above, sentences=sentences)


def _title_of(text: str) -> tuple[str, str]:
    """A short first line without a stop is the title."""
    head, line_end, rest = text.partition("\n")
    head = head.strip()
    is_title = line_end and rest.strip() and head and not re.search(r"[.。!?！？,，;；]$", head)
    return (head, rest) if is_title and len(head.split()) <= MOST_WORDS_OF_A_TITLE and len(head) < 120 else ("", text)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimIndex:
    text: str
    question: str
    terms: tuple[str, ...]
    new: tuple[str, ...]
    """Terms that the question does not have: what the claim says."""
    asked: frozenset[str]
    """Terms of the question."""
    new_numbers: frozenset[str]
    new_quantities: frozenset[tuple[str, str]]
    new_names: tuple[str, ...]


def parts_of(claim: str) -> list[str]:
    """The sentences of a claim: each has its own place in the evidence."""
    found = [claim[start:end] for start, end in sentence_spans(claim)]
    return [part for part in found if re.search(r"\w", part)] or [claim]


def index_claim(claim: str, question: str, terms: Terms) -> ClaimIndex:
    claim, question = in_digits(claim), in_digits(question)
    said = content_terms(claim, terms)
    asked = frozenset(content_terms(question, terms)) if question.strip() else frozenset()
    in_question = known_numbers(question)
    folded = question.casefold()
    return ClaimIndex(
        text=claim,
        question=question,
        terms=tuple(said),
        new=tuple(term for term in said if term not in asked),
        asked=asked,
        new_numbers=frozenset(stated_numbers(claim) - in_question),
        new_quantities=frozenset(q for q in quantities(claim) if q[0] not in in_question),
        new_names=tuple(name for name in names(claim) if name.casefold() not in folded),
    )


def share(wanted: Sequence[str] | frozenset[str], held: frozenset[str], *, of_nothing: float) -> float:
    """The share of the wanted terms that are held."""
    return sum(term in held for term in wanted) / len(wanted) if wanted else of_nothing


def best_window(claim: ClaimIndex, evidence: EvidenceIndex) -> Window:
    """Where the claim is most likely stated: holds most of what it says, then most of the question; of equals, the
    shorter."""

    def worth(window: Window) -> tuple[float, float]:
        said = share(claim.new, window.held, of_nothing=0.0)
        asked = share(claim.asked, window.held, of_nothing=0.0)
        return said + 0.4 * asked - 0.02 * (len(window.sentences) - 1), -len(window.terms)

    return max(evidence.windows, key=worth)


def pairs_kept(claim: Sequence[str], window: Sequence[str], reach: int = 2) -> float:
    """Share of the claim's neighbouring terms that are near neighbours, in the same order, in the window too."""
    pairs = list(pairwise(claim))
    if not pairs:
        return 1.0
    near = {(a, b) for at, a in enumerate(window) for b in window[at + 1 : at + 1 + reach]}
    return sum(pair in near for pair in pairs) / len(pairs)


def nearness(answer: frozenset[str], asked: frozenset[str], window: Sequence[str], reach: float = 6.0) -> float:
    """How near the question's terms stand to the answer's within a window: 1 side by side, 0 if absent."""
    if not asked:
        return 0.0
    spots = [at for at, term in enumerate(window) if term in answer]
    if not spots:
        return 0.0
    nearest: dict[str, float] = {}
    for at, term in enumerate(window):
        if term in asked and term not in answer:
            distance = min(abs(at - spot) for spot in spots)
            nearest[term] = max(nearest.get(term, 0.0), 1 / (1 + distance / reach))
    return sum(nearest.values()) / len(asked)


def clause_around(window: str, wanted: frozenset[str], terms: Terms) -> str:
    """The clause of a sentence that shares most terms with the claim: a denial elsewhere in the sentence is of
    something else."""
    clauses = [clause for clause in _CLAUSE.split(window) if clause.strip()]
    return max(clauses, key=lambda clause: sum(term in wanted for term in terms(clause)), default=window)
