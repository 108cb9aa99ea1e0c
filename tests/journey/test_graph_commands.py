"""`gezhi graph`: what documents name, through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from gezhi.entrypoints.cli.root import app

FILES = {
    "a.md": "# Plant\n\nThe Suzhou Plant is supplied by Norvik Ltd.\n",
    "b.md": '# Report\n\nNorvik Ltd and <Anna Berg\'s "team"> reported an incident.\n',
    "c.md": "# Staff\n\nAnna Berg works in Bergen.\n",
    "e.md": "# 员工\n\n王小明毕业于上海交通大学。\n",
    "d.md": "# 学校\n\n上海交通大学位于上海。\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {"CHAT_MODEL": "none", "EMBED_MODEL": "none", "HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(f"GEZHI_{name}", value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    for name, text in FILES.items():
        (tmp_path / "docs" / name).write_text(text, "utf-8")
    assert gezhi("add", "docs").exit_code == 0
    return tmp_path


def gezhi(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.usefixtures("folder")
def test_an_entity_its_neighbours_and_a_path() -> None:
    page = json.loads(gezhi("graph", "entity", "norvik ltd", "--json").stdout)
    assert (page["label"], page["type"], len(page["passages"])) == ("Norvik Ltd", "organisation", 2)
    assert "Anna Berg" in {one["label"] for one in page["neighbours"]}
    steps = json.loads(gezhi("graph", "path", "Norvik Ltd", "Anna Berg", "--json").stdout)
    assert [(step["first"], step["second"]) for step in steps] == [("Norvik Ltd", "Anna Berg")]
    assert "Norvik Ltd — docs/b.md #0 — Anna Berg" in gezhi("graph", "path", "Norvik Ltd", "Anna Berg").stdout
    assert "docs/a.md #0" in gezhi("graph", "entity", "norvik ltd").stdout
    assert gezhi("show", "docs/b.md", "--passage", "0").stdout.startswith("Norvik Ltd and")
    assert "上海交通大学" in gezhi("graph", "stats").stdout
    assert gezhi("graph", "entity", "上海交通大学").exit_code == 0
    assert gezhi("graph", "entity", "Nobody Known").exit_code == 3
    assert gezhi("graph", "entity", "...").exit_code == 2
    assert "No chain" in gezhi("graph", "path", "Norvik Ltd", "上海交通大学").stdout


def test_exports_are_well_formed(folder: Path) -> None:
    assert gezhi("graph", "export", "--format", "graphml", "--out", "g.xml").exit_code == 0
    space = "{http://graphml.graphdrawing.org/xmlns}"
    root = ElementTree.fromstring((folder / "g.xml").read_text("utf-8"))
    nodes = {node.get("id") for node in root.iter(f"{space}node")}
    edges = [(edge.get("source"), edge.get("target")) for edge in root.iter(f"{space}edge")]
    assert edges and all(source in nodes and target in nodes for source, target in edges)
    linked = json.loads(gezhi("graph", "export", "--format", "jsonld").stdout)
    assert {"Norvik Ltd", "上海交通大学"} <= {node.get("name") for node in linked["@graph"]}
    script = gezhi("graph", "export", "--format", "cypher").stdout
    assert "SET e.name = 'Anna Berg'" in script
    assert gezhi("graph", "export", "--format", "dot").exit_code == 2


def told(*words: object) -> list[dict[str, object]]:
    result = gezhi(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def loaded(folder: Path, *lines: dict[str, object]) -> Result:
    (folder / "f.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    return gezhi("graph", "load", "f.jsonl", "--json")


def test_facts_are_loaded_listed_and_forgotten(folder: Path) -> None:
    (folder / "docs" / "board-2022.md").write_text("# Board\n\nThe CEO of Norvik Ltd is Anna Berg.\n", "utf-8")
    (folder / "docs" / "board-2024-05.md").write_text("# Board\n\nThe CEO of Norvik Ltd is Per Dahl.\n", "utf-8")
    assert gezhi("add", "docs").exit_code == 0
    result = loaded(
        folder,
        {
            "source": "docs/board-2022.md",
            "facts": [{"subject": "Norvik Ltd", "predicate": "CEO", "object": "Anna Berg"}],
        },
        {
            "source": "docs/board-2024-05.md",
            "triples": [["Norvik Ltd", "ceo", "Per Dahl"], ["Norvik", "ceo", "Nobody"]],
        },
        {"source": "docs/gone.md", "triples": []},
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"texts": 2, "facts": 2, "dropped": 1, "unknown": ["docs/gone.md"]}
    by_object = {fact["object"]: fact for fact in told("graph", "facts", "norvik ltd")}
    assert by_object["Per Dahl"]["superseded"] is None
    assert by_object["Anna Berg"]["superseded"] == {
        "object": "Per Dahl",
        "since": "2024-05",
        "passage_id": by_object["Per Dahl"]["passages"][0],  # type: ignore[index]
    }
    assert [fact["object"] for fact in told("graph", "facts", "Anna Berg", "--as-of", "2023")] == ["Anna Berg"]
    assert [fact["object"] for fact in told("graph", "facts", "Norvik Ltd", "--as-of", "2025")] == ["Per Dahl"]
    assert told("graph", "facts", "Per Dahl", "--as-of", "2023") == []
    shown = gezhi("graph", "facts").output
    assert "superseded 2024-05: Per Dahl" in " ".join(shown.split()), shown
    told_of = told("search", "Who is the CEO of Norvik Ltd?")
    found = told_of["results"] if isinstance(told_of, dict) else told_of
    assert any(one["facts"] for one in found), found
    answer = gezhi("ask", "Who was the CEO of Norvik Ltd in the board of 2022: Anna Berg?", "--json")
    notes = json.loads(answer.stdout)["notes"]
    assert [note["text"] for note in notes] == [
        "As of 2022, Norvik Ltd: ceo Anna Berg. A document of 2024-05 says: Per Dahl."
    ], answer.stdout
    assert gezhi("remove", "docs/board-2024-05.md", "--yes").exit_code == 0
    assert told("graph", "facts", "Norvik Ltd")[0]["superseded"] is None, "who contradicted it is gone"
    assert gezhi("graph", "forget", "import:f.jsonl").exit_code == 0
    assert told("graph", "facts") == []


@pytest.mark.usefixtures("folder")
def test_facts_need_a_model_a_date_and_a_known_extractor() -> None:
    assert gezhi("graph", "extract", "--yes").exit_code == 1
    assert gezhi("graph", "facts", "--as-of", "last year").exit_code == 2
    assert gezhi("graph", "forget", "nobody").exit_code == 3
    assert gezhi("graph", "load", "missing.jsonl").exit_code == 2
    assert "No facts" in gezhi("graph", "facts").output


@pytest.mark.parametrize("line", ["{", "[]", '{"source": "a.md", "facts": [{"subject": "x"}]}', '{"facts": []}'])
def test_a_bad_file_of_facts_is_refused_whole(folder: Path, line: str) -> None:
    (folder / "bad.jsonl").write_text(line, "utf-8")
    result = gezhi("graph", "load", "bad.jsonl")
    assert result.exit_code == 2
    assert "line 1" in result.output
    assert told("graph", "forget") == {}


def test_an_entity_is_found_by_its_abbreviation(folder: Path) -> None:
    (folder / "docs" / "f.md").write_text("# Institute\n\n北京理工大学（北理工）位于北京。\n", "utf-8")
    (folder / "docs" / "g.md").write_text("# Rocket\n\n“北理工”的学生造了火箭。\n", "utf-8")
    assert gezhi("add", "docs").exit_code == 0
    page = json.loads(gezhi("graph", "entity", "北理工", "--json").stdout)
    assert page["label"] == "北京理工大学"
    assert [one["label"] for one in page["other_names"]] == ["北理工"]
    assert len(page["passages"]) == 2
    assert "also 北理工" in gezhi("graph", "entity", "北京理工大学").output


def test_an_entity_leads_to_the_rows_of_tables_that_hold_it(folder: Path) -> None:
    sheet = "order,supplier,amount\n1,Norvik Ltd,10\n2,NORVIK LTD.,20\n3,Other Inc,30\nTotal,,60\n"
    (folder / "docs" / "orders.csv").write_text(sheet, "utf-8")
    assert gezhi("add", "docs").exit_code == 0
    [held] = json.loads(gezhi("graph", "entity", "Norvik Ltd", "--json").stdout)["rows"]
    assert (held["name"], held["column"], held["rows"], held["first"]) == ("orders", "supplier", 2, [1, 2])
    assert "orders" in gezhi("graph", "entity", "Norvik Ltd").stdout
    assert gezhi("remove", "docs/orders.csv", "--yes").exit_code == 0
    assert json.loads(gezhi("graph", "entity", "Norvik Ltd", "--json").stdout)["rows"] == []
