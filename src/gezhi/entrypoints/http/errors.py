"""The one error shape, and which error has which status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from gezhi.types import (
    Cancelled,
    GezhiError,
    InvalidInput,
    LimitExceeded,
    ModelFailed,
    ModelUnavailable,
    NotFound,
    SqlFailed,
    SqlRefused,
    StoreBusy,
    StoreFull,
    StoreReadOnly,
)

OPENAI_PREFIX = "/v1/"


class Unauthorized(GezhiError):
    code = "unauthorized"


class Forbidden(GezhiError):
    """A request that a browser sent for another site, or to a name that is not ours."""

    code = "forbidden"


class NotAllowed(GezhiError):
    code = "method_not_allowed"


class MalformedRequest(GezhiError):
    """The request does not have the form that the API describes."""

    code = "malformed_request"
    param: str | None = None
    """The field at fault."""


class ServerBusy(GezhiError):
    """Too many answers under way or waiting."""

    code = "server_busy"


class ServerStopping(GezhiError):
    code = "server_stopping"


class Internal(GezhiError):
    code = "internal_error"


STATUSES: dict[type[GezhiError], int] = {
    InvalidInput: 400,
    SqlFailed: 400,
    SqlRefused: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    NotAllowed: 405,
    Cancelled: 409,
    LimitExceeded: 413,
    MalformedRequest: 422,
    ModelFailed: 502,
    ModelUnavailable: 503,
    StoreBusy: 503,
    ServerBusy: 503,
    ServerStopping: 503,
    StoreFull: 507,
    StoreReadOnly: 507,
}
"""Everything else is 500."""
RETRY_AFTER: dict[type[GezhiError], int] = {StoreBusy: 1, ServerBusy: 5, ServerStopping: 5}
"""Seconds."""

MEANINGS = {
    400: "The request makes no sense as it is: an empty question, an unknown retriever.",
    401: "The server wants `Authorization: Bearer <key>`.",
    403: "The request comes from another site, or names a host that is not this server.",
    404: "There is no such thing.",
    405: "The path does not take this method.",
    409: "It was cancelled.",
    413: "A stated limit was passed.",
    422: "The request does not have the described form.",
    500: "Something failed inside the server; its log says what.",
    502: "The model answered with an error or with something unusable.",
    503: "The model or the store is not available now, or too many answers are under way (`Retry-After`).",
    507: "The disk is full, or the store is read-only.",
}


def _is_none(value: object) -> bool:
    return value is None


class ErrorDetail(BaseModel):
    """What happened and what to do next."""

    code: str = Field(description="Stable name of the error.", examples=["not_found"])
    message: str = Field(description="What happened.")
    hint: str = Field("", description="What to do next.")
    trace_id: str | None = Field(
        default=None, exclude_if=_is_none, description="Trace of the failed work, where there is one."
    )


class ErrorBody(BaseModel):
    """The body of every response that is not a success."""

    error: ErrorDetail


class OpenAIErrorDetail(ErrorDetail):
    type: str = Field(description="The error's class in OpenAI's words.", examples=["invalid_request_error"])
    param: str | None = Field(None, description="The request's field that is at fault.")


class OpenAIErrorBody(BaseModel):
    """The error shape of `/v1`: ours, and what OpenAI clients look for."""

    error: OpenAIErrorDetail


def documented(*statuses: int, openai: bool = False) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route: these errors, and those that every route may give."""
    model = OpenAIErrorBody if openai else ErrorBody
    return {s: {"model": model, "description": MEANINGS[s]} for s in sorted({*statuses, 401, 403, 500})}


def status_of(error: GezhiError) -> int:
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def error_body(error: GezhiError, *, openai: bool = False) -> ErrorBody | OpenAIErrorBody:
    told = ErrorDetail(
        code=error.code, message=error.message, hint=error.hint, trace_id=getattr(error, "trace_id", None)
    )
    if not openai:
        return ErrorBody(error=told)
    kind = _openai_type(status_of(error))
    param = error.param if isinstance(error, MalformedRequest) else None
    return OpenAIErrorBody(error=OpenAIErrorDetail(**told.model_dump(), type=kind, param=param))


def _openai_type(status: int) -> str:
    if status >= 500:
        return "server_error"
    return {401: "authentication_error", 403: "permission_error"}.get(status, "invalid_request_error")


def error_response(error: GezhiError, path: str) -> JSONResponse:
    body = error_body(error, openai=path.startswith(OPENAI_PREFIX))
    headers = {}
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if type(error) in RETRY_AFTER:
        headers["Retry-After"] = str(RETRY_AFTER[type(error)])
    return JSONResponse(body.model_dump(), status_of(error), headers)


def install(server: FastAPI) -> None:
    """Turn every error into the one shape. What nobody expected is caught by the guard around all this."""

    async def known(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, GezhiError)
        return error_response(error, request.url.path)

    async def malformed(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return error_response(_malformed(error.errors()), request.url.path)

    async def protocol(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        response = error_response(_of_protocol(request, error), request.url.path)
        if error.headers and "allow" in (lower := {k.lower(): v for k, v in error.headers.items()}):
            response.headers["Allow"] = lower["allow"]
        return response

    server.add_exception_handler(GezhiError, known)
    server.add_exception_handler(RequestValidationError, malformed)
    server.add_exception_handler(HTTPException, protocol)


def _malformed(problems: Sequence[Any]) -> GezhiError:
    """Names the fields at fault; their values are not repeated."""
    first = problems[0]
    if first["type"] == "json_invalid":
        return InvalidInput(f"The body is not valid JSON (at character {first['loc'][-1]}).", hint="Correct the JSON.")
    parts = []
    for problem in problems[:5]:
        place = ".".join(str(part) for part in problem["loc"][1:]) or str(problem["loc"][0])
        parts.append(f"{place}: {problem['msg']}")
    error = MalformedRequest("; ".join(parts) + ".", hint="/docs on this server describes every request.")
    error.param = ".".join(str(part) for part in first["loc"][1:]) or None
    return error


def _of_protocol(request: Request, error: HTTPException) -> GezhiError:
    match error.status_code:
        case 404:
            return NotFound(f"There is nothing at {request.url.path[:200]}.", hint="/docs lists the paths.")
        case 405:
            return NotAllowed(f"This path does not take {request.method}.", hint="/docs lists the paths.")
        case 413:
            return LimitExceeded(str(error.detail), hint="Send less at once.")
        case status if 400 <= status < 500:
            return InvalidInput("The body cannot be read.", hint="Send JSON with `Content-Type: application/json`.")
    return Internal("Something went wrong inside the server.", hint="Its log says what.")
