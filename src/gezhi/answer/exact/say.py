"""The answer in words, and the rows and cells behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from gezhi.retrieve.tables.workspace import QueryResult
from gezhi.types.tables import Column, ColumnType, TypedTable, Value

LISTED = 10
_DECIMALS = 6
PERCENT = Column(name="percent", key="percent", type=ColumnType.NUMBER, unit="%")
"""Of a result that a query calls so."""
_BEFORE = {"$", "€", "£", "¥", "￥"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Behind:
    """A query that gives the numbers of the rows behind a result, and the cells that were looked at."""

    sql: str
    table: str
    columns: tuple[str, ...]


def say(
    question: str,
    result: QueryResult,
    tables: Sequence[TypedTable],
    *,
    counting: bool | None = None,
    ranked: bool = False,
) -> str:
    """The result as a sentence in the question's language. `counting`: whether a 0 is an answer; told from the SQL
    if not given. `ranked`: the second column is what the first was chosen by."""
    chinese = is_chinese(question)
    if counting is None:
        counting = _counts(result.sql)
    rows = [row for row in result.rows if any(value is not None for value in row)]
    if not rows:
        return "没有符合条件的行。" if chinese else "No row matches the question."
    shown = _columns(result.sql, result.columns, tables)
    cut = _quotients(result)
    rows = [tuple(_cut(value) if one else value for value, one in zip(row, cut, strict=True)) for row in rows]
    if not counting and len(rows) == 1 and len(rows[0]) == 1 and rows[0][0] is None:
        return "没有符合条件的行。" if chinese else "No row matches the question."
    if len(rows) == 1 and len(rows[0]) > 1 and not ranked:
        parts = [
            f"{name}: {value_text(value, column)}"
            for name, value, column in zip(result.columns, rows[0], shown, strict=True)
        ]
        return ("，" if chinese else ", ").join(parts) + ("。" if chinese else ".")
    items = [_item(row, shown) for row in rows[:LISTED]]
    text = ("、" if chinese else ", ").join(items)
    more = max(result.row_count, len(rows)) - len(items)
    if more > 0:
        text += f"，另有 {more:,} 项" if chinese else f" and {more:,} more"
    return text + ("。" if chinese else ".")


def value_text(value: Value, column: Column | None = None, *, decimals: int | None = None) -> str:
    """With its unit, thousands separators, and without the traces of binary fractions."""
    if value is None:
        return "–"
    if isinstance(value, bool | str):
        return str(value)
    unit = column.unit if column is not None else ""
    if isinstance(value, int):
        year = column is not None and not column.unit and _is_year(column.name) and 1000 <= value < 2200
        text = str(value) if year else f"{value:,}"
    else:
        places = _DECIMALS if decimals is None else decimals
        number = round(Decimal(repr(value)), places) if value == value and abs(value) < 1e20 else None
        text = str(value) if number is None else f"{number:,f}"
        if decimals is None and "." in text:
            text = text.rstrip("0").rstrip(".")
        text = "0" if text == "-0" else text
    if not unit:
        return text
    sign, _, scale = unit.partition(" ")
    if sign in _BEFORE and scale:  # $ millions
        return f"{value_text(value, replace(column, unit=sign), decimals=decimals)} {scale}" if column else text
    if unit in _BEFORE:
        return f"-{unit}{text[1:]}" if text.startswith("-") else f"{unit}{text}"
    close = unit == "%" or not unit.isascii()
    return f"{text}{unit}" if close else f"{text} {unit}"


def _cut(value: Value) -> Value:
    """A quotient that goes on for ever is cut where nobody reads on; sums and cells keep all they have."""
    if not isinstance(value, float) or not 1 <= abs(value) < 1e15 or abs(round(value, 4) - value) < 10**-_DECIMALS:
        return value
    return round(value, 2 if abs(value) >= 100 else 4)


def _quotients(result: QueryResult) -> list[bool]:
    """Which columns of a result are averages or quotients."""
    try:
        tree = sqlglot.parse_one(result.sql, read="sqlite")
    except SqlglotError:
        return [False] * len(result.columns)
    selects = tree.selects if isinstance(tree, exp.Query) else []
    if len(selects) != len(result.columns):
        return [False] * len(result.columns)
    return [one.find(exp.Avg, exp.Div) is not None for one in selects]


def _is_year(name: str) -> bool:
    """Whether a column holds years: not one that is headed by a year."""
    return bool(re.search(r"year|年", name, re.IGNORECASE)) and not re.search(r"\d", name)


def is_chinese(text: str) -> bool:
    return bool(re.search(r"[\u3400-\u9fff]", text)) and len(re.findall(r"[\u3400-\u9fff]", text)) >= 2


def rows_behind(sql: str) -> Behind | None:
    """For a query over one table without subqueries: which rows its result was made from. None if that cannot be
    told from the query."""
    try:
        tree = sqlglot.parse_one(sql, read="sqlite")
    except SqlglotError:
        return None
    tables = list(tree.find_all(exp.Table))
    if not isinstance(tree, exp.Select) or not tables or len({one.name.casefold() for one in tables}) != 1:
        return None
    inner = tree.args.get("from_") or tree.args.get("from")
    if tree.args.get("joins") or tree.args.get("with_") or inner is None or not isinstance(inner.this, exp.Table):
        return None
    grouped = tree.args.get("group") is not None
    aggregated = any(one.find(exp.AggFunc) is not None for one in tree.expressions)
    query = exp.select("rowid").from_(inner.this.copy())
    where = tree.args.get("where")
    if where is not None:
        query = query.where(where.this.copy())
    if grouped and (tree.args.get("limit") or tree.args.get("having")):
        by = tree.args["group"].expressions
        if len(by) != 1:
            return None
        chosen = tree.copy()  # the rows of the groups that came out
        chosen.set("expressions", [by[0].copy()])
        query = query.where(exp.In(this=by[0].copy(), query=exp.Subquery(this=chosen)))
    if not aggregated and not grouped:
        for part in ("order", "limit", "offset"):
            if tree.args.get(part) is not None:
                query.set(part, tree.args[part].copy())
    if query.args.get("order") is None:
        query = query.order_by("rowid")
    columns = dict.fromkeys(one.name for one in tree.find_all(exp.Column) if one.name.casefold() != "rowid")
    return Behind(sql=query.sql(dialect="sqlite"), table=tables[0].name, columns=tuple(columns))


def _item(row: Sequence[Value], columns: Sequence[Column | None]) -> str:
    texts = [value_text(value, column) for value, column in zip(row, columns, strict=True)]
    return texts[0] if len(texts) == 1 else f"{texts[0]} ({', '.join(texts[1:])})"


def _counts(sql: str) -> bool:
    try:
        tree = sqlglot.parse_one(sql, read="sqlite")
    except SqlglotError:
        return False
    return any(one.find(exp.Count) is not None for one in tree.selects) if isinstance(tree, exp.Query) else False


def _columns(sql: str, names: Sequence[str], tables: Sequence[TypedTable]) -> list[Column | None]:
    """The column whose unit each result column has: counts have none, products and quotients neither."""
    known: Mapping[str, Column] = {column.key.casefold(): column for table in tables for column in table.columns}
    try:
        tree = sqlglot.parse_one(sql, read="sqlite")
    except SqlglotError:
        return [None] * len(names)
    selects = tree.selects if isinstance(tree, exp.Query) else []
    if len(selects) != len(names) or any(isinstance(one, exp.Star) for one in selects):
        return [known.get(name.casefold()) for name in names]
    return [_unit_of(one, known) for one in selects]


def _unit_of(one: exp.Expr, known: Mapping[str, Column]) -> Column | None:
    if isinstance(one, exp.Alias) and one.alias == PERCENT.key:
        return PERCENT
    if one.find(exp.Count, exp.Case):
        return None
    for made in one.find_all(exp.Mul, exp.Div):
        if made.this.find(exp.Column) and made.expression.find(exp.Column):
            return None  # a product or a quotient of two amounts is neither
    outputs = [sub.selects[0] for sub in one.find_all(exp.Select) if len(sub.selects) == 1] or [one]
    named = {column.name.casefold() for part in outputs for column in part.find_all(exp.Column)}
    hits = [known[name] for name in sorted(named) if name in known]
    return hits[0] if len({hit.unit for hit in hits}) == 1 else None
