"""JSON and JSONL: arrays of flat objects become tables, the rest becomes `path: value` lines."""

from __future__ import annotations

import json
from typing import Any

from gezhi.parse.builder import Builder
from gezhi.parse.formats.text import add_text
from gezhi.parse.material import Material

_LONG_CELL = 400
_DEEPEST = 100
_MOST_COLUMNS = 100
_LEAST_FILLED = 0.25
_NAMES = ("title", "name", "标题", "名称")

Flat = dict[str, str]


def parse(material: Material, builder: Builder) -> None:
    text = material.text.lstrip("\ufeff")
    try:
        values = _values(text, material.kind)
        if _is_deep(values):
            raise RecursionError
    except (ValueError, RecursionError) as error:
        detail = "nested too deeply" if isinstance(error, RecursionError) else str(error).split("\n")[0][:120]
        builder.warn("not_valid", format="JSON", detail=detail)
        add_text(builder.verbatim(text), builder)
        return
    value = values[0] if len(values) == 1 else values
    if isinstance(value, dict):
        builder.title = next((v for n in _NAMES if isinstance(v := value.get(n), str)), "")
    _add("", value, builder)


def _values(text: str, kind: str) -> list[Any]:
    """The one value of a JSON file, or one a line. Numbers stay as they are written."""
    decoder = json.JSONDecoder(parse_float=_Number, parse_int=_Number, parse_constant=_Number, strict=False)
    lines = [line for line in text.splitlines() if line.strip()] if kind == "jsonl" else []
    if len(lines) > 1:
        return [decoder.decode(line) for line in lines]
    try:
        return [decoder.decode(text)]
    except json.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        try:
            return [decoder.decode(line) for line in lines]
        except json.JSONDecodeError:
            pass
        raise


def _is_deep(values: list[Any]) -> bool:
    """Whether anything is nested more than `_DEEPEST` times; looked at level by level, without recursion."""
    level: list[Any] = values
    for _ in range(_DEEPEST):
        level = [
            inner
            for value in level
            if isinstance(value, (dict, list))
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


class _Number(str):
    """A number, as written."""

    __slots__ = ()


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool))


def _add(path: str, value: Any, builder: Builder) -> None:
    if isinstance(value, list) and value:
        rows = _flat_rows(value)
        if rows is not None:
            columns = list(dict.fromkeys(name for row in rows for name in row))
            builder.table(columns, ([row.get(name, "") for name in columns] for row in rows), name=path)
            return
        if all(isinstance(item, (dict, list)) for item in value):
            for number, item in enumerate(value):
                _add_record(f"{path}[{number}]" if path else "", item, builder)
            return
    _add_record(path, value, builder)


def _add_record(path: str, value: Any, builder: Builder) -> None:
    """One paragraph for the plain fields of an object; what is nested follows by itself."""
    if not isinstance(value, dict):
        builder.paragraph("\n".join(_lines(path, value)))
        return
    lines: list[str] = []
    for name, item in value.items():
        inner = f"{path}.{name}" if path else name
        if isinstance(item, (dict, list)) and not _is_short(item):
            builder.paragraph("\n".join(lines))
            lines = []
            _add(inner, item, builder)
        else:
            lines.extend(_lines(inner, item))
    builder.paragraph("\n".join(lines))


def _is_short(value: Any) -> bool:
    """Whether a nested value reads well as a few lines of its parent's paragraph."""
    if isinstance(value, list):
        return all(_is_scalar(item) for item in value) and sum(len(_scalar(item)) for item in value) < _LONG_CELL
    return len(value) <= 8 and all(_is_scalar(item) for item in value.values())


def _lines(path: str, value: Any) -> list[str]:
    if isinstance(value, dict):
        return [line for name, item in value.items() for line in _lines(f"{path}.{name}" if path else name, item)]
    if isinstance(value, list):
        if all(_is_scalar(item) for item in value):
            joined = ", ".join(_scalar(item) for item in value if item is not None)
            if len(joined) < _LONG_CELL:
                return [f"{path}: {joined}" if path else joined] if joined else []
        return [line for n, item in enumerate(value) for line in _lines(f"{path}[{n}]", item)]
    text = _scalar(value).strip()
    if not text:
        return []
    return [f"{path}: {text}" if path else text]


def _flat_rows(items: list[Any]) -> list[Flat] | None:
    """The objects of an array as rows of one table; None where they are no table (nested, long or unlike)."""
    if len(items) < 2 or not all(isinstance(item, dict) and item for item in items):
        return None
    rows: list[Flat] = []
    names: set[str] = set()
    for item in items:
        row: Flat = {}
        if not _flatten("", item, row):
            return None
        rows.append(row)
        names.update(row)
        if len(names) > _MOST_COLUMNS:
            return None
    filled = sum(len(row) for row in rows)
    return rows if names and filled >= _LEAST_FILLED * len(names) * len(rows) else None


def _flatten(prefix: str, item: dict[str, Any], row: Flat) -> bool:
    for name, value in item.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict):
            if prefix.count(".") > 2 or not _flatten(f"{path}.", value, row):
                return False
            continue
        if isinstance(value, list):
            if not all(_is_scalar(part) for part in value):
                return False
            value = ", ".join(_scalar(part) for part in value)
        text = _scalar(value)
        if len(text) > _LONG_CELL:
            return False
        row[path] = text
    return True
