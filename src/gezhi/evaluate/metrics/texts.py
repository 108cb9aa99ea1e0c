"""Scores of an answer's text against the gold answers."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

_ARTICLES = frozenset({"a", "an", "the"})
_GROUPED = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)")
_PERCENT_ZH = re.compile(r"百分之\s*(\d+(?:\.\d+)?)")
_PERCENT_EN = re.compile(r"(?<=\d)\s*(?:per\s?cent\b|percent\b)")
_TRAILING_ZEROS = re.compile(r"(?<![\d.])(\d+)\.(\d*?)0+(?![\d.])")
# A number with its decimals; a Chinese (or kana) character; a run of other letters and digits; signs that mean.
_TOKEN = re.compile(
    r"\d+(?:\.\d+)+|\d+|[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]"
    r"|[^\W\d_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]+|[%‰]"
)


def answer_tokens(text: str) -> list[str]:
    """What counts when answers are compared: Chinese by character, other scripts by word, numbers whole.

    Width, case, accents, punctuation, English articles do not count; `1,000.50`, `1000.5` and `１０００.５` are
    one number; `5 percent`, `百分之5` and `5%` are one."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = unicodedata.normalize("NFKC", text)
    text = _GROUPED.sub(lambda match: match.group().replace(",", ""), text)
    text = _PERCENT_ZH.sub(r"\1%", text)
    text = _PERCENT_EN.sub("%", text)
    text = _TRAILING_ZEROS.sub(lambda m: f"{m[1]}.{m[2]}" if m[2] else m[1], text)
    text = re.sub(r"(?<=[^\W\d_])['’](?=[^\W\d_])", "", text)
    tokens = _TOKEN.findall(text)
    return [token for token in tokens if token not in _ARTICLES] or tokens


def exact_match(answer: str, gold: Sequence[Sequence[str]]) -> float:
    """1 if the answer is the gold answer and nothing more; several parts may come in any order.

    `gold`: parts, each with its alternatives."""
    left = answer_tokens(answer)
    if len(gold) == 1:
        return float(any(left == tokens for tokens in _wholes(answer, gold)))
    return float(any(Counter(left) == Counter(tokens) for tokens in _wholes(answer, gold)))


def token_f1(answer: str, gold: Sequence[Sequence[str]]) -> float:
    """Harmonic mean of token precision and recall against the alternative that fits best."""
    left = Counter(answer_tokens(answer))
    return max((_f1(left, Counter(tokens)) for tokens in _wholes(answer, gold)), default=0.0)


def containment(answer: str, gold: Sequence[Sequence[str]]) -> float:
    """1 if, for every part, the answer holds the tokens of one of its alternatives side by side."""
    tokens = answer_tokens(answer)
    parts = [[a for a in map(answer_tokens, part) if a] for part in gold]
    return float(bool(parts) and all(any(_holds(tokens, wanted) for wanted in part) for part in parts))


def _wholes(answer: str, gold: Sequence[Sequence[str]]) -> list[list[str]]:
    """The gold answers to compare a whole answer with: the alternatives, or of several parts the best of each."""
    if len(gold) == 1:
        return [answer_tokens(alternative) for alternative in gold[0]]
    left = Counter(answer_tokens(answer))
    # Of a part that the answer lacks altogether, the shortest alternative is what is missing.
    best = [max(map(answer_tokens, part), key=lambda t: (_f1(left, Counter(t)), -len(t))) for part in gold]
    return [[token for tokens in best for token in tokens]] if best else []


def _f1(left: Counter[str], right: Counter[str]) -> float:
    shared = (left & right).total()
    return 2 * shared / (left.total() + right.total()) if shared else 0.0


def _holds(tokens: Sequence[str], wanted: Sequence[str]) -> bool:
    size = len(wanted)
    return any(tokens[at : at + size] == wanted for at in range(len(tokens) - size + 1))
