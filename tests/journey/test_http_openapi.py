"""The description of the API is complete, and true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from http_server import client_of, opened

ROUTES = {
    "POST /api/v1/documents", "GET /api/v1/documents", "GET /api/v1/documents/{document}",
    "DELETE /api/v1/documents/{document}", "GET /api/v1/jobs", "GET /api/v1/jobs/{job_id}",
    "POST /api/v1/jobs/{job_id}/cancel", "GET /api/v1/jobs/{job_id}/events", "POST /api/v1/search",
    "POST /api/v1/answers", "GET /api/v1/traces", "GET /api/v1/traces/{trace_id}", "GET /api/v1/status",
    "GET /api/v1/graph/stats", "GET /api/v1/graph/entity", "GET /api/v1/graph/path", "GET /api/v1/graph/facts",
    "GET /api/v1/tables", "GET /api/v1/tables/{table}", "POST /api/v1/tables/query",
    "GET /api/v1/graph/export", "GET /api/v1/graph/themes", "GET /health", "GET /ready",
    "POST /v1/chat/completions", "GET /v1/models", "POST /v1/embeddings",
}  # fmt: skip


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with opened(tmp_path_factory.mktemp("openapi")) as app, client_of(app) as client:
        yield client.get("/openapi.json").json()


def operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, verbs in description["paths"].items():
        for verb, operation in verbs.items():
            yield f"{verb.upper()} {path}", operation


def test_the_routes_are_these(description: dict[str, Any]) -> None:
    assert {name for name, _ in operations(description)} == ROUTES


def test_every_route_has_a_summary_a_body_and_its_errors(description: dict[str, Any]) -> None:
    for name, operation in operations(description):
        assert operation["summary"], name
        assert operation["tags"], name
        responses = operation["responses"]
        good = [code for code in responses if code.startswith("2")]
        assert len(good) == 1, name
        assert responses[good[0]]["content"], name
        assert {"401", "403", "500"} <= set(responses), name
        shape = "OpenAIErrorBody" if " /v1/" in name else "ErrorBody"
        for code, response in responses.items():
            if not code.startswith("2"):
                schema = response["content"]["application/json"]["schema"]
                assert schema == {"$ref": f"#/components/schemas/{shape}"}, (name, code)
        if "{" in name:
            assert "404" in responses, name
        if operation.get("requestBody") or "parameters" in operation:
            assert {"422", "404"} & set(responses) or "multipart" in str(operation["requestBody"]), name
    assert "HTTPValidationError" not in description["components"]["schemas"]


def test_events_are_described(description: dict[str, Any]) -> None:
    events = {
        name: operation["responses"]["200"]["content"]["text/event-stream"]["schema"]
        for name, operation in operations(description)
        if "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
    }
    assert len(events) == 3
    assert len(events["POST /api/v1/answers"]["oneOf"]) == 5
    assert events["POST /v1/chat/completions"] == {"$ref": "#/components/schemas/ChatCompletionChunk"}


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    known = description["components"]["schemas"]
    assert {reference.rsplit("/", 1)[-1] for reference in references(description)} <= set(known)


def test_the_page_travels_in_the_package() -> None:
    from gezhi.entrypoints.http.routes.page import PAGE

    package = Path(__file__).parents[2] / "src" / "gezhi"
    assert PAGE.is_relative_to(package) or PAGE.is_dir()
    assert {"index.html", "style.css", "seal.svg", "docs.html", "js"} <= {path.name for path in PAGE.iterdir()}
