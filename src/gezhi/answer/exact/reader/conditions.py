"""The conditions that a question sets: numbers with a comparison, values of cells, dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from gezhi.answer.exact.reader.columns import Unclear, dated, in_unit, is_date, is_rank
from gezhi.answer.exact.reader.plan import Filter, Test
from gezhi.answer.exact.reader.said.cut import Mention, is_whole_name, name_words
from gezhi.answer.exact.reader.sentence import Sentence
from gezhi.answer.exact.reader.words import AGES, DONE, DUE, PARTICIPLES, PLANNED, RESERVES, SPENT, STOCKS, tokens
from gezhi.retrieve.tables.link import DISTINCT
from gezhi.types.tables import Column, ColumnType

_COMPARE = {"above": Test.ABOVE, "at_least": Test.AT_LEAST, "below": Test.BELOW, "at_most": Test.AT_MOST}
_CHANGES = {
    "rose": Test.ABOVE, "fell": Test.BELOW, "above": Test.ABOVE, "more": Test.ABOVE, "below": Test.BELOW,
    "less": Test.BELOW, "at_least": Test.AT_LEAST, "at_most": Test.AT_MOST,
}  # fmt: skip
_IN_TIME = {"late": Test.ABOVE, "on_time": Test.AT_MOST}
_IN_PERCENT = re.compile(r"[%％率比]|percent|\brate\b|\bshare\b|ratio|margin", re.IGNORECASE)
_SKIPPED = frozenset(["been", "being", "yet", "the", "a", "an", "any"])
"""Between what denies and what is denied: `without the linen changed`."""
_AFTER = {"or_more": Test.AT_LEAST, "or_less": Test.AT_MOST}


def conditions(sentence: Sentence) -> tuple[Filter, ...]:
    """Raises Unclear."""
    compared = _gone(sentence) + _changed(sentence) + _compared(sentence)
    given = _numbers(sentence) + _values(sentence) + _dates(sentence) + _flags(sentence)
    return tuple(compared + given + _done(sentence))


def _compared(sentence: Sentence) -> list[Filter]:
    """`stock below the reorder level`, 实际支出超过预算, `over budget`, `paid late`: two columns of each row."""
    found = []
    said = [one for one in sentence.all if one.kind != "fill"]
    for at, one in enumerate(said):
        held = _in_time(sentence, one) or _overspent(sentence, one) or _beside_limit(one, said[at + 1 : at + 2])
        if held is None:
            continue
        test, limit, named = held
        own = _held_against(sentence, [m for m in said[:at] if m.kind == "column" and not m.used], limit)
        if own is None:
            continue
        for mention in (one, *named):
            mention.used, mention.kind = True, "fill"
        found.append(Filter(column=own, test=test, than=limit))
        sentence.take("soft")  # `who got an offer above …`
    return found


_Limit = tuple[Test, Column, Sequence[Mention]]
"""How a column is held against another, and the mentions of this one."""


def _in_time(sentence: Sentence, one: Mention) -> _Limit | None:
    """`paid late`, 按期: against the one date on which it was due."""
    if one.kind not in _IN_TIME:
        return None
    if (due := sentence.rows.one_called(DUE, dates=True)) is None:
        raise Unclear("what is late is not clear")
    return _IN_TIME[one.kind], due, ()


def _overspent(sentence: Sentence, one: Mention) -> _Limit | None:
    """`over budget`, 超支: against the one amount that was planned."""
    if one.kind != "overspent":
        return None
    if (planned := sentence.rows.one_called(PLANNED)) is None:
        raise Unclear("what spent too much is not clear")
    return Test.ABOVE, planned, ()


def _beside_limit(one: Mention, after: Sequence[Mention]) -> _Limit | None:
    """`below the reorder level`, `before the due date`: against the column that is named next."""
    times = {"before": Test.BELOW, "after": Test.ABOVE}
    test = _COMPARE.get(one.kind) or times.get(one.kind)
    if test is None or not after or after[0].kind != "column" or len(after[0].columns) != 1:
        return None
    return test, after[0].columns[0], after


def _held_against(sentence: Sentence, before: Sequence[Mention], limit: Column) -> Column | None:
    """What is compared with a limit: the column of its kind that is named before it, else the one that it is for."""
    measured = sentence.rows.measured()
    if limit not in measured and limit.type is not ColumnType.DATE:
        return None
    for one in reversed(before):
        own = one.columns[0]
        alike = own in measured if limit in measured else own.type is ColumnType.DATE
        if alike and own != limit and len(one.columns) == 1:
            one.used, one.kind = True, "fill"
            return own
    if limit.type is ColumnType.DATE:
        return sentence.rows.one_called(DONE, dates=True)
    for names, holders in ((PLANNED, SPENT), (RESERVES, STOCKS)):
        if limit == sentence.rows.one_called(names):
            return sentence.rows.one_called(holders, but=limit)
    head = name_words(limit)[-1:]
    same = [c for c in measured if c != limit and name_words(c)[-1:] == head and c.unit == limit.unit]
    return same[0] if len(same) == 1 else None  # `sold above the asking price` beside a sale price


def _changed(sentence: Sentence) -> list[Filter]:
    """2024年销售额比2023年下降的省份, 2024年高于2023年: of one measure, the column of one year against the other's."""
    pair = sentence.rows.years_of_one()
    marks = [one for one in sentence.all if one.kind in _CHANGES]
    if not pair or len(marks) != 1 or sentence.has("number", "difference", "many_more", "much"):
        return []
    said = sentence.years_said(pair)
    change = marks[0].kind
    if change in ("rose", "fell"):
        said = [pair[1], pair[0]]
        sentence.change = (pair[1], pair[0])
    elif sentence.has("most", "least"):
        return []
    if len(said) != 2:
        return []
    for one in sentence.all:
        dated = one.kind == "date" and any(one.value in column.name for column in pair)
        if dated or one in marks or one.kind == "than" or (one.kind == "column" and {*one.columns} <= {*pair}):
            one.used, one.kind = True, "fill"
    return [Filter(column=said[0], test=_CHANGES[change], than=said[1])]


def _gone(sentence: Sentence) -> list[Filter]:
    """`out of stock`, 缺货."""
    marks = sentence.take("gone")
    stock = sentence.rows.one_called(STOCKS)
    if marks and stock is None:
        raise Unclear("which column says what is in stock is not clear")
    return [Filter(column=stock, test=Test.AT_MOST, values=(0,))] if marks and stock is not None else []


def _numbers(sentence: Sentence) -> list[Filter]:
    found = _row_numbers(sentence)
    for at, one in enumerate(sentence.all):
        if one.kind != "number" or one.used:
            continue
        before = [m for m in sentence.all[max(0, at - 2) : at] if m.kind != "fill"]
        test = next((_COMPARE[m.kind] for m in reversed(before) if m.kind in _COMPARE), None)
        after = sentence.all[at + 1 : at + 4]
        post = next((m for m in after if m.kind in _AFTER), None)
        if test is None and post is None:
            continue
        column = _number_column(sentence, at)
        if one.words[0] in sentence.percents and not _IN_PERCENT.search(f"{column.name} {column.unit}"):
            raise Unclear("a number in percent whose column is not clear")  # `over 10% of the votes`
        if is_rank(column):
            raise Unclear("below a rank may be better or worse")
        one.used = True
        for mark in (*before, *([post] if post else [])):
            mark.used = mark.used or mark.kind in _COMPARE or mark.kind in _AFTER
        exact = in_unit(one, column)
        number = int(exact) if exact == int(exact) else exact
        chosen = test if test is not None else _AFTER[post.kind] if post is not None else Test.EQUAL
        found.append(Filter(column=column, test=chosen, values=(number,)))
    return found


def _row_numbers(sentence: Sentence) -> list[Filter]:
    """学号2025007, `order 1003`, which may look like a year; `room 9`, `floor 3` of a column of whole numbers."""
    found = []
    numbered = tuple(sentence.rows.numbers())
    for before, one in pairwise(sentence.all):
        year = one.kind == "date" and one.value.isdigit()
        if numbered and before.columns == numbered and (year or one.kind == "number"):
            before.used = one.used = True
            number = one.words[0] if numbered[0].type is ColumnType.TEXT else int(one.value if year else one.number)
            found.append(Filter(column=numbered[0], test=Test.EQUAL, values=(number,)))
        elif one.kind == "number" and _is_label(sentence, before):
            before.used = one.used = True
            found.append(Filter(column=before.columns[0], test=Test.EQUAL, values=(int(one.number),)))
    return found


def _is_label(sentence: Sentence, one: Mention) -> bool:
    """Whether a number right after it says which one: `room 9`, not `nights 9`."""
    if one.kind != "column" or len(one.columns) > 1 or not one.words[0].isascii():
        return False
    column = one.columns[0]
    counts = sentence.rows.is_plural(column) or sentence.rows.counts(column) or sentence.rows.adds_up(column)
    return column.type is ColumnType.INTEGER and is_whole_name(one, column) and not column.unit and not counts


def _number_column(sentence: Sentence, at: int) -> Column:
    after = sentence.all[at + 1].words if at + 1 < len(sentence.all) else ()
    if after[:1] in (("岁",), ("years",)) and (age := sentence.rows.one_called(AGES)) is not None:
        return age  # 60岁以上的患者
    counted = [c for c in sentence.rows.measured() if after and tuple(tokens(c.unit)) == after and after[0].isascii()]
    if len(counted) == 1:
        return counted[0]  # `more than 3500 kg`
    near = [m for m in sentence.all[at + 1 : at + 4] if m.kind == "column"] + [
        m for m in reversed(sentence.all[:at]) if m.kind == "column"
    ]
    for one in near:
        hits = [column for column in one.columns if column.type.is_numeric]
        if len(hits) == 1:
            one.used = True
            return hits[0]
    measured = sentence.rows.measured()
    if len(measured) == 1 and sentence.named_itself():
        return measured[0]  # `claims over 1000 euros`
    raise Unclear("a number whose column is not clear")


def _values(sentence: Sentence) -> list[Filter]:
    grouped: dict[str, list[tuple[Mention, Column]]] = {}
    for one in sentence.all:
        if one.kind != "value":
            continue
        columns = {column.key: column for column in one.columns}
        if len(columns) > 1:
            named = [m for m in sentence.all if m.kind == "column" and m.columns[0].key in columns]
            if len({m.columns[0].key for m in named}) != 1:
                raise Unclear(f"{one.value} stands in several columns")
            columns = {named[0].columns[0].key: named[0].columns[0]}
        one.used = True
        column = next(iter(columns.values()))
        sentence.loose = sentence.loose or _also_elsewhere(sentence, one, column)
        grouped.setdefault(column.key, []).append((one, column))
    found = []
    for group in grouped.values():
        column = group[0][1]
        if len(group) == 1:
            one = group[0][0]
            test = Test.EQUAL if one.whole else Test.CONTAINS
            if one.whole and _denied(sentence, sentence.all.index(one)):
                test = Test.UNEQUAL
            found.append(Filter(column=column, test=test, values=(one.value,)))
        elif all(one.whole for one, _ in group):
            found.append(Filter(column=column, test=Test.ONE_OF, values=tuple(one.value for one, _ in group)))
        else:
            raise Unclear("several parts of values of one column")
    return found


def _also_elsewhere(sentence: Sentence, one: Mention, column: Column) -> bool:
    """Whether more cells say the value than those that are equal to it: a count may mean either."""
    if not one.words[0].isascii():
        return False
    if not one.whole:
        return len(one.words) == 1
    sought = f" {' '.join(one.words)} "
    return any(value != one.value and sought in f" {' '.join(tokens(value))} " for value in sentence.rows.cells(column))


def _dates(sentence: Sentence) -> list[Filter]:
    dates = [(at, one) for at, one in enumerate(sentence.all) if one.kind == "date" and not one.used]
    if not dates:
        return []
    column = _date_column(sentence)
    years = {one.value[:4] for _, one in dates if not one.value.startswith("-")}
    for _, one in dates:
        if one.value.startswith("-"):
            one.value = f"{years.pop() if len(years) == 1 else _only_year(sentence, column)}{one.value}"
    if len(dates) == 2 and (sentence.take("between") or _spans(sentence, dates[0][0], dates[1][0])):
        sentence.take("to")
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
    around = [m for m in sentence.all[max(0, at - 2) : at + 2] if m.kind in ("before", "after") and not m.used]
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


def _spans(sentence: Sentence, first: int, second: int) -> bool:
    """`from February to April`, 2月到4月."""
    return [one.words for one in sentence.all[first + 1 : second]] in ([("to",)], [("until",)], [("到",)], [("至",)])


def _date_column(sentence: Sentence) -> Column:
    named = [m for m in sentence.all if m.kind == "column" and is_date(m.columns[0])]
    columns = {c.key: c for c in sentence.table.columns if is_date(c)}
    chosen = {m.columns[0].key: m.columns[0] for m in named} or columns
    if len(chosen) == 1:
        return next(iter(chosen.values()))
    own = sentence.rows.dated()
    if own is None or named:
        raise Unclear("a date whose column is not clear")
    return own


def _only_year(sentence: Sentence, column: Column) -> str:
    """Of all its dates: `in March` is that of one year."""
    dates = list(sentence.rows.cells(column))
    years = {value[:4] for value in dates}
    if len(years) != 1 or len(dates) >= DISTINCT:  # of more dates, not all are known here
        raise Unclear("of which year the month is meant is not clear")
    return years.pop()


def _done(sentence: Sentence) -> list[Filter]:
    """`how many tickets are closed`: the date of it is known; `still open`, `not closed`, 未关闭: it is not."""
    found = []
    whole = sentence.has("when", "latest", "earliest", "each", "by_month", "by_quarter", "by_year", "date", "between")
    for at, one in enumerate(sentence.all):
        deed = one.kind in ("column", "undone") and not one.used and len(one.columns) == 1
        if deed and one.columns[0].type in (ColumnType.TEXT, ColumnType.DATE) and _denied(sentence, at):
            one.used = True  # `vehicles without a driver`
            found.append(Filter(column=one.columns[0], test=Test.EMPTY, values=()))
            continue
        if deed and one.columns[0].type in (ColumnType.TEXT, ColumnType.DATE) and _had(sentence, at):
            one.used = True  # `which bookings have notes`
            found.append(Filter(column=one.columns[0], test=Test.KNOWN, values=()))
            continue
        if not deed or whole or one.columns[0].type is not ColumnType.DATE or is_whole_name(one, one.columns[0]):
            continue
        if one.kind == "undone" or one.words[-1].endswith("ed") or one.words[-1] in PARTICIPLES:
            one.used = True
            test = Test.EMPTY if one.kind == "undone" else Test.KNOWN
            found.append(Filter(column=one.columns[0], test=test, values=()))
    return found


def _had(sentence: Sentence, at: int) -> bool:
    """Whether the question ends in that its rows have it."""
    before = sentence.all[at - 1].words if at else ()
    return before in (("have",), ("has",), ("had",)) and at == len(sentence.all) - 1 and sentence.named_itself()


def _denied(sentence: Sentence, at: int) -> bool:
    """`not active`."""
    before = sentence.all[at - 1] if at else None
    while before is not None and before.words[0] in _SKIPPED and at > 1:
        at -= 1
        before = sentence.all[at - 1]
    if before is None or before.kind != "not":
        return False
    before.kind = "fill"
    return True


def _flags(sentence: Sentence) -> list[Filter]:
    """`how many employees are active`: a column of yes and no that is named is meant to be yes."""
    found = []
    for at, one in enumerate(sentence.all):
        flag = one.kind == "column" and not one.used and len(one.columns) == 1
        if flag and one.columns[0].type is ColumnType.BOOLEAN:
            one.used = True
            found.append(Filter(column=one.columns[0], test=Test.EQUAL, values=(not _denied(sentence, at),)))
    return found
