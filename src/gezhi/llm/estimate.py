"""Counting tokens without a tokenizer."""

from __future__ import annotations

import re

_PIECES = re.compile(r"(?P<word>[A-Za-z]+)|(?P<one>[0-9]|[^\x00-\x7f]|[!-/:-@\[-`{-~])|(?P<space>\s{2,}|[\r\n\t])")
_RARE = re.compile(r"[^\x00-\u024f\u2010-\u2027\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")


def estimate_tokens(text: str) -> int:
    """Tokens the text may take with an unknown tokenizer: an upper estimate for prose in Chinese and English.

    A word counts one token for each four letters begun; digits, punctuation and Chinese characters one each;
    anything rarer (emoji, other scripts) three, as tokenizers fall back to bytes there."""
    tokens = 0
    for match in _PIECES.finditer(text):
        tokens += (match.end() - match.start() + 3) // 4 if match.lastgroup == "word" else 1
    return tokens + 2 * len(_RARE.findall(text))
