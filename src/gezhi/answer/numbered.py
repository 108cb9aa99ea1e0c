"""Evidence as numbered sentences: what the model reads, and what its citations point to.

The model cites by number, so a quote is always a sentence of the source, to the letter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gezhi.types import Evidence, Passage, PassageKind
from gezhi.types.language import Span, line_spans, sentence_spans

_HEADING = re.compile(r"#{1,6} [^\n]*\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """A sentence of the evidence. `start` and `end` are offsets in the passage's text."""

    number: int
    evidence: Evidence
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.evidence.passage.text[self.start : self.end]

    @property
    def surroundings(self) -> str:
        """What the passage is about: title, headings, table header. A statement may use their words."""
        passage = self.evidence.passage
        return " ".join((self.evidence.title, *passage.headings, *passage.table_header))


def sentences_of(passage: Passage) -> list[Span]:
    """Sentences of prose, without Markdown headings where there is anything else; rows of a table."""
    if passage.kind is PassageKind.TABLE_ROWS:
        return line_spans(passage.text)
    spans = sentence_spans(passage.text)
    return [(start, end) for start, end in spans if not _HEADING.match(passage.text[start:end])] or spans


def number(evidence: Sequence[Evidence], budget: int, count: Callable[[str], int]) -> list[Sentence]:
    """Number the sentences of the evidence, best passage first, within a budget of tokens.

    A passage that does not fit whole gives its first sentences; the first passage gives at least one."""
    numbered: list[Sentence] = []
    left = budget
    for one in evidence:
        left -= count(_title_line(one))
        for start, end in sentences_of(one.passage):
            cost = count(one.passage.text[start:end]) + 4
            if cost > left and numbered:
                return numbered
            left -= cost
            numbered.append(Sentence(number=len(numbered) + 1, evidence=one, start=start, end=end))
    return numbered


def as_text(sentences: Sequence[Sentence]) -> str:
    """The evidence as the model reads it: a title line for each passage, then its numbered sentences."""
    lines: list[str] = []
    shown: Evidence | None = None
    for sentence in sentences:
        if sentence.evidence is not shown:
            shown = sentence.evidence
            lines.append(_title_line(shown))
        lines.append(f"{sentence.number}: {' '.join(sentence.text.split())}")
    return "\n".join(lines)


def _title_line(evidence: Evidence) -> str:
    passage = evidence.passage
    line = f"# {' › '.join((evidence.title, *passage.headings))}"
    if passage.table_header:
        line += f"\n({' | '.join(passage.table_header)})"
    return line
