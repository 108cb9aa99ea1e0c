"""A question cut into mentions over one table, which are used up as it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from gezhi.answer.exact.reader.columns import Unclear, is_date, key_words_of
from gezhi.answer.exact.reader.mentions import Mention, Values, is_whole_name, mentions, name_words
from gezhi.answer.exact.reader.words import (
    BOUGHT,
    BUYS,
    CLASSES,
    COUNTERS,
    MADE,
    MEASURED,
    MEASURES,
    MEDALED,
    MEDALS,
    PEOPLE,
    PERSONAL,
    PLACES,
    ROW_WORDS,
    STAFF,
    stem,
    tokens,
)
from gezhi.retrieve.tables.glossary import table_translations, word_translations
from gezhi.types.tables import Column, ColumnType, TypedTable

_YEAR = re.compile(r"\s*(?:年度?)$")


_NAME = re.compile(r"(?:名称|姓名|名字|名|\bname)$", re.IGNORECASE)
_PERSON = re.compile(r"姓名|(?:员工|学生|人员)(?:姓名|名字|名)|(?:full |employee |student )?name", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:id|编号|代码|编码|序号)$", re.IGNORECASE)


class Sentence:
    def __init__(self, question: str, table: TypedTable, values: Values) -> None:
        self.table = table
        self.values = values
        self.filtered = False
        """Whether it sets conditions."""
        self.which = False
        """Whether it asks which or who."""
        self.loose = False
        """Whether a condition may mean more cells than those equal to its value."""
        self.summed = False
        """Whether it asks for a sum without a word for it: `how much did she spend`."""
        self.guessed = False
        """Whether an unknown noun was taken for what the rows are."""
        self.has_totals = any(
            tokens(value)[:1] in (["total"], ["totals"]) or value.startswith(("合计", "总计", "小计"))
            for column in table.columns
            for value in self.cells(column)
        )
        self.itself: Column | None = None
        """What each row is one of, where it asks where there are most of them."""
        self.people = False
        """Whether it calls whoever the rows are about people, students, employees."""
        self.all = mentions(question, table, values)
        self._years()
        self._fill_in()

    def _years(self) -> None:
        """`revenue in 2024`, where the amounts of 2024 are a column."""
        named = {_YEAR.sub("", column.name.strip()): column for column in self.table.columns}
        for one in self.all:
            if one.kind == "date" and (column := named.get(one.value)) is not None:
                one.kind, one.columns = "column", (column,)

    def _fill_in(self) -> None:
        """Words that say nothing more: units after numbers, the table's own name, what its rows are."""
        units = {word for column in self.table.columns for word in tokens(column.unit)} | {"元"}
        name = {stem(word) for word in tokens(f"{self.table.name} {self.table.key}".replace("_", " "))}
        name |= {word for called in self._called() for word in called}
        name |= {stem(word) for other in word_translations(self.table.name) for word in tokens(other)}
        for one in self.all:
            short = one.kind == "column" and all(
                not is_whole_name(one, column)
                and (column.type not in (ColumnType.INTEGER, ColumnType.NUMBER) or _NUMBERED.search(column.name))
                for column in one.columns
            )
            part = short or (one.kind == "value" and not one.whole)
            if (one.kind == "unknown" or part) and all(stem(word) in name for word in one.words):
                one.kind = "fill"  # `orders` of the table orders, also where a column is called Order ID
        above = " ".join((*self.table.headings[-1:], self.table.title))
        about = {stem(word) for word in tokens(" ".join((above, *word_translations(above))))}
        titled = False
        for one in self.all:  # `sales in February`, under the heading `Sales of our stores`
            measured = titled and one.words[0] in MEASURES
            titled = one.kind in ("unknown", "soft") and (measured or all(stem(word) in about for word in one.words))
            one.kind = "fill" if titled else one.kind
        for before, one in pairwise(self.all):
            unit = before.kind == "number" and one.words[0] in units
            medals = before.kind == "column" and one.words[0] in MEDALS and MEDALED & {stem(w) for w in before.words}
            measured = before.kind == "number" and one.words[0] in MEASURED
            one_of = before.kind == "value" and not before.words[0].isascii() and one.words[0] in CLASSES
            if one.kind == "unknown" and (unit or medals or measured or one_of):
                one.kind = "fill"  # `5 km`; `gold medals` of a column Gold
            if before.kind == "count" and one.kind == "unknown" and one.words[0] in COUNTERS:
                one.kind = "fill"
            if before.kind == "count" and one.kind == "unknown" and one.words[0] in ROW_WORDS:
                one.kind, self.guessed = "fill", True  # `how many entries`; any other noun has to be in the table
        self._whoever()
        named = False
        for one in self.all:  # `orders were placed`: what every row of the table orders is
            named = named or (one.kind == "fill" and all(stem(word) in name for word in one.words))
            if named and one.kind in ("unknown", "soft") and one.words[0] in MADE:
                one.kind = "fill"
            if name & BOUGHT and one.kind in ("unknown", "soft") and one.words[0] in BUYS:
                one.kind = "fill"
        for before, one in pairwise(self.all):  # 订单数
            if before.kind == "fill" and one.words == ("数",) and one.kind == "unknown" and {*before.words} <= name:
                one.kind = "count"

    def _whoever(self) -> None:
        """`students` of a table of names and marks: its rows are about people, and no column is called so."""
        if self._person() is None:
            return
        at = 0
        while at < len(self.all):
            run = self.all[at : at + (1 if self.all[at].words[0].isascii() else 2)]
            word = "".join(stem(word) for one in run for word in one.words)
            if word in STAFF and all(one.kind == "unknown" for one in run):
                for one in run:
                    one.kind = "fill"
                self.people = True
            at += 1

    def _person(self) -> Column | None:
        """The one column that names people: 姓名, or `Name` beside a department or an age."""
        texts = [column for column in self.table.columns if column.type is ColumnType.TEXT]
        named = [column for column in texts if _PERSON.fullmatch(column.name.strip())]
        if len(named) != 1:
            return None
        about = {stem(word) for column in self.table.columns for word in key_words_of(column)}
        about |= {stem(word) for word in tokens(self.table.name.replace("_", " "))}
        return named[0] if named[0].name.strip().casefold() != "name" or about & (PERSONAL | STAFF) else None

    def cells(self, column: Column) -> Iterator[str]:
        """The distinct values of a text column."""
        yield from self.values.get((self.table.key, column.key), ())

    def take(self, *kinds: str) -> list[Mention]:
        hits = [one for one in self.all if one.kind in kinds and not one.used]
        for one in hits:
            one.used = True
        return hits

    def has(self, *kinds: str) -> bool:
        return any(one.kind in kinds for one in self.all)

    def asked(self) -> list[Column]:
        """The columns that no condition used. Raises Unclear where a name belongs to several."""
        asked: dict[str, Column] = {}
        for one in self.all:
            if one.kind == "column" and not one.used:
                if len(one.columns) > 1:
                    raise Unclear(f"several columns are named {' '.join(one.words)}")
                one.used = True
                asked[one.columns[0].key] = one.columns[0]
        return list(asked.values())

    def _names_rows(self) -> set[str]:
        """The first text column, which says what a row is about, and those named in the question."""
        texts = [column.key for column in self.table.columns if column.type is ColumnType.TEXT]
        return {*texts[:1], *(one.columns[0].key for one in self.all if one.kind == "column")}

    def names(self) -> Column | None:
        """The column that says which one a row is: `姓名`, `Name`; else the first text column that is no number."""
        texts = [column for column in self.table.columns if column.type is ColumnType.TEXT]
        named = [column for column in texts if _NAME.search(column.name)]
        whole = [column for column in named if _NAME.sub("", column.name).strip() in ("", self.table.name)]
        for chosen in (whole, named):
            if len(chosen) == 1:
                return chosen[0]
        own = {stem(word) for word in tokens(self.table.name.replace("_", " ")) if word.isalpha()}
        for column in texts if not named else []:
            if not _NUMBERED.search(column.name) or own & set(name_words(column)):  # `order_id` of orders
                return column
        return None

    def named_itself(self) -> bool:
        """Whether the question says what the table is of: `orders` of orders-2024-2025, 员工."""
        if self.people:
            return True
        name = {stem(word) for word in tokens(self.table.name.replace("_", " ")) if not word.isdigit()}
        said = {stem(word) for one in self.all if one.kind == "fill" for word in one.words}
        return bool(name) and (name <= said or any(called <= said for called in self._called()))

    def rows_are_others(self, column: Column) -> bool:
        """Whether the rows are plainly something else than this column's things: `order_id` numbers those of orders."""
        own = {stem(word) for word in tokens(self.table.name.replace("_", " ")) if word.isalpha()}
        return any(own & set(name_words(one)) and self.is_one_a_row(one) for one in self.table.columns if one != column)

    def most_of_itself(self) -> bool:
        """Whether there is most of what the rows are: `the most orders`, 订单最多, or 产品最多 where each is one."""
        name = {stem(word) for word in tokens(self.table.name.replace("_", " ")) if not word.isdigit()}
        name |= {word for called in self._called() for word in called} | (STAFF if self.people else set())
        for before, one in pairwise(self.all):
            beside = one if before.words[0].isascii() else before
            mark = before if beside is one else one
            if mark.kind not in ("most", "least"):
                continue
            if beside.kind == "fill" and {stem(w) for w in beside.words} <= name:
                return True
            if beside.kind == "column" and self.is_one_a_row(beside.columns[0]):
                self.itself = beside.columns[0]
                return True
        return False

    def is_one_a_row(self, column: Column) -> bool:
        return column.type is ColumnType.TEXT and len(list(self.cells(column))) == self.table.row_count

    def _called(self) -> list[set[str]]:
        """Words of the table's name in the other language: 订单 of orders-2024-2025."""
        return [{stem(word) for word in tokens(other)} for other in table_translations(self.table.name)]

    def subject(self) -> Column | None:
        """Who, where and when ask for a column that they do not name."""
        for kind, fits in (
            ("who", lambda c: bool(PEOPLE & {stem(w) for w in key_words_of(c)})),
            ("where", lambda c: bool(PLACES & {stem(w) for w in key_words_of(c)})),
            ("when", is_date),
        ):
            if self.take(kind):
                hits = [column for column in self.table.columns if fits(column)]
                if kind == "who" and (person := self._person()) in hits and person is not None:
                    return person
                if len(hits) != 1 or (kind == "who" and hits[0].key not in self._names_rows()):
                    raise Unclear(f"which column says {kind} is not clear")
                return hits[0]
        return None
