"""A question cut into mentions over one table, which are used up as it is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from gezhi.answer.exact.reader.columns import Unclear, is_date, key_words_of
from gezhi.answer.exact.reader.fill import fill_in, whoever
from gezhi.answer.exact.reader.rows import DOER, Rows
from gezhi.answer.exact.reader.said.cut import Mention, Values, is_deed, is_whole_name
from gezhi.answer.exact.reader.said.follow import continued
from gezhi.answer.exact.reader.words import (
    PEOPLE,
    PLACES,
    STAFF,
    stem,
    tokens,
)
from gezhi.types.tables import Column, ColumnType, TypedTable

_BEFORE_ROWS = (("的",), ("一", "次"), ("一", "笔"), ("一", "场"))
_LINKS = frozenset(["is", "was", "are", "were", "the", "our"])
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
_YEAR = re.compile(r"\s*(?:年度?)$")


class Sentence:
    def __init__(
        self, question: str, table: TypedTable, values: Values, earlier: Sequence[str] = (), *, strict: bool = False
    ) -> None:
        self.table = table
        self.rows = Rows(table, values)
        self.filtered = False
        """Whether it sets conditions."""
        self.which = False
        """Whether it asks which or who."""
        self.loose = False
        """Whether a condition may mean more cells than those equal to its value."""
        self.summed = False
        """Whether it asks for a sum without a word for it: `how much did she spend`."""
        self.has_totals = any(
            tokens(value)[:1] in (["total"], ["totals"]) or value.startswith(("合计", "总计", "小计"))
            for column in table.columns
            for value in self.rows.cells(column)
        )
        self.change: tuple[Column, Column] | None = None
        """The later and the earlier year's column, where it asks what rose or fell between them."""
        self.itself: Column | None = None
        """What each row is one of, where it asks where there are most of them."""
        self.percents = frozenset(_PERCENT.findall(" ".join((*earlier, question))))
        """Numbers that it says in percent."""
        self.all = continued((*earlier, question), table, values, strict=strict)
        self._years()
        self.guessed = fill_in(self.all, self.rows)
        """Whether an unknown noun was taken for what the rows are."""
        self.people = whoever(self.all, self.rows)
        """Whether it calls whoever the rows are about people, students, employees."""

    def _years(self) -> None:
        """`revenue in 2024`, where the amounts of 2024 are a column; of `sales 2023`, `sales 2024` that of the year."""
        named = {_YEAR.sub("", column.name.strip()): column for column in self.table.columns}
        dates = [one for one in self.all if one.kind == "date"]
        for one in dates:
            if (column := named.get(one.value)) is not None:
                one.kind, one.columns = "column", (column,)
        if len(dates) != 1 or dates[0].kind != "date":
            return
        year = re.compile(rf"(?<!\d){dates[0].value}(?!\d)")
        for one in self.all:
            if one.kind == "column" and len(one.columns) > 1:
                of_year = tuple(column for column in one.columns if year.search(column.name))
                if len(of_year) == 1:
                    one.columns, dates[0].kind = of_year, "fill"
                    one.words += dates[0].words

    def years_said(self, pair: Sequence[Column]) -> list[Column]:
        """Of the columns of two years, those whose year or name is said, in its order."""
        said: dict[str, Column] = {}
        for one in self.all:
            dated = [c for c in pair if one.kind == "date" and one.value in c.name]
            named = one.columns if one.kind == "column" and len(one.columns) == 1 and one.columns[0] in pair else dated
            said |= {column.key: column for column in named}
        return list(said.values())

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
        """The first text column without codes, which says what a row is about, and those named in the question."""
        texts = [c.key for c in self.table.columns if c.type is ColumnType.TEXT and not self.rows.holds_codes(c)]
        return {*texts[:1], *(one.columns[0].key for one in self.all if one.kind == "column")}

    def named_itself(self) -> bool:
        """Whether the question says what the table is of: `orders` of orders-2024-2025, 员工."""
        if self.people:
            return True
        said = {stem(word) for one in self.all if one.kind == "fill" for word in one.words}
        return any(called <= said for called in self.rows.called)

    @property
    def claimed(self) -> bool:
        """Whether the rows are named by what is done: `who claimed the most`."""
        said = [one.words[0] for one in self.all if one.kind == "fill" and one.words[0].endswith("ed")]
        return any({word[:-1], word[:-2]} & self.rows.words for word in said)

    def of_several(self) -> bool:
        """`which invoices`, `which tasks`: what is listed stands in the plural."""
        for before, one in pairwise(self.all):
            own = one.kind == "fill" and self.rows.are(one.words)
            row = one.kind == "column" and one.columns[0] == self.rows.names()
            if before.words[-1] in ("which", "what") and (own or row) and one.words[-1].isascii():
                return stem(one.words[-1]) != one.words[-1]
        return False

    def each_of_rows(self) -> bool:
        """`per fruit`, 每种水果: of what the rows are called."""
        return any(
            mark.kind == "each" and one.kind == "fill" and self.rows.are(one.words, titled=True)
            for mark, one in pairwise(self.all)
        )

    def counts_people(self, *, times: bool = False) -> bool:
        """`how many people`, 多少人: whoever the rows are about, each once; not 多少人次."""
        text = "".join(word for one in self.all for word in one.words)
        pattern = r"(?:多少|几)个?人" if times else r"(?:多少|几)个?人(?!次)"
        return (self.people and not times) or re.search(pattern, text) is not None

    def extreme_itself(self) -> bool:
        """`the largest invoice by gross amount`, 金额最高的一笔订单: which one is asked for, not only how large."""
        said = [one for one in self.all if one.words not in _BEFORE_ROWS]
        beside = [one for mark, one in pairwise(said) if mark.kind in ("most", "least") and one.kind == "fill"]
        return any(self.rows.are(one.words) for one in beside)

    def most_of_itself(self) -> bool:
        """Whether there is most of what the rows are: `the most orders`, 订单最多, or 产品最多 where each is one."""
        people = STAFF if self.people else ()
        kinds = [one for one in self.all if one.kind != "value" or not one.words[0].isascii()]
        for before, one in pairwise(kinds):  # `the most urgent tickets`
            beside = one if before.words[0].isascii() else before
            mark = before if beside is one else one
            if mark.kind not in ("most", "least"):
                continue
            if beside.kind == "fill" and self.rows.are(beside.words, also=people):
                return True
            if beside.kind == "column" and self.rows.is_one_a_row(beside.columns[0]):
                self.itself = beside.columns[0]
                return True
        return False

    def subject(self) -> Column | None:
        """Who, where and when ask for a column that they do not name."""
        for kind, fits in (
            ("who", lambda c: bool(PEOPLE & {stem(w) for w in key_words_of(c)}) or c.name.strip().endswith("姓名")),
            ("where", lambda c: bool(PLACES & {stem(w) for w in key_words_of(c)})),
            ("when", is_date),
        ):
            if asks := self.take(kind):
                if kind == "who" and (named := self._is_who(asks[0])) is not None:
                    return named
                if (doer := self._done(kind)) is not None:
                    return doer
                hits = [column for column in self.table.columns if fits(column)]
                doers = kind == "who" and not hits
                if doers:
                    hits = [c for c in self.table.columns if c.type is ColumnType.TEXT and DOER.search(c.name.strip())]
                if kind == "who" and (person := self.rows.person()) in hits and person is not None:
                    return person
                if len(hits) > 1:  # `who is the customer` beside a column of sales reps
                    said = {one.columns[0].key for one in self.all if one.kind == "column"}
                    hits = [column for column in hits if column.key in said] or hits
                if kind == "who" and len(hits) != 1 and (named := self._named_last()) is not None:
                    return named
                if len(hits) != 1 or (kind == "who" and not doers and hits[0].key not in self._names_rows()):
                    raise Unclear(f"which column says {kind} is not clear")
                return hits[0]
        return None

    def _is_who(self, who: Mention) -> Column | None:
        """`who was the lawyer`, `who are the top two lawyers`: the column that is named next."""
        place = next(at for at, one in enumerate(self.all) if one is who)
        linked = False
        for one in self.all[place + 1 :]:
            if one.kind == "column":
                column = one.columns[0]
                fits = linked and len(one.columns) == 1 and column.type is ColumnType.TEXT and not one.used
                if fits and is_whole_name(one, column):
                    one.used = True
                    return column
                return None
            if one.kind not in ("top", "number") and one.words[0] not in _LINKS:
                return None
            linked = linked or one.words[0] in _LINKS
        return None

    def _named_last(self) -> Column | None:
        """The one column of texts that is named and has no condition: PO3010的供应商是谁."""
        held = {column.key for one in self.all if one.kind == "value" for column in one.columns}
        named = [one for one in self.all if one.kind == "column" and not one.used and len(one.columns) == 1]
        texts = [one for one in named if one.columns[0].type is ColumnType.TEXT and one.columns[0].key not in held]
        if len(texts) != 1 or texts[0].words[0].isascii():
            return None
        texts[0].used = True
        return texts[0].columns[0]

    def _done(self, kind: str) -> Column | None:
        """`who approved it` beside a column `approved by`, `who owns it` beside `owner`, `when was it closed`."""
        for one in self.all:
            if one.kind != "column" or len(one.columns) > 1 or one.used:
                continue
            column = one.columns[0]
            does = (
                one.words[0].isascii()
                and column.type is ColumnType.TEXT
                and len(one.words) == 1
                and is_deed(one, column)
            )
            if (kind == "who" and does) or (kind == "when" and is_date(column)):
                one.used = True
                return column
        return None
