"""The OpenAI-compatible routes: any chat client can ask the documents."""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import AsyncIterator, Sequence

import anyio
from fastapi import APIRouter, Request
from starlette.responses import Response

from gezhi.answer.events import Done, StatementChecked
from gezhi.entrypoints.http.answering import ClientGone, Run
from gezhi.entrypoints.http.bodies import CitationBody, RefusalBody
from gezhi.entrypoints.http.context import Ctx
from gezhi.entrypoints.http.errors import documented, error_body
from gezhi.entrypoints.http.openai_bodies import (
    MODEL,
    AssistantMessage,
    ChatChoice,
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionRequest,
    ChatMessage,
    ChunkChoice,
    ChunkDelta,
    CompletionUsage,
    EmbeddingBody,
    EmbeddingsBody,
    EmbeddingsRequest,
    EmbeddingsUsage,
    GezhiFields,
    ModelBody,
    ModelsBody,
)
from gezhi.entrypoints.http.sse import KEEP_ALIVE, KEEP_ALIVE_SECONDS, EventStream, sse_data
from gezhi.types import Answer, GezhiError, InvalidInput, NotFound, Turn

router = APIRouter(prefix="/v1", tags=["openai"])

MOST_TEXTS = 2048


@router.post(
    "/chat/completions",
    summary="Chat with the documents",
    response_model=ChatCompletion,
    responses={
        200: {
            "description": "The answer. With `stream`: chunks as server-sent events, then `[DONE]`; the last chunk's "
            "delta carries `citations` and `gezhi`.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **documented(400, 413, 422, 502, 503, openai=True),
    },
)
async def chat_completions(body: ChatCompletionRequest, request: Request, ctx: Ctx) -> Response | ChatCompletion:
    """The last user message is the question, the messages before it the history. The answer is made from the
    documents and its citations are checked; system messages and sampling settings mean nothing here."""
    question, history = _conversation(body.messages)
    if body.response_format is not None and body.response_format.type != "text":
        raise InvalidInput("Answers are text only.", hint="Leave `response_format` out.")
    events = await anyio.to_thread.run_sync(lambda: ctx.app.ask_stream(question, history=history))
    run = ctx.answering.start(events)
    if body.stream:
        wants_usage = body.stream_options is not None and body.stream_options.include_usage
        return EventStream(_chunks(run, wants_usage), run.stop)
    try:
        answer = await run.answer(request.receive)
    except ClientGone:
        return Response(status_code=499)
    message = AssistantMessage(content=answer.text, citations=_citations(answer), gezhi=_fields(answer))
    return ChatCompletion(
        id=_completion_id(), created=int(time.time()), choices=[ChatChoice(message=message)], usage=_usage(answer)
    )


def _conversation(messages: Sequence[ChatMessage]) -> tuple[str, tuple[Turn, ...]]:
    """The question and the turns before it."""
    last = max((i for i, message in enumerate(messages) if message.role == "user"), default=None)
    if last is None:
        raise InvalidInput("There is no user message.", hint="The last user message is the question.")
    if isinstance(messages[last].content, list) and not messages[last].text.strip():
        raise InvalidInput("The question has no text part.", hint="Images and sounds are not understood.")
    history = [
        Turn(role=message.role, text=message.text)
        for message in messages[:last]
        if message.role in ("user", "assistant") and message.text.strip()
    ]
    return messages[last].text, tuple(history)


async def _chunks(run: Run, wants_usage: bool) -> AsyncIterator[bytes]:
    made = ChatCompletionChunk(id=_completion_id(), created=int(time.time()), choices=[])

    def chunk(delta: ChunkDelta, *, last: bool = False) -> bytes:
        choice = ChunkChoice(delta=delta, finish_reason="stop" if last else None)
        return sse_data(made.model_copy(update={"choices": [choice]}))

    length, sent_at = 0, time.monotonic()
    yield chunk(ChunkDelta(role="assistant", content=""))
    try:
        async for event in run.events():
            match event:
                case StatementChecked(statement=statement):
                    # the citation says where the statement stands in the answer, so also what stands between
                    gap = max(statement.citations[0].answer_start - length, 0) if statement.citations else 0
                    length += gap + len(statement.text)
                    yield chunk(ChunkDelta(content=" " * gap + statement.text))
                case Done(answer=answer):
                    if answer.refusal is not None:
                        yield chunk(ChunkDelta(content=answer.text))
                    yield chunk(ChunkDelta(citations=_citations(answer), gezhi=_fields(answer)), last=True)
                    if wants_usage:
                        yield sse_data(made.model_copy(update={"usage": _usage(answer)}))
                    yield sse_data("[DONE]")
                case _:
                    if time.monotonic() - sent_at < KEEP_ALIVE_SECONDS:
                        continue
                    yield KEEP_ALIVE
            sent_at = time.monotonic()
    except GezhiError as error:
        yield sse_data(error_body(error, openai=True))


def _citations(answer: Answer) -> list[CitationBody]:
    return [CitationBody.model_validate(citation) for citation in answer.citations]


def _fields(answer: Answer) -> GezhiFields:
    return GezhiFields(
        mode=answer.mode.value,
        model=answer.model,
        refusal=RefusalBody.model_validate(answer.refusal) if answer.refusal else None,
        trace_id=answer.trace_id,
        evidence=[evidence.passage.id for evidence in answer.evidence],
        dropped=answer.dropped,
    )


def _usage(answer: Answer) -> CompletionUsage:
    read, written = answer.usage.input_tokens, answer.usage.output_tokens
    return CompletionUsage(prompt_tokens=read, completion_tokens=written, total_tokens=read + written)


def _completion_id() -> str:
    return f"chatcmpl-{uuid.uuid4().hex}"


@router.get("/models", summary="List models", responses=documented(openai=True))
def list_models(ctx: Ctx) -> ModelsBody:
    """`gezhi`, which answers from the documents, and the embedding model in use."""
    embedder = ctx.app.status().embed_model
    return ModelsBody(data=[ModelBody(id=name) for name in (MODEL, embedder) if name])


@router.post("/embeddings", summary="Embed texts", responses=documented(400, 404, 413, 422, 502, 503, openai=True))
def embeddings(body: EmbeddingsRequest, ctx: Ctx) -> EmbeddingsBody:
    """Unit vectors of the embedding model that the store uses."""
    texts = [body.input] if isinstance(body.input, str) else body.input
    if not 1 <= len(texts) <= MOST_TEXTS or not all(text.strip() for text in texts):
        raise InvalidInput(f"`input` takes 1 to {MOST_TEXTS} texts, none empty.", hint="Leave empty texts out.")
    name = ctx.app.status().embed_model
    if name is not None and body.model not in (MODEL, name, name.rpartition("-")[0]):  # a version may be left out
        raise NotFound(f"The embedding model here is {name}, not {body.model[:100]!r}.", hint=f"Ask for {name}.")
    vectors = ctx.app.embed(texts)
    if body.dimensions not in (None, vectors.shape[1]):
        raise InvalidInput(f"The vectors have {vectors.shape[1]} dimensions.", hint="Leave `dimensions` out.")
    encoded: list[list[float] | str] = (
        [base64.b64encode(row.astype("<f4").tobytes()).decode("ascii") for row in vectors]
        if body.encoding_format == "base64"
        else [row.tolist() for row in vectors]
    )
    tokens = sum(len(text) // 4 + 1 for text in texts)  # an estimate: embedders do not count
    return EmbeddingsBody(
        data=[EmbeddingBody(index=i, embedding=vector) for i, vector in enumerate(encoded)],
        model=name or body.model,
        usage=EmbeddingsUsage(prompt_tokens=tokens, total_tokens=tokens),
    )
