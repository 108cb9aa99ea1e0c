"""Typed tables and their rows. Empty in a store that is older: adding a file again makes its tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade(op: Operations) -> None:
    op.create_table(
        "typed_tables",
        sa.Column("key", BIG, primary_key=True),
        sa.Column("document", BIG, sa.ForeignKey("documents.key", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sql_name", KEY, nullable=False),
        sa.Column("headings", sa.Text, nullable=False),
        sa.Column("columns", sa.Text, nullable=False),
        sa.Column("row_count", sa.Integer, nullable=False),
        sa.Column("page", sa.Integer),
        sa.Column("quality", sa.Text, nullable=False),
        sa.Column("keys", sa.Text, nullable=False),
        sa.UniqueConstraint("document", "number"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "typed_rows",
        sa.Column("table", BIG, sa.ForeignKey("typed_tables.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("cells", sa.Text, nullable=False),
        sa.Column("texts", sa.Text, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
    )
