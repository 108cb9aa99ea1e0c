"""An exact question answered from some tables: by rules where they are sure, else by SQL that a model writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gezhi.answer.exact.cells.run import read_statements, run_cells
from gezhi.answer.exact.doubt import doubt
from gezhi.answer.exact.reader import Reading, Values, read
from gezhi.answer.exact.reader.read import CannotRead
from gezhi.answer.exact.writing.votes import Attempt
from gezhi.answer.exact.writing.writer import MOST_REPAIRS, write_sql
from gezhi.llm.protocol import ChatModel
from gezhi.retrieve.tables.link import Terms, distinct_values
from gezhi.retrieve.tables.workspace import QueryResult, Space
from gezhi.types import SqlFailed, SqlRefused, Usage
from gezhi.types.tables import ColumnType, TypedTable


@dataclass(frozen=True, kw_only=True, slots=True)
class Exact:
    result: QueryResult | None
    """None if no query answers the question."""
    by: str
    """`rules` or `model`."""
    sql: str
    attempts: tuple[Attempt, ...] = ()
    reason: str = ""
    """Why there is no result."""
    usage: Usage = field(default_factory=Usage)
    tries: int = 1
    agreed: int = 1
    """Of the model's tries, those with this result."""


def values_of(space: Space, tables: Sequence[TypedTable] | None = None) -> Values:
    """Distinct values of the columns of texts and dates."""
    return {
        (table.key, column.key): distinct_values(space, table, column)
        for table in (space.tables if tables is None else tables)
        for column in table.columns
        if column.type in (ColumnType.TEXT, ColumnType.DATE)
    }


def answer_exactly(
    question: str,
    space: Space,
    chat: ChatModel | None,
    terms: Terms,
    reading: Reading | CannotRead | None = None,
    *,
    repairs: int = MOST_REPAIRS,
    sure: bool = False,
    whole: Space | None = None,
) -> Exact:
    """`reading`: if it was read already. `repairs`: further tries. `sure`: none where a small model's tries differ.
    `whole`: the same tables with totals rows, for questions about cells. Raises ModelUnavailable and ModelFailed."""
    if whole is not None and (told := _from_cells(question, whole)) is not None:
        return told
    if reading is None:
        reading = read(question, space.tables, values_of(space))
    by_rules = _by_rules(question, space, reading)
    if by_rules.result is not None or chat is None:
        return by_rules
    written = write_sql(question, space, chat, terms, repairs=repairs, sure=sure)
    reason = "" if written.result else (written.attempts[-1].problem if written.attempts else "no query was written")
    return Exact(
        result=written.result,
        by="model",
        sql=written.sql,
        attempts=written.attempts,
        reason=reason,
        usage=written.usage,
        tries=written.tries,
        agreed=written.agreed,
    )


def _from_cells(question: str, whole: Space) -> Exact | None:
    read_so = [cells for cells in read_statements(question, whole) if cells is not None]
    result = run_cells(read_so[0], whole) if len(read_so) == 1 else None
    return None if result is None else Exact(result=result, by="rules", sql=result.sql)


def _by_rules(question: str, space: Space, reading: Reading | CannotRead) -> Exact:
    if isinstance(reading, CannotRead):
        return Exact(result=None, by="rules", sql="", reason=reading.reason)
    try:
        result = space.run(reading.sql)
    except (SqlFailed, SqlRefused) as error:
        return Exact(result=None, by="rules", sql=reading.sql, reason=str(error))
    reason = doubt(reading, result.rows, question)
    return Exact(result=None if reason else result, by="rules", sql=result.sql, reason=reason)
