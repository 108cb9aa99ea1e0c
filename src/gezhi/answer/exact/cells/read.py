"""Questions about single cells of a statement: a table whose rows have names and whose columns are years or other
headings, as accounts have. `the change in net sales between 2018 and 2019`, `2024年净利润比2023年增长多少`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gezhi.answer.exact.cells.words import (
    APART,
    COMPARES,
    EACH,
    EXPLAINS,
    LESS,
    MONTHS,
    NOTE,
    OPERATIONS,
    OTHERWISE,
    PERIOD,
    PLAIN,
    RANGE,
    SHORT_YEAR,
    SUMS_UP,
    WHICH,
    YEAR,
)
from gezhi.answer.exact.names import literal
from gezhi.answer.exact.reader.words import filling, marks, stem, tokens
from gezhi.retrieve.tables.workspace import quoted
from gezhi.types.tables import Column, ColumnType, TypedTable, Value

MOST_ROWS = 500
MOST_COLUMNS = 40
LEAST_COVERED = 0.8
"""Share of the question's content words that names, headings and operations must account for."""


class Sense(StrEnum):
    CELL = "cell"
    CHANGE = "change"
    PERCENT = "percent"
    RATIO = "ratio"
    SHARE = "share"
    AVERAGE = "average"
    TOTAL = "total"
    MOST = "most"
    LEAST = "least"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cells:
    """What was read: cells, each a row (by its place, from 0) and a column, and what is made of them."""

    table: TypedTable
    sense: Sense
    places: tuple[tuple[int, Column], ...]
    values: tuple[Value, ...]
    """Of the cells."""
    labels: tuple[str, ...]
    """The names of their rows."""
    conditions: Mapping[int, str]
    """Of each row, the SQL that finds it: by its name, where no other row has that."""
    covered: float
    unsigned: bool = False
    """How far they are apart is asked, not which way."""

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(row for row, _ in self.places))

    @property
    def sql(self) -> str:
        return _sql(self)


@dataclass(kw_only=True, slots=True)
class _Words:
    """The question's words, and which are accounted for."""

    every: list[str]
    free: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.free = [True] * len(self.every)

    def take(self, span: range) -> None:
        for at in span:
            self.free[at] = False

    def find(self, sought: Sequence[str]) -> range | None:
        """Where these words stand, in order, with at most two small words between."""
        for start in range(len(self.every)):
            at, end = start, start
            for word in sought:
                while end < len(self.every) and end - at <= 2 and self.every[end] != word and _small(self.every[end]):
                    end += 1
                if end >= len(self.every) or self.every[end] != word or not self.free[end]:
                    break
                end += 1
                at = end
            else:
                return range(start, end)
        return None


def read_cells(question: str, table: TypedTable, rows: Sequence[Sequence[Value]]) -> Cells | str:
    """`rows`: the table with its totals rows. A text says why it cannot be read so."""
    columns = [column for column in table.columns[1:] if column.type.is_numeric]
    if not columns or len(table.columns) > MOST_COLUMNS or len(rows) > MOST_ROWS:
        return "it is no statement"
    if EXPLAINS.search(question) or OTHERWISE.search(question.strip()):
        return "it asks for more than a number"
    periods = [column for column in columns if PERIOD.search(column.name)]
    if table.columns[0].type is not ColumnType.TEXT:
        return "its rows have no names"
    words = _Words(every=[stem(word) for word in tokens(question)])
    chosen_rows = _rows(words, rows)
    if not chosen_rows:
        return "no row has such a name"
    left = " ".join(word for word, free in zip(words.every, words.free, strict=True) if free)
    sense = _sense(question, [str(rows[row][0]) for row in chosen_rows])
    chosen = _columns(question, words, columns, sense)
    if isinstance(chosen, str):
        return chosen
    which = WHICH.search(question) is not None
    if which and sense in (Sense.MOST, Sense.LEAST) and len(chosen) < 2:
        chosen = [column for column in columns if _years(column.name)] or columns
    if not chosen:
        if len(columns) > 1 or not periods:
            return "which column is meant is not said"
        chosen = columns
    sums_up = any(SUMS_UP.fullmatch(str(rows[row][0]).strip()) for row in chosen_rows)  # better added up anew
    if not periods and (which or sums_up or len(chosen_rows) > 1 or _is_part(chosen, table)):
        return "its columns are no periods"
    covered = _covered(words, table, question)
    if covered < (LEAST_COVERED if periods else 1.0):  # outside statements a word more may change what is asked
        return f"the table says nothing of {left}"
    if not periods and len(chosen) > 1 and not EACH.search(question):
        return "whether each number or their sum is asked is not clear"
    if EACH.search(question) and len(chosen_rows) * len(chosen) < 2:
        return "it asks for several numbers, and only one is named"
    return _made(
        table,
        sense,
        chosen_rows,
        chosen,
        rows,
        covered,
        which=which,
        less=LESS.search(question) is not None,
        unsigned=APART.search(question) is not None,
    )


def _made(
    table: TypedTable,
    sense: Sense,
    chosen_rows: Sequence[int],
    chosen: Sequence[Column],
    rows: Sequence[Sequence[Value]],
    covered: float,
    *,
    which: bool,
    less: bool,
    unsigned: bool,
) -> Cells | str:
    places = tuple((row, column) for row in chosen_rows for column in chosen)
    if any(rows[row][_at(table, column)] is None for row, column in places):
        return "a cell that it needs is empty"
    count = len(places)
    if sense in (Sense.CHANGE, Sense.PERCENT) and len(chosen_rows) == 1 and count == 2:
        years = [_years(column.name) for column in chosen]
        if all(len(one) == 1 for one in years):  # from the earlier to the later, however it is asked
            places = tuple(sorted(places, key=lambda place: _years(place[1].name), reverse=not less))
    needs = {
        Sense.CELL: range(1, 5),
        Sense.CHANGE: range(2, 3),
        Sense.PERCENT: range(2, 3),
        Sense.RATIO: range(2, 3),
        Sense.SHARE: range(2, 3),
        Sense.AVERAGE: range(2, 13),
        Sense.TOTAL: range(2, 13),
        Sense.MOST: range(2, 41),
        Sense.LEAST: range(2, 41),
    }[sense]
    if count not in needs or (len(chosen_rows) > 1 and len(chosen) > 1):
        return f"{count} cells are named, which is not what `{sense.value}` needs"
    if sense in (Sense.MOST, Sense.LEAST) and (not which or len(chosen_rows) > 1):
        return "which of several is meant is not clear"
    names = [row[0] for row in rows]
    key = quoted(table.columns[0].key)
    conditions = {
        row: f"{key} = {literal(str(names[row]))}" if names.count(names[row]) == 1 else f"rowid = {row + 1}"
        for row in chosen_rows
    }
    if sense is Sense.SHARE:  # a part of a whole, whichever is named first
        places = tuple(sorted(places, key=lambda place: abs(float(rows[place[0]][_at(table, place[1])] or 0))))
    return Cells(
        table=table,
        sense=sense,
        places=places,
        values=tuple(rows[row][_at(table, column)] for row, column in places),
        labels=tuple(str(names[row]) for row, _ in places),
        conditions=conditions,
        covered=covered,
        unsigned=unsigned,
    )


def _rows(words: _Words, rows: Sequence[Sequence[Value]]) -> list[int]:
    """Rows whose names the question says, longest names first; of one name's several, the one whose section it says."""
    names: dict[tuple[str, ...], list[int]] = {}
    sections: dict[int, str] = {}
    section = ""
    for at, row in enumerate(rows):
        label = str(row[0] or "")
        if label and all(value is None for value in row[1:]):
            section = label
            continue
        sections[at] = section
        for name in {_name(label), _name(NOTE.sub(" ", label))}:
            if name:
                names.setdefault(name, []).append(at)
    found: list[tuple[int, int]] = []
    for name in sorted(names, key=lambda name: (-len(name), name)):
        if len("".join(name)) < 2 or all(_small(word) for word in name):
            continue
        while (span := words.find(name)) is not None:
            owners = names[name]
            if len(owners) > 1:
                owners = _in_section(words, owners, sections)
            if not owners:
                return []
            words.take(span)
            found.append((span.start, owners[0]))
    return list(dict.fromkeys(row for _, row in sorted(found)))


def _in_section(words: _Words, owners: Sequence[int], sections: Mapping[int, str]) -> list[int]:
    """The one row whose section the question says: the longest section said, which no other of them has."""
    said = [(len(name), at, span) for at in owners if (name := _name(sections[at])) and (span := words.find(name))]
    longest = max((size for size, _, _ in said), default=0)
    best = [(at, span) for size, at, span in said if size == longest]
    if len(best) != 1:
        return []
    words.take(best[0][1])
    return [best[0][0]]


def _name(label: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in tokens(label) if (word,) not in filling())


def _sense(question: str, labels: Sequence[str]) -> Sense:
    """The operation that is asked for, not the one that a row is named after."""
    text = f" {question.casefold()} "
    for label in labels:
        for form in (label, NOTE.sub(" ", label)):
            text = text.replace(form.casefold().strip(), " ")
    for name, pattern in OPERATIONS:
        if re.search(pattern, text, re.IGNORECASE):
            return Sense(name)
    return Sense.CELL


def _columns(question: str, words: _Words, columns: Sequence[Column], sense: Sense) -> list[Column] | str:
    asked = _asked_years(question, columns, sense)
    chosen: list[Column] = []
    for year in asked:
        holding = [
            column for column in columns if year in _years(column.name) and not _other_day(question, column.name)
        ]
        if len(holding) > 1:
            holding = [column for column in holding if not COMPARES.search(column.name)] or holding
        if len(holding) > 1:
            holding = _told_apart(words, holding)
        if len(holding) != 1:
            return f"{'no' if not holding else 'more than one'} column is of {year}"
        chosen.append(holding[0])
    for at, word in enumerate(words.every):
        if any(_same_year(word, year) for year in asked):
            words.free[at] = False
    if asked:
        return list(dict.fromkeys(chosen))
    for column in sorted(columns, key=lambda column: -len(_name(column.name))):
        name = _name(NOTE.sub(" ", column.name)) or _name(column.name)
        span = words.find(name) if name and not all(_small(word) for word in name) else None
        if span is not None:
            words.take(span)
            chosen.append(column)
    return sorted(dict.fromkeys(chosen), key=columns.index)


def _is_part(chosen: Sequence[Column], table: TypedTable) -> bool:
    """Whether a heading that was found is also a part of another: `votes` of `votes %`."""
    names = {column.key: set(_name(column.name)) for column in table.columns}
    return any(
        names[one.key] <= name for one in chosen for key, name in names.items() if key != one.key and names[one.key]
    )


def _asked_years(question: str, columns: Sequence[Column], sense: Sense) -> list[str]:
    """Those that the question says; of a range whose average or total is asked, all that the table has."""
    asked = list(dict.fromkeys(_said_years(question)))
    span = RANGE.search(question)
    if span is None or sense not in (Sense.AVERAGE, Sense.TOTAL, Sense.MOST, Sense.LEAST) or len(asked) != 2:
        return asked
    first, last = sorted(span.groups())
    return sorted({year for column in columns for year in _years(column.name) if first <= year <= last} | set(asked))


def _other_day(question: str, header: str) -> bool:
    """Whether both name a month, and not the same."""
    asked, stands = MONTHS.findall(question), MONTHS.findall(header)
    return bool(asked and stands) and not any(
        one[0][:3].casefold() == other[0][:3].casefold() and one[2] == other[2] for one in asked for other in stands
    )


def _told_apart(words: _Words, holding: Sequence[Column]) -> list[Column]:
    """Of columns of one year, the one whose other words the question says; else the one that has none."""
    others = {
        column.key: [w for w in _name(column.name) if not YEAR.fullmatch(w) and w not in PLAIN] for column in holding
    }
    said = [column for column in holding if others[column.key] and words.find(others[column.key]) is not None]
    for column in said:
        if (span := words.find(others[column.key])) is not None:
            words.take(span)
    bare = [column for column in holding if not others[column.key] and column.unit != "%"]
    return said or bare


def _said_years(text: str) -> list[str]:
    short = [f"20{two}" for two in SHORT_YEAR.findall(text)]
    return [*YEAR.findall(text), *short]


def _same_year(word: str, year: str) -> bool:
    return word == year or word == year[2:]


def _years(header: str) -> list[str]:
    return list(dict.fromkeys(_said_years(header)))


def _covered(words: _Words, table: TypedTable, question: str) -> float:
    about = {
        stem(word)
        for word in tokens(" ".join((table.name, table.title, *table.headings, *(c.name for c in table.columns))))
    }
    about |= {stem(word) for column in table.columns for word in tokens(column.unit)}
    operations = {
        stem(word)
        for _, pattern in OPERATIONS
        for one in re.finditer(pattern, question, re.IGNORECASE)
        for word in tokens(one.group())
    }
    content = left = 0
    for word, free in zip(words.every, words.free, strict=True):
        if free and (_small(word) or word.isdigit() or word in PLAIN or word in operations):
            continue
        content += 1
        left += free and word not in about
    return 1 - left / content if content else 0.0


def _small(word: str) -> bool:
    return (
        (word,) in filling()
        or marks().get((word,)) in ("ask", "and", "list", "much", "to", "or")
        or word in ("respectively", "and")
    )


def _at(table: TypedTable, column: Column) -> int:
    return table.columns.index(column)


def _sql(read: Cells) -> str:
    table, label = quoted(read.table.key), quoted(read.table.columns[0].key)
    rows = read.rows

    def cell(place: tuple[int, Column]) -> str:
        row, column = place
        inner = quoted(column.key)
        return inner if len(rows) == 1 else f"(SELECT {inner} FROM {table} WHERE {read.conditions[row]})"

    cells = [cell(place) for place in read.places]
    source = f" FROM {table} WHERE {read.conditions[rows[0]]}" if len(rows) == 1 else ""
    if read.sense is Sense.CELL:
        if len(rows) == 1:
            return f"SELECT {', '.join(cells)}{source}"
        column = quoted(read.places[0][1].key)
        return f"SELECT {label}, {column} FROM {table} WHERE {' OR '.join(read.conditions[row] for row in rows)}"
    if read.sense in (Sense.MOST, Sense.LEAST):
        parts = " UNION ALL ".join(
            f"SELECT {literal(column.name)} AS period, {quoted(column.key)} AS amount{source}"
            for _, column in read.places
        )
        order = "DESC" if read.sense is Sense.MOST else "ASC"
        return f"SELECT period FROM ({parts}) ORDER BY amount {order} LIMIT 1"
    change = " - ".join(cells)
    if read.unsigned or not all(_years(column.name) for _, column in read.places):
        change = f"abs({change})"  # which is to be taken from which is not said
    made = {
        Sense.CHANGE: change,
        Sense.PERCENT: f"round(({cells[0]} - {cells[-1]}) * 100.0 / {cells[-1]}, 2) AS percent",
        Sense.SHARE: f"round({cells[0]} * 100.0 / {cells[-1]}, 2) AS percent",
        Sense.RATIO: f"round({cells[0]} * 1.0 / {cells[-1]}, 4)",
        Sense.AVERAGE: f"({' + '.join(cells)}) * 1.0 / {len(cells)}",
        Sense.TOTAL: " + ".join(cells),
    }[read.sense]
    return f"SELECT {made}{source}" if source else f"SELECT {made}"
