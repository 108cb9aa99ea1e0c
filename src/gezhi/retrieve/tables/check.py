"""Is this SQL a harmless question about these tables? One statement that only reads, known tables, known columns, known
functions. What is refused says what to write instead, so that a model can correct itself."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from gezhi.types import SqlRefused
from gezhi.types.tables import TypedTable

ROWS = 10_000
"""LIMIT of a query that has none."""
CAP = f" LIMIT {ROWS + 1}"
"""How it then ends."""
MOST_NODES = 2000
MOST_TABLES = 8
"""In one query, repetitions included."""

FUNCTIONS = frozenset(
    [
        *(
            "abs",
            "avg",
            "count",
            "max",
            "min",
            "sum",
            "total",
            "round",
            "coalesce",
            "ifnull",
            "nullif",
            "iif",
            "length",
        ),
        *(
            "lower",
            "upper",
            "substr",
            "substring",
            "trim",
            "ltrim",
            "rtrim",
            "replace",
            "instr",
            "like",
            "glob",
            "cast",
        ),
        *("date", "datetime", "time", "julianday", "strftime", "current_date", "typeof", "sign", "ceil", "ceiling"),
        *("floor", "group_concat", "string_agg", "concat", "concat_ws", "mod", "pow", "power"),
        *("sqrt", "rank", "dense_rank", "row_number", "lag", "lead", "first_value", "last_value", "ntile", "exp", "ln"),
    ]
)
_NOT_ALLOWED = (
    exp.DML, exp.DDL, exp.Command, exp.Pragma, exp.Into, exp.Lock, exp.Attach, exp.Detach, exp.Transaction, exp.Commit,
    exp.Rollback, exp.Use, exp.Set, exp.Drop, exp.Alter, exp.Analyze, exp.Describe, exp.Show, exp.Placeholder,
    exp.Parameter, exp.TableSample, exp.Lateral, exp.Unnest,
)  # fmt: skip


def checked(sql: str, tables: Sequence[TypedTable]) -> str:
    """The query as it may run. Raises SqlRefused."""
    tree = _parsed(sql)
    nodes = list(tree.walk())
    if len(nodes) > MOST_NODES:
        raise SqlRefused("The query is too complicated.", hint="Write a shorter one.")
    for node in nodes:
        if isinstance(node, _NOT_ALLOWED) and not isinstance(node, exp.Query):
            raise SqlRefused(f"{node.key.upper()} is not allowed.", hint="Write one SELECT that only reads.")
        if isinstance(node, exp.With) and node.args.get("recursive"):
            raise SqlRefused("A recursive query is not allowed.", hint="Write it without WITH RECURSIVE.")
        if isinstance(node, exp.Func):
            _refuse_unknown_function(node)
    _refuse_unknown_names(tree, tables)
    if tree.args.get("limit") is None:
        tree = tree.limit(ROWS + 1, copy=False)
    return tree.sql(dialect="sqlite")


def _parsed(sql: str) -> exp.Query:
    if "\0" in sql:
        raise SqlRefused("The query holds a null character.", hint="Write plain SQL.")
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of what is refused here anyway
    try:
        statements = [one for one in sqlglot.parse(sql, read="sqlite") if one is not None]
    except (SqlglotError, RecursionError) as error:
        raise SqlRefused(f"This is not SQL: {str(error).splitlines()[0]}", hint="Correct the syntax.") from error
    if len(statements) != 1:
        raise SqlRefused(f"{len(statements)} statements were given.", hint="Write exactly one SELECT.")
    tree = statements[0]
    if not isinstance(tree, exp.Query):
        raise SqlRefused(f"{tree.key.upper()} is not allowed.", hint="Write one SELECT that only reads.")
    return tree


def _refuse_unknown_function(node: exp.Func) -> None:
    name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).casefold()
    if isinstance(node, exp.Anonymous) and name not in FUNCTIONS:
        raise SqlRefused(f"There is no function {name} here.", hint=f"Use {', '.join(sorted(FUNCTIONS)[:12])} ...")


def _refuse_unknown_names(tree: exp.Query, tables: Sequence[TypedTable]) -> None:
    known = {table.key.casefold(): {column.key.casefold() for column in table.columns} | {"rowid"} for table in tables}
    names = {table.key.casefold(): table.key for table in tables}
    common = {cte.alias_or_name.casefold() for cte in tree.find_all(exp.CTE)}
    used = list(tree.find_all(exp.Table))
    if len(used) > MOST_TABLES:
        raise SqlRefused("The query names too many tables.", hint=f"At most {MOST_TABLES}.")
    for table in used:
        name = table.name.casefold()
        if not isinstance(table.this, exp.Identifier) or table.args.get("db") or table.args.get("catalog"):
            raise SqlRefused(f"{table.sql()} is no table here.", hint=_tables_hint(names.values()))
        if name not in known and name not in common:
            raise SqlRefused(f"There is no table {table.name}.", hint=_similar(table.name, names.values()))
    try:
        scopes = traverse_scope(tree)
    except SqlglotError as error:
        raise SqlRefused(f"The query cannot be read: {str(error).splitlines()[0]}", hint="Simplify it.") from error
    for scope in scopes:
        _refuse_unknown_columns(scope, known)


def _refuse_unknown_columns(scope: Scope, known: dict[str, set[str]]) -> None:
    sources: dict[str, set[str] | None] = {}
    for alias, source in scope.sources.items():
        name = source.name.casefold() if isinstance(source, exp.Table) else ""
        sources[alias.casefold()] = known.get(name)
    aliases = {one.alias.casefold() for one in scope.expression.find_all(exp.Alias)}
    open_source = any(columns is None for columns in sources.values())
    every = sorted({column for columns in sources.values() if columns for column in columns})
    for column in list(scope.columns):
        name, table = column.name.casefold(), column.table.casefold()
        if not isinstance(column.this, exp.Identifier) or column.parent_select is not scope.expression:
            continue  # a column of a subquery is judged there
        if table:
            columns = sources.get(table)
            if columns is not None and name not in columns:
                raise SqlRefused(
                    f"The table {column.table} has no column {column.name}.", hint=_similar(column.name, columns)
                )
        elif not open_source and name not in aliases and name not in every and not _outer(scope, name, known):
            if column.this.quoted:
                column.replace(exp.Literal.string(column.name))  # "text" for 'text', as SQLite takes it
                continue
            raise SqlRefused(f"There is no column {column.name}.", hint=_similar(column.name, every))


def _outer(scope: Scope, name: str, known: dict[str, set[str]]) -> bool:
    """Whether a query around this one has the column: in a correlated subquery it is meant."""
    parent = scope.parent
    while parent is not None:
        for source in parent.sources.values():
            if not isinstance(source, exp.Table) or name in known.get(source.name.casefold(), {name}):
                return True
        parent = parent.parent
    return False


def _similar(name: str, names: Iterable[str]) -> str:
    every = list(names)
    close = difflib.get_close_matches(name.casefold(), [one.casefold() for one in every], n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(close)}?" if close else _tables_hint(every)


def _tables_hint(names: Iterable[str]) -> str:
    return f"There are: {', '.join(list(names)[:30])}."
