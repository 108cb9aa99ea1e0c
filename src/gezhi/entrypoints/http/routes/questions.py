"""Search and answers."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import anyio
from fastapi import APIRouter, Request
from starlette.responses import Response

from gezhi.answer.events import AnswerEvent, Done, EvidenceFound, Stage, StatementChecked
from gezhi.entrypoints.http.answering import ClientGone, Run
from gezhi.entrypoints.http.bodies import (
    AnswerBody,
    AnswerRequest,
    EvidenceBody,
    EvidenceFoundBody,
    SearchBody,
    SearchRequest,
    StageBody,
    StatementBody,
)
from gezhi.entrypoints.http.context import Ctx, filters_of, turns_of
from gezhi.entrypoints.http.errors import documented, error_body
from gezhi.entrypoints.http.sse import KEEP_ALIVE, KEEP_ALIVE_SECONDS, EventStream, sse_event
from gezhi.types import GezhiError

router = APIRouter(tags=["questions"])


@router.post("/search", summary="Search passages", responses=documented(400, 413, 422, 503))
def search(body: SearchRequest, ctx: Ctx) -> SearchBody:
    """The passages that fit best, each with the retrievers that found it and at which rank."""
    found = ctx.app.search(body.query, limit=body.limit, retrievers=body.retrievers, filters=filters_of(body.filters))
    return SearchBody(results=[EvidenceBody.model_validate(evidence) for evidence in found])


@router.post(
    "/answers",
    summary="Ask a question",
    response_model=AnswerBody,
    responses={
        200: {
            "description": "The answer. With `stream`: server-sent events: `stage` (StageBody; several), "
            "`evidence` (EvidenceFoundBody), `statement` (StatementBody; each checked before it is sent), and at last "
            "`done` (AnswerBody) or `error` (ErrorBody).",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **documented(400, 413, 422, 502, 503),
    },
)
async def ask(body: AnswerRequest, request: Request, ctx: Ctx) -> Response | AnswerBody:
    """Answers from the documents: statements, each with citations that were checked, or a refusal. Refusing is a
    success (200): `refusal` says why, `evidence` holds the nearest passages. If the client leaves, the model stops."""
    events = await anyio.to_thread.run_sync(
        lambda: ctx.app.ask_stream(
            body.question, history=turns_of(body.history), filters=filters_of(body.filters), route=body.route
        )
    )
    run = ctx.answering.start(events)
    if body.stream:
        return EventStream(_answer_events(run), run.stop)
    try:
        return AnswerBody.model_validate(await run.answer(request.receive))
    except ClientGone:
        return Response(status_code=499)


async def _answer_events(run: Run) -> AsyncIterator[bytes]:
    sent_at = time.monotonic()
    try:
        async for event in run.events():
            if event is not None:
                yield _shown(event)
            elif time.monotonic() - sent_at > KEEP_ALIVE_SECONDS:
                yield KEEP_ALIVE
            else:
                continue
            sent_at = time.monotonic()
    except GezhiError as error:
        yield sse_event("error", error_body(error))


def _shown(event: AnswerEvent) -> bytes:
    match event:
        case Stage():
            return sse_event("stage", StageBody.model_validate(event))
        case EvidenceFound():
            return sse_event("evidence", EvidenceFoundBody.model_validate(event))
        case StatementChecked(statement=statement):
            return sse_event("statement", StatementBody.model_validate(statement))
        case Done(answer=answer):
            return sse_event("done", AnswerBody.model_validate(answer))
