"""Queries as a small model writes them, made to say what it plainly means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from gezhi.answer.exact.names import parsed
from gezhi.retrieve.tables.link import distinct_values
from gezhi.retrieve.tables.workspace import Space
from gezhi.types import SqlFailed, SqlRefused
from gezhi.types.tables import Column, ColumnType, TypedTable

_LOOKED_AT = 20
"""Distinct cells of a column."""
_DIFFERENCE = re.compile(
    r"\bdifference\b|\bhow (?:many|much) (?:more|less|fewer|higher|longer)\b|相差|差多少|多多少|少多少", re.I
)


def as_difference(sql: str, question: str, tables: Sequence[TypedTable]) -> str:
    """`SELECT points ... EXCEPT SELECT points ...` where the question asks for a difference of numbers."""
    tree = parsed(sql)
    if not isinstance(tree, exp.Except) or not _DIFFERENCE.search(question):
        return sql
    sides = [tree.this, tree.expression]
    if not all(isinstance(side, exp.Select) and len(side.selects) == 1 for side in sides):
        return sql
    types = {column.type for side in sides for _, column in _owners(side.selects[0], tables)}
    if not types <= {ColumnType.INTEGER, ColumnType.NUMBER}:
        return sql
    one, other = (exp.Paren(this=side.copy()) for side in sides)
    return str(exp.select(exp.func("abs", exp.Sub(this=one, expression=other))).sql(dialect="sqlite"))


def within_row(sql: str) -> str:
    """`WHERE cost > (SELECT budget FROM projects)`, of projects: two cells of one row are compared."""
    tree = parsed(sql)
    if not isinstance(tree, exp.Select):
        return sql
    changed = False
    for one in list(tree.find_all(exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ, exp.NEQ)):
        inner = one.expression.this if isinstance(one.expression, exp.Subquery) else None
        if not isinstance(inner, exp.Select) or not isinstance(one.this, exp.Column) or len(inner.selects) != 1:
            continue
        bare = not any(inner.args.get(part) for part in ("where", "limit", "order", "group", "joins", "distinct"))
        outer = one.parent_select
        tables = {table.name.casefold() for table in (outer.find_all(exp.Table) if outer else ())}
        own = {table.name.casefold() for table in inner.find_all(exp.Table)}
        other = inner.selects[0]
        if bare and isinstance(other, exp.Column) and tables == own and other.name != one.this.name:
            one.set("expression", other.copy())
            changed = True
    return str(tree.sql(dialect="sqlite")) if changed else sql


def among(sql: str) -> str:
    """`airport = (SELECT code ... WHERE city = 'Aberdeen')`: any of its airports. SQLite would take the first."""
    tree = parsed(sql)
    if tree is None:
        return sql
    changed = False
    for one in list(tree.find_all(exp.EQ, exp.NEQ)):
        inner = one.expression.this if isinstance(one.expression, exp.Subquery) else None
        if not isinstance(inner, exp.Select) or not isinstance(one.this, exp.Column) or len(inner.selects) != 1:
            continue
        single = inner.args.get("limit") or (inner.selects[0].find(exp.AggFunc) and not inner.args.get("group"))
        if not single and isinstance(inner.selects[0], exp.Column) and inner.selects[0].name.casefold() != "rowid":
            members = exp.In(this=one.this.copy(), query=one.expression.copy())
            one.replace(exp.Not(this=members) if isinstance(one, exp.NEQ) else members)
            changed = True
    return str(tree.sql(dialect="sqlite")) if changed else sql


def grouped(sql: str) -> str:
    """`SELECT city FROM t ORDER BY count(*)`, `SELECT city, avg(x) FROM t`: of each city. The least or largest alone
    stays: SQLite gives the row that holds it."""
    tree = parsed(sql)
    if tree is None:
        return sql
    changed = False
    for select in tree.find_all(exp.Select):
        plain = [one for one in select.selects if isinstance(one, exp.Column)]
        counted = [one for one in select.selects if one.find(exp.Count, exp.Sum, exp.Avg) is not None]
        order = select.args.get("order")
        by = [one for one in (order.expressions if order is not None else ()) if one.this.find(exp.AggFunc)]
        if (
            plain
            and len(plain) + len(counted) == len(select.selects)
            and (counted or by)
            and not select.args.get("group")
        ):
            select.group_by(*(one.copy() for one in plain), copy=False)
            changed = True
    return str(tree.sql(dialect="sqlite")) if changed else sql


def without_repeats(sql: str) -> str:
    """Each condition once: a small model repeats them."""
    tree = parsed(sql)
    if tree is None:
        return sql
    for kind in (exp.And, exp.Or):
        for joined in list(tree.find_all(kind)):
            if isinstance(joined.parent, kind):
                continue
            parts = list(joined.flatten())
            unique = list(dict.fromkeys(parts))
            if len(unique) < len(parts):
                combine = exp.and_ if kind is exp.And else exp.or_
                joined.replace(unique[0] if len(unique) == 1 else combine(*unique))
    return str(tree.sql(dialect="sqlite"))


def once(sql: str, space: Space) -> str:
    """A cell asked for is said once, where all rows that fit hold the same."""
    tree = parsed(sql)
    if not isinstance(tree, exp.Select) or len(tree.selects) != 1 or tree.args.get("distinct"):
        return sql
    if not isinstance(tree.selects[0], exp.Column) or tree.args.get("limit") or tree.args.get("group"):
        return sql
    try:
        rows = space.run(sql).rows
    except (SqlFailed, SqlRefused):
        return sql
    return str(tree.distinct().sql(dialect="sqlite")) if len(rows) > 1 and len(set(rows)) == 1 else sql


def texts_added(sql: str, space: Space) -> str:
    """A column of words that a query adds up or takes from another: SQLite makes 0 of them. Empty if none is."""
    tree = parsed(sql)
    if tree is None:
        return ""
    for one in tree.find_all(exp.Sum, exp.Avg, exp.Sub):
        operands = [one.this, one.expression] if isinstance(one, exp.Sub) else [one.this]
        for operand in operands:
            inner = operand.this if isinstance(operand, exp.Max | exp.Min | exp.Paren) else operand
            owners = _owners(inner, space.tables)
            cells = [cell for table, column in owners for cell in distinct_values(space, table, column)[:_LOOKED_AT]]
            texts = bool(owners) and all(column.type is ColumnType.TEXT for _, column in owners)
            if texts and sum(cell.strip()[:1].isdigit() for cell in cells) <= len(cells) / 2:  # 20.5 L adds up as 20.5
                return str(inner.name)
    return ""


def _owners(column: exp.Expr, tables: Sequence[TypedTable]) -> list[tuple[TypedTable, Column]]:
    """The columns that a name may mean."""
    if not isinstance(column, exp.Column):
        return []
    return [
        (table, one)
        for table in tables
        if not column.table or column.table.casefold() == table.key.casefold()
        for one in table.columns
        if one.key.casefold() == column.name.casefold()
    ]


def without_itself(sql: str) -> str:
    """`SELECT name ... WHERE team = (SELECT team ... WHERE name = 'X')` asks for others than X. Unchanged if it is
    of another form."""
    tree = parsed(sql)
    where = tree.args.get("where") if tree is not None else None
    if not isinstance(tree, exp.Select) or where is None or len(tree.selects) != 1:
        return sql
    asked = tree.selects[0]
    for same in where.find_all(exp.EQ):
        inner = same.expression.find(exp.Select) if isinstance(same.expression, exp.Subquery) else None
        if inner is None or same.parent_select is not tree or not isinstance(asked, exp.Column):
            continue
        given = inner.args.get("where")
        known = given.this if given is not None else None
        if not isinstance(known, exp.EQ | exp.Like) or not isinstance(known.this, exp.Column):
            continue
        if inner.selects == [same.this] and known.this.name == asked.name and not _excludes(where, asked):
            where.set("this", exp.and_(where.this, exp.Not(this=exp.paren(known.copy()))))
            return str(tree.sql(dialect="sqlite"))
    return sql


def _excludes(where: exp.Expr, column: exp.Column) -> bool:
    return any(
        isinstance(one, exp.NEQ | exp.Not) and any(c.name == column.name for c in one.find_all(exp.Column))
        for one in where.find_all(exp.NEQ, exp.Not)
    )
