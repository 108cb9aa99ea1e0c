"""The parts of a question that can be asked by themselves: its clauses, and what it says a thing is by."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLAUSES = re.compile(
    r"[,;?，；？。]|\band (?=(?:what|why|how|who|whom|which|when|where|is|are|do|does|did)\b)", re.IGNORECASE
)
_ASKS = re.compile(
    r"\b(?:what|why|how|who|whom|which|when|where|explain|describe|summari[sz]e)\b|^\s*(?:is|are|was|were|do|does|did)\b"
    r"|什么|为何|怎么|怎样|如何|谁|哪|多少|几|吗|是否|原因|解释|说明",
    re.IGNORECASE,
)
_MOST_ZH = re.compile(r"最[大小高低多少快慢早晚新旧贵长短重轻](?:[^\s，,。？?的]{0,4})的")
_MOST_EN = re.compile(
    r"\bthe ((?:[\w-]+ ){1,3}?(?:with|that has|that had|which has|which had|who has|who had) the (?:most|least|fewest|"
    r"highest|lowest|largest|smallest|biggest|greatest|longest|shortest|best|worst)\b[^,;?]*)",
    re.IGNORECASE,
)
_LONGEST_NOUN = 8
"""Characters of a Chinese noun behind 最…的."""


def clauses(question: str) -> list[str]:
    """Those that ask something: `how many were sold`, `why was it stopped`."""
    return [clause.strip() for clause in _CLAUSES.split(question) if _ASKS.search(clause)]


def described(question: str) -> Iterator[tuple[str, str]]:
    """Descriptions of a thing by the most or the least, each with the rest of the question, the longest first:
    (隐患最多的季度, 发生了什么事故), (region with the largest decrease in 2024, why did revenue fall in)."""
    for found in _MOST_ZH.finditer(question):
        start = max(question.rfind(mark, 0, found.start()) for mark in "，,。？?；;") + 1
        for size in range(_LONGEST_NOUN, 0, -1):
            end = found.end() + size
            if end < len(question):
                yield question[start:end].strip(), f"{question[:start]}{question[end:]}"
    for english in _MOST_EN.finditer(question):
        words = english.group(1).split()
        for size in range(len(words), 4, -1):
            part = " ".join(words[:size])
            rest = f"{question[: english.start()]} {' '.join(words[size:])} {question[english.end() :]}"
            yield part, rest.strip()
