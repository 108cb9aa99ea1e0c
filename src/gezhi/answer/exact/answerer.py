"""From a question to a computed statement with the rows behind it, or to nothing, if no table answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gezhi.answer.cite import cite
from gezhi.answer.exact.cells.run import answer_from_statement, tell
from gezhi.answer.exact.exact import Exact, answer_exactly, values_of
from gezhi.answer.exact.library import answer_from_library, why_library
from gezhi.answer.exact.plot import plot_of
from gezhi.answer.exact.ranked import with_amount
from gezhi.answer.exact.reader import Reading, Values, read
from gezhi.answer.exact.reader.read import CannotRead, names_rows
from gezhi.answer.exact.reader.said.follow import goes_on
from gezhi.answer.exact.reasons import GONE, NO_ROW, NO_TABLE, cannot
from gezhi.answer.exact.route import Route, RouteKind, fit, route
from gezhi.answer.exact.say import is_chinese, rows_behind, say
from gezhi.answer.exact.told import told_in_text
from gezhi.answer.exact.writing.writer import MOST_REPAIRS
from gezhi.llm.protocol import ChatModel
from gezhi.retrieve import Retrieval
from gezhi.retrieve.tables.by_table import ByTable, Candidate, unique_keys
from gezhi.retrieve.tables.check import CAP
from gezhi.retrieve.tables.connected.catalogue import database_of
from gezhi.retrieve.tables.connected.databases import Databases
from gezhi.retrieve.tables.connected.dialect import count_of
from gezhi.retrieve.tables.workspace import QueryResult, Space, quoted
from gezhi.store.protocol import Hit, Store
from gezhi.trace import span
from gezhi.types import (
    Citation,
    Computation,
    Evidence,
    Filters,
    Found,
    PassageKind,
    Query,
    SqlFailed,
    SqlRefused,
    Statement,
    Usage,
    UsedTable,
)
from gezhi.types.tables import TypedRow, TypedTable

CITED_ROWS = 3
SHOWN_ROWS = 100
NEAREST, MOST_OF_NEAREST = 5, 3
"""Of so many nearest passages, so many are rows of one table."""
_DISTRIBUTES = frozenset(["每", "各", "分 别", "分别", "each", "per", "every"])
"""Alone they ask for no calculation: `per share`."""
LIKELY = 0.6
"""Share of the question's words that a table must account for, before a model is asked for SQL a second time."""
NEAR = 40
"""Passages found by words and by meaning whose tables may be asked for."""
MOST_SHOWN = 80
"""Characters of a sentence that the reason quotes."""
_HELD = 200
"""Passages looked through for the one that holds a row."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Computed:
    route: Route
    statement: Statement | None
    """None if no query answers it."""
    computation: Computation | None
    evidence: tuple[Evidence, ...]
    reason: str
    """Why nothing was computed, in the question's language."""
    usage: Usage
    background: bool = False
    """Whether it only helps to find what is asked."""
    over_rows: Mapping[str, int] = field(default_factory=dict)
    """Of a question over all rows of tables that nothing was computed for: their documents, and how many rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Made:
    """What was made of a question over some tables."""

    tables: list[TypedTable]
    space: Space
    reading: Reading | CannotRead
    way: Route

    @property
    def rank(self) -> tuple[bool, bool]:
        return isinstance(self.reading, Reading), self.way.kind is not RouteKind.OPEN


class ExactAnswers:
    def __init__(
        self, store: Store, retrieval: Retrieval, chat: ChatModel | None, databases: Databases | None = None
    ) -> None:
        self._store, self._retrieval, self._chat = store, retrieval, chat
        self._tables = ByTable(store, databases=databases)

    def attempt(
        self,
        query: Query,
        *,
        force: RouteKind | None = None,
        by_model: bool = True,
        leaning: Sequence[str] = (),
    ) -> Computed | None:
        """None if the question is open, or no table is near it. `by_model`: whether the chat model may write the query
        where rules cannot. `leaning`: the questions that the query's text was put together from, read by rules one
        after the other. Raises ModelUnavailable and ModelFailed."""
        by_model = by_model and self._chat is not None
        decided = self._decided(query, force, by_model=by_model, leaning=leaning)
        if not isinstance(decided, _Made):
            return decided
        way, space = decided.way, decided.space
        if way.kind is RouteKind.OPEN:
            return None
        text = way.asked or query.text
        reading = read(text, decided.tables, values_of(space)) if way.asked else decided.reading
        with span("answer.compute") as here:
            repairs = MOST_REPAIRS if way.forced or way.coverage >= LIKELY else 0
            chat = self._chat if by_model else None
            exact = answer_exactly(
                text, space, chat, self._store.terms_of, reading, repairs=repairs, sure=not way.forced
            )
            here.set(gezhi__by=exact.by, gezhi__sql=exact.sql, gezhi__reason=exact.reason)
            here.set(gezhi__tries=exact.tries, gezhi__agreed=exact.agreed)
        if exact.result is None or not exact.result.rows:
            reason = cannot(query.text, exact.reason.rstrip(".。") or NO_ROW, by_model=exact.by == "model")
            return Computed(
                route=way, statement=None, computation=None, evidence=(), reason=reason, usage=exact.usage,
                over_rows=_over_rows(text, decided.tables, values_of(space)),
            )  # fmt: skip
        made = self._computed(replace(query, text=text), way, exact, exact.result, space, decided.tables)
        read_so = way.forced and isinstance(decided.reading, Reading)
        if leaning and way.kind is RouteKind.BOTH and not read_so:  # an earlier question was computed again
            return replace(
                made, background=True, over_rows={table.document_id: table.row_count for table in decided.tables}
            )
        return made

    def decide(self, query: Query, *, by_model: bool = True) -> Route:
        """Which way a question goes; nothing is asked of a model. `by_model`: as if one could write the query."""
        decided = self._decided(query, None, by_model=by_model, leaning=())
        if decided is None:
            return Route(kind=RouteKind.OPEN, reason=NO_TABLE)
        return decided.way if isinstance(decided, _Made) else decided.route

    def _decided(
        self, query: Query, force: RouteKind | None, *, by_model: bool, leaning: Sequence[str]
    ) -> Computed | _Made | None:
        """How a question is to be computed, or already what came of it where rules alone could say; None if it is
        open, or no table is near it."""
        if force is RouteKind.OPEN:
            return None
        if not leaning and (told := self._from_library(query, force)) is not None:
            return told
        if force is None and not self._tables.catalogue(query.scope, query.filters):
            return None
        with span("answer.route") as here:
            near = self._retrieval.retrieve(replace(query, limit=NEAR), self._retrieval.first_stage)
            groups = self._tables.groups(query, near)
            if groups and not leaning and (cells := self._from_statement(query, groups, force)) is not None:
                here.set(gezhi__route=cells.route.kind.value, gezhi__reason=cells.route.reason)
                return cells
            made = self._fitting(query, near, groups, force, by_model=by_model, leaning=leaning)
            if made is None:
                here.set(gezhi__route=RouteKind.OPEN.value, gezhi__reason=NO_TABLE)
                return _nothing(query, Route(kind=force, reason=NO_TABLE, forced=True)) if force else None
            here.set(gezhi__route=made.way.kind.value, gezhi__reason=made.way.reason)
            return made

    def _fitting(
        self,
        query: Query,
        near: Sequence[Evidence],
        groups: Sequence[Sequence[Candidate]],
        force: RouteKind | None,
        *,
        by_model: bool,
        leaning: Sequence[str],
    ) -> _Made | None:
        """The question read over the tables that it may be about: of the store, or of one database. The likeliest
        come first; others are taken where only they can be read."""
        best: _Made | None = None
        for candidates in groups:
            tables = unique_keys([one.table for one in candidates])
            space = self._tables.workspace([one.table for one in candidates], query.scope)
            values = values_of(space)
            asked = (leaning or (query.text,))[-1]
            whole = read(asked, tables, values) if leaning and not goes_on(asked) else None
            if isinstance(whole, Reading) and names_rows(asked, whole.plan.table, values):
                reading: Reading | CannotRead = whole  # `how many employees have their birthday in May?`
            else:
                reading = read(asked, tables, values, leaning[:-1], strict=self._chat is not None)
            way = route(query.text, tables, values, reading, force=force)
            if leaning and force is None:
                way = self._going_on(way, reading, leaning, tables, values)
            if way.kind is RouteKind.OPEN and force is None and by_model:
                way = _across(query.text, tables, values, near) or way
            made = _Made(tables=tables, space=space, reading=reading, way=way)
            if best is None or made.rank > best.rank:
                best = made
            if isinstance(reading, Reading):
                break
        if best is None or isinstance(best.reading, Reading) or best.way.kind is not RouteKind.EXACT or force:
            return best
        told = told_in_text(query.text, near, self._store)
        if told is None:
            return best
        reason = f"a sentence says it: “{' '.join(told.text.split())[:MOST_SHOWN]}”"
        return replace(best, way=Route(kind=RouteKind.OPEN, reason=reason, coverage=best.way.coverage))

    def _going_on(
        self,
        way: Route,
        reading: Reading | CannotRead,
        leaning: Sequence[str],
        tables: Sequence[TypedTable],
        values: Values,
    ) -> Route:
        """Of a question that goes on from others: what rules read of it, or of the one before, is for a table."""
        if isinstance(reading, Reading):
            return replace(way, kind=RouteKind.EXACT, asked="")
        if reading.unknown or not isinstance(read(leaning[-2], tables, values, leaning[:-2]), Reading):
            return way
        reason = "it goes on from a question that a table answered"
        return replace(way, kind=RouteKind.EXACT, reason=reason, asked="", only=self._chat is None)

    def _from_library(self, query: Query, force: RouteKind | None) -> Computed | None:
        """What the store says of itself, if the question asks that."""
        with span("answer.library") as here:
            told = answer_from_library(query.text, self._store, query.scope, query.filters)
            if told is None:
                return None
            here.set(gezhi__sql=told.result.sql)
        cited = cite(told.text, told.cited, offset=0, store=self._store, scope=query.scope)
        return Computed(
            route=Route(kind=RouteKind.EXACT, reason=why_library(query.text), coverage=1.0, forced=force is not None),
            statement=cited or Statement(text=told.text, citations=()),
            computation=_computation(told.result, "rules", [told.table], None),
            evidence=told.evidence,
            reason="",
            usage=Usage(),
        )

    def _from_statement(
        self, query: Query, groups: Sequence[Sequence[Candidate]], force: RouteKind | None
    ) -> Computed | None:
        """Cells of a statement, if the question names their row and column."""
        found = answer_from_statement(query.text, groups[0], self._tables, query.scope)
        if found is None or force is RouteKind.BOTH:
            return None
        table = found.cells.table
        citations, evidence = self._cite([(table, row) for row in found.rows[:CITED_ROWS]], query)
        if not citations:
            return None
        reason = f"it names a row and a column of the table {table.name}"
        return Computed(
            route=Route(kind=RouteKind.EXACT, reason=reason, coverage=found.cells.covered, forced=force is not None),
            statement=_statement(tell(query.text, found), citations),
            computation=_computation(found.result, "rules", [table], len(found.rows)),
            evidence=evidence,
            reason="",
            usage=Usage(),
        )

    def _computed(
        self, query: Query, way: Route, exact: Exact, result: QueryResult, space: Space, tables: list[TypedTable]
    ) -> Computed:
        result, ranked = _with_amount(result, space)
        used = [table for table in tables if _names(result.sql, table.key)] or tables[:1]
        count, rows = self._rows_behind(result.sql, space, used, query)
        citations, evidence = self._cite(rows, query)
        statement = _statement(say(query.text, result, used, ranked=ranked), citations)
        stands = bool(citations)
        if database_of(used[0].id):  # there is no document to cite, only the query; what the catalogue counted is old
            stands, used = True, [_counted(one, space) for one in used]
        computation = replace(_computation(result, exact.by, used, count), tries=exact.tries, agreed=exact.agreed)
        return Computed(
            route=way,
            statement=statement if stands else None,
            computation=computation,
            evidence=evidence,
            reason="" if stands else cannot(query.text, GONE),
            usage=exact.usage,
        )

    def _rows_behind(
        self, sql: str, space: Space, used: Sequence[TypedTable], query: Query
    ) -> tuple[int | None, list[tuple[TypedTable, TypedRow]]]:
        """How many rows the result is made of, and the first of them; of a join, the first row of each table."""
        if database_of(used[0].id):
            return _count_behind(sql, space, used), []
        behind = rows_behind(sql)
        if behind is not None and len(used) == 1:
            try:
                found = space.run_unchecked(behind.sql)
            except (SqlFailed, SqlRefused):
                found = None
            if found is not None and found.rows:
                ordinals = [int(row[0]) for row in found.rows[:CITED_ROWS] if isinstance(row[0], int)]
                rows = self._tables.rows(used[0], ordinals, query.scope)
                return found.row_count, [(used[0], row) for row in rows]
            if found is not None:
                return 0, [(used[0], row) for row in self._tables.rows(used[0], [1], query.scope)]
        return None, [(table, row) for table in used for row in self._tables.rows(table, [1], query.scope)]

    def _cite(
        self, rows: Sequence[tuple[TypedTable, TypedRow]], query: Query
    ) -> tuple[list[Citation], tuple[Evidence, ...]]:
        citations: list[Citation] = []
        evidence: dict[str, Evidence] = {}
        for table, row in rows:
            hit = self._passage_of(table, row, query)
            if hit is None:
                continue
            passage = hit.passage
            quote = passage.text[row.start - passage.start : row.end - passage.start]
            evidence.setdefault(
                passage.id,
                Evidence(
                    passage=passage,
                    source=hit.source,
                    title=hit.title,
                    revision=hit.revision,
                    score=1.0,
                    found_by=(Found(retriever="tables", rank=len(evidence) + 1, score=1.0),),
                ),
            )
            citations.append(
                Citation(
                    answer_start=0,
                    answer_end=0,
                    passage_id=passage.id,
                    document_id=passage.document_id,
                    source=hit.source,
                    title=hit.title,
                    revision=hit.revision,
                    start=row.start,
                    end=row.end,
                    quote=quote,
                    page=passage.page,
                )
            )
        return citations, tuple(evidence.values())

    def _passage_of(self, table: TypedTable, row: TypedRow, query: Query) -> Hit | None:
        """The passage that a row stands in."""
        if row.end <= row.start:
            return None
        within = Filters(documents=frozenset({table.document_id}))
        for hit in self._store.search_words(" ".join(row.texts), query.scope, within, _HELD):
            if hit.passage.start <= row.start and row.end <= hit.passage.end:
                return hit
        return None


def _statement(text: str, citations: Sequence[Citation]) -> Statement:
    whole = tuple(replace(one, answer_start=0, answer_end=len(text)) for one in citations)
    return Statement(text=text, citations=whole)


def _with_amount(result: QueryResult, space: Space) -> tuple[QueryResult, bool]:
    """What is the largest, with how large it is, where the same rows can be had with it."""
    more = with_amount(result.sql.removesuffix(CAP))
    if more is None:
        return result, False
    try:
        ranked = space.run(more)
    except (SqlFailed, SqlRefused):
        return result, False
    same = [row[:1] for row in ranked.rows] == list(result.rows)
    return (ranked, True) if same else (result, False)


def _count_behind(sql: str, space: Space, used: Sequence[TypedTable]) -> int | None:
    """Rows of a connected table that a result is made of; None if that cannot be told, or not in time."""
    behind = rows_behind(sql)
    if behind is None or len(used) != 1:
        return None
    try:
        return int(str(space.run(count_of(behind.sql)).rows[0][0]))
    except (SqlFailed, SqlRefused):
        return None


def _counted(table: TypedTable, space: Space) -> TypedTable:
    """A connected table with the rows that it has now; the estimate of a very large one stays."""
    if not table.counted:
        return table
    try:
        counted = int(str(space.run(f"SELECT count(*) FROM {quoted(table.key)}").rows[0][0]))
    except (SqlFailed, SqlRefused):
        return replace(table, counted=False)
    return replace(table, row_count=counted)


def _computation(result: QueryResult, by: str, used: Sequence[TypedTable], rows_used: int | None) -> Computation:
    return Computation(
        sql=result.sql.removesuffix(CAP),
        by=by,
        tables=tuple(
            UsedTable(id=one.id, name=one.name, key=one.key, source=one.source, rows=one.row_count, counted=one.counted)
            for one in used
        ),
        columns=result.columns,
        rows=result.rows[:SHOWN_ROWS],
        row_count=result.row_count,
        rows_used=rows_used,
        seconds=result.seconds,
        plot=plot_of(result.rows, result.row_count),
    )


def _across(question: str, tables: Sequence[TypedTable], values: Values, near: Sequence[Evidence]) -> Route | None:
    """A Chinese question over an English table, or the other way round: no word can be found in it, so the meaning of
    its rows decides. Only a model can write such a query."""
    chinese = is_chinese(question)
    for table in tables:
        names = f"{table.name} {' '.join(column.name for column in table.columns)}"
        rows = [one for one in near[:NEAREST] if one.passage.kind is PassageKind.TABLE_ROWS]
        held = sum(one.passage.document_id == table.document_id for one in rows)
        works_out = set(fit(question, table, values).operations) - _DISTRIBUTES
        if is_chinese(names) != chinese and held >= MOST_OF_NEAREST and works_out:
            return Route(
                kind=RouteKind.EXACT, reason=f"an operation, and its nearest passages are rows of {table.name}"
            )
    return None


def _over_rows(question: str, tables: Sequence[TypedTable], values: Values) -> dict[str, int]:
    """`Computed.over_rows` of a question that counts, adds up or compares, or asks which ones have none."""
    found: dict[str, int] = {}
    for table in tables:
        fits = fit(question, table, values)
        if fits.of_all or set(fits.operations) - _DISTRIBUTES:
            found[table.document_id] = min(table.row_count, found.get(table.document_id, table.row_count))
    return found


def _nothing(query: Query, way: Route) -> Computed:
    return Computed(
        route=way,
        statement=None,
        computation=None,
        evidence=(),
        reason=cannot(query.text, NO_TABLE),
        usage=Usage(),
    )


def _names(sql: str, key: str) -> bool:
    low = f" {sql.casefold()} "
    return any(f"{before}{key.casefold()}{after}" in low for before in ' ("' for after in ' ,)".')
