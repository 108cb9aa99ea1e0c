"""Reads a question into a plan by rules, or says that it cannot: every content word has to be accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gezhi.answer.exact.reader.columns import Unclear
from gezhi.answer.exact.reader.conditions import conditions
from gezhi.answer.exact.reader.plan import Plan, sql
from gezhi.answer.exact.reader.said.cut import (
    Mention,
    Values,
    in_other_language,
    name_words,
    other_takings,
    plain_words,
    verb_forms,
)
from gezhi.answer.exact.reader.sentence import Sentence
from gezhi.answer.exact.reader.shapes import shape
from gezhi.answer.exact.reader.words import stem
from gezhi.types.language import cjk_count
from gezhi.types.tables import ColumnType, TypedTable
from gezhi.types.units import UnitKind, unit_kind

_NUMBERS = frozenset(["id", "code", "name", "date", "time", "at", "on", "by", "to", "year", "avg"])
_ASKS = ("ask", "who", "when", "where", "count", "much")
_HARMLESS = ("fill", "ask", "than", "list", "and", "only", "it")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    plan: Plan
    covered: float
    """Share of the question's content words that the plan accounts for: 1 for a Reading."""

    @property
    def sql(self) -> str:
        return sql(self.plan)


@dataclass(frozen=True, kw_only=True, slots=True)
class CannotRead:
    reason: str
    covered: float = 0.0
    unknown: tuple[str, ...] = ()


def read(
    question: str,
    tables: Sequence[TypedTable],
    values: Values,
    earlier: Sequence[str] = (),
    *,
    strict: bool = False,
) -> Reading | CannotRead:
    """The one reading over one of the tables; where two tables give a reading, the question is not clear enough.
    `earlier`: the questions that it goes on from. `strict`: every one of them has to be understood."""
    found: list[Reading] = []
    failed: list[CannotRead] = []
    for table in tables:
        one = _read(Sentence(question, table, values, earlier, strict=strict))
        if isinstance(one, Reading):
            found.append(one)
        else:
            failed.append(one)
    own = [one for one in found if bool(cjk_count(question)) == bool(cjk_count(_header(one.plan.table)))]
    if len(found) == 1 or len(own) == 1:
        return (own or found)[0]  # a table in the question's language comes before those a glossary translates
    if found:
        names = ", ".join(one.plan.table.name for one in found[:3])
        return CannotRead(reason=f"several tables could answer it: {names}", covered=1.0)
    return max(failed, key=lambda one: one.covered, default=CannotRead(reason="there is no table"))


def names_rows(question: str, table: TypedTable, values: Values) -> bool:
    """Whether it says itself what it asks about: `how many orders`, not `what was their total`."""
    return Sentence(question, table, values).named_itself()


def _read(sentence: Sentence) -> Reading | CannotRead:
    unknown = tuple(word for one in sentence.all if one.kind == "unknown" for word in one.words)
    content = [one for one in sentence.all if one.kind != "fill"]
    covered = 1 - sum(one.kind == "unknown" for one in content) / max(1, len(content))
    if unknown:
        text = ", ".join(unknown) if unknown[0].isascii() else "".join(unknown)
        return CannotRead(reason=f"the table says nothing of {text}", covered=covered, unknown=unknown)
    try:
        plan = _plan(sentence)
    except Unclear as no:
        return CannotRead(reason=str(no), covered=covered)
    for one in sentence.all:
        if one.kind == "column" and one.words[0].isascii() and _is_part(one):
            return CannotRead(reason=f"only a part of a column's name: {' '.join(one.words)}", covered=covered * 0.9)
    for one in sentence.all[3:]:
        if one.kind == "list" and one.words[0].isascii():
            return CannotRead(reason=f"no sense was found for: {' '.join(one.words)}", covered=covered * 0.9)
    left = [one for one in sentence.all if not one.used and one.kind not in _HARMLESS]
    if left:
        words = ", ".join(" ".join(one.words) for one in left)
        return CannotRead(reason=f"no sense was found for: {words}", covered=covered * 0.9)
    return Reading(plan=plan, covered=1.0)


def _header(table: TypedTable) -> str:
    return " ".join(column.name for column in table.columns)


def _is_part(one: Mention) -> bool:
    """Of the words of its name, of `目录价 List price` those of the one language; `product` says a product_code."""
    if tuple(map(stem, one.words)) in in_other_language(one.columns[0]):
        return False
    said = {form for word in one.words for form in (stem(word), *verb_forms(word))}  # `hired` says a hire date
    others = (plain_words(one.columns[0]), *other_takings(one.columns[0]))
    if any(name != name_words(one.columns[0]) and set(name) - said <= _NUMBERS for name in others):
        return False
    if one.columns[0].type is ColumnType.NUMBER and said >= set(plain_words(one.columns[0])[-1:]):
        return False  # `the price` of a unit price
    name = [word for word in name_words(one.columns[0]) if word.isascii()]
    return len(one.words) < len(name) and not set(name) - said <= _NUMBERS


def _total_meant(sentence: Sentence, one: Mention, name: str) -> None:
    """Of money that a column called Total holds, the total is that of this column; `highest total` names it."""
    own = next(column for column in sentence.table.columns if column.name == name)
    if one.kind != "total" or unit_kind(own.unit) is not UnitKind.CURRENCY:
        raise Unclear(f"whether the column {name} is meant or the operation is not clear")
    named = {column for m in sentence.all if m.kind == "column" for column in m.columns if column.type.is_numeric}
    if sentence.has("most", "least") and sentence.has("number"):
        raise Unclear("the total of the first few is asked for")
    if sentence.has("most", "least", "average"):
        one.kind, one.columns = "column", (own,)
    elif not named:
        sentence.summed = True
        one.kind, one.columns = "column", (own,)
    elif own not in named:
        raise Unclear(f"whether the column {name} is meant or the operation is not clear")


def _plan(sentence: Sentence) -> Plan:
    names = {name_words(column): column.name for column in sentence.table.columns}
    for one in sentence.all:
        if one.kind in ("total", "average", "count", "difference") and (name := names.get(one.words)):
            _total_meant(sentence, one, name)
    asks = [one.kind in _ASKS for one in sentence.all if one.kind in (*_ASKS, "and") and one.words[0].isascii()]
    if asks.count(True) > 1 and False in asks[asks.index(True) :]:
        raise Unclear("it asks two questions")  # `who won, and what is its price`
    either = bool(sentence.take("or"))
    filters = conditions(sentence)
    if sentence.has("not"):
        raise Unclear("it says what is not")
    return shape(sentence, filters, either)
