"""Entities, and which passages and titles name them. The names of a store that is older are found when it is opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade(op: Operations) -> None:
    op.create_table(
        "entities",
        sa.Column("key", BIG, primary_key=True),
        sa.Column("name", KEY, nullable=False, unique=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("type", KEY, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mentions",
        sa.Column("passage", BIG, sa.ForeignKey("passages.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("start", sa.Integer, primary_key=True),
        sa.Column("end", sa.Integer, primary_key=True),
        sa.Column("entity", BIG, sa.ForeignKey("entities.key"), nullable=False),
    )
    op.create_index("ix_mentions_entity", "mentions", ["entity"])
    op.create_table(
        "titles",
        sa.Column("document", BIG, sa.ForeignKey("documents.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("entity", BIG, sa.ForeignKey("entities.key"), nullable=False),
    )
    op.create_index("ix_titles_entity", "titles", ["entity"])
