"""The store over any SQL database: its parts put together."""

from __future__ import annotations

import sqlalchemy as sa

from gezhi.store.protocol import StoreStatus
from gezhi.store.rows.documents import DocumentRows
from gezhi.store.rows.erasure import ErasureRows
from gezhi.store.rows.evaluations import EvaluationRows
from gezhi.store.rows.graph.facts import FactRows
from gezhi.store.rows.jobs.jobs import JobRows
from gezhi.store.rows.meta import revision
from gezhi.store.rows.search import SearchRows
from gezhi.store.rows.tables.reading import TableRows
from gezhi.store.rows.tables.views import ViewRows
from gezhi.store.rows.traces import TraceRows
from gezhi.store.rows.vector_cache import VectorRows
from gezhi.store.schema import documents, jobs, passages, sources, traces, vectors
from gezhi.types import JobState


class SqlStore(
    DocumentRows,
    SearchRows,
    VectorRows,
    JobRows,
    TraceRows,
    EvaluationRows,
    FactRows,
    TableRows,
    ViewRows,
    ErasureRows,
):
    """Implements `gezhi.store.protocol.Store`. Safe to use from several threads."""

    def status(self) -> StoreStatus:
        def count(table: sa.Table) -> sa.Select[int]:
            return sa.select(sa.func.count()).select_from(table)

        with self.database.read() as connection:
            return StoreStatus(
                path=self.database.location,
                engine=self.database.engine,
                revision=revision(connection),
                documents=connection.scalar(count(documents)) or 0,
                sources=connection.scalar(count(sources)) or 0,
                passages=connection.scalar(count(passages)) or 0,
                vectors=connection.scalar(count(vectors)) or 0,
                embedders=tuple(
                    connection.execute(sa.select(vectors.c.embedder).distinct().order_by(vectors.c.embedder)).scalars()
                ),
                bytes=self.database.size(),
                open_jobs=connection.scalar(count(jobs).where(jobs.c.state == JobState.OPEN.value)) or 0,
                traces=connection.scalar(count(traces)) or 0,
            )

    def revision(self) -> int:
        with self.database.read() as connection:
            return revision(connection)

    def close(self) -> None:
        self.database.close()
