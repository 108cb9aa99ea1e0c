"""From bytes to text: which encoding a file without a label is written in."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from gezhi.parse.characters import COMMON

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_SAMPLE = 200_000
_EAST_ASIAN = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949")
_ENOUGH = 0.3
"""Share of very common characters above which an East Asian reading is believed. Right readings of running text
measured .45 to .8, wrong ones below .15."""
_LARGER = {
    "gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252",
    "us-ascii": "cp1252", "big5": "big5hkscs", "shift_jis": "cp932", "euc-kr": "cp949",
}  # fmt: skip
_NOT_SINGLE = (
    "utf_7",
    "utf_16",
    "utf_16_le",
    "utf_16_be",
    "utf_32",
    "utf_32_le",
    "utf_32_be",
    "big5",
    "gb18030",
    "cp949",
)
_WESTERN = frozenset("àâäáãåæçèéêëìíîïñòóôöõøœùúûüÿßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜ€£§©®°«»–—‘’“”…·•\u00a0")
_ODD = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    text: str
    encoding: str
    replaced: int = 0
    """Invalid sequences that became U+FFFD."""


def decode(data: bytes, label: str = "") -> Decoded | None:
    """Decode a text file, or return None where the bytes are no text.

    `label` is what the file says of itself (an HTML meta tag, a mail header); it is believed if it fits."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _lenient(data[len(bom) :], name)
    if (wide := _wide_without_bom(data)) is not None:
        return wide
    if (utf8 := _strict(data, "utf-8")) is not None:
        return None if _is_junk(data) else Decoded(text=utf8, encoding="utf-8")
    if label and (labelled := _labelled(data, label)) is not None:
        return labelled
    if (damaged := _mostly_utf8(data)) is not None:
        return damaged
    if b"\x1b$" in data and (japanese := _strict(data, "iso2022_jp_ext")) is not None:
        return Decoded(text=japanese, encoding="iso2022_jp")
    if _is_junk(data):
        return None
    return _east_asian(data) or _single_byte(data)


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _lenient(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    return Decoded(text=text, encoding=encoding, replaced=text.count("\ufffd"))


def _labelled(data: bytes, label: str) -> Decoded | None:
    name = label.strip().strip("\"'").lower()
    # Pages labelled gb2312 or iso-8859-1 are written in the larger sets, as browsers know.
    name = _LARGER.get(name, name)
    try:
        codecs.lookup(name)
        text = data.decode(name)
    except (LookupError, UnicodeDecodeError, ValueError):
        return None
    return Decoded(text=text, encoding=name) if isinstance(text, str) else None


def _is_junk(data: bytes) -> bool:
    """Control characters that no text has: binary data."""
    sample = data[:_SAMPLE]
    return len(_CONTROL.findall(sample)) > max(2, len(sample) // 200)


def _wide_without_bom(data: bytes) -> Decoded | None:
    """UTF-16 or UTF-32 without a mark: the zero bytes of its line ends, spaces and Latin letters give it away."""
    if len(data) < 4 or len(data) % 2 or b"\x00" not in data[:_SAMPLE]:
        return None
    sample = data[: _SAMPLE // 4 * 4]
    zeros = [sample[i::4].count(0) / max(1, len(sample) // 4) for i in range(4)]
    if len(data) % 4 == 0 and min(zeros[2:]) > 0.9 and zeros[0] < 0.99:
        candidates = ["utf-32-le"]
    elif len(data) % 4 == 0 and min(zeros[:2]) > 0.9 and zeros[3] < 0.99:
        candidates = ["utf-32-be"]
    else:
        candidates = ["utf-16-le", "utf-16-be"]
    best, best_score = None, 0.55
    for name in candidates:
        text = _strict(data, name)
        if text is None or _ODD.search(text[:_SAMPLE]):
            continue
        common = sum(1 for c in text[:_SAMPLE] if c.isascii() or c in COMMON["gb18030"] or c in COMMON["big5hkscs"])
        score = common / min(len(text), _SAMPLE)
        if score > best_score:
            best, best_score = Decoded(text=text, encoding=name), score
    return best


def _mostly_utf8(data: bytes) -> Decoded | None:
    """UTF-8 with a few bad bytes: a cut at the end, a pasted Latin-1 letter."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for char in text[:_SAMPLE] if char > "\x7f" and char != "\ufffd")
    if good >= 20 * bad or (good >= 2 and bad == 1 and text.endswith("\ufffd")):
        return Decoded(text=text, encoding="utf-8", replaced=bad)
    return None


def _east_asian(data: bytes) -> Decoded | None:
    sample = data[:_SAMPLE]
    runs = _HIGH.findall(sample)
    if not runs:
        return None
    best: tuple[float, str] | None = None
    for name in _EAST_ASIAN:
        try:
            text = codecs.getincrementaldecoder(name)().decode(sample)
        except UnicodeDecodeError:
            continue
        score = _score(text, name)
        if score > _ENOUGH and (best is None or score > best[0]):
            best = (score, name)
    if best is None:
        return None
    whole = _strict(data, best[1])
    return Decoded(text=whole, encoding=best[1]) if whole is not None else _lenient(data, best[1])


def _score(text: str, name: str) -> float:
    """Share of the non-ASCII characters that are very common in the language of the encoding."""
    wide = [char for char in text if char > "\x7f"]
    if not wide:
        return 0.0
    common = COMMON[name]
    odd = sum(1 for char in wide if _ODD.match(char) or "\uff61" <= char <= "\uff9f" or char < "\u0250")
    return (sum(1 for char in wide if char in common) - odd) / len(wide)


def _single_byte(data: bytes) -> Decoded:
    """One byte a character: Western where all its letters are, else what the statistics of charset-normalizer say."""
    western = _strict(data, "cp1252")
    if western is not None:
        high = [char for char in western[:_SAMPLE] if char > "\x7f"]
        if sum(1 for char in high if char in _WESTERN) >= 0.97 * len(high):
            return Decoded(text=western, encoding="cp1252")
    from charset_normalizer import from_bytes

    found = from_bytes(data[:_SAMPLE], cp_exclusion=list(_NOT_SINGLE)).best()
    for name in [found.encoding, "cp1252"] if found is not None else ["cp1252"]:
        text = _strict(data, name)
        if text is not None:
            return Decoded(text=text, encoding=name)
    return Decoded(text=data.decode("latin-1"), encoding="latin-1")
