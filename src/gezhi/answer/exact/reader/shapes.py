"""What a question asks for, once its conditions are read: rows, a count, a sum, an extreme, a neighbour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from gezhi.answer.exact.reader.columns import Unclear, is_date, is_filtered, key_words_of
from gezhi.answer.exact.reader.extremes import extreme, once, period_of, runs_together, so_many, top
from gezhi.answer.exact.reader.plan import Aggregate, Filter, Period, Plan, Shape, Test
from gezhi.answer.exact.reader.said.cut import is_whole_name, name_words
from gezhi.answer.exact.reader.sentence import Sentence
from gezhi.answer.exact.reader.words import FLOWS, ORDINALS, PAID, PRODUCTS, WON, stem
from gezhi.types.tables import Column, ColumnType
from gezhi.types.units import UnitKind, unit_kind

_MONEY = frozenset("钱元")
_LARGE = frozenset(["largest", "biggest", "highest", "greatest", "smallest", "lowest", *"高大低小"])
_ROW_COUNTERS = frozenset("笔单条张次")
_IN_ORDER = frozenset(["listed", "list", "table", "chart", "row", "entry", "表", "行"])


def shape(sentence: Sentence, filters: tuple[Filter, ...], either: bool) -> Plan:
    plan = Plan(table=sentence.table, filters=filters)
    sentence.filtered = bool(filters)
    subject = sentence.subject()
    asked = sentence.asked()
    marks = {one.kind for one in sentence.all}
    sentence.which = any(one.words[0] in ("which", "who", "哪", "谁") for one in sentence.all)
    if (paid := _paid(sentence, asked)) is not None:
        asked.append(paid)
    numeric = [column for column in asked if column.type.is_numeric and not is_date(column)]
    if filters and marks & {"count"} and not marks & {"total", "average", "most", "least"}:
        numeric = [column for column in numeric if not sentence.rows.is_number_of_one(column)]  # `how many rooms`
    others = [column for column in asked if column not in numeric]
    if numeric:
        _soft(sentence, numeric)
    if "share" in marks:
        return _share(sentence, plan, asked, subject)
    if "difference" in marks or "many_more" in marks:
        return _difference(sentence, plan, numeric, others)
    if marks & {"top"} or so_many(sentence):
        return top(sentence, plan, numeric, others, subject)
    if marks & {"most", "least", "common", "latest", "earliest", "adjective", "more", "less", "fastest"}:
        return extreme(sentence, plan, numeric, others, subject, either)
    placed = {one.kind for one in sentence.all if not one.used}  # `after 2020` is a condition already
    if placed & {"first", "last", "next", "previous", "before", "after"}:
        return _placed(sentence, plan, asked, subject)
    joined = any(one.test is Test.ONE_OF for one in filters) and marks & {"count", "total", "average"}
    if either and not joined:  # `how many are delivered or cancelled`
        raise Unclear("a choice between two without what to compare")
    return _plain(sentence, plan, numeric, others, subject)


def _paid(sentence: Sentence, asked: Sequence[Column]) -> Column | None:
    """The one column of money, where `how much did Ann spend`, `the average hotel expense`, 订单总额 name none."""
    rows, money = sentence.rows, sentence.rows.money()
    if money is None or any(column.type.is_numeric for column in asked):
        return None
    itself, alone = sentence.named_itself(), len(rows.measured()) <= 1
    paid = any(one.words[0] in PAID for one in sentence.all if one.kind == "soft")
    much = any(one.words[0] == "how" or one.words[-1] in _MONEY for one in sentence.all if one.kind == "much")
    extreme = sentence.has("most", "least")
    amounts = [one for one in sentence.all if one.kind in ("total", "average")]
    summed = any("".join(one.words) in ("总额", "金额") for one in amounts)
    if not summed and not extreme:
        few = len(rows.measured()) <= 2
        asks = any(one.words[-1] in _MONEY for one in sentence.all if one.kind == "much")  # 卖了多少元
        asks = asks or (unit_kind(money.unit) is UnitKind.CURRENCY and sentence.has("much"))  # `how much did she spend`
        summed = (paid and (few or asks) and sentence.has("much", "total", "many_more")) or (much and itself and alone)
        summed = summed or (itself and alone and rows.are_spending() and sentence.has("total", "each"))
    if extreme:
        summed = summed or paid or (alone and sentence.claimed)
    if summed:
        sentence.summed = True
        return money
    if not alone or not itself or sentence.has("count", "share"):
        return None
    if rows.are_spending() and sentence.has("average"):
        return money
    largest = any(one.kind in ("most", "least") and one.words[-1] in _LARGE for one in sentence.all)
    one_row = sentence.has("it") or not _others_said(sentence, asked)  # `the largest single gift`
    return money if largest and one_row else None


def _others_said(sentence: Sentence, asked: Sequence[Column]) -> bool:
    return any(column != sentence.rows.names() for column in asked)


def _soft(sentence: Sentence, numeric: Sequence[Column]) -> None:
    """`points scored`: the verb says what the column does. `races won` beside a column of wins asks for that one."""
    for one in sentence.take("soft", "much"):
        verb = stem(WON.get(one.words[0], one.words[0]))
        for column in sentence.table.columns:
            if column not in numeric and verb in name_words(column) and column.type.is_numeric:
                raise Unclear(f"{one.words[0]} may be {column.name}")


def _difference(sentence: Sentence, plan: Plan, numeric: list[Column], others: list[Column]) -> Plan:
    pair = [one for one in plan.filters if one.test is Test.ONE_OF and len(one.values) == 2]
    average = bool(sentence.take("average"))
    if len(pair) != 1 or len(numeric) != 1 or any(column != pair[0].column for column in others):
        raise Unclear("a difference whose two sides are not clear")
    sentence.take("difference", "many_more", "between")
    rest = tuple(one for one in plan.filters if one is not pair[0])
    sides = [(*rest, Filter(column=pair[0].column, test=Test.EQUAL, values=(value,))) for value in pair[0].values]
    return replace(
        plan, shape=Shape.DIFFERENCE, select=(numeric[0],), filters=sides[0], others=sides[1],
        aggregate=Aggregate.AVERAGE if average else Aggregate.SUM,
    )  # fmt: skip


def _share(sentence: Sentence, plan: Plan, asked: list[Column], subject: Column | None) -> Plan:
    """`what share of the orders was cancelled`; of a period, its rows are the whole."""
    sentence.take("share", "much")
    times = tuple(one for one in plan.filters if is_date(one.column))
    rest = tuple(one for one in plan.filters if one not in times)
    parts = [column for column in asked if column in sentence.rows.measured()]
    if len(parts) == 1 and len(asked) == 1 and rest and sentence.rows.adds_up(parts[0]) and subject is None:
        sentence.take("total")
        return replace(plan, shape=Shape.SHARE, select=(parts[0],), filters=rest, others=times)  # 占总产量的百分之几
    itself = sentence.named_itself() or bool(asked) or (len(rest) == 1 and rest[0].test is Test.EQUAL)
    if any(column != sentence.rows.names() for column in asked) or subject or len(rest) != 1 or not itself:
        raise Unclear("a share of what is not clear")
    return replace(plan, shape=Shape.SHARE, filters=rest, others=times)


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


def _plain(sentence: Sentence, plan: Plan, numeric: list[Column], others: list[Column], subject: Column | None) -> Plan:
    period = period_of(sentence)
    if sentence.take("each") or period:
        return _grouped(sentence, plan, numeric, others, period)
    if sentence.take("is_it"):
        if numeric or others or not plan.filters:
            raise Unclear("whether there is what is not clear")
        return replace(plan, shape=Shape.EXISTS)
    did = any(one.words == ("did",) for one in sentence.all)
    if len(numeric) == 1 and did and any(one.words == ("how", "much") for one in sentence.all):
        sentence.summed = True  # `how much VAT did we charge Ann`: in all
    how = _aggregate(sentence, numeric)
    if how in (Aggregate.SUM, Aggregate.AVERAGE):
        if any(one.kind == "list" and not one.words[0].isascii() for one in sentence.all):
            raise Unclear("which ones are asked for, not a number of them")
        apart = [one for one in others if not is_filtered(one, plan) and not sentence.rows.is_one_a_row(one)]
        if len(numeric) != 1 or apart:
            raise Unclear("what to add up is not clear")
        if how is Aggregate.SUM and not plan.filters and sentence.has_totals:
            raise Unclear("a row of the table seems to hold totals")
        return replace(plan, select=(numeric[0],), aggregate=how)
    if how in (Aggregate.COUNT, Aggregate.DISTINCT):
        return _counted(sentence, plan, numeric, others, how)
    wanted = once(subject, [*others, *numeric])
    select = [column for column in wanted if column == subject or not is_filtered(column, plan)]
    given = (subject is not None and is_filtered(subject, plan)) or _asks_for_given(sentence, plan)
    if given:
        raise Unclear("what is asked for is what was given")
    if select and sentence.has("list") and sentence.named_itself() and _only_parts(sentence, select):
        raise Unclear("what is asked for is not clear")  # `起源于安徽的戏剧`, beside a column 起源时间
    asks = sentence.has("list") or sentence.which or not sentence.has("ask", "count", "much", "who", "when", "where")
    if not select and plan.filters and asks and sentence.named_itself():
        select = sentence.rows.listed()
        plan = replace(plan, several=sentence.of_several())
    if not plan.filters or not select or len(select) > 3 or runs_together(sentence, select):
        raise Unclear("no condition or nothing asked for was found")
    how_much = any(one.words[0] in "是为" for one in sentence.all if one.kind == "much")
    if how_much:
        sentence.take("much")  # V1005的手机号是多少
    if len(select) == 1 and select[0] in numeric and not sentence.has_totals:
        flows = FLOWS & {stem(word) for word in key_words_of(select[0])}
        adds = sentence.rows.adds_up(select[0]) or select[0] == sentence.rows.money()
        if flows or (how_much and adds):  # 人民路店葡萄的销量是多少, of one row or of many
            return replace(plan, select=tuple(select), aggregate=Aggregate.SUM)
    if len(select) == 1 and select[0] == sentence.rows.names() and sentence.rows.is_one_a_row(select[0]):
        plan = replace(plan, several=sentence.of_several())
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


def _aggregate(sentence: Sentence, numeric: list[Column]) -> Aggregate:
    distinct = bool(sentence.take("distinct"))
    count = bool(sentence.take("count"))
    if count and any(one.words[0] in "是为" for one in sentence.all if one.kind == "much"):
        sentence.take("much")  # 2024年的订单数是多少
    if sentence.take("average"):
        return Aggregate.AVERAGE
    total = bool(sentence.take("total")) or sentence.summed
    if (
        numeric
        and count
        and not sentence.rows.counts(numeric[0])
        and not (total and sentence.rows.is_plural(numeric[0]))
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
        name = sentence.rows.names()
        if not things and name is not None and sentence.named_itself():
            return replace(plan, select=(name,), aggregate=how)  # 阀门有几种
        if len(things) != 1 or not _whole_name(sentence, things[0]):
            raise Unclear("different what is not clear")
        if sentence.rows.hold_several(things[0]):
            raise Unclear(f"cells of {things[0].name} hold several things")
        return replace(plan, select=tuple(things), aggregate=how)
    heads = [column for column in sentence.rows.measured() if column.name.endswith(("人数", "人次"))]
    if not things and len(heads) == 1 and sentence.counts_people(times=True):
        return replace(plan, select=(heads[0],), aggregate=Aggregate.SUM)  # 一共培训了多少人次
    person = sentence.rows.person()
    if not things and sentence.counts_people() and person is not None and not sentence.rows.is_one_a_row(person):
        return replace(plan, select=(person,), aggregate=Aggregate.DISTINCT)  # 5月份有多少人请假
    pieces = sentence.rows.quantity()
    if not things and pieces is not None and plan.filters and (_of_a_product(sentence) or not sentence.named_itself()):
        return _pieces(plan, pieces)
    if not plan.filters and not things and sentence.guessed:
        raise Unclear("what to count is not clear")
    if things:
        known = things[0].type is ColumnType.TEXT or sentence.rows.is_number_of_one(things[0])
        if not known or sentence.guessed or not _right_after_count(sentence, things[0]):
            raise Unclear("what to count is not clear")
        if sentence.rows.hold_several(things[0]):
            raise Unclear(f"cells of {things[0].name} hold several things")
        people = any(
            (one.kind == "count" and one.words[-1] in "名位") or (before.kind == "count" and one.words[0] in "名位")
            for before, one in pairwise(sentence.all)
        )  # 多少名志愿者
        counts_all = not people and not sentence.rows.are_others(things[0])
        return replace(plan, select=tuple(things), aggregate=Aggregate.DISTINCT, counts_all=counts_all)
    return replace(plan, aggregate=Aggregate.COUNT)


def _of_a_product(sentence: Sentence) -> bool:
    """多少个轴承, `how many bearings`; not 多少笔轴承订单."""
    said = iter(sentence.all)
    count = next((one for one in said if one.kind == "count"), None)
    following = [one for one in said if one.kind != "fill" or sentence.rows.are(one.words)]
    if count is None or not following or following[0].kind != "value" or count.words[-1] in _ROW_COUNTERS:
        return False
    named_next = len(following) > 1 and following[1].kind == "fill"
    return not named_next and bool(PRODUCTS & {stem(word) for word in key_words_of(following[0].columns[0])})


def _pieces(plan: Plan, pieces: Column) -> Plan:
    """`how many bearings were bought`, of orders with a quantity: pieces of a product, not rows."""
    what = [one for one in plan.filters if PRODUCTS & {stem(word) for word in key_words_of(one.column)}]
    if len(what) != 1:
        raise Unclear("whether rows or pieces are counted is not clear")
    return replace(plan, select=(pieces,), aggregate=Aggregate.SUM)


def _whole_name(sentence: Sentence, column: Column) -> bool:
    said = [one for one in sentence.all if one.kind == "column" and one.columns[0] == column]
    return any(not one.words[0].isascii() or is_whole_name(one, column) for one in said)


def _right_after_count(sentence: Sentence, column: Column) -> bool:
    left_out = ("fill", "total", "distinct", "value")  # `how many P1 tasks`
    kinds = [one for one in sentence.all if one.kind not in left_out]
    for before, one in pairwise(kinds):
        if before.kind == "count" and one.kind == "column" and one.columns[0] == column:
            plural = one.words[-1].endswith("s") or one.words[-1] in ("people", "men", "women")
            measure = stem(one.words[-1]) in ORDINALS or "".join(one.words[-2:]) in ORDINALS
            own = sentence.rows.is_own_name(column)
            if own or (sentence.rows.is_one_a_row(column) and not one.words[0].isascii()):
                return True  # 产品 of a column 产品名称, each in a row of its own
            return is_whole_name(one, column) and (plural or not one.words[0].isascii()) and not measure
    return any(not one.words[0].isascii() for one in kinds if one.kind == "column" and one.columns[0] == column)


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
    name = sentence.rows.names()
    if not groups and name is not None and sentence.each_of_rows():
        groups = [name]  # 每种水果的销量, of a column 品名
    if len(groups) != 1 or len(numeric) > 1:
        raise Unclear("a group that is not clear")
    how = _aggregate(sentence, numeric)
    if how is Aggregate.AVERAGE and any(one.words[0].endswith("ly") for one in sentence.all if one.used):
        raise Unclear("of what the average is not clear")  # `the average monthly cost`, of several rows a month
    if how is Aggregate.AVERAGE and numeric and sentence.rows.is_one_a_row(groups[0]):
        return replace(plan, select=(numeric[0],), aggregate=how)  # 平均每个省有多少家门店
    if not numeric:
        if how is Aggregate.NONE and sentence.named_itself():
            how = Aggregate.COUNT  # `tickets per country`
        if how is not Aggregate.COUNT:
            raise Unclear("what to work out for each is not clear")
        sentence.take("much")
        return replace(plan, group=groups[0], aggregate=how)
    if how is Aggregate.NONE:
        how = Aggregate.SUM
    return replace(plan, group=groups[0], select=(numeric[0],), aggregate=how)
