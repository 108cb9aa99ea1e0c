"""What a question asks for, once its conditions are read: rows, a count, a sum, an extreme, a neighbour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from gezhi.answer.exact.reader.columns import Unclear, is_date, is_filtered, is_rank, key_words_of
from gezhi.answer.exact.reader.mentions import Mention, is_whole_name, name_words
from gezhi.answer.exact.reader.plan import Aggregate, Filter, Period, Plan, Shape, Test
from gezhi.answer.exact.reader.sentence import Sentence
from gezhi.answer.exact.reader.words import ADDITIVE, AMOUNTS, ORDINALS, PAID, SEVERAL, WON, YEARS, stem
from gezhi.types.tables import Column, ColumnType

_NUMERIC = (ColumnType.INTEGER, ColumnType.NUMBER)
_IN_ORDER = frozenset(["listed", "list", "table", "chart", "row", "entry", "表", "行"])


def shape(sentence: Sentence, filters: tuple[Filter, ...], either: bool) -> Plan:
    plan = Plan(table=sentence.table, filters=filters)
    sentence.filtered = bool(filters)
    subject = sentence.subject()
    asked = sentence.asked()
    marks = {one.kind for one in sentence.all}
    sentence.which = any(one.words[0] in ("which", "who", "哪") for one in sentence.all)
    if (paid := _paid(sentence, asked)) is not None:
        asked.append(paid)
        sentence.summed = True
    numeric = [column for column in asked if column.type in _NUMERIC and not is_date(column)]
    others = [column for column in asked if column not in numeric]
    if numeric:
        _soft(sentence, numeric)
    if "share" in marks:
        return _share(sentence, plan, asked, subject)
    if "difference" in marks or "many_more" in marks:
        return _difference(sentence, plan, numeric, others)
    if marks & {"top"} or _so_many(sentence):
        return _top(sentence, plan, numeric, others, subject)
    if marks & {"most", "least", "latest", "earliest", "adjective", "more", "less"}:
        return _extreme(sentence, plan, numeric, others, subject, either)
    placed = {one.kind for one in sentence.all if not one.used}  # `after 2020` is a condition already
    if placed & {"first", "last", "next", "previous", "before", "after"}:
        return _placed(sentence, plan, asked, subject)
    if either:
        raise Unclear("a choice between two without what to compare")
    return _plain(sentence, plan, numeric, others, subject)


def _paid(sentence: Sentence, asked: Sequence[Column]) -> Column | None:
    """The one column of money, where `how much did Ann spend` and 订单总额 name none."""
    if any(column.type in _NUMERIC for column in asked) or not sentence.has("much", "total"):
        return None
    summed = any("".join(one.words) in ("总额", "金额") for one in sentence.all if one.kind == "total")
    if not summed and not any(one.words[0] in PAID for one in sentence.all if one.kind == "soft"):
        return None
    numbers = [c for c in sentence.table.columns if c.type in _NUMERIC and not is_date(c)]
    money = [c for c in numbers if AMOUNTS & {stem(word) for word in key_words_of(c)}]
    return money[0] if len(money) == 1 and (len(numbers) <= 2 or summed) else None


def _soft(sentence: Sentence, numeric: Sequence[Column]) -> None:
    """`points scored`: the verb says what the column does. `races won` beside a column of wins asks for that one."""
    for one in sentence.take("soft", "much"):
        verb = stem(WON.get(one.words[0], one.words[0]))
        for column in sentence.table.columns:
            if column not in numeric and verb in name_words(column) and column.type in _NUMERIC:
                raise Unclear(f"{one.words[0]} may be {column.name}")


def _difference(sentence: Sentence, plan: Plan, numeric: list[Column], others: list[Column]) -> Plan:
    pair = [one for one in plan.filters if one.test is Test.ONE_OF and len(one.values) == 2]
    if len(pair) != 1 or len(numeric) != 1 or any(column != pair[0].column for column in others):
        raise Unclear("a difference whose two sides are not clear")
    sentence.take("difference", "many_more", "between")
    rest = tuple(one for one in plan.filters if one is not pair[0])
    sides = [(*rest, Filter(column=pair[0].column, test=Test.EQUAL, values=(value,))) for value in pair[0].values]
    return replace(
        plan, shape=Shape.DIFFERENCE, select=(numeric[0],), aggregate=Aggregate.SUM, filters=sides[0],
        others=sides[1],
    )  # fmt: skip


def _share(sentence: Sentence, plan: Plan, asked: list[Column], subject: Column | None) -> Plan:
    """`what share of the orders was cancelled`; of a period, its rows are the whole."""
    sentence.take("share", "much")
    times = tuple(one for one in plan.filters if is_date(one.column))
    rest = tuple(one for one in plan.filters if one not in times)
    if asked or subject or len(rest) != 1 or not sentence.named_itself():
        raise Unclear("a share of what is not clear")
    return replace(plan, shape=Shape.SHARE, filters=rest, others=times)


def _so_many(sentence: Sentence) -> bool:
    """`the five largest`, 最高的三个: a number beside the most or the least."""
    content = [one for one in sentence.all if one.kind not in ("fill", "and")]
    beside = [*pairwise(content), *((b, a) for a, b in pairwise(content) if not a.words[0].isascii())]
    return any(a.kind == "number" and not a.used and a.number >= 2 and b.kind in ("most", "least") for a, b in beside)


def _top(sentence: Sentence, plan: Plan, numeric: list[Column], others: list[Column], subject: Column | None) -> Plan:
    number = [one for one in sentence.all if one.kind == "number" and not one.used]
    select = _once(subject, others)
    if not select and sentence.named_itself() and (itself := sentence.names()) is not None:
        select = [itself, *numeric]  # `the five largest orders`, each with what it is large by
    if len(number) != 1 or len(numeric) != 1 or not select or len(others) > 1 or plan.shape is not Shape.ROWS:
        raise Unclear("a top of what is not clear")
    if others or subject:
        _alone(sentence, select)
    number[0].used = True
    sentence.take("top", "most")
    least = bool(sentence.take("least"))
    summed = bool(sentence.take("total"))
    limit = int(number[0].number)
    if summed:
        return replace(
            plan, group=select[0], select=(numeric[0],), aggregate=Aggregate.SUM, limit=limit, descending=not least
        )
    return replace(plan, select=tuple(select), order=numeric[0], limit=limit, descending=not least)


def _extreme(
    sentence: Sentence, plan: Plan, numeric: list[Column], others: list[Column], subject: Column | None, either: bool
) -> Plan:
    period = _period(sentence)
    adjective = sentence.take("adjective")
    up = sentence.take("most", "latest", "more")
    down = sentence.take("least", "earliest", "less")
    if adjective:
        numeric = [*numeric, adjective[0].columns[0]]
        (up if adjective[0].value == "most" else down).append(adjective[0])
    if bool(up) == bool(down):
        raise Unclear("both the most and the least")
    mark = (up or down)[0].kind
    if len(numeric) == 1 and not adjective and not either:
        _said_after(sentence, numeric[0], (up or down)[0], others, subject)
    if len(numeric) == 1 and is_rank(numeric[0]):
        raise Unclear("the highest rank may be the first or the last")
    select = _once(subject, [column for column in others if not is_filtered(column, plan) or either])
    compared = [one for one in plan.filters if one.test is Test.ONE_OF]
    between_two = sentence.which and sentence.table.row_count == 2 and len(numeric) == 1 and not plan.filters
    if mark in ("more", "less") and not either and not between_two:
        raise Unclear("more than what is not clear")
    if either and len(compared) == 1:
        select = select or [compared[0].column]
    elif either or compared:
        raise Unclear("a choice that is not clear")
    if mark in ("latest", "earliest"):
        dates = [column for column in sentence.table.columns if is_date(column)]
        if len(dates) != 1 or numeric:
            raise Unclear("which date is meant is not clear")
        order, select = dates[0], [column for column in select if column not in dates]
        if not select and any(one.test is Test.CONTAINS for one in plan.filters):
            raise Unclear("what is asked for is not clear")  # `what duke has the newest date`
        select = select or dates
    elif len(numeric) == 1:
        order = numeric[0]
    else:
        return _most_rows(sentence, plan, numeric, select, bool(up), period)
    if order.type is ColumnType.TEXT or (not select and period is None):
        if not select and order.type is not ColumnType.TEXT and not sentence.which:
            how = Aggregate.MAX if up else Aggregate.MIN
            return replace(plan, select=(order,), aggregate=how)
        raise Unclear("what is asked for is not clear")
    return _largest(sentence, plan, order, select, period, up=bool(up), measured=order in numeric)


def _said_after(
    sentence: Sentence, measure: Column, mark: Mention, others: Sequence[Column], subject: Column | None
) -> None:
    """`points of the most …`: in English a number named before the most is no measure of it."""
    places = [id(one) for one in sentence.all]
    first = next(one for one in sentence.all if one.kind == "column")
    if not others and subject is None:
        column = next(one for one in sentence.all if one.kind == "column" and one.columns[0] == measure)
        unclear = column.words[0].isascii() and places.index(id(column)) < places.index(id(mark))
    else:
        unclear = bool(others) and mark.words[0].isascii() and first.columns[0] == measure
        unclear = unclear and places.index(id(first)) < 2
    if unclear:
        raise Unclear("what is the most is not clear")


def _largest(
    sentence: Sentence,
    plan: Plan,
    order: Column,
    select: list[Column],
    period: tuple[Column, Period | None] | None,
    *,
    up: bool,
    measured: bool,
) -> Plan:
    """The row, or the group of rows, with the largest or smallest number. `measured`: a number, not a date."""
    each = bool(sentence.take("each"))
    if period is not None:
        if select or sentence.take("average"):
            raise Unclear("what is asked for is not clear")
        sentence.take("total")
        return replace(
            plan, shape=Shape.EXTREME, group=period[0], period=period[1], select=(order,), aggregate=Aggregate.SUM,
            descending=up,
        )  # fmt: skip
    if sentence.take("total") and len(select) == 1:
        return replace(
            plan, shape=Shape.EXTREME, group=select[0], select=(order,), aggregate=Aggregate.SUM,
            descending=up,
        )  # fmt: skip
    if each:
        if len(select) != 1:
            raise Unclear("a group that is not clear")
        how = Aggregate.MAX if up else Aggregate.MIN
        return replace(plan, group=select[0], select=(order,), aggregate=how)
    if len(select) > 2 or _runs_together(sentence, select):
        raise Unclear("what is asked for is not clear")
    if measured:
        _alone(sentence, select)
        several = select[0].type is ColumnType.TEXT and not sentence.is_one_a_row(select[0])
        if len(select) == 1 and several and ADDITIVE & {stem(word) for word in key_words_of(order)}:
            return replace(
                plan, shape=Shape.EXTREME, group=select[0], select=(order,), aggregate=Aggregate.SUM, either_way=True,
                descending=up,
            )  # fmt: skip
    return replace(plan, shape=Shape.EXTREME, select=tuple(select), order=order, descending=up)


def _once(subject: Column | None, others: Sequence[Column]) -> list[Column]:
    return [*([subject] if subject else []), *(column for column in others if column != subject)]


def _alone(sentence: Sentence, select: Sequence[Column]) -> None:
    """`the customer with the highest order amount`, of one order or of all: unclear where customers have several."""
    known = select[0]
    seen = len(list(sentence.cells(known)))
    itself = sentence.names()
    if (
        known != itself
        and sentence.named_itself()
        and known.type is ColumnType.TEXT
        and seen < sentence.table.row_count
    ):
        raise Unclear(f"whether one row or all of a {known.name} are meant is not clear")


def _most_rows(
    sentence: Sentence,
    plan: Plan,
    numeric: list[Column],
    select: list[Column],
    up: bool,
    period: tuple[Column, Period | None] | None,
) -> Plan:
    """Which region, or which month, has the most rows."""
    rows = sentence.most_of_itself() or any(one.kind == "count" for one in sentence.all)
    groups = [*(one for one in select if one != sentence.itself), *([period[0]] if period else [])]
    if sentence.guessed or numeric or len(groups) != 1 or not rows:
        raise Unclear("what the most is of is not clear")
    if period is None and sentence.is_one_a_row(groups[0]):
        raise Unclear(f"each {groups[0].name} has one row")
    sentence.take("count")
    return replace(
        plan, shape=Shape.EXTREME, group=groups[0], period=period[1] if period else None, aggregate=Aggregate.COUNT,
        descending=up,
    )  # fmt: skip


def _placed(sentence: Sentence, plan: Plan, asked: list[Column], subject: Column | None) -> Plan:
    select = tuple(([subject] if subject else []) + asked)
    edge, near = sentence.take("first", "last"), sentence.take("next", "previous", "before", "after")
    if any(one.kind in ("count", "total", "average") for one in sentence.all):
        raise Unclear("a count of what comes before or after")
    if len(edge) + len(near) > 2 or (edge and near):
        raise Unclear("an order that is not clear")
    if near:
        sentence.take("adjacent", "soft")
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
    others = [one for one in sentence.all if one.kind not in ("column", "value")]
    if not any(word in _IN_ORDER for one in others for word in one.words):
        raise Unclear("the first may be the earliest, or the one that is listed first")
    last = edge[0].kind == "last"
    return replace(plan, shape=Shape.EDGE, select=select, descending=last)


_CALLED = {
    Period.MONTH: {"month", "months", "月份", "月"}, Period.QUARTER: {"quarter", "季度"}, Period.YEAR: YEARS,
}  # fmt: skip
_PERIODS = {
    "by_month": Period.MONTH, "by_quarter": Period.QUARTER, "by_year": Period.YEAR,
    "which_month": Period.MONTH, "which_quarter": Period.QUARTER,
}  # fmt: skip


def _period(sentence: Sentence) -> tuple[Column, Period | None] | None:
    """What `per month` groups by: the one column of dates, cut; or a column of months that the table has."""
    said = sentence.take(*_PERIODS)
    if not said:
        return None
    period = _PERIODS[said[0].kind]
    own = [column for column in sentence.table.columns if _CALLED[period] & set(key_words_of(column))]
    dates = [column for column in sentence.table.columns if column.type is ColumnType.DATE]
    if len(said) > 1 or len(own) > 1 or (not own and len(dates) != 1):
        raise Unclear(f"which dates {said[0].kind.replace('_', ' ')} means is not clear")
    return (own[0], None) if own else (dates[0], period)


def _plain(sentence: Sentence, plan: Plan, numeric: list[Column], others: list[Column], subject: Column | None) -> Plan:
    period = _period(sentence)
    if sentence.take("each") or period:
        return _grouped(sentence, plan, numeric, others, period)
    if sentence.take("is_it"):
        if numeric or others or not plan.filters:
            raise Unclear("whether there is what is not clear")
        return replace(plan, shape=Shape.EXISTS)
    how = _aggregate(sentence, numeric)
    if how in (Aggregate.SUM, Aggregate.AVERAGE):
        if any(one.kind == "list" and not one.words[0].isascii() for one in sentence.all):
            raise Unclear("which ones are asked for, not a number of them")
        apart = [one for one in others if not is_filtered(one, plan) and not sentence.is_one_a_row(one)]
        if len(numeric) != 1 or apart:
            raise Unclear("what to add up is not clear")
        if how is Aggregate.SUM and not plan.filters and sentence.has_totals:
            raise Unclear("a row of the table seems to hold totals")
        return replace(plan, select=(numeric[0],), aggregate=how)
    if how in (Aggregate.COUNT, Aggregate.DISTINCT):
        return _counted(sentence, plan, numeric, others, how)
    select = ([subject] if subject else []) + [c for c in (*others, *numeric) if not is_filtered(c, plan)]
    given = (subject is not None and is_filtered(subject, plan)) or _asks_for_given(sentence, plan)
    if given:
        raise Unclear("what is asked for is what was given")
    if select and sentence.has("list") and sentence.named_itself() and _only_parts(sentence, select):
        raise Unclear("what is asked for is not clear")  # `起源于安徽的戏剧`, beside a column 起源时间
    asks = sentence.has("list") or sentence.which or not sentence.has("ask", "count", "much", "who", "when", "where")
    if not select and plan.filters and asks and sentence.named_itself():
        select = [column for column in [sentence.names()] if column is not None]
    if not plan.filters or not select or len(select) > 3 or _runs_together(sentence, select):
        raise Unclear("no condition or nothing asked for was found")
    return replace(plan, select=tuple(select))


def _asks_for_given(sentence: Sentence, plan: Plan) -> bool:
    """`the city and country of Alton`: a column named apart from its value, as others are that are asked for."""
    content = [one for one in sentence.all if one.kind != "fill"]
    for place, one in enumerate(content):
        if one.kind == "column" and len(one.columns) == 1 and is_filtered(one.columns[0], plan):
            beside = content[max(0, place - 1) : place] + content[place + 1 : place + 2]
            if any(other.kind == "and" for other in beside):
                return True
    return False


def _only_parts(sentence: Sentence, select: Sequence[Column]) -> bool:
    said = [one for one in sentence.all if one.kind == "column" and one.columns[0] in select]
    return bool(said) and all(len(one.words) < len(name_words(one.columns[0])) for one in said)


def _runs_together(sentence: Sentence, select: Sequence[Column]) -> bool:
    """`capacity stadium`: English names several columns with an `and`."""
    return len(select) > 1 and not any(one.kind == "and" or not one.words[0].isascii() for one in sentence.all)


def _aggregate(sentence: Sentence, numeric: list[Column]) -> Aggregate:
    distinct = bool(sentence.take("distinct"))
    count = bool(sentence.take("count"))
    if sentence.take("average"):
        return Aggregate.AVERAGE
    total = bool(sentence.take("total")) or sentence.summed
    if (
        numeric
        and count
        and (not sentence.filtered or ORDINALS & {stem(word) for word in key_words_of(numeric[0])[-1:]})
    ):
        raise Unclear("whether rows are counted or numbers added up is not clear")
    if numeric and (total or (count and not distinct)):
        return Aggregate.SUM
    if distinct:
        return Aggregate.DISTINCT
    if total and not count:
        raise Unclear("what to add up is not a number")
    return Aggregate.COUNT if count else Aggregate.NONE


def _counted(sentence: Sentence, plan: Plan, numeric: list[Column], others: list[Column], how: Aggregate) -> Plan:
    things = [column for column in others if not is_filtered(column, plan)]
    if sentence.loose:
        raise Unclear("more cells hold the value than are equal to it")
    if numeric or len(things) > 1:
        raise Unclear("what to count is not clear")
    if how is Aggregate.DISTINCT:
        if len(things) != 1 or not _whole_name(sentence, things[0]):
            raise Unclear("different what is not clear")
        if any(SEVERAL.search(value) for value in sentence.cells(things[0])):
            raise Unclear(f"cells of {things[0].name} hold several things")
        return replace(plan, select=tuple(things), aggregate=how)
    if not plan.filters and not things and sentence.guessed:
        raise Unclear("what to count is not clear")
    if things:
        if things[0].type is not ColumnType.TEXT or sentence.guessed or not _right_after_count(sentence, things[0]):
            raise Unclear("what to count is not clear")
        if any(SEVERAL.search(value) for value in sentence.cells(things[0])):
            raise Unclear(f"cells of {things[0].name} hold several things")
        counts_all = not sentence.rows_are_others(things[0])
        return replace(plan, select=tuple(things), aggregate=Aggregate.DISTINCT, counts_all=counts_all)
    return replace(plan, aggregate=Aggregate.COUNT)


def _whole_name(sentence: Sentence, column: Column) -> bool:
    said = [one for one in sentence.all if one.kind == "column" and one.columns[0] == column]
    return any(not one.words[0].isascii() or is_whole_name(one, column) for one in said)


def _right_after_count(sentence: Sentence, column: Column) -> bool:
    kinds = [one for one in sentence.all if one.kind not in ("fill", "total", "distinct")]
    for before, one in pairwise(kinds):
        if before.kind == "count" and one.kind == "column" and one.columns[0] == column:
            plural = one.words[-1].endswith("s") or one.words[-1] in ("people", "men", "women")
            measure = stem(one.words[-1]) in ORDINALS or "".join(one.words[-2:]) in ORDINALS
            if sentence.is_one_a_row(column) and not one.words[0].isascii():
                return True  # 产品 of a column 产品名称, each in a row of its own
            return is_whole_name(one, column) and (plural or not one.words[0].isascii()) and not measure
    return not sentence.all[0].words[0].isascii()


def _grouped(
    sentence: Sentence,
    plan: Plan,
    numeric: list[Column],
    others: list[Column],
    period: tuple[Column, Period | None] | None,
) -> Plan:
    groups = [column for column in others if not is_filtered(column, plan)]
    if period is not None:
        if [column for column in groups if column != period[0]]:
            raise Unclear("two groups")
        groups, plan = [period[0]], replace(plan, period=period[1])
    if len(groups) != 1 or len(numeric) > 1:
        raise Unclear("a group that is not clear")
    how = _aggregate(sentence, numeric)
    if not numeric:
        if how is not Aggregate.COUNT:
            raise Unclear("what to work out for each is not clear")
        sentence.take("much")
        return replace(plan, group=groups[0], aggregate=how)
    if how is Aggregate.NONE:
        how = Aggregate.SUM
    return replace(plan, group=groups[0], select=(numeric[0],), aggregate=how)
