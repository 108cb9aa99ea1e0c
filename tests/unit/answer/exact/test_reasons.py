"""Whatever the reader says it cannot do is said in the language of the question."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import gezhi.answer.exact
from gezhi.answer.exact.reasons import GONE, NO_ROW, NO_TABLE, cannot, in_chinese

ROOM = Path(next(iter(gezhi.answer.exact.__path__)))
HOLE = "3"
_RAISE = ("Unclear", "CannotRead", "cannot")


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else HOLE for one in node.values)
    return None


def _said(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _RAISE:
            given = [*node.args, *(one.value for one in node.keywords if one.arg == "reason")]
        elif isinstance(node, ast.Return) and node.value is not None and path.name == "doubt.py":
            given = [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
        yield from (text for one in given if (text := _text(one)))


def _reasons() -> list[str]:
    paths = [path for path in ROOM.rglob("*.py") if path.parent.name != "writing"]
    return sorted({NO_TABLE, GONE, NO_ROW, *(text for path in paths for text in _said(path))})


@pytest.mark.parametrize("reason", _reasons())
def test_every_reason_is_said_in_chinese(reason: str) -> None:
    told = in_chinese(reason)
    assert told is not None, "say it in IN_CHINESE"
    assert not re.search("[A-Za-z]", told)
    assert cannot("有多少员工？", reason) == f"无法精确回答，因为：{told}。"
    assert reason in cannot("How many employees?", reason)


def test_they_are_found() -> None:
    assert len(_reasons()) > 70


def test_the_table_says_nothing_that_the_reader_does_not() -> None:
    from gezhi.answer.exact.reasons import IN_CHINESE

    said = [*_reasons(), "The query took longer than 5 seconds"]
    assert [one for one, _ in IN_CHINESE if not any(re.fullmatch(one, reason) for reason in said)] == []
