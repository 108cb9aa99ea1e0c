"""Documents in, listed, shown and removed."""

from __future__ import annotations

from typing import Annotated

import anyio
from fastapi import APIRouter, Query, Request

from gezhi.entrypoints.http.bodies import (
    AcceptedBody,
    DocumentBody,
    DocumentsBody,
    DocumentSummaryBody,
    JobBody,
    RemovedBody,
)
from gezhi.entrypoints.http.context import Ctx
from gezhi.entrypoints.http.errors import documented
from gezhi.entrypoints.http.uploads import take_files
from gezhi.types import InvalidInput, LimitExceeded

router = APIRouter(prefix="/documents", tags=["documents"])

LINGER_SECONDS = 10.0
"""How long the rest of a refused upload is read and thrown away, so that the client gets to see the answer."""

IDLE_SECONDS = 60.0
"""An upload that stands still so long is given up: it holds one of few places."""

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            }
        },
    }
}


@router.post(
    "",
    status_code=202,
    summary="Upload files",
    responses=documented(400, 413, 503, 507),
    openapi_extra=_FORM,
)
async def upload(request: Request, ctx: Ctx) -> AcceptedBody:
    """Each file becomes a job, safe on disk once this returns, and is then ingested in the background.

    It is stored under `uploads/<its bare name>`; the same name again is a new revision. Follow the job at
    `/api/v1/jobs/{job}` or its events."""
    pieces = request.stream()

    async def next_piece() -> bytes:
        try:
            with anyio.fail_after(IDLE_SECONDS):
                return await anext(pieces, b"")
        except TimeoutError as error:
            raise InvalidInput(f"Nothing came for {IDLE_SECONDS:.0f} seconds.", hint="Send it again.") from error

    try:
        jobs = await anyio.to_thread.run_sync(
            take_files,
            ctx.app,
            request.headers.get("content-type", ""),
            lambda: anyio.from_thread.run(next_piece),
            limiter=ctx.uploads,
        )
    except LimitExceeded:
        with anyio.move_on_after(LINGER_SECONDS):
            async for _ in pieces:
                pass
        raise
    return AcceptedBody(jobs=[JobBody.model_validate(job) for job in jobs])


@router.get("", summary="List documents", responses=documented(422))
def list_documents(
    ctx: Ctx,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    source_prefix: Annotated[str, Query(description="Only sources that begin so.")] = "",
) -> DocumentsBody:
    """Ordered by source."""
    found = ctx.app.documents(source_prefix=source_prefix, limit=limit + 1, offset=offset)
    shown = [DocumentSummaryBody.model_validate(summary) for summary in found[:limit]]
    return DocumentsBody(documents=shown, limit=limit, offset=offset, more=len(found) > limit)


@router.get("/{document:path}", summary="Show a document", responses=documented(404, 422))
def show_document(
    document: str,
    ctx: Ctx,
    tables: Annotated[bool, Query(description="Whether blocks carry the rows of their tables.")] = True,
) -> DocumentBody:
    """Its text, its blocks and what the file says of itself. `document`: its id, the beginning of its id
    (6 characters or more), or its source."""
    body = DocumentBody.model_validate(ctx.app.document(document))
    if not tables:
        for block in body.blocks:
            block.table = None
    return body


@router.delete("/{document:path}", summary="Remove a document", responses=documented(404, 422))
def remove_document(document: str, ctx: Ctx) -> RemovedBody:
    """With its passages, vectors and everything else the store knows of it. An id removes every source that
    holds these bytes, a source only itself."""
    return RemovedBody(removed=ctx.app.remove(document))
