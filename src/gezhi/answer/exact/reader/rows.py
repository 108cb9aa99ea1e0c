"""What the rows of a table are, what they are called, and which columns tell them apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from gezhi.answer.exact.reader.columns import is_date, is_rank, key_words_of
from gezhi.answer.exact.reader.said.cut import IN_BRACKETS, Values, name_words, verb_forms
from gezhi.answer.exact.reader.words import (
    ADDITIVE,
    AMOUNTS,
    COUNTED,
    ONE_OF_THEM,
    PERSONAL,
    QUANTITIES,
    RATED,
    SEVERAL,
    SEVERAL_AND,
    SPENDING,
    STAFF,
    stem,
    tokens,
)
from gezhi.retrieve.tables.glossary import table_translations, translations, word_translations
from gezhi.retrieve.tables.link import DISTINCT
from gezhi.types.tables import Column, ColumnType, TypedTable
from gezhi.types.units import UnitKind, unit_kind

_NAME = re.compile(r"(?:名称|姓名|名字|名|\bname)$", re.IGNORECASE)
_PERSON = re.compile(
    r"姓名|(?:员工|学生|人员)(?:姓名|名字|名)|(?:full |employee |student )?name"
    r"|候选人|应聘者|读者|会员|candidate|applicant|employee|student|patient",
    re.IGNORECASE,
)
DOER = re.compile(r"[者员师人]$")
NUMBERED = re.compile(r"[\s_]*(?:\bid|(?<=_)id|\bno\.?|\bnumber|\bcode|编号|代码|编码|序号|单号|号)$", re.IGNORECASE)
_ANY_NUMBER = re.compile(r"(?:id|编号|代码|编码|序号)$", re.IGNORECASE)
_LATER = re.compile(
    r"due|end|paid|pay|clos|deliver|ship|updat|modif|expir|return|resol|arriv|complet|finish|deadline|approv|cancel"
    r"|到货|结束|交货|交付|发货|付款|支付|回款|到期|截止|完成|完工|更新|修改|关闭|归还|审批|离职|终止|失效",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"[a-z]{2,}[^su\W\d]s$", re.IGNORECASE)
_SHEET = re.compile(
    r"[\s_-]*(?:台账|清单|明细|记录|名单|汇总|统计|列表|一览|信息|数据|总?表|list|register|log|data|records?|overview|sheet|table)$",
    re.IGNORECASE,
)
"""What a table of things is called besides: 设备台账 is of 设备."""


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
KIND = re.compile(
    r"(?:订单|发票|合同|工单|客户|员工|会员|学生|设备|产品|商品|项目|车辆|任务|单据|供应商|门店|患者|图书)$"
)
_OF_YEAR = re.compile(r"^(?:19|20)\d\d(?:年度?[的]?|[\s_-]+)(?=\S)")


class Rows:
    def __init__(self, table: TypedTable, values: Values) -> None:
        self.table = table
        self.values = values
        self.called = tuple(one for one in self._called() if len(one) > 1 or any(word.isascii() for word in one))
        """Each way to call a row: the words of the table's name, in either language, and of the column that numbers
        its rows."""
        self.words = frozenset(word for one in self.called for word in one)
        full = {stem(word) for word in tokens(f"{table.name} {table.key}".replace("_", " "))}
        full |= {stem(word) for other in word_translations(table.name) for word in tokens(other)}
        self.name = frozenset(full | self.words)
        """Words that say nothing of which rows are meant."""

    def are(self, words: Iterable[str], *, titled: bool = False, also: Collection[str] = ()) -> bool:
        """Whether the words say no more than what the rows are: `orders` of the table orders. `titled`: or what the
        table is called besides, `log`, `2024`."""
        known = self.name if titled else self.words
        return all(stem(word) in known or stem(word) in also for word in words)

    def _called(self) -> Iterator[frozenset[str]]:
        name = self.table.name
        yield _stems(name, digits=False)
        plain = re.sub(r"[\d\W_]+$", "", _SHEET.sub("", _OF_YEAR.sub("", name)))
        yield _stems(plain)
        if plain and plain.isascii():  # `tickets` of support_tickets
            yield _stems(tokens(plain.replace("_", " "))[-1])
        elif (kind := KIND.search(plain)) is not None and len(kind[0]) < len(plain):  # 订单 of 采购订单
            yield _stems(kind[0])
        for other in table_translations(name):
            yield _stems(other)
        for other in ONE_OF_THEM.get(plain.casefold(), "").split():
            yield frozenset([other])
        name_of = self.names()
        for column in [*self.numbers(), *([name_of] if name_of and self.is_one_a_row(name_of) else [])]:
            noun = _NAME.sub("", NUMBERED.sub("", column.name.strip())).strip(" _")
            if noun == column.name.strip():
                continue
            yield _stems(noun)
            for other in translations(noun):
                yield _stems(other)

    def cells(self, column: Column) -> Iterator[str]:
        """The distinct values of a column of texts or dates."""
        yield from self.values.get((self.table.key, column.key), ())

    def is_one_a_row(self, column: Column) -> bool:
        known = column.type in (ColumnType.TEXT, ColumnType.DATE)
        return known and len(list(self.cells(column))) == self.table.row_count

    def numbers(self) -> list[Column]:
        """The column that numbers the rows, and says as what: `Claim No`, `ticket_id`, 设备编号."""
        named = [column for column in self.table.columns[:2] if NUMBERED.sub("", column.name.strip()) != column.name]
        of_rows = [column for column in named if column.type is ColumnType.INTEGER or self._all_differ(column)]
        return of_rows[:1] or self.called_as_rows()

    def called_as_rows(self) -> list[Column]:
        """The first column, where each row has its own number or name under what the table is called: `Order` of
        orders, `Campaign` of campaigns."""
        first, own = self.table.columns[0], _stems(self.table.name)
        named = len(self.table.columns) > 1 and bool(name_words(first)) and {*name_words(first)} <= own
        return [first] if named and (first.type is ColumnType.INTEGER or self.is_one_a_row(first)) else []

    def _all_differ(self, column: Column) -> bool:
        return column.type is ColumnType.TEXT and len(list(self.cells(column))) >= min(self.table.row_count, DISTINCT)

    def names(self) -> Column | None:
        """The column that says which one a row is: `姓名`, `Name`; else the first text column that is no number."""
        texts = [column for column in self.table.columns if column.type is ColumnType.TEXT]
        named = [column for column in texts if _NAME.search(column.name)]
        whole = [column for column in named if _NAME.sub("", column.name).strip() in ("", self.table.name)]
        for chosen in (whole, named):
            if len(chosen) == 1:
                return chosen[0]
        own = {stem(word) for word in tokens(self.table.name.replace("_", " ")) if word.isalpha()}
        own |= {word for column in self.numbers() for word in _stems(NUMBERED.sub("", column.name))}
        for column in texts if not named else []:
            if not _ANY_NUMBER.search(column.name) or own & set(name_words(column)):  # `order_id` of orders
                return column
        return None

    def is_own_name(self, column: Column) -> bool:
        """Whether it names the rows, each in a way of its own: 产品名称 of products."""
        return column == self.names() and _NAME.search(column.name) is not None and self.is_one_a_row(column)

    def listed(self) -> list[Column]:
        """What a list of rows shows of each: its name, and its number before it where several have that name."""
        name, numbered = self.names(), self.called_as_rows()
        if name is None or (numbered and not _NAME.search(name.name)):
            return numbered  # an order's number says it, its customer does not
        return [*(one for one in self.numbers() if one != name and not self.is_one_a_row(name)), name]

    def are_others(self, column: Column) -> bool:
        """Whether the rows are plainly something else than this column's things: `order_id` numbers those of orders."""
        own = {stem(word) for word in tokens(self.table.name.replace("_", " ")) if word.isalpha()}
        return any(own & set(name_words(one)) and self.is_one_a_row(one) for one in self.table.columns if one != column)

    def person(self) -> Column | None:
        """The one column that names people: 姓名, or `Name` beside a department or an age."""
        texts = [column for column in self.table.columns if column.type is ColumnType.TEXT]
        named = [column for column in texts if _PERSON.fullmatch(column.name.strip())]
        if len(named) != 1:
            return None
        about = {stem(word) for column in self.table.columns for word in key_words_of(column)}
        about |= {stem(word) for word in tokens(self.table.name.replace("_", " "))}
        return named[0] if named[0].name.strip().casefold() != "name" or about & (PERSONAL | STAFF) else None

    def measured(self) -> list[Column]:
        """Its columns of numbers that are no dates, ranks or numbers of rows."""
        numbers = [c for c in self.table.columns if c.type.is_numeric and not is_date(c) and not is_rank(c)]
        numbers = [column for column in numbers if NUMBERED.sub("", column.name.strip()) == column.name]
        called = self.called_as_rows()
        return [column for column in numbers if column not in called]

    def are_doers(self, column: Column) -> bool:
        """Whether a column says who: 志愿者, 司机 where it names the rows."""
        return column.type is ColumnType.TEXT and (column == self.names() or bool(DOER.search(column.name.strip())))

    def money(self) -> Column | None:
        """The one column of money, by its name or else by its unit."""
        measured = self.measured()
        named = [c for c in measured if AMOUNTS & {stem(word) for word in key_words_of(c)}]
        counted = [c for c in measured if unit_kind(c.unit) is UnitKind.CURRENCY and not _PRICE.search(c.name)]
        money = named or counted
        return money[0] if len(money) == 1 else None

    def one_called(self, names: re.Pattern[str], *, dates: bool = False, but: Column | None = None) -> Column | None:
        """The one measure, or date, that is called so."""
        of_kind = [c for c in self.table.columns if c.type is ColumnType.DATE] if dates else self.measured()
        hits = [column for column in of_kind if column != but and names.search(column.name)]
        return hits[0] if len(hits) == 1 else None

    def years_of_one(self) -> list[Column]:
        """The two columns of one measure in two years, the earlier first: 2023年销售额, 2024年销售额."""
        measures: dict[str, list[Column]] = defaultdict(list)
        for column in self.measured():
            if len(_YEAR.findall(column.name)) == 1:
                measures[_YEAR.sub("", column.name)].append(column)
        pairs = [columns for columns in measures.values() if len(columns) == 2]
        return sorted(pairs[0], key=lambda column: _YEAR.findall(column.name)) if len(pairs) == 1 else []

    def adds_up(self, column: Column) -> bool:
        """Whether the numbers of several rows make one: of stocks and costs they do, of prices and speeds not."""
        words = {stem(word) for word in key_words_of(column)}
        ends = _ENDS_ADDITIVE.search(IN_BRACKETS.sub("", column.name)) and not _OF_ONE.search(column.name)
        return bool(ADDITIVE & words) or self.counts(column) or bool(ends)

    def rates(self, column: Column) -> bool:
        """Whether of several rows of one thing the average counts."""
        return bool(RATED & {stem(word) for word in key_words_of(column)})

    def holds_codes(self, column: Column) -> bool:
        """Whether each of its cells has a digit: B-901, 2024/017."""
        cells = list(self.cells(column))
        return bool(cells) and all(any(character.isdigit() for character in cell) for cell in cells)

    def dated(self) -> Column | None:
        """When a row happened: the one date, or the one that is not when it was due, paid or ended."""
        dates = [column for column in self.table.columns if is_date(column)]
        own = [column for column in dates if not _LATER.search(column.name)] if len(dates) > 1 else dates
        if len(own) > 1:  # claims are of the day on which they were claimed
            deeds = {column.key: {form for word in key_words_of(column) for form in verb_forms(word)} for column in own}
            own = [column for column in own if deeds[column.key] & self.words] or own
        return own[0] if len(own) == 1 else None

    def quantity(self) -> Column | None:
        """How many pieces a row is of, as orders have."""
        held = [c for c in self.measured() if QUANTITIES & {stem(word) for word in key_words_of(c)}]
        return held[0] if len(held) == 1 else None

    def is_number_of_one(self, column: Column) -> bool:
        """`Room` with 101, 102 …: the first column, of whole numbers that tell one from another and count nothing."""
        first = column == self.table.columns[0] and column.type is ColumnType.INTEGER and column.name.isascii()
        return first and not column.unit and not self.is_plural(column) and not self.counts(column)

    def is_plural(self, column: Column) -> bool:
        """`visitors`, `reviews`: a column of how many of them there were."""
        return column.type is ColumnType.INTEGER and _PLURAL.search(column.name.strip()) is not None

    def hold_several(self, column: Column) -> bool:
        """Whether its cells list things, or say how many times one stands for. `Fennel & Sons` is one, unless Fennel
        or Sons stands elsewhere too."""
        cells = set(self.cells(column))
        parts = {part for cell in cells if SEVERAL.search(cell) for part in SEVERAL_AND.split(cell)}
        listed = any(SEVERAL.search(SEVERAL_AND.sub(" ", cell)) for cell in cells)
        return listed or bool(parts & cells)

    def counts(self, column: Column) -> bool:
        """Whether it says how many of something a row has."""
        return column.type is ColumnType.INTEGER and COUNTED.search(column.name.strip()) is not None

    def are_spending(self) -> bool:
        """Whether they are called after money: expenses, payments, 费用."""
        return any(one & SPENDING or "".join(sorted(one)) in _SORTED for one in self.called)


_ENDS_ADDITIVE = re.compile(f"(?:{'|'.join(word for word in ADDITIVE if not word.isascii() and len(word) > 1)})$")
_OF_ONE = re.compile("平均|人均|最[高低大小长短多少]|单位|单次|每|率")
"""服务时长 adds up, 平均时长 does not."""
_PRICE = re.compile(r"价|率|平均|人均|每|\b(?:price|rate|average|avg|per|each)\b", re.IGNORECASE)
_SORTED = frozenset("".join(sorted(word)) for word in SPENDING if not word.isascii())
"""A Chinese name is kept as its characters."""


def _stems(text: str, *, digits: bool = True) -> frozenset[str]:
    return frozenset(stem(word) for word in tokens(text.replace("_", " ")) if digits or not word.isdigit())
