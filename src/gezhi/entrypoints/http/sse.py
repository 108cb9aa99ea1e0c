"""Server-sent events: the format, and a response that notices at once when its reader leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gezhi.entrypoints.http.answering import disconnected

KEEP_ALIVE = b": keep-alive\n\n"
"""A comment: keeps proxies from closing a quiet connection."""
KEEP_ALIVE_SECONDS = 15.0


def sse_event(name: str, body: BaseModel) -> bytes:
    """One event. JSON never holds a raw line break, so one `data:` line is enough."""
    return f"event: {name}\ndata: {body.model_dump_json()}\n\n".encode()


def sse_data(body: BaseModel | str) -> bytes:
    """One nameless event, as OpenAI sends them."""
    text = body if isinstance(body, str) else body.model_dump_json()
    return f"data: {text}\n\n".encode()


class EventStream(Response):
    """Sends events until there are no more or the client leaves; then calls `on_end`, once, in either case."""

    media_type = "text/event-stream"

    def __init__(self, chunks: AsyncIterator[bytes], on_end: Callable[[], None] = lambda: None) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._chunks, self._on_end = chunks, on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        sender = asyncio.create_task(self._send_all(send))
        gone = asyncio.create_task(disconnected(receive))
        try:
            await asyncio.wait({sender, gone}, return_when=asyncio.FIRST_COMPLETED)
            if sender.done():
                sender.result()
        finally:
            self._on_end()
            sender.cancel()
            gone.cancel()
            await asyncio.gather(sender, gone, return_exceptions=True)

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for chunk in self._chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
