"""Which one is the largest, with how large it is: the amount that a query ranks by, beside what it asks for."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_CALLED: dict[type, str] = {exp.Sum: "total", exp.Avg: "average", exp.Count: "count", exp.Max: "most", exp.Min: "least"}


def with_amount(sql: str) -> str | None:
    """The query with one more column; None if it ranks by nothing, or says the amount already."""
    try:
        tree = sqlglot.parse_one(sql, read="sqlite")
    except SqlglotError:
        return None
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1 or tree.args.get("distinct"):
        return None
    asked = tree.expressions[0]
    if asked.find(exp.AggFunc, exp.Star) is not None:
        return None
    amount = _ordered_by(tree) or _equals_an_extreme(tree)
    if amount is None or amount == asked.unalias() or not amount.find(exp.Column, exp.Count):
        return None
    named = _name(amount)
    tree.append("expressions", exp.alias_(amount.copy(), named, quoted=True) if named else amount.copy())
    return tree.sql(dialect="sqlite")


def _ordered_by(tree: exp.Select) -> exp.Expr | None:
    order = tree.args.get("order")
    if order is None or tree.args.get("limit") is None:
        return None
    first: exp.Expr = order.expressions[0].this
    return None if isinstance(first, exp.Column) and first.name.casefold() == "rowid" else first


def _equals_an_extreme(tree: exp.Select) -> exp.Expr | None:
    """`x = (SELECT max(x) FROM …)` of the rows, or of the groups; or of the second of them."""
    for part in ("having", "where"):
        clause = tree.args.get(part)
        for one in clause.find_all(exp.EQ) if clause is not None else []:
            inner = one.expression.this if isinstance(one.expression, exp.Subquery) else None
            extreme = isinstance(inner, exp.Select) and isinstance(inner.expressions[0], exp.Max | exp.Min)
            nth = isinstance(inner, exp.Select) and None not in map(inner.args.get, ("order", "limit", "offset"))
            if (extreme or nth) and one.parent_select is tree and not one.find_ancestor(exp.Or, exp.Not):
                amount: exp.Expr = one.this
                return amount
    return None


def _name(amount: exp.Expr) -> str:
    made = _CALLED.get(type(amount), "")
    column = amount.find(exp.Column)
    return " ".join(word for word in (made, column.name if column is not None else "") if word) if made else ""
