"""Jobs: how the ingestion of uploads stands."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from fastapi import APIRouter, Query
from starlette.responses import Response

from gezhi.entrypoints.http.bodies import ItemBody, JobBody, JobDetailBody, JobProgressBody, JobsBody
from gezhi.entrypoints.http.context import Context, Ctx
from gezhi.entrypoints.http.errors import documented
from gezhi.entrypoints.http.sse import KEEP_ALIVE, KEEP_ALIVE_SECONDS, EventStream, sse_event
from gezhi.types import JobState

router = APIRouter(prefix="/jobs", tags=["jobs"])

POLL_SECONDS = 0.25


@router.get("", summary="List jobs", responses=documented(422))
def list_jobs(ctx: Ctx, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> JobsBody:
    return JobsBody(jobs=[JobBody.model_validate(job) for job in ctx.app.jobs(limit)])


@router.get("/{job_id}", summary="Show a job", responses=documented(404, 422))
def show_job(
    job_id: str,
    ctx: Ctx,
    finished_after: Annotated[int, Query(ge=0, description="Leave out so many of the first items.")] = 0,
) -> JobDetailBody:
    """The job and its finished files, each with its outcome and the reason for it."""
    job = ctx.app.job(job_id)
    items = [ItemBody.model_validate(item) for item in ctx.app.items(job_id, finished_after)]
    return JobDetailBody(job=JobBody.model_validate(job), items=items)


@router.post("/{job_id}/cancel", summary="Cancel a job", responses=documented(404, 422))
def cancel_job(job_id: str, ctx: Ctx) -> JobBody:
    """What it stored stays; the rest is not ingested."""
    return JobBody.model_validate(ctx.app.cancel(job_id))


@router.get(
    "/{job_id}/events",
    summary="Follow a job",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events: `progress` at first and for each finished file, `done` at the end; "
            "the data of both is a JobProgressBody.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **documented(404, 422),
    },
)
async def follow_job(job_id: str, ctx: Ctx) -> EventStream:
    """Until the job ends or the client leaves."""
    await anyio.to_thread.run_sync(ctx.app.job, job_id)
    return EventStream(_progress(ctx, job_id))


async def _progress(ctx: Context, job_id: str) -> AsyncIterator[bytes]:
    seen, sent_at = 0, 0.0
    while not ctx.answering.stopping.is_set():
        job = await anyio.to_thread.run_sync(ctx.app.job, job_id)
        items = await anyio.to_thread.run_sync(ctx.app.items, job_id, seen)
        shown = JobBody.model_validate(job)
        for item in items:
            yield sse_event("progress", JobProgressBody(job=shown, item=ItemBody.model_validate(item)))
        seen += len(items)
        if job.state is not JobState.OPEN:
            yield sse_event("done", JobProgressBody(job=shown))
            return
        now = time.monotonic()
        if items or not sent_at:
            if not items:
                yield sse_event("progress", JobProgressBody(job=shown))
            sent_at = now
        elif now - sent_at > KEEP_ALIVE_SECONDS:
            yield KEEP_ALIVE
            sent_at = now
        await anyio.sleep(POLL_SECONDS)
