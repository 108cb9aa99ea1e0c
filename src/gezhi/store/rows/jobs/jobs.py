"""Durable jobs."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gezhi.store.rows.encoding import dump_strings, strings
from gezhi.store.rows.jobs.items import close_finished, finish_claimed
from gezhi.store.rows.meta import inserted_key
from gezhi.store.rows.part import StorePart
from gezhi.store.schema import job_items, jobs
from gezhi.types import Item, Job, JobState, NewItem, NotFound, Outcome, Status


class JobRows(StorePart):
    def create_job(self, label: str, items: Sequence[NewItem], *, access: frozenset[str], key: str = "") -> Job:
        with self.database.write() as connection:
            found = (
                key
                and connection.execute(
                    sa.select(jobs.c.number, jobs.c.id).where(jobs.c.key == key, jobs.c.state == JobState.OPEN.value)
                ).first()
            )
            if found:
                number, job_id = found
            else:
                job_id = uuid.uuid4().hex
                result = connection.execute(
                    sa.insert(jobs).values(
                        id=job_id,
                        key=key,
                        label=label,
                        state=JobState.OPEN.value,
                        created_at=time.time(),
                        access=dump_strings(sorted(access)),
                    )
                )
                number = inserted_key(result)
            _add_items(connection, number, items)
            close_finished(connection, number)
            return _job(connection, job_id)

    def claim(self, worker: str, *, lease_seconds: float, job_id: str | None = None) -> Item | None:
        now = time.time()
        free = sa.or_(job_items.c.owner.is_(None), job_items.c.lease_until < now)
        query = (
            sa.select(job_items, jobs.c.id.label("job_id"), jobs.c.access)
            .join(jobs, jobs.c.number == job_items.c.job)
            .where(jobs.c.state == JobState.OPEN.value, job_items.c.finished.is_(None), free)
            .order_by(job_items.c.job, job_items.c.number)
            .limit(1)
        )
        if job_id is not None:
            query = query.where(jobs.c.id == job_id)
        # Workers ask again and again: only where there is something to take is the write lock worth asking for.
        with self.database.read() as connection:
            if connection.execute(query).first() is None:
                return None
        with self.database.write() as connection:
            row = connection.execute(query).first()
            if row is None:
                return None
            connection.execute(
                sa.update(job_items)
                .where(job_items.c.job == row.job, job_items.c.number == row.number)
                .values(owner=worker, lease_until=now + lease_seconds, attempts=row.attempts + 1)
            )
        return _item(row, attempts=row.attempts + 1)

    def renew(self, worker: str, *, lease_seconds: float) -> None:
        self._update_claims(worker, lease_until=time.time() + lease_seconds)

    def release(self, worker: str) -> None:
        self._update_claims(worker, owner=None, lease_until=None)

    def workers(self) -> list[str]:
        query = sa.select(job_items.c.owner).distinct().where(job_items.c.owner.is_not(None))
        with self.database.read() as connection:
            return sorted(connection.execute(query.where(job_items.c.finished.is_(None))).scalars())

    def finish_item(self, item: Item, outcome: Outcome, document_id: str | None = None) -> None:
        with self.database.write() as connection:
            finish_claimed(connection, item, outcome, document_id)

    def cancel_job(self, job_id: str) -> Job:
        with self.database.write() as connection:
            row = connection.execute(sa.select(jobs.c.number, jobs.c.state).where(jobs.c.id == job_id)).first()
            if row is None:
                raise _no_job(job_id)
            if row.state == JobState.OPEN.value:
                _cancel_items(connection, row.number)
                connection.execute(
                    sa.update(jobs).where(jobs.c.number == row.number).values(state=JobState.CANCELLED.value)
                )
            return _job(connection, job_id)

    def job(self, job_id: str) -> Job | None:
        with self.database.read() as connection:
            found = _jobs(connection, sa.select(jobs).where(jobs.c.id == job_id))
        return found[0] if found else None

    def jobs(self, *, limit: int = 50) -> list[Job]:
        with self.database.read() as connection:
            return _jobs(connection, sa.select(jobs).order_by(jobs.c.number.desc()).limit(limit))

    def items(self, job_id: str, *, finished_after: int = 0, limit: int = 1000) -> list[Item]:
        query = (
            sa.select(job_items, jobs.c.id.label("job_id"), jobs.c.access)
            .join(jobs, jobs.c.number == job_items.c.job)
            .where(jobs.c.id == job_id, job_items.c.finished > finished_after)
            .order_by(job_items.c.finished)
            .limit(limit)
        )
        with self.database.read() as connection:
            return [_item(row, attempts=row.attempts) for row in connection.execute(query)]

    def _update_claims(self, worker: str, **values: Any) -> None:
        mine = sa.and_(job_items.c.owner == worker, job_items.c.finished.is_(None))
        with self.database.write() as connection:
            connection.execute(sa.update(job_items).where(mine).values(**values))


def _add_items(connection: sa.Connection, job: int, items: Sequence[NewItem]) -> None:
    known = set(connection.execute(sa.select(job_items.c.source).where(job_items.c.job == job)).scalars())
    last = connection.scalar(sa.select(sa.func.max(job_items.c.number)).where(job_items.c.job == job)) or 0
    rows = [
        {
            "job": job,
            "number": number,
            "source": item.source,
            "path": item.path.encode("utf-8", "surrogateescape"),
            "spooled": item.spooled,
            "attempts": 0,
        }
        for number, item in enumerate((item for item in items if item.source not in known), start=last + 1)
    ]
    if rows:
        connection.execute(sa.insert(job_items), rows)


def _cancel_items(connection: sa.Connection, job: int) -> None:
    last = connection.scalar(sa.select(sa.func.max(job_items.c.finished)).where(job_items.c.job == job)) or 0
    unfinished = connection.execute(
        sa.select(job_items.c.number)
        .where(job_items.c.job == job, job_items.c.finished.is_(None))
        .order_by(job_items.c.number)
    ).scalars()
    rows = [{"b_job": job, "b_number": number, "b_finished": last + at} for at, number in enumerate(unfinished, 1)]
    if rows:
        connection.execute(
            sa.update(job_items)
            .where(job_items.c.job == sa.bindparam("b_job"), job_items.c.number == sa.bindparam("b_number"))
            .values(
                finished=sa.bindparam("b_finished"),
                status=Status.CANCELLED.value,
                code="cancelled",
                message="",
                owner=None,
                lease_until=None,
            ),
            rows,
        )


def _job(connection: sa.Connection, job_id: str) -> Job:
    return _jobs(connection, sa.select(jobs).where(jobs.c.id == job_id))[0]


def _jobs(connection: sa.Connection, query: sa.Select[Any]) -> list[Job]:
    rows = connection.execute(query).all()
    counted = connection.execute(
        sa.select(job_items.c.job, job_items.c.status, sa.func.count().label("items"))
        .where(job_items.c.job.in_([row.number for row in rows]))
        .group_by(job_items.c.job, job_items.c.status)
        .order_by(job_items.c.job, job_items.c.status)
    ).all()
    found = []
    for row in rows:
        counts = [(count.status, count.items) for count in counted if count.job == row.number]
        ended = tuple((status, items) for status, items in counts if status is not None)
        found.append(
            Job(
                id=row.id,
                label=row.label,
                state=JobState(row.state),
                created_at=row.created_at,
                total=sum(items for _, items in counts),
                finished=sum(items for _, items in ended),
                counts=ended,
            )
        )
    return found


def _item(row: sa.Row[Any], *, attempts: int) -> Item:
    ended = row.finished is not None
    return Item(
        job_id=row.job_id,
        number=row.number,
        source=row.source,
        path=row.path.decode("utf-8", "surrogateescape"),
        spooled=bool(row.spooled),
        attempts=attempts,
        access=frozenset(strings(row.access)),
        outcome=Outcome(status=Status(row.status), code=row.code, message=row.message) if ended else None,
        document_id=row.document_id,
    )


def _no_job(job_id: str) -> NotFound:
    return NotFound(f"There is no job {job_id}.", hint="`gezhi status` lists the jobs.")
