"""CSV and TSV: one table; the delimiter is found by trying."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import PurePosixPath

from gezhi.parse.builder import Builder, cell_text, clean
from gezhi.parse.formats.grid import is_header
from gezhi.parse.formats.text import add_text
from gezhi.parse.material import Material

_DELIMITERS = (",", "\t", ";", "|", "，")
_PROBE = 50


def parse(material: Material, builder: Builder) -> None:
    text = clean(material.text)
    declared = text.startswith("sep=") and text[4:5]
    if declared:
        text = text.partition("\n")[2]
    delimiter = declared or _delimiter(text, first="\t" if material.kind == "tsv" else ",")
    try:
        rows = _read(text, delimiter)
    except csv.Error as error:
        builder.warn("not_valid", format="CSV", detail=str(error))
        add_text(builder.verbatim(text), builder)
        return
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        return
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    while len(rows) > 1 and width > 1 and sum(1 for cell in rows[0] if cell.strip()) == 1:
        builder.paragraph(" ".join(cell.strip() for cell in rows.pop(0) if cell.strip()))
    first = [cell_text(cell) for cell in rows[0]]
    header: list[str] = []
    if len(rows) > 1 and is_header(first, [[cell_text(c) for c in row] for row in rows[1:6]]):
        header, rows = first, rows[1:]
    builder.table(header, rows, name=PurePosixPath(material.source.replace("\\", "/")).stem)


def _read(text: str, delimiter: str, most: int | None = None) -> list[list[str]]:
    # The module's own limit of 131,072 characters a field is global; the text's length bounds a field anyway.
    csv.field_size_limit(max(131_072, len(text) + 1))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    if most is None:
        return list(reader)
    return [row for row, _ in zip(reader, range(most), strict=False)]


def _delimiter(text: str, *, first: str) -> str:
    """The delimiter that gives most lines the same number of columns, and more than one."""
    best, best_score = first, 0.0
    probe = text[:200_000]
    for delimiter in sorted(_DELIMITERS, key=lambda d: d != first):
        try:
            rows = [row for row in _read(probe, delimiter, _PROBE) if row]
        except csv.Error:
            continue
        if not rows:
            continue
        width, count = Counter(len(row) for row in rows).most_common(1)[0]
        score = count / len(rows) * min(width, 6) if width > 1 else 0.0
        if score > best_score * 1.01:
            best, best_score = delimiter, score
    return best
