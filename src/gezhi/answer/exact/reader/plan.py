"""What was read from a question, small enough to be checked by eye, and its SQL."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gezhi.retrieve.tables.workspace import quoted
from gezhi.types.tables import Column, TypedTable, Value


class Test(StrEnum):
    __test__ = False  # no test of pytest's

    EQUAL = "="
    UNEQUAL = "<>"
    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="
    BETWEEN = "between"
    CONTAINS = "contains"
    ONE_OF = "one of"
    KNOWN = "is known"
    EMPTY = "is empty"


class Aggregate(StrEnum):
    NONE = ""
    COUNT = "count"
    DISTINCT = "count distinct"
    SUM = "sum"
    AVERAGE = "avg"
    MAX = "max"
    MIN = "min"


class Shape(StrEnum):
    ROWS = "rows"
    """The chosen columns of the rows, or their aggregate."""
    EXTREME = "extreme"
    """Of the rows with the largest or smallest value of `order`, all that tie."""
    EDGE = "edge"
    """Of the first or last rows in table order."""
    NEIGHBOUR = "neighbour"
    """Of the row after or before the row that the filters find."""
    DIFFERENCE = "difference"
    """Between the row or rows of `filters` and those of `others`."""
    EXISTS = "exists"
    SHARE = "share"
    """Of all rows, those of `filters`, in percent; of what `select` adds up to, if there is one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    column: Column
    test: Test
    values: tuple[Value, ...] = ()
    than: Column | None = None
    """Instead of a value: this column of the same row."""
    prefix: int = 0
    """Compare this many first characters of an ISO date: 4 for years, 7 for months."""


class Period(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    table: TypedTable
    shape: Shape = Shape.ROWS
    select: tuple[Column, ...] = ()
    aggregate: Aggregate = Aggregate.NONE
    filters: tuple[Filter, ...] = ()
    others: tuple[Filter, ...] = ()
    group: Column | None = None
    period: Period | None = None
    """Of a group of dates: each month, quarter or year is one."""
    order: Column | None = None
    """None with a group: by the aggregate."""
    minus: Column | None = None
    """Ordered by what `order` is more than this: growth between two years."""
    over: Column | None = None
    """Ordered by how many times this `order` is."""
    descending: bool = True
    """Also: the last (EDGE), the one before (NEIGHBOUR)."""
    nth: int = 1
    """Of an extreme: the second largest is 2."""
    limit: int = 0
    either_way: bool = False
    """`the warehouse with the most stock`, of all its rows or of one: an answer only where both are the same."""
    several: bool = False
    """Rows are asked for by what they are called, and more than one is an answer: `which invoices`, two that tie."""
    counts_all: bool = False
    """`how many customers` may mean each once or every row: an answer only where the two are equal."""


def sql(plan: Plan) -> str:
    table = quoted(plan.table.key)
    where = _where(plan.filters)
    if plan.counts_all:
        key = quoted(plan.select[0].key)
        distinct = f"count(DISTINCT {key})"
        return f"SELECT CASE WHEN {distinct} = count({key}) THEN {distinct} END FROM {table}{where}"
    if plan.shape is Shape.EXISTS:
        return f"SELECT count(*) > 0 FROM {table}{where}"
    if plan.shape is Shape.SHARE:
        some = f"count(CASE WHEN {where.removeprefix(' WHERE ')} THEN 1 END)"
        whole = "count(*)"
        if plan.select:
            key = quoted(plan.select[0].key)
            some, whole = some.replace(" THEN 1 END", f" THEN {key} END").replace("count(", "sum(", 1), f"sum({key})"
        return f"SELECT 100.0 * {some} / {whole} AS percent FROM {table}{_where(plan.others)}"
    if plan.shape is Shape.DIFFERENCE:
        one, other = (
            f"(SELECT {_aggregated(plan)} FROM {table}{_where(each)})" for each in (plan.filters, plan.others)
        )
        return f"SELECT abs({one} - {other})"
    columns = ", ".join(quoted(column.key) for column in plan.select) or "*"
    if plan.shape is Shape.NEIGHBOUR:
        sign, edge, way = ("<", "min", "DESC") if plan.descending else (">", "max", "ASC")
        found = f"(SELECT CASE WHEN count(*) = 1 THEN {edge}(rowid) END FROM {table}{where})"
        known = " AND ".join(f"{quoted(column.key)} IS NOT NULL" for column in plan.select)
        return (
            f"SELECT {columns} FROM {table} WHERE rowid {sign} {found} AND {known} "
            f"ORDER BY rowid {way} LIMIT {plan.limit or 1}"
        )
    if plan.shape is Shape.EDGE:
        way = " DESC" if plan.descending else ""
        return f"SELECT {columns} FROM {table}{where} ORDER BY rowid{way} LIMIT {plan.limit or 1}"
    if plan.shape is Shape.EXTREME and plan.order is not None and not plan.group:
        key, function = quoted(plan.order.key), "max" if plan.descending else "min"
        key = f"({key} - {quoted(plan.minus.key)})" if plan.minus else key
        key = f"(1.0 * {key} / {quoted(plan.over.key)})" if plan.over else key
        best = f"{key} = (SELECT {function}({key}) FROM {table}{where})"
        if plan.nth > 1:
            known = f"{where} {'AND' if where else 'WHERE'} {key} IS NOT NULL"
            best = f"{key} = ({_nth(plan, key, f'{table}{known}')})"
        return f"SELECT {columns} FROM {table}{where} {'AND' if where else 'WHERE'} {best}"
    if plan.group is not None:
        return _grouped(plan, table, where)
    if plan.aggregate is not Aggregate.NONE:
        return f"SELECT {_aggregated(plan)} FROM {table}{where}"
    if plan.order is not None:
        way, key = "DESC" if plan.descending else "ASC", quoted(plan.order.key)
        known = f" {'AND' if where else 'WHERE'} {key} IS NOT NULL"
        return f"SELECT {columns} FROM {table}{where}{known} ORDER BY {key} {way}, rowid LIMIT {plan.limit or 1}"
    once = "DISTINCT " if where and len(plan.select) == 1 else ""  # a value asked for is said once
    return f"SELECT {once}{columns} FROM {table}{where}"


def _grouped(plan: Plan, table: str, where: str) -> str:
    assert plan.group is not None
    column = quoted(plan.group.key)
    group = _period(column, plan.period)
    number = _aggregated(plan)
    known = f"{where} {'AND' if where else 'WHERE'} {column} IS NOT NULL"
    named = f"{group} AS {plan.period.value}" if plan.period else group
    if plan.shape is Shape.EXTREME:
        edge = "max" if plan.descending else "min"
        inner = f"SELECT {number} AS n FROM {table}{known} GROUP BY {group}"
        having = f"{number} = (SELECT {edge}(n) FROM ({inner}))"
        if plan.nth > 1:
            having = f"{number} = ({_nth(plan, 'n', f'({inner})')})"
        if plan.either_way:
            one = f"{edge}({quoted(plan.select[0].key)})"
            having += f" AND {one} = (SELECT {one} FROM {table}{known})"
        return f"SELECT {named} FROM {table}{known} GROUP BY {group} HAVING {having}"
    tail = f" ORDER BY {number} {'DESC' if plan.descending else 'ASC'} LIMIT {plan.limit}" if plan.limit else ""
    if plan.period:
        tail = tail or f" ORDER BY {group}"
    return f"SELECT {named}, {number} AS {_name(plan)} FROM {table}{known} GROUP BY {group}{tail}"


def _nth(plan: Plan, key: str, source: str) -> str:
    way = "DESC" if plan.descending else "ASC"
    return f"SELECT DISTINCT {key} FROM {source} ORDER BY {key} {way} LIMIT 1 OFFSET {plan.nth - 1}"


def _period(date: str, period: Period | None) -> str:
    """ISO dates cut to what they have in common."""
    match period:
        case None:
            return date
        case Period.QUARTER:
            return f"substr({date}, 1, 4) || '-Q' || ((CAST(substr({date}, 6, 2) AS INTEGER) + 2) / 3)"
        case _:
            return f"substr({date}, 1, {4 if period is Period.YEAR else 7})"


def _name(plan: Plan) -> str:
    """What the number of a group is called."""
    made = {Aggregate.SUM: "total", Aggregate.AVERAGE: "average", Aggregate.MAX: "most", Aggregate.MIN: "least"}
    if plan.aggregate in made:
        return quoted(f"{made[plan.aggregate]} {plan.select[0].name}")
    return quoted("count")


def _aggregated(plan: Plan) -> str:
    if plan.aggregate is Aggregate.COUNT:
        return "count(*)"
    key = quoted(plan.select[0].key)
    if plan.aggregate is Aggregate.NONE:
        return key
    return f"count(DISTINCT {key})" if plan.aggregate is Aggregate.DISTINCT else f"{plan.aggregate.value}({key})"


def _where(filters: tuple[Filter, ...]) -> str:
    return " WHERE " + " AND ".join(_condition(one) for one in filters) if filters else ""


def _condition(one: Filter) -> str:
    key = quoted(one.column.key)
    if one.prefix:
        key = f"substr({key}, 1, {one.prefix})"
    if one.test in (Test.KNOWN, Test.EMPTY):
        return f"{key} IS {'NOT ' if one.test is Test.KNOWN else ''}NULL"
    if one.than is not None:
        return f"{key} {one.test.value} {quoted(one.than.key)}"
    first = literal(one.values[0])
    if one.test is Test.CONTAINS:
        return f"instr(lower({key}), lower({first})) > 0"
    if one.test is Test.ONE_OF:
        return f"{key} IN ({', '.join(literal(value) for value in one.values)})"
    if one.test is Test.BETWEEN:
        return f"{key} BETWEEN {first} AND {literal(one.values[1])}"
    return f"{key} {one.test.value} {first}"


def literal(value: Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(int(value))
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
