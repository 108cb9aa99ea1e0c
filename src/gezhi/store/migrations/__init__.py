"""Bring a store to the schema this code knows. Every step is a module with `REVISION` and `upgrade(op)`."""

from __future__ import annotations

import importlib

import sqlalchemy as sa

from gezhi.store import schema
from gezhi.types import StoreError

STEPS = ("initial", "evaluation", "graph", "facts", "tables")
"""Modules in this package, oldest first; the number of a step is its schema version. Steps are never edited."""

CURRENT = len(STEPS)


def schema_version(connection: sa.Connection) -> int:
    """The version of a store; 0 for an empty database."""
    if not sa.inspect(connection).has_table("meta"):
        return 0
    value = connection.scalar(sa.select(schema.meta.c.value).where(schema.meta.c.key == "schema"))
    return int(value or 0)


def refuse_newer(version: int) -> None:
    """Raise if the store was written by newer code."""
    if version > CURRENT:
        raise StoreError(
            f"The store has schema version {version}; this version of gezhi knows {CURRENT} at most.",
            hint="Upgrade gezhi, or open the store with the version that wrote it.",
        )


def upgrade(connection: sa.Connection) -> None:
    """Run the missing steps inside the caller's transaction."""
    version = schema_version(connection)
    refuse_newer(version)
    if version == CURRENT:
        return
    # Alembic takes 80 ms to import and is not needed while a store is current.
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    operations = Operations(MigrationContext.configure(connection))
    for name in STEPS[version:]:
        importlib.import_module(f"gezhi.store.migrations.{name}").upgrade(operations)
    connection.execute(sa.delete(schema.meta).where(schema.meta.c.key == "schema"))
    connection.execute(sa.insert(schema.meta).values(key="schema", value=str(CURRENT)))
