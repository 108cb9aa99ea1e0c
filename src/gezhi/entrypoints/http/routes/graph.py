"""Entities, facts, and what connects them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from gezhi.entrypoints.http.context import Ctx
from gezhi.entrypoints.http.errors import documented
from gezhi.entrypoints.http.graph_bodies import EntityBody, FactsBody, GraphStatsBody, PathBody, ThemesBody

router = APIRouter(prefix="/graph", tags=["graph"])
Name = Annotated[str, Query(min_length=1, max_length=500, examples=["Norvik Ltd"])]
Limit = Annotated[int, Query(ge=1, le=10_000)]

_MEDIA_TYPES = {"graphml": "application/graphml+xml", "jsonld": "application/ld+json", "cypher": "text/plain"}


@router.get("/stats", summary="Count entities and mentions", responses=documented(422))
def graph_stats(ctx: Ctx, limit: Limit = 20) -> GraphStatsBody:
    """How many entities of which types the documents name, and which they name most."""
    return GraphStatsBody.model_validate(ctx.app.graph.stats(limit=limit))


@router.get("/entity", summary="Show an entity", responses=documented(404, 422))
def graph_entity(ctx: Ctx, name: Name, limit: Limit = 20) -> EntityBody:
    """The passages that name it, and what is named with it."""
    return EntityBody.model_validate(ctx.app.graph.entity(name, limit=limit))


@router.get("/path", summary="Connect two entities", responses=documented(404, 422))
def graph_path(ctx: Ctx, first: Name, second: Name) -> PathBody:
    """The shortest chain of passages between them; no steps if there is none."""
    return PathBody.model_validate({"steps": ctx.app.graph.path(first, second)})


@router.get("/themes", summary="List themes", responses=documented(422))
def graph_themes(
    ctx: Ctx,
    source_prefix: Annotated[str, Query(description="Only sources that begin so.")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 8,
) -> ThemesBody:
    """What the documents are about: groups of passages that share names, found anew each time."""
    return ThemesBody.model_validate({"themes": ctx.app.graph.themes(source_prefix=source_prefix, limit=limit)})


@router.get("/facts", summary="List facts", responses=documented(422))
def graph_facts(
    ctx: Ctx,
    name: Annotated[str, Query(max_length=500, description="An entity; all facts if left out.")] = "",
    as_of: Annotated[str, Query(description="ISO date, as exact as wanted: only what may have held then.")] = "",
    limit: Limit = 1000,
) -> FactsBody:
    """What documents state, and where a newer document says otherwise. Empty until facts are extracted or loaded."""
    return FactsBody.model_validate({"facts": ctx.app.graph.facts(name, as_of=as_of, limit=limit)})


@router.get(
    "/export",
    summary="Export the graph",
    response_class=StreamingResponse,
    responses={**documented(422), 200: {"content": {kind: {} for kind in _MEDIA_TYPES.values()}}},
)
def graph_export(
    ctx: Ctx, format: Annotated[Literal["graphml", "jsonld", "cypher"], Query()] = "graphml"
) -> StreamingResponse:
    """Entities, passages and mentions, for other programs."""
    lines: Iterator[str] = (f"{line}\n" for line in ctx.app.graph.export(format))
    return StreamingResponse(lines, media_type=_MEDIA_TYPES[format])
