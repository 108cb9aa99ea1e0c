"""A judge without a chat model: what can be read off by laying claim and evidence side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gezhi.evaluate.judges.alignment import ClaimIndex, Embed, EvidenceIndex, index_claim, index_evidence, parts_of
from gezhi.evaluate.judges.features import Features, features_of, in_two_languages, reason, relevancy_features
from gezhi.evaluate.judges.head import Heads, load_heads
from gezhi.evaluate.judges.protocol import Judgement
from gezhi.evaluate.judges.wording import Terms
from gezhi.types import InvalidInput, ModelUnavailable

KEPT_EVIDENCE = 32
"""Evidences kept analysed: metrics ask of many claims with the same passages."""
KEPT_VECTORS = 4096


class RulesJudge:
    """`terms`: the analyser. `embed`: texts -> unit vectors of the embedder that the heads were fitted with, whose name
    begins with `load_heads().embedder`; without it, words alone decide.

    It reads no meaning between the lines: a paraphrase in other words scores low, and of two things that the evidence
    both names it may take the wrong one. Figures in its card (`head.json`)."""

    def __init__(self, terms: Terms, embed: Embed | None = None, *, heads: Heads | None = None) -> None:
        self._terms = terms
        self._heads = heads or load_heads()
        self._kind = "meaning" if embed is not None else "words"
        self._embed = _remembering(embed) if embed is not None else None
        self._evidence = lru_cache(maxsize=KEPT_EVIDENCE)(lambda texts: index_evidence(texts, self._terms, self._embed))

    @property
    def name(self) -> str:
        return f"rules-{self._heads.version}-{self._kind}"

    @property
    def threshold(self) -> float:
        return self._heads.support[self._kind].threshold

    def support(self, claim: str, evidence: Sequence[str], *, question: str = "") -> Judgement:
        """Raises ModelUnavailable where claim and evidence are in two languages: words cannot be compared there."""
        if not claim.strip():
            raise InvalidInput("An empty claim cannot be judged.")
        texts = tuple(text for text in evidence if text.strip())
        if not texts:
            return Judgement(score=0.0, reason="there is no evidence")
        if in_two_languages(claim, "\n".join(texts)):
            raise ModelUnavailable(
                "The rules judge cannot compare a claim in one language with evidence in another.",
                hint="Use the judge `model`.",
            )
        indexed = self._evidence(texts)
        parts = [self._part(index_claim(part, question, self._terms), indexed) for part in parts_of(claim)]
        score = self._heads.support[self._kind].score([features for features, _ in parts])
        return Judgement(score=score, reason="; ".join(dict.fromkeys(why for _, why in parts if why)))

    def _part(self, claim: ClaimIndex, evidence: EvidenceIndex) -> tuple[Features, str]:
        features = features_of(claim, evidence, self._terms, self._embed)
        return features, reason(claim, evidence, features)

    def relevancy(self, question: str, answer: str) -> Judgement:
        """Worth little by words alone: an answer need not repeat the question's words."""
        if not question.strip() or not answer.strip():
            raise InvalidInput("An empty question or answer cannot be judged.")
        features = relevancy_features(question, answer, self._terms, self._embed)
        return Judgement(score=self._heads.relevancy[self._kind].score([features]))


def _remembering(embed: Embed) -> Embed:
    """Each text is embedded once, as long as it is among the last that were asked for."""
    known: dict[str, NDArray[np.float32]] = {}

    def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        made = dict(zip(new, embed(new), strict=True)) if new else {}
        out = np.stack([made[text] if text in made else known[text] for text in texts])
        known.update(made)
        for text in list(known)[: max(0, len(known) - KEPT_VECTORS)]:
            del known[text]
        return out

    return vectors
