"""What speaks for and against a claim, as numbers between -1 and 1. None of them tells how long the claim is."""

from __future__ import annotations

import re

from gezhi.evaluate.judges.alignment import (
    ClaimIndex,
    Embed,
    EvidenceIndex,
    Window,
    best_window,
    clause_around,
    nearness,
    pairs_kept,
    share,
)
from gezhi.evaluate.judges.wording import (
    Terms,
    asked_for,
    begins_with_yes_or_no,
    content_terms,
    denials,
    hedges,
    is_of_kind,
    opposed,
)
from gezhi.types.language import cjk_count, language_of

Features = dict[str, float]

BY_WORDS = (
    "new_held",  # share of the terms that the claim adds to the question that are in the evidence
    "claim_held_close",  # share of all its terms that are in its best sentence, or two neighbours
    "asked_elsewhere",  # how much more of the question another sentence holds
    "asked_near",  # how near the question's terms stand to the claim's
    "pairs_kept",  # neighbours that are still neighbours
    "number_missing",  # share of the claim's numbers that the evidence lacks
    "quantity_differs",  # a number is there with another unit or scale only
    "name_missing",  # share of the claim's names that the evidence lacks
    "denial_differs",  # one of claim and clause denies, the other does not
    "opposite",  # the claim has a word whose opposite is in the best sentence
    "kind_missed",  # asked for a date, number or name, the claim has none
    "says_nothing_new",  # the claim only repeats the question
    "yes_or_no",  # the claim begins with yes or no
    "alone",  # there is no question
    "hedged",  # the claim says that something is not known
)
RELEVANCY_BY_WORDS = (
    "asked_repeated",  # share of the question's terms that the answer repeats
    "kind_met",  # asked for a date or number, the answer has one
    "kind_missed",
    "yes_or_no_met",  # asked yes or no, the answer begins so
    "yes_or_no_unasked",
    "hedged",
    "nothing_new",  # the answer only repeats the question
)
RELEVANCY_BY_MEANING = ("cosine",)
BY_MEANING = (
    "claim_cosine",  # closest sentence to the claim
    "both_cosine",  # closest sentence to question and claim together
    "gain_cosine",  # ... minus the closest sentence to the question alone
    "place_cosine",  # question to the best sentence, minus question to its closest
)
_OF_THE_QUESTION = ("asked_elsewhere", "asked_near", "kind_missed")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
MOST_WORDS_OF_A_NAME = 4
_COSINE_MIDDLE, _COSINE_SPREAD = 0.87, 0.06
"""About where multilingual-e5's cosines of related texts lie."""


def features_of(claim: ClaimIndex, evidence: EvidenceIndex, terms: Terms, embed: Embed | None) -> Features:
    """The features by words; with an embedder, also those by meaning."""
    window = best_window(claim, evidence)
    found = _words(claim, evidence, window) | _asked(claim, evidence, window)
    found |= _facts(claim, evidence, terms) | _polarity(claim, window, terms)
    if embed is not None:
        found |= _meaning(claim, evidence, window, embed)
    return found


def _words(claim: ClaimIndex, evidence: EvidenceIndex, window: Window) -> Features:
    silent = bool(claim.asked) and not claim.new and not begins_with_yes_or_no(claim.text)
    together = pairs_kept(claim.new, window.terms) if len(claim.new) > 1 else float(_held_whole(claim, window))
    return {
        "new_held": 0.0 if silent else share(claim.new, evidence.terms, of_nothing=1.0),
        "claim_held_close": share(claim.terms, window.held, of_nothing=1.0),
        "pairs_kept": 0.0 if silent else together,
        "says_nothing_new": float(silent),
    }


def _held_whole(claim: ClaimIndex, window: Window) -> bool:
    return all(term in window.terms for term in claim.new)


def _asked(claim: ClaimIndex, evidence: EvidenceIndex, window: Window) -> Features:
    if not claim.asked:
        return dict.fromkeys(_OF_THE_QUESTION, 0.0) | {"alone": 1.0}
    here = share(claim.asked, window.held, of_nothing=0.0)
    most = max(share(claim.asked, other.held, of_nothing=0.0) for other in evidence.windows)
    kind = asked_for(claim.question)
    return {
        "alone": 0.0,
        "asked_elsewhere": most - here,
        "asked_near": nearness(frozenset(claim.new), claim.asked, window.terms),
        "kind_missed": float(kind in ("date", "number", "name") and not is_of_kind(claim.text, kind)),
    }


def _facts(claim: ClaimIndex, evidence: EvidenceIndex, terms: Terms) -> Features:
    missing = missing_numbers(claim, evidence)
    differs = [_another_quantity(number, unit, claim, evidence) for number, unit in claim.new_quantities]
    absent = [1 - _named(name, claim, evidence, terms) for name in claim.new_names]
    return {
        "number_missing": len(missing) / (len(claim.new_numbers) or 1),
        "quantity_differs": float(any(differs)),
        "name_missing": sum(absent) / len(absent) if absent else 0.0,
    }


def missing_numbers(claim: ClaimIndex, evidence: EvidenceIndex) -> set[str]:
    """The claim's numbers that the evidence does not have in any form."""
    return set(claim.new_numbers - evidence.numbers - {number for number, _ in evidence.quantities})


def _another_quantity(number: str, unit: str, claim: ClaimIndex, evidence: EvidenceIndex) -> bool:
    """The evidence has the number, but with another unit, or only of another scale (million, billion)."""
    units = {u for n, u in evidence.quantities if n == number}
    if not units:
        return number not in evidence.numbers and number not in claim.new_numbers
    return bool(unit) and unit not in units and "" not in units


def _named(name: str, claim: ClaimIndex, evidence: EvidenceIndex, terms: Terms) -> float:
    """How much of a name the evidence has: its words, or the name that it abbreviates."""
    if name.replace(".", "") in evidence.initials:
        return 1.0
    words = [term for term in content_terms(name, terms) if term not in claim.asked]
    return share(words, evidence.terms, of_nothing=1.0)


def _polarity(claim: ClaimIndex, window: Window, terms: Terms) -> Features:
    clause = clause_around(window.text, frozenset(claim.terms), terms)
    answers = begins_with_yes_or_no(claim.text)
    denied, denies = denials(claim.text) % 2, denials(clause) % 2
    return {
        "denial_differs": float(denied != denies and not answers),
        "opposite": float(opposed(claim.text, window.text)),
        "yes_or_no": float(answers),
        "hedged": float(hedges(claim.text)),
    }


def _meaning(claim: ClaimIndex, evidence: EvidenceIndex, window: Window, embed: Embed) -> Features:
    assert evidence.vectors is not None
    asked = claim.question.strip()
    texts = [claim.text, f"{asked} {claim.text}", asked] if asked else [claim.text]
    cosines = embed(texts) @ evidence.vectors.T
    alone = float(cosines[0].max())
    if not asked:
        return {"claim_cosine": _scaled(alone), "both_cosine": _scaled(alone), "gain_cosine": 0.0, "place_cosine": 0.0}
    here = max(float(cosines[2][at]) for at in window.sentences)
    return {
        "claim_cosine": _scaled(alone),
        "both_cosine": _scaled(float(cosines[1].max())),
        "gain_cosine": float(cosines[1].max() - cosines[2].max()) / _COSINE_SPREAD,
        "place_cosine": (here - float(cosines[2].max())) / _COSINE_SPREAD,
    }


def _scaled(cosine: float) -> float:
    return (cosine - _COSINE_MIDDLE) / _COSINE_SPREAD


def in_two_languages(claim: str, evidence: str) -> bool:
    """Words of two languages cannot be compared. Names, numbers and codes can, and short claims are often no more."""
    return language_of(claim) != language_of(evidence) and (
        cjk_count(claim) > 1 or len(_LATIN_WORD.findall(claim)) > MOST_WORDS_OF_A_NAME
    )


def relevancy_features(question: str, answer: str, terms: Terms, embed: Embed | None) -> Features:
    asked = content_terms(question, terms)
    said = frozenset(content_terms(answer, terms))
    kind = asked_for(question)
    yes_or_no = kind == "yes_no"
    found = {
        "asked_repeated": share(asked, said, of_nothing=0.0),
        "kind_met": float(kind in ("date", "number") and is_of_kind(answer, kind)),
        "kind_missed": float(kind in ("date", "number", "name") and not is_of_kind(answer, kind)),
        "yes_or_no_met": float(yes_or_no and begins_with_yes_or_no(answer)),
        "yes_or_no_unasked": float(not yes_or_no and begins_with_yes_or_no(answer)),
        "hedged": float(hedges(answer)),
        "nothing_new": float(said <= frozenset(asked)),
    }
    if embed is not None:
        vectors = embed([question, answer])
        found["cosine"] = _scaled(float(vectors[0] @ vectors[1]))
    return found


def reason(claim: ClaimIndex, evidence: EvidenceIndex, features: Features) -> str:
    """What speaks against the claim, for a person; empty if nothing does."""
    against = []
    if features["number_missing"]:
        against.append(f"{', '.join(sorted(missing_numbers(claim, evidence)))} is not in the evidence")
    elif features["quantity_differs"]:
        against.append("a number has another unit or scale in the evidence")
    if features["name_missing"] > 0.5:
        text = evidence.text.casefold()
        absent = [name for name in claim.new_names if name.casefold() not in text]
        against.append(f"{', '.join(absent)} is not in the evidence")
    if features["denial_differs"]:
        against.append("one denies what the other says")
    if features["opposite"]:
        against.append("the evidence has an opposite word")
    if features["kind_missed"]:
        against.append(f"the question asks for a {asked_for(claim.question)}")
    if features["says_nothing_new"] and claim.question:
        against.append("it only repeats the question")
    if features["new_held"] < 0.5:
        against.append("most of its words are not in the evidence")
    elif features["claim_held_close"] < 0.5:
        against.append("no sentence holds most of its words")
    return "; ".join(against)
