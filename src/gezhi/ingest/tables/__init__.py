"""Tables of documents as typed tables."""

from gezhi.ingest.tables.typed import MOST_COLUMNS, MOST_ROWS, TABLES_VERSION, typed_tables

__all__ = ["MOST_COLUMNS", "MOST_ROWS", "TABLES_VERSION", "typed_tables"]
