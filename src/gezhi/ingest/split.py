"""Split a document into passages along its structure.

Headings become the path of what follows; prose is cut at sentence borders; tables are cut between rows and keep
their header. A passage is always one span of the document's text, so citations can point into the document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gezhi.types import Block, BlockKind, Document, Passage, PassageKind
from gezhi.types.language import Span, cjk_count, line_spans, sentence_spans

SPLITTER_VERSION = "2"

TARGET_WIDTH = 1100
"""Width at which a passage is full. Multilingual-e5 reads 512 tokens: about 280 tokens stay well inside, and
leave each vector one topic."""
TABLE_WIDTH = 500
"""Width of a piece of a table: a question asks for a row or two, and a vector of thirty rows resembles none of them."""
SMALL_WIDTH = 300
"""Sections below this width are joined with the next section of the same parent."""
CJK_WIDTH = 2.6
"""A Chinese character carries about as much as this many Latin letters (tokens of multilingual-e5, measured on
the sample documents)."""


@dataclass(slots=True)
class _Draft:
    """A passage being filled: a span and what it is about."""

    start: int
    end: int
    lead: int
    """Where the heading just above begins; `start` if there is none."""
    headings: tuple[str, ...]
    page: int | None
    kind: PassageKind = PassageKind.PROSE
    header: tuple[str, ...] = ()
    bare_heading: bool = False


def width(text: str) -> float:
    return len(text) + (CJK_WIDTH - 1) * cjk_count(text)


def split(document: Document) -> list[Passage]:
    """Return the passages of a document, in order; every non-blank character outside headings is in one."""
    drafts = _join_small(document.text, list(_drafts(document)))
    return [
        Passage(
            document_id=document.id,
            ordinal=ordinal,
            start=draft.start,
            end=draft.end,
            text=document.text[draft.start : draft.end],
            headings=draft.headings,
            kind=draft.kind,
            page=draft.page,
            table_header=draft.header,
        )
        for ordinal, draft in enumerate(drafts)
    ]


def _drafts(document: Document) -> Iterator[_Draft]:
    """Walk the blocks with the heading path; yield filled drafts."""
    text = document.text
    path: list[tuple[int, str]] = []
    pending: Block | None = None
    lead: int | None = None
    current: _Draft | None = None
    for block in document.blocks:
        if block.kind is BlockKind.HEADING:
            if current is not None:
                yield current
                current = None
            elif pending is not None and block.level <= pending.level:
                yield _heading_draft(pending, path)  # a deeper heading would carry it in its path
            while path and path[-1][0] >= block.level:
                path.pop()
            path.append((block.level, " ".join(text[block.start : block.end].split()).lstrip("# ")))
            pending, lead = block, block.start
            continue
        headings = tuple(title for _, title in path)
        pending = None
        if block.kind is BlockKind.TABLE:
            if current is not None:
                yield current
                current = None
            yield from _table_drafts(text, block, headings)
            continue
        for start, end in _pieces(text, block):
            if current is not None and width(text[current.start : end]) <= TARGET_WIDTH:
                current.end = end
                continue
            if current is not None:
                yield current
            current = _Draft(
                start=start, end=end, lead=start if lead is None else lead, headings=headings, page=block.page
            )
            lead = None
    if current is not None:
        yield current
    elif pending is not None:
        yield _heading_draft(pending, path)


def _heading_draft(block: Block, path: Sequence[tuple[int, str]]) -> _Draft:
    """A heading with nothing below it (a title slide) still says something."""
    above = tuple(title for level, title in path if level < block.level)
    return _Draft(
        start=block.start, end=block.end, lead=block.start, headings=above, page=block.page, bare_heading=True
    )


def _pieces(text: str, block: Block) -> Iterator[Span]:
    """Cut a block that is too wide: at sentences (lines for code), at the width itself where there are none."""
    if width(text[block.start : block.end]) <= TARGET_WIDTH:
        yield block.start, block.end
        return
    inside = text[block.start : block.end]
    spans = line_spans(inside) if block.kind is BlockKind.CODE else sentence_spans(inside)
    start: int | None = None
    end = 0
    for piece_start, piece_end in (p for span in spans for p in _hard_cut(inside, span)):
        if start is not None and width(inside[start:piece_end]) > TARGET_WIDTH:
            yield block.start + start, block.start + end
            start = None
        start = piece_start if start is None else start
        end = piece_end
    if start is not None:
        yield block.start + start, block.start + end


def _hard_cut(text: str, span: Span) -> Iterator[Span]:
    start, end = span
    while width(text[start:end]) > TARGET_WIDTH:
        ratio = width(text[start:end]) / (end - start)
        cut = start + max(1, int(TARGET_WIDTH / ratio))
        space = text.rfind(" ", start + (cut - start) // 2, cut)
        cut = space if space > start else cut
        yield start, cut
        start = cut + (text[cut : cut + 1] == " ")
    if start < end:
        yield start, end


def _table_drafts(text: str, block: Block, headings: tuple[str, ...]) -> Iterator[_Draft]:
    table = block.table
    header = table.header if table else ()
    if table and table.name and (not headings or headings[-1] != table.name):
        headings = (*headings, table.name)
    rows = [(row.start, row.end) for row in table.rows] if table else []
    if not rows:
        rows = [(block.start + s, block.start + e) for s, e in line_spans(text[block.start : block.end])]
        header = ()
    rows = [piece for row in rows for piece in _hard_cut(text, row)]
    start, end = rows[0]
    for row_start, row_end in rows[1:]:
        if width(text[start:row_end]) > TABLE_WIDTH:
            yield _table_draft(start, end, headings, block, header)
            start = row_start
        end = row_end
    yield _table_draft(start, end, headings, block, header)


def _table_draft(start: int, end: int, headings: tuple[str, ...], block: Block, header: tuple[str, ...]) -> _Draft:
    return _Draft(
        start=start,
        end=end,
        lead=start,
        headings=headings,
        page=block.page,
        kind=PassageKind.TABLE_ROWS,
        header=header,
    )


def _join_small(text: str, drafts: list[_Draft]) -> list[_Draft]:
    """Join short prose sections of one parent: numbered clauses, questions and answers, slides' lines.

    The headings between them are inside the joined span; the path shrinks to what they share."""
    joined: list[_Draft] = []
    for draft in drafts:
        last = joined[-1] if joined else None
        if last is not None and _may_join(text, last, draft):
            shared = _shared(last, draft)
            if len(shared) < len(last.headings):
                last.start = last.lead
            last.headings = shared
            last.end = draft.end
            last.bare_heading = False
        else:
            joined.append(draft)
    return joined


def _may_join(text: str, last: _Draft, draft: _Draft) -> bool:
    if PassageKind.TABLE_ROWS in (last.kind, draft.kind) or last.page != draft.page:
        return False
    small = last.bare_heading or width(text[last.start : last.end]) < SMALL_WIDTH
    related = last.headings[:-1] == draft.headings[:-1] or last.headings == draft.headings[: len(last.headings)]
    return small and related and width(text[last.start : draft.end]) <= TARGET_WIDTH


def _shared(last: _Draft, draft: _Draft) -> tuple[str, ...]:
    shared: list[str] = []
    for left, right in zip(last.headings, draft.headings, strict=False):
        if left != right:
            break
        shared.append(left)
    return tuple(shared)
