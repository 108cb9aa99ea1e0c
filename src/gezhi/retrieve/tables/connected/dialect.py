"""A query in SQLite's dialect as the database of the user writes it, with the same meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from gezhi.retrieve.tables.connected.address import Kind
from gezhi.retrieve.tables.connected.allowed import refuse_the_rest
from gezhi.retrieve.tables.connected.names import KIND, LOOSE, ROWID, TABLE, Native, kind_of, resolve
from gezhi.types import SqlRefused
from gezhi.types.tables import ColumnType, TypedTable

LOOKED_THROUGH = 100_000
"""Rows of a very large table in which values and keys are looked for."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?")
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between)
_OF_TEXT = (exp.Lower, exp.Upper, exp.Substring, exp.Trim, exp.Replace, exp.StrPosition, exp.Length, exp.GroupConcat)
_ADDING = (exp.Sum, exp.Avg, exp.Max, exp.Min)


def translated(sql: str, natives: Sequence[Native], kind: Kind, *, sampled: bool = False) -> str:
    """`sampled`: large tables are looked at in part. Raises SqlRefused for what is not a query over these tables."""
    try:
        return _translated(_parsed(sql), natives, kind, sampled)
    except RecursionError as error:
        raise SqlRefused("The query is too complicated.", hint="Write a shorter one.") from error


def _parsed(sql: str) -> exp.Query:
    if "\0" in sql:
        raise SqlRefused("The query holds a null character.", hint="Write plain SQL.")
    try:
        tree = sqlglot.parse_one(sql, read="sqlite")
    except SqlglotError as error:
        raise SqlRefused(f"This is not SQL: {str(error).splitlines()[0]}", hint="Correct the syntax.") from error
    if not isinstance(tree, exp.Query):
        raise SqlRefused(f"{tree.key.upper()} is not allowed.", hint="Write one SELECT that only reads.")
    return tree


def _translated(tree: exp.Query, natives: Sequence[Native], kind: Kind, sampled: bool) -> str:
    refuse_the_rest(tree)
    resolve(tree, natives)
    if kind is not Kind.SQLITE:
        _adapt(tree, kind, {native.table.key: native.table for native in natives})
    if sampled:
        _take_samples(tree)
    # No comments: `/*! ... */` is one to SQLite and a command to MySQL.
    return tree.sql(dialect=kind.value, comments=False, unsupported_level=ErrorLevel.IGNORE)


def count_of(sql: str) -> str:
    """A query for the number of rows that another gives, in whatever order."""
    tree = sqlglot.parse_one(sql, read="sqlite")
    assert isinstance(tree, exp.Select)
    tree = tree.select("1", append=False)
    tree.set("order", None)
    return f"SELECT count(*) FROM ({tree.sql(dialect='sqlite')}) AS behind"


def result_names(sql: str, found: Sequence[str]) -> tuple[str, ...]:
    """The names of the result's columns as SQLite would give them, whatever the server calls them."""
    tree = sqlglot.parse_one(sql, read="sqlite")
    selects = tree.selects if isinstance(tree, exp.Query) else []
    if len(selects) != len(found) or any(one.is_star for one in selects):
        return tuple(found)
    return tuple(
        one.alias_or_name if isinstance(one, exp.Alias | exp.Column) else one.sql(dialect="sqlite") for one in selects
    )


def _adapt(tree: exp.Query, kind: Kind, tables: dict[str, TypedTable]) -> None:
    for number, subquery in enumerate(tree.find_all(exp.Subquery)):
        if isinstance(subquery.parent, exp.From | exp.Join) and not subquery.alias:
            subquery.set("alias", exp.TableAlias(this=exp.to_identifier(f"part_{number + 1}", quoted=True)))
    for select in list(tree.find_all(exp.Select)):
        _spell_out(select)
        _replace_row_numbers(select, tables)
        _group_whole(select, tables)
    for call in list(tree.find_all(exp.Anonymous)):
        if str(call.this).casefold() == "total" and len(call.expressions) == 1:
            call.replace(exp.Coalesce(this=exp.Sum(this=call.expressions[0]), expressions=[exp.Literal.number(0)]))
    for node in list(tree.walk(bfs=False)):
        for change in _CHANGES[kind]:
            change(node)


def _spell_out(select: exp.Select) -> None:
    """SQLite knows a result's own names everywhere; servers do not in WHERE and HAVING, nor inside a sum to sort by."""
    given = {one.alias.casefold(): one.this for one in select.selects if isinstance(one, exp.Alias)}
    for part in ("where", "having", "order"):
        clause = select.args.get(part)
        for column in list(clause.find_all(exp.Column)) if clause is not None else ():
            own = not column.table and not column.meta.get(TABLE) and column.parent_select is select
            whole = part == "order" and isinstance(column.parent, exp.Ordered)
            if own and not whole and column.name.casefold() in given:
                column.replace(exp.paren(given[column.name.casefold()].copy()))


def _replace_row_numbers(select: exp.Select, tables: dict[str, TypedTable]) -> None:
    """SQLite numbers the rows; servers do not. As the last resort of an order the primary key does as well."""
    order = select.args.get("order")
    if order is not None:
        kept = [one for one in order.expressions if not _is_row_number(one.this)]
        if kept and len(kept) < len(order.expressions):
            source = select.args.get("from_") or select.args.get("from")
            table = tables.get(source.this.meta.get(TABLE, "")) if source is not None else None
            keys = () if table is None or select.args.get("group") or select.args.get("joins") else table.primary_key
            order.set("expressions", [*kept, *(exp.Ordered(this=exp.column(key, quoted=True)) for key in keys)])
    if any(_is_row_number(column) for column in select.find_all(exp.Column)):
        raise SqlRefused(
            "The rows of this table have no numbers.", hint="A database keeps them in no order: sort by a column."
        )


def _is_row_number(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and node.name.casefold() == ROWID and not node.meta.get(KIND)


def _group_whole(select: exp.Select, tables: dict[str, TypedTable]) -> None:
    """`SELECT name, count(*) ... GROUP BY id`: where a key decides the name, servers still want it said."""
    group = select.args.get("group")
    if group is None or any(one.find(exp.Max, exp.Min) for one in select.selects):
        return
    named = {one.sql() for one in group.expressions}
    keys = [one for one in group.expressions if isinstance(one, exp.Column) and _is_key(one, tables)]
    if not keys:
        return
    for part in (*select.selects, *((order,) if (order := select.args.get("order")) is not None else ())):
        for column in list(part.find_all(exp.Column)):
            alone = column.parent_select is select and not column.find_ancestor(exp.AggFunc)
            if not alone or not column.meta.get(TABLE) or column.sql() in named:
                continue
            whole: exp.Expr = exp.Min(this=column.copy())
            # As a whole column of the result it keeps its name, which ORDER BY may say.
            column.replace(exp.alias_(whole, column.name, quoted=True) if column.parent is select else whole)


def _is_key(column: exp.Column, tables: dict[str, TypedTable]) -> bool:
    table = tables.get(str(column.meta.get(TABLE, "")))
    if table is None:
        return False
    return table.primary_key == (column.name,) or any(one.columns == (column.name,) for one in table.foreign_keys)


def _compare(node: exp.Expr) -> None:
    """Numbers with numbers, texts with texts: SQLite compares what it gets, servers refuse."""
    if not isinstance(node, _COMPARISONS):
        return
    sides = [node.this, *_others(node)]
    for side in sides:
        others = [one for one in sides if one is not side and isinstance(one, exp.Literal)]
        if not others or isinstance(side, exp.Literal):
            continue
        kind = kind_of(side)
        texts = [one for one in others if one.is_string]
        if kind is ColumnType.BOOLEAN:
            for one in others:
                if one.name in ("0", "1"):
                    one.replace(exp.Boolean(this=one.name == "1"))
        elif kind is ColumnType.TEXT:
            for one in others:
                if not one.is_string:
                    one.replace(exp.Literal.string(one.name))
            if side.meta.get(LOOSE):
                side.replace(_as_text(side))
        elif kind is ColumnType.DATE and texts and not all(_DAY.fullmatch(one.name) for one in texts):
            side.replace(_as_text(side))


def _others(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.In):
        return list(node.expressions)
    if isinstance(node, exp.Between):
        return [node.args["low"], node.args["high"]]
    return [node.expression]


def _compare_dates(node: exp.Expr) -> None:
    """For MySQL, which compares the others itself."""
    if isinstance(node, _COMPARISONS) and kind_of(node.this) is ColumnType.DATE:
        texts = [one for one in _others(node) if isinstance(one, exp.Literal) and one.is_string]
        if texts and not all(_DAY.fullmatch(one.name) for one in texts):
            node.this.replace(_as_text(node.this))


def _like(node: exp.Expr) -> None:
    """SQLite's LIKE takes capitals and small letters as one, numbers and dates as texts, and `\\` as itself."""
    if type(node) is not exp.Like:
        return
    left = node.this if _is_text(node.this) else _as_text(node.this)
    new: exp.Expr = exp.ILike(this=left, expression=node.expression, negate=node.args.get("negate"))
    if not isinstance(node.parent, exp.Escape):
        new = exp.Escape(this=new, expression=exp.Literal.string(""))
    node.replace(new)


def _like_as_it_stands(node: exp.Expr) -> None:
    if type(node) is exp.Like and not isinstance(node.parent, exp.Escape) and "\\" in node.expression.name:
        node.replace(exp.Escape(this=node.copy(), expression=exp.Literal.string("")))


def _text_functions(node: exp.Expr) -> None:
    if isinstance(node, _OF_TEXT) and node.this is not None and not _is_text(node.this):
        inner = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
        inner.replace(_as_text(inner))


def _add_truths(node: exp.Expr) -> None:
    if isinstance(node, _ADDING) and kind_of(node.this) is ColumnType.BOOLEAN:
        node.this.replace(exp.cast(node.this.copy(), "INT"))


def _whole(node: exp.Expr) -> None:
    """A cast to a whole number cuts off; of PostgreSQL it rounds, and ends at two thousand million."""
    if isinstance(node, exp.Cast) and node.to.this is exp.DataType.Type.INT:
        node.set("to", exp.DataType.build("BIGINT"))
        if kind_of(node.this) is ColumnType.NUMBER:
            node.this.replace(exp.Anonymous(this="TRUNC", expressions=[node.this.copy()]))


def _whole_in_mysql(node: exp.Expr) -> None:
    if isinstance(node, exp.Cast) and node.to.this is exp.DataType.Type.INT and kind_of(node.this) is ColumnType.NUMBER:
        node.this.replace(exp.Anonymous(this="TRUNCATE", expressions=[node.this.copy(), exp.Literal.number(0)]))


def _divide_whole(node: exp.Expr) -> None:
    if isinstance(node, exp.Div) and kind_of(node) is ColumnType.INTEGER:
        node.replace(exp.IntDiv(this=node.this.copy(), expression=node.expression.copy()))


_CHANGES: dict[Kind, tuple[Callable[[exp.Expr], None], ...]] = {
    Kind.POSTGRES: (_compare, _like, _text_functions, _add_truths, _whole),
    Kind.MYSQL: (_compare_dates, _like_as_it_stands, _whole_in_mysql, _divide_whole),
}


def _is_text(node: exp.Expr) -> bool:
    if isinstance(node, exp.Distinct):
        return all(_is_text(one) for one in node.expressions)
    return kind_of(node) is ColumnType.TEXT and not node.meta.get(LOOSE)


def _as_text(node: exp.Expr) -> exp.Expr:
    return exp.cast(node.copy(), "TEXT")


def _take_samples(tree: exp.Query) -> None:
    for table in list(tree.find_all(exp.Table)):
        if table.meta.get("large"):
            alias = table.alias
            bare = table.copy()
            bare.set("alias", None)
            bare.meta["large"] = False
            table.replace(
                exp.select("*").from_(bare).limit(LOOKED_THROUGH).subquery(exp.to_identifier(alias, quoted=True))
            )


def tables_in(sql: str) -> set[str]:
    """Folded names of the tables that a query reads, without those it makes itself; none if it cannot be read."""
    try:
        tree = sqlglot.parse_one(sql, read="sqlite")
    except (SqlglotError, RecursionError):
        return set()
    own = {one.alias_or_name.casefold() for one in tree.find_all(exp.CTE)}
    return {one.name.casefold() for one in tree.find_all(exp.Table)} - own
