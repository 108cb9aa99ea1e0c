"""Values as the cells write them: a query that asks for `Spain` finds `Spain (ESP)`; and who is meant by `others`."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from gezhi.retrieve.tables.link import distinct_values
from gezhi.retrieve.tables.workspace import Space
from gezhi.types.tables import Column, ColumnType, TypedTable

SHORTEST = 3
"""Characters of a value that is looked for inside others."""


def near_values(sql: str, space: Space) -> str:
    """The query with `column = 'value'` made `column LIKE '%value%'` where no cell is the value and some hold it; in
    the cells' case, where only that differs. Unchanged if it cannot be read."""
    try:
        tree = sqlglot.parse_one(sql, read="sqlite")
    except SqlglotError:
        return sql
    changed = False
    for condition in list(tree.find_all(exp.EQ, exp.NEQ)):
        column, literal = condition.this, condition.expression
        if not (isinstance(column, exp.Column) and isinstance(literal, exp.Literal) and literal.is_string):
            continue
        said = literal.name.strip()
        owner = _owner(column, condition, space)
        if owner is None or not said:
            continue
        cells = distinct_values(space, *owner)
        if said in cells:
            continue
        same = [cell for cell in cells if cell.casefold() == said.casefold()]
        if len(same) == 1:
            literal.replace(exp.Literal.string(same[0]))
            changed = True
        elif len(said) >= SHORTEST and any(said.casefold() in cell.casefold() for cell in cells):
            like = exp.Like(this=column.copy(), expression=exp.Literal.string(f"%{said}%"))
            condition.replace(exp.Not(this=like) if isinstance(condition, exp.NEQ) else like)
            changed = True
    return tree.sql(dialect="sqlite") if changed else sql


def _owner(column: exp.Column, condition: exp.Expr, space: Space) -> tuple[TypedTable, Column] | None:
    """The text column of the space that is meant, if only one can be."""
    select = condition.parent_select
    named = {table.name.casefold() for table in select.find_all(exp.Table)} if select is not None else set()
    wanted = {column.table.casefold()} if column.table else named
    found = [
        (table, one)
        for table in space.tables
        if table.key.casefold() in wanted
        for one in table.columns
        if one.key.casefold() == column.name.casefold() and one.type is ColumnType.TEXT
    ]
    return found[0] if len(found) == 1 else None


def without_itself(sql: str) -> str:
    """`SELECT name ... WHERE team = (SELECT team ... WHERE name = 'X')` asks for others than X. Unchanged if it is
    of another form."""
    try:
        tree = sqlglot.parse_one(sql, read="sqlite")
    except SqlglotError:
        return sql
    where = tree.args.get("where")
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
