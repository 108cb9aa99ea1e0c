"""Aliases, facts, who states them, and what models found in passages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade(op: Operations) -> None:
    op.create_table(
        "aliases",
        sa.Column("passage", BIG, sa.ForeignKey("passages.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("alias", BIG, sa.ForeignKey("entities.key"), primary_key=True),
        sa.Column("entity", BIG, sa.ForeignKey("entities.key"), primary_key=True),
        sa.Column("kind", KEY, nullable=False),
    )
    op.create_index("ix_aliases_alias", "aliases", ["alias"])
    op.create_index("ix_aliases_entity", "aliases", ["entity"])
    op.create_table(
        "facts",
        sa.Column("key", BIG, primary_key=True),
        sa.Column("subject", BIG, sa.ForeignKey("entities.key"), nullable=False),
        sa.Column("predicate", KEY, nullable=False),
        sa.Column("object", BIG, sa.ForeignKey("entities.key"), nullable=False),
        sa.Column("valid_from", KEY, nullable=False),
        sa.Column("valid_to", KEY, nullable=False),
        sa.UniqueConstraint("subject", "predicate", "object", "valid_from", "valid_to"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_facts_object", "facts", ["object"])
    op.create_table(
        "fact_statements",
        sa.Column("passage", BIG, sa.ForeignKey("passages.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("fact", BIG, sa.ForeignKey("facts.key", ondelete="CASCADE"), primary_key=True),
    )
    op.create_index("ix_fact_statements_fact", "fact_statements", ["fact"])
    op.create_table(
        "extractions",
        sa.Column("text_hash", KEY, primary_key=True),
        sa.Column("extractor", KEY, primary_key=True),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("input_tokens", sa.Integer, nullable=False),
        sa.Column("output_tokens", sa.Integer, nullable=False),
    )
