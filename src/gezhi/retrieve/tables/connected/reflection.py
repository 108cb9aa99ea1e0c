"""What a server's tables are: names, columns with their types, keys, and how many rows it believes them to have."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gezhi.retrieve.tables.connected.connector import FoundColumn, FoundKey, FoundTable
from gezhi.types.tables import ColumnType

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Inspector

_POSTGRES = """
SELECT n.nspname, c.relname, coalesce(obj_description(c.oid, 'pg_class'), ''), c.reltuples::bigint, c.relkind::text,
       n.nspname = current_schema()
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname <> current_schema(), n.nspname, c.oid
"""
"""Not the parts of a partitioned table, and not what an extension brought."""
_MYSQL = """
SELECT TABLE_NAME, TABLE_COMMENT, TABLE_ROWS, TABLE_TYPE FROM information_schema.tables
WHERE TABLE_SCHEMA = DATABASE() ORDER BY CREATE_TIME, TABLE_NAME
"""


_MYSQL_COLUMNS = """
SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, COLUMN_COMMENT FROM information_schema.columns
WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION
"""
_MYSQL_KEYS = """
SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
FROM information_schema.key_column_usage
WHERE TABLE_SCHEMA = DATABASE() AND (CONSTRAINT_NAME = 'PRIMARY' OR REFERENCED_TABLE_SCHEMA = DATABASE())
ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION
"""


def postgres_tables(connection: Connection) -> Iterator[FoundTable]:
    from sqlalchemy import inspect, text

    listed = connection.execute(text(_POSTGRES)).all()
    inspector = inspect(connection)
    schemas = {schema: _described(inspector, schema) for schema in dict.fromkeys(row[0] for row in listed)}
    for schema, name, comment, rows, kind, is_default in listed:
        columns, primary, foreign = schemas[schema]
        yield FoundTable(
            name=name,
            schema=schema,
            default_schema=bool(is_default),
            is_view=kind in ("v", "m"),
            comment=comment,
            columns=tuple(_columns(columns.get(name, ()))),
            primary_key=tuple(primary.get(name, ())),
            foreign_keys=tuple(_keys(foreign.get(name, ()), schema)),
            estimate=int(rows) if kind in ("r", "p", "m") and rows >= 0 else None,
        )


def mysql_tables(connection: Connection) -> Iterator[FoundTable]:
    """From the information schema alone: what a reader may not look into by `SHOW CREATE` is described there too."""
    from sqlalchemy import text

    columns: dict[str, list[FoundColumn]] = {}
    for table, name, kind, declared, comment in connection.execute(text(_MYSQL_COLUMNS)).all():
        found = FoundColumn(name=name, type=_mysql_type(kind, declared), comment=comment or "")
        columns.setdefault(table, []).append(found)
    primary: dict[str, list[str]] = {}
    foreign: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for table, constraint, column, target, target_column in connection.execute(text(_MYSQL_KEYS)).all():
        if target is None:
            primary.setdefault(table, []).append(column)
        else:
            foreign.setdefault((table, constraint), []).append((column, target, target_column))
    for name, comment, rows, kind in connection.execute(text(_MYSQL)).all():
        is_view = str(kind).upper() != "BASE TABLE"
        yield FoundTable(
            name=name,
            is_view=is_view,
            comment="" if is_view else comment or "",
            columns=tuple(columns.get(name, ())),
            primary_key=tuple(primary.get(name, ())),
            foreign_keys=tuple(_mysql_key(parts) for (table, _), parts in foreign.items() if table == name),
            estimate=int(rows) if rows is not None and not is_view else None,
        )


def _mysql_key(parts: Sequence[tuple[str, str, str]]) -> FoundKey:
    return FoundKey(
        columns=tuple(part[0] for part in parts), schema="", table=parts[0][1], target=tuple(part[2] for part in parts)
    )


def _mysql_type(kind: str, declared: str) -> ColumnType:
    if declared.lower().startswith(("tinyint(1)", "bit(1)")):
        return ColumnType.BOOLEAN
    if kind.lower().endswith("int") or kind.lower() == "year":
        return ColumnType.INTEGER
    if kind.lower() in ("decimal", "float", "double", "real"):
        return ColumnType.NUMBER
    return ColumnType.DATE if kind.lower() in ("date", "datetime", "timestamp") else ColumnType.TEXT


_Described = tuple[dict[str, Any], dict[str, Sequence[str]], dict[str, Any]]


def _described(inspector: Inspector, schema: str) -> _Described:
    """Columns, primary keys and foreign keys by table, three queries for a whole schema."""
    from sqlalchemy.engine.reflection import ObjectKind
    from sqlalchemy.exc import SAWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # of types it does not know: they are texts to us
        columns = inspector.get_multi_columns(schema=schema, kind=ObjectKind.ANY)
        primary = inspector.get_multi_pk_constraint(schema=schema)
        foreign = inspector.get_multi_foreign_keys(schema=schema)
    return (
        {key[1]: value for key, value in columns.items()},
        {key[1]: (value or {}).get("constrained_columns") or () for key, value in primary.items()},
        {key[1]: value for key, value in foreign.items()},
    )


def _columns(found: Sequence[Mapping[str, Any]]) -> Iterator[FoundColumn]:
    for one in found:
        kind, loose = _type(one["type"])
        yield FoundColumn(name=one["name"], type=kind, comment=one.get("comment") or "", loose=loose)


def _type(declared: Any) -> tuple[ColumnType, bool]:
    from sqlalchemy import types as sql

    if isinstance(declared, sql.Boolean):
        return ColumnType.BOOLEAN, False
    if isinstance(declared, sql.Integer):
        return ColumnType.INTEGER, False
    if isinstance(declared, sql.Numeric | sql.Float):
        return ColumnType.NUMBER, False
    if isinstance(declared, sql.Date | sql.DateTime):
        return ColumnType.DATE, False
    return ColumnType.TEXT, isinstance(declared, sql.Enum) or not isinstance(declared, sql.String)


def _keys(found: Sequence[Mapping[str, Any]], schema: str) -> Iterator[FoundKey]:
    for one in found:
        yield FoundKey(
            columns=tuple(one["constrained_columns"]),
            schema=one.get("referred_schema") or schema,
            table=one["referred_table"],
            target=tuple(one["referred_columns"]),
        )
