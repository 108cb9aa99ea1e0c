"""SQL written by a chat model, held to what exists, corrected by what the database says."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from gezhi.answer.exact.names import column_name, identifier, keys_between, literal
from gezhi.answer.exact.writing.grammar import grammar
from gezhi.answer.exact.writing.joins import complete_joins
from gezhi.answer.exact.writing.values import near_values, without_itself
from gezhi.llm.json_reply import first_object
from gezhi.llm.protocol import ChatModel, ChatRequest, Message, complete
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
class Attempt:
    sql: str
    problem: str
    """What the database said; empty if it ran and found something."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    result: QueryResult | None
    """None if no query could be run."""
    attempts: tuple[Attempt, ...]
    usage: Usage = field(default_factory=Usage)

    @property
    def sql(self) -> str:
        return self.result.sql if self.result else self.attempts[-1].sql if self.attempts else ""


def write_sql(question: str, space: Space, chat: ChatModel, terms: Terms, *, repairs: int = MOST_REPAIRS) -> Written:
    """Raises ModelUnavailable and ModelFailed."""
    linked = link(question, space, terms)
    messages = [
        Message(role="system", text=_prompt(language_of(question), joined=bool(list(keys_between(linked.tables))))),
        Message(role="user", text=f"{schema_text(linked)}\nQuestion: {question}"),
    ]
    attempts: list[Attempt] = []
    empty: QueryResult | None = None
    usage = Usage()
    for _ in range(repairs + 1):
        with span("chat", gen_ai__operation__name="write_sql", gen_ai__request__model=chat.name) as here:
            sql, spent = _ask(question, messages, linked, chat)
            usage += spent
            here.set(gezhi__sql=sql)
        sql = without_itself(near_values(complete_joins(sql, linked.tables, linked.values), space))
        if any(sql == attempt.sql for attempt in attempts):
            break  # it will not change its mind
        try:
            result = space.run(sql)
        except (SqlRefused, SqlFailed) as error:
            problem = str(error)
        else:
            unused = _unused_numbers(question, sql)
            if unused:
                problem = f"The question says {', '.join(unused)}: the query must use it, a year e.g. as LIKE '2024%'."
            elif result.rows and any(value is not None for row in result.rows for value in row):
                attempts.append(Attempt(sql=sql, problem=""))
                return Written(result=result, attempts=tuple(attempts), usage=usage)
            else:
                problem = "The query runs and finds nothing. Check the values and the conditions."
                empty = empty or result
        attempts.append(Attempt(sql=sql, problem=problem))
        messages += [Message(role="assistant", text=sql), Message(role="user", text=f"{problem} Write it again.")]
    return Written(result=empty, attempts=tuple(attempts), usage=usage)


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


def _ask(question: str, messages: list[Message], linked: Linked, chat: ChatModel) -> tuple[str, Usage]:
    if chat.provider == "local":
        request = ChatRequest(messages=tuple(messages), grammar=grammar(linked, question), max_tokens=SQL_TOKENS)
        reply = complete(chat, request)
        return reply.text.strip(), reply.usage
    asked = (*messages[:-1], Message(role="user", text=f'{messages[-1].text}\nReply as JSON: {{"sql": "..."}}'))
    reply = complete(chat, ChatRequest(messages=asked, schema=_SCHEMA, max_tokens=4 * SQL_TOKENS))
    return _sql_in(reply.text), reply.usage


def _sql_in(reply: str) -> str:
    sql = first_object(reply).get("sql")
    return sql.strip() if isinstance(sql, str) else reply.strip().removeprefix("```sql").strip("`\n ")


def schema_text(linked: Linked) -> str:
    """The tables as a model reads them: declarations, keys, examples and the values that the question says."""
    lines = [_declared(table, linked) for table in linked.tables]
    lines += [edge.condition for edge in keys_between(linked.tables)]
    said = [f"{column_name(hit.table, hit.column, alone=False)} = {literal(hit.value)}" for hit in linked.values]
    if said:
        lines.append("Values: " + "; ".join(said[:12]))
    return "\n".join(lines)


def _declared(table: TypedTable, linked: Linked) -> str:
    columns = []
    for column in table.columns:
        text = f"{identifier(column.key)} {column.type.value.upper()}"
        if column.name.casefold().replace(" ", "_") != column.key.casefold():
            text += f" /* {column.name[:40]} */"
        elif column.unit:
            text += f" /* {column.unit} */"
        examples = linked.examples.get((table.key, column.key), ())
        if examples and column.type is ColumnType.TEXT:
            text += f" -- {', '.join(value[:20] for value in examples[:2])}"
        columns.append(text)
    return f"CREATE TABLE {identifier(table.key)} (\n  " + ",\n  ".join(columns) + "\n)"


@cache
def _prompt(language: str, *, joined: bool) -> str:
    """With examples in the question's language, of tables with keys or of sheets: a small model copies their form."""
    folder = files("gezhi.answer.exact.writing") / "prompts"
    rules, examples = (folder / "sql.txt", folder / f"{'examples' if joined else 'sheet'}.{language}.txt")
    return f"{rules.read_text('utf-8').strip()}\n\nExample\n{examples.read_text('utf-8').strip()}"
