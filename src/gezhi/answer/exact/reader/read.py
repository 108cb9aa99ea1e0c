"""Reads a question into a plan by rules, or says that it cannot: every content word has to be accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from gezhi.answer.exact.reader.columns import Unclear, dated, in_unit, is_date, is_filtered, key_words_of
from gezhi.answer.exact.reader.mentions import Mention, Values, mentions, name_words
from gezhi.answer.exact.reader.plan import Aggregate, Filter, Plan, Shape, Test, sql
from gezhi.answer.exact.reader.words import ORDINALS, PEOPLE, PLACES, RANKS, ROW_WORDS, stem, tokens
from gezhi.types.tables import Column, ColumnType, TypedTable

_NUMERIC = (ColumnType.INTEGER, ColumnType.NUMBER)
_COMPARE = {"above": Test.ABOVE, "at_least": Test.AT_LEAST, "below": Test.BELOW, "at_most": Test.AT_MOST}
_AFTER = {"or_more": Test.AT_LEAST, "or_less": Test.AT_MOST}
_IN_ORDER = frozenset(["listed", "list", "table", "chart", "row", "entry", "表", "行"])
_HARMLESS = ("fill", "ask", "than", "list", "and", "only")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    plan: Plan
    covered: float
    """Share of the question's content words that the plan accounts for: 1 for a Reading."""

    @property
    def sql(self) -> str:
        return sql(self.plan)


@dataclass(frozen=True, kw_only=True, slots=True)
class CannotRead:
    reason: str
    covered: float = 0.0
    unknown: tuple[str, ...] = ()


def read(question: str, tables: Sequence[TypedTable], values: Values) -> Reading | CannotRead:
    """The one reading over one of the tables; where two tables give a reading, the question is not clear enough."""
    found: list[Reading] = []
    failed: list[CannotRead] = []
    for table in tables:
        one = _Reader(question, table, values).read()
        if isinstance(one, Reading):
            found.append(one)
        else:
            failed.append(one)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(one.plan.table.name for one in found[:3])
        return CannotRead(reason=f"several tables could answer it: {names}", covered=1.0)
    return max(failed, key=lambda one: one.covered, default=CannotRead(reason="there is no table"))


class _Reader:
    def __init__(self, question: str, table: TypedTable, values: Values) -> None:
        self.table = table
        self.filtered = self.which = self.loose = False
        self.values = values
        self.has_totals = any(
            tokens(value)[:1] in (["total"], ["totals"]) or value.startswith(("合计", "总计", "小计"))
            for column in table.columns
            for value in values.get((table.key, column.key), ())
        )
        self.guessed = False
        """Whether an unknown noun was taken for what the rows are."""
        self.all = mentions(question, table, values)
        units = {word for column in table.columns for word in tokens(column.unit)} | {"元"}
        for before, one in pairwise(self.all):
            if before.kind == "number" and one.kind == "unknown" and one.words[0] in units:
                one.kind = "fill"
        name = {stem(word) for word in tokens(f"{table.name} {table.key}".replace("_", " "))}
        for one in self.all:
            part = one.kind == "column" and all(len(one.words) < len(name_words(column)) for column in one.columns)
            if (one.kind == "unknown" or part) and all(stem(word) in name for word in one.words):
                one.kind = "fill"  # `orders` of the table orders, also where a column is called Order ID

    def read(self) -> Reading | CannotRead:
        self._rows_noun()
        unknown = tuple(word for one in self.all if one.kind == "unknown" for word in one.words)
        content = [one for one in self.all if one.kind != "fill"]
        covered = 1 - sum(one.kind == "unknown" for one in content) / max(1, len(content))
        if unknown:
            text = ", ".join(unknown) if unknown[0].isascii() else "".join(unknown)
            return CannotRead(reason=f"not found in the table: {text}", covered=covered, unknown=unknown)
        try:
            plan = self._plan()
        except Unclear as no:
            return CannotRead(reason=str(no), covered=covered)
        for one in self.all:
            if one.kind == "column" and one.words[0].isascii() and len(one.words) < len(name_words(one.columns[0])):
                return CannotRead(
                    reason=f"only a part of a column's name: {' '.join(one.words)}", covered=covered * 0.9
                )
        for one in self.all[3:]:
            if one.kind == "list" and one.words[0].isascii():
                return CannotRead(reason=f"no sense was found for: {' '.join(one.words)}", covered=covered * 0.9)
        left = [one for one in self.all if not one.used and one.kind not in _HARMLESS]
        if left:
            words = ", ".join(" ".join(one.words) for one in left)
            return CannotRead(reason=f"no sense was found for: {words}", covered=covered * 0.9)
        return Reading(plan=plan, covered=1.0)

    def _rows_noun(self) -> None:
        """`how many entries ...`: a word for rows; any other noun has to be found in the table."""
        for at, one in enumerate(self.all[:-1]):
            after = self.all[at + 1]
            if one.kind == "count" and after.kind == "unknown" and after.words[0] in ROW_WORDS:
                after.kind, self.guessed = "fill", True

    def _take(self, *kinds: str) -> list[Mention]:
        hits = [one for one in self.all if one.kind in kinds and not one.used]
        for one in hits:
            one.used = True
        return hits

    def _plan(self) -> Plan:
        if any(one.kind == "not" for one in self.all):
            raise Unclear("it says what is not")
        either = bool(self._take("or"))
        filters = self._numbers() + self._values() + self._dates()
        return self._shape(tuple(filters), either)

    def _numbers(self) -> list[Filter]:
        found: list[Filter] = []
        for at, one in enumerate(self.all):
            if one.kind != "number" or one.used:
                continue
            before = [m for m in self.all[max(0, at - 2) : at] if m.kind != "fill"]
            test = next((_COMPARE[m.kind] for m in reversed(before) if m.kind in _COMPARE), None)
            after = self.all[at + 1 : at + 4]
            post = next((m for m in after if m.kind in _AFTER), None)
            if test is None and post is None:
                continue
            column = self._number_column(at)
            one.used = True
            for mark in (*before, *([post] if post else [])):
                mark.used = mark.used or mark.kind in _COMPARE or mark.kind in _AFTER
            exact = in_unit(one, column)
            number = int(exact) if exact == int(exact) else exact
            chosen = test if test is not None else _AFTER[post.kind] if post is not None else Test.EQUAL
            found.append(Filter(column=column, test=chosen, values=(number,)))
        return found

    def _number_column(self, at: int) -> Column:
        near = [m for m in self.all[at + 1 : at + 4] if m.kind == "column"] + [
            m for m in reversed(self.all[:at]) if m.kind == "column"
        ]
        for one in near:
            hits = [column for column in one.columns if column.type in _NUMERIC]
            if len(hits) == 1:
                one.used = True
                return hits[0]
        raise Unclear("a number whose column is not clear")

    def _values(self) -> list[Filter]:
        grouped: dict[str, list[tuple[Mention, Column]]] = {}
        for one in self.all:
            if one.kind != "value":
                continue
            columns = {column.key: column for column in one.columns}
            if len(columns) > 1:
                named = [m for m in self.all if m.kind == "column" and m.columns[0].key in columns]
                if len({m.columns[0].key for m in named}) != 1:
                    raise Unclear(f"{one.value} stands in several columns")
                columns = {named[0].columns[0].key: named[0].columns[0]}
            one.used = True
            column = next(iter(columns.values()))
            self.loose = self.loose or self._also_elsewhere(one, column)
            grouped.setdefault(column.key, []).append((one, column))
        found = []
        for group in grouped.values():
            column = group[0][1]
            if len(group) == 1:
                one = group[0][0]
                test = Test.EQUAL if one.whole else Test.CONTAINS
                found.append(Filter(column=column, test=test, values=(one.value,)))
            elif all(one.whole for one, _ in group):
                found.append(Filter(column=column, test=Test.ONE_OF, values=tuple(one.value for one, _ in group)))
            else:
                raise Unclear("several parts of values of one column")
        return found

    def _also_elsewhere(self, one: Mention, column: Column) -> bool:
        """Whether more cells say the value than those that are equal to it: a count may mean either."""
        if not one.words[0].isascii():
            return False
        if not one.whole:
            return len(one.words) == 1
        sought = f" {' '.join(one.words)} "
        cells = self.values.get((self.table.key, column.key), ())
        return any(value != one.value and sought in f" {' '.join(tokens(value))} " for value in cells)

    def _dates(self) -> list[Filter]:
        dates = [(at, one) for at, one in enumerate(self.all) if one.kind == "date" and not one.used]
        if not dates:
            return []
        column = self._date_column()
        if len(dates) == 2 and self._take("between"):
            self._take("to")
            pair = tuple(one.value for _, one in dates)
            if any("Q" in value for value in pair) or len(pair[0]) != len(pair[1]):
                raise Unclear("a span of time that is not clear")
            for _, one in dates:
                one.used = True
            return [dated(column, Test.BETWEEN, pair)]
        if len(dates) > 1:
            raise Unclear("several dates")
        at, one = dates[0]
        one.used = True
        test = Test.EQUAL
        around = [m for m in self.all[max(0, at - 2) : at + 2] if m.kind in ("before", "after") and not m.used]
        if around:
            around[0].used = True
            test = Test.BELOW if around[0].kind == "before" else Test.ABOVE
            if around[0].words == ("since",):
                test = Test.AT_LEAST
        if "-Q" in one.value:
            if test is not Test.EQUAL:
                raise Unclear("before or after a quarter")
            year, quarter = one.value.split("-Q")
            first = 3 * int(quarter) - 2
            return [dated(column, Test.BETWEEN, (f"{year}-{first:02d}", f"{year}-{first + 2:02d}"))]
        return [dated(column, test, (one.value,))]

    def _date_column(self) -> Column:
        named = [m for m in self.all if m.kind == "column" and is_date(m.columns[0])]
        columns = {c.key: c for c in self.table.columns if is_date(c)}
        chosen = {m.columns[0].key: m.columns[0] for m in named} or columns
        if len(chosen) != 1:
            raise Unclear("a date whose column is not clear")
        return next(iter(chosen.values()))

    def _asked(self) -> list[Column]:
        asked: dict[str, Column] = {}
        for one in self.all:
            if one.kind == "column" and not one.used:
                if len(one.columns) > 1:
                    raise Unclear(f"several columns are named {' '.join(one.words)}")
                one.used = True
                asked[one.columns[0].key] = one.columns[0]
        return list(asked.values())

    def _subject(self) -> Column | None:
        """Who, where and when ask for a column that they do not name."""
        for kind, fits in (
            ("who", lambda c: bool(PEOPLE & {stem(w) for w in key_words_of(c)})),
            ("where", lambda c: bool(PLACES & {stem(w) for w in key_words_of(c)})),
            ("when", is_date),
        ):
            if self._take(kind):
                hits = [column for column in self.table.columns if fits(column)]
                if len(hits) != 1:
                    raise Unclear(f"which column says {kind} is not clear")
                return hits[0]
        return None

    def _shape(self, filters: tuple[Filter, ...], either: bool) -> Plan:
        plan = Plan(table=self.table, filters=filters)
        self.filtered = bool(filters)
        subject = self._subject()
        asked = self._asked()
        marks = {one.kind for one in self.all}
        self.which = any(one.words[0] in ("which", "who", "哪") for one in self.all)
        numeric = [column for column in asked if column.type in _NUMERIC and not is_date(column)]
        others = [column for column in asked if column not in numeric]
        if numeric:
            self._take("soft", "much")
        if "difference" in marks or "many_more" in marks:
            return self._difference(plan, numeric, others)
        if marks & {"top"}:
            return self._top(plan, numeric, others, subject)
        if marks & {"most", "least", "latest", "earliest", "adjective", "more", "less"}:
            return self._extreme(plan, numeric, others, subject, either)
        if marks & {"first", "last"} or marks & {"next", "previous", "before", "after"}:
            return self._placed(plan, asked, subject)
        if either:
            raise Unclear("a choice between two without what to compare")
        return self._plain(plan, numeric, others, subject)

    def _difference(self, plan: Plan, numeric: list[Column], others: list[Column]) -> Plan:
        pair = [one for one in plan.filters if one.test is Test.ONE_OF and len(one.values) == 2]
        if len(pair) != 1 or len(numeric) != 1 or any(column != pair[0].column for column in others):
            raise Unclear("a difference whose two sides are not clear")
        self._take("difference", "many_more", "between")
        rest = tuple(one for one in plan.filters if one is not pair[0])
        sides = [(*rest, Filter(column=pair[0].column, test=Test.EQUAL, values=(value,))) for value in pair[0].values]
        return replace(
            plan, shape=Shape.DIFFERENCE, select=(numeric[0],), aggregate=Aggregate.SUM, filters=sides[0],
            others=sides[1],
        )  # fmt: skip

    def _top(self, plan: Plan, numeric: list[Column], others: list[Column], subject: Column | None) -> Plan:
        number = [one for one in self.all if one.kind == "number" and not one.used]
        select = ([subject] if subject else []) + others
        if len(number) != 1 or len(numeric) != 1 or len(select) != 1 or plan.shape is not Shape.ROWS:
            raise Unclear("a top of what is not clear")
        number[0].used = True
        self._take("top", "most")
        least = bool(self._take("least"))
        summed = bool(self._take("total"))
        limit = int(number[0].number)
        if summed:
            return replace(
                plan, group=select[0], select=(numeric[0],), aggregate=Aggregate.SUM, limit=limit, descending=not least
            )
        return replace(plan, select=tuple(select), order=numeric[0], limit=limit, descending=not least)

    def _extreme(
        self, plan: Plan, numeric: list[Column], others: list[Column], subject: Column | None, either: bool
    ) -> Plan:
        adjective = self._take("adjective")
        up = self._take("most", "latest", "more")
        down = self._take("least", "earliest", "less")
        if adjective:
            numeric = [*numeric, adjective[0].columns[0]]
            (up if adjective[0].value == "most" else down).append(adjective[0])
        if bool(up) == bool(down):
            raise Unclear("both the most and the least")
        mark = (up or down)[0].kind
        if len(numeric) == 1 and not adjective and not either and not others and subject is None:
            column = next(one for one in self.all if one.kind == "column" and one.columns[0] == numeric[0])
            places = [id(one) for one in self.all]
            if column.words[0].isascii() and places.index(id(column)) < places.index(id((up or down)[0])):
                raise Unclear("what is the most is not clear")
        if len(numeric) == 1 and others and not adjective and not either and (up or down)[0].words[0].isascii():
            places = [id(one) for one in self.all]
            first = next(one for one in self.all if one.kind == "column")
            if first.columns[0] == numeric[0] and places.index(id(first)) < 2:
                raise Unclear("what is the most is not clear")
        if len(numeric) == 1 and RANKS & {stem(word) for word in key_words_of(numeric[0])}:
            raise Unclear("the highest rank may be the first or the last")
        select = ([subject] if subject else []) + [
            column for column in others if not is_filtered(column, plan) or either
        ]
        compared = [one for one in plan.filters if one.test is Test.ONE_OF]
        if mark in ("more", "less") and not either:
            raise Unclear("more than what is not clear")
        if either and len(compared) == 1:
            select = select or [compared[0].column]
        elif either or compared:
            raise Unclear("a choice that is not clear")
        if mark in ("latest", "earliest"):
            dates = [column for column in self.table.columns if is_date(column)]
            if len(dates) != 1 or numeric:
                raise Unclear("which date is meant is not clear")
            order, select = dates[0], [column for column in select if column not in dates] or dates
        elif len(numeric) == 1:
            order = numeric[0]
        else:
            return self._most_rows(plan, numeric, select, bool(up))
        if order.type is ColumnType.TEXT or not select:
            if not select and order.type is not ColumnType.TEXT and not self.which:
                how = Aggregate.MAX if up else Aggregate.MIN
                return replace(plan, select=(order,), aggregate=how)
            raise Unclear("what is asked for is not clear")
        each = bool(self._take("each"))
        if self._take("total") and len(select) == 1:
            return replace(
                plan, shape=Shape.EXTREME, group=select[0], select=(order,), aggregate=Aggregate.SUM,
                descending=bool(up),
            )  # fmt: skip
        if each:
            if len(select) != 1:
                raise Unclear("a group that is not clear")
            how = Aggregate.MAX if up else Aggregate.MIN
            return replace(plan, group=select[0], select=(order,), aggregate=how)
        if len(select) > 2:
            raise Unclear("what is asked for is not clear")
        return replace(plan, shape=Shape.EXTREME, select=tuple(select), order=order, descending=bool(up))

    def _most_rows(self, plan: Plan, numeric: list[Column], select: list[Column], up: bool) -> Plan:
        """Which region has the most rows."""
        if self.guessed or numeric or len(select) != 1 or not any(one.kind == "count" for one in self.all):
            raise Unclear("what the most is of is not clear")
        self._take("count")
        return replace(plan, shape=Shape.EXTREME, group=select[0], aggregate=Aggregate.COUNT, descending=up)

    def _placed(self, plan: Plan, asked: list[Column], subject: Column | None) -> Plan:
        select = tuple(([subject] if subject else []) + asked)
        edge, near = self._take("first", "last"), self._take("next", "previous", "before", "after")
        if any(one.kind in ("count", "total", "average") for one in self.all):
            raise Unclear("a count of what comes before or after")
        if len(edge) + len(near) > 2 or (edge and near):
            raise Unclear("an order that is not clear")
        if near:
            kinds = {one.kind for one in near}
            if len(plan.filters) != 1 or kinds >= {"before", "after"}:
                raise Unclear("which row it is next to is not clear")
            select = select or (plan.filters[0].column,)
            if len(select) != 1 or plan.filters[0].test not in (Test.EQUAL, Test.CONTAINS):
                raise Unclear("what is asked for is not clear")
            back = bool(kinds & {"previous", "before"})
            return replace(plan, shape=Shape.NEIGHBOUR, select=select, descending=back)
        if len(select) != 1 or len(edge) != 1:
            raise Unclear("what is asked for is not clear")
        others = [one for one in self.all if one.kind not in ("column", "value")]
        if not any(word in _IN_ORDER for one in others for word in one.words):
            raise Unclear("the first may be the earliest, or the one that is listed first")
        last = edge[0].kind == "last"
        return replace(plan, shape=Shape.EDGE, select=select, descending=last)

    def _plain(self, plan: Plan, numeric: list[Column], others: list[Column], subject: Column | None) -> Plan:
        if self._take("each"):
            return self._grouped(plan, numeric, others)
        if self._take("is_it"):
            if numeric or others or not plan.filters:
                raise Unclear("whether there is what is not clear")
            return replace(plan, shape=Shape.EXISTS)
        how = self._aggregate(numeric)
        if how in (Aggregate.SUM, Aggregate.AVERAGE):
            if len(numeric) != 1 or any(not is_filtered(column, plan) for column in others):
                raise Unclear("what to add up is not clear")
            if how is Aggregate.SUM and not plan.filters and self.has_totals:
                raise Unclear("a row of the table seems to hold totals")
            return replace(plan, select=(numeric[0],), aggregate=how)
        if how in (Aggregate.COUNT, Aggregate.DISTINCT):
            return self._counted(plan, numeric, others, how)
        select = ([subject] if subject else []) + [c for c in (*others, *numeric) if not is_filtered(c, plan)]
        chained = len(select) > 1 and not any(one.kind == "and" or not one.words[0].isascii() for one in self.all)
        if subject is not None and is_filtered(subject, plan):
            raise Unclear("what is asked for is what was given")
        if not plan.filters or not select or len(select) > 3 or chained:
            raise Unclear("no condition or nothing asked for was found")
        return replace(plan, select=tuple(select))

    def _aggregate(self, numeric: list[Column]) -> Aggregate:
        distinct = bool(self._take("distinct"))
        count = bool(self._take("count"))
        if self._take("average"):
            return Aggregate.AVERAGE
        total = bool(self._take("total"))
        if (
            numeric
            and count
            and (not self.filtered or ORDINALS & {stem(word) for word in key_words_of(numeric[0])[-1:]})
        ):
            raise Unclear("whether rows are counted or numbers added up is not clear")
        if numeric and (total or (count and not distinct)):
            return Aggregate.SUM
        if distinct:
            return Aggregate.DISTINCT
        if total and not count:
            raise Unclear("what to add up is not a number")
        return Aggregate.COUNT if count else Aggregate.NONE

    def _counted(self, plan: Plan, numeric: list[Column], others: list[Column], how: Aggregate) -> Plan:
        things = [column for column in others if not is_filtered(column, plan)]
        if self.loose:
            raise Unclear("more cells hold the value than are equal to it")
        if numeric or len(things) > 1:
            raise Unclear("what to count is not clear")
        if how is Aggregate.DISTINCT:
            if len(things) != 1 or not self._whole_name(things[0]):
                raise Unclear("different what is not clear")
            return replace(plan, select=tuple(things), aggregate=how)
        if not plan.filters and not things and self.guessed:
            raise Unclear("what to count is not clear")
        if things:
            if things[0].type is not ColumnType.TEXT or self.guessed or not self._right_after_count(things[0]):
                raise Unclear("what to count is not clear")
            return replace(plan, select=tuple(things), aggregate=Aggregate.DISTINCT, counts_all=True)
        return replace(plan, aggregate=Aggregate.COUNT)

    def _whole_name(self, column: Column) -> bool:
        said = [one for one in self.all if one.kind == "column" and one.columns[0] == column]
        return any(not one.words[0].isascii() or len(one.words) == len(name_words(column)) for one in said)

    def _right_after_count(self, column: Column) -> bool:
        kinds = [one for one in self.all if one.kind not in ("fill", "total", "distinct")]
        for before, one in pairwise(kinds):
            if before.kind == "count" and one.kind == "column" and one.columns[0] == column:
                plural = one.words[-1].endswith("s") or one.words[-1] in ("people", "men", "women")
                measure = stem(one.words[-1]) in ORDINALS
                return len(one.words) == len(name_words(column)) and plural and not measure
        return not self.all[0].words[0].isascii()

    def _grouped(self, plan: Plan, numeric: list[Column], others: list[Column]) -> Plan:
        groups = [column for column in others if not is_filtered(column, plan)]
        if len(groups) != 1 or len(numeric) > 1:
            raise Unclear("a group that is not clear")
        how = self._aggregate(numeric)
        if not numeric:
            if how is not Aggregate.COUNT:
                raise Unclear("what to work out for each is not clear")
            return replace(plan, group=groups[0], aggregate=how)
        if how is Aggregate.NONE:
            how = Aggregate.SUM
        return replace(plan, group=groups[0], select=(numeric[0],), aggregate=how)
