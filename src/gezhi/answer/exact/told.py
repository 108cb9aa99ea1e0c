"""Whether a sentence of the texts already says what an exact question asks: then nothing needs to be computed."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from gezhi.answer.extract import compare
from gezhi.answer.numbered import Sentence, number
from gezhi.store.protocol import PassageIndex
from gezhi.types import Evidence, PassageKind
from gezhi.types.numbers import known_numbers

MOST_WORDS = 0.85
"""Share of the question's words, weighted by idf, that the sentence itself holds. Of the questions for tables in
`evals/routing/samples.tsv` the best sentence holds .79 at most."""
_READ = 12
"""Nearest passages read."""


def told_in_text(question: str, near: Sequence[Evidence], index: PassageIndex) -> Sentence | None:
    """A sentence of prose that holds nearly every word of the question, and a number that the question does not."""
    given = known_numbers(question)
    prose = [one for one in near[:_READ] if one.passage.kind is not PassageKind.TABLE_ROWS]
    sentences = [one for one in number(prose, sys.maxsize, len) if known_numbers(one.text) - given]
    if not sentences:
        return None
    nearness = compare(question, sentences, index, None)
    best = max(sentences, key=lambda one: nearness[one.number].own)
    return best if nearness[best.number].own >= MOST_WORDS else None
