"""Which parts of SQL reach a database of the user's: those that read and calculate. SQLite's authorizer refuses the
rest by itself; a server has far more functions, and types whose names read its own tables."""

from __future__ import annotations

from sqlglot import exp

from gezhi.retrieve.tables.check import FUNCTIONS
from gezhi.types import SqlRefused

_QUERIES = (
    exp.Select, exp.Union, exp.Intersect, exp.Except, exp.Subquery, exp.With, exp.CTE, exp.From, exp.Join, exp.Where,
    exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Distinct, exp.Table, exp.TableAlias,
    exp.Column, exp.Identifier, exp.Alias, exp.Star, exp.Window, exp.WindowSpec, exp.Filter,
)  # fmt: skip
_VALUES = (
    exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Tuple, exp.Case, exp.If, exp.And, exp.Or, exp.Not, exp.EQ,
    exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is, exp.In, exp.Between, exp.Like,
    exp.Glob, exp.Escape, exp.Exists, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.DPipe, exp.Collate,
    exp.Var,
)  # fmt: skip
_FUNCTIONS = (
    exp.Abs, exp.Avg, exp.Cast, exp.Ceil, exp.Coalesce, exp.Concat, exp.ConcatWs, exp.Count, exp.CurrentDate,
    exp.CurrentTimestamp, exp.Date, exp.DenseRank, exp.Exp, exp.FirstValue, exp.Floor, exp.GroupConcat, exp.Lag,
    exp.LastValue, exp.Lead, exp.Length, exp.Ln, exp.Lower, exp.Trim, exp.Max, exp.Greatest, exp.Min, exp.Least,
    exp.Ntile, exp.Nullif, exp.Pow, exp.Rank, exp.Replace, exp.Round, exp.RowNumber, exp.Sign, exp.Sqrt,
    exp.TimeToStr, exp.TsOrDsToTimestamp, exp.StrPosition, exp.Substring, exp.Sum, exp.Typeof, exp.Upper,
)  # fmt: skip
"""What the names in `FUNCTIONS` are read as."""
_ALLOWED = frozenset((*_QUERIES, *_VALUES, *_FUNCTIONS, exp.DataType, exp.DataTypeParam))
_TYPES = frozenset(
    [
        exp.DataType.Type.TEXT,
        exp.DataType.Type.VARCHAR,
        exp.DataType.Type.CHAR,
        exp.DataType.Type.INT,
        exp.DataType.Type.BIGINT,
        exp.DataType.Type.FLOAT,
        exp.DataType.Type.DOUBLE,
        exp.DataType.Type.DECIMAL,
        exp.DataType.Type.DATE,
        exp.DataType.Type.BOOLEAN,
    ]
)
_COLLATIONS = frozenset({"nocase", "binary", "rtrim"})


def refuse_the_rest(tree: exp.Query) -> None:
    for node in tree.walk():
        if isinstance(node, exp.Anonymous):
            if not isinstance(node.this, str) or node.this.casefold() not in FUNCTIONS:
                raise SqlRefused(f"There is no function {node.name} here.", hint="Use plain SQL functions.")
        elif type(node) not in _ALLOWED:
            name = node.sql_name() if isinstance(node, exp.Func) else node.key.upper()
            raise SqlRefused(f"{name} is not allowed.", hint="Write one SELECT that only reads.")
        if isinstance(node, exp.Replace) and _growth(node) > MOST_GROWTH:
            raise SqlRefused("Too many replacements in each other.", hint="Replace less.")  # MySQL does not stop them
        if isinstance(node, exp.With) and node.args.get("recursive"):
            raise SqlRefused("A recursive query is not allowed.", hint="Write it without WITH RECURSIVE.")
        if isinstance(node, exp.DataType) and node.this not in _TYPES:
            raise SqlRefused(f"A cast to {node.sql()} is not allowed.", hint="Cast to TEXT, INTEGER, REAL or DATE.")
        if isinstance(node, exp.Collate) and node.expression.name.casefold() not in _COLLATIONS:
            raise SqlRefused("This collation is not allowed.", hint="Leave COLLATE out, or write COLLATE NOCASE.")
        if isinstance(node, exp.Table) and any(node.args.get(part) for part in _TABLE_PARTS):
            raise SqlRefused(f"{node.sql()} is no table here.", hint="Name a table, and nothing more.")


def _growth(node: exp.Replace) -> int:
    """How many replacements in each other, this one the outermost, can make a text longer."""
    count, inner = 0, node
    while isinstance(inner, exp.Replace):
        old, new = inner.expression, inner.args.get("replacement")
        both = isinstance(old, exp.Literal) and (new is None or isinstance(new, exp.Literal))
        count += not both or (new is not None and len(new.name) > len(old.name))
        inner = inner.this
    return count


MOST_GROWTH = 2
_TABLE_PARTS = (
    "hints",
    "pivots",
    "version",
    "when",
    "only",
    "partition",
    "sample",
    "ordinality",
    "indexed",
    "rows_from",
)
