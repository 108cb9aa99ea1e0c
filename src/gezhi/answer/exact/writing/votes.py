"""Several tries of a small model at one query: where they give different results, it hardly knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from gezhi.retrieve.tables.workspace import QueryResult
from gezhi.types import Usage
from gezhi.types.tables import Value

WARM = 0.7
"""Temperature of the further tries."""
FIRST, MOST = 2, 4
"""Further tries at first, and where those do not all agree. With FIRST, all agreed on 37 of 55 questions of spider_dev
and on 35 of 59 of wtq_train600; of the others 5 of 18 and 1 of 24 were right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    sql: str
    problem: str
    """What the database said; empty if it ran and found something."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    result: QueryResult | None
    """None if no query could be run."""
    attempts: tuple[Attempt, ...]
    usage: Usage = field(default_factory=Usage)
    tries: int = 1
    agreed: int = 1
    """Of the tries, those whose result this is."""

    @property
    def sql(self) -> str:
        return self.result.sql if self.result else self.attempts[-1].sql if self.attempts else ""


def vote(written: Written, sample: Callable[[int], QueryResult | None], *, sure: bool) -> Written:
    """The result that most tries give; of several such, the first try's. `sure`: none unless the first three agree."""
    found = not written.attempts or not written.attempts[-1].problem
    if sure and not found:
        return written
    results = [written.result if found else None]
    for seed in range(1, FIRST + 1):
        results.append(sample(seed))
        if sure and result_key(results[-1]) != result_key(results[0]):
            problem = "Several tries at a query gave different results."
            attempts = (*written.attempts, Attempt(sql=written.sql, problem=problem))
            return Written(result=None, attempts=attempts, tries=len(results), agreed=1)
    if len({result_key(one) for one in results}) > 1 or not found:
        results += [sample(seed) for seed in range(FIRST + 1, MOST + 1)]
    counts = Counter(result_key(one) for one in results if one is not None)
    most = max(counts.values(), default=0)
    if not found and most < 2:
        return written
    best = next(one for one in results if one is not None and counts[result_key(one)] == most)
    return replace(written, result=best, tries=len(results), agreed=most)


def result_key(result: QueryResult | None) -> tuple[tuple[str, ...], ...] | None:
    """The same for the same rows, whatever the order of rows and columns."""
    if result is None:
        return None
    return tuple(sorted(tuple(sorted(map(_text, row))) for row in _rows(result)))


def _rows(result: QueryResult) -> Sequence[Sequence[Value]]:
    return result.rows


def _text(value: Value) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)
