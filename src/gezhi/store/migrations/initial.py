"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade(op: Operations) -> None:
    _documents(op)
    _passages(op)
    _jobs_and_traces(op)


def _documents(op: Operations) -> None:
    op.create_table(
        "meta",
        sa.Column("key", KEY, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "removals",
        sa.Column("document", BIG, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_removals_revision", "removals", ["revision"])
    op.create_table(
        "documents",
        sa.Column("key", BIG, primary_key=True),
        sa.Column("id", KEY, nullable=False, unique=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("blocks", sa.Text, nullable=False),
        sa.Column("page_count", sa.Integer),
        sa.Column("metadata", sa.Text, nullable=False),
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("embedder", sa.Text),
        sa.Column("passage_count", sa.Integer, nullable=False),
        sa.Column("character_count", sa.Integer, nullable=False),
        sa.Column("contents_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_documents_changed_at", "documents", ["changed_at"])
    op.create_index("ix_documents_contents_at", "documents", ["contents_at"])
    op.create_table(
        "sources",
        sa.Column("source", KEY, primary_key=True),
        sa.Column("document", BIG, sa.ForeignKey("documents.key", ondelete="CASCADE"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("added_at", sa.Float, nullable=False),
    )
    op.create_index("ix_sources_document", "sources", ["document"])
    op.create_table(
        "source_access",
        sa.Column("source", KEY, sa.ForeignKey("sources.source", ondelete="CASCADE"), primary_key=True),
        sa.Column("principal", KEY, primary_key=True),
    )
    op.create_index("ix_source_access_principal", "source_access", ["principal"])


def _passages(op: Operations) -> None:
    op.create_table(
        "passages",
        sa.Column("key", BIG, primary_key=True, autoincrement=False),
        sa.Column("document", BIG, sa.ForeignKey("documents.key", ondelete="CASCADE"), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("headings", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("page", sa.Integer),
        sa.Column("table_header", sa.Text, nullable=False),
        sa.Column("text_hash", KEY, nullable=False),
    )
    op.create_index("ix_passages_document", "passages", ["document"])
    op.create_index("ix_passages_text_hash", "passages", ["text_hash"])
    op.create_table(
        "passage_terms",
        sa.Column(
            "passage", BIG, sa.ForeignKey("passages.key", ondelete="CASCADE"), primary_key=True, autoincrement=False
        ),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("terms", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "vectors",
        sa.Column("text_hash", KEY, primary_key=True),
        sa.Column("embedder", KEY, primary_key=True),
        sa.Column("saved_at", sa.Float, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )


def _jobs_and_traces(op: Operations) -> None:
    op.create_table(
        "jobs",
        sa.Column("number", BIG, primary_key=True),
        sa.Column("id", KEY, nullable=False, unique=True),
        sa.Column("key", KEY, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("access", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_key", "jobs", ["key"])
    op.create_index("ix_jobs_state", "jobs", ["state"])
    op.create_table(
        "job_items",
        sa.Column("job", BIG, sa.ForeignKey("jobs.number", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("source", KEY, nullable=False),
        sa.Column("path", sa.LargeBinary, nullable=False),
        sa.Column("spooled", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("owner", KEY),
        sa.Column("lease_until", sa.Float),
        sa.Column("finished", sa.Integer),
        sa.Column("status", sa.Text),
        sa.Column("code", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("document_id", sa.Text),
    )
    op.create_index("ix_job_items_finished", "job_items", ["job", "finished", "number"])
    op.create_index("ix_job_items_owner", "job_items", ["owner"])
    op.create_table(
        "traces",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("started", sa.Float, nullable=False),
        sa.Column("spans", sa.Text, nullable=False),
    )
    op.create_index("ix_traces_started", "traces", ["started"])
    op.create_table(
        "trace_owners",
        sa.Column("trace", KEY, sa.ForeignKey("traces.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("principal", KEY, primary_key=True),
    )
