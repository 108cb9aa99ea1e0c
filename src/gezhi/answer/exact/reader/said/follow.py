"""Questions that go on from others: `and in 2025?`, 最低的呢？, `who approved it?`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from gezhi.answer.exact.reader.said.cut import Mention, Values, mentions
from gezhi.answer.exact.reader.words import AMOUNTS, NUMBERS, PLACED
from gezhi.types.tables import ColumnType, TypedTable

_LEAD = re.compile(
    r"^(?:(?:and|but|also|so|then|or|only|just|what about|how about|what of)\b"
    r"|那么?|还有|另外|以及|如果是|换成|只看|仅)\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?:怎么样|如何|呢)?\s*[?？。.]*$")
"""Around what a follow-up says."""
_NTH = re.compile(
    rf"(?:the )?({'|'.join(PLACED)})(?: (?:one|most|largest|highest))?|第([二三四五])(?:名|个|位|高|多|大)?(?:的)?",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(?:its?|they|them|their|these|those|he|his|she|hers?)\b|[它他她其]|这[个些家]|那[个些家]|该", re.IGNORECASE
)
"""What was asked about before."""
_INSTEAD = (
    {"number"}, {"date"}, {"count"}, {"total", "average", "much"}, {"most", "least", "adjective"},
    {"latest", "earliest"}, {"above", "at_least", "below", "at_most"}, {"by_month", "by_quarter", "by_year"}, {"ask"},
)  # fmt: skip
_ADDS = ("value", "date")
_GROUPS = re.compile(r"(?:by|per|for each|for every|each|every)\b|按|每|各|分", re.IGNORECASE)
_PERIODS = ("by_month", "by_quarter", "by_year")
_OF_NUMBERS = ("total", "average", "much")
_EXTREMES = ("most", "least", "latest", "earliest", "adjective")
_ASKS = ("column", "who", "when", "where", "list")


def goes_on(question: str) -> bool:
    """Whether it begins as what only goes on from another: `and how many orders?`."""
    return _LEAD.match(question.strip()) is not None


def continued(questions: Sequence[str], table: TypedTable, values: Values, *, strict: bool = False) -> list[Mention]:
    """Of a question and those that go on from it: what is said later takes the place of what was said of the same
    column or kind, and `who approved it?` asks for another column of what was found. What asks for anything else is
    unknown; if it was not the last to ask, it is passed over, unless `strict`: a model may have understood it."""
    first, *later = questions
    said = mentions(first, table, values)
    for number, question in enumerate(later, start=1):
        text = _LEAD.sub("", _TAIL.sub("", question.strip())).strip()
        more = [one for one in mentions(text, table, values) if one.kind not in ("fill", "and")]
        more = [one for one in more if not _BACK.fullmatch("".join(one.words))]
        if (nth := _NTH.fullmatch(text)) is not None and any(one.kind in ("most", "least") for one in said):
            place = PLACED.get((nth[1] or "").casefold()) or NUMBERS[nth[2]]
            said = [replace(one, number=place) if one.kind in ("most", "least") else one for one in said]
            continue
        if _GROUPS.match(text) and _is_group(more):
            went_on = _grouped(said, more)
        elif _asks_of_it(text, more, said):
            went_on = _of_it(said, more)
        else:
            went_on = _instead(said, more)
        known = {id(one) for one in said}
        unread = any(one.kind == "unknown" and id(one) not in known for one in went_on)
        if strict or number == len(later) or not unread:
            said = went_on
    return said


def _is_group(more: Sequence[Mention]) -> bool:
    columns = [one for one in more if one.kind == "column"]
    periods = [one for one in more if one.kind in _PERIODS]
    return len(columns) + len(periods) == 1 and all(one.kind in ("column", "each", *_PERIODS) for one in more)


def _grouped(said: Sequence[Mention], more: Sequence[Mention]) -> list[Mention]:
    """`by region`, 按月: instead of what it was grouped by before."""
    kept = list(said)
    for before, one in pairwise(said):
        if before.kind == "each" and one.kind == "column":
            kept = [old for old in kept if old is not before and old is not one]
    kept = [old for old in kept if old.kind not in _PERIODS]
    marks = [one for one in more if one.kind != "column"] or [Mention(kind="each", words=("each",))]
    return [*kept, *marks, *(one for one in more if one.kind == "column")]


def _asks_of_it(text: str, more: Sequence[Mention], said: Sequence[Mention]) -> bool:
    """`what is its price?`, 什么时候到期, `what was their total amount`: another column of the same rows."""
    back = _BACK.search(text) is not None
    kinds = (*_ASKS, *(("total", "average") if back else ()))
    whole = all(one.kind in (*kinds, "ask", "much") for one in more) and any(one.kind in kinds for one in more)
    named = any(one.kind != "column" or not _numeric(one) for one in more if one.kind in kinds)
    after_another = any(one.kind == "column" and not _numeric(one) and not _is_flag(one) for one in said)
    return whole and (named or back or after_another)  # its customer, then its amount


def _of_it(said: Sequence[Mention], more: Sequence[Mention]) -> list[Mention]:
    """What is asked of the rows that were found; unknown where it was no row that was found, but a group of them."""
    extreme = any(one.kind in _EXTREMES for one in said)
    again = any(one.kind == "it" for one in said)
    grouped = any(one.kind == "each" or (one.kind == "column" and not _numeric(one)) for one in said)
    if (extreme and grouped and not again) or not (extreme or any(one.kind in _ADDS for one in said)):
        return [*said, Mention(kind="unknown", words=more[0].words)]
    kept = _conditions(said, extreme=extreme, again=again)
    lists = [one for one in more if one.kind == "list"]  # which a question begins with
    it = [Mention(kind="it", words=("it",))] if extreme else []
    return [*lists, *kept, *(one for one in more if one.kind != "list"), *it]


def _conditions(said: Sequence[Mention], *, extreme: bool, again: bool) -> list[Mention]:
    """Without what was asked for: of `how many were there in March?`, March."""
    if extreme:
        drop = ("who", "when", "where", "list", "it")
        return [one for one in said if not again or (one.kind not in drop and (one.kind != "column" or _numeric(one)))]
    numbers = any(one.kind == "number" for one in said)
    counted = {id(one) for before, one in pairwise(said) if before.kind == "count"}  # `how many incidents`
    return [
        one
        for one in said
        if one.kind not in (*_OF_NUMBERS, "count", "ask", "who", "when", "where", "list")
        and (one.kind != "column" or id(one) in counted or (numbers and _numeric(one)) or _is_flag(one))
    ]


def _is_flag(one: Mention) -> bool:
    return all(column.type is ColumnType.BOOLEAN for column in one.columns)


def _instead(said: list[Mention], more: Sequence[Mention]) -> list[Mention]:
    if any(one.kind in ("total", "average", "count") for one in more):
        more = [one for one in more if one.kind != "much"]  # 平均是多少
    slots = list(said)
    for at, one in enumerate(more):
        place = next((slot for slot, old in enumerate(slots) if _replaces(one, old)), None)
        if place is not None:
            said = [old for slot, old in enumerate(slots) if slot == place or not _replaces(one, old)]
            if "".join(slots[place].words) in AMOUNTS and one.kind == "average":
                one.words = slots[place].words  # of 总额, 平均呢 asks for the average of the same amount
            said[said.index(slots[place])] = one
        elif one.kind == "count" and any(old.kind in _OF_NUMBERS for old in said):
            counted = [old for old in said if not (old.kind == "column" and _numeric(old))]
            said = [one if old.kind in _OF_NUMBERS else old for old in counted]  # `and how many orders?`
        elif one.kind in _ADDS:
            said.append(one)
        elif one.kind != "only":
            return [*said, *(Mention(kind="unknown", words=rest.words) for rest in more[at:])]
        slots = list(said)
    return said


def _numeric(one: Mention) -> bool:
    return all(column.type.is_numeric for column in one.columns)


def _replaces(new: Mention, old: Mention) -> bool:
    if new.kind == old.kind == "value":
        return bool({c.key for c in new.columns} & {c.key for c in old.columns})
    if new.kind == old.kind == "column":
        return _numeric(new) == _numeric(old)
    return any(new.kind in kinds and old.kind in kinds for kinds in _INSTEAD)
