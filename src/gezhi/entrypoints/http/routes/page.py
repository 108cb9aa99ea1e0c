"""The page: static files, the same for everybody."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

PAGE = Path(__file__).parent.parent / "page"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def index() -> FileResponse:
    return FileResponse(PAGE / "index.html")


@router.get("/docs")
async def docs() -> FileResponse:
    """The API described, drawn from /openapi.json by a page of ours: the usual ones load scripts from elsewhere."""
    return FileResponse(PAGE / "docs.html")


def mount(server: FastAPI) -> None:
    server.include_router(router)
    server.mount("/static", StaticFiles(directory=PAGE), name="static")
