"""Tables that a query speaks of and forgot to name: added by the keys that join them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import sqlglot
from sqlglot import exp

from gezhi.answer.exact.names import Edge, identifier, keys_between, parsed, parsed_identifier
from gezhi.answer.exact.reader.words import stem, tokens
from gezhi.retrieve.tables.link import ValueHit
from gezhi.types.tables import TypedTable


def complete_joins(sql: str, tables: Sequence[TypedTable], values: Sequence[ValueHit] = ()) -> str:
    """The query with the joins that its tables and columns need. Unchanged if it cannot be read. `values`: what the
    question says, with the columns that hold it: a condition on another column is moved there."""
    tree = parsed(sql)
    if tree is None:
        return sql
    names = {table.key.casefold(): table for table in tables}
    edges = list(keys_between(tables))
    for select in list(tree.find_all(exp.Select)):
        _own_tables(select, names, edges)
        _move_values(select, values)
        _own_columns(select, names, edges)
        _join(select, {key: table.key for key, table in names.items()}, edges)
    return tree.sql(dialect="sqlite")


def without_unsaid(sql: str, question: str) -> str:
    """The query without tables that only stand at the end of a join, that nothing of is used, and that the question
    does not speak of: they leave out rows, or double them. Unchanged if it cannot be read."""
    tree = parsed(sql)
    if tree is None:
        return sql
    changed = False
    for select in list(tree.find_all(exp.Select)):
        while (table := _unsaid(select, question)) is not None:
            _drop(select, table)
            changed = True
    return tree.sql(dialect="sqlite") if changed else sql


def _unsaid(select: exp.Select, question: str) -> exp.Table | None:
    tables, joins = _tables_of(select), select.args.get("joins") or []
    plain = all(isinstance(join.this, exp.Table) and not join.side and join.args.get("on") for join in joins)
    if len(tables) < 2 or not plain or any(table.alias for table in tables) or select.find(exp.Star):
        return None
    conditions = [{column.table.casefold() for column in join.args["on"].find_all(exp.Column)} for join in joins]
    inside = {id(column) for join in joins for column in join.args["on"].find_all(exp.Column)}
    used = {column.table.casefold() for column in select.find_all(exp.Column) if id(column) not in inside}
    for table in tables:
        name = table.name.casefold()
        ends = sum(name in condition for condition in conditions) == 1
        if "" not in used and ends and name not in used and not _speaks_of(question, name, [t.name for t in tables]):
            return table
    return None


def _speaks_of(question: str, name: str, others: Sequence[str]) -> bool:
    """Whether any word of a table's name is said, or two characters of it, outside the names of the others."""
    rest = question.casefold()
    for other in sorted(others, key=len, reverse=True):
        if other.casefold() != name:
            rest = rest.replace(other.casefold().replace("_", " "), " ")
    said = {stem(word) for word in tokens(rest)}
    words = [stem(word) for word in tokens(name.replace("_", " "))]
    pairs = [name[at : at + 2] for at in range(len(name) - 1) if not name[at : at + 2].isascii()]
    return any(word in said for word in words if word.isascii()) or any(pair in rest for pair in pairs)


def _drop(select: exp.Select, table: exp.Table) -> None:
    joins = select.args["joins"]
    source = select.args.get("from_") or select.args["from"]
    mine = next(
        join for join in joins
        if any(column.table.casefold() == table.name.casefold() for column in join.args["on"].find_all(exp.Column))
    )  # fmt: skip
    if source.this is table:
        source.set("this", mine.this)
    select.set("joins", [join for join in joins if join is not mine])


def _own_tables(select: exp.Select, names: dict[str, TypedTable], edges: Sequence[Edge]) -> None:
    """Give columns without a table theirs: the first table of the query that has it, else the nearest one by keys."""
    sources = _tables_of(select)
    if len(sources) == len(names) == 1 or any(
        source.alias or source.name.casefold() not in names for source in sources
    ):
        return
    named = [names[source.name.casefold()].key for source in sources]
    aliases = {one.alias.casefold() for one in select.expressions if one.alias}
    for column in select.find_all(exp.Column):
        if column.parent_select is not select or column.table or column.name.casefold() in aliases:
            continue
        holder = _holder(column.name.casefold(), named, names, edges)
        if holder is not None:
            column.set("table", parsed_identifier(holder))


def _move_values(select: exp.Select, values: Sequence[ValueHit]) -> None:
    """`airline = 'United Airlines'` where airlines are numbers: the value says which column is meant, if only one
    column holds it."""
    for condition in select.find_all(exp.EQ, exp.NEQ):
        column, literal = condition.this, condition.expression
        if condition.parent_select is not select or not isinstance(column, exp.Column) or not column.table:
            continue
        if not isinstance(literal, exp.Literal) or not literal.is_string:
            continue
        said = literal.name.casefold().strip()
        hits = [hit for hit in values if hit.value.casefold().strip() == said]
        here = (column.table.casefold(), column.name.casefold())
        if len(hits) == 1 and (hits[0].table.casefold(), hits[0].column.casefold()) != here:
            moved = exp.column(parsed_identifier(hits[0].column), parsed_identifier(hits[0].table))
            column.replace(moved)
            literal.replace(exp.Literal.string(hits[0].value))


def _holder(column: str, named: Sequence[str], names: dict[str, TypedTable], edges: Sequence[Edge]) -> str | None:
    holders = [table.key for table in names.values() if any(one.key.casefold() == column for one in table.columns)]
    inside = [table for table in named if table in holders]
    if inside:
        return inside[0]
    reached = {table: _path(named, table, edges) for table in holders}
    near = sorted((table for table in holders if reached[table]), key=lambda table: len(reached[table]))
    return near[0] if near else holders[0] if len(holders) == 1 else None


def _own_columns(select: exp.Select, names: dict[str, TypedTable], edges: Sequence[Edge]) -> None:
    """In a subquery over one table, `outer.x` is written where `inner.x` is meant, or the inner key to it."""
    sources = _tables_of(select)
    if select.parent_select is None or len(sources) != 1 or sources[0].name.casefold() not in names:
        return
    own = names[sources[0].name.casefold()]
    columns = {column.key.casefold() for column in own.columns}
    for column in select.expressions:
        foreign = isinstance(column, exp.Column) and column.table.casefold() not in ("", own.key.casefold())
        if not foreign:
            continue
        keys = [
            edge.left_column
            for edge in edges
            if edge.left == own.key
            and (edge.right.casefold(), edge.right_column.casefold())
            == (column.table.casefold(), column.name.casefold())
        ]
        if keys or column.name.casefold() in columns:
            name = keys[0] if keys else column.name
            column.set("this", parsed_identifier(name))
            column.set("table", parsed_identifier(own.key))


def _join(select: exp.Select, names: dict[str, str], edges: Sequence[Edge]) -> None:
    """Every table that is named or whose columns are used, joined by keys; conditions that were written stay."""
    source = select.args.get("from_") or select.args.get("from")
    if source is None or not isinstance(source.this, exp.Table) or source.this.name.casefold() not in names:
        return
    joins = select.args.get("joins") or []
    plain = [None, exp.true(), *_key_conditions(edges)]
    written = [join for join in joins if join.args.get("using") or join.args.get("on") not in plain]
    bare = [join for join in joins if join not in written]
    if any(not isinstance(join.this, exp.Table) or join.this.alias for join in (*written, *bare)) or source.this.alias:
        return
    used = [
        names[column.table.casefold()]
        for column in select.find_all(exp.Column)
        if column.parent_select is select and column.table.casefold() in names
    ]
    named = [names[source.this.name.casefold()], *(names.get(join.this.name.casefold(), "") for join in written)]
    outer = _outer_tables(select, names)
    wanted = [*(names.get(join.this.name.casefold(), "") for join in bare), *(t for t in used if t not in outer)]
    if used and not written and not bare and named[0] not in used and not _path(named, used[0], edges):
        source.this.set("this", parsed_identifier(used[0]))  # only it can be meant
        named = [used[0]]
    select.set("joins", written)
    for table in dict.fromkeys(wanted):
        if not table or table in named:
            continue
        for edge in _path(named, table, edges):
            new = edge.right if edge.left in named else edge.left
            select.join(identifier(new), on=edge.condition, dialect="sqlite", copy=False)
            named.append(new)


def _key_conditions(edges: Sequence[Edge]) -> list[Any]:
    """The conditions that are only keys: they are written anew, in an order that works."""
    conditions: list[Any] = []
    for edge in edges:
        ends = edge.ends
        conditions += [sqlglot.parse_one(f"{a} = {b}", read="sqlite") for a, b in (ends, ends[::-1])]
    return conditions


def _tables_of(select: exp.Select) -> list[exp.Table]:
    """Without those of its subqueries."""
    return [table for table in select.find_all(exp.Table) if table.parent_select is select]


def _outer_tables(select: exp.Select, names: dict[str, str]) -> set[str]:
    found: set[str] = set()
    parent = select.parent_select
    while parent is not None:
        found |= {names.get(table.name.casefold(), "") for table in _tables_of(parent)}
        parent = parent.parent_select
    return found


def _path(start: Sequence[str], goal: str, edges: Sequence[Edge]) -> list[Edge]:
    """The shortest chain of keys from one of the tables to another."""
    came: dict[str, Edge | None] = dict.fromkeys(start)
    waiting = deque(start)
    while waiting and goal not in came:
        here = waiting.popleft()
        for edge in edges:
            other = edge.right if edge.left == here else edge.left if edge.right == here else None
            if other is not None and other not in came:
                came[other] = edge
                waiting.append(other)
    chain: list[Edge] = []
    at = goal
    while (edge_to := came.get(at)) is not None:
        chain.append(edge_to)
        at = edge_to.left if edge_to.right == at else edge_to.right
    return chain[::-1]
