"""A database of the user's, named in the settings, through every door: listed, queried, asked in words; never written,
its password never shown, and seen by the owner alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from http_server import client_of, opened
from typer.testing import CliRunner, Result

from gezhi.app.app import App
from gezhi.app.config import Config, load_config
from gezhi.entrypoints.cli.root import app as cli
from gezhi.llm.protocol import ChatRequest
from gezhi.llm.scripted import ScriptedChat
from gezhi.types import AnswerMode, ConfigError, InvalidInput, NotFound, Scope, SqlFailed, SqlRefused

PASSWORD = "s3cr3t-p4ss"
SCRIPT = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, country TEXT);
CREATE TABLE "order items" (
    id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), "unit price" REAL, "day" DATE);
CREATE TABLE 销售 (编号 INTEGER PRIMARY KEY, 地区 TEXT, 金额 REAL);
CREATE TABLE secrets (word TEXT);
INSERT INTO customers VALUES (1, 'Norvik', 'Norway'), (2, 'Adler', 'Germany'), (3, 'Sol', 'Spain'), (4, 'Ås', 'Norway');
INSERT INTO "order items" VALUES (1, 1, 10.25, '2024-01-05'), (2, 1, 20.5, '2024-02-05'), (3, 2, 5, '2023-01-05');
INSERT INTO 销售 VALUES (1, '华东', 120.5), (2, '华南', 80), (3, '华北', 45.5);
"""
INVOICES = "No,Payer,Amount\n1,Norvik,5\n2,Adler,6\n"


def make_database(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCRIPT)
    return path


def urls(folder: Path, **more: str) -> dict[str, str]:
    return {"shop": f"sqlite:///{folder / 'shop.db'}", **more}


def make(folder: Path, chat: ScriptedChat | None = None, **more: str) -> App:
    databases: Any = urls(folder, **more)
    config = Config(home=folder / "home", store=folder / "my.gezhi", databases=databases)
    return App(config=config, chat=chat, embedder=None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("databases")
    make_database(folder / "shop.db")
    (folder / "invoices.csv").write_text(INVOICES, "utf-8")
    (folder / "pumps.md").write_text("# Pumps\n\nThe pumps are kept in the hall of the Bergen plant.\n", "utf-8")
    with make(folder) as app:
        app.add(folder / "invoices.csv", folder / "pumps.md")
    return folder


@pytest.fixture
def app(folder: Path) -> Iterator[App]:
    with make(folder) as app:
        yield app


@pytest.mark.parametrize(
    ("question", "value", "text", "used", "table"),
    [
        ("How many customers are there?", 4, "4", 4, "customers"),
        ("How many customers are in Norway?", 2, "2", 2, "customers"),
        ("What is the total unit price?", 35.75, "35.75", 3, "order items"),
        ("How many order items are there in 2024?", 2, "2", 2, "order items"),
        ("销售的金额合计是多少？", 246.0, "246", 3, "销售"),
        ("华东的金额是多少？", 120.5, "120.5", 1, "销售"),
        ("哪个地区的金额最高？", "华东", "华东", 1, "销售"),
    ],
)
def test_questions_are_answered_from_it(
    app: App, question: str, value: object, text: str, used: int, table: str
) -> None:
    answer = app.ask(question)
    assert answer.refusal is None
    assert (answer.mode, len(answer.statements)) == (AnswerMode.COMPUTED, 1)
    assert text in answer.text
    assert answer.computation is not None
    [row] = answer.computation.rows
    assert row[0] == value  # what it is the most by may stand beside it
    assert answer.computation.rows_used == used
    [one] = answer.computation.tables
    assert (one.id, one.key, one.source) == (f"database:shop:{table}", table, "database shop")
    assert answer.statements[0].citations == ()
    assert answer.evidence == ()


def test_documents_are_answered_from_beside_it(app: App) -> None:
    answer = app.ask("How many invoices are there?")
    assert answer.computation is not None
    assert answer.computation.tables[0].source.endswith("invoices.csv")
    assert answer.statements[0].citations
    text = app.ask("Where are the pumps kept?")
    assert (text.computation, text.notes) == (None, ())
    assert "Bergen" in text.text


def test_an_empty_store_answers_from_it_too(tmp_path: Path) -> None:
    make_database(tmp_path / "shop.db")
    with make(tmp_path) as app:
        answer = app.ask("How many customers are there?")
        assert answer.computation is not None
        assert answer.computation.rows == ((4,),)
        assert app.ask("What is the weather?").refusal is not None


def test_answers_are_of_now(tmp_path: Path) -> None:
    make_database(tmp_path / "shop.db")
    with make(tmp_path) as app:
        assert app.ask("How many customers are there?").text.startswith("4")
        with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
            connection.execute("INSERT INTO customers VALUES (5, 'New', 'Norway')")
            connection.commit()
        answer = app.ask("How many customers are there?")
        assert answer.computation is not None
        assert (answer.computation.rows, answer.computation.rows_used) == (((5,),), 5)
        assert answer.computation.tables[0].rows == 5


def test_a_small_database_may_be_asked_in_another_language(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        connection.executescript(
            "CREATE TABLE customers (id INTEGER, name TEXT); INSERT INTO customers VALUES (1, 'A')"
        )
    chat = ScriptedChat(lambda _: json.dumps({"sql": "SELECT count(*) FROM customers", "statements": []}))
    with make(tmp_path, chat) as app:
        answer = app.ask("客户一共有几位？", route="exact")
        assert answer.computation is not None
        assert answer.computation.rows == ((1,),)


def test_a_model_writes_the_query_where_rules_cannot(folder: Path) -> None:
    sql = (
        'SELECT customers.country, sum("order items"."unit price") AS worth FROM "order items" '
        'JOIN customers ON "order items".customer_id = customers.id GROUP BY customers.country ORDER BY worth DESC'
    )

    def reply(request: ChatRequest) -> str:
        wants_sql = '"sql"' in json.dumps(dict(request.schema or {}))
        return json.dumps({"sql": sql} if wants_sql else {"statements": [], "question": ""})

    with make(folder, ScriptedChat(reply)) as app:
        answer = app.ask("Which countries stand behind the unit price of the order items of customers?", route="exact")
        assert answer.computation is not None
        assert answer.computation.by == "model"
        assert answer.computation.rows == (("Norway", 30.75), ("Germany", 5.0))
        assert {one.key for one in answer.computation.tables} == {"customers", "order items"}
        assert len(answer.statements) == 1


@pytest.mark.parametrize(
    "sql", ["DROP TABLE customers", "DELETE FROM customers", "SELECT * FROM sqlite_master", "SELECT 1; DROP TABLE t"]
)
def test_a_model_that_obeys_another_changes_nothing(folder: Path, sql: str) -> None:
    before = (folder / "shop.db").read_bytes()
    chat = ScriptedChat(lambda _: json.dumps({"sql": sql, "statements": [], "question": ""}))
    with make(folder, chat) as app:
        answer = app.ask("Which customers haggle over the unit price of the order items?", route="exact")
        assert any('"sql"' in json.dumps(dict(request.schema or {})) for request in chat.requests), (
            "the model was asked"
        )
        assert answer.refusal is not None
        with pytest.raises((SqlRefused, SqlFailed, NotFound)):
            app.tables.query(sql, tables=["database:shop"])
    assert (folder / "shop.db").read_bytes() == before


def test_tables_are_listed_shown_and_queried(app: App) -> None:
    reader = app.tables
    tables = {table.key: table for table in reader.catalogue()}
    assert set(tables) == {"invoices", "customers", "order items", "销售", "secrets"}
    assert [one.key for one in reader.catalogue(source_prefix="database shop")][:1] == ["customers"]
    assert [one.key for one in reader.catalogue(limit=2)] == ["invoices", "customers"]
    assert [one.key for one in reader.catalogue(limit=2, offset=2)] == ["order items", "销售"]
    table, rows = reader.show("order items", after=1, limit=1)
    assert (table.id, [row.values for row in rows]) == ("database:shop:order items", [(2, 1, 20.5, "2024-02-05")])
    assert reader.show("database:shop:销售")[1][0].values == (1, "华东", 120.5)
    joined = (
        'SELECT name, sum("unit price") FROM customers JOIN "order items" ON customer_id = customers.id GROUP BY name'
    )
    assert reader.query(f"{joined} ORDER BY name").rows == (("Adler", 5.0), ("Norvik", 30.75))
    assert reader.query("SELECT sum(金额) FROM 销售", tables=["销售"]).rows == ((246.0,),)
    assert reader.query("SELECT count(*) FROM customers", tables=["database:shop"]).rows == ((4,),)
    with pytest.raises(NotFound, match="one database"):
        reader.query("SELECT * FROM customers, invoices", tables=["customers", "invoices"])
    with pytest.raises(SqlRefused, match="no table secrets"):
        reader.query("SELECT * FROM customers, secrets", tables=["customers"])
    with pytest.raises(NotFound):
        reader.show("database:shop:nothing")


def test_a_name_in_two_places_must_be_given_in_full(folder: Path, tmp_path: Path) -> None:
    make_database(tmp_path / "second.db")
    with make(folder, second=f"sqlite:///{tmp_path / 'second.db'}") as app:
        with pytest.raises(InvalidInput, match="more than one place"):
            app.tables.query("SELECT count(*) FROM customers")
        assert app.tables.query("SELECT count(*) FROM customers", tables=["database:second"]).rows == ((4,),)
        assert app.tables.query("SELECT count(*) FROM customers", tables=["database:shop:customers"]).rows == ((4,),)


@pytest.mark.parametrize("scope", [Scope(), Scope.of("anna")])
def test_only_the_owner_sees_it(app: App, scope: Scope) -> None:
    assert [one for one in app.tables.catalogue(scope=scope) if one.id.startswith("database:")] == []
    for question in ("How many customers are there?", "华东的金额是多少？"):
        for route in ("", "exact", "both"):
            answer = app.ask(question, scope=scope, route=route)
            assert (answer.computation is None) or "database" not in repr(answer.computation)
            assert "120.5" not in repr(answer)
            assert "database:shop" not in repr(answer)
    for name in ("customers", "database:shop:customers", "database:shop"):
        with pytest.raises(NotFound):
            app.tables.show(name, scope=scope)
        with pytest.raises(NotFound):
            app.tables.query("SELECT * FROM customers", tables=[name], scope=scope)
    with pytest.raises(NotFound):
        app.tables.query("SELECT * FROM customers", scope=scope)


def test_a_database_that_is_away_is_said_and_the_rest_answers(folder: Path) -> None:
    with make(folder, away=f"sqlite:///{folder / 'away.db'}", wrong=f"oracle://u:{PASSWORD}@h/d") as app:
        answer = app.ask("How many customers are there?")
        assert answer.computation is not None
        assert answer.computation.rows == ((4,),)
        assert ["'away'" in note.text for note in answer.notes] == [True, False]
        assert "Bergen" in app.ask("Where are the pumps kept?").text
        assert any("'away' cannot be reached" in warning for warning in app.status().warnings)
        reader = app.tables
        assert len(reader.catalogue()) == 5
        assert len(reader.unreachable) == 2
        with pytest.raises(NotFound, match="'away' cannot be reached"):
            reader.query("SELECT * FROM suppliers", tables=["suppliers"])
        with pytest.raises(SqlFailed, match="cannot be reached"):
            reader.check("away")
        with pytest.raises(ConfigError):
            reader.check("wrong")
        assert app.ask("How many customers are there?", scope=Scope.of("anna")).notes == ()
        assert PASSWORD not in repr(answer) + repr(reader.unreachable) + repr(app.status())


@pytest.fixture
def command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {"CHAT_MODEL": "none", "EMBED_MODEL": "none", "HOME": str(folder / "home")}.items():
        monkeypatch.setenv(f"GEZHI_{name}", value)
    monkeypatch.setenv("GEZHI_DATABASES", json.dumps({"shop": "sqlite:///shop.db"}))
    monkeypatch.chdir(folder)
    return folder


def gezhi(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def told(*words: str) -> Any:
    result = gezhi(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.usefixtures("command")
def test_commands() -> None:
    assert "database:shop:销售" in {table["id"] for table in told("tables", "list")}
    assert "database shop" in gezhi("tables", "list").stdout
    assert "华东" in gezhi("tables", "show", "销售").stdout
    sql = "SELECT country, count(*) AS n FROM customers GROUP BY country ORDER BY n DESC LIMIT 1"
    assert told("tables", "query", sql)["rows"] == [["Norway", 2]]
    assert gezhi("tables", "query", sql, "--csv").stdout.splitlines() == ["country,n", "Norway,2"]
    refused = gezhi("tables", "query", "DELETE FROM customers", "--table", "customers")
    assert refused.exit_code == 2
    assert "DELETE is not allowed" in refused.output
    printed = gezhi("ask", "How many customers are in Norway?")
    assert printed.exit_code == 0, printed.output
    assert printed.stdout.startswith("2.\n")
    assert "Computed from customers of database shop (4 rows); 2 rows behind the answer:" in printed.stdout
    checked = gezhi("tables", "check")
    assert "shop: " in checked.stdout
    assert "4 tables with 11 columns" in checked.stdout
    assert "A write was tried here and refused." in checked.stdout
    assert told("tables", "check", "shop")[0]["refuses_writes"] is True
    assert gezhi("tables", "check", "nobody").exit_code == 3


@pytest.mark.usefixtures("command")
def test_a_database_that_is_away_is_said_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEZHI_DATABASES", json.dumps({"away": "sqlite:///away.db"}))
    listed = gezhi("tables", "list", "--json")
    assert [table["key"] for table in json.loads(listed.stdout)] == ["invoices"]
    assert "'away' cannot be reached" in listed.stderr
    queried = gezhi("tables", "query", "SELECT * FROM customers")
    assert queried.exit_code == 3
    assert "'away' cannot be reached" in " ".join(queried.stderr.split())
    checked = gezhi("tables", "check")
    assert checked.exit_code == 1
    asked = gezhi("ask", "How many customers are there?")
    assert "'away' cannot be reached" in " ".join(asked.stdout.split())


@pytest.mark.usefixtures("command")
def test_a_password_is_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"postgresql://reader:{PASSWORD}@127.0.0.1:1/d"
    monkeypatch.setenv("GEZHI_DATABASES", json.dumps({"sales": url, "odd": f"oracle://u:{PASSWORD}@h/d"}))
    for words in (
        ["config"],
        ["config", "--json"],
        ["status"],
        ["tables", "list", "--debug"],
        ["tables", "check", "sales", "--debug"],
        ["tables", "check", "odd", "--debug"],
        ["tables", "query", "SELECT * FROM x", "--debug"],
        ["ask", "How many customers are there?", "--json"],
        ["traces", "--json"],
    ):
        assert PASSWORD not in gezhi(*words).output
    assert '"sales": "********"' in gezhi("config", "--json").stdout
    config = load_config()
    assert PASSWORD not in repr(config) + str(config.model_dump()) + config.model_dump_json()


@pytest.mark.parametrize("form", ["nonsense {}", '["{}"]', '{{"a b": "x://{}"}}', '{{"a": {{"b": "{}"}}}}'])
def test_a_setting_that_cannot_be_read_is_not_repeated(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEZHI_DATABASES", form.format(PASSWORD))
    with pytest.raises(ConfigError) as caught:
        load_config()
    said = f"{caught.value!r} {caught.value.hint} {caught.value.__cause__}"
    assert PASSWORD not in said


def test_the_config_file_names_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEZHI_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('database_seconds = 3\n\n[databases]\n"销售" = "sqlite:///~/s.db"\n', "utf-8")
    config = load_config()
    assert [(name, url.get_secret_value()) for name, url in config.databases.items()] == [("销售", "sqlite:///~/s.db")]
    assert config.database_seconds == 3


def test_http(folder: Path, tmp_path: Path) -> None:
    databases: Any = urls(folder)
    with opened(tmp_path, chat_model="none", databases=databases) as app, client_of(app) as client:
        tables = client.get("/api/v1/tables").json()["tables"]
        assert tables[0]["id"] == "database:shop:customers"
        assert tables[0]["counted"] is True
        page = client.get("/api/v1/tables/database:shop:order items?limit=1").json()
        assert page["rows"][0]["values"] == [1, 1, 10.25, "2024-01-05"]
        body = {"sql": "SELECT max(金额) FROM 销售"}
        assert client.post("/api/v1/tables/query", json=body).json()["rows"] == [[120.5]]
        refused = client.post("/api/v1/tables/query", json={"sql": "DROP TABLE 销售", "tables": ["销售"]})
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "sql_refused")
        answer = client.post("/api/v1/answers", json={"question": "How many customers are in Norway?"}).json()
        assert answer["computation"]["rows"] == [[2]]
        assert answer["computation"]["tables"][0]["source"] == "database shop"
        assert answer["statements"][0]["citations"] == []
        chat = {"model": "gezhi", "messages": [{"role": "user", "content": "How many customers are in Norway?"}]}
        assert client.post("/v1/chat/completions", json=chat).json()["choices"][0]["message"]["content"].startswith("2")
