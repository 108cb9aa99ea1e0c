"""What a question says that a cell may hold: the texts that a query's conditions can be made of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gezhi.answer.exact.reader.words import MONTHS, filling, marks, tokens

_ASKING = ("ask", "who", "when", "where", "or", "and", "to", "than", "list")
LONGEST = 6
"""Words of a span; Chinese LONGEST_CHINESE characters."""
LONGEST_CHINESE = 10
_HAN = re.compile(r"[\u3400-\u9fff]+")
_CAPITAL = re.compile(r"(?<!\w)(?<!\w['’])[^\W\d_]")
_EDGES = "\"'“”‘’?？!！,，.。:：;；()（）"
_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
_MONTH = re.compile(
    rf"\b({_NAMES})\b\.?(?:[ ,]+(\d{{1,2}})(?!\d))?(?:[ ,]+(?:of )?(\d{{4}}))?",
    re.IGNORECASE,
)
_CHINESE_MONTH = re.compile(r"(?:(\d{4})\s*年\s*)?(\d{1,2})\s*月(?:\s*(\d{1,2})\s*[日号])?")


def spans(question: str) -> list[str]:
    """Runs of its words that do not begin or end with one that only asks, as written, without a plural's s, and with
    capitals, as names have them; runs
    of Chinese characters; its dates as ISO has them."""
    found: dict[str, None] = {}
    words = list(re.finditer(r"\S+", question))
    for first in range(len(words)):
        for last in range(first, min(first + LONGEST, len(words))):
            text = question[words[first].start() : words[last].end()].strip(_EDGES)
            text = re.sub(r"['’]s?$", "", text)
            if not text or _HAN.search(text) or _only_asks(words[first].group()) or _only_asks(words[last].group()):
                continue
            for form in (text, text[:-1]) if len(text) > 3 and text.endswith("s") else (text,):
                found[form] = None
                found[_CAPITAL.sub(lambda letter: letter.group().upper(), form)] = None
    for run in _HAN.finditer(question):
        for first in range(len(run.group())):
            for size in range(2, LONGEST_CHINESE + 1):
                if first + size <= len(run.group()):
                    found[run.group()[first : first + size]] = None
    found |= dict.fromkeys(_dates(question))
    return list(found)


def _only_asks(word: str) -> bool:
    piece = tuple(tokens(word))
    return not piece or (len(piece) == 1 and (piece in filling() or marks().get(piece) in _ASKING))


def _dates(question: str) -> Iterator[str]:
    for match in _MONTH.finditer(question):
        month = f"{MONTHS[match[1].casefold()]:02d}"
        day = f"-{int(match[2]):02d}" if match[2] else ""
        yield f"{match[3]}-{month}{day}" if match[3] else f"-{month}-{day[1:]}"
    for match in _CHINESE_MONTH.finditer(question):
        day = f"-{int(match[3]):02d}" if match[3] else ""
        yield f"{match[1]}-{int(match[2]):02d}{day}" if match[1] else f"-{int(match[2]):02d}-{day[1:]}"
