"""What every request passes first: whose page sent it, does it carry the key, is it too large; and the safety net."""

from __future__ import annotations

import hmac
import ipaddress
import logging
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gezhi.entrypoints.http.errors import Forbidden, Internal, Unauthorized, error_response
from gezhi.types import GezhiError, LimitExceeded

log = logging.getLogger("gezhi.http")

JSON_LIMIT = 1024 * 1024
UPLOAD_PATH = "/api/v1/documents"
OPEN_PATHS = frozenset({"/", "/docs", "/health"})
"""Served without a key, besides the page's files: they hold no data."""
READS = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": CONTENT_POLICY,
}


class Guard:
    """ASGI middleware. Without a key only this machine may ask, by a name that only this machine has."""

    def __init__(self, app: ASGIApp, *, api_key: str) -> None:
        self._app = app
        self._key = f"Bearer {api_key}".encode() if api_key else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path, started = scope["path"], False

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-cache" if _is_open(path) else "no-store")
            await send(message)

        limit = None if path == UPLOAD_PATH else JSON_LIMIT
        error = self._refusal(scope, limit)
        if error is None:
            try:
                await self._app(scope, _limited(receive, limit) if limit else receive, guarded_send)
                return
            except ClientDisconnect:
                return
            except Exception:
                reference = secrets.token_hex(4)
                log.exception("%s %s failed, reference %s", scope["method"], path, reference)
                if started:
                    raise
                error = Internal(
                    "Something went wrong inside the server.",
                    hint=f"Its log says what, under the reference {reference}.",
                )
        await error_response(error, path)(scope, receive, guarded_send)

    def _refusal(self, scope: Scope, limit: int | None) -> GezhiError | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._key and not is_loopback_name(_name(host)):
            return Forbidden(
                f"This server does not go by the name {host[:100]!r}.",
                hint="Use http://127.0.0.1 or http://localhost, or set api_key to serve other names.",
            )
        if scope["method"] not in READS and _from_elsewhere(headers, host):
            return Forbidden(
                "A page of another site sent this request.", hint="Use this server's own page, or a program."
            )
        if self._key and not _is_open(scope["path"]):
            given = headers.get("authorization", "").encode("latin-1")
            if not hmac.compare_digest(given, self._key):
                return Unauthorized(
                    "This server wants a key." if not given else "The key is wrong.",
                    hint="Send `Authorization: Bearer <key>`; the key is the server's setting api_key.",
                )
        length = headers.get("content-length", "")
        if limit is not None and length.isdigit() and int(length) > limit:
            return _too_large()
        return None


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith("/static/")


def _from_elsewhere(headers: Headers, host: str) -> bool:
    """Programs send no Origin; browsers send one with every request that may change something."""
    origin = headers.get("origin")
    if origin is not None:
        return _authority(origin) != host.lower()
    return headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def _authority(origin: str) -> str:
    """`host[:port]` as the Host header would have it; a proxy may end TLS, so the scheme is not compared."""
    parts = urlsplit(origin)
    return parts.netloc.lower() if parts.scheme in ("http", "https") else ""


def _name(host: str) -> str:
    """The name in a Host header, without port and brackets."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_loopback_name(name: str) -> bool:
    """Whether this name means this machine by itself, whatever a name server says."""
    if name.lower() in ("localhost", "localhost."):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _limited(receive: Receive, limit: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        if message["type"] == "http.request":
            size += len(message.get("body", b""))
            if size > limit:
                raise HTTPException(413, _too_large().message)
        return message

    return counted


def _too_large() -> LimitExceeded:
    return LimitExceeded(f"The body is larger than {JSON_LIMIT // 1024} KiB.", hint="Send less at once.")
