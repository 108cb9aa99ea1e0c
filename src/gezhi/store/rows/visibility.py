"""Who may see what, as SQL: every read of documents goes through `visible`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from gezhi.store.schema import documents, source_access, sources
from gezhi.types import Filters, Scope

T = TypeVar("T")

LAST = "\U0010ffff"
CHUNK = 500
"""Values in one IN list."""


def chunks(values: Collection[T]) -> Iterator[list[T]]:
    """Parts that fit one IN list."""
    every = list(values)
    for at in range(0, len(every), CHUNK):
        yield every[at : at + CHUNK]


def visible(scope: Scope) -> sa.ColumnElement[bool]:
    """Whether the scope may see a row of `sources`."""
    if scope.unrestricted:
        return sa.true()
    return sa.exists().where(
        source_access.c.source == sources.c.source, source_access.c.principal.in_(sorted(scope.principals))
    )


def begins(column: sa.ColumnElement[str], prefix: str) -> sa.ColumnElement[bool]:
    """Whether a text begins so: as a range, which an index can answer."""
    return sa.and_(column >= prefix, column < prefix + LAST) if prefix else sa.true()


def narrowed(filters: Filters) -> sa.ColumnElement[bool]:
    """Whether a row of `sources` joined with `documents` passes the filters."""
    conditions = [begins(sources.c.source, filters.source_prefix)]
    if filters.documents:
        conditions.append(documents.c.id.in_(sorted(filters.documents)))
    return sa.and_(*conditions)


def visible_documents(
    connection: sa.Connection, scope: Scope, filters: Filters, within: Sequence[int] | None = None
) -> NDArray[np.int64]:
    """Keys of the documents that the scope may see and the filters let through, ascending."""
    query = (
        sa.select(sources.c.document)
        .distinct()
        .join(documents, documents.c.key == sources.c.document)
        .where(visible(scope), narrowed(filters))
    )
    if within is not None:
        query = query.where(sources.c.document.in_(within))
    keys = np.array(connection.execute(query).scalars().all(), dtype=np.int64)
    keys.sort()
    return keys
