"""The description of the API, with what FastAPI cannot know: the bodies of server-sent events."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gezhi.entrypoints.http.bodies import (
    AnswerBody,
    EvidenceFoundBody,
    JobProgressBody,
    StageBody,
    StatementBody,
)
from gezhi.entrypoints.http.errors import ErrorBody
from gezhi.entrypoints.http.openai_bodies import ChatCompletionChunk

EVENTS: dict[tuple[str, str], list[type[BaseModel]]] = {
    ("/api/v1/answers", "post"): [StageBody, EvidenceFoundBody, StatementBody, AnswerBody, ErrorBody],
    ("/api/v1/jobs/{job_id}/events", "get"): [JobProgressBody],
    ("/v1/chat/completions", "post"): [ChatCompletionChunk],
}
"""What the `data` of a route's events may be."""

_REFERENCE = "#/components/schemas/{model}"


def describe_events(server: FastAPI) -> None:
    """Extend the server's description; it is made once, when it is first asked for."""
    without_events = server.openapi

    def complete() -> dict[str, Any]:
        if server.openapi_schema is None:
            server.openapi_schema = _with_events(without_events())
        return server.openapi_schema

    server.openapi = complete  # type: ignore[method-assign]


def _with_events(description: dict[str, Any]) -> dict[str, Any]:
    models = sorted({model for bodies in EVENTS.values() for model in bodies}, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(model, "serialization") for model in models], ref_template=_REFERENCE)
    known: dict[str, Any] = description["components"]["schemas"]
    for name, schema in schemas["$defs"].items():
        known.setdefault(name, schema)
    for (path, verb), bodies in EVENTS.items():
        content = description["paths"][path][verb]["responses"]["200"]["content"]
        shapes = [{"$ref": _REFERENCE.format(model=body.__name__)} for body in bodies]
        content["text/event-stream"] = {"schema": shapes[0] if len(shapes) == 1 else {"oneOf": shapes}}
    return description
