"""What each piece of a question means: a column, a value, a number, a date or an operation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gezhi.answer.exact.reader.words import (
    ADJECTIVES,
    CLASSES,
    DID,
    HIGH_LOW,
    MONTHS,
    NUMBERS,
    PLACED,
    SOFT,
    TAKINGS,
    filling,
    marks,
    stem,
    tokens,
)
from gezhi.retrieve.tables.glossary import column_translations, translations
from gezhi.types.tables import Column, ColumnType, TypedTable

Values = Mapping[tuple[str, str], Sequence[str]]
"""(table key, column key) -> distinct values of a column of texts or dates."""
_LONGEST = 12
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d年?(?!\d)")
IN_BRACKETS = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
_COMPARING = frozenset(["over", "above", "than", "under", "below", "exceeding", "least", "most", *"过于低少"])
_COUNTED_THING = re.compile(r"(?:数量|数)$")
_UNDONE = {
    "open": "closed resolved completed finished", "outstanding": "paid returned closed",
    "unfinished": "finished completed", "running": "finished completed ended",
    "ongoing": "finished completed ended closed",
}  # fmt: skip
_IN_CHARGE = {
    "负责": "负责人 经理 主管", "管理": "经理 主管 负责人 管理员", "responsible": "owner manager lead",
    "in charge": "owner manager lead", "run": "owner manager", "runs": "owner manager",
}  # fmt: skip
_IN_MONTH = frozenset(["between", "from", "to", "in", "during", "of", "for", "since", "until", "before", "after"])
_TAKINGS = re.compile(
    r"(?<![a-z])(?:{})(?![a-z])|(?:^|(?<=[\d年度]))(?:{})(?![一-鿿])".format(
        "|".join(one for one in TAKINGS if one.isascii()), "|".join(one for one in TAKINGS if not one.isascii())
    )
)
_CALLED = re.compile("名称?|姓名|名字")
_ON_DAY = _IN_MONTH | {"on", "by", "from"}
_CURRENCIES = frozenset(["cny", "rmb", "usd", "eur", "gbp", "hkd", "jpy"])


@dataclass(kw_only=True, slots=True)
class Mention:
    kind: str
    """column, value, number, date, fill, soft, unknown, or a mark of words.py."""
    words: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    value: str = ""
    number: float = 0
    whole: bool = True
    """Whether `value` is the whole cell."""
    used: bool = field(default=False)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    columns: Mapping[tuple[str, ...], tuple[Column, ...]]
    values: Mapping[tuple[str, ...], tuple[tuple[Column, str], ...]]


def name_words(column: Column) -> tuple[str, ...]:
    """Without the unit or currency at its end: `amount_cny` is called amount, 金额（元） is called 金额."""
    plain = IN_BRACKETS.sub("", column.name) if column.unit else column.name
    name = [stem(word) for word in tokens((plain or column.name).replace("_", " "))]
    units = _CURRENCIES | {stem(word) for word in tokens(column.unit)}
    while len(name) > 1 and name[-1].isascii() and name[-1] in units:
        name.pop()
    return tuple(name)


def plain_words(column: Column) -> tuple[str, ...]:
    """Also without brackets that hold no known unit: `Turbidity (NTU)` is called turbidity."""
    plain = IN_BRACKETS.sub("", column.name)
    return name_words(replace(column, name=plain)) or name_words(column)


def other_takings(column: Column) -> list[tuple[str, ...]]:
    """What else a column of takings is called: 销售额 of 2024年营收, `turnover` of `Revenue 2024`."""
    name = " ".join(name_words(column))
    found = _TAKINGS.search(name if column.name.isascii() else name.replace(" ", ""))
    if found is None:
        return []
    before, after = found.string[: found.start()], found.string[found.end() :]
    others = [one for one in TAKINGS if one.isascii() == found.group().isascii() and one != found.group()]
    return [tuple(map(stem, tokens(f"{before}{other}{after}"))) for other in others]


def in_other_language(column: Column) -> list[tuple[str, ...]]:
    """Its name in the other language, where that is no operation: 总额 may be an amount or a sum."""
    counted = _COUNTED_THING.sub("", column.name) if not column.name.isascii() else column.name
    names = [column.name, *([counted] if counted != column.name else [])]  # 门店数: `stores`
    if (undated := _YEAR.sub("", column.name).strip(" _")) not in ("", column.name):
        names.append(undated)  # `Revenue 2024` is 销售额, of the year that is said
    others = [tuple(tokens(other)) for name in names for other in column_translations(name)]
    return [tuple(map(stem, words)) for words in others if words not in marks()]


def is_whole_name(one: Mention, column: Column) -> bool:
    """Whether a column is called by its whole name, in either language."""
    said = tuple(stem(word) for word in one.words)
    return said in (name_words(column), plain_words(column), *in_other_language(column), *other_takings(column))


def vocabulary(table: TypedTable, values: Values) -> Vocabulary:
    columns: dict[tuple[str, ...], list[Column]] = {}
    parts: dict[tuple[str, ...], list[Column]] = {}
    others: dict[tuple[str, ...], list[Column]] = {}
    for column in table.columns:
        name = name_words(column)
        if not name:
            continue
        columns.setdefault(name, []).append(column)
        plain = plain_words(column)
        names_it = plain not in marks() and plain not in filling() and len("".join(plain)) > 1  # not `a` of `a (pm)`
        for called in dict.fromkeys(
            (name, *([plain] if names_it else []), *in_other_language(column), *other_takings(column))
        ):
            for word in {word for word in called if len(word) > 2 and word.isascii() and word.isalpha()}:
                if (word,) not in marks() and (word,) not in filling():
                    parts.setdefault((word,), []).append(column)
            if called != name:
                others.setdefault(called, []).append(column)
            if not (called[0].isascii() and called[-1].isascii()):  # also 2024年销售额
                if len(called) > 1 and called[0] in CLASSES:
                    parts.setdefault(called[:1], []).append(column)  # 每个班 of a column 班级
                for size in range(2, len(called)):
                    parts.setdefault(called[-size:], []).append(column)
                    parts.setdefault(called[:size], []).append(column)
    for name, owners in others.items():
        columns.setdefault(name, owners)
    for name, owners in parts.items():
        unique = list({column.key: column for column in owners}.values())
        of_years = len({_YEAR.sub("", column.name) for column in unique}) == 1
        named = [
            column for column in unique if _CALLED.fullmatch("".join(name_words(column)).removeprefix("".join(name)))
        ]
        if name not in columns and not name[0].isascii() and len(unique) > 1 and len(named) == 1:
            columns[name] = named  # 活动 of 活动名称, beside 活动日期
        elif (len(unique) == 1 or of_years) and name not in columns:
            columns[name] = unique
    cells: dict[tuple[str, ...], list[tuple[Column, str]]] = {}
    translated: dict[tuple[str, ...], list[tuple[Column, str]]] = {}
    for column in _texts(table):
        for value in values.get((table.key, column.key), ()):
            words = tuple(tokens(value))
            if 0 < len(words) <= _LONGEST:
                cells.setdefault(words, []).append((column, value))
            for other in translations(value):
                translated.setdefault(tuple(tokens(other)), []).append((column, value))
    cells = translated | cells
    return Vocabulary({k: tuple(v) for k, v in columns.items()}, {k: tuple(v) for k, v in cells.items()})


def _texts(table: TypedTable) -> list[Column]:
    return [column for column in table.columns if column.type is ColumnType.TEXT]


def mentions(question: str, table: TypedTable, values: Values) -> list[Mention]:
    words, known = tokens(question), vocabulary(table, values)
    found, at = [], 0
    while at < len(words):
        mention = _at(words, at, known)
        found.append(mention)
        at += len(mention.words)
    return list(_partial(found, table, values))


def _at(words: list[str], at: int, known: Vocabulary) -> Mention:
    date = _date(words, at) or _in_charge(words, at, known)
    if date is not None and not _is_cell(words, at, date, known):
        return date
    for size in range(min(_LONGEST, len(words) - at), 0, -1):
        piece = tuple(words[at : at + size])
        stems = tuple(stem(word) for word in piece)
        plain = size == 1 and (piece in marks() or piece in filling() or piece[0] in NUMBERS)
        if piece in known.values and not plain and not (size == 1 and piece[0].isdigit()):
            owners = known.values[piece]
            if stems not in known.columns or size > 1:
                whole = owners[0][1]
                return Mention(kind="value", words=piece, columns=tuple(c for c, _ in owners), value=whole)
        if size == 1 and piece != stems and stems in known.values and stems not in known.columns and not plain:
            owners = known.values[stems]  # `how many managers`
            return Mention(kind="value", words=piece, columns=tuple(c for c, _ in owners), value=owners[0][1])
        if stems in known.columns and not (piece in marks() and size == 1):
            return Mention(kind="column", words=piece, columns=known.columns[stems])
        if piece in marks():
            return Mention(kind=marks()[piece], words=piece)
        if size == 1 and (ranked := _ranked(words, at)) is not None:
            return ranked
        if piece in filling():
            return Mention(kind="fill", words=piece)
    word = words[at]
    if word == "没" and (cells := known.values.get(("未", *words[at + 1 : at + 3]))):  # 还没启动的项目: 未启动
        piece = tuple(words[at : at + 3])
        return Mention(kind="value", words=piece, columns=tuple(c for c, _ in cells), value=cells[0][1])
    if (undone := _undone(words, at, known)) is not None:
        return undone
    if (deed := _deed(words, at, known)) is not None:
        return deed
    if (inflected := _inflected(word, known)) is not None:
        return inflected
    if re.fullmatch(r"\d+(?:\.\d+)?", word):
        scale = {"万": 1e4, "亿": 1e8, "million": 1e6, "billion": 1e9}.get(words[at + 1] if at + 1 < len(words) else "")
        size = 2 if scale else 1
        return Mention(kind="number", words=tuple(words[at : at + size]), number=float(word) * (scale or 1))
    if word in NUMBERS:
        return Mention(kind="number", words=(word,), number=NUMBERS[word])
    for adjective, (names, _) in ADJECTIVES.items():
        piece = tuple(tokens(adjective))
        if tuple(words[at : at + len(piece)]) == piece:
            stems_wanted = {tuple(tokens(name)) for name in names.split()}
            hits = [one for name, one in known.columns.items() if name in stems_wanted]
            if len(hits) == 1:
                return Mention(kind="adjective", words=piece, columns=hits[0], value=ADJECTIVES[adjective][1])
    return Mention(kind="soft" if word in SOFT else "unknown", words=(word,))


def _is_cell(words: list[str], at: int, date: Mention, known: Vocabulary) -> bool:
    """`April 8` where cells say so, or a code that begins as a date does: 2024/021."""
    size = len(date.words)
    longer = any(tuple(words[at : at + more]) in known.values for more in range(size + 1, size + 4))
    return longer or (date.value.startswith("-") and date.words in known.values)


def _ranked(words: list[str], at: int) -> Mention | None:
    """`second highest`, 第二高."""
    size, place = (2, NUMBERS.get(words[at + 1], 0)) if words[at] == "第" and at + 1 < len(words) else (1, 0)
    place = place or PLACED.get(words[at], 0)
    rest = words[at + size : at + size + 2]
    kind = HIGH_LOW.get(rest[0], "") if size == 2 and rest else marks().get(tuple(rest[:1]), "")
    if place < 2 or kind not in ("most", "least"):
        return None
    return Mention(kind=kind, words=tuple(words[at : at + size + 1]), number=place)


def _in_charge(words: list[str], at: int, known: Vocabulary) -> Mention | None:
    """负责 beside a column 项目经理, which 负责部门 is not."""
    if any(tuple(words[at : at + size]) in known.columns for size in range(3, 6)):
        return None  # 负责人
    for said, names in _IN_CHARGE.items():
        piece = tuple(tokens(said))
        if tuple(words[at : at + len(piece)]) == piece:
            hits = [known.columns[one] for name in names.split() if (one := tuple(tokens(name))) in known.columns]
            if len(hits) == 1:
                return Mention(kind="column", words=piece, columns=hits[0])
    return None


def _undone(words: list[str], at: int, known: Vocabulary) -> Mention | None:
    """`open`, `unpaid`, 未付款: the date on which it is closed, or paid, is not there yet."""
    word = words[at]
    sought: list[tuple[str, ...]] = [(other,) for other in _UNDONE.get(word, "").split()]
    sought += [(word[2:],)] if word.startswith("un") and word.isascii() and len(word) > 4 else []
    size = 1
    if word in "未没" and len(words) > at + 2:
        size = 3
        sought = [tuple(words[at + 1 : at + 3])]
    hits = {columns[0].key: columns for one in sought if (columns := known.columns.get(one, ()))}
    found = [columns for columns in hits.values() if len(columns) == 1 and columns[0].type is ColumnType.DATE]
    return Mention(kind="undone", words=tuple(words[at : at + size]), columns=found[0]) if len(found) == 1 else None


def _deed(words: list[str], at: int, known: Vocabulary) -> Mention | None:
    """`hired in 2021`: the date that says when that was done; `owns`, 负责: the column that says who does it."""
    word = words[at]
    if not word.isascii() and len(words) > at + 1:
        doers = [known.columns[one] for end in "人员者商" if (one := (word, words[at + 1], end)) in known.columns]
        if len(doers) == 1 and (word, words[at + 1], "日", "期") not in known.columns:
            return Mention(kind="column", words=tuple(words[at : at + 2]), columns=doers[0])  # 审批 of 审批人
    if not word.isascii() or word in SOFT or len(word) < 3:
        return None
    done = verb_forms(word)[1:]
    for form in (f"{word}ed", f"{word}d"):  # `how many hours did she bill`, of a column Hours billed
        owners = known.columns.get((form,), ())
        if len(owners) == 1 and len(name_words(owners[0])) > 1 and owners[0].type.is_numeric:
            return Mention(kind="column", words=(form,), columns=owners)
    for form in done:
        owners = known.columns.get((form,), ())
        if len(owners) == 1 and owners[0].type is ColumnType.DATE:
            return Mention(kind="column", words=(word,), columns=owners)
    for form in (word, stem(word), *done):
        for who in (f"{form}r", f"{form}er", f"{form}or", f"{form[:-1]}ier"):
            owners = known.columns.get((who,), ())
            if len(owners) == 1 and owners[0].type is ColumnType.TEXT and name_words(owners[0]) == (who,):
                return Mention(kind="column", words=(word,), columns=owners)
    return None


def _inflected(word: str, known: Vocabulary) -> Mention | None:
    """`failed`, of the result Fail; `reject`, `win`, of Rejected and Won."""
    if not word.isascii() or len(word) < 3 or (word,) in marks():
        return None
    did = {DID.get(word, ""), f"{word}ed", f"{word}d", f"{word}{word[-1]}ed"} if word.isalpha() else set()
    forms = [*(verb_forms(word)[1:] if word not in SOFT else ()), *sorted(did)]
    hits = [known.values[form,] for form in forms if (form,) in known.values]
    if len(hits) != 1:
        return None
    return Mention(kind="value", words=(word,), columns=tuple(c for c, _ in hits[0]), value=hits[0][0][1])


def verb_forms(word: str) -> tuple[str, ...]:
    """`shipped` and what it may be a form of, itself first."""
    if not word.isascii() or not word.endswith("ed") or len(word) < 5:
        return (word,)
    doubled = (word[:-3],) if word[-3] == word[-4] else ()
    return (word, word[:-1], word[:-2], *doubled)


def is_deed(one: Mention, column: Column) -> bool:
    """Whether a column is named by what somebody does: `approved`, `owns`."""
    return stem(one.words[0]) not in name_words(column) or one.words[0].endswith("ed")


def _date(words: list[str], at: int) -> Mention | None:
    """2024年3月5日, 2024年第一季度, march 5 2024, 5 march 2024, 2024-03, the years from 1000 on; `in march` and
    3月 of a year that is not said are `-03`, `on 5 march` and 3月5日 `-03-05`."""
    text = " ".join(words[at : at + 8])
    month = "|".join(MONTHS)
    chinese = re.match(r"(\d{4}) 年(?: (?:第 )?([一二三四1234]) 季 度| (\d{1,2}) 月(?: 份)?(?: (\d{1,2}) 日)?)?", text)
    if chinese:
        year, quarter, mon, day = chinese.groups()
        value = f"{year}-Q{NUMBERS.get(quarter, quarter)}" if quarter else year
        value += f"-{int(mon):02d}" if mon else ""
        value += f"-{int(day):02d}" if day else ""
        return Mention(kind="date", words=tuple(chinese.group().split()), value=value)
    quarter_only = re.match(
        r"(?:第 )?([一二三四1234]) 季 度|(first|second|third|fourth) quarter\b|q ?([1-4])(?! (?:of )?\d{4})(?= |$)",
        text,
    )
    if quarter_only and not (at and words[at - 1] in ("每", "各")):
        chinese_number, ordinal, digit = quarter_only.groups()
        number = {"first": 1, **PLACED}[ordinal] if ordinal else NUMBERS.get(chinese_number, chinese_number or digit)
        return Mention(kind="date", words=tuple(quarter_only.group().split()), value=f"-Q{number}")
    quarter_en = re.match(r"q ?([1-4]) (?:of )?(\d{4})\b", text)
    if quarter_en:
        value = f"{quarter_en.group(2)}-Q{quarter_en.group(1)}"
        return Mention(kind="date", words=tuple(quarter_en.group().split()), value=value)
    english = re.match(rf"({month}) (?:(\d{{1,2}})(?: (?:st|nd|rd|th))? )?(?:of )?(\d{{4}})\b", text)
    if english:
        mon, day, year = english.groups()
        value = f"{year}-{MONTHS[mon]:02d}" + (f"-{int(day):02d}" if day else "")
        return Mention(kind="date", words=tuple(english.group().split()), value=value)
    day_first = re.match(rf"(\d{{1,2}})(?: (?:st|nd|rd|th))? (?:of )?({month})(?: (\d{{4}}))?(?= |$)", text)
    if day_first and 1 <= int(day_first.group(1)) <= 31:
        day, mon, year = day_first.groups()
        value = f"{year or ''}-{MONTHS[mon]:02d}-{int(day):02d}"
        return Mention(kind="date", words=tuple(day_first.group().split()), value=value)
    iso = re.match(r"([12]\d{3}) (0[1-9]|1[0-2])(?: (0[1-9]|[12]\d|3[01]))?\b", text)
    if iso:
        value = "-".join(part for part in iso.groups() if part)
        return Mention(kind="date", words=tuple(iso.group().split()), value=value)
    before = words[at - 1] if at else ""
    day_only = re.match(rf"({month}) (\d{{1,2}})(?: (?:st|nd|rd|th))?(?= |$)", text) if before in _ON_DAY else None
    if day_only and 1 <= int(day_only.group(2)) <= 31:
        value = f"-{MONTHS[day_only.group(1)]:02d}-{int(day_only.group(2)):02d}"
        return Mention(kind="date", words=tuple(day_only.group().split()), value=value)
    month_only = re.match(rf"({month})(?= |$)(?! \d)", text) if before in _IN_MONTH else None
    if month_only:
        return Mention(kind="date", words=(words[at],), value=f"-{MONTHS[words[at]]:02d}")
    bare = re.match(r"(\d{1,2}) 月(?: (\d{1,2}) [日号]| 份)?(?: |$)(?! 底| 末)", text)
    if bare and 1 <= int(bare.group(1)) <= 12:
        value = f"-{int(bare.group(1)):02d}" + (f"-{int(bare.group(2)):02d}" if bare.group(2) else "")
        return Mention(kind="date", words=tuple(bare.group().split()), value=value)
    year_only = re.match(
        r"(1[0-9]\d\d|20\d\d)(?= |$)(?! (?:s\b|万|亿|元|people|million|euro|dollar|yuan|usd|eur|rmb|cny))", text
    )
    if year_only and at and words[at - 1] in _COMPARING and year_only.group(1) < "1900":
        return None
    return Mention(kind="date", words=(words[at],), value=year_only.group(1)) if year_only else None


def _partial(found: list[Mention], table: TypedTable, values: Values) -> Iterator[Mention]:
    """Runs of unknown words that stand within the cells of exactly one column are a part of its values."""
    at = 0
    while at < len(found):
        if found[at].kind != "unknown":
            yield found[at]
            at += 1
            continue
        end = at
        while end < len(found) and found[end].kind in ("unknown", "number") and end - at < _LONGEST:
            end += 1
        while end > at + 1 and found[end - 1].kind != "unknown":
            end -= 1
        run = tuple(word for one in found[at:end] for word in one.words)
        hit = None if _in_a_name(run, table) else _within(run, table, values)
        if hit is None:
            yield from found[at:end]
        else:
            column, text = hit
            yield Mention(kind="value", words=run, columns=(column,), value=text, whole=False)
        at = end


def _in_a_name(run: tuple[str, ...], table: TypedTable) -> bool:
    """审批 of 审批人 and 审批状态 is no part of a value 待审批."""
    text = "".join(run)
    return not text.isascii() and any(text in column.name for column in table.columns)


def _within(run: tuple[str, ...], table: TypedTable, values: Values) -> tuple[Column, str] | None:
    if len("".join(run)) < (2 if not run[0].isascii() else 4):
        return None
    sought = f" {' '.join(run)} "
    hits: dict[str, tuple[Column, str]] = {}
    for column in _texts(table):
        for value in values.get((table.key, column.key), ()):
            cell = tokens(value)
            if (len(cell) < 4 or len(run) > 1) and sought in f" {' '.join(cell)} ":
                between = r"[\W_]*"
                match = re.search(between.join(re.escape(word) for word in run), value, re.IGNORECASE)
                if match:
                    hits.setdefault(column.key, (column, match.group()))
    return next(iter(hits.values())) if len(hits) == 1 else None
