"""An exact question answered from some tables: by rules where they are sure, else by SQL that a model writes."""

from __future__ import annotations

from dataclasses import dataclass, field

from gezhi.answer.exact.writer import Attempt, write_sql
from gezhi.llm.protocol import ChatModel
from gezhi.retrieve.tables.link import Terms
from gezhi.retrieve.tables.workspace import QueryResult, Workspace
from gezhi.types import Usage


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


def answer_exactly(question: str, space: Workspace, chat: ChatModel | None, terms: Terms) -> Exact:
    """Raises ModelUnavailable and ModelFailed."""
    if chat is None:
        return Exact(result=None, by="rules", sql="", reason="No chat model is installed.")
    written = write_sql(question, space, chat, terms)
    reason = "" if written.result else (written.attempts[-1].problem if written.attempts else "No query was written.")
    return Exact(
        result=written.result,
        by="model",
        sql=written.sql,
        attempts=written.attempts,
        reason=reason,
        usage=written.usage,
    )
