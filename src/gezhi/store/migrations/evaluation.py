"""Data sets, runs of an evaluation with their results, and which documents these and traces quote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade(op: Operations) -> None:
    op.create_table(
        "datasets",
        sa.Column("key", BIG, primary_key=True),
        sa.Column("name", KEY, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content_hash", KEY, nullable=False),
        sa.Column("items", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.UniqueConstraint("name", "version"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "dataset_items",
        sa.Column("dataset", BIG, sa.ForeignKey("datasets.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("contents", sa.Text),
    )
    op.create_table(
        "evaluation_runs",
        sa.Column("key", BIG, primary_key=True),
        sa.Column("id", KEY, nullable=False, unique=True),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("dataset", KEY, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("configuration", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("questions", sa.Integer, nullable=False),
        sa.Column("errors", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_evaluation_runs_created_at", "evaluation_runs", ["created_at"])
    op.create_table(
        "evaluation_results",
        sa.Column("run", BIG, sa.ForeignKey("evaluation_runs.key", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("item", KEY, nullable=False),
        sa.Column("scores", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("contents", sa.Text),
    )
    for table, parent, columns in (
        ("dataset_item_quotes", "dataset_items", ["dataset", "number"]),
        ("evaluation_result_quotes", "evaluation_results", ["run", "number"]),
    ):
        op.create_table(
            table,
            sa.Column(columns[0], BIG, primary_key=True),
            sa.Column(columns[1], sa.Integer, primary_key=True),
            sa.Column("document", KEY, primary_key=True),
            sa.ForeignKeyConstraint(columns, [f"{parent}.{column}" for column in columns], ondelete="CASCADE"),
        )
        op.create_index(f"ix_{table}_document", table, ["document"])
    op.create_table(
        "trace_quotes",
        sa.Column("trace", KEY, sa.ForeignKey("traces.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("document", KEY, primary_key=True),
    )
    op.create_index("ix_trace_quotes_document", "trace_quotes", ["document"])
