"""Notes below the rows of a table, `Note: fees include VAT`, 注：单位为元: lines of a sheet and no rows of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_NOTE = re.compile(
    r"\s*(?:(?:注|备注|说明|附注|注释|数据来源|来源|制表|填表人?|编制人?|审核人?|制表人)\s*[\d一二三]?\s*[:：]"
    r"|[*※]|(?:notes?|source|remarks?|prepared by|legend)\b\s*\d?\s*[:：.])",
    re.IGNORECASE,
)
_SENTENCE, _LONGER = 24, 2
"""Letters of a line that can only be a sentence (a Chinese one has half as many), and how many times longer it is than
any first cell."""


def notes_below(rows: Sequence[Sequence[str]], totals: Collection[int]) -> set[int]:
    """Places of the last rows where the first cell says something and all others are empty, if that is begun as a
    note is, stands below a totals row, or is much longer than what stands above it."""
    end = len(rows)
    while end > 1 and _alone(rows[end - 1]):
        end -= 1
    above = [row for at, row in enumerate(rows[:end]) if at not in totals]
    if end == len(rows) or not above or len(rows[0]) < 3 or any(_alone(row) for row in above):
        return set()
    longest = max(len(row[0]) for row in above)
    summed = any(at in totals for at in range(end))

    def is_note(text: str) -> bool:
        length = sum(2 if character > "\u2e80" else 1 for character in text)
        return bool(_NOTE.match(text)) or summed or (length >= _SENTENCE and len(text) > _LONGER * longest)

    return {at for at in range(end, len(rows)) if not any(rows[at]) or is_note(rows[at][0])}


def _alone(row: Sequence[str]) -> bool:
    return not any(row[1:])
