"""A grammar (GBNF) of queries over some tables: what a local model writes cannot name what does not exist, compare a
text with a number, or join otherwise than by keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from gezhi.answer.exact.names import column_name, identifier, keys_between, literal
from gezhi.answer.exact.writing.asked import LISTS
from gezhi.answer.exact.writing.said import spans
from gezhi.retrieve.tables.link import EXAMPLES, Linked
from gezhi.types.numbers import in_digits, known_numbers, quantities
from gezhi.types.tables import ColumnType, TypedTable

MOST_ITEMS = 8
MOST_CONDITIONS, MOST_JOINS = 6, 5
"""Of one select: a small model may repeat the same one until its tokens are spent."""
LEVELS = ("", "-in", "-deep")
"""Of selects: one may stand in the conditions of another, and one more in its own."""
_ISO = re.compile(r"\d{4}-\d\d")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def grammar(linked: Linked, question: str) -> str:
    """Tables are joined by their keys only. Numbers in conditions are the question's. Columns need no table
    before them: a model that must name the table first takes the wrong one. `joins` adds it. A table alone has an
    order: that of its rows."""
    tables = linked.tables
    alone = len(tables) == 1
    numbers, texts, dates = _columns(linked, alone)
    stated = numbers_in(question)
    joins = list(join_clauses(tables))
    flags = [
        column_name(table.key, column.key, alone=alone)
        for table in tables
        for column in table.columns
        if column.type is ColumnType.BOOLEAN
    ]
    said = [f"{column_name(hit.table, hit.column, alone=alone)} = {literal(hit.value)}" for hit in linked.values]
    stars = ["*", *(f"{identifier(table.key)}.*" for table in tables if not alone)]
    conditions = [
        *(["number-col op amount-said"] if numbers and stated else []),
        *(['number-col " BETWEEN " amount-said " AND " amount-said'] if numbers and len(stated) > 1 else []),
        *(["flag equal flagged"] if flags else []),
        *(["text-col equal text", 'text-col (" NOT")? " LIKE " like'] if texts else []),
        *(["text-col op amount-said"] if texts and stated else []),
        'col " IS" (" NOT")? " NULL"',
        *(["said"] if said else []),
    ]
    ordered = [kind for kind, there in (("number-col", numbers), ("date-col", dates)) if there]
    nested = [
        *(f'{kind} op "(" {{inner}} ")"' for kind in ordered),
        *(['text-col equal "(" {inner} ")"'] if texts else []),
        'col (" NOT")? " IN (" {inner} ")"',
        *(['"rowid" (" > " | " < " | " = ") "(" place ")"'] if alone else []),
    ]
    more = f'(", " item){{0,{most_items(question) - 1}}}'
    keys = ["agg", "col", "arith", *(['"rowid"'] if alone else [])]
    rules = [
        'root ::= select | plain (" UNION " | " INTERSECT " | " EXCEPT ") plain',
        *_selects(conditions, nested, more),
        'item ::= agg (" - " agg)? | col | arith | star',
        f"star ::= {_alternatives(stars)}",
        f"amount ::= {_alternatives(_amounts(tables, dates, alone) or [*numbers, *texts])}",
        'arith ::= amount (" - " | " + " | " / " | " * ") amount',
        'agg ::= "count(" ("*" | ("DISTINCT ")? col) ")" | ("sum" | "avg") "(" (amount | arith) ")" | least',
        'least ::= ("min" | "max") "(" (col | arith) ")"',
        f'from ::= " FROM " table (" JOIN " joined){{0,{MOST_JOINS}}}' if joins else 'from ::= " FROM " table',
        *(
            [f'place ::= ("SELECT rowid" | "SELECT min(rowid)" | "SELECT max(rowid)") from where{LEVELS[-1]}?']
            if alone
            else []
        ),
        *([f"joined ::= {_alternatives(joins)}"] if joins else []),
        'op ::= " = " | " > " | " < " | " >= " | " <= " | " <> "',
        'equal ::= " = " | " <> "',
        'order ::= " ORDER BY " key (", " key)? limit?',
        f'key ::= ({" | ".join(keys)}) (" ASC" | " DESC")?',
        'limit ::= " LIMIT " [1-9] [0-9]?',
        'text ::= "\'" said-text "\'"',
        'like ::= "\'" "%"? said-text "%"? "\'"',
        f"said-text ::= {_alternatives(texts_said(linked, question))}",
        *([f"amount-said ::= {_alternatives(stated)}"] if stated else []),
        f"number ::= {_alternatives([*stated, *(str(n) for n in range(11) if str(n) not in stated)])}",
        f"table ::= {_alternatives(identifier(table.key) for table in tables)}",
        f"col ::= {_alternatives([*numbers, *texts])}",
        *([f"flag ::= {_alternatives(flags)}", 'flagged ::= "0" | "1"'] if flags else []),
        *([f"number-col ::= {_alternatives(numbers)}"] if numbers else []),
        *([f"text-col ::= {_alternatives(texts)}"] if texts else []),
        *([f"date-col ::= {_alternatives(dates)}"] if dates else []),
        *([f"said ::= {_alternatives(said)}"] if said else []),
    ]
    return "\n".join(rules) + "\n"


def _selects(conditions: Sequence[str], nested: Sequence[str], more: str) -> Iterator[str]:
    """A select, one in its conditions, and one in theirs, which has none: a small model that may nest without end
    does."""
    for level, own in enumerate(LEVELS):
        last = own == LEVELS[-1]
        inner = "" if last else f"select{LEVELS[level + 1]}"
        conds = [*conditions, *([] if last else [one.format(inner=inner) for one in nested])]
        bound = "number" if last else f'(number | "(" {inner} ")")'
        items = f"item {more}" if not own else "item"
        clauses = f'"SELECT " ("DISTINCT ")? {items} from where{own}? group{own}?'
        yield f"select{own} ::= {clauses} order?"
        if not own:
            yield f"plain ::= {clauses}"  # an order of one half of a union is no SQL
        yield f'where{own} ::= " WHERE " cond{own} ((" AND " | " OR ") cond{own}){{0,{MOST_CONDITIONS - 1}}}'
        yield f"cond{own} ::= {' | '.join(conds)}"
        yield f'group{own} ::= " GROUP BY " col (", " col)? having{own}?'
        yield f'having{own} ::= " HAVING " agg op {bound}'


def most_items(question: str) -> int:
    """Columns that a query may give: one more than the question lists."""
    return min(MOST_ITEMS, 2 + len(LISTS.findall(question)))


def texts_said(linked: Linked, question: str) -> list[str]:
    """What a text in a condition can be: what the question says, and values of the columns that were shown. A small
    model that may write anything copies values of other questions."""
    kept = {(table.key, column.key) for table in linked.tables for column in table.columns}
    few = [values for place, values in linked.examples.items() if place in kept and len(values) < EXAMPLES]
    shown = [value for values in few for value in values]  # all that such a column has: `M` and `F`
    texts = dict.fromkeys([*(hit.value for hit in linked.values), *spans(question), *shown])
    return [text.replace("'", "''") for text in texts if text.isprintable()] or ["?"]


def numbers_in(question: str) -> list[str]:
    """Numbers that a question says, in any form, scale words multiplied in; longest first."""
    digits = in_digits(question)
    said = known_numbers(question) | known_numbers(digits) | {number for number, _ in quantities(digits)}
    return sorted((number for number in said if _NUMBER.fullmatch(number)), key=lambda number: (-len(number), number))


def _columns(linked: Linked, alone: bool) -> tuple[list[str], list[str], list[str]]:
    """Those that can be added up and compared by size, the others, and of these the dates. A text column of numbers is
    one of the first."""
    numbers: list[str] = []
    texts: list[str] = []
    dates: list[str] = []
    for table in linked.tables:
        for column in table.columns:
            examples = linked.examples.get((table.key, column.key), ())
            counts = column.type in (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.BOOLEAN) or (
                bool(examples) and all(_NUMBER.fullmatch(value) for value in examples)
            )
            names = [identifier(column.key)]
            if not alone:
                names.append(column_name(table.key, column.key, alone=False))
            (numbers if counts else texts).extend(names)
            if column.type is ColumnType.DATE or (not counts and examples and all(map(_ISO.match, examples))):
                dates.extend(names)
    return numbers, texts, dates


def _amounts(tables: Sequence[TypedTable], dates: Sequence[str], alone: bool) -> list[str]:
    """What can be added up: neither keys nor dates."""
    keys = {end for edge in keys_between(tables) for end in edge.columns}
    found: list[str] = []
    for table in tables:
        for column in table.columns:
            if (table.key, column.key) not in keys and identifier(column.key) not in dates:
                found += [identifier(column.key)]
                found += [] if alone else [column_name(table.key, column.key, alone=False)]
    return found


def join_clauses(tables: Sequence[TypedTable]) -> Iterator[str]:
    """`table ON a.x = b.y` for every key between two of the tables, from both ends."""
    for edge in keys_between(tables):
        for table in dict.fromkeys((edge.right, edge.left)):
            yield f"{identifier(table)} ON {edge.condition}"


def _alternatives(texts: Iterator[str] | Sequence[str]) -> str:
    return " | ".join(_terminal(text) for text in dict.fromkeys(texts))


def _terminal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
