"""Questions about the store itself: how many documents there are, how many and which of them say something. Counted
over every passage that the asker may see, not over the few that a search would show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gezhi.answer.exact.say import LISTED, say
from gezhi.answer.numbered import Sentence, sentences_of
from gezhi.retrieve.graph.browse import entity_page
from gezhi.retrieve.tables.workspace import QueryResult, Workspace
from gezhi.store.protocol import Store
from gezhi.types import Evidence, Filters, Found, NotFound, Scope
from gezhi.types.language import language_of
from gezhi.types.tables import TypedTable

CITED = 3
"""Passages shown of those that say it."""
LONGEST_PHRASE = 80
_COUNT, _LIST = "count(DISTINCT document_id)", "DISTINCT title, source"
_FORMATS = {
    "pdf": ("pdf", "pdfs"),
    "word": ("word",),
    "spreadsheet": ("excel", "spreadsheet", "spreadsheets", "电子表格", "表格"),
    "slides": ("powerpoint", "slide", "slides", "幻灯片"),
    "markdown": ("markdown",),
    "html": ("html", "网页"),
    "csv": ("csv",),
    "json": ("json",),
    "text": ("text", "文本"),
    "email": ("email", "邮件"),
}
_ALIASES = {word: kind for kind, words in _FORMATS.items() for word in words}
_FORMAT = rf"(?P<format>{'|'.join(sorted(_ALIASES, key=len, reverse=True))})"
_DOCUMENTS = r"(?:documents?|files?)"
_SAY = r"(?:mentions?|names?|says?|contains?|refers? to|talks? about|speaks? of)"
_HERE = (
    r"(?: (?:are (?:there|stored|indexed|loaded)|do (?:i|we|you) have|have (?:been|i|we|you) (?:added|stored|indexed)|"
    r"in total|altogether|now|here|in (?:the|this|my|our|your) (?:store|library|knowledge base|collection)))+"
)
_ASK = r"(?:请问|请)?(?:现在|目前)?(?:(?:知识)?库(?:里面?|中|内)?|这里)?"
_SOME = r"(?:多少|几)(?:个|份|篇|本)?"
_TITLED = r"(?:文档|文件|资料)"
_NAMED = r"(?:提到|提及|涉及|包含|写到|出现)(?:过|了)?"
_WHICH = r"(?:哪些|哪几(?:个|份|篇)|哪(?:个|份|篇))"
_COUNT_ALL = (
    re.compile(rf"how many (?:(?:{_FORMAT}) )?{_DOCUMENTS}{_HERE}", re.IGNORECASE),
    re.compile(rf"how many (?P<format>pdfs){_HERE}", re.IGNORECASE),
    re.compile(rf"{_ASK}(?:一共|总共|共)?有{_SOME}(?:{_FORMAT}(?:格式的)?)?{_TITLED}", re.IGNORECASE),
)
_COUNT_SAYING = (
    re.compile(rf"(?:in )?how many (?:of (?:the|my|our) )?{_DOCUMENTS} {_SAY} (?P<phrase>.+)", re.IGNORECASE),
    re.compile(rf"in how many {_DOCUMENTS} (?:is|are|was|were) (?P<phrase>.+?) (?:mentioned|named)", re.IGNORECASE),
    re.compile(rf"{_ASK}(?:一共|总共|共)?有?{_SOME}{_TITLED}(?:中|里)?{_NAMED}(?P<phrase>.+)"),
    re.compile(rf"(?P<phrase>.+?)(?:一共|总共|共)?(?:出现|被提到|被提及)在(?:了)?{_SOME}{_TITLED}(?:中|里)?"),
)
_LIST_SAYING = (
    re.compile(rf"(?:which|what) (?:of (?:the|my|our) )?{_DOCUMENTS} {_SAY} (?P<phrase>.+)", re.IGNORECASE),
    re.compile(
        rf"(?:list|show|name) (?:me )?(?:all |the |all the )?{_DOCUMENTS} (?:that|which) {_SAY} (?P<phrase>.+)",
        re.IGNORECASE,
    ),
    re.compile(rf"{_ASK}(?:有)?{_WHICH}{_TITLED}(?:中|里)?{_NAMED}(?P<phrase>.+)"),
    re.compile(rf"列出(?:所有|全部)?{_NAMED}(?P<phrase>.+?)的(?:所有|全部)?{_TITLED}"),
    re.compile(rf"(?P<phrase>.+?)(?:出现|被提到|被提及)在(?:了)?{_WHICH}{_TITLED}(?:中|里)?"),
)
_QUOTES = "\"'“”‘’「」《》 "


@dataclass(frozen=True, kw_only=True, slots=True)
class LibraryAnswer:
    text: str
    result: QueryResult
    table: TypedTable
    """The view that was read."""
    evidence: tuple[Evidence, ...]
    """The first passages that say it."""
    cited: tuple[Sentence, ...]


def answer_from_library(question: str, store: Store, scope: Scope, filters: Filters) -> LibraryAnswer | None:
    """None if it is not such a question, or if no passage says its words: then it may mean them otherwise."""
    if filters != Filters():
        return None  # the views hold the whole store
    asked = " ".join(question.strip().rstrip("?？。.!！").split())
    for pattern in _COUNT_ALL:
        if found := pattern.fullmatch(asked):
            return _counted(question, store, scope, _ALIASES.get((found["format"] or "").casefold(), ""))
    for select, patterns in ((_COUNT, _COUNT_SAYING), (_LIST, _LIST_SAYING)):
        for pattern in patterns:
            if found := pattern.fullmatch(asked):
                return _saying(question, found["phrase"], select, store, scope)
    return None


def _counted(question: str, store: Store, scope: Scope, kind: str) -> LibraryAnswer:
    table = next(view for view in store.views(scope) if view.key == "documents")
    where = f" WHERE format = '{kind}'" if kind else ""
    result = _run(f"SELECT count(*) FROM documents{where}", table, store.view_values(table.id, scope))
    return LibraryAnswer(text=say(question, result, [table]), result=result, table=table, evidence=(), cited=())


def _saying(question: str, said: str, select: str, store: Store, scope: Scope) -> LibraryAnswer | None:
    phrase = said.strip(_QUOTES)
    if not 1 < len(phrase) <= LONGEST_PHRASE:
        return None
    phrases = (phrase, *_other_names(phrase, store, scope))
    says = re.compile("|".join(_bounded(one) for one in phrases), re.IGNORECASE)
    table = next(view for view in store.views(scope) if view.key == "passages")
    text = [column.key for column in table.columns].index("text")
    rows = [row for row in store.view_values(table.id, scope, names=phrases) if says.search(str(row[text]))]
    if not rows and phrase == said.strip() and len(phrase.split()) > 1:
        return None  # a few words may be meant in other words; a quoted phrase or a single word is not
    where = " OR ".join(f"text LIKE '%{_escaped(one)}%'" for one in phrases)
    result = _run(f"SELECT {select} FROM passages WHERE {where}", table, rows)
    first = {row[1]: str(row[0]) for row in reversed(rows)}  # one of each document
    hits = store.passages(list(reversed(first.values()))[:CITED], scope)
    evidence = tuple(
        Evidence(
            passage=hit.passage,
            source=hit.source,
            title=hit.title,
            revision=hit.revision,
            score=1.0,
            found_by=(Found(retriever="tables", rank=rank, score=1.0),),
        )
        for rank, hit in enumerate(hits, start=1)
    )
    cited = [_sentence(number, one, says) for number, one in enumerate(evidence, start=1)]
    return LibraryAnswer(
        text=_titles(question, result) if select == _LIST and rows else say(question, result, [table]),
        result=result,
        table=table,
        evidence=evidence,
        cited=tuple(cited),
    )


def _titles(question: str, result: QueryResult) -> str:
    """The first titles; their sources stand in the table beside."""
    chinese = language_of(question) == "zh"
    text = ("、" if chinese else ", ").join(str(row[0]) for row in result.rows[:LISTED])
    if (more := result.row_count - LISTED) > 0:
        text += f"，另有 {more:,} 个" if chinese else f" and {more:,} more"
    return text + ("。" if chinese else ".")


def _run(sql: str, table: TypedTable, rows: Sequence[Sequence[object]]) -> QueryResult:
    space = Workspace()
    try:
        space.add(table, rows)  # type: ignore[arg-type]
        return space.run(sql)
    finally:
        space.close()


def _sentence(number: int, evidence: Evidence, says: re.Pattern[str]) -> Sentence:
    text = evidence.passage.text
    spans = sentences_of(evidence.passage)
    start, end = next((span for span in spans if says.search(text[slice(*span)])), spans[0])
    return Sentence(number=number, evidence=evidence, start=start, end=end)


def _other_names(phrase: str, store: Store, scope: Scope) -> list[str]:
    """Abbreviations and translations that documents give for it."""
    try:
        page = entity_page(store.graph(scope, Filters()), phrase, limit=0)
    except NotFound:
        return []
    others = [page.label, *(other.label for other in page.other_names)]
    return [one for one in dict.fromkeys(others) if one.casefold() != phrase.casefold()]


def _bounded(phrase: str) -> str:
    """As whole words where it is written in letters that form words: PPR-906 is not said by PPR-9065."""
    left = r"(?<![0-9A-Za-z])" if phrase[0].isascii() and phrase[0].isalnum() else ""
    right = r"(?![0-9A-Za-z])" if phrase[-1].isascii() and phrase[-1].isalnum() else ""
    return f"{left}{re.escape(phrase)}{right}"


def _escaped(phrase: str) -> str:
    return phrase.replace("'", "''")


def why_library(question: str) -> str:
    return "它问的是库里的文档本身" if language_of(question) == "zh" else "it asks about the documents themselves"
