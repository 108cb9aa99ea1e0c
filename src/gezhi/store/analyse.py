"""The one analyser for questions and passages, in both languages.

Text is folded (width, case, traditional characters, accents), then cut into terms: Chinese into pairs of
characters and words, other scripts into words with their stems, codes and numbers kept whole besides their parts."""

from __future__ import annotations

import functools
import hashlib
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gezhi.store import stop_words

ANALYSER_VERSION = "1"
"""Stored with the terms; another version makes the store analyse its passages again."""

MAX_TERM = 64
"""Longer runs (base64, hashes glued together) are cut: nobody types them."""

MAX_PHRASE = 40

KEPT_STEMS = 50_000

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3005\u3007"
_KANA = r"\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe"
_HANGUL = r"\uac00-\ud7a3\u1100-\u11ff"
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
_PAIRED = f"{_HAN}{_KANA}{_HANGUL}{_UNSPACED}"
_WORD = rf"[^\W_{_PAIRED}]"
_TOKEN = re.compile(
    rf"(?P<paired>[{_PAIRED}]+)"
    rf"|(?P<number>(?<![\w.,])\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?(?![\w,]*\d))"
    rf"|(?P<sharp>(?<!\w)[a-z](?:\+\+|\#)(?!\w))"
    rf"|(?P<chunk>{_WORD}+(?:['’_\-./@:+&\#=?%]{{1,3}}{_WORD}+)*)"
)
_RUN = re.compile(rf"[{_HAN}]+|[{_KANA}]+|[{_HANGUL}]+|[{_UNSPACED}]+")
_HAN_START = re.compile(f"[{_HAN}]")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]{2,}")
_ENGLISH = re.compile(r"[a-z]{3,}")
_SEPARATORS = re.compile(r"[_\-./@:+&#=?%]+")
_HYPHENS = re.compile(r"[_\-/]+")
_ACRONYM = re.compile(r"[a-z](?:\.[a-z])+")
_SCHEME = re.compile(r"(?:https?|ftp)://(?:www\.)?")
_POSSESSIVE = re.compile(r"['’]s\b")
_APOSTROPHES = re.compile(r"['’]+")
_CODE = re.compile(r"[\w.]*(?:[^\W\d]\w*\d|\d\w*[^\W\d])[\w.]*")
_DOTTED_NUMBER = re.compile(r"(?P<v>v?)\d+(?:\.\d+)+")

_DASHES = dict.fromkeys([0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0xFE63, 0xFF0D], "-")
_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ŋ": "n"}
)

Terms = list[str]


def term_keys(terms: Iterable[str]) -> NDArray[np.uint32]:
    """Return the 32-bit keys under which terms are stored and compared.

    Keys instead of words: an index entry says nothing readable, so erasing a passage leaves no vocabulary behind. Two
    of a million distinct terms share a key with a probability of 0.02 % for any given term."""
    return np.array([_term_key(term) for term in terms], dtype=np.uint32)


@functools.lru_cache(maxsize=100_000)
def _term_key(term: str) -> int:
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "little")


def fold(text: str) -> str:
    """Fold what readers take for the same: width, case, traditional characters, accents, dashes, invisible marks."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_fold_table())
    return folded if unicodedata.is_normalized("NFKC", folded) else unicodedata.normalize("NFKC", folded)


def squeeze(text: str) -> str:
    """Folded and without white space: line breaks inside a name are layout."""
    return "".join(fold(text).split())


class Analyser:
    """Cuts texts into terms. Thread-safe; the dictionary is loaded with the first Chinese text (about 80 ms)."""

    def __init__(self, user_terms: Sequence[str] = ()) -> None:
        self._user_terms = frozenset(fold(term).strip() for term in user_terms) - {""}
        self._lock = threading.Lock()
        self._segmenter: Any = None
        self._stemmers = threading.local()
        self._stems: dict[str, str] = {}

    @property
    def version(self) -> str:
        """Changes when the same text would give other terms."""
        if not self._user_terms:
            return ANALYSER_VERSION
        digest = hashlib.sha256("\n".join(sorted(self._user_terms)).encode()).hexdigest()[:12]
        return f"{ANALYSER_VERSION}+{digest}"

    def forget(self) -> None:
        """Drop the words remembered for speed: some may have stood in an erased text only."""
        with self._lock:
            self._stems.clear()
        _term_key.cache_clear()

    def terms(self, text: str) -> Terms:
        """Terms of a passage, in order of the text, with repetitions."""
        terms: Terms = []
        for token in _TOKEN.finditer(fold(text)):
            terms.extend(self._token_terms(token, question=False))
        return terms

    def query_terms(self, text: str) -> Terms:
        """Distinct terms of a question without words that only make it a question, unless nothing else is left."""
        terms: dict[str, None] = {}
        for token in _TOKEN.finditer(fold(text)):
            terms.update(dict.fromkeys(self._token_terms(token, question=True)))
        return list(terms) or list(dict.fromkeys(self.terms(text)))

    def phrase(self, text: str) -> str:
        """The text squeezed, if it is a name or a phrase rather than a question; else empty.

        That is a short text of several terms without question words: `上海交通大学`, `Reading Football Club`."""
        squeezed = squeeze(text).strip("\"'“”‘’「」『』《》.。?？!！,，")
        if not 0 < len(squeezed) <= MAX_PHRASE:
            return ""
        terms = self.query_terms(text)
        return squeezed if len(terms) > 1 and set(terms) == set(self.terms(text)) else ""

    def _token_terms(self, token: re.Match[str], *, question: bool) -> Iterator[str]:
        text = token.group()
        match token.lastgroup:
            case "paired":
                runs = _RUN.findall(text)
                for run in runs:
                    if _HAN_START.match(run):
                        yield from self._han_terms(run, question=question)
                if len(runs) > 1 or not _HAN_START.match(text):
                    yield from _pairs(text, _KATAKANA)
            case "number":
                yield text.replace(",", "")
            case "sharp":
                yield text
            case _:
                yield from self._chunk_terms(text, question=question)

    def _han_terms(self, run: str, *, question: bool) -> Iterator[str]:
        """Character pairs, words of one character, and the user's terms.

        Longer dictionary words are not terms of their own: they count twice what their pairs say, and cost recall on
        three of four sets. In questions, pairs that reach into a question word are left out."""
        if len(run) == 1:
            if not (question and run in stop_words.CHINESE):
                yield run
            return
        stopped = bytearray(len(run))
        at = 0
        for word in self._words().cut(run):
            end = at + len(word)
            if word in stop_words.CHINESE:
                stopped[at:end] = b"\1" * len(word)
            elif len(word) == 1 or (len(word) > 2 and word in self._user_terms):
                yield word
            at = end
        for start in range(len(run) - 1):
            if not (question and (stopped[start] or stopped[start + 1])):
                yield run[start : start + 2]

    def _chunk_terms(self, chunk: str, *, question: bool) -> Iterator[str]:
        """A word; or a code, an address, a compound: whole, and its parts."""
        chunk = _APOSTROPHES.sub("", _POSSESSIVE.sub("", chunk))
        if not _SEPARATORS.search(chunk):
            yield from self._word_terms(chunk, question=question)
            return
        chunk = _SCHEME.sub("", chunk)
        if _ACRONYM.fullmatch(chunk):
            yield chunk.replace(".", "")
            return
        if len(chunk) <= MAX_TERM:
            yield chunk
            joined = _HYPHENS.sub("", chunk)
            if joined != chunk and _CODE.fullmatch(joined):
                yield joined
        pieces = _HYPHENS.split(chunk)
        for piece in pieces:
            numeric = _DOTTED_NUMBER.fullmatch(piece)
            if numeric and numeric.group("v"):
                yield piece[1:]
            parts = [part for part in _SEPARATORS.split(piece) if part]
            if len(parts) > 1 and len(pieces) > 1 and len(piece) <= MAX_TERM:
                yield piece
            for part in parts:
                # The 2 and the 3 of version 2.3 say nothing; the year of 2023.10.01 does.
                if not (numeric and len(part) < 4):
                    yield from self._word_terms(part, question=question)

    def _word_terms(self, word: str, *, question: bool) -> Iterator[str]:
        if question and word in stop_words.ENGLISH:
            return
        if len(word) > MAX_TERM:
            yield word[:MAX_TERM]
        elif _ENGLISH.fullmatch(word):
            yield self._stem(word)
        else:
            yield word

    def _stem(self, word: str) -> str:
        stem = self._stems.get(word)
        if stem is None:
            stemmer = getattr(self._stemmers, "english", None)
            if stemmer is None:
                import Stemmer

                # Not safe to share between threads.
                stemmer = self._stemmers.english = Stemmer.Stemmer("english")
            if len(self._stems) > KEPT_STEMS:
                self._stems.clear()
            stem = self._stems[word] = str(stemmer.stemWord(word))
        return stem

    def _words(self) -> Any:
        if self._segmenter is None:
            with self._lock:
                if self._segmenter is None:
                    import rjieba

                    segmenter = rjieba.Jieba()
                    for term in sorted(self._user_terms):
                        segmenter.add_word(term, None, None)
                    self._segmenter = segmenter
        return self._segmenter


def _pairs(run: str, whole: re.Pattern[str]) -> Iterator[str]:
    """Character pairs of a run in a script without spaces, and its loan words whole."""
    if len(run) == 1:
        yield run
    yield from whole.findall(run)
    for start in range(len(run) - 1):
        yield run[start : start + 2]


@functools.cache
def _fold_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {**_DASHES, **_INVISIBLE, **_LETTERS}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = "".join(c for c in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(c))
        if base != chr(code) and base.isascii():
            table[code] = base.lower()
    lines = resources.files("gezhi.store").joinpath("traditional.txt").read_text("utf-8").splitlines()
    traditional, simplified = (line for line in lines if line and not line.startswith("#"))
    table.update({ord(old): new for old, new in zip(traditional, simplified, strict=True)})
    return table
