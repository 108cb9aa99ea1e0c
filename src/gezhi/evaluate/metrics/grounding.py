"""Is the answer carried by the evidence? Scores that need a judge of support."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Supports = Callable[[str, Sequence[str]], bool]
"""(claim, texts) -> do the texts together state it?"""


def faithfulness(statements: Sequence[str], evidence: Sequence[str], supports: Supports) -> float:
    """Share of the statements that the evidence supports (Ragas)."""
    return sum(supports(statement, evidence) for statement in statements) / len(statements)


def citation_recall(cited: Sequence[tuple[str, Sequence[str]]], supports: Supports) -> float:
    """Share of the statements that their own citations together support (ALCE). `cited`: (statement, texts)."""
    return sum(bool(texts) and supports(statement, texts) for statement, texts in cited) / len(cited)


def citation_precision(cited: Sequence[tuple[str, Sequence[str]]], supports: Supports) -> float:
    """Share of the citations that are needed (ALCE): of a statement that its citations together support, those that
    support it alone, or without which the others do not. 0 without citations."""
    needed = total = 0
    for statement, texts in cited:
        total += len(texts)
        if not texts or not supports(statement, texts):
            continue
        for at, text in enumerate(texts):
            rest = [*texts[:at], *texts[at + 1 :]]
            needed += supports(statement, [text]) or not rest or not supports(statement, rest)
    return needed / total if total else 0.0


def context_precision(relevant: Sequence[bool]) -> float:
    """Are the useful passages ranked first? Mean of precision@rank over the ranks of useful passages (Ragas);
    0 if none is. `relevant`: for each passage, best first, whether it supports the gold answer."""
    hits = 0
    total = 0.0
    for rank, useful in enumerate(relevant, start=1):
        if useful:
            hits += 1
            total += hits / rank
    return total / hits if hits else 0.0


def context_recall(parts: Sequence[Sequence[str]], evidence: Sequence[str], supports: Supports) -> float:
    """Share of the gold answer's parts that the evidence supports (Ragas), any alternative of a part."""
    return sum(any(supports(alternative, evidence) for alternative in part) for part in parts) / len(parts)
