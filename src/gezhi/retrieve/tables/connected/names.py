"""Every name of a query as the database spells it, and of which type it is.

SQLite takes names in any case; servers do not once they are quoted. So each name is traced to the table it belongs to,
and written as it is declared. A name that cannot be traced to one of the given tables does not pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from gezhi.types import SqlRefused
from gezhi.types.tables import ColumnType, TypedTable

KIND, LOOSE, TABLE = "kind", "loose", "table"
"""What a column of a tree is marked with: its type, whether it is a text only once it is cast, its table's key."""
ROWID = "rowid"


@dataclass(frozen=True, kw_only=True, slots=True)
class Native:
    """A table of the catalogue as the database knows it."""

    table: TypedTable
    name: str
    schema: str = ""
    loose: frozenset[str] = frozenset()
    """Names of columns that are texts only once they are cast."""
    large: bool = False
    """More rows than are looked through for values and keys."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Output:
    """A column that a table or subquery gives."""

    spelled: str
    kind: ColumnType | None
    loose: bool = False
    table: str = ""


_Outputs = dict[str, _Output]


def resolve(tree: exp.Query, natives: Sequence[Native]) -> None:
    """Rewrites the names of the tree. Raises SqlRefused for a table that is none of the given."""
    try:
        _Resolver({native.table.key.casefold(): native for native in natives}).rewrite(tree, traverse_scope(tree))
    except SqlglotError as error:
        raise SqlRefused(f"The query cannot be read: {str(error).splitlines()[0]}", hint="Simplify it.") from error


class _Resolver:
    def __init__(self, known: Mapping[str, Native]) -> None:
        self._known = known
        self._spelled: dict[str, str] = {}
        """Names that the query gives itself, by their folded form: the first spelling counts."""
        self._outputs: dict[int, _Outputs] = {}

    def rewrite(self, tree: exp.Query, scopes: Sequence[Scope]) -> None:
        real: dict[int, tuple[exp.Table, Native]] = {}
        derived: set[int] = set()
        for scope in scopes:
            sources = {}
            for alias, (node, source) in scope.selected_sources.items():
                sources[alias.casefold()] = self._columns_of(source)
                if isinstance(source, exp.Table) and isinstance(node, exp.Table):
                    real[id(node)] = (node, self._native(source))
                else:
                    derived.add(id(node))
            for column in scope.columns:
                if KIND not in column.meta:
                    self._trace(column, sources)
            given = self._outputs[id(scope)] = self._given_by(scope, sources)
            if (order := scope.expression.args.get("order")) is not None:  # it may name what the query gives
                for column in order.find_all(exp.Column):
                    if KIND not in column.meta and not column.table:
                        self._trace(column, {"": given})
        for table in tree.find_all(exp.Table):
            if id(table) not in real and id(table) not in derived:
                raise SqlRefused(f"There is no table {table.name} here.", hint="Name the tables in FROM and JOIN.")
        for node, native in real.values():
            _write_table(node, native, self)
        self._write_own_names(tree)

    def _native(self, source: exp.Table) -> Native:
        native = self._known.get(source.name.casefold())
        if native is None or source.args.get("db") or source.args.get("catalog"):
            raise SqlRefused(f"There is no table {source.name} here.", hint="Use only the tables that were given.")
        return native

    def _columns_of(self, source: exp.Expr | Scope) -> _Outputs:
        if isinstance(source, Scope):
            return self._outputs.get(id(source), {})
        assert isinstance(source, exp.Table)
        native = self._native(source)
        return {
            column.key.casefold(): _Output(
                spelled=column.key, kind=column.type, loose=column.key in native.loose, table=native.table.key
            )
            for column in native.table.columns
        }

    def _trace(self, column: exp.Column, sources: Mapping[str, _Outputs]) -> None:
        """Mark and spell a column of one of the sources. One of an outer query is traced there."""
        name, qualifier = column.name.casefold(), column.table.casefold()
        if qualifier:
            found = [sources[qualifier][name]] if name in sources.get(qualifier, {}) else []
            if not found and name == ROWID and qualifier in sources:
                column.meta[KIND] = None
        else:
            found = [outputs[name] for outputs in sources.values() if name in outputs]
        if not found:
            return
        one = found[0]
        column.meta.update({KIND: one.kind, LOOSE: one.loose, TABLE: one.table})
        column.set("this", exp.to_identifier(one.spelled, quoted=True))

    def _given_by(self, scope: Scope, sources: Mapping[str, _Outputs]) -> _Outputs:
        query = scope.expression
        given: _Outputs = {}
        if not isinstance(query, exp.Query):
            return given
        for one in query.selects:
            if isinstance(one, exp.Star) or (isinstance(one, exp.Column) and isinstance(one.this, exp.Star)):
                only = one.table.casefold() if isinstance(one, exp.Column) else ""
                for alias, outputs in sources.items():
                    if not only or alias == only:
                        given.update(outputs)
                continue
            inner = one.unalias()
            name = one.alias_or_name
            loose = bool(inner.meta.get(LOOSE)) if isinstance(inner, exp.Column) else False
            if name:
                spelled = self.spell(name) if one.alias else name
                given[name.casefold()] = _Output(spelled=spelled, kind=kind_of(inner), loose=loose)
        outer = scope.outer_columns
        return {
            (outer[place] if place < len(outer) else key).casefold(): output
            for place, (key, output) in enumerate(given.items())
        }

    def spell(self, name: str) -> str:
        return self._spelled.setdefault(name.casefold(), name)

    def _write_own_names(self, tree: exp.Query) -> None:
        """Aliases, and what refers to them."""
        for alias in tree.find_all(exp.Alias):
            alias.set("alias", exp.to_identifier(self.spell(alias.alias), quoted=True))
        for given in tree.find_all(exp.TableAlias):
            if given.name:
                given.set("this", exp.to_identifier(self.spell(given.name), quoted=True))
            for column in given.columns:
                column.replace(exp.to_identifier(self.spell(column.name), quoted=True))
        for table in tree.find_all(exp.Table):
            if not table.meta.get(TABLE):
                table.set("this", exp.to_identifier(self.spell(table.name), quoted=True))
        for column in tree.find_all(exp.Column):
            if column.table:
                column.set("table", exp.to_identifier(self.spell(column.table), quoted=True))
            own = KIND not in column.meta and isinstance(column.this, exp.Identifier)
            if own and column.name.casefold() != ROWID:
                if column.name.casefold() not in self._spelled:
                    raise SqlRefused(f"There is no column {column.name} here.", hint="Use columns of these tables.")
                column.set("this", exp.to_identifier(self.spell(column.name), quoted=True))


def _write_table(node: exp.Table, native: Native, resolver: _Resolver) -> None:
    """In full, and with an alias under which the rest of the query knows it."""
    alias = resolver.spell(node.alias or native.table.key)
    node.set("this", exp.to_identifier(native.name, quoted=True))
    node.set("db", exp.to_identifier(native.schema, quoted=True) if native.schema else None)
    node.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    node.meta[TABLE] = native.table.key
    node.meta["large"] = native.large


_NUMBERS = (
    exp.Count, exp.Sum, exp.Avg, exp.Abs, exp.Round, exp.Ceil, exp.Floor, exp.Length, exp.StrPosition, exp.Sqrt,
    exp.Pow, exp.Sign, exp.Ln, exp.Exp, exp.Rank, exp.DenseRank, exp.RowNumber, exp.Ntile, exp.Add, exp.Sub, exp.Mul,
    exp.Div, exp.Mod, exp.Neg,
)  # fmt: skip
_TEXTS = (
    exp.Lower, exp.Upper, exp.Substring, exp.Trim, exp.Replace, exp.Concat, exp.ConcatWs, exp.DPipe, exp.GroupConcat,
    exp.TimeToStr,
)  # fmt: skip
_SAME = (exp.Max, exp.Min, exp.Paren, exp.Distinct, exp.FirstValue, exp.LastValue, exp.Lag, exp.Lead, exp.Coalesce)
_CASTS = {
    exp.DataType.Type.TEXT: ColumnType.TEXT,
    exp.DataType.Type.INT: ColumnType.INTEGER,
    exp.DataType.Type.BIGINT: ColumnType.INTEGER,
    exp.DataType.Type.DOUBLE: ColumnType.NUMBER,
    exp.DataType.Type.FLOAT: ColumnType.NUMBER,
    exp.DataType.Type.DECIMAL: ColumnType.NUMBER,
    exp.DataType.Type.DATE: ColumnType.DATE,
    exp.DataType.Type.BOOLEAN: ColumnType.BOOLEAN,
}


def kind_of(node: exp.Expr | None) -> ColumnType | None:
    """The type of an expression of a resolved tree; None if it cannot be told."""
    if isinstance(node, exp.Column):
        kind = node.meta.get(KIND)
        return kind if isinstance(kind, ColumnType) else None
    if isinstance(node, exp.Literal):
        return ColumnType.TEXT if node.is_string else ColumnType.INTEGER if node.is_int else ColumnType.NUMBER
    if isinstance(node, exp.Cast):
        return _CASTS.get(node.to.this)
    if isinstance(node, exp.Count):
        return ColumnType.INTEGER
    if isinstance(node, exp.Predicate | exp.Boolean | exp.Not | exp.Connector):
        return ColumnType.BOOLEAN
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div)):
        sides = {kind_of(node.this), kind_of(node.expression)}
        return ColumnType.INTEGER if sides == {ColumnType.INTEGER} else ColumnType.NUMBER
    if isinstance(node, _SAME):
        return kind_of(node.this or (node.expressions[0] if node.expressions else None))
    if isinstance(node, exp.Subquery):
        selects = node.this.selects if isinstance(node.this, exp.Query) else []
        return kind_of(selects[0].unalias()) if len(selects) == 1 else None
    if isinstance(node, _NUMBERS):
        return ColumnType.NUMBER
    return ColumnType.TEXT if isinstance(node, _TEXTS) else None
