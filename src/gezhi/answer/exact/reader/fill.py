"""Words of a question that say nothing more: units after numbers, what the rows are called, what is done with each."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from gezhi.answer.exact.reader.columns import key_words_of
from gezhi.answer.exact.reader.rows import DOER, KIND, NUMBERED, Rows
from gezhi.answer.exact.reader.said.cut import Mention, is_whole_name, name_words, verb_forms
from gezhi.answer.exact.reader.words import (
    AFTER_VALUE,
    BEFORE_VALUE,
    BEST,
    BOUGHT,
    BUYS,
    CLASSES,
    COUNTERS,
    CURRENCIES,
    GENDERED,
    LIGHT,
    MADE,
    MEASURED,
    MEASURES,
    MEDALED,
    MEDALS,
    OURS,
    OWN_FIRM,
    OWNERS,
    REVENUE,
    ROW_WORDS,
    SCORED,
    STAFF,
    UNITS,
    YET,
    stem,
    tokens,
)
from gezhi.retrieve.tables.glossary import word_translations
from gezhi.types.tables import Column, ColumnType

_BRACKETS = re.compile(r"[(（]([^()（）]{1,6})[)）]")
_FREE = ("unknown", "soft")
_BETWEEN = frozenset(["of", "to", "per", "for", "in", "on", "by", "the"])
"""Words of a column's name that a question leaves out."""


def fill_in(said: Sequence[Mention], rows: Rows) -> bool:
    """Marks them. Whether an unknown noun was taken for what the rows are: `how many entries`."""
    _own_name(said, rows)
    _owner(said)
    _title(said, rows)
    guessed = _units(said, rows)
    _described(said, rows)
    _said_with_value(said)
    _single(said)
    _in_order(said)
    _people(said, rows)
    _deeds(said, rows)
    _apart(said)
    _beside_its_value(said)
    _money(said, rows)
    _counted_days(said, rows)
    for one in said:
        best = BEST.get("".join(one.words))
        if one.kind == "unknown" and best and any(_is_score(column, rows) for m in said for column in m.columns):
            one.kind = best
    headed = bool(said) and said[0].kind == "fill" and rows.are(said[0].words)
    computed = headed or any(one.kind in ("total", "average", "count") for one in said)
    for one, after in pairwise(said):
        text = after.kind == "column" and after.columns[0].type is ColumnType.TEXT
        if computed and text and one.words == ("by",):
            one.kind = "each"  # `total expenses by category`, `bookings by channel`
    for at, one in enumerate(said[1:], start=1):  # 订单数, 设备数量
        own = said[at - 1].kind == "fill" and rows.are(said[at - 1].words, titled=True)
        before = "".join(word for old in said[max(0, at - 2) : at] if old.kind == "fill" for word in old.words)
        if own and one.kind == "column" and one.words == ("数", "量") and KIND.search(before):
            one.kind, one.columns = "count", ()  # 各地区订单数量, also beside a column 数量 of pieces
        named = said[at - 1].kind == "column" and any(map(rows.is_own_name, said[at - 1].columns))  # 项目数
        if (own or named) and one.words == ("数",) and one.kind == "unknown":
            said[at - 1].kind, one.kind = "fill", "count"
            if at + 1 < len(said) and said[at + 1].words == ("量",) and said[at + 1].kind == "unknown":
                said[at + 1].kind = "fill"
    return guessed


def _own_name(said: Sequence[Mention], rows: Rows) -> None:
    called = tuple(rows.called_as_rows())
    for at, one in enumerate(said):
        short = one.kind == "column" and all(
            not is_whole_name(one, column) and (not column.type.is_numeric or NUMBERED.search(column.name))
            for column in one.columns
        )
        each = at > 0 and said[at - 1].kind == "each" and said[at - 1].words != ("分", "别")
        short = short and not each  # 每个省, but 分别采收了多少
        short = short and not any(rows.is_own_name(column) for column in one.columns)
        numbered = one.kind == "column" and one.columns == called
        asked = at > 0 and said[at - 1].kind == "ask" and one.columns[:1] and one.columns[0].type is ColumnType.TEXT
        numbered = numbered and not asked  # `which club` asks for that column
        part = short or numbered or (one.kind == "value" and not one.whole)
        if (one.kind == "unknown" or part) and rows.are(one.words, titled=True):
            one.kind = "fill"  # `orders` of the table orders, also where a column is called Order ID


def _owner(said: Sequence[Mention]) -> None:
    """公司有多少员工, `how many vans does the company have`: whose tables these are. Not of 多少家公司, of
    `which company`, of 公司最多的城市, and not where a column or a value is called so."""
    for at in range(len(said)):
        run, size = _run(said[at:], OWNERS, 4)
        if not run or all(one.kind == "fill" for one in said[at : at + size]):
            continue
        before = [one for one in said[:at] if one.kind != "fill" or one.words[0] in OURS]
        after = next(iter(said[at + size :]), None)
        if run[0].isascii():
            theirs = at == 0 or said[at - 1].words[-1] not in OURS
        elif run in OWN_FIRM:
            theirs = False
        else:
            asked = bool(before) and before[-1].kind in (
                "count",
                "much",
                "ask",
                "who",
                "each",
                "list",
                "number",
                "value",
            )
            theirs = asked or (after is not None and after.words[0] in "数个家")
        if theirs or (after is not None and after.kind in ("most", "least", "common")):
            continue
        for one in said[at : at + size]:
            one.kind = "fill"


def _title(said: Sequence[Mention], rows: Rows) -> None:
    """`sales in February`, under the heading `Sales of our stores`."""
    above = " ".join((*rows.table.headings[-1:], rows.table.title))
    about = {stem(word) for word in tokens(" ".join((above, *word_translations(above))))}
    titled = False
    for one in said:
        measured = titled and one.words[0] in MEASURES
        titled = one.kind in _FREE and (measured or all(stem(word) in about for word in one.words))
        one.kind = "fill" if titled else one.kind


def _units(said: Sequence[Mention], rows: Rows) -> bool:
    """`5 km`, 24个月, `1000 euros`, `gold medals` of a column Gold, 多少家."""
    _asked_in(said, rows)
    stated = " ".join(text for column in rows.table.columns for text in (column.unit, *_BRACKETS.findall(column.name)))
    units = {*tokens(stated), "元"}
    units |= {word for unit in tokens(stated) for word in CURRENCIES.get(unit, "").split()}
    guessed = False
    number: Mention | None = None
    for before, one in pairwise(said):
        number = before if before.kind == "number" else number if before.words[0] in MEASURED else None
        unit = number is not None and one.words[0] in units
        medals = before.kind == "column" and one.words[0] in MEDALS and MEDALED & {stem(w) for w in before.words}
        measured = before.kind == "number" and one.words[0] in MEASURED | COUNTERS
        one_of = before.kind == "value" and not before.words[0].isascii() and one.words[0] in CLASSES | {"品"}
        gendered = before.kind == "value" and before.words in (("男",), ("女",)) and one.words[0] in GENDERED
        if one.kind == "unknown" and (unit or medals or measured or one_of or gendered):
            one.kind = "fill"
        if before.kind in ("count", "ask") and one.kind == "unknown" and one.words[0] in COUNTERS:
            one.kind = "fill"
        if before.kind == "count" and one.kind == "unknown" and one.words[0] in ROW_WORDS:
            one.kind, guessed = "fill", True  # any other noun has to be in the table
    return guessed


def _asked_in(said: Sequence[Mention], rows: Rows) -> None:
    """是多少公斤, `50 square metres`, 大于50平米: a unit after a number or what asks for one. Where no column of
    numbers is named, 采收了多少公斤 names the one that counts in it."""
    units = {column.key: _unit_names(column) for column in rows.measured()}
    longest = max((len(name) for names in units.values() for name in names), default=0)
    for at, one in enumerate(said):
        asks = one.kind == "much" or one.words == ("多", "少") or one.words[-1] in ("几", "多少")
        if not (asks or one.kind == "number" or (one.kind == "count" and one.words[0].isascii())):
            continue
        run, size = _run(said[at + 1 :], {name for names in units.values() for name in names}, longest)
        if not run:
            continue
        owners = [column for column in rows.measured() if run in units[column.key]]
        named = any(column.type.is_numeric for m in said for column in m.columns)
        for unit in said[at + 1 : at + 1 + size]:
            unit.kind = "fill"
        if not named and one.kind != "number" and len(owners) == 1 and asks:
            said[at + 1].kind, said[at + 1].columns = "column", (owners[0],)
            said[at + 1].words = name_words(owners[0])


def _unit_names(column: Column) -> set[tuple[str, ...]]:
    stated = [column.unit, *(_BRACKETS.findall(column.name) if not column.unit else [])]
    names = {other for unit in stated for other in (unit, *UNITS.get(unit.casefold(), "").split("|")) if other}
    return {tuple(tokens(name)) for name in names}


def _run(said: Sequence[Mention], names: Collection[tuple[str, ...]], longest: int) -> tuple[tuple[str, ...], int]:
    """The longest of the names that unknown words, or words of no meaning, make up; and of how many mentions."""
    found: tuple[tuple[str, ...], int] = ((), 0)
    words: tuple[str, ...] = ()
    for size, one in enumerate(said[:longest], start=1):
        if one.kind not in ("unknown", "fill", "soft"):
            break
        words = (*words, *one.words)
        found = (words, size) if words in names else found
    return found


def _said_with_value(said: Sequence[Mention]) -> None:
    """通过小程序, 雷击造成的: by which value, or what came of it, says no more than that it is so."""
    for at, one in enumerate(said):
        if one.kind != "value" or one.words[0].isascii():
            continue
        for size in (3, 2, 1):
            for run, phrases in ((said[max(0, at - size) : at], BEFORE_VALUE), (said[at + 1 :][:size], AFTER_VALUE)):
                text = "".join(word for other in run for word in other.words)
                if text in phrases and all(other.kind in ("unknown", "fill", "ask") for other in run):
                    for other in run:
                        other.kind = "fill"


def _described(said: Sequence[Mention], rows: Rows) -> None:
    """女志愿者的服务时长: whoever has the value, where numbers are added up. `average fee per case`: of the rows."""
    kinds = {one.kind for one in said}
    for before, one in pairwise(said):
        head = (
            one.kind == "column"
            and rows.are_doers(one.columns[0])
            and before.kind == "value"
            and not one.words[0].isascii()
        )
        if (
            head
            and before.columns != one.columns
            and kinds & {"total", "average", "difference"}
            and "count" not in kinds
        ):
            one.kind = "fill"
        own = one.kind == "fill" or one.columns in [(column,) for column in rows.numbers()]
        if "average" in kinds and before.words == ("per",) and own and rows.are(one.words):
            before.kind = one.kind = "fill"


def _in_order(said: Sequence[Mention]) -> None:
    """`which case was filed last`, `when was it first cleaned`: by the day on which that was done."""
    for before, one in [*pairwise(said), *((b, a) for a, b in pairwise(said))]:
        deed = before.kind == "column" and before.columns[0].type is ColumnType.DATE and before.words[-1].endswith("ed")
        if deed and one.kind in ("first", "last") and len(before.columns) == 1:
            one.kind = "earliest" if one.kind == "first" else "latest"


def _people(said: Sequence[Mention], rows: Rows) -> None:
    """补贴最高的三个人, 有哪些人: who. 每个人: each of the one column that says who."""
    doers = [column for column in rows.table.columns if rows.are_doers(column) and DOER.search(column.name)]
    most = any(one.kind == "most" for one in said)
    for at, one in enumerate(said):
        before = {other.kind for other in said[max(0, at - 2) : at]}
        if one.kind == "unknown" and one.words == ("人",) and ((most and "number" in before) or "list" in before):
            one.kind = "who"
        elif one.kind == "unknown" and one.words == ("人",) and "each" in before and len(doers) == 1:
            one.kind, one.columns = "column", (doers[0],)


def _single(said: Sequence[Mention]) -> None:
    """`the largest single gift`, 单次产量最高: one row is meant, and not all of its kind together."""
    if not any(one.kind in ("most", "least") for one in said):
        return
    for before, one in pairwise(said):
        chinese = before.kind == "unknown" and before.words == ("单",) and one.words[0] in "次笔场批"
        if chinese or (before.kind in ("most", "least") and one.kind == "unknown" and one.words == ("single",)):
            before.kind = "it" if chinese else before.kind
            one.kind = "fill" if chinese else "it"


def _apart(said: Sequence[Mention]) -> None:
    """`how many customers were affected`, of a column Customers Affected."""
    parts = [one for one in said if one.kind == "column" and len(one.columns) == 1 and one.words[0].isascii()]
    for one in parts:
        name = [word for word in name_words(one.columns[0]) if word not in _BETWEEN]
        others = [other for other in parts if other is not one and other.columns == one.columns]
        words = {stem(word) for each in (one, *others) for word in each.words}
        if others and not is_whole_name(one, one.columns[0]) and {*name} <= words:
            one.words = name_words(one.columns[0])
            for other in others:
                other.kind = "fill"
            return


def _beside_its_value(said: Sequence[Mention]) -> None:
    """`double rooms` of a column room_type."""
    for before, one in [*pairwise(said), *((b, a) for a, b in pairwise(said))]:
        if before.kind == "value" and one.kind == "column" and one.columns == before.columns[:1]:
            one.kind = "fill" if one.words[0].isascii() and not is_whole_name(one, one.columns[0]) else one.kind


def _money(said: Sequence[Mention], rows: Rows) -> None:
    money = rows.money()
    for one in said:
        if one.kind == "unknown" and "".join(one.words) in REVENUE and money is not None:
            one.kind, one.columns, one.words = "column", (money,), name_words(money)


def _is_score(column: Column, rows: Rows) -> bool:
    return rows.rates(column) or bool(SCORED & {stem(word) for word in key_words_of(column)})


def _counted_days(said: Sequence[Mention], rows: Rows) -> None:
    """一共多少天, 请了几天 beside a column 天数."""
    names = {name_words(column): column for column in rows.table.columns}
    counted = {name[0]: column for name, column in names.items() if len(name) == 2 and name[1] == "数"}
    beside = _counted_beside(said, rows)
    counted |= beside
    for one in said:
        if one.kind == "count" and one.words[:2] == ("多", "少") and one.words[-1] in beside:
            column = beside[one.words[-1]]  # 平均每趟坐多少人
            one.kind, one.columns, one.words = "column", (column,), name_words(column)
    for before, one in pairwise(said):
        if before.words == ("多", "少") and one.kind == "fill" and rows.are(one.words):
            before.kind = "count"  # 2023年注册了多少会员
        asks = before.kind in ("count", "much") or before.words == ("几",)
        if asks and one.kind in ("unknown", "fill") and one.words[0] in counted and len(one.words) == 1:
            before.kind, one.kind, one.columns = "count", "column", (counted[one.words[0]],)


def _counted_beside(said: Sequence[Mention], rows: Rows) -> dict[str, Column]:
    """影响了多少户 of 影响户数, 多少人乘车 of 乘车人数; and 平均多少人 of the one column of so many people."""
    found: dict[str, Column] = {}
    for column in rows.measured():
        name = name_words(column)
        if len(name) < 3 or name[-1] != "数" or name[-2] not in COUNTERS | {"户"}:
            continue
        heads = [one for one in rows.measured() if one.name.endswith(f"{name[-2]}数")]
        begun = any(one.kind == "column" and one.columns == (column,) and one.words[0] == name[0] for one in said)
        if begun or (len(heads) == 1 and any(one.kind == "average" for one in said)):
            found[name[-2]] = column
    return found


def _deeds(said: Sequence[Mention], rows: Rows) -> None:
    """`orders were placed`, `tickets came from Spain`: what every row is, or the column of a value says already."""
    named = False
    every = any(one.kind == "fill" and rows.are(one.words) for one in said)
    every = every or any(one.kind == "who" or one.columns == (rows.names(),) for one in said)
    held = {word for one in said if one.kind == "value" for word in name_words(one.columns[0])}  # caused by a value
    dates = [column for column in rows.table.columns if column.type is ColumnType.DATE]
    dated = {
        name_words(column)[0] for column in dates if not column.name.isascii() and name_words(column)
    }  # 签 of 签订日期
    for one in said:
        named = named or (one.kind == "fill" and rows.are(one.words, titled=True))
        if one.kind not in _FREE:
            continue
        word = one.words[0]
        forms = {f"{form}{ending}" for form in verb_forms(word) for ending in ("", "ing", "ment", "ion")}
        own = bool(forms & rows.words) or (word.endswith("ed") and bool(forms & held)) or word in dated
        known = (named and word in MADE) or (every and word in LIGHT) or (rows.name & BOUGHT and word in BUYS)
        if known or own or word in YET:
            one.kind = "fill"


def whoever(said: Sequence[Mention], rows: Rows) -> bool:
    """Marks `students` of a table of names and marks, whose rows are about people: whether it says so."""
    if rows.person() is None:
        return False
    people, at = False, 0
    while at < len(said):
        run = said[at : at + (1 if said[at].words[0].isascii() else 2)]
        word = "".join(stem(word) for one in run for word in one.words)
        if word in STAFF and all(one.kind == "unknown" for one in run):
            for one in run:
                one.kind = "fill"
            people = True
        at += 1
    return people
