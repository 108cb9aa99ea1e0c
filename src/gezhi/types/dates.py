"""Dates in names and titles of documents."""

from __future__ import annotations

import re

_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)"
    r"(?:\s*年\s*(?P<month>1[0-2]|0?[1-9])\s*月(?:\s*(?P<day>3[01]|[12]\d|0?[1-9])\s*日)?"
    r"|[-./_](?P<month2>1[0-2]|0?[1-9])(?:[-./_](?P<day2>3[01]|[12]\d|0?[1-9]))?(?!\d)"
    r"|(?P<month3>1[0-2]|0[1-9])(?P<day3>3[01]|[12]\d|0[1-9])(?!\d)"
    r"|\s*年|(?![\d.,]*\d))"
)


def date_in(text: str) -> str:
    """The latest date that a title or file name holds, as exact as it is written: 2024-08-21, 2024-08 or 2024; empty if
    there is none."""
    found = []
    for match in _DATE.finditer(text):
        month = match["month"] or match["month2"] or match["month3"]
        day = match["day"] or match["day2"] or match["day3"]
        parts = [match["year"], *(f"{int(part):02}" for part in (month, day) if part)]
        found.append("-".join(parts))
    return max(found, default="")
