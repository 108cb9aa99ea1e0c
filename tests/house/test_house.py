"""Sizes and manners of the code. The allow-lists only shrink."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "gezhi").rglob("*.py"))
MAX_FILE, MAX_FUNCTION, MAX_FILES_IN_FOLDER = 500, 80, 12
LONG_FILES: set[str] = set()
LONG_FUNCTIONS: set[str] = set()
FULL_FOLDERS: set[str] = set()
VAGUE = re.compile(r"^(utils?|common|helpers?|misc|managers?|base)(_|\.|$)")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_files_stay_readable() -> None:
    long = {name(p) for p in SOURCES if len(p.read_text("utf-8").splitlines()) > MAX_FILE}
    assert long == LONG_FILES


def test_functions_stay_readable() -> None:
    long = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > MAX_FUNCTION:
                    long.add(f"{name(path)}::{node.name}")
    assert long == LONG_FUNCTIONS


def test_folders_stay_small() -> None:
    folders: dict[str, int] = {}
    for path in SOURCES:
        if path.name != "__init__.py":
            folders[name(path.parent)] = folders.get(name(path.parent), 0) + 1
    assert {folder for folder, count in folders.items() if count > MAX_FILES_IN_FOLDER} == FULL_FOLDERS


def test_names_say_what_a_module_does() -> None:
    assert [name(p) for p in SOURCES if VAGUE.match(p.stem)] == []


def test_only_config_reads_the_environment() -> None:
    readers = [
        name(p)
        for p in SOURCES
        if re.search(r"os\.environ|os\.getenv|getenv\(", p.read_text("utf-8")) and name(p) != "src/gezhi/app/config.py"
    ]
    assert readers == []


def test_nothing_is_left_open() -> None:
    marks = re.compile(r"raise NotImplementedError|\bTODO\b|\bFIXME\b|\bXXX\b")
    assert [name(p) for p in SOURCES if marks.search(p.read_text("utf-8"))] == []
