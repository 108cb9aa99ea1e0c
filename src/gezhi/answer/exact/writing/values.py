"""Values as the cells write them: a query that asks for `Spain` finds `Spain (ESP)`."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence

from sqlglot import exp

from gezhi.answer.exact.names import parsed
from gezhi.retrieve.tables.link import distinct_values
from gezhi.retrieve.tables.workspace import Space
from gezhi.types.tables import Column, ColumnType, TypedTable

SHORTEST = 3
"""Characters of a value that is looked for inside others."""
MOST_CELLS = 30
LONG_ENOUGH, ALIKE = 6, 0.9
"""Characters of a value, and the share of them, that a cell must have to be the same but for a slip."""
_WORD = re.compile(r"\w+")
_MARKS = str.maketrans({**dict.fromkeys("‘’ʼ`´", "'"), **dict.fromkeys("“”„", '"'), **dict.fromkeys("‐‑‒–—−", "-")})
_PART_OF_DATE = re.compile(r"\d{4}(?:-\d\d)?")


def near_values(sql: str, space: Space) -> str:
    """The query with `column = 'value'` and LIKE of a value made to find the cells that mean it, where none is written
    so: in their case and accents, inside them (`Spain (ESP)`), or with its words apart (`8 August, 1976`). A year or
    month of dates is looked for within them. Unchanged if it cannot be read, or no cell is near."""
    tree = parsed(sql)
    if tree is None:
        return sql
    changed = False
    for condition in list(tree.find_all(exp.EQ, exp.NEQ, exp.Like)):
        column, literal = condition.this, condition.expression
        if not (isinstance(column, exp.Column) and isinstance(literal, exp.Literal) and literal.is_string):
            continue
        owner = _owner(column, condition, space)
        if owner is None or not literal.name.strip("% "):
            continue
        if owner[1].type is ColumnType.DATE:
            changed |= _of_date(condition, column, literal.name)
            continue
        cells = distinct_values(space, *owner)
        if isinstance(condition, exp.Like):
            if any(_like(literal.name, cell) for cell in cells):
                continue
        elif literal.name.strip() in cells:
            continue
        said = literal.name.strip("% ")
        meant = (
            _meant(column, said, cells) or _elsewhere(column, said, owner, space) or _misspelled(column, said, cells)
        )
        if meant is not None:
            condition.replace(exp.Not(this=exp.paren(meant)) if isinstance(condition, exp.NEQ) else meant)
            changed = True
    return tree.sql(dialect="sqlite") if changed else sql


def _of_date(condition: exp.Expr, column: exp.Column, said: str) -> bool:
    """`released = '2000'` of a column of dates: those of that year."""
    if not isinstance(condition, exp.EQ) or not _PART_OF_DATE.fullmatch(said):
        return False
    condition.replace(exp.Like(this=column.copy(), expression=exp.Literal.string(f"{said}%")))
    return True


def _meant(column: exp.Column, said: str, cells: Sequence[str]) -> exp.Expr | None:
    """A condition that holds for the cells that mean a value."""
    folded = _fold(said)
    same = [cell for cell in cells if _fold(cell) == folded]
    if same:
        return _among(column, same)
    if len(said) < SHORTEST:
        return None
    if any(said.casefold() in cell.casefold() for cell in cells):
        return exp.Like(this=column.copy(), expression=exp.Literal.string(f"%{said}%"))
    holding = [cell for cell in cells if folded in _fold(cell)]
    words = _WORD.findall(folded)
    if not holding and len(words) > 1:
        holding = [cell for cell in cells if set(words) <= set(_WORD.findall(_fold(cell)))]
    return _among(column, holding) if 0 < len(holding) <= MOST_CELLS else None


def _elsewhere(column: exp.Column, said: str, owner: tuple[TypedTable, Column], space: Space) -> exp.Expr | None:
    """The condition over the one other column of the table that holds the value, to the letter or else nearly: a small
    model takes the wrong one of two likely columns."""
    table, wrong = owner
    others = {
        one.key: distinct_values(space, table, one)
        for one in table.columns
        if one.type is ColumnType.TEXT and one != wrong
    }
    exact = [key for key, cells in others.items() if said in cells]
    if len(exact) == 1:
        return exp.EQ(this=_named(column, exact[0]), expression=exp.Literal.string(said))
    near = {key: _meant(_named(column, key), said, cells) for key, cells in others.items()}
    found = [condition for condition in near.values() if condition is not None]
    return found[0] if len(found) == 1 and not exact else None


def _misspelled(column: exp.Column, said: str, cells: Sequence[str]) -> exp.Expr | None:
    """The one cell that is nearly spelled so: `Taylor's Avenue` of `Taylors Avenue`."""
    if len(said) < LONG_ENOUGH:
        return None
    folded = {_fold(cell): cell for cell in cells}
    near = difflib.get_close_matches(_fold(said), folded, n=2, cutoff=ALIKE)
    return _among(column, [folded[near[0]]]) if len(near) == 1 else None


def _named(column: exp.Column, key: str) -> exp.Column:
    other = column.copy()
    other.set("this", exp.to_identifier(key, quoted=True))
    return other


def _among(column: exp.Column, cells: Sequence[str]) -> exp.Expr:
    texts = [exp.Literal.string(cell) for cell in cells]
    return exp.EQ(this=column.copy(), expression=texts[0]) if len(texts) == 1 else column.copy().isin(*texts)


def _like(pattern: str, cell: str) -> bool:
    parts = [re.escape(part) for part in pattern.casefold().split("%")]
    return re.fullmatch(".*".join(parts), cell.casefold(), re.DOTALL) is not None


def _fold(text: str) -> str:
    """Without case, accents and the typographer's marks: ’ is ', – is -."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_MARKS)
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def _owner(column: exp.Column, condition: exp.Expr, space: Space) -> tuple[TypedTable, Column] | None:
    """The column of texts or dates of the space that is meant, if only one can be."""
    select = condition.parent_select
    named = {table.name.casefold() for table in select.find_all(exp.Table)} if select is not None else set()
    wanted = {column.table.casefold()} if column.table else named
    found = [
        (table, one)
        for table in space.tables
        if table.key.casefold() in wanted
        for one in table.columns
        if one.key.casefold() == column.name.casefold() and one.type in (ColumnType.TEXT, ColumnType.DATE)
    ]
    return found[0] if len(found) == 1 else None
