"""Answer without a chat model: the sentences that answer best, quoted."""

from __future__ import annotations

from collections.abc import Sequence

from gezhi.answer.numbered import Sentence
from gezhi.llm.protocol import Embedder
from gezhi.store.protocol import PassageIndex
from gezhi.types import PassageKind

EMBEDDED = 24
"""Sentences compared by meaning: about 10 ms each on one core."""
CLOSE = 0.9
"""A second sentence is quoted too if its score reaches this share of the best one's."""
MOST = 2


def best_sentences(
    question: str, sentences: Sequence[Sentence], index: PassageIndex, embedder: Embedder | None
) -> list[Sentence]:
    """The one or two sentences that answer best, in the order of the evidence.

    Scored by the idf-weighted share of the question's words, by meaning, and by the rank of the passage. Words of
    the title and headings count half: they say what a sentence is about."""
    words = index.word_signals(question)
    weights = dict(zip(words.terms, words.idf, strict=True))
    total = sum(weights.values()) or 1.0
    ranks: dict[str, int] = {}
    scores: dict[int, float] = {}
    for sentence in sentences:
        rank = ranks.setdefault(sentence.evidence.passage.id, len(ranks))
        own = set(index.terms_of(sentence.text))
        above = set(index.terms_of(sentence.surroundings)) - own
        shared = sum(weights[t] for t in weights if t in own) + 0.5 * sum(weights[t] for t in weights if t in above)
        scores[sentence.number] = shared / total + 0.3 / (1 + rank)
    if embedder is not None:
        first = sorted(sentences, key=lambda s: -scores[s.number])[:EMBEDDED]
        vector = embedder.embed_question(question)
        vectors = embedder.embed_passages([f"{s.surroundings}\n{s.text}" for s in first])
        cosines = vectors @ vector
        low, high = float(cosines.min()), float(cosines.max())
        for sentence, cosine in zip(first, cosines, strict=True):
            scores[sentence.number] += (float(cosine) - low) / ((high - low) or 1.0)
    ordered = sorted(sentences, key=lambda s: (-scores[s.number], s.number))
    floor = CLOSE * scores[ordered[0].number]
    chosen = [ordered[0], *(s for s in ordered[1:MOST] if scores[s.number] >= floor)]
    return sorted(chosen, key=lambda s: s.number)


def as_statement(sentence: Sentence) -> str:
    """A quoted sentence as it is; a table row with its column names, for a bare row says little."""
    passage = sentence.evidence.passage
    cells = [cell.strip() for cell in sentence.text.split("|")]
    if passage.kind is PassageKind.TABLE_ROWS and len(cells) == len(passage.table_header):
        return "; ".join(f"{name}: {cell}" for name, cell in zip(passage.table_header, cells, strict=True) if cell)
    return " ".join(sentence.text.split())
