"""The small Markdown the sample texts are written in: headings, paragraphs, lists, pipe tables, notes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Block:
    kind: str  # "heading", "paragraph", "item", "table" or "notes"
    text: str = ""
    level: int = 0
    rows: list[list[str]] = field(default_factory=list)


def read_blocks(text: str, tables: dict[str, list[list[str]]] | None = None) -> list[Block]:
    """Blocks in order; a line `{{TABLE:name}}` stands for `tables[name]`. One line is one paragraph."""
    blocks: list[Block] = []
    rows: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]
            if not all(cell and set(cell) == {"-"} for cell in cells):
                rows.append(cells)
            continue
        if rows:
            width = max(map(len, rows))
            blocks.append(Block(kind="table", rows=[row + [""] * (width - len(row)) for row in rows]))
            rows = []
        if line.startswith("#"):
            marks, _, title = line.partition(" ")
            blocks.append(Block(kind="heading", level=len(marks), text=title))
        elif line.startswith("{{TABLE:"):
            blocks.append(Block(kind="table", rows=(tables or {})[line[8:-2]]))
        elif line.startswith("notes: "):
            blocks.append(Block(kind="notes", text=line[7:]))
        elif line.startswith("- ") or (line[:1].isdigit() and line[1:3] == ". "):
            blocks.append(Block(kind="item", text=line.removeprefix("- ")))
        elif line:
            blocks.append(Block(kind="paragraph", text=line))
    return blocks


def is_number(cell: str) -> bool:
    return bool(cell) and cell.strip("+-%").replace(",", "").replace(".", "").isdigit()
