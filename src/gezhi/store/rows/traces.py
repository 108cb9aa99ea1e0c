"""Traces of questions and jobs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gezhi.store.rows.encoding import dump_spans, spans
from gezhi.store.rows.part import StorePart
from gezhi.store.schema import trace_owners, traces
from gezhi.types import Scope, Trace


class TraceRows(StorePart):
    def save_trace(self, trace: Trace, owner: frozenset[str]) -> None:
        started = trace.spans[0].start if trace.spans else 0.0
        with self.database.write() as connection:
            connection.execute(sa.delete(traces).where(traces.c.id == trace.id))
            connection.execute(
                sa.insert(traces).values(id=trace.id, kind=trace.kind, started=started, spans=dump_spans(trace.spans))
            )
            if owner:
                rows = [{"trace": trace.id, "principal": principal} for principal in sorted(owner)]
                connection.execute(sa.insert(trace_owners), rows)

    def trace(self, trace_id: str, scope: Scope) -> Trace | None:
        query = sa.select(traces).where(traces.c.id == trace_id, _visible(scope))
        with self.database.read() as connection:
            row = connection.execute(query).first()
        return _trace(row) if row else None

    def traces(self, scope: Scope, *, kind: str = "", limit: int = 50) -> list[Trace]:
        query = sa.select(traces).where(_visible(scope)).order_by(traces.c.started.desc(), traces.c.id).limit(limit)
        if kind:
            query = query.where(traces.c.kind == kind)
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        return [_trace(row) for row in rows]


def _trace(row: sa.Row[Any]) -> Trace:
    return Trace(id=row.id, kind=row.kind, spans=spans(row.spans))


def _visible(scope: Scope) -> sa.ColumnElement[bool]:
    """A trace may hold what its asker saw: it takes all the principals of that scope to see it."""
    if scope.unrestricted:
        return sa.true()
    owned = trace_owners.c.trace == traces.c.id
    foreign = trace_owners.c.principal.not_in(sorted(scope.principals))
    return sa.and_(sa.exists().where(owned), ~sa.exists().where(owned, foreign))
