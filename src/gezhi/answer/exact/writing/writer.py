"""SQL written by a chat model, held to what exists, corrected by what the database says."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from gezhi.answer.exact.names import column_name, identifier, keys_between, literal
from gezhi.answer.exact.writing.asked import held_to, in_its_year
from gezhi.answer.exact.writing.grammar import grammar
from gezhi.answer.exact.writing.joins import complete_joins, without_unsaid
from gezhi.answer.exact.writing.meant import (
    among,
    as_difference,
    grouped,
    once,
    texts_added,
    within_row,
    without_itself,
    without_repeats,
)
from gezhi.answer.exact.writing.values import near_values
from gezhi.answer.exact.writing.votes import WARM, Attempt, Written, vote
from gezhi.llm.json_reply import first_object
from gezhi.llm.protocol import ChatModel, ChatReply, ChatRequest, Message, complete
from gezhi.retrieve.tables.link import Linked, Terms, link
from gezhi.retrieve.tables.workspace import QueryResult, Space
from gezhi.trace import span
from gezhi.types import SqlFailed, SqlRefused, Usage
from gezhi.types.language import language_of
from gezhi.types.numbers import quantities, stated_numbers
from gezhi.types.tables import ColumnType, TypedTable

MOST_REPAIRS = 2
SQL_TOKENS = 220
_SCHEMA = {
    "type": "object",
    "properties": {"sql": {"type": "string"}},
    "required": ["sql"],
    "additionalProperties": False,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """A query that a model wrote, and what came of it."""

    written: str
    """To the letter."""
    sql: str
    """As it is meant."""
    result: QueryResult | None
    problem: str
    """What the database says of it; empty if it ran and found something."""


class Writer:
    """Asks one model for the SQL of one question over some tables."""

    def __init__(self, question: str, space: Space, chat: ChatModel, terms: Terms) -> None:
        self._question, self._space, self._chat = question, space, chat
        self._linked = link(question, space, terms)
        joined = bool(list(keys_between(self._linked.tables)))
        self._joined = joined
        self._messages = [
            Message(role="system", text=sql_prompt(language_of(question), joined=joined)),
            Message(role="user", text=f"{schema_text(self._linked)}\nQuestion: {question}"),
        ]
        self.usage = Usage()

    def write(self, repairs: int) -> Written:
        """The likeliest query, corrected by what the database says of it."""
        messages = self._messages
        attempts: list[Attempt] = []
        empty: QueryResult | None = None
        for _ in range(repairs + 1):
            tried = self.attempt(messages=messages)
            if any(tried.sql == attempt.sql for attempt in attempts):
                break  # it will not change its mind
            attempts.append(Attempt(sql=tried.sql, problem=tried.problem))
            if not tried.problem:
                return Written(result=tried.result, attempts=tuple(attempts), usage=self.usage)
            empty = empty or tried.result
            told = Message(role="user", text=f"{tried.problem} Write it again.")
            messages = [*messages, Message(role="assistant", text=tried.sql), told]
        return Written(result=empty, attempts=tuple(attempts), usage=self.usage)

    def sample(self, seed: int) -> QueryResult | None:
        """What another query gives that the model finds likely; None if it finds nothing."""
        tried = self.attempt(seed)
        return None if tried.problem else tried.result

    def attempt(self, seed: int | None = None, messages: Sequence[Message] = ()) -> Tried:
        """One query, written and run. `seed`: of one drawn at some temperature. `messages`: in place of the first."""
        with span("chat", gen_ai__operation__name="write_sql", gen_ai__request__model=self._chat.name) as here:
            reply = _ask(self._question, messages or self._messages, self._linked, self._chat, seed)
            self.usage += reply.usage
            here.set(gezhi__sql=reply.text)
        return self.tried(reply.text)

    def tried(self, written: str) -> Tried:
        """A query that was written before, as `attempt` would have it now."""
        sql = self._meant(written)
        result, problem = self._run(sql)
        return Tried(written=written, sql=sql, result=result, problem=problem)

    def _meant(self, sql: str) -> str:
        """What the model plainly means: it leaves out joins, and writes values otherwise than the cells do. A small one
        also joins what nobody asked for, and takes a bound for an extreme."""
        local = self._chat.provider == "local"
        sql = complete_joins(without_repeats(sql), self._linked.tables, self._linked.values)
        sql = without_unsaid(sql, self._question) if local else sql
        sql = as_difference(near_values(sql, self._space), self._question, self._linked.tables)
        sql = grouped(among(within_row(without_itself(sql))))
        if local:
            sql = in_its_year(held_to(sql, self._question), self._question, self._linked.tables)
        return sql if self._joined else once(sql, self._space)

    def _run(self, sql: str) -> tuple[QueryResult | None, str]:
        """The result, and what is wrong with it."""
        if added := texts_added(sql, self._space):
            return None, f"{added} holds words and cannot be added up. Count rows, or take a column of numbers."
        try:
            result = self._space.run(sql)
        except (SqlRefused, SqlFailed) as error:
            return None, str(error)
        unused = _unused_numbers(self._question, sql)
        if unused:
            return None, f"The question says {', '.join(unused)}: the query must use it, a year e.g. as LIKE '2024%'."
        if not any(value is not None for row in result.rows for value in row):
            return result, "The query runs and finds nothing. Check the values and the conditions."
        return result, ""


def write_sql(
    question: str, space: Space, chat: ChatModel, terms: Terms, *, repairs: int = MOST_REPAIRS, sure: bool = False
) -> Written:
    """The likeliest query, corrected by what the database says of it; of a local model, not corrected, which a 1.5B
    cannot do (0 of 26), but the one that most of several tries agree with. `sure`: none at all where they differ.
    Raises ModelUnavailable and ModelFailed."""
    writer = Writer(question, space, chat, terms)
    if chat.provider != "local":  # large models are right far more often, and each try costs
        return writer.write(repairs)
    return replace(vote(writer.write(0), writer.sample, sure=sure), usage=writer.usage)


def _unused_numbers(question: str, sql: str) -> list[str]:
    """Numbers of two digits and more that the question says and the query leaves out: it answers something else."""
    try:  # of its literals and columns, `gdp_2012` say: names of tables hold numbers too
        tree = sqlglot.parse_one(sql, read="sqlite")
        literals = " ".join(one.name.replace("_", " ") for one in tree.find_all(exp.Literal, exp.Column))
    except SqlglotError:
        return []
    held = "".join(character if character.isdigit() else " " for character in literals).split()
    known = set(held) | stated_numbers(literals)
    every = {number: {number} for number in stated_numbers(question) if len(number) > 1}
    for number, _ in quantities(question):
        for said in every:
            if number.startswith(said) and number.strip("0") == said.strip("0"):
                every[said].add(number)  # 50万 may stand there as 500000
    return [said for said, forms in every.items() if not forms & known and not any(said in part for part in held)]


def _ask(question: str, messages: Sequence[Message], linked: Linked, chat: ChatModel, seed: int | None) -> ChatReply:
    """The reply's text is the query."""
    if chat.provider == "local":
        request = ChatRequest(
            messages=tuple(messages), grammar=grammar(linked, question), max_tokens=SQL_TOKENS,
            temperature=0.0 if seed is None else WARM, seed=seed, rules_first=True,
        )  # fmt: skip
        reply = complete(chat, request)
        return replace(reply, text=reply.text.strip())
    asked = (*messages[:-1], Message(role="user", text=f'{messages[-1].text}\nReply as JSON: {{"sql": "..."}}'))
    reply = complete(chat, ChatRequest(messages=asked, schema=_SCHEMA, max_tokens=4 * SQL_TOKENS))
    return replace(reply, text=_sql_in(reply.text))


def _sql_in(reply: str) -> str:
    sql = first_object(reply).get("sql")
    return sql.strip() if isinstance(sql, str) else reply.strip().removeprefix("```sql").strip("`\n ")


def schema_text(linked: Linked) -> str:
    """The tables as a model reads them: declarations, keys, examples and the values that the question says."""
    edges = list(keys_between(linked.tables))
    keys = {end for edge in edges for end in edge.columns}
    lines = [_declared(table, linked, keys) for table in linked.tables]
    lines += [edge.condition for edge in edges]
    said = [f"{column_name(hit.table, hit.column, alone=False)} = {literal(hit.value)}" for hit in linked.values]
    if said:
        lines.append("Values: " + "; ".join(said[:12]))
    return "\n".join(lines)


def _declared(table: TypedTable, linked: Linked, keys: Container[tuple[str, str]]) -> str:
    """Keys get no examples: nobody says them, and they are long."""
    columns = []
    for column in table.columns:
        text = f"{identifier(column.key)} {column.type.value.upper()}"
        if column.name.casefold().replace(" ", "_") != column.key.casefold():
            text += f" /* {column.name[:40]} */"
        elif column.unit:
            text += f" /* {column.unit} */"
        examples = linked.examples.get((table.key, column.key), ())
        if examples and column.type is ColumnType.TEXT and (table.key, column.key) not in keys:
            text += f" -- {', '.join(value[:20] for value in examples[:2])}"
        columns.append(text)
    return f"CREATE TABLE {identifier(table.key)} (\n  " + ",\n  ".join(columns) + "\n)"


@cache
def sql_prompt(language: str, *, joined: bool) -> str:
    """The rules, with examples in the question's language, of tables with keys or of sheets: small models copy them."""
    folder = files("gezhi.answer.exact.writing") / "prompts"
    rules, examples = (folder / "sql.txt", folder / f"{'examples' if joined else 'sheet'}.{language}.txt")
    return f"{rules.read_text('utf-8').strip()}\n\nExample\n{examples.read_text('utf-8').strip()}"
