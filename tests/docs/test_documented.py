"""What is not documented does not exist: every command, option and setting stands in docs/."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import SecretStr

from gezhi.app.config import Config
from gezhi.entrypoints.cli import eval as evaluation
from gezhi.entrypoints.cli.root import LazyGroup, app

DOCS = Path(__file__).parents[2] / "docs"
SHARED = {"--store", "--json", "--quiet", "--debug", "--help"}


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if isinstance(command, LazyGroup):
            command = typer.main.get_group(evaluation.app)
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))


ROOT = typer.main.get_command(app)
COMMANDS = dict(commands(ROOT))


def section(name: str) -> str:
    """The part of cli.md about a top command."""
    text = (DOCS / "cli.md").read_text("utf-8")
    found = re.search(rf"^## `gezhi {re.escape(name)}\b.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/cli.md has no section for `gezhi {name}`"
    return found.group()


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_and_option_is_documented(path: tuple[str, ...]) -> None:
    text = section(path[0])
    assert f"gezhi {' '.join(path)}" in text
    options = {opt for param in COMMANDS[path].params for opt in param.opts if opt.startswith("--")}
    missing = [opt for opt in sorted(options - SHARED) if f"`{opt}" not in text]
    assert not missing


def test_the_root_options_are_documented() -> None:
    text = (DOCS / "cli.md").read_text("utf-8")
    options = {opt for param in ROOT.params for opt in param.opts if opt.startswith("--")} | SHARED
    assert [opt for opt in sorted(options) if f"`{opt}" not in text] == []


def test_nothing_documented_is_gone() -> None:
    text = (DOCS / "cli.md").read_text("utf-8")
    headings = re.findall(r"^## `gezhi ([a-z-]+)", text, re.MULTILINE)
    assert sorted(headings) == sorted(path[0] for path in COMMANDS if len(path) == 1)


@pytest.mark.parametrize("name", Config.model_fields)
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    text = (DOCS / "configuration.md").read_text("utf-8")
    row = re.search(rf"^\| `{name}` \| (.*?) \| (.+?) \|$", text, re.MULTILINE)
    assert row, f"docs/configuration.md has no row for `{name}`"
    field = Config.model_fields[name]
    assert field.description
    if field.default_factory is None:
        assert row[1] == shown(field.default)


def shown(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`" if text else "empty"


def test_no_setting_is_documented_that_is_gone() -> None:
    text = (DOCS / "configuration.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)) == set(Config.model_fields)
