"""The tables. The same on every engine; `migrations` brings a store of any older version here."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

# Sorted and compared by code point on every engine, so that ranges over prefixes and orders agree.
Key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BigKey = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _child(column: str, target: str) -> sa.Column[int]:
    return sa.Column(column, BigKey, sa.ForeignKey(target, ondelete="CASCADE"), nullable=False, index=True)


meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", Key, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
"""`schema`, `analyser`, `revision` (counts committed changes), `removals_from` (where the removal log begins),
`last_passage` (passage keys only grow, so derived indexes stay sorted by them)."""

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("key", BigKey, primary_key=True),
    sa.Column("id", Key, nullable=False, unique=True),
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
    sa.Column("contents_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("changed_at", sa.BigInteger, nullable=False, index=True),
    sqlite_autoincrement=True,
)
"""Contents, once for the same bytes. `contents_at` is the store revision that wrote text and passages, `changed_at`
the last that touched anything of it: sources, access, vectors. A key is never used twice."""

removals = sa.Table(
    "removals",
    metadata,
    sa.Column("document", BigKey, primary_key=True, autoincrement=False),
    sa.Column("revision", sa.BigInteger, nullable=False, index=True),
)
"""Keys of documents that are gone, so that indexes in other processes drop them."""

sources = sa.Table(
    "sources",
    metadata,
    sa.Column("source", Key, primary_key=True),
    _child("document", "documents.key"),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("pipeline", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("added_at", sa.Float, nullable=False),
)
"""Where documents came from. A document lives as long as one source holds it."""

source_access = sa.Table(
    "source_access",
    metadata,
    sa.Column("source", Key, sa.ForeignKey("sources.source", ondelete="CASCADE"), primary_key=True),
    sa.Column("principal", Key, primary_key=True, index=True),
)

passages = sa.Table(
    "passages",
    metadata,
    sa.Column("key", BigKey, primary_key=True, autoincrement=False),
    _child("document", "documents.key"),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("headings", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("page", sa.Integer),
    sa.Column("table_header", sa.Text, nullable=False),
    sa.Column("text_hash", Key, nullable=False, index=True),
)

passage_terms = sa.Table(
    "passage_terms",
    metadata,
    sa.Column(
        "passage", BigKey, sa.ForeignKey("passages.key", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("terms", sa.LargeBinary, nullable=False),
)
"""The passage as the analyser sees it: `words.pack_terms`. `length` is the number of terms with repetitions."""

vectors = sa.Table(
    "vectors",
    metadata,
    sa.Column("text_hash", Key, primary_key=True),
    sa.Column("embedder", Key, primary_key=True),
    sa.Column("saved_at", sa.Float, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
)
"""Little-endian float16, of unit length."""

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("number", BigKey, primary_key=True),
    sa.Column("id", Key, nullable=False, unique=True),
    sa.Column("key", Key, nullable=False, index=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("state", Key, nullable=False, index=True),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("access", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)

job_items = sa.Table(
    "job_items",
    metadata,
    sa.Column("job", BigKey, sa.ForeignKey("jobs.number", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("source", Key, nullable=False),
    sa.Column("path", sa.LargeBinary, nullable=False),  # bytes: a file name need not be UTF-8
    sa.Column("spooled", sa.Boolean, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("owner", Key),
    sa.Column("lease_until", sa.Float),
    sa.Column("finished", sa.Integer),
    sa.Column("status", sa.Text),
    sa.Column("code", sa.Text),
    sa.Column("message", sa.Text),
    sa.Column("document_id", sa.Text),
    sa.Index("ix_job_items_finished", "job", "finished", "number"),
    sa.Index("ix_job_items_owner", "owner"),
)
"""`finished` numbers the finished items of a job from 1; null while unfinished. A claim is known by `attempts`."""

traces = sa.Table(
    "traces",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("kind", Key, nullable=False),
    sa.Column("started", sa.Float, nullable=False, index=True),
    sa.Column("spans", sa.Text, nullable=False),
)

trace_owners = sa.Table(
    "trace_owners",
    metadata,
    sa.Column("trace", Key, sa.ForeignKey("traces.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("principal", Key, primary_key=True),
)

trace_quotes = sa.Table(
    "trace_quotes",
    metadata,
    sa.Column("trace", Key, sa.ForeignKey("traces.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("document", Key, primary_key=True, index=True),
)
"""Ids of the documents that a trace with contents quotes: it goes when one of them does."""

datasets = sa.Table(
    "datasets",
    metadata,
    sa.Column("key", BigKey, primary_key=True),
    sa.Column("name", Key, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("content_hash", Key, nullable=False),
    sa.Column("items", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.UniqueConstraint("name", "version"),
    sqlite_autoincrement=True,
)

dataset_items = sa.Table(
    "dataset_items",
    metadata,
    sa.Column("dataset", BigKey, sa.ForeignKey("datasets.key", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", Key, nullable=False),
    sa.Column("contents", sa.Text),
)
"""Written once. `contents` becomes null when a document it quotes is erased."""

dataset_item_quotes = sa.Table(
    "dataset_item_quotes",
    metadata,
    sa.Column("dataset", BigKey, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("document", Key, primary_key=True, index=True),
    sa.ForeignKeyConstraint(
        ["dataset", "number"], ["dataset_items.dataset", "dataset_items.number"], ondelete="CASCADE"
    ),
)

evaluation_runs = sa.Table(
    "evaluation_runs",
    metadata,
    sa.Column("key", BigKey, primary_key=True),
    sa.Column("id", Key, nullable=False, unique=True),
    sa.Column("kind", Key, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("dataset", Key, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False, index=True),
    sa.Column("configuration", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("questions", sa.Integer, nullable=False),
    sa.Column("errors", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)

evaluation_results = sa.Table(
    "evaluation_results",
    metadata,
    sa.Column("run", BigKey, sa.ForeignKey("evaluation_runs.key", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("item", Key, nullable=False),
    sa.Column("scores", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("contents", sa.Text),
)
"""Scores stay when `contents` is erased with a document it quotes: a run can still be compared."""

evaluation_result_quotes = sa.Table(
    "evaluation_result_quotes",
    metadata,
    sa.Column("run", BigKey, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("document", Key, primary_key=True, index=True),
    sa.ForeignKeyConstraint(
        ["run", "number"], ["evaluation_results.run", "evaluation_results.number"], ondelete="CASCADE"
    ),
)

entities = sa.Table(
    "entities",
    metadata,
    sa.Column("key", BigKey, primary_key=True),
    sa.Column("name", Key, nullable=False, unique=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("type", Key, nullable=False),
    sqlite_autoincrement=True,
)
"""`name` is the key by which spellings are one; `label` the first spelling met. One that nothing mentions is gone."""

mentions = sa.Table(
    "mentions",
    metadata,
    sa.Column("passage", BigKey, sa.ForeignKey("passages.key", ondelete="CASCADE"), primary_key=True),
    sa.Column("start", sa.Integer, primary_key=True),
    sa.Column("end", sa.Integer, primary_key=True),
    sa.Column("entity", BigKey, sa.ForeignKey("entities.key"), nullable=False, index=True),
)
"""`start` and `end` are places in the passage's text."""

titles = sa.Table(
    "titles",
    metadata,
    sa.Column("document", BigKey, sa.ForeignKey("documents.key", ondelete="CASCADE"), primary_key=True),
    sa.Column("entity", BigKey, sa.ForeignKey("entities.key"), nullable=False, index=True),
)
"""What a document is about, by its title: every passage of it is about that."""

aliases = sa.Table(
    "aliases",
    metadata,
    sa.Column("passage", BigKey, sa.ForeignKey("passages.key", ondelete="CASCADE"), primary_key=True),
    sa.Column("alias", BigKey, sa.ForeignKey("entities.key"), primary_key=True, index=True),
    sa.Column("entity", BigKey, sa.ForeignKey("entities.key"), primary_key=True, index=True),
    sa.Column("kind", Key, nullable=False),
)
"""That one name stands for another, and the passage that says so: the reason, and gone with it."""

facts = sa.Table(
    "facts",
    metadata,
    sa.Column("key", BigKey, primary_key=True),
    sa.Column("subject", BigKey, sa.ForeignKey("entities.key"), nullable=False),
    sa.Column("predicate", Key, nullable=False),
    sa.Column("object", BigKey, sa.ForeignKey("entities.key"), nullable=False, index=True),
    sa.Column("valid_from", Key, nullable=False),
    sa.Column("valid_to", Key, nullable=False),
    sa.UniqueConstraint("subject", "predicate", "object", "valid_from", "valid_to"),
    sqlite_autoincrement=True,
)
"""One row however many passages state it; one that nothing states any more is gone."""

fact_statements = sa.Table(
    "fact_statements",
    metadata,
    sa.Column("passage", BigKey, sa.ForeignKey("passages.key", ondelete="CASCADE"), primary_key=True),
    sa.Column("fact", BigKey, sa.ForeignKey("facts.key", ondelete="CASCADE"), primary_key=True, index=True),
)

extractions = sa.Table(
    "extractions",
    metadata,
    sa.Column("text_hash", Key, primary_key=True),
    sa.Column("extractor", Key, primary_key=True),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("input_tokens", sa.Integer, nullable=False),
    sa.Column("output_tokens", sa.Integer, nullable=False),
)
"""What was found in a text, so that it is never paid for twice: a passage that a new revision keeps has its facts at
once. `extractor` names the model and the prompt, or the import. Gone with the last passage of that text."""

typed_tables = sa.Table(
    "typed_tables",
    metadata,
    sa.Column("key", BigKey, primary_key=True),
    sa.Column("document", BigKey, sa.ForeignKey("documents.key", ondelete="CASCADE"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("sql_name", Key, nullable=False),
    sa.Column("headings", sa.Text, nullable=False),
    sa.Column("columns", sa.Text, nullable=False),
    sa.Column("row_count", sa.Integer, nullable=False),
    sa.Column("page", sa.Integer),
    sa.Column("quality", sa.Text, nullable=False),
    sa.Column("keys", sa.Text, nullable=False),
    sa.UniqueConstraint("document", "number"),
    sqlite_autoincrement=True,
)
"""The tables of documents with typed columns; their rows are in `typed_rows`."""

typed_rows = sa.Table(
    "typed_rows",
    metadata,
    sa.Column("table", BigKey, sa.ForeignKey("typed_tables.key", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("cells", sa.Text, nullable=False),
    sa.Column("texts", sa.Text, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
)
"""`cells` is a JSON array of values; `texts` the cells as written, null where the value says the same, empty if all
do."""
