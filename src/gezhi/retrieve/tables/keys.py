"""Keys that nobody declared: a column named after another table, whose values are all in that table's own key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gezhi.retrieve.tables.workspace import Space, quoted
from gezhi.types import SqlFailed, SqlRefused
from gezhi.types.tables import Column, ForeignKey, TypedTable

HELD = 0.9
"""Share of a column's values that must be in the key."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_ID = re.compile(r"[_ ]?(?:id|code|no|number|key|sku|name|编号|代码|编码|序号|号|名称|名)$", re.IGNORECASE)


def with_keys(space: Space) -> tuple[TypedTable, ...]:
    """The tables of a workspace, with the likely keys between them where none are declared."""
    tables = space.tables
    if len(tables) < 2 or any(table.foreign_keys for table in tables):
        return tables
    return tuple(replace(table, foreign_keys=tuple(_keys_of(table, tables, space))) for table in tables)


def _keys_of(table: TypedTable, tables: Sequence[TypedTable], space: Space) -> Iterator[ForeignKey]:
    for number, column in enumerate(table.columns):
        stem = _ID.sub("", column.key).casefold()
        nearest = sorted(
            (one for one in tables if one is not table), key=lambda one: -_common(stem, one.key.casefold())
        )
        for other in nearest:
            target = _target(column, other, is_own_key=number == 0 and _ID.search(column.key) is not None)
            if target is not None and _holds(space, table, column, other, target):
                yield ForeignKey(columns=(column.key,), table=other.key, target=(target.key,))
                break


def _common(one: str, other: str) -> int:
    """Characters that two names end with alike."""
    length = 0
    while length < min(len(one), len(other)) and one[-1 - length] == other[-1 - length]:
        length += 1
    return length


def _target(column: Column, other: TypedTable, *, is_own_key: bool) -> Column | None:
    """The column of another table that a column would refer to, by its name."""
    stem = _ID.sub("", column.key).casefold().rstrip("_ ")
    own = other.key.casefold().rstrip("_ ")
    named_after = len(stem) >= 2 and (
        own.endswith(stem)
        or stem.endswith(own)
        or own.rstrip("s") == stem.rstrip("s")
        or bool(_HAN.search(stem[-1:]) and stem[-1:] == own[-1:])  # 球员id -> 运动员: the values decide
    )
    keys = [one for one in other.columns if one.key in other.primary_key] or [
        one for one in other.columns[:2] if _ID.search(one.key)
    ]
    if named_after and _ID.search(column.key) and keys:
        return keys[0]
    same = next((one for one in other.columns if one.key.casefold() == column.key.casefold()), None)
    if same is not None and not is_own_key and _ID.search(column.key) and same.type is column.type:
        return same
    return None


def _holds(space: Space, table: TypedTable, column: Column, other: TypedTable, target: Column) -> bool:
    """Whether the target is a key, and holds the column's values."""
    mine, theirs = quoted(column.key), quoted(target.key)
    try:
        total, distinct = space.run_unchecked(
            f"SELECT count({theirs}), count(DISTINCT {theirs}) FROM {quoted(other.key)}"
        ).rows[0]
        values, held = space.run_unchecked(
            f"SELECT count(*), sum(v IN (SELECT {theirs} FROM {quoted(other.key)}))"
            f" FROM (SELECT DISTINCT {mine} AS v FROM {quoted(table.key)} WHERE {mine} IS NOT NULL)"
        ).rows[0]
    except (SqlFailed, SqlRefused):
        return False
    return bool(total) and total == distinct and bool(values) and float(held or 0) >= HELD * float(values or 1)
