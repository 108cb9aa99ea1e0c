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
