"""Names as SQL writes them, and the keys between tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from gezhi.types.tables import TypedTable

_PLAIN = re.compile(r"[A-Za-z_\u3400-\u9fff][\w\u3400-\u9fff]*")
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
    add all and as asc between by case check column cross default desc distinct
    else end except exists from group having in index intersect is join key left
    like limit not null offset on or order primary references right select set table
    then to transaction union using values when where with
        """,
    )
)


class Edge(NamedTuple):
    """A key: a column of one table that refers to a column of another."""

    left: str
    left_column: str
    right: str
    right_column: str

    @property
    def columns(self) -> tuple[tuple[str, str], tuple[str, str]]:
        return (self.left, self.left_column), (self.right, self.right_column)

    @property
    def ends(self) -> tuple[str, str]:
        left, right = (column_name(table, column, alone=False) for table, column in self.columns)
        return left, right

    @property
    def condition(self) -> str:
        return " = ".join(self.ends)


def parsed(sql: str) -> exp.Expr | None:
    """None if it is no SQL."""
    try:
        tree: exp.Expr = sqlglot.parse_one(sql, read="sqlite")
    except SqlglotError:
        return None
    return tree


def identifier(name: str) -> str:
    """A name as SQL writes it: quoted only where it must be."""
    if _PLAIN.fullmatch(name) and name.casefold() not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def parsed_identifier(name: str) -> exp.Identifier:
    """The same, as part of a parsed query."""
    return exp.to_identifier(name, quoted=identifier(name) != name)


def column_name(table: str, column: str, *, alone: bool) -> str:
    """`alone`: only one table is there, so that its name says nothing."""
    return identifier(column) if alone else f"{identifier(table)}.{identifier(column)}"


def literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def keys_between(tables: Sequence[TypedTable]) -> Iterator[Edge]:
    """Every key between two of the tables."""
    present = {table.key.casefold(): table for table in tables}
    for table in tables:
        for one in table.foreign_keys:
            target = present.get(one.table.casefold())
            if target is not None and len(one.columns) == 1:
                yield Edge(table.key, one.columns[0], target.key, one.target[0])
