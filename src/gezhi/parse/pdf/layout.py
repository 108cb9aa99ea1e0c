"""Segments of a page to its parts in reading order: lines, and tables ruled or aligned."""

from __future__ import annotations

from itertools import pairwise

from gezhi.parse.formats.grid import rectangle
from gezhi.parse.pdf.parts import Grid, Rect, Segment, join_lines, same_row, union

_LEAST_REGULAR = 0.3
"""Share of a table's places that have a cell of their own; drawings have boxes of all sizes."""
_PROSE_LENGTH = 32
"""Characters a segment has on average where columns hold prose; cells hold less."""


def arrange(segments: list[Segment], tables: list[list[Rect]], width: float) -> list[Segment | Grid]:
    """Put a page's segments into reading order and build its tables."""
    parts, free = _ruled(segments, tables)
    if _is_disordered(free, width):
        free = _by_columns(free, width)
        parts = _placed(free, [part for part in parts if isinstance(part, Grid)])
    return _aligned(parts, width)


def _ruled(segments: list[Segment], tables: list[list[Rect]]) -> tuple[list[Segment | Grid], list[Segment]]:
    """Fill ruled tables; each stands where the first of its text stood. Also returns what is in no table."""
    owner: list[int] = []
    for number, cells in enumerate(tables):
        owner.extend([number] * len(cells))
    members: dict[int, list[Segment]] = {}
    for segment in segments:
        if segment.cell >= 0:
            members.setdefault(owner[segment.cell], []).append(segment)
    flat = [cell for cells in tables for cell in cells]
    grids = {number: _grid(tables[number], flat, inside) for number, inside in members.items()}
    parts: list[Segment | Grid] = []
    free: list[Segment] = []
    placed: set[int] = set()
    for segment in segments:
        number = owner[segment.cell] if segment.cell >= 0 else -1
        grid = grids.get(number)
        if grid is None:
            parts.append(segment)
            free.append(segment)
        elif number not in placed:
            placed.add(number)
            parts.append(grid)
    return parts, free


def _grid(cells: list[Rect], flat: list[Rect], inside: list[Segment]) -> Grid | None:
    """Lay the cells of a table out in rows; a cell that spans stands in every place it covers. None: no table."""
    texts: dict[Rect, str] = {}
    for segment in inside:
        cell = flat[segment.cell]
        texts[cell] = join_lines(texts.get(cell, ""), segment.text)
    if len([text for text in texts.values() if text]) < 3:
        return None
    if len(cells) < 4:
        return None
    xs = _positions([c[0] for c in cells] + [c[2] for c in cells])
    ys = _positions([c[1] for c in cells] + [c[3] for c in cells])
    rows = [[""] * (len(xs) - 1) for _ in range(len(ys) - 1)]
    if len(cells) < _LEAST_REGULAR * (len(xs) - 1) * (len(ys) - 1):
        return None
    for cell in cells:
        first, last = _nearest(xs, cell[0]), _nearest(xs, cell[2])
        for row in range(_nearest(ys, cell[1]), _nearest(ys, cell[3])):
            for column in range(first, last):
                rows[row][column] = texts.get(cell, "")
    rows = rectangle(rows)
    if len(rows) < 2 or len(rows[0]) < 2:
        return None
    rect = cells[0]
    for cell in cells[1:]:
        rect = union(rect, cell)
    return Grid(rows=rows, rect=rect, ruled=True)


def _positions(values: list[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > 2:
            found.append(value)
    return found


def _nearest(positions: list[float], value: float) -> int:
    return min(range(len(positions)), key=lambda n: abs(positions[n] - value))


def _is_disordered(segments: list[Segment], width: float) -> bool:
    """Whether the file's own order cannot be the reading order: it jumps up the page again and again, or runs
    across columns of prose line by line."""
    if len(segments) < 8:
        return False
    jumps = across = 0
    for before, after in pairwise(segments):
        if same_row(before, after):
            wide = min(len(before.text), len(after.text)) >= _PROSE_LENGTH
            across += wide and after.x0 - before.x1 > 0 and after.x0 > 0.3 * width
        elif after.bottom < before.top - 2 * max(before.size, 4):
            jumps += 1
    return across >= 5 or jumps > max(4, len(segments) // 8)


def _by_columns(segments: list[Segment], width: float, depth: int = 0) -> list[Segment]:
    """Cut the page at its widest white bands, down or across, and read each side in turn."""
    if len(segments) < 2 or depth > 12:
        return sorted(segments, key=lambda s: (round(s.top), s.x0))
    rows = _cut(segments, vertical=False, least=_line_gap(segments))
    columns = _cut(segments, vertical=True, least=max(8.0, 0.015 * width))
    if len(columns) > 1 and all(_is_prose(part) for part in columns):
        return [s for part in columns for s in _by_columns(part, width, depth + 1)]
    if len(rows) > 1:
        return [s for part in rows for s in _by_columns(part, width, depth + 1)]
    return _by_rows(segments)


def _is_prose(part: list[Segment]) -> bool:
    return len(part) >= 3 and sum(len(s.text) for s in part) / len(part) >= 0.6 * _PROSE_LENGTH


def _line_gap(segments: list[Segment]) -> float:
    heights = sorted(s.bottom - s.top for s in segments)
    return max(2.0, 0.6 * heights[len(heights) // 2])


def _cut(segments: list[Segment], *, vertical: bool, least: float) -> list[list[Segment]]:
    """Split where no segment reaches across a band of at least this width."""
    ordered = sorted(segments, key=lambda s: s.x0 if vertical else s.top)
    parts: list[list[Segment]] = []
    reach = float("-inf")
    for segment in ordered:
        start, end = (segment.x0, segment.x1) if vertical else (segment.top, segment.bottom)
        if not parts or start - reach >= least:
            parts.append([])
        parts[-1].append(segment)
        reach = max(reach, end)
    return parts


def _by_rows(segments: list[Segment]) -> list[Segment]:
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (s.top + s.bottom) / 2):
        if rows and same_row(rows[-1][-1], segment):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [segment for row in rows for segment in sorted(row, key=lambda s: s.x0)]


def _placed(free: list[Segment], grids: list[Grid]) -> list[Segment | Grid]:
    """Put ruled tables back among reordered lines: before the first line that begins below them."""
    parts: list[Segment | Grid] = list(free)
    for grid in sorted(grids, key=lambda g: -g.rect[1]):
        at = next((n for n, p in enumerate(parts) if isinstance(p, Segment) and p.top >= grid.rect[3] - 2), len(parts))
        parts.insert(at, grid)
    return parts


def _aligned(parts: list[Segment | Grid], width: float) -> list[Segment | Grid]:
    """Turn runs of rows whose segments stand below each other into tables, and other rows into single lines."""
    rows: list[list[Segment] | Grid] = []
    for part in parts:
        last = rows[-1] if rows else None
        if isinstance(part, Grid):
            rows.append(part)
        elif isinstance(last, list) and same_row(last[-1], part) and part.x0 >= last[-1].x1 - 1:
            last.append(part)
        else:
            rows.append([part])
    arranged: list[Segment | Grid] = []
    run: list[list[Segment]] = []
    for row in [*rows, None]:
        if isinstance(row, list) and (len(row) > 1 or (run and _is_label(row[0], run))):
            if run and row[0].top - run[-1][0].bottom > 3.5 * max(row[0].size, 6):
                arranged.extend(_run(run, width))
                run = []
            run.append(row)
            continue
        arranged.extend(_run(run, width))
        run = []
        if isinstance(row, Grid):
            arranged.append(row)
        elif row is not None:
            arranged.extend(row)
    return arranged


def _is_label(segment: Segment, run: list[list[Segment]]) -> bool:
    """A row of one cell inside a table: it begins where the first column begins and ends before the second."""
    multi = [row for row in run if len(row) > 1]
    return bool(multi) and len(run[-1]) > 1 and segment.x1 <= multi[-1][1].x0 and abs(segment.x0 - multi[-1][0].x0) < 20


def _run(run: list[list[Segment]], width: float) -> list[Segment | Grid]:
    trailing: list[list[Segment]] = []
    while run and len(run[-1]) == 1:
        trailing.insert(0, run[-1])
        run = run[:-1]
    grid = _aligned_grid(run, width) if len(run) >= 3 else None
    lines: list[Segment | Grid] = [grid] if grid is not None else [_one_line(row) for row in run]
    return [*lines, *(row[0] for row in trailing)]


def _aligned_grid(run: list[list[Segment]], width: float) -> Grid | None:
    every = [segment for row in run for segment in row]
    if sum(len(s.text) for s in every) / len(every) > 40 or sum(len(row) > 1 for row in run) < 3:
        return None
    columns: list[list[float]] = []
    for segment in sorted(every, key=lambda s: s.x0):
        if columns and segment.x0 < columns[-1][1] + 1:
            columns[-1][1] = max(columns[-1][1], segment.x1)
        else:
            columns.append([segment.x0, segment.x1])
    if len(columns) < 2 or (len(columns) == 2 and any(s.x1 - s.x0 > 0.45 * width for s in every)):
        return None
    rows: list[list[str]] = []
    rect = every[0].rect
    for row in run:
        cells = [""] * len(columns)
        for segment in row:
            column = next(n for n, (x0, x1) in enumerate(columns) if x0 <= segment.x0 <= x1)
            cells[column] = join_lines(cells[column], segment.text)
            rect = union(rect, segment.rect)
        rows.append(cells)
    rows = _under_their_names(rows)
    filled = sum(1 for row in rows for cell in row if cell)
    if filled < 0.5 * len(rows[0]) * len(rows):
        return None
    return Grid(rows=rows, rect=rect, ruled=False)


def _under_their_names(rows: list[list[str]]) -> list[list[str]]:
    """A name at the left edge of a wide column and numbers at its right edge do not touch, nor the other way round."""
    first, *body = rows
    at = 0
    while at + 1 < len(first) and len(first) > 2:
        name, other = (at, at + 1) if first[at] else (at + 1, at)
        if first[name] and not first[other] and not any(row[name] for row in body):
            first, *body = rows = [[*row[:at], row[at] or row[at + 1], *row[at + 2 :]] for row in rows]
        else:
            at += 1
    return rows


def _one_line(row: list[Segment]) -> Segment:
    """Segments of one row that are no table: one line with spaces between."""
    first = row[0]
    for segment in row[1:]:
        x0, top, x1, bottom = union(first.rect, segment.rect)
        first = Segment(
            text=f"{first.text} {segment.text}", x0=x0, top=top, x1=x1, bottom=bottom,
            size=max(first.size, segment.size), bold=first.bold and segment.bold,
        )  # fmt: skip
    return first
