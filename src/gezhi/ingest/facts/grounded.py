"""Is a fact in its passage? A model invents; what it writes counts only if both ends stand in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from gezhi.store.naming.names import key_words, name_key
from gezhi.types.facts import StatedFact

_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_TIME = re.compile(r"(\d{4})(?:-(\d\d?))?(?:-(\d\d?))?")
LONGEST_END, LONGEST_PREDICATE = 120, 60
"""Characters: what is longer is a sentence, not a name."""


class Text:
    """A passage with its title, to look names up in."""

    def __init__(self, title: str, text: str) -> None:
        words = key_words(f"{title}\n{text}")
        self._words = frozenset(words)
        self._joined = "".join(words)

    def holds(self, name: str) -> bool:
        """Whether every word of a name is in the text, and its Chinese characters stand there as written."""
        words = name_key(name).split()
        runs = _HAN_RUN.findall("".join(words))
        return bool(words) and all(
            word in self._words for word in words if not _HAN_RUN.fullmatch(word)
        ) and all(run in self._joined for run in runs)  # fmt: skip

    def says_time(self, time: str) -> bool:
        """Whether the year of a date, and its month if it has one, can have come from the text."""
        return time[:4] in self._joined


def grounded(facts: Iterable[StatedFact], title: str, text: str) -> list[StatedFact]:
    """Those whose subject and object are in the passage, each once; times that are not in it are dropped."""
    here = Text(title, text)
    kept: dict[StatedFact, None] = {}
    for fact in facts:
        if max(len(fact.subject), len(fact.object)) > LONGEST_END or len(fact.predicate) > LONGEST_PREDICATE:
            continue
        if not fact.predicate.strip() or name_key(fact.subject) == name_key(fact.object):
            continue
        if here.holds(fact.subject) and here.holds(fact.object):
            times = [time if time and here.says_time(time) else "" for time in (fact.valid_from, fact.valid_to)]
            kept[replace(fact, valid_from=times[0], valid_to=times[1])] = None
    return list(kept)


def as_time(written: str) -> str:
    """A date as models write it, in ISO 8601; empty if it is none."""
    match = _TIME.fullmatch(written.strip().replace("/", "-").replace(".", "-"))
    if match is None:
        return ""
    parts = [match[1], *(f"{int(part):02}" for part in (match[2], match[3]) if part)]
    if len(parts) > 1 and not 1 <= int(parts[1]) <= 12:
        return match[1]
    return "-".join(parts)
