"""Does the evidence carry an answer at all? Decided outside the call that answers: small models asked for answer,
citation and refusal at once do all three badly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gezhi.answer.numbered import Sentence
from gezhi.answer.prompt import ask_about, prompt, prompt_hash
from gezhi.llm.protocol import ChatModel, ChatRequest, Chooser
from gezhi.store.protocol import PassageIndex
from gezhi.trace import span
from gezhi.types import Evidence
from gezhi.types.language import language_of

THRESHOLD = 0.5
"""Estimated chance of an answer below which none is tried."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """What is known about question and evidence before anything is answered."""

    coverage: float
    """Share of the question's words, weighted by idf, that the best covering passage holds."""
    rarest_missing: float
    """Idf of the rarest question word that no passage of the evidence holds, over the largest idf; 0 if none."""
    similarity: float | None
    """Largest cosine between question and passage; None without vectors."""
    model_yes: float | None
    """The chat model's probability that the evidence states the answer; None without such a model."""


def retrieval_signals(question: str, evidence: Sequence[Evidence], index: PassageIndex) -> Signals:
    words = index.word_signals(question)
    weights = dict(zip(words.terms, words.idf, strict=True))
    total = sum(weights.values()) or 1.0
    held = [_terms_of(one, index) for one in evidence]
    coverage = max((sum(w for t, w in weights.items() if t in terms) / total for terms in held), default=0.0)
    everywhere = set().union(*held)
    missing = max((w for t, w in weights.items() if t not in everywhere), default=0.0)
    cosines = [found.score for one in evidence for found in one.found_by if found.retriever == "meaning"]
    return Signals(
        coverage=coverage,
        rarest_missing=missing / max(weights.values(), default=1.0),
        similarity=max(cosines, default=None),
        model_yes=None,
    )


def _terms_of(evidence: Evidence, index: PassageIndex) -> set[str]:
    passage = evidence.passage
    return set(index.terms_of("\n".join((evidence.title, *passage.headings, *passage.table_header, passage.text))))


def model_yes(question: str, sentences: Sequence[Sentence], chat: ChatModel) -> float | None:
    """The model's probability of Yes to "do these sentences state the answer?", in one token; None if the model
    cannot give probabilities."""
    if not isinstance(chat, Chooser):
        return None
    language = language_of(question)
    instruction = prompt("support", language)
    yes, no = ("是", "否") if language == "zh" else ("Yes", "No")
    request = ChatRequest(messages=ask_about(sentences, question, instruction), max_tokens=1)
    with span("chat", gen_ai__operation__name="support", gen_ai__request__model=chat.name) as here:
        here.set(gezhi__prompt_hash=prompt_hash(instruction))
        chances = chat.choose(request, (yes, no))
        here.set(gezhi__model_yes=round(chances[yes], 4))
    return chances[yes]


def chance_of_answer(signals: Signals) -> float:
    """Logistic estimate; the weights come from `evals/refusal.py` and are reported in docs/benchmarks.md."""
    z = _INTERCEPT + _COVERAGE * signals.coverage + _MISSING * signals.rarest_missing
    if signals.similarity is not None:
        z += _SIMILARITY * (signals.similarity - _SIMILARITY_MEAN)
    if signals.model_yes is not None:
        z += _MODEL * (_logit(signals.model_yes) - _MODEL_MEAN)
    return 1 / (1 + math.exp(-z))


_INTERCEPT, _COVERAGE, _MISSING = -2.0, 4.0, -1.0
_SIMILARITY, _SIMILARITY_MEAN = 10.0, 0.86
_MODEL, _MODEL_MEAN = 0.5, 0.0


def _logit(p: float) -> float:
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))
