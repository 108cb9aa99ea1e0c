"""Traces of questions and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gezhi.store.rows.encoding import dump_spans, spans
from gezhi.store.rows.part import StorePart
from gezhi.store.schema import trace_owners, trace_quotes, traces
from gezhi.types import Scope, Trace


class TraceRows(StorePart):
    def save_trace(self, trace: Trace, owner: frozenset[str]) -> None:
        self.save_traces([(trace, owner)])

    def save_traces(self, saved: Sequence[tuple[Trace, frozenset[str]]], *, keep: int | None = None) -> None:
        with self.database.write() as connection:
            connection.execute(sa.delete(traces).where(traces.c.id.in_([trace.id for trace, _ in saved])))
            rows = [
                {
                    "id": trace.id,
                    "kind": trace.kind,
                    "started": trace.spans[0].start if trace.spans else 0.0,
                    "spans": dump_spans(trace.spans),
                }
                for trace, _ in saved
            ]
            if rows:
                connection.execute(sa.insert(traces), rows)
            owners = [{"trace": trace.id, "principal": name} for trace, owner in saved for name in sorted(owner)]
            if owners:
                connection.execute(sa.insert(trace_owners), owners)
            quotes = [{"trace": trace.id, "document": name} for trace, _ in saved for name in trace.quoted]
            if quotes:
                connection.execute(sa.insert(trace_quotes), quotes)
            if keep is not None:
                newest_first = sa.select(traces.c.started).order_by(traces.c.started.desc())
                oldest_kept = connection.scalar(newest_first.offset(keep - 1).limit(1))
                if oldest_kept is not None:
                    connection.execute(sa.delete(traces).where(traces.c.started < oldest_kept))

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
