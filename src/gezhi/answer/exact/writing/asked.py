"""Queries held to what the question asks for: one thing where it asks for one, the next one where it asks what comes
after, and places of a ranking, where a higher one is a smaller number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from gezhi.answer.exact.names import parsed, parsed_identifier
from gezhi.types.tables import ColumnType, TypedTable

LISTS = re.compile(r",|\band\b|\bwith\b|、|，|和|与|及|以及|并", re.IGNORECASE)
"""What joins the things that a question asks for."""
_ASKED = re.compile(r"\bwho\b|\b(?:which|what) (\w+)|谁|哪(?:个|一)", re.IGNORECASE)
_AFTER = re.compile(r"\b(?:after|next|following|follows|followed)\b|之后|后面|下一", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:before|previous|preceding|precede[sd]?|prior)\b|之前|前面|上一", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(?P<better>at least|no (?:lower|worse) than|above|better than|higher than|ahead of|in the top|top)?"
    r"(?P<worse>at (?:most|best)|below|under|worse than|lower than|behind)?(?: the)? ?"
    r"(?P<place>\d+)(?:st|nd|rd|th)\b(?:(?: place| position)? or (?P<or>better|higher|above|worse|lower|below))?",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"(?:(?P<most>at most|no more than|最多|至多|不超过|不高于)|"
    r"at least|no less than|no fewer than|最少|至少|不少于|不低于)"
    r"[为是有]? ?(?P<number>\d[\d,]*(?:\.\d+)?)(?![\d.]|st\b|nd\b|rd\b|th\b|个|名|位|家)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SINCE = re.compile(
    r"\b(?:after|since|before|until|till|prior|from|between|by)\b|以前|之前|以后|之后|以来|前|后|起|至|到",
    re.IGNORECASE,
)
_TURNED: dict[type[exp.Expr], type[exp.Expr]] = {exp.GT: exp.LT, exp.GTE: exp.LTE, exp.LT: exp.GT, exp.LTE: exp.GTE}


def held_to(sql: str, question: str) -> str:
    """The query as the question means it. Unchanged if it cannot be read."""
    tree = parsed(sql)
    if tree is None:
        return sql
    before = tree.sql(dialect="sqlite")
    _places(tree, question)
    _bounds(tree, question)
    if isinstance(tree, exp.Select):
        _neighbour(tree, question)
        _one_thing(tree, question)
    after = tree.sql(dialect="sqlite")
    return after if after != before else sql


def in_its_year(sql: str, question: str, tables: Sequence[TypedTable]) -> str:
    """The query over the rows of the one year that the question says and the query forgot, where one column of dates
    tells the year of a row. Unchanged if the year may mean before or after, or the query cannot be read."""
    years = set(_YEAR.findall(question))
    tree = parsed(sql)
    if tree is None:
        return sql
    if len(years) != 1 or not isinstance(tree, exp.Select) or _SINCE.search(question) or tree.find(exp.Subquery):
        return sql
    (year,) = years
    if any(year in one.name for one in tree.find_all(exp.Literal, exp.Column)):
        return sql
    named = {table.name.casefold() for table in tree.find_all(exp.Table)}
    dates = [
        (table.key, column.key)
        for table in tables
        if table.key.casefold() in named
        for column in table.columns
        if column.type is ColumnType.DATE
    ]
    if len(dates) != 1:
        return sql
    table, column = dates[0]
    _drop_words(tree, column)
    held = exp.column(parsed_identifier(column), parsed_identifier(table) if len(named) > 1 else None)
    return tree.where(exp.Like(this=held, expression=exp.Literal.string(f"{year}%"))).sql(dialect="sqlite")


def _drop_words(tree: exp.Select, dates: str) -> None:
    """`date LIKE '年下%'` says nothing of a date."""
    where = tree.args.get("where")
    if where is None:
        return
    parts = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    kept = [part for part in parts if not _of_words(part, dates)]
    if len(kept) < len(parts):
        tree.set("where", exp.Where(this=exp.and_(*kept)) if kept else None)


def _of_words(condition: exp.Expr, column: str) -> bool:
    said = condition.expression if isinstance(condition, exp.EQ | exp.Like) else None
    words = isinstance(said, exp.Literal) and said.is_string and not any(sign.isdigit() for sign in said.name)
    return words and isinstance(condition.this, exp.Column) and condition.this.name.casefold() == column.casefold()


def _places(tree: exp.Expr, question: str) -> None:
    """`finished at least 3rd` is a place of 3 or less."""
    for said in _PLACE.finditer(question):
        better = said["better"] or (said["or"] or "").casefold() in ("better", "higher", "above")
        worse = said["worse"] or (said["or"] or "").casefold() in ("worse", "lower", "below")
        if bool(better) == bool(worse):
            continue
        wrong = (exp.GT, exp.GTE) if better else (exp.LT, exp.LTE)
        for one in list(tree.find_all(*wrong)):
            if isinstance(one.this, exp.Column) and one.expression.name == said["place"]:
                one.replace(_TURNED[type(one)](this=one.this, expression=one.expression))


def _bounds(tree: exp.Expr, question: str) -> None:
    """`at most 10000`, 最多10000元, is a bound, not the largest one."""
    held = {literal.name for literal in tree.find_all(exp.Literal)}
    for said in _BOUND.finditer(question):
        number = said["number"].replace(",", "")
        if number in held:
            continue
        kind, wrong = (exp.LTE, exp.Max) if said["most"] else (exp.GTE, exp.Min)
        for one in list(tree.find_all(exp.EQ)):
            inner = one.expression.this if isinstance(one.expression, exp.Subquery) else None
            extreme = inner.selects[0] if isinstance(inner, exp.Select) and len(inner.selects) == 1 else None
            if isinstance(extreme, wrong) and isinstance(one.this, exp.Column) and extreme.this == one.this:
                one.replace(kind(this=one.this.copy(), expression=exp.Literal.number(number)))


def _neighbour(tree: exp.Select, question: str) -> None:
    """`which team finished after X`: of all that come after, the first."""
    where = tree.args.get("where")
    after, before = _AFTER.search(question), _BEFORE.search(question)
    if where is None or bool(after) == bool(before) or not _asks_one(question):
        return
    if tree.args.get("limit") or tree.args.get("group") or any(one.find(exp.AggFunc) for one in tree.selects):
        return
    compared = [
        one
        for one in where.find_all(exp.GT, exp.LT)
        if one.parent_select is tree and isinstance(one.this, exp.Column) and isinstance(one.expression, exp.Subquery)
    ]
    if len(compared) == 1:
        tree.set("order", None)
        tree.order_by(exp.Ordered(this=compared[0].this.copy(), desc=isinstance(compared[0], exp.LT)), copy=False)
        tree.limit(1, copy=False)


def _asks_one(question: str) -> bool:
    asked = _ASKED.search(question)
    noun = (asked[1] or "").casefold() if asked else "are"
    return noun in ("is", "was") or (noun not in ("are", "were") and not noun.endswith("s"))


def _one_thing(tree: exp.Select, question: str) -> None:
    """`which film grossed the most` asks for no amount: it is said beside the answer (`ranked`)."""
    order = tree.args.get("order")
    if order is None or len(tree.selects) != 2 or LISTS.search(question) or tree.args.get("limit") is None:
        return
    asked, amount = (one.unalias() for one in tree.selects)
    if isinstance(asked, exp.Column) and amount == order.expressions[0].this and asked != amount:
        tree.set("expressions", tree.selects[:1])
