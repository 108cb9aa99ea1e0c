"""How answers, their sources and found passages look on a terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from gezhi.entrypoints.cli.output import cell, clean, shorten, table
from gezhi.types import Answer, AnswerMode, Citation, Computation, Evidence, PassageKind, Statement, UsedTable
from gezhi.types.language import language_of

AROUND = 140
"""Characters of the passage shown on either side of a quote."""
TABLE_ROWS = 20
BAR_WIDTH = 24
"""Characters of the longest bar."""
NEAREST = 3
"""Passages shown when the answer is refused."""
SAID = {
    "en": {
        "searched": "Searched as: {text}",
        "nearest": "Nearest passages:",
        "none_near": "No passage is near.",
        "page": ", page {n}",
        "row": "1 row",
        "rows": "{n:,} rows",
        "about": "about {n:,} rows",
        "very_many": "very many rows",
        "of_database": "{table} of {source}",
        "table_of": "{source} ({rows})",
        "computed": "Computed from {used}{behind}:",
        "behind": "; {rows} behind the answer",
        "more": "{n} rows; `gezhi tables query SQL --csv` prints all.",
        "tries": "Only {agreed} of {tries} tries of the model at the query gave this result: check the query.",
        "exact_model": "Exact, query by {model}.",
        "exact_rules": "Exact, query by rules, no chat model.",
        "quoted": "Quoted, no chat model.",
        "written": "Written by {model}; every citation was checked.",
        "left_out_1": " 1 unsupported statement left out.",
        "left_out": " {n} unsupported statements left out.",
        "trace": " Trace {id}.",
    },
    "zh": {
        "searched": "检索用语：{text}",
        "nearest": "最接近的段落：",
        "none_near": "没有相近的段落。",
        "page": "，第 {n} 页",
        "row": "1 行",
        "rows": "{n:,} 行",
        "about": "约 {n:,} 行",
        "very_many": "行数很多",
        "of_database": "{source} 的 {table}",
        "table_of": "{source}（{rows}）",
        "computed": "计算自 {used}{behind}：",
        "behind": "；答案由其中 {rows}得出",
        "more": "共 {n} 行；`gezhi tables query SQL --csv` 可全部列出。",
        "tries": "模型写查询的 {tries} 次尝试中只有 {agreed} 次得到这个结果，请核对查询。",
        "exact_model": "精确：由 {model} 写查询。",
        "exact_rules": "精确：按规则写查询，未用对话模型。",
        "quoted": "直接引自文档，未用对话模型。",
        "written": "由 {model} 撰写；每条引用都已核对。",
        "left_out_1": "略去 1 句：文档不足以支持。",
        "left_out": "略去 {n} 句：文档不足以支持。",
        "trace": "记录 {id}。",
    },
}
"""What stands around an answer, in the answer's language."""
_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2,}")
_QUERY_WORD = re.compile(r"[^\W\u3400-\u4dbf\u4e00-\u9fff]{2,}")


class Numbers:
    """Numbers passages [1], [2] as they are first cited."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, citation: Citation) -> int:
        return self._numbers.setdefault(citation.passage_id, len(self._numbers) + 1)


def statement_text(statement: Statement, numbers: Numbers) -> Text:
    text = Text(clean(statement.text))
    for number in dict.fromkeys(numbers.of(citation) for citation in statement.citations):
        text.append(f"[{number}]", style="cyan")
    return text


def print_answer(out: Console, answer: Answer, *, statements: bool = True) -> None:
    """The answer and its sources; `statements=False` prints what follows the statements."""
    if answer.standalone_question not in ("", answer.question):
        told = _said(answer.language, "searched", text=clean(answer.standalone_question, lines=False))
        out.print(Text(told, style="dim"))
    if answer.refusal is not None:
        _print_refusal(out, answer)
        for note in answer.notes:
            out.print(Text(clean(note.text), style="yellow"))
        return
    numbers = Numbers()
    lines = [statement_text(statement, numbers) for statement in answer.statements]
    if statements:
        out.print(Text("" if answer.language == "zh" else " ").join(lines))
    out.print()
    cited: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        cited.setdefault(citation.passage_id, []).append(citation)
    evidence = {e.passage.id: e for e in answer.evidence}
    for number, (passage_id, citations) in enumerate(cited.items(), start=1):
        _print_source(out, number, citations, evidence.get(passage_id), answer.language)
    if answer.computation is not None:
        _print_computation(out, answer.computation, answer.language)
    for note in answer.notes:
        out.print(Text(clean(note.text), style="yellow"))
    out.print(Text(_how(answer), style="dim"))


def _said(language: str, key: str, **parts: object) -> str:
    return SAID["zh" if language == "zh" else "en"][key].format(**parts)


def _print_computation(out: Console, done: Computation, language: str) -> None:
    if done.row_count > 1 or len(done.columns) > 1:
        drawn = bars(done)
        shown = table(*done.columns, *([""] if drawn else []))
        for row, bar in zip_longest(done.rows[:TABLE_ROWS], drawn[:TABLE_ROWS]):
            shown.add_row(*(cell("" if value is None else value) for value in row), *([bar] if bar else []))
        out.print(shown)
        if done.row_count > TABLE_ROWS:
            out.print(Text(_said(language, "more", n=done.row_count), style="dim"))
    used = ", ".join(clean(_table_told(one, language), lines=False) for one in done.tables)
    behind = _said(language, "behind", rows=_rows(done.rows_used, language)) if done.rows_used is not None else ""
    out.print(Text(_said(language, "computed", used=used, behind=behind), style="dim"))
    out.print(Text(f"  {clean(done.sql)}", style="dim"))
    if done.agreed < done.tries:
        out.print(Text(_said(language, "tries", agreed=done.agreed, tries=done.tries), style="yellow"))


def bars(done: Computation) -> list[Text]:
    """A bar for each row of a result that is better seen; those below zero in red."""
    if done.plot is None:
        return []
    numbers = [float(row[done.plot.value] or 0) for row in done.rows]
    longest = max(map(abs, numbers)) or 1.0
    eighths = [round(abs(number) / longest * BAR_WIDTH * 8) for number in numbers]
    return [
        Text("█" * (length // 8) + ("▏▎▍▌▋▊▉"[length % 8 - 1] if length % 8 else ""), "red" if number < 0 else "cyan")
        for length, number in zip(eighths, numbers, strict=True)
    ]


def _table_told(used: UsedTable, language: str) -> str:
    """A document by its source, of a connected database the table too; and how many rows it has."""
    of_database = used.id.startswith("database:")
    source = _said(language, "of_database", table=used.key, source=used.source) if of_database else used.source
    if used.counted:
        rows = _rows(used.rows, language)
    else:
        rows = _said(language, "about" if used.rows else "very_many", n=used.rows)
    return _said(language, "table_of", source=source, rows=rows)


def _rows(count: int, language: str) -> str:
    return _said(language, "row" if count == 1 else "rows", n=count)


def _how(answer: Answer) -> str:
    language, model = answer.language, clean(answer.model or "")
    if answer.mode is AnswerMode.COMPUTED:
        told = _said(language, "exact_model" if model else "exact_rules", model=model)
    elif answer.mode is AnswerMode.EXTRACTIVE:
        told = _said(language, "quoted")
    else:
        told = _said(language, "written", model=model or "a chat model")
    if answer.dropped and answer.mode is not AnswerMode.COMPUTED:
        told += _said(language, "left_out_1" if answer.dropped == 1 else "left_out", n=answer.dropped)
    return told + (_said(language, "trace", id=answer.trace_id[:8]) if answer.trace_id else "")


def _print_refusal(out: Console, answer: Answer) -> None:
    assert answer.refusal is not None
    out.print(Text(clean(answer.refusal.message), style="yellow"))
    out.print("\n" + _said(answer.language, "nearest" if answer.evidence else "none_near"))
    for evidence in answer.evidence[:NEAREST]:
        passage = evidence.passage
        out.print(_place(evidence.title, evidence.source, passage.page, passage.headings, answer.language))
        out.print(
            Padding(Text(snippet(evidence.passage.text, answer.question, 240), style="dim"), (0, 0, 0, 4), expand=False)
        )


def _print_source(
    out: Console, number: int, citations: Sequence[Citation], evidence: Evidence | None, language: str
) -> None:
    first = citations[0]
    headings = evidence.passage.headings if evidence else ()
    page = first.page or (evidence.passage.page if evidence else None)
    out.print(Text().append(f"[{number}] ", style="cyan") + _place(first.title, first.source, page, headings, language))
    if evidence is None:
        text, begin, as_lines = first.quote, first.start, False
    else:
        passage = evidence.passage
        text, begin, as_lines = passage.text, passage.start, passage.kind is PassageKind.TABLE_ROWS
    spans = sorted((c.start - begin, c.end - begin) for c in citations)
    plain = out.color_system is None
    out.print(Padding(quoted(text, spans, as_lines=as_lines, plain=plain), (0, 0, 0, 4), expand=False))


def _place(title: str, source: str, page: int | None, headings: Sequence[str], language: str) -> Text:
    name, source = clean(title, lines=False), clean(source, lines=False)
    place = Text()
    if name and name != source:
        place.append(name, style="bold").append(" — ")
    place.append(source)
    if page is not None:
        place.append(_said(language, "page", n=page))
    within = [heading for h in headings if (heading := clean(h, lines=False)) != name]
    if within:
        place.append(" › " + " › ".join(within), style="dim")
    return place


def quoted(text: str, spans: Sequence[tuple[int, int]], *, as_lines: bool, plain: bool) -> Text:
    """The passage around its quotes, these marked: by style, or « » where there is none."""
    shown = Text()
    at = 0
    spans = _merged(spans, len(text))
    for index, (start, end) in enumerate(spans):
        until = spans[index + 1][0] if index + 1 < len(spans) else len(text)
        before, after = max(at, start - AROUND), min(until, end + AROUND)
        if before > at:
            shown.append(" … " if at else "…")
        shown.append(_flow(text[before:start], as_lines), style="dim")
        quote = _flow(text[start:end], as_lines)
        shown.append(f"«{quote}»" if plain else quote, style="bold black on yellow")
        shown.append(_flow(text[end:after], as_lines), style="dim")
        at = after
    if text[at:].strip():
        shown.append("…")
    shown.rstrip()
    return shown


def _merged(spans: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        start, end = max(0, start), min(length, end)
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        elif start < end:
            merged.append((start, end))
    return merged


def _flow(text: str, as_lines: bool) -> str:
    """Prose flows over its line breaks; rows of a table stay lines."""
    return clean(text) if as_lines else re.sub(r"\s+", " ", clean(text))


def snippet(text: str, query: str, length: int) -> str:
    """The part of a text that holds the most words of the query, as one line."""
    low = text.casefold()
    words = {word for word in _QUERY_WORD.findall(query.casefold()) if not word.isascii() or len(word) > 3}
    words |= {run[at : at + 2] for run in _HAN_RUN.findall(query) for at in range(len(run) - 1)}
    places = sorted((match.start(), word) for word in words for match in re.finditer(re.escape(word), low))
    at, best = 0, (0, 0)
    for first, (place, _) in enumerate(places):
        ends: dict[str, int] = {}
        for other, word in places[first:]:
            if other + len(word) > place + length * 3 // 4:
                break
            ends.setdefault(word, other + len(word))
        held = sum(map(len, ends)), place - max(ends.values(), default=place)  # most of the words, closest together
        if held > best:
            at, best = place, held
    start = max(0, at - length // 4) if at > length // 2 else 0
    return ("…" if start else "") + shorten(text[start:], length - bool(start))


def print_evidence(out: Console, found: Sequence[Evidence], query: str) -> None:
    """Each passage as lines: a table has no room for its words on most terminals."""
    for rank, evidence in enumerate(found, start=1):
        passage = evidence.passage
        by = ", ".join(f"{f.retriever} #{f.rank}" for f in evidence.found_by)
        if evidence.connections:
            by += f" by {', '.join(c.entity for c in evidence.connections)}"
        number = Text(f"{rank}. ".rjust(4), style="cyan")
        out.print(number + _place(evidence.title, evidence.source, passage.page, passage.headings, language_of(query)))
        out.print(Padding(Text(snippet(passage.text, query, 240)), (0, 0, 0, 4), expand=False))
        out.print(Padding(cell(f"{evidence.score:.3f} · {by}", "dim"), (0, 0, 0, 4), expand=False))
