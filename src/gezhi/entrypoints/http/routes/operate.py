"""Traces, status, health."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from gezhi.entrypoints.http.bodies import (
    AliveBody,
    LimitsBody,
    StatusBody,
    StoreBody,
    TraceBody,
    TracesBody,
    TraceSummaryBody,
)
from gezhi.entrypoints.http.context import Ctx
from gezhi.entrypoints.http.errors import documented
from gezhi.types import Trace

router = APIRouter(tags=["operation"])
probes = APIRouter(tags=["operation"])


@router.get("/traces", summary="List traces", responses=documented(422))
def list_traces(
    ctx: Ctx,
    kind: Annotated[str, Query(description="`ask`, `search` or `ingest`; all if left out.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> TracesBody:
    """What was asked, searched and ingested, and how long it took."""
    return TracesBody(traces=[_summary(trace) for trace in ctx.app.traces(kind=kind, limit=limit)])


@router.get("/traces/{trace_id}", summary="Show a trace", responses=documented(404, 422))
def show_trace(trace_id: str, ctx: Ctx) -> TraceBody:
    """Every step with its times and attributes. Contents are in it only if the setting `trace_contents` is on."""
    return TraceBody.model_validate(ctx.app.trace(trace_id))


def _summary(trace: Trace) -> TraceSummaryBody:
    return TraceSummaryBody(
        id=trace.id,
        kind=trace.kind,
        start=trace.root.start,
        seconds=trace.seconds,
        spans=len(trace.spans),
        error=trace.root.error,
    )


@router.get("/status", summary="Show the status", responses=documented())
def status(ctx: Ctx) -> StatusBody:
    """What the store holds, which models are in use, what is amiss, and the limits."""
    now, config = ctx.app.status(), ctx.app.config
    return StatusBody(
        version=now.version,
        store=StoreBody.model_validate(now.store),
        chat_model=now.chat_model,
        chat_provider=now.chat_provider,
        embed_model=now.embed_model,
        retrievers=list(now.retrievers),
        warnings=list(now.warnings),
        limits=LimitsBody(
            max_upload_bytes=config.max_upload_mb * 1024 * 1024, max_question_chars=config.max_question_chars
        ),
    )


@probes.get("/health", summary="Is the server up", responses=documented())
async def health() -> AliveBody:
    """Needs no key."""
    return AliveBody()


@probes.get("/ready", summary="Can the server work", responses=documented(503))
def ready(ctx: Ctx) -> AliveBody:
    """Reads the store."""
    ctx.app.status()
    return AliveBody()
