"""Check a statement against the sentences it cites. What fails here is never shown."""

from __future__ import annotations

import re
import unicodedata
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

_WORD = re.compile(r"[^\W\d_][\w-]*")
_RUN = re.compile(r"\b[A-Z](?:[\w-]|\.(?=\w)|\s+(?:(?:of|the|and|for)\s+)?(?=[A-Z]))*")
_BEGINS = re.compile(r"(?:^|[.!?:;\"“”(\[]\s*|\n\s*)$")
_DATES = frozenset(
    re.findall(
        r"\w+",
        """
        january february march april may june july august september october november december jan feb mar apr jun jul
        aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday i mr mrs ms dr ad bc am pm
        """,
    )
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_YEAR_ASKED = re.compile(
    r"(?<!\d)(?<!before )(?<!after )(?<!since )(?<!until )(?<!prior to )"
    r"((?:19|20)\d\d)(?!\d|s\b|年代|年?(?:以前|之前|以后|之后|以来|前|后))",
    re.IGNORECASE,
)
"""A year that is meant itself, not what came before or after it."""
_SEASON = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-–/]\s?(\d\d)(?!\d)")
_NEAR_YEARS = 3
_PRONOUN = re.compile(r"\b(?:he|she|it|they|his|her|hers|him|its|their|them)\b", re.IGNORECASE)
_STEM = 4
"""First letters that make two words one name: Germany, German."""
_LETTERS = re.compile(r"[^\W\d_]")
_YES_OR_NO = re.compile(r"(?:yes|no)\b|[是否不有没能]", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Whether a statement may be shown, and for the repair turn, why not."""

    supported: bool
    problem: str = ""


def check(draft: Draft, cited: Sequence[Sentence], question: str, terms: Terms) -> Verdict:
    """A statement is supported if its numbers and most of its words are in the cited sentences, and the names it says
    in their passages.

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
    passages = "\n".join({sentence.evidence.passage.id: sentence.evidence.passage.text for sentence in cited}.values())
    if names := unknown_names(draft.text, f"{known}\n{passages}"):  # `he` in a sentence is named in an earlier one
        return Verdict(supported=False, problem=f"{', '.join(names)} is not in the cited passages")
    about = " ".join((passages, *(f"{one.surroundings} {one.evidence.source}" for one in cited)))
    if year := other_year(question, about):
        return Verdict(supported=False, problem=f"the cited passages speak of {year}, not of the year asked for")
    yes_or_no = _YES_OR_NO.match(draft.text)
    new = set(terms(draft.text[yes_or_no.end() if yes_or_no else 0 :])) - set(terms(question))
    if not new and not yes_or_no and not stated_numbers(draft.text) - stated_numbers(question):
        return Verdict(supported=False, problem="it only repeats the question")
    if _PRONOUN.search(quotes):  # whom it means stands in an earlier sentence
        named = _words(passages)
        known += " ".join(
            ["", *(word for word in _WORD.findall(draft.text) if word[0].isupper() and _fold(word) in named)]
        )
    if new and len(new & set(terms(known))) < MIN_COVERAGE * len(new):
        return Verdict(supported=False, problem="the cited sentences do not say it")
    return Verdict(supported=True)


def unknown_names(statement: str, known: str) -> list[str]:
    """Names in a statement that stand nowhere in what it cites: a small model puts one passage's name to another's
    fact. Capitalised words of the statement, but for those that begin a sentence, that `known` does not hold in any
    form: its words, their stems, its abbreviations and what they stand for. Latin script only."""
    words = _words(known)
    stems = {word[:_STEM] for word in words if len(word) >= _STEM}
    initials = {_initials(run.group()) for run in _RUN.finditer(known)} | words
    covered = [
        run.span()
        for run in _RUN.finditer(statement)
        if len(run.group().split()) > 1 and _initials(run.group()) in words
    ]
    found = []
    for match in _WORD.finditer(statement):
        name = match.group()
        if not name[0].isupper() or _BEGINS.search(statement[: match.start()]):
            continue
        if any(start <= match.start() < end for start, end in covered):
            continue
        parts = [part for part in _fold(name).split("-") if part]
        if not all(
            part in words or part in _DATES or part in initials or (len(part) >= _STEM and part[:_STEM] in stems)
            for part in parts
        ):
            found.append(name)
    return found


def _words(text: str) -> set[str]:
    folded = _fold(text)
    dotted = {word.replace(".", "") for word in re.findall(r"\b(?:[a-z]\.){2,}", folded)}
    return {part for word in _WORD.findall(folded) for part in (word, *word.split("-"))} | dotted


def _initials(run: str) -> str:
    return "".join(word[0] for word in run.split() if word[0].isupper()).casefold()


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def other_year(question: str, about: str) -> str:
    """A year that `about` speaks of instead of those of the question: near them, and none of them. Empty if there is
    none: a text that names no year near may well be of the one that is asked for."""
    asked = {int(match[1]) for match in _YEAR_ASKED.finditer(question)}
    stated = {int(year) for year in _YEAR.findall(about)}
    stated |= {int(first[:2] + last) for first, last in _SEASON.findall(about)}
    if not asked or asked & stated:
        return ""
    near = sorted(year for year in stated if any(abs(year - one) <= _NEAR_YEARS for one in asked))
    return str(near[-1]) if near else ""


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
