"""How near each sentence is to the question; and the answer without a chat model: the nearest sentences, quoted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from gezhi.answer.numbered import Sentence
from gezhi.llm.protocol import Embedder
from gezhi.store.protocol import PassageIndex
from gezhi.types import PassageKind

EMBEDDED, EMBEDDED_CHARACTERS = 24, 2_000
"""Sentences compared by meaning, and their characters: the default embedder takes about .2 s of CPU for 1,000."""
WIDE = 1
"""Further characters that a Chinese one counts for: it is a token, an English one a quarter of one."""
_HAN = re.compile(r"[\u3400-\u9fff]")
CLOSE = 0.9
"""A second sentence is quoted too if its score reaches this share of the best one's."""
MOST = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Nearness:
    """Of one sentence to the question. Shares are of the question's words, weighted by idf."""

    own: float
    """Share that the sentence itself holds."""
    above: float
    """Share that only its title, headings and column names hold: they say what it is about."""
    cosine: float | None = None
    """Of sentence, with its title and headings, and question; None if they were not compared."""


def compare(
    question: str, sentences: Sequence[Sentence], index: PassageIndex, embedder: Embedder | None
) -> dict[int, Nearness]:
    """The nearness of each sentence, by its number. Cosines are taken of the `EMBEDDED` best by words."""
    words = index.word_signals(question)
    weights = dict(zip(words.terms, words.idf, strict=True))
    total = sum(weights.values()) or 1.0
    near: dict[int, Nearness] = {}
    for sentence in sentences:
        own = set(index.terms_of(sentence.text))
        above = set(index.terms_of(sentence.surroundings)) - own
        near[sentence.number] = Nearness(
            own=sum(weights[t] for t in weights if t in own) / total,
            above=sum(weights[t] for t in weights if t in above) / total,
        )
    if embedder is not None and sentences:
        scores = _word_scores(sentences, near)
        first = sorted(sentences, key=lambda s: -scores[s.number])[:EMBEDDED]
        texts = [f"{s.surroundings}\n{s.text}" for s in first]
        sizes = [len(text) + WIDE * len(_HAN.findall(text)) for text in texts]
        before = accumulate(sizes, initial=0)
        texts = [text for text, end in zip(texts, before, strict=False) if end < EMBEDDED_CHARACTERS]
        vector = embedder.embed_question(question)
        cosines = embedder.embed_passages(texts) @ vector
        for sentence, cosine in zip(first, cosines, strict=False):  # the first of them
            near[sentence.number] = replace(near[sentence.number], cosine=float(cosine))
    return near


def best_sentences(sentences: Sequence[Sentence], near: Mapping[int, Nearness]) -> list[Sentence]:
    """The one or two sentences that answer best, in the order of the evidence: by their words, by the rank of their
    passage, and by meaning where it is known."""
    scores = _word_scores(sentences, near)
    cosines = {number: one.cosine for number, one in near.items() if one.cosine is not None}
    if cosines:
        low, high = min(cosines.values()), max(cosines.values())
        for number, cosine in cosines.items():
            scores[number] += (cosine - low) / ((high - low) or 1.0)
    ordered = sorted(sentences, key=lambda s: (-scores[s.number], s.number))
    floor = CLOSE * scores[ordered[0].number]
    others = [s for s in ordered[1:] if " ".join(s.text.split()) != " ".join(ordered[0].text.split())]
    chosen = [ordered[0], *(s for s in others[: MOST - 1] if scores[s.number] >= floor)]
    return sorted(chosen, key=lambda s: s.number)


def _word_scores(sentences: Sequence[Sentence], near: Mapping[int, Nearness]) -> dict[int, float]:
    ranks: dict[str, int] = {}
    scores = {}
    for sentence in sentences:
        rank = ranks.setdefault(sentence.evidence.passage.id, len(ranks))
        one = near[sentence.number]
        scores[sentence.number] = one.own + 0.5 * one.above + 0.3 / (1 + rank)
    return scores


def as_statement(sentence: Sentence) -> str:
    """A quoted sentence as it is; a table row with its column names, for a bare row says little."""
    passage = sentence.evidence.passage
    cells = [cell.strip() for cell in sentence.text.split("|")]
    if passage.kind is PassageKind.TABLE_ROWS and len(cells) == len(passage.table_header):
        return "; ".join(f"{name}: {cell}" for name, cell in zip(passage.table_header, cells, strict=True) if cell)
    return " ".join(sentence.text.split())
