"""What of some tables a question speaks of: its values, its columns, and the tables that hold them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gezhi.retrieve.tables.glossary import column_translations, translations
from gezhi.retrieve.tables.keys import with_keys
from gezhi.retrieve.tables.workspace import Space, quoted
from gezhi.store.stop_words import ENGLISH
from gezhi.types import SqlFailed, SqlRefused
from gezhi.types.tables import Column, ColumnType, TypedTable

Terms = Callable[[str], Sequence[str]]
"""The store's analyser."""

MOST_COLUMNS = 48
"""In a prompt: about a thousand tokens of schema."""
DISTINCT = 3000
"""Values of a column that are compared with the question."""
LONGEST_VALUE = 80
EXAMPLES = 8
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_AMOUNT = re.compile(r"[\d.,]+\s*[万亿千百个元人年月日米%]*")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueHit:
    """A value of a column that the question says."""

    table: str
    column: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Linked:
    tables: tuple[TypedTable, ...]
    """Those that matter, with the columns that matter."""
    values: tuple[ValueHit, ...]
    examples: Mapping[tuple[str, str], tuple[str, ...]]
    """(table, column) -> a few of its values."""


def link(question: str, space: Space, terms: Terms, *, most_columns: int = MOST_COLUMNS) -> Linked:
    asked = set(terms(question))
    spelled = _spaced(question)
    values: list[ValueHit] = []
    examples: dict[tuple[str, str], tuple[str, ...]] = {}
    known = with_keys(space)
    for table in known:
        for column in table.columns:
            if column.type is not ColumnType.TEXT:
                continue
            every = distinct_values(space, table, column)
            examples[table.key, column.key] = tuple(every[:EXAMPLES])
            said = [
                value
                for value in every
                if _says(spelled, question, value)
                or any(_says(spelled, question, other) for other in translations(value))
            ]
            longest = [v for v in said if not any(v != w and v.casefold() in w.casefold() for w in said)]
            values += [ValueHit(table=table.key, column=column.key, value=value) for value in longest[:3]]
    tables = _pruned(known, asked, terms, values, most_columns)
    kept = {(table.key, column.key) for table in tables for column in table.columns}
    return Linked(
        tables=tables, values=tuple(hit for hit in values if (hit.table, hit.column) in kept), examples=examples
    )


def distinct_values(space: Space, table: TypedTable, column: Column) -> list[str]:
    """The most frequent first; very long ones left out."""
    name = quoted(column.key)
    counted = f"SELECT {name}, count(*) FROM {quoted(table.key)} WHERE {name} <> '' GROUP BY 1"
    sql = f"{counted} ORDER BY 2 DESC LIMIT {DISTINCT}"
    try:
        rows = space.run_unchecked(sql).rows
    except (SqlFailed, SqlRefused):
        return []
    return [str(row[0]) for row in rows if row[0] is not None and len(str(row[0])) <= LONGEST_VALUE]


def _spaced(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def _says(spelled: str, question: str, value: str) -> bool:
    """Whether a question says a value: as whole words, also in the plural; Chinese anywhere, from two characters."""
    if _AMOUNT.fullmatch(value):
        return False  # a number is compared, not matched
    if _HAN.search(value):
        return len(value) >= 2 and value.casefold() in question.casefold()
    key = _spaced(value)
    if len(key) < 4 and not value.isupper():
        return False  # one letter is said by accident
    if key.strip() in ENGLISH:
        return re.search(rf"\b{re.escape(value)}\b", question) is not None  # the airport AND, not every `and`
    return key.strip() != "" and (key in spelled or f"{key.rstrip()}s " in spelled)


def _pruned(
    tables: Sequence[TypedTable], asked: set[str], terms: Terms, values: Sequence[ValueHit], most: int
) -> tuple[TypedTable, ...]:
    """All of it where it is small; else the tables and columns that share words or values with the question, and the
    keys that join them."""
    if sum(len(table.columns) for table in tables) <= most:
        return tuple(tables)
    held = {(hit.table, hit.column) for hit in values}
    scores: dict[tuple[str, str], float] = {}
    of_table: dict[str, float] = {}
    for table in tables:
        mine = set(terms(f"{table.name} {table.key}"))
        own = len(mine & asked) / (len(mine) or 1)
        for column in table.columns:
            words = set(terms(f"{column.name} {column.key.replace('_', ' ')}"))
            shares = [len(words & asked) / (len(words) or 1)]
            shares += [float(set(terms(other)) <= asked) for other in column_translations(column.name)]
            score = max(shares) + 2.0 * ((table.key, column.key) in held)
            scores[table.key, column.key] = score + 0.3 * own
        of_table[table.key] = own + max((scores[table.key, c.key] for c in table.columns), default=0.0)
    ordered = sorted(tables, key=lambda table: -of_table[table.key])
    chosen: list[TypedTable] = []
    left = most
    for table in ordered:
        keys = {*table.primary_key, *(name for one in table.foreign_keys for name in one.columns)}
        ranked = sorted(table.columns, key=lambda c: (-(c.key in keys), -scores[table.key, c.key]))
        kept = ranked[: max(2, min(len(ranked), left, most // 3))]
        names = {column.key for column in kept}
        chosen.append(replace(table, columns=tuple(column for column in table.columns if column.key in names)))
        left -= len(kept)
        if left <= 0:
            break
    return tuple(chosen)
