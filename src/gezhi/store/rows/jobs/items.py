"""The end of a job's item; callers hold the write transaction."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gezhi.store.schema import job_items, jobs
from gezhi.types import Cancelled, Item, JobState, NotFound, Outcome


def finish_claimed(connection: sa.Connection, item: Item, outcome: Outcome, document_id: str | None) -> None:
    """End an item if the claim it was taken by still stands; raise `Cancelled` if not, and nothing is written."""
    row = connection.execute(
        sa.select(job_items.c.job, job_items.c.attempts, job_items.c.finished, job_items.c.status, job_items.c.owner)
        .join(jobs, jobs.c.number == job_items.c.job)
        .where(jobs.c.id == item.job_id, job_items.c.number == item.number)
    ).first()
    if row is None:
        raise NotFound(f"There is no item {item.number} in job {item.job_id}.")
    if row.finished is not None:
        raise Cancelled(f"{item.source} was already ended ({row.status}); nothing was written.")
    if row.attempts != item.attempts or row.owner is None:
        raise Cancelled(
            f"The claim on {item.source} ran out and was given back; nothing was written.",
            hint="Another worker does it, or the next run.",
        )
    values = {
        "status": outcome.status.value,
        "code": outcome.code,
        "message": outcome.message,
        "document_id": document_id,
    }
    finish_number(connection, row.job, item.number, values)
    close_finished(connection, row.job)


def finish_number(connection: sa.Connection, job: int, number: int, values: dict[str, Any]) -> None:
    last = connection.scalar(sa.select(sa.func.max(job_items.c.finished)).where(job_items.c.job == job)) or 0
    connection.execute(
        sa.update(job_items)
        .where(job_items.c.job == job, job_items.c.number == number)
        .values(**values, finished=last + 1, owner=None, lease_until=None)
    )


def close_finished(connection: sa.Connection, job: int) -> None:
    """Mark a job as done once nothing in it is unfinished."""
    unfinished = sa.exists().where(job_items.c.job == job, job_items.c.finished.is_(None))
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.number == job, jobs.c.state == JobState.OPEN.value, ~unfinished)
        .values(state=JobState.DONE.value)
    )
