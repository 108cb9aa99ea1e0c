"""Is a question open, exact, or both? Decided by its words and the tables at hand, with a reason that can be shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from gezhi.answer.exact.clauses import clauses, described
from gezhi.answer.exact.reader.plan import Shape
from gezhi.answer.exact.reader.read import CannotRead, Reading, read
from gezhi.answer.exact.reader.said.cut import Mention, Values, mentions
from gezhi.answer.exact.reader.words import COUNTERS, ROW_WORDS, stem, tokens
from gezhi.types.tables import TypedTable

_OPERATIONS = frozenset(
    re.findall(
        r"\w+",
        "count total average most least latest earliest top distinct each above at_least below at_most or_more or_less "
        "between next previous difference many_more adjective common fastest overspent",
    )
)
_OPEN = re.compile(
    r"\b(why|how (?:to|do|does|did|can|is|are|was|were|should)|explain|describe|summari[sz]e|what does .* mean|"
    r"reasons?|causes?|advise|opinion)\b|为什么|为何|如何|怎么|怎样|解释|说明|总结|概括|原因|介绍|意义|含义",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"\bhow much\b|多少|几何", re.IGNORECASE)
_SURE = 0.6
_LIKELY = 0.4
_MUCH = 2
"""Words that a table does not know, for a clause that names it to be for texts all the same."""


class RouteKind(StrEnum):
    OPEN = "open"
    EXACT = "exact"
    BOTH = "both"


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    kind: RouteKind
    reason: str
    coverage: float = 0.0
    """Share of the content words that the best table accounts for."""
    forced: bool = False
    only: bool = False
    """Whether texts cannot answer it."""
    asked: str = ""
    """Of a question that is both: the part that a table answers, if it can be told from the rest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """How much of a question one table accounts for."""

    coverage: float
    operations: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[str, ...]
    unknown: int = 0
    """Words, or pairs of Chinese characters, that it does not account for."""
    of_all: bool = False
    """Whether it asks how much each has, or which ones have none: no operation, but about all rows."""
    foreign: str = ""
    """What is to be counted, if the table says nothing of it: `how many stock options` of a table of plants."""


def route(
    question: str,
    tables: Sequence[TypedTable],
    values: Values,
    reading: Reading | CannotRead | None = None,
    *,
    force: RouteKind | None = None,
) -> Route:
    """`tables`: those linked to the question. `force`: the asker's own choice."""
    if force is not None:
        return Route(kind=force, reason="chosen by the setting", forced=True)
    if not tables:
        return Route(kind=RouteKind.OPEN, reason="no table fits the question")
    fits = [fit(question, table, values) for table in tables]
    best = max(fits, key=_rank)
    explains = _OPEN.search(question)
    if explains and isinstance(reading, Reading) and _is_named(explains.group(), reading.plan.table):
        explains = None  # `which root cause is the most common`
    linked = bool(best.columns or best.values)
    said = ", ".join((*best.operations, *best.columns, *best.values)[:5])
    if not isinstance(reading, Reading) and (thing := _described(question, tables, values)) is not None:
        return thing
    if (two := _two_questions(question, tables, values)) is not None:
        return two
    if explains and linked and best.operations and best.coverage >= _LIKELY:
        return Route(
            kind=RouteKind.BOTH, coverage=best.coverage,
            reason=f"it asks for an explanation ({explains.group()}) and for data in a table ({said})",
        )  # fmt: skip
    if explains:
        return Route(
            kind=RouteKind.OPEN, coverage=best.coverage, reason=f"it asks for an explanation ({explains.group()})"
        )
    if isinstance(reading, Reading):
        name = reading.plan.table.name
        return Route(kind=RouteKind.EXACT, coverage=1.0, reason=f"every word of it is found in the table {name}")
    if all(one.foreign for one in fits):
        reason = f"no table is of what is to be counted: {best.foreign}"
        return Route(kind=RouteKind.OPEN, coverage=best.coverage, reason=reason)
    if linked and best.operations and best.coverage >= _LIKELY:
        return Route(kind=RouteKind.EXACT, coverage=best.coverage, reason=f"an operation over a table: {said}")
    if len(best.columns) + len(best.values) > 1 and best.coverage >= _SURE:
        return Route(kind=RouteKind.EXACT, coverage=best.coverage, reason=f"columns and values of a table: {said}")
    if linked and best.operations and best.coverage >= _LIKELY - 0.15:
        return Route(kind=RouteKind.BOTH, coverage=best.coverage, reason=f"a table says only a part of it: {said}")
    return Route(kind=RouteKind.OPEN, coverage=best.coverage, reason="no table accounts for what it asks")


def _two_questions(question: str, tables: Sequence[TypedTable], values: Values) -> Route | None:
    """`how many were sold, and why was it stopped?`: one clause for a table, another that no table accounts for."""
    parts = clauses(question)
    if len(parts) < 2:
        return None
    computed = told = ""
    coverage = 0.0
    for clause in parts:
        best = max((fit(clause, table, values) for table in tables), key=_rank)
        linked = bool(best.columns or best.values)
        explains = _OPEN.search(clause)
        if not explains and linked and (best.operations or _AMOUNT.search(clause)) and best.coverage >= _LIKELY:
            computed, coverage = computed or clause, max(coverage, best.coverage)
        elif explains or not linked or (not best.operations and best.unknown >= _MUCH):
            told = told or clause
    if not computed or not told:
        return None
    reason = f"a table says “{computed}”, texts say “{told}”"
    return Route(kind=RouteKind.BOTH, coverage=coverage, reason=reason, asked=computed)


def _described(question: str, tables: Sequence[TypedTable], values: Values) -> Route | None:
    """隐患最多的季度发生了什么事故: a table says which one is meant, and nothing of what is asked about it."""
    for part, rest in described(question):
        found = read(part, tables, values)
        if not isinstance(found, Reading) or found.plan.shape is not Shape.EXTREME:
            continue
        left = mentions(rest, found.plan.table, values)
        if _unknown(left) and not any(one.kind in ("column", "value") for one in left):
            reason = f"a table says “{part}”, texts say the rest"
            return Route(kind=RouteKind.BOTH, coverage=_LIKELY, reason=reason, asked=part)
    return None


def fit(question: str, table: TypedTable, values: Values) -> Fit:
    found = mentions(question, table, values)
    content = [one for one in found if one.kind not in ("fill", "ask", "who", "when", "where", "and", "list")]
    known = [one for one in content if one.kind != "unknown"]
    return Fit(
        coverage=len(known) / max(1, len(content)),
        operations=tuple(" ".join(one.words) for one in found if one.kind in _OPERATIONS or one.kind == "count"),
        columns=tuple(dict.fromkeys(one.columns[0].name for one in found if one.kind == "column")),
        values=tuple(dict.fromkeys(one.value for one in found if one.kind == "value")),
        unknown=_unknown(found),
        of_all=_of_all(found),
        foreign=_foreign(found, table),
    )


def _of_all(found: Sequence[Mention]) -> bool:
    kinds = {one.kind for one in found}
    each = any(one.kind == "each" and one.words != ("分", "别") for one in found)
    return "column" in kinds and ((each and "much" in kinds) or ("not" in kinds and bool(kinds & {"list", "ask"})))


def _is_named(word: str, table: TypedTable) -> bool:
    return any(word.casefold() in column.name.casefold() for column in table.columns)


def _unknown(found: Sequence[Mention]) -> int:
    words = [word for one in found if one.kind == "unknown" for word in one.words if word not in COUNTERS]
    return (2 * sum(word.isascii() for word in words) + sum(not word.isascii() for word in words)) // 2


def _foreign(found: Sequence[Mention], table: TypedTable) -> str:
    """The words right after `how many`, up to the next that the table or the language knows."""
    about = " ".join(
        (table.name, table.key, table.source, table.title, *table.headings, *(column.name for column in table.columns))
    )
    known = {stem(word) for word in tokens(about.replace("_", " "))} | {stem(word) for word in ROW_WORDS | COUNTERS}
    for at, one in enumerate(found):
        if one.kind != "count" or not one.words[0].isascii():
            continue
        run = list(takewhile(lambda other: other.kind == "unknown", found[at + 1 :]))
        words = [word for other in run for word in other.words]
        follows = found[at + 1 + len(run)] if at + 1 + len(run) < len(found) else None
        noun_follows = follows is not None and follows.kind in ("column", "value")  # `how many home games`
        if words and not noun_follows and not any(stem(word) in known for word in words):
            return " ".join(words)
    return ""


def _rank(one: Fit) -> tuple[bool, float, int]:
    return (bool(one.columns or one.values), one.coverage, len(one.columns) + len(one.values))
