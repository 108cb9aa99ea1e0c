"""A second look, once the query has run."""

from __future__ import annotations

from collections.abc import Sequence

from gezhi.answer.exact.reader.plan import Aggregate, Shape
from gezhi.answer.exact.reader.read import Reading
from gezhi.answer.exact.reader.said.cut import mentions


def doubt(reading: Reading, rows: Sequence[Sequence[object]], question: str) -> str:
    """Why the result is no answer to the question, though the query ran; empty if it is one."""
    plan = reading.plan
    if not rows or all(value is None for row in rows for value in row):
        return "how many are meant is not clear" if plan.counts_all else "no row fits, or its cells are empty"
    if plan.shape is Shape.EXTREME and any(
        str(row[0]).casefold().startswith(("total", "合计", "总计")) for row in rows
    ):
        return "the row found seems to hold totals"
    single = plan.shape in (Shape.ROWS, Shape.EXTREME) and plan.aggregate is Aggregate.NONE and not plan.limit
    several = {"list", "name all", "all"} & {one.kind for one in mentions(question, plan.table, {})}
    if single and not several and not plan.several and len({tuple(row) for row in rows}) > 1:
        return f"{len(rows)} rows fit where the question seems to ask for one"
    return ""
