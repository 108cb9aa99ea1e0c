"""Check a statement against the sentences it cites. What fails here is never shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gezhi.answer.numbered import Sentence
from gezhi.answer.reply import Draft
from gezhi.types.language import fold_for_quote, language_of
from gezhi.types.numbers import known_numbers, stated_numbers

Terms = Callable[[str], list[str]]

MIN_COVERAGE = 0.5
"""Share of a statement's new words that its sentences must hold. A paraphrase by a careful model stays above;
an answer from memory falls below."""

MIN_QUOTE = 12
"""Characters that make a copy more than chance."""

_LETTERS = re.compile(r"[^\W\d_]")
_YES_OR_NO = re.compile(r"(?:yes|no)\b|[是否不有没能]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Whether a statement may be shown, and for the repair turn, why not."""

    supported: bool
    problem: str = ""


def check(draft: Draft, cited: Sequence[Sentence], question: str, terms: Terms) -> Verdict:
    """A statement is supported if its numbers and most of its words are in the cited sentences.

    Words of the question, and of titles and headings above the sentences, count as known."""
    if not cited:
        return Verdict(supported=False, problem="it cites no sentence")
    quotes = "\n".join(sentence.text for sentence in cited)
    known = "\n".join((quotes, question, *(sentence.surroundings for sentence in cited)))
    missing = sorted(stated_numbers(draft.text) - known_numbers(known))
    if missing:
        return Verdict(supported=False, problem=f"{', '.join(missing)} is not in the cited sentences")
    if language_of(question) != language_of(draft.text) and len(draft.text) > 40:
        wanted = "Chinese" if language_of(question) == "zh" else "English"
        return Verdict(supported=False, problem=f"it must be in {wanted}")
    if language_of(draft.text) != language_of(quotes) and len(_LETTERS.findall(quotes)) >= MIN_QUOTE:
        return Verdict(supported=True)  # words of two languages cannot be compared; numbers and codes were
    yes_or_no = _YES_OR_NO.match(draft.text)
    new = set(terms(draft.text[yes_or_no.end() if yes_or_no else 0 :])) - set(terms(question))
    if not new and not yes_or_no and not stated_numbers(draft.text) - stated_numbers(question):
        return Verdict(supported=False, problem="it only repeats the question")
    if new and len(new & set(terms(known))) < MIN_COVERAGE * len(new):
        return Verdict(supported=False, problem="the cited sentences do not say it")
    return Verdict(supported=True)


def holders_of_numbers(draft: Draft, sentences: Sequence[Sentence]) -> list[int]:
    """Numbers of the sentences that hold every number of the statement: a hint for the repair turn, no more."""
    stated = stated_numbers(draft.text)
    return [s.number for s in sentences if stated and stated <= known_numbers(f"{s.text} {s.surroundings}")][:3]


def quoted_by(draft: Draft, sentences: Sequence[Sentence]) -> list[Sentence]:
    """The sentence that a statement copies to the letter: small models quote rightly and miscount the number.

    No likeness is accepted: the whole statement stands in the sentence."""
    folded = fold_for_quote(draft.text.rstrip(".。!！ "))[0]
    if len(folded) < MIN_QUOTE:
        return []
    return [sentence for sentence in sentences if folded in fold_for_quote(sentence.text)[0]][:1]
