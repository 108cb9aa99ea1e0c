"""Sheets as texts, made into tables that can be asked."""

from __future__ import annotations

from collections.abc import Mapping

from gezhi.ingest.tables import typed_tables
from gezhi.parse import parse_bytes
from gezhi.retrieve.tables.workspace import Workspace


def workspace_of(files: Mapping[str, str]) -> Workspace:
    made = Workspace()
    for name, text in files.items():
        document = parse_bytes(text.encode(), name).document
        assert document is not None
        for data in typed_tables(document):
            made.add(data.table, [row.values for row in data.rows])
    return made
