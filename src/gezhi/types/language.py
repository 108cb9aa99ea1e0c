"""What every room must agree on about text: where a sentence ends, which language it is, when two quotes are equal."""

from __future__ import annotations

import re
import unicodedata

Span = tuple[int, int]

_CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff"
_CJK_CHAR = re.compile(f"[{_CJK}]")
_CLOSERS = r"\"'”’」』）)】》〉\]"
# A candidate end: a Chinese stop, or a Western stop before white space or the end; then closing quotes.
_STOP = re.compile(
    rf"(?:[。！？；…]+|[.!?]+(?=[{_CLOSERS}]*(?:\s|$|[{_CJK}])))[{_CLOSERS}]*"
    r"|\n\s*\n|\n(?=\s*(?:[-*•·]|\d+[.)、])\s)"
    r"|(?:(?<=\n)|(?<![\s\S]))#{1,6} [^\n]*\n"  # a Markdown heading
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|No|Nos|Fig|Figs|Eq|Sec|Art|vs|etc|e\.g|i\.e|al|cf|approx"
    r"|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec"
    r"|U\.S|U\.K|a\.m|p\.m|Vol|pp|Ed|Gen|Gov|Sen|Rep|Rev|Capt|Col|Lt)\.$"
)


_ENUMERATOR = re.compile(r"\s*\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z])\.\s*")
"""The number before a clause or a list item: it belongs to the sentence after it."""


def cjk_count(text: str) -> int:
    """Number of Chinese characters."""
    return len(_CJK_CHAR.findall(text))


def language_of(text: str) -> str:
    """`zh` where Chinese characters carry the text, else `en`. Names and codes in Latin letters do not make a
    Chinese question English: one Chinese character weighs as much as one word."""
    chinese = cjk_count(text)
    words = len(re.findall(r"[A-Za-zÀ-ɏ]+", text))
    return "zh" if chinese and chinese >= words else "en"


def sentence_spans(text: str) -> list[Span]:
    """Spans of the sentences of a text, in order, without surrounding white space.

    Both languages; abbreviations, initials and decimals do not end a sentence; blank lines and list markers do."""
    spans: list[Span] = []
    start = 0
    for stop in _STOP.finditer(text):
        end = stop.end()
        if stop.group().startswith(".") and (
            _ABBREVIATION.search(text, max(start, end - 12), end) or _ENUMERATOR.fullmatch(text, start, end)
        ):
            continue
        _append(spans, text, start, end)
        start = end
    _append(spans, text, start, len(text))
    return spans


def line_spans(text: str) -> list[Span]:
    """Spans of the non-empty lines of a text: the rows of a table, the lines of code."""
    spans: list[Span] = []
    start = 0
    for line in text.splitlines(keepends=True):
        _append(spans, text, start, start + len(line))
        start += len(line)
    return spans


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


_FOLD = str.maketrans(
    {
        "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'", "–": "-", "—": "-", "‐": "-", "‑": "-",
        "−": "-", "\u00ad": None, "\u200b": None, "\ufeff": None, "。": ".", "，": ",", "、": ",", "；": ";",
        "：": ":", "？": "?", "！": "!", "（": "(", "）": ")", "「": '"', "」": '"', "『": '"', "』": '"',
    }
)  # fmt: skip


def fold_for_quote(text: str) -> tuple[str, list[int]]:
    """Fold a text for comparing quotes: NFKC, case, white space, look-alike punctuation.

    Returns the folded text and, for each of its characters, the offset of the original character it came from,
    so that a match can be mapped back to the letter. White space is dropped altogether: line breaks inside a
    quote, and spaces between Chinese and Latin, are layout."""
    folded: list[str] = []
    origin: list[int] = []
    for offset, char in enumerate(text):
        for piece in unicodedata.normalize("NFKC", char).translate(_FOLD).casefold():
            if not piece.isspace():
                folded.append(piece)
                origin.append(offset)
    return "".join(folded), origin


def find_quote(quote: str, text: str) -> Span | None:
    """Find a quote in a text after folding both; the span is in the original text, or None."""
    needle, _ = fold_for_quote(quote)
    if not needle:
        return None
    haystack, origin = fold_for_quote(text)
    at = haystack.find(needle)
    if at < 0:
        return None
    return origin[at], origin[at + len(needle) - 1] + 1
