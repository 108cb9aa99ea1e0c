"""The server: `create_app` for any ASGI server, `serve` to run it here."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

import anyio
from fastapi import FastAPI

from gezhi.entrypoints.http import errors
from gezhi.entrypoints.http.answering import Answering
from gezhi.entrypoints.http.context import Context
from gezhi.entrypoints.http.guard import Guard
from gezhi.entrypoints.http.openapi import describe_events
from gezhi.entrypoints.http.routes import documents, graph, jobs, openai, operate, page, questions, tables
from gezhi.types import ConfigError

if TYPE_CHECKING:
    from gezhi.app.app import App

GRACE_SECONDS = 10
"""Requests under way may take so long after Ctrl-C."""

_DESCRIPTION = """Answers from your own documents, every statement cited and checked.

Every error has the body `{"error": {"code", "message", "hint"}}`. Offsets count Unicode code points.
If the server has a key, every path but `/health` wants `Authorization: Bearer <key>`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerLimits:
    answers_at_once: int = 8
    answers_waiting: int = 32
    uploads_at_once: int = 8


def create_app(app: App, limits: ServerLimits | None = None) -> FastAPI:
    """The ASGI application over an open `App`, which it does not close. While it runs, it ingests uploads."""
    limits = limits or ServerLimits()

    @contextlib.asynccontextmanager
    async def lifespan(server: FastAPI) -> AsyncIterator[None]:
        answering = Answering(at_once=limits.answers_at_once, waiting=limits.answers_waiting)
        server.state.context = Context(app, answering, anyio.CapacityLimiter(limits.uploads_at_once))
        app.start_worker()
        yield
        await anyio.to_thread.run_sync(answering.close)

    from gezhi.app.version import version

    server = FastAPI(
        title="Gezhi",
        summary="Answers from your own documents, every statement cited and checked.",
        description=_DESCRIPTION,
        version=version(),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    errors.install(server)
    for router in (documents.router, jobs.router, questions.router, graph.router, tables.router, operate.router):
        server.include_router(router, prefix="/api/v1")
    server.include_router(operate.probes)
    server.include_router(openai.router)
    page.mount(server)
    describe_events(server)
    server.add_middleware(Guard, api_key=app.config.api_key.get_secret_value())
    return server


def serve(
    app: App, host: str = "127.0.0.1", port: int = 8765, *, on_ready: Callable[[str], None] | None = None
) -> None:
    """Serve until Ctrl-C or SIGTERM. `on_ready` gets the address once requests are taken.

    Raises ConfigError if the address is taken, or open to others while no key is set."""
    import uvicorn

    listener = _listen(host, port, has_key=bool(app.config.api_key.get_secret_value()))
    address = _address(listener)
    level = app.config.log_level
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            (on_ready or _announce)(address)

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            """Ends what would go on for ever, so that the graceful shutdown comes to its end."""
            context: Context | None = getattr(server.state, "context", None)
            if context is not None:
                context.answering.stopping.set()
            super().handle_exit(sig, frame)

    server = create_app(app)
    config = uvicorn.Config(
        server,
        log_config=None,
        access_log=level in ("debug", "info"),
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    with listener, _orderly_termination(), contextlib.suppress(KeyboardInterrupt):
        Server(config).run(sockets=[listener])


def _announce(address: str) -> None:
    print(f"Gezhi serves {address} (Ctrl-C stops it)", file=sys.stderr, flush=True)


def _listen(host: str, port: int, *, has_key: bool) -> socket.socket:
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise ConfigError(f"There is no address {host!r} here.", hint="Set host, e.g. to 127.0.0.1.") from error
    if not has_key and not all(_is_loopback(str(entry[4][0])) for entry in found):
        raise ConfigError(
            f"{host or 'This address'} is open to other machines, and no key is set.",
            hint="Set api_key (GEZHI_API_KEY), or serve on 127.0.0.1.",
        )
    family, address = found[0][0], found[0][4]
    try:
        listener = socket.create_server(address, family=family, backlog=2048)
        # Accepted sockets inherit it. Else the body of each reply on a kept connection waits 40 ms for the client's
        # acknowledgement of its head: asyncio sets it only on sockets made with the protocol's number.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise ConfigError(
            f"The server cannot listen on {host}:{port}: {error.strerror or error}.",
            hint="Choose another port with --port (0 takes a free one).",
        ) from error


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.split("%")[0]).is_loopback


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.contextmanager
def _orderly_termination() -> Iterator[None]:
    """uvicorn sends itself SIGTERM again after its shutdown; the store still has to be closed then."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
