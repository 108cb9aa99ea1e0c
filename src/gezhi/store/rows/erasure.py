"""Proof of erasure: where a text still is."""

from __future__ import annotations

import json

import numpy as np
import sqlalchemy as sa

from gezhi.store.analyse import term_keys
from gezhi.store.memory.words import positions_with_all
from gezhi.store.rows.index.derived import IndexState
from gezhi.store.rows.part import StorePart
from gezhi.store.rows.visibility import chunks
from gezhi.store.schema import metadata, passages
from gezhi.types import InvalidInput


class ErasureRows(StorePart):
    def traces_of_text(self, text: str) -> dict[str, int]:
        if not text.strip():
            raise InvalidInput("There is no text to look for.", hint="Give a few words of what was erased.")
        with self.database.read() as connection:
            places = _tables(connection, text)
            state = self.index.compact(connection)
            places |= _indexes(connection, state, self.analyser.terms(text), text)
        for spelling in _spellings(text):
            for file, count in self.database.files_with(spelling.encode("utf-8", "surrogatepass")).items():
                places[f"file {file}"] = places.get(f"file {file}", 0) + count
        return places


def _spellings(text: str) -> set[str]:
    """As it stands in text columns, and inside JSON."""
    return {text, json.dumps(text, ensure_ascii=False)[1:-1]}


def _tables(connection: sa.Connection, text: str) -> dict[str, int]:
    places = {}
    for table in metadata.sorted_tables:
        for column in table.c:
            if not isinstance(column.type, sa.Text):
                continue
            # `replace` compares to the letter on every engine; LIKE does not.
            holds = sa.or_(*(sa.func.replace(column, s, "") != column for s in sorted(_spellings(text))))
            count = connection.scalar(sa.select(sa.func.count()).select_from(table).where(holds)) or 0
            if count:
                places[f"table {table.name}.{column.name}"] = int(count)
    return places


def _indexes(connection: sa.Connection, state: IndexState, terms: list[str], text: str) -> dict[str, int]:
    """Entries in memory with all its terms, whose passage is gone or says the text."""
    positions = positions_with_all(state.segments, term_keys(dict.fromkeys(terms)).tolist())
    traces = {}
    for place, held in {
        "index words": positions,
        **{f"index vectors of {name}": np.intersect1d(positions, s.positions) for name, s in state.spaces.items()},
    }.items():
        keys = state.catalogue.keys[held].tolist()
        innocent = 0
        for chunk in chunks(keys):
            rows = connection.execute(sa.select(passages.c.text).where(passages.c.key.in_(chunk))).scalars()
            innocent += sum(text not in row for row in rows)
        if len(keys) > innocent:
            traces[place] = len(keys) - innocent
    return traces
