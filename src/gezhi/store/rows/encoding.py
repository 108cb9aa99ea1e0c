"""Values of columns: compact JSON, and the types they stand for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from gezhi.types import Block, BlockKind, Box, Span, Table, TableRow


def dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def strings(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


def dump_strings(values: Iterable[str]) -> str:
    """Most passages have none: an empty text costs nothing to read."""
    values = list(values)
    return dump(values) if values else ""


def dump_pairs(pairs: Sequence[tuple[str, str]]) -> str:
    return dump(pairs)


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in json.loads(text))


def dump_blocks(blocks: Sequence[Block]) -> str:
    return dump([_block_value(block) for block in blocks])


def blocks(text: str) -> tuple[Block, ...]:
    return tuple(_block(value) for value in json.loads(text))


def _block_value(block: Block) -> list[Any]:
    box = block.box and [block.box.x0, block.box.y0, block.box.x1, block.box.y1]
    table = block.table and [
        block.table.name,
        block.table.header,
        [[row.start, row.end, *row.cells] for row in block.table.rows],
    ]
    return [block.kind.value, block.start, block.end, block.level, block.page, box, table]


def _block(value: list[Any]) -> Block:
    kind, start, end, level, page, box, table = value
    return Block(
        kind=BlockKind(kind),
        start=start,
        end=end,
        level=level,
        page=page,
        box=Box(x0=box[0], y0=box[1], x1=box[2], y1=box[3]) if box else None,
        table=_table(table) if table else None,
    )


def _table(value: list[Any]) -> Table:
    name, header, rows = value
    return Table(
        name=name,
        header=tuple(header),
        rows=tuple(TableRow(start=row[0], end=row[1], cells=tuple(row[2:])) for row in rows),
    )


def dump_spans(spans: Sequence[Span]) -> str:
    return dump([[s.id, s.parent, s.name, s.start, s.end, s.attributes, s.error] for s in spans])


def spans(text: str) -> tuple[Span, ...]:
    return tuple(
        Span(
            id=number,
            parent=parent,
            name=name,
            start=start,
            end=end,
            attributes=tuple((key, value) for key, value in attributes),
            error=error,
        )
        for number, parent, name, start, end, attributes, error in json.loads(text)
    )
