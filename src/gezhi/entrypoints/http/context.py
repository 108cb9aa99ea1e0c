"""What every route works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import anyio
from fastapi import Depends, Request

from gezhi.app.app import App
from gezhi.entrypoints.http.answering import Answering
from gezhi.entrypoints.http.bodies import FiltersBody, TurnBody
from gezhi.types import Filters, Turn


@dataclass(frozen=True, slots=True)
class Context:
    app: App
    answering: Answering
    uploads: anyio.CapacityLimiter
    """Uploads hold a thread as long as their client takes to send: they have threads of their own."""


async def _context_of(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Ctx = Annotated[Context, Depends(_context_of)]


def filters_of(body: FiltersBody | None) -> Filters | None:
    return Filters(documents=frozenset(body.documents), source_prefix=body.source_prefix) if body else None


def turns_of(bodies: Sequence[TurnBody]) -> tuple[Turn, ...]:
    return tuple(Turn(role=body.role, text=body.text) for body in bodies)
