"""SQL from a chat model: a grammar of what exists, joins by keys, and what is done about a query that fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from gezhi.answer.exact.exact import answer_exactly
from gezhi.answer.exact.names import identifier, keys_between
from gezhi.answer.exact.writing.grammar import grammar, numbers_in
from gezhi.answer.exact.writing.joins import complete_joins
from gezhi.answer.exact.writing.votes import Written
from gezhi.answer.exact.writing.writer import MOST_REPAIRS, Writer, schema_text, write_sql
from gezhi.llm.scripted import ScriptedChat
from gezhi.retrieve.tables.link import Linked, ValueHit, link
from gezhi.retrieve.tables.workspace import Workspace
from gezhi.store import Analyser
from gezhi.types import ModelFailed
from gezhi.types.tables import Column, ColumnType, ForeignKey, TypedTable

TEXT, INTEGER, NUMBER = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.NUMBER
TERMS = Analyser().terms


def made(key: str, *columns: tuple[str, ColumnType], refers: tuple[tuple[str, str, str], ...] = ()) -> TypedTable:
    return TypedTable(
        id=f"{key}:t0",
        document_id=key,
        number=0,
        name=key,
        key=key,
        columns=tuple(Column(name=one, key=one, type=kind) for one, kind in columns),
        row_count=0,
        foreign_keys=tuple(ForeignKey(columns=(mine,), table=to, target=(its,)) for mine, to, its in refers),
    )


CUSTOMERS = made("customers", ("id", INTEGER), ("name", TEXT), ("country", TEXT))
ORDERS = made("orders", ("id", INTEGER), ("customer_id", INTEGER), ("amount", NUMBER),
              refers=(("customer_id", "customers", "id"),))  # fmt: skip
LINES = made("order_lines", ("order_id", INTEGER), ("product", TEXT), ("quantity", INTEGER),
             refers=(("order_id", "orders", "id"),))  # fmt: skip
SHOP = (CUSTOMERS, ORDERS, LINES)
CLIENTS = made("客户", ("编号", INTEGER), ("名称", TEXT))
SALES = made("销售 明细", ("客户编号", INTEGER), ("金额（元）", NUMBER), refers=(("客户编号", "客户", "编号"),))


def linked(*tables: TypedTable, values: tuple[ValueHit, ...] = ()) -> Linked:
    return Linked(tables=tables, values=values, examples={})


def rules_of(text: str) -> dict[str, str]:
    return dict(line.split(" ::= ", 1) for line in text.strip().split("\n"))


def words(rule: str) -> list[str]:
    """The terminals of a rule."""
    return [json.loads(one) for one in re.findall(r'"(?:[^"\\]|\\.)*"', rule)]


def test_a_grammar_names_what_exists_and_nothing_else() -> None:
    rules = rules_of(grammar(linked(*SHOP), "how many?"))
    assert words(rules["table"]) == ["customers", "orders", "order_lines"]
    every = {f"{table.key}.{column.key}" for table in SHOP for column in table.columns}
    columns = {name: words(rules[name]) for name in ("col", "text-col", "number-col")}
    own = {name: {one.split(".")[-1] for one in found} for name, found in columns.items()}
    assert own["text-col"] == {"name", "country", "product"}
    assert own["number-col"] == {"id", "customer_id", "amount", "order_id", "quantity"}
    assert set(columns["col"]) == set(columns["text-col"]) | set(columns["number-col"])
    assert every >= {one for one in columns["col"] if "." in one}
    assert {"customers.id", "orders.id"} <= set(columns["col"]), "two tables have it, so the table can be said"
    assert set(words(rules["star"])) == {"*", "customers.*", "orders.*", "order_lines.*"}
    text = "\n".join(word for rule in rules.values() for word in words(rule))
    assert set(re.findall(r"\w+\.\w+", text)) <= every
    assert "said" not in rules


def test_every_rule_that_is_used_is_there() -> None:
    for given in (linked(*SHOP), linked(CUSTOMERS), linked(CLIENTS, SALES), linked(made("t", ("n", INTEGER)))):
        rules = rules_of(grammar(given, "2 of 50万"))
        for rule in rules.values():
            plain = re.sub(r'"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\{[^}]*\}', " ", rule)
            assert set(re.findall(r"[a-z][a-z-]*", plain)) <= set(rules), rule


def test_names_alone_and_strange_names_are_quoted() -> None:
    table = made(
        "order", ("select", TEXT), ("金额（元）", NUMBER), ('a "b"', TEXT), ("plain", INTEGER), ("金额", NUMBER)
    )
    rules = rules_of(grammar(linked(table), "?"))
    assert words(rules["table"]) == ['"order"']
    assert set(words(rules["col"])) == {'"select"', '"金额（元）"', '"a ""b"""', "plain", "金额"}
    assert words(rules["star"]) == ["*"]


def test_only_texts_or_only_numbers() -> None:
    assert "number-col" not in rules_of(grammar(linked(made("t", ("a", TEXT))), "?"))
    assert "text-col" not in rules_of(grammar(linked(made("t", ("a", INTEGER))), "?"))


def test_values_of_the_question_are_offered_as_they_stand() -> None:
    hits = (
        ValueHit(table="customers", column="name", value="O'Hara"),
        ValueHit(table="客户", column="名称", value="甲"),
    )
    rules = rules_of(grammar(linked(CUSTOMERS, CLIENTS, values=hits), "?"))
    assert words(rules["said"]) == ["customers.name = 'O''Hara'", "客户.名称 = '甲'"]
    assert "said" in rules["cond"].split(" | ")


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("orders above 50万", {"50", "500000"}),
        ("金额超过五十万的订单", {"500000"}),
        ("more than 1,200.50 in 2024", {"1200.5", "2024"}),
        ("3.5 million people", {"3500000", "3.5"}),
        ("the top three", {"3"}),
        ("二十四个月以上", {"24"}),
        ("1.2亿元", {"120000000", "1.2"}),
        ("how many?", set()),
    ],
)
def test_numbers_of_a_question_may_be_compared(question: str, numbers: set[str]) -> None:
    found = numbers_in(question)
    assert numbers <= set(found), found
    rules = rules_of(grammar(linked(ORDERS), question))
    assert set(words(rules.get("amount-said", ""))) - {"0", "1"} == set(found) - {"0", "1"}
    assert [len(one) for one in found] == sorted((len(one) for one in found), reverse=True)


def test_a_number_that_nobody_said_cannot_be_written() -> None:
    rules = rules_of(grammar(linked(ORDERS), "订单金额超过50万的有多少"))
    assert "500000" in words(rules["amount-said"])
    assert not {"600000", "7", "42"} & set(words(rules["amount-said"]))


JOINED = "JOIN customers ON orders.customer_id = customers.id"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        # the keys are added
        ("SELECT orders.amount FROM orders JOIN customers WHERE customers.name = 'x'",
         f"SELECT orders.amount FROM orders {JOINED} WHERE customers.name = 'x'"),
        # a table whose columns are used is joined
        ("SELECT sum(orders.amount) FROM orders WHERE customers.country = 'x'",
         f"SELECT SUM(orders.amount) FROM orders {JOINED} WHERE customers.country = 'x'"),
        # through a third table
        ("SELECT customers.name FROM customers WHERE order_lines.product = 'x'",
         "SELECT customers.name FROM customers JOIN orders ON orders.customer_id = customers.id "
         "JOIN order_lines ON order_lines.order_id = orders.id WHERE order_lines.product = 'x'"),
        # in any order
        ("SELECT order_lines.product FROM customers JOIN order_lines",
         "SELECT order_lines.product FROM customers JOIN orders ON orders.customer_id = customers.id "
         "JOIN order_lines ON order_lines.order_id = orders.id"),
        # what was written stays
        ("SELECT orders.amount FROM orders JOIN customers ON orders.id = customers.id",
         "SELECT orders.amount FROM orders JOIN customers ON orders.id = customers.id"),
        (f"SELECT orders.id FROM orders {JOINED} WHERE order_lines.quantity > 1",
         f"SELECT orders.id FROM orders {JOINED} JOIN order_lines ON order_lines.order_id = orders.id "
         "WHERE order_lines.quantity > 1"),
        ("SELECT amount FROM orders WHERE amount > 3", "SELECT amount FROM orders WHERE amount > 3"),
        # each select by itself
        ("SELECT customers.name FROM customers WHERE customers.id NOT IN (SELECT orders.customer_id FROM orders)",
         "SELECT customers.name FROM customers WHERE NOT customers.id IN (SELECT orders.customer_id FROM orders)"),
        ("SELECT orders.id FROM orders WHERE customers.name = 'a' UNION SELECT orders.id FROM orders",
         f"SELECT orders.id FROM orders {JOINED} WHERE customers.name = 'a' UNION SELECT orders.id FROM orders"),
        # own columns in a subquery
        ("SELECT customers.name FROM customers WHERE customers.id IN (SELECT customers.id FROM orders)",
         "SELECT customers.name FROM customers WHERE customers.id IN (SELECT orders.customer_id FROM orders)"),
        ("SELECT orders.id FROM orders WHERE amount > (SELECT avg(orders.amount) FROM orders)",
         "SELECT orders.id FROM orders WHERE amount > (SELECT AVG(orders.amount) FROM orders)"),
        # columns without their table
        ("SELECT name FROM orders WHERE amount > 3",
         f"SELECT customers.name FROM orders {JOINED} WHERE orders.amount > 3"),
        ("SELECT product FROM customers",
         "SELECT order_lines.product FROM customers JOIN orders ON orders.customer_id = customers.id "
         "JOIN order_lines ON order_lines.order_id = orders.id"),
        ("SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders)",
         "SELECT customers.name FROM customers WHERE customers.id IN (SELECT orders.customer_id FROM orders)"),
        ("SELECT customers.name, count(*) AS quantity FROM customers GROUP BY customers.name ORDER BY quantity",
         "SELECT customers.name, COUNT(*) AS quantity FROM customers GROUP BY customers.name ORDER BY quantity"),
        # not to be read
        ("SELECT FROM WHERE (", "SELECT FROM WHERE ("),
    ],
)  # fmt: skip
def test_joins_are_completed(sql: str, expected: str) -> None:
    done = complete_joins(sql, SHOP)
    assert re.sub(r"orders\.(?=amount)", "", done) == re.sub(r"orders\.(?=amount)", "", expected)


def test_joins_in_chinese() -> None:
    done = complete_joins(
        'SELECT sum("销售 明细"."金额（元）") FROM "销售 明细" WHERE 客户.名称 = \'甲\'', (CLIENTS, SALES)
    )
    assert 'JOIN 客户 ON "销售 明细".客户编号 = 客户.编号' in done
    with closing(Workspace()) as space:
        space.add(CLIENTS, [(1, "甲"), (2, "乙")])
        space.add(SALES, [(1, 5.0), (2, 7.0), (1, 11.0)])
        assert space.run(done).rows == ((16.0,),)


def test_without_a_key_nothing_is_joined() -> None:
    lone = made("weather", ("day", TEXT))
    assert list(keys_between((CUSTOMERS, lone))) == []
    sql = "SELECT customers.name FROM customers WHERE weather.day = 'x'"
    assert complete_joins(sql, (CUSTOMERS, lone)) == sql


@pytest.mark.parametrize(("name", "written"), [("a", "a"), ("金额", "金额"), ("a b", '"a b"'), ("Order", '"Order"'),
                                               ("1a", '"1a"'), ('q"', '"q"""'), ("", '""')])  # fmt: skip
def test_identifiers(name: str, written: str) -> None:
    assert identifier(name) == written


@pytest.fixture
def space() -> Iterator[Workspace]:
    with closing(Workspace()) as made_space:
        made_space.add(CUSTOMERS, [(1, "Norvik", "Norway"), (2, "Adler", "Germany")])
        made_space.add(ORDERS, [(1, 1, 5.0), (2, 1, 7.0), (3, 2, 2.0)])
        yield made_space


class LocalChat(ScriptedChat):
    provider = "local"


QUESTION = "How much did Norvik order?"
RIGHT = "SELECT sum(orders.amount) FROM orders JOIN customers WHERE customers.name = 'Norvik'"
EMPTY = "SELECT customers.name FROM customers WHERE customers.country = 'Spain'"
WRONG = "SELECT customers.nme FROM customers"


def first_try(question: str, space: Workspace, chat: ScriptedChat) -> Written:
    """Without the further tries that a local model is asked for."""
    return Writer(question, space, chat, TERMS).write(MOST_REPAIRS)


def test_a_local_model_is_held_to_the_grammar(space: Workspace) -> None:
    chat = LocalChat([RIGHT])
    written = first_try(QUESTION, space, chat)
    assert written.result is not None
    assert written.result.rows == ((12.0,),)
    [request] = chat.requests
    assert request.grammar == grammar(link(QUESTION, space, TERMS), QUESTION)
    assert request.schema is None
    prompt = request.messages[-1].text
    assert prompt.endswith(f"Question: {QUESTION}")
    assert "CREATE TABLE customers" in prompt
    assert "orders.customer_id = customers.id" in prompt
    assert "Values: customers.name = 'Norvik'" in prompt
    assert written.usage.input_tokens > 0


def test_an_error_is_told_and_repaired(space: Workspace) -> None:
    chat = LocalChat([WRONG, RIGHT])
    written = first_try(QUESTION, space, chat)
    assert written.result is not None
    assert [bool(attempt.problem) for attempt in written.attempts] == [True, False]
    told = chat.requests[1].messages
    assert told[-2].role == "assistant"
    assert "no column nme" in told[-1].text
    assert "Did you mean name?" in told[-1].text
    assert len(told) == len(chat.requests[0].messages) + 2


@pytest.mark.parametrize("empty", [EMPTY, "SELECT sum(amount) FROM orders WHERE amount > 10"])
def test_an_empty_result_is_told_and_repaired(space: Workspace, empty: str) -> None:
    chat = LocalChat([empty, RIGHT])
    written = first_try(QUESTION, space, chat)
    assert written.result is not None
    assert written.result.rows == ((12.0,),)
    assert "finds nothing" in chat.requests[1].messages[-1].text


def test_it_gives_up_after_two_repairs(space: Workspace) -> None:
    chat = LocalChat([f"SELECT nothing{n} FROM orders" for n in range(9)])
    written = first_try(QUESTION, space, chat)
    assert written.result is None
    assert len(chat.requests) == len(written.attempts) == MOST_REPAIRS + 1 == 3
    assert written.sql == "SELECT nothing2 FROM orders"
    exact = answer_exactly("zzz of nobody?", space, ScriptedChat([WRONG] * 5), TERMS)
    assert exact.result is None
    assert (exact.by, "nme" in exact.reason) == ("model", True)


def test_an_empty_result_is_kept_if_nothing_better_comes(space: Workspace) -> None:
    written = first_try(QUESTION, space, LocalChat([EMPTY, WRONG, "SELECT x FROM y"]))
    assert written.result is not None
    assert (written.result.rows, len(written.attempts)) == ((), 3)


def test_a_model_that_repeats_itself_is_not_asked_again(space: Workspace) -> None:
    chat = LocalChat([WRONG] * 5)
    assert first_try(QUESTION, space, chat).result is None
    assert len(chat.requests) == 2


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps({"sql": RIGHT}),
        f"```json\n{json.dumps({'sql': RIGHT})}\n```",
        f"Here it is:\n{json.dumps({'sql': RIGHT}, indent=2)}\nDone.",
        f"```sql\n{RIGHT}\n```",
        f"```\n{RIGHT}\n```",
        f"  {RIGHT}\n",
        json.dumps({"sql": f"  {RIGHT};\n"}),
    ],
)
def test_replies_of_a_remote_model(space: Workspace, reply: str) -> None:
    chat = ScriptedChat([reply])
    written = first_try(QUESTION, space, chat)
    assert written.result is not None, written.attempts
    assert written.result.rows == ((12.0,),)
    [request] = chat.requests
    assert request.grammar is None
    assert request.schema is not None
    assert 'Reply as JSON: {"sql": "..."}' in request.messages[-1].text


@pytest.mark.parametrize(
    "reply", ["", "I cannot.", "{}", '{"sql": 3}', "[1]", '{"sql": "DROP TABLE orders"}', "DELETE FROM orders", "{{}"]
)
def test_replies_that_are_no_query_change_nothing(space: Workspace, reply: str) -> None:
    written = write_sql(QUESTION, space, ScriptedChat([reply] * 3), TERMS)
    assert written.result is None
    assert all(attempt.problem for attempt in written.attempts)
    assert space.run("SELECT count(*) FROM orders").rows == ((3,),)


def test_a_model_that_fails_is_not_hidden(space: Workspace) -> None:
    with pytest.raises(ModelFailed):
        write_sql(QUESTION, space, ScriptedChat([]), TERMS)


def test_a_chinese_question_over_chinese_tables() -> None:
    with closing(Workspace()) as space:
        space.add(CLIENTS, [(1, "甲公司"), (2, "乙公司")])
        space.add(SALES, [(1, 600000.0), (2, 7.0), (1, 11.0)])
        question = "甲公司金额超过50万的销售有多少笔？"
        conditions = '客户.名称 = \'甲公司\' AND "销售 明细"."金额（元）" > 500000'
        reply = f'SELECT count(*) FROM "销售 明细" JOIN 客户 WHERE {conditions}'
        chat = LocalChat([reply])
        written = first_try(question, space, chat)
        assert written.result is not None, written.attempts
        assert written.result.rows == ((1,),)
        rules = rules_of(chat.requests[0].grammar or "")
        assert "500000" in words(rules["amount-said"])
        assert words(rules["said"]) == ["客户.名称 = '甲公司'"]
        assert words(rules["table"]) == ["客户", '"销售 明细"']


def test_the_schema_as_a_model_reads_it() -> None:
    amount = Column(name="金额", key="amount", type=NUMBER, unit="万元")
    size = Column(name="size", key="size", type=NUMBER, unit="km")
    table = replace(CUSTOMERS, columns=(*CUSTOMERS.columns[:2], amount, size))
    shown = schema_text(
        Linked(tables=(table,), values=(), examples={("customers", "name"): ("Norvik", "Adler", "Sol")})
    )
    assert shown == (
        "CREATE TABLE customers (\n  id INTEGER,\n  name TEXT -- Norvik, Adler,\n"
        "  amount NUMBER /* 金额 */,\n  size NUMBER /* km */\n)"
    )


COUNT = "SELECT count(*) FROM orders"


@pytest.mark.parametrize(
    ("replies", "rows", "agreed", "tries"),
    [
        ([RIGHT, RIGHT, RIGHT], ((12.0,),), 3, 3),
        ([COUNT, RIGHT, RIGHT, COUNT, RIGHT], ((12.0,),), 3, 5),
        ([COUNT, RIGHT, COUNT, RIGHT, WRONG], ((3,),), 2, 5),  # of as many, the likeliest
        ([WRONG, WRONG, RIGHT, RIGHT, COUNT, WRONG], ((12.0,),), 2, 5),
    ],
)
def test_what_most_tries_give_is_taken(
    space: Workspace, replies: list[str], rows: tuple[tuple[float, ...], ...], agreed: int, tries: int
) -> None:
    chat = LocalChat(replies)
    written = write_sql(QUESTION, space, chat, TERMS, repairs=2)
    assert written.result is not None
    assert (written.result.rows, written.agreed, written.tries) == (rows, agreed, tries)
    warm = chat.requests[-tries + 1 :]
    assert [request.seed for request in warm] == list(range(1, tries))
    assert all(request.temperature > 0 and request.grammar for request in warm)


def test_where_it_has_to_be_sure_tries_that_differ_give_nothing(space: Workspace) -> None:
    assert write_sql(QUESTION, space, LocalChat([RIGHT, RIGHT, RIGHT]), TERMS, sure=True).result is not None
    chat = LocalChat([RIGHT, COUNT, RIGHT])
    written = write_sql(QUESTION, space, chat, TERMS, sure=True)
    assert written.result is None
    assert "different results" in written.attempts[-1].problem
    assert len(chat.requests) == 2


def test_a_large_model_is_asked_once(space: Workspace) -> None:
    chat = ScriptedChat([RIGHT])
    assert write_sql(QUESTION, space, chat, TERMS, sure=True).result is not None
    assert len(chat.requests) == 1
