"""What the reader has to know of a column."""

from __future__ import annotations

import re

from gezhi.answer.exact.reader.plan import Filter, Plan, Test
from gezhi.answer.exact.reader.said.cut import IN_BRACKETS, Mention
from gezhi.answer.exact.reader.words import NUMBERED, RANKS, YEARS, stem, tokens
from gezhi.types.tables import Column, ColumnType

_OF_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_ENDS_IN_YEAR = re.compile(r"年[份度]?$")


class Unclear(Exception):
    """This table does not answer it."""


def key_words_of(column: Column) -> list[str]:
    name = IN_BRACKETS.sub("", column.name) if column.unit else column.name  # 销售额（元）
    words = tokens((name or column.name).replace("_", " "))
    return [*words, "".join(words)] if words and not words[0].isascii() else words


def is_date(column: Column) -> bool:
    if column.type is ColumnType.DATE:
        return True
    if column.type is not ColumnType.INTEGER or _OF_YEAR.search(column.name):
        return False  # 2024年销售额 is an amount
    words = key_words_of(column)
    return bool(YEARS & set(words)) if words and words[0].isascii() else bool(_ENDS_IN_YEAR.search(column.name.strip()))


def is_rank(column: Column) -> bool:
    """Where 1 is the best: `Final rank`, `No.`; not `Number of towns`."""
    words = [stem(word) for word in key_words_of(column)]
    return bool(words) and (words[-1] in RANKS if len(words) == 1 else words[-1] in RANKS - NUMBERED)


def is_filtered(column: Column, plan: Plan) -> bool:
    """A column named beside its value or number: `region Europe`."""
    return any(one.column.key == column.key for one in plan.filters)


def in_unit(one: Mention, column: Column) -> float:
    """A number said with a word of scale, as the column counts: 100万元 is 100 where the unit is 万元."""
    if len(one.words) == 1:
        return one.number
    if column.unit.casefold().startswith(one.words[1]):
        return float(one.words[0])
    if one.words[1].isascii():
        raise Unclear(f"whether the column counts in {one.words[1]}s is not clear")
    return one.number


def dated(column: Column, test: Test, values: tuple[str, ...]) -> Filter:
    if column.type is ColumnType.INTEGER:
        if any(len(value) != 4 for value in values):
            raise Unclear("a column of years has no months")
        return Filter(column=column, test=test, values=tuple(int(value) for value in values))
    return Filter(column=column, test=test, values=values, prefix=len(values[0]))
