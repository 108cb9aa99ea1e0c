"""A grammar (GBNF) of queries over some tables: what a local model writes cannot name what does not exist, compare a
text with a number, or join otherwise than by keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from gezhi.answer.exact.names import column_name, identifier, keys_between, literal
from gezhi.retrieve.tables.link import Linked
from gezhi.types.numbers import in_digits, known_numbers, quantities
from gezhi.types.tables import ColumnType, TypedTable

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def grammar(linked: Linked, question: str) -> str:
    """Tables are joined by their keys only. Numbers in conditions are the question's. Columns need no table
    before them: a model that must name the table first takes the wrong one. `joins` adds it."""
    tables = linked.tables
    alone = len(tables) == 1
    numbers, texts = _columns(linked, alone)
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
    amount = "number-col | text-col" if numbers and texts else "number-col" if numbers else "text-col"
    conditions = [
        *(["number-col op amount-said"] if numbers and stated else []),
        *(['number-col " BETWEEN " amount-said " AND " amount-said'] if numbers and len(stated) > 1 else []),
        *(["flag equal flagged"] if flags else []),
        *(["text-col equal text", 'text-col (" NOT")? " LIKE " like'] if texts else []),
        *(["text-col op amount-said"] if texts and stated else []),
        'col op "(" select ")"',
        'col (" NOT")? " IN (" select ")"',
        'col " IS" (" NOT")? " NULL"',
        *(["said"] if said else []),
    ]
    rules = [
        'root ::= select ((" UNION " | " INTERSECT " | " EXCEPT ") select)?',
        'select ::= "SELECT " ("DISTINCT ")? item (", " item)* from where? group? order?',
        "item ::= agg | col | arith | star",
        f"star ::= {_alternatives(stars)}",
        f"amount ::= {amount}",
        'arith ::= amount (" - " | " + " | " / " | " * ") amount',
        'agg ::= "count(" ("*" | ("DISTINCT ")? col) ")" | ("sum" | "avg" | "min" | "max") "(" (amount | arith) ")"',
        'from ::= " FROM " table (" JOIN " joined)*' if joins else 'from ::= " FROM " table',
        *([f"joined ::= {_alternatives(joins)}"] if joins else []),
        'where ::= " WHERE " cond ((" AND " | " OR ") cond)*',
        f"cond ::= {' | '.join(conditions)}",
        'op ::= " = " | " > " | " < " | " >= " | " <= " | " <> "',
        'equal ::= " = " | " <> "',
        'group ::= " GROUP BY " col (", " col)? having?',
        'having ::= " HAVING " agg op (number | "(" select ")")',
        'order ::= " ORDER BY " key (", " key)? limit?',
        'key ::= (agg | col | arith) (" ASC" | " DESC")?',
        'limit ::= " LIMIT " [1-9] [0-9]?',
        'text ::= "\'" [^\'\\n\\x00-\\x1f]{1,60} "\'"',
        'like ::= "\'" "%"? [^\'%\\n\\x00-\\x1f]{1,40} "%"? "\'"',
        *([f"amount-said ::= {_alternatives(stated)}"] if stated else []),
        f"number ::= {_alternatives([*stated, *(str(n) for n in range(11) if str(n) not in stated)])}",
        f"table ::= {_alternatives(identifier(table.key) for table in tables)}",
        f"col ::= {_alternatives([*numbers, *texts])}",
        *([f"flag ::= {_alternatives(flags)}", 'flagged ::= "0" | "1"'] if flags else []),
        *([f"number-col ::= {_alternatives(numbers)}"] if numbers else []),
        *([f"text-col ::= {_alternatives(texts)}"] if texts else []),
        *([f"said ::= {_alternatives(said)}"] if said else []),
    ]
    return "\n".join(rules) + "\n"


def numbers_in(question: str) -> list[str]:
    """Numbers that a question says, in any form, scale words multiplied in; longest first."""
    digits = in_digits(question)
    said = known_numbers(question) | known_numbers(digits) | {number for number, _ in quantities(digits)}
    return sorted((number for number in said if _NUMBER.fullmatch(number)), key=lambda number: (-len(number), number))


def _columns(linked: Linked, alone: bool) -> tuple[list[str], list[str]]:
    """Those that can be added up and compared by size, and the others. A text column of numbers is one of the first."""
    numbers: list[str] = []
    texts: list[str] = []
    for table in linked.tables:
        for column in table.columns:
            examples = linked.examples.get((table.key, column.key), ())
            counts = column.type in (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.BOOLEAN) or (
                bool(examples) and all(_NUMBER.fullmatch(value) for value in examples)
            )
            chosen = numbers if counts else texts
            chosen.append(identifier(column.key))
            if not alone:
                chosen.append(column_name(table.key, column.key, alone=False))
    return numbers, texts


def join_clauses(tables: Sequence[TypedTable]) -> Iterator[str]:
    """`table ON a.x = b.y` for every key between two of the tables, from both ends."""
    for edge in keys_between(tables):
        for table in dict.fromkeys((edge.right, edge.left)):
            yield f"{identifier(table)} ON {edge.condition}"


def _alternatives(texts: Iterator[str] | Sequence[str]) -> str:
    return " | ".join(_terminal(text) for text in dict.fromkeys(texts))


def _terminal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
