"""The largest and smallest: of rows, of groups of rows, of periods; the first n of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from gezhi.answer.exact.reader.columns import Unclear, is_date, is_filtered, is_rank, key_words_of
from gezhi.answer.exact.reader.plan import Aggregate, Period, Plan, Shape, Test
from gezhi.answer.exact.reader.said.cut import Mention
from gezhi.answer.exact.reader.sentence import Sentence
from gezhi.answer.exact.reader.words import AREAS, FLOWS, GROWTH, YEARS, stem
from gezhi.types.tables import Column, ColumnType

_CALLED = {
    Period.MONTH: {"month", "months", "月份", "月"}, Period.QUARTER: {"quarter", "季度"}, Period.YEAR: YEARS,
}  # fmt: skip
_IN_SIZE = (("largest",), ("biggest",), ("smallest",), ("最", "大"), ("最", "小"))
_PERIODS = {
    "by_month": Period.MONTH, "by_quarter": Period.QUARTER, "by_year": Period.YEAR,
    "which_month": Period.MONTH, "which_quarter": Period.QUARTER,
}  # fmt: skip


def so_many(sentence: Sentence) -> bool:
    """`the five largest`, 最高的三个: a number beside the most or the least."""
    content = [one for one in sentence.all if one.kind not in ("fill", "and")]
    beside = [*pairwise(content), *((b, a) for a, b in pairwise(content) if not a.words[0].isascii())]
    return any(a.kind == "number" and not a.used and a.number >= 2 and b.kind in ("most", "least") for a, b in beside)


def top(sentence: Sentence, plan: Plan, numeric: list[Column], others: list[Column], subject: Column | None) -> Plan:
    number = [one for one in sentence.all if one.kind == "number" and not one.used]
    others = [column for column in others if not is_filtered(column, plan)]
    select = once(subject, others)
    if not select and sentence.has("total", "average"):
        raise Unclear("the total of the first few is asked for")
    if not select and sentence.named_itself() and (itself := sentence.rows.listed()):
        select = [*itself, *numeric]  # `the five largest orders`, each with what it is large by
    if len(number) != 1 or len(numeric) != 1 or not select or len(others) > 1 or plan.shape is not Shape.ROWS:
        raise Unclear("a top of what is not clear")
    if others or subject:
        _alone(sentence, select)
        repeated = select[0].type is ColumnType.TEXT and not sentence.rows.is_one_a_row(select[0])
        if (
            repeated
            and (sentence.rows.adds_up(numeric[0]) or numeric[0] == sentence.rows.money())
            and not sentence.has("total", "it")
        ):
            raise Unclear(f"whether one row or all of a {select[0].name} are meant is not clear")
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


def extreme(
    sentence: Sentence, plan: Plan, numeric: list[Column], others: list[Column], subject: Column | None, either: bool
) -> Plan:
    nth = max((int(one.number) for one in sentence.all if one.kind in ("most", "least")), default=0)
    made = _extreme(sentence, plan, numeric, others, subject, either)
    if nth < 2:
        return made
    if made.shape is not Shape.EXTREME or made.either_way:
        raise Unclear("the second or third of what is not clear")
    return replace(made, nth=nth)


def _extreme(
    sentence: Sentence, plan: Plan, numeric: list[Column], others: list[Column], subject: Column | None, either: bool
) -> Plan:
    period = period_of(sentence)
    adjective = sentence.take("adjective")
    if grown := sentence.take("fastest"):
        return _fastest(sentence, plan, numeric, once(subject, others) or sentence.rows.listed(), grown)
    up = sentence.take("most", "latest", "more", "common")
    down = sentence.take("least", "earliest", "less")
    if adjective:
        numeric = [*numeric, adjective[0].columns[0]]
        (up if adjective[0].value == "most" else down).append(adjective[0])
    if bool(up) == bool(down):
        raise Unclear("both the most and the least")
    if sentence.change is not None:
        return _most_changed(sentence, plan, once(subject, others) or sentence.rows.listed(), most=bool(up))
    mark = (up or down)[0].kind
    many = (up or down)[0].words[-1] in ("most", "fewest", "least", "more", "less", "fewer", "多", "少")
    if len(numeric) == 1 and not adjective and not either and period is None:
        _said_after(sentence, numeric[0], (up or down)[0], others, subject)
    if len(numeric) == 1 and is_rank(numeric[0]):
        raise Unclear("the highest rank may be the first or the last")
    select = once(subject, [column for column in others if not is_filtered(column, plan) or either])
    compared = [one for one in plan.filters if one.test is Test.ONE_OF]
    between_two = sentence.which and sentence.table.row_count == 2 and len(numeric) == 1 and not plan.filters
    if mark in ("more", "less") and sentence.which and len(compared) == 1:
        either = True  # 甲和乙哪个更多
    if mark in ("more", "less") and not either and not between_two:
        raise Unclear("more than what is not clear")
    if either and len(compared) == 1:
        select = select or [compared[0].column]
    elif either or compared:
        raise Unclear("a choice that is not clear")
    if mark in ("latest", "earliest"):
        dates = [column for column in sentence.table.columns if is_date(column)]
        dates = [column for column in others if column in dates] or dates
        if len(dates) != 1 or numeric:
            raise Unclear("which date is meant is not clear")
        order = dates[0]
        select = [order] if subject == order else [column for column in select if column not in dates]
        if not select and sentence.which and sentence.named_itself() and subject is None:
            select = sentence.rows.listed()  # `which case was filed last`
        if not select and any(one.test is Test.CONTAINS for one in plan.filters):
            raise Unclear("what is asked for is not clear")  # `what duke has the newest date`
        select = select or dates
    elif len(numeric) == 1:
        order = numeric[0]
    elif not numeric and (area := sentence.rows.one_called(AREAS)) and (up or down)[0].words in _IN_SIZE:
        order = area  # `the largest apartment`
        select = select or sentence.rows.listed()
    else:
        return _most_rows(sentence, plan, numeric, select, bool(up), period)
    implied = not any(one.kind == "column" and one.columns[0] == order for one in sentence.all)
    itself = sentence.which or implied or sentence.extreme_itself()
    if not select and period is None and sentence.named_itself() and itself:
        plan = replace(plan, several=True)
        select = sentence.rows.listed()  # 原值最高的设备是哪台, `the largest claim`
        if not select and not sentence.which:
            raise Unclear("what a row is called is not clear")  # 费用最高的一次培训是什么
    if order.type is ColumnType.TEXT or (not select and period is None):
        if not select and order.type is not ColumnType.TEXT and not sentence.which:
            how = Aggregate.MAX if up else Aggregate.MIN
            return replace(plan, select=(order,), aggregate=how)
        raise Unclear("what is asked for is not clear")
    return _largest(sentence, plan, order, select, period, up=bool(up), measured=order in numeric, many=many)


def _most_changed(sentence: Sentence, plan: Plan, select: list[Column], *, most: bool) -> Plan:
    """2024年销售额增长最多的省份: of those that grew, the one that grew by the most."""
    assert sentence.change is not None
    later, earlier = sentence.change
    if len(select) != 1 or not sentence.rows.is_one_a_row(select[0]):
        raise Unclear("what rose or fell is not clear")
    rose = any(one.than == earlier and one.test is Test.ABOVE for one in plan.filters)
    return replace(
        plan, shape=Shape.EXTREME, select=tuple(select), order=later, minus=earlier, descending=rose is most,
        several=True,
    )  # fmt: skip


def _fastest(sentence: Sentence, plan: Plan, numeric: list[Column], select: list[Column], marks: list[Mention]) -> Plan:
    """2024年增长最快的产品线, `the fastest growing region`: by its two years, or a column that says so in percent."""
    rates = [c for c in sentence.rows.measured() if "%" in c.unit and GROWTH.search(c.name)]
    if len(marks) > 1 or numeric or len(select) != 1 or not sentence.rows.is_one_a_row(select[0]):
        raise Unclear("what grew the fastest is not clear")
    if sentence.change is not None:
        later, earlier = sentence.change
        return replace(
            plan, shape=Shape.EXTREME, select=tuple(select), order=later, over=earlier, several=True
        )  # fmt: skip
    if len(rates) != 1 or not sentence.take("rose"):
        raise Unclear("what grew the fastest is not clear")
    return replace(plan, shape=Shape.EXTREME, select=tuple(select), order=rates[0], several=True)


def _said_after(
    sentence: Sentence, measure: Column, mark: Mention, others: Sequence[Column], subject: Column | None
) -> None:
    """`points of the most …`: in English a number named before the most is no measure of it."""
    if not any(one.kind == "column" and one.columns[0] == measure for one in sentence.all):
        return
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
    many: bool,
) -> Plan:
    """The row, or the group of rows, with the largest or smallest number. `measured`: a number, not a date. `many`: it
    asks for the most, or the fewest, which several rows may make together."""
    each = bool(sentence.take("each"))
    if period is not None:
        if select or sentence.take("average"):
            raise Unclear("what is asked for is not clear")
        sentence.take("total")
        return replace(
            plan, shape=Shape.EXTREME, group=period[0], period=period[1], select=(order,), aggregate=Aggregate.SUM,
            descending=up,
        )  # fmt: skip
    if (sentence.take("total") or sentence.summed) and len(select) == 1:
        return replace(
            plan, shape=Shape.EXTREME, group=select[0], select=(order,), aggregate=Aggregate.SUM,
            descending=up,
        )  # fmt: skip
    if each:
        if len(select) != 1:
            raise Unclear("a group that is not clear")
        if sentence.has("list"):
            raise Unclear("what is the most is not clear")  # `list each team with the most draws`
        how = Aggregate.MAX if up else Aggregate.MIN
        return replace(plan, group=select[0], select=(order,), aggregate=how)
    if len(select) > 2 or (runs_together(sentence, select) and not plan.several):
        raise Unclear("what is asked for is not clear")
    if measured:
        several = not sentence.rows.is_one_a_row(select[0]) and not is_rank(select[0])
        several = several and select[0].type in (ColumnType.TEXT, ColumnType.DATE) and not sentence.take("it")
        rated = sentence.rows.rates(order)
        average = bool(sentence.take("average")) if len(select) == 1 and several else False
        if len(select) == 1 and several and (rated or average):
            how = Aggregate.AVERAGE  # `the product with the lowest rating`, of many
        elif len(select) == 1 and several and (sentence.rows.adds_up(order) or many):
            how = Aggregate.SUM
        else:
            if not sentence.has("it"):
                _alone(sentence, select)
            how = Aggregate.NONE
        if how is not Aggregate.NONE:
            adds = sentence.rows.adds_up(order) or sentence.rows.is_plural(order)
            flows = bool(FLOWS & {stem(word) for word in key_words_of(order)}) or select[0].type is ColumnType.DATE
            sure = how is Aggregate.AVERAGE or sentence.rows.counts(order) or (many and adds) or flows
            return replace(
                plan, shape=Shape.EXTREME, group=select[0], select=(order,), aggregate=how, either_way=not sure,
                descending=up,
            )  # fmt: skip
    ties = plan.several or sentence.rows.person() in select
    return replace(plan, shape=Shape.EXTREME, select=tuple(select), order=order, descending=up, several=ties)


def _most_rows(
    sentence: Sentence,
    plan: Plan,
    numeric: list[Column],
    select: list[Column],
    up: bool,
    period: tuple[Column, Period | None] | None,
) -> Plan:
    """Which region, or which month, has the most rows."""
    rows = sentence.most_of_itself() or sentence.has("count", "common")
    sentence.take("soft")  # `which source brings the most candidates`
    groups = [*(one for one in select if one != sentence.itself), *([period[0]] if period else [])]
    if sentence.guessed or numeric or len(groups) != 1 or not rows:
        raise Unclear("what the most is of is not clear")
    if sentence.rows.hold_several(groups[0]):
        raise Unclear(f"cells of {groups[0].name} hold several things")
    if period is None and sentence.rows.is_one_a_row(groups[0]):
        raise Unclear(f"each {groups[0].name} has one row")
    sentence.take("count")
    return replace(
        plan, shape=Shape.EXTREME, group=groups[0], period=period[1] if period else None, aggregate=Aggregate.COUNT,
        descending=up,
    )  # fmt: skip


def _alone(sentence: Sentence, select: Sequence[Column]) -> None:
    """`the customer with the highest order amount`, of one order or of all: unclear where customers have several."""
    known = select[0]
    seen = len(list(sentence.rows.cells(known)))
    itself = sentence.rows.names()
    if (
        known != itself
        and sentence.named_itself()
        and known.type is ColumnType.TEXT
        and seen < sentence.table.row_count
    ):
        raise Unclear(f"whether one row or all of a {known.name} are meant is not clear")


def once(subject: Column | None, others: Sequence[Column]) -> list[Column]:
    return [*([subject] if subject else []), *(column for column in others if column != subject)]


def runs_together(sentence: Sentence, select: Sequence[Column]) -> bool:
    """`capacity stadium`: English names several columns with an `and`."""
    return len(select) > 1 and not any(one.kind == "and" or not one.words[0].isascii() for one in sentence.all)


def period_of(sentence: Sentence) -> tuple[Column, Period | None] | None:
    """What `per month` groups by: the one column of dates, cut; or a column of months that the table has."""
    said = sentence.take(*_PERIODS)
    if not said:
        return None
    period = _PERIODS[said[0].kind]
    own = [column for column in sentence.table.columns if _CALLED[period] & set(key_words_of(column))]
    dates = [column for column in sentence.table.columns if column.type is ColumnType.DATE]
    if len(dates) > 1 and (happened := sentence.rows.dated()) is not None:
        dates = [happened]
    if len(said) > 1 or len(own) > 1 or (not own and len(dates) != 1):
        raise Unclear(f"which dates {said[0].kind.replace('_', ' ')} means is not clear")
    return (own[0], None) if own else (dates[0], period)
