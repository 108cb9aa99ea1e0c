"""Tables of documents as data, and exact queries over them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from gezhi.entrypoints.http.context import Ctx
from gezhi.entrypoints.http.errors import documented
from gezhi.entrypoints.http.table_bodies import QueryResultBody, SqlRequest, TableBody, TablePageBody, TablesBody

router = APIRouter(prefix="/tables", tags=["tables"])


@router.get("", summary="List tables", responses=documented(422))
def list_tables(
    ctx: Ctx,
    source_prefix: Annotated[str, Query(description="Only sources that begin so.")] = "",
    limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> TablesBody:
    """The tables that documents hold, with the types and units of their columns and how well they were read."""
    found = ctx.app.tables.catalogue(source_prefix=source_prefix, limit=limit, offset=offset)
    return TablesBody.model_validate({"tables": found})


@router.get("/{table}", summary="Show a table", responses=documented(404, 422))
def show_table(
    table: str,
    ctx: Ctx,
    after: Annotated[int, Query(ge=0, description="Rows numbered above this.")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
) -> TablePageBody:
    """A table by its id or name, with rows."""
    found, rows = ctx.app.tables.show(table, after=after, limit=limit)
    return TablePageBody.model_validate({"table": TableBody.model_validate(found), "rows": rows})


@router.post("/query", summary="Query tables", responses=documented(400, 404, 413, 422))
def query_tables(body: SqlRequest, ctx: Ctx) -> QueryResultBody:
    """Run one SELECT (SQLite's dialect) over some tables. It is checked, and can only read these tables."""
    return QueryResultBody.model_validate(ctx.app.tables.query(body.sql, tables=body.tables))
