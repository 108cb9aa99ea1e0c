"""Whether tables come in exactly: counts, sums and types of imported columns against what the files hold.

    python evals/tables_import.py [--data FOLDER] [--json]

Three parts. `generated`: files that are hard to import, made here with what is in them known (`tables/hard.py`).
`files`: every sheet, CSV and SQLite file under FOLDER, counted and added up column by column by another reader
(openpyxl, csv, sqlite3).
`labelled`: columns of the repository's samples with their types (`tables/columns.jsonl`), read off the importer and
looked through: a lock against regressions."""

from __future__ import annotations

import argparse
import csv
import json
import math
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gezhi.ingest.tables import typed_tables
from gezhi.parse import Limits, ParseOptions, ParserPool
from gezhi.types.tables import ColumnType, TableData
from tables.hard import HardFile, WantedTable, hard_files

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "samples" / "documents"
TOTALS = {"total", "grand total", "subtotal", "sum", "合计", "总计", "小计"}
NUMERIC = (ColumnType.INTEGER, ColumnType.NUMBER)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path)
    arguments.add_argument("--json", action="store_true", help="print JSON only")
    options = arguments.parse_args()
    started = time.process_time()
    with ParserPool(Limits(seconds=120), ParseOptions(ocr=False)) as pool:
        result: dict[str, Any] = {"generated": generated(pool), "labelled": labelled(pool)}
        if options.data:
            result["files"] = real(pool, options.data)
    result["cpu_s"] = round(time.process_time() - started, 2)
    parts = [part for part in result.values() if isinstance(part, dict)]
    result["mismatches"] = sum(len(part.get("mismatches", ())) for part in parts)
    print(json.dumps(result, ensure_ascii=False, indent=1))
    return 1 if result["mismatches"] else 0


def tables_of(pool: ParserPool, path: Path, source: str) -> list[TableData]:
    document = pool.parse(path, source).document
    return [] if document is None else typed_tables(document)


def generated(pool: ParserPool) -> dict[str, Any]:
    mismatches: list[str] = []
    tables = columns = rows = right = 0
    with tempfile.TemporaryDirectory() as folder:
        for file in hard_files():
            path = Path(folder) / file.name
            path.write_bytes(file.data)
            found = tables_of(pool, path, file.name)
            tables += len(file.tables)
            rows += sum(wanted.rows for wanted in file.tables)
            columns += sum(len(wanted.columns) for wanted in file.tables)
            wrong, same = compare(file, found)
            mismatches += wrong
            right += same
    return {
        "files": len(hard_files()),
        "tables": tables,
        "columns": columns,
        "rows": rows,
        "types_right": right,
        "mismatches": mismatches,
    }


def compare(file: HardFile, found: Sequence[TableData]) -> tuple[list[str], int]:
    """What differs, and how many columns have the right type."""
    if len(found) != len(file.tables):
        return [f"{file.name}: {len(found)} tables, not {len(file.tables)}"], 0
    wrong: list[str] = []
    right = 0
    for at, (wanted, data) in enumerate(zip(file.tables, found, strict=True)):
        where = f"{file.name}[{at}]"
        counts = (len(data.rows), len(data.table.columns), len(data.table.quality.totals_rows))
        if counts != (wanted.rows, len(wanted.columns), wanted.totals):
            wrong.append(f"{where}: rows, columns, totals {counts}")
            continue
        differences, same = _columns(where, wanted, data)
        wrong += differences
        right += same
    return wrong, right


def _columns(where: str, wanted: WantedTable, data: TableData) -> tuple[list[str], int]:
    wrong: list[str] = []
    right = 0
    for at, (column, made) in enumerate(zip(wanted.columns, data.table.columns, strict=True)):
        known = [row.values[at] for row in data.rows if row.values[at] is not None]
        right += made.type.value == column.type
        got = (made.name, made.type.value, made.unit, len(known))
        if got != (column.name, column.type, column.unit, column.count):
            wrong.append(f"{where}.{column.name}: {got}, not {(column.type, column.unit, column.count)}")
        elif column.sum is not None and not same_sum(added(known), column.sum):
            wrong.append(f"{where}.{column.name}: sum {added(known)!r}, not {column.sum!r}")
    return wrong, right


def added(values: Sequence[Any]) -> float:
    return math.fsum(float(value) for value in values)


def same_sum(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)


def labelled(pool: ParserPool) -> dict[str, Any]:
    """How many labelled columns of the samples have the right name and type."""
    found: dict[str, list[TableData]] = {}
    wrong: list[str] = []
    labels = [json.loads(line) for line in (HERE / "tables" / "columns.jsonl").read_text("utf-8").splitlines()]
    for label in labels:
        file = label["file"]
        if file not in found:
            found[file] = tables_of(pool, SAMPLES / file, file)
        tables = found[file]
        column = tables[label["table"]].table.columns[label["column"]] if label["table"] < len(tables) else None
        if column is None or (column.name, column.type.value) != (label["name"], label["type"]):
            wrong.append(
                f"{file}[{label['table']}].{label['name']}: {column and column.type.value}, not {label['type']}"
            )
    return {"columns": len(labels), "types_right": len(labels) - len(wrong), "mismatches": wrong}


def real(pool: ParserPool, data: Path) -> dict[str, Any]:
    totals = {"files": 0, "tables": 0, "columns": 0, "rows": 0, "compared_columns": 0}
    mismatches: list[str] = []
    every = (path for path in sorted(data.rglob("*")) if path.suffix in (".csv", ".tsv", ".xlsx", ".xlsm", ".sqlite"))
    for path in every:
        made = tables_of(pool, path, path.name)
        totals["files"] += 1
        totals["tables"] += len(made)
        totals["columns"] += sum(len(one.table.columns) for one in made)
        totals["rows"] += sum(len(one.rows) for one in made)
        stored = [
            (len(known), added(known))
            for one in made
            for at, column in enumerate(one.table.columns)
            if column.type in NUMERIC
            for known in [[row.values[at] for row in one.rows if row.values[at] is not None]]
        ]
        for name, values in columns_of(path):
            totals["compared_columns"] += 1
            total = math.fsum(values)
            if not any(count == len(values) and same_sum(kept, total) for count, kept in stored):
                mismatches.append(f"{path.name}.{name}: {len(values)} numbers, sum {total!r}, not found")
    return {**totals, "mismatches": mismatches}


def columns_of(path: Path) -> Iterator[tuple[str, list[float]]]:
    """Columns of numbers as another reader finds them: under a name, until a blank row; totals left out."""
    for sheet, grid in grids(path):
        blocks: list[list[tuple[int, Sequence[Any]]]] = [[]]
        for number, row in enumerate(grid, 1):
            if any(cell not in (None, "") for cell in row):
                blocks[-1].append((number, row))
            elif blocks[-1]:
                blocks.append([])
        for block in blocks:
            columns: dict[int, list[Any]] = defaultdict(list)
            for _, row in block:
                first = next((cell for cell in row if cell not in (None, "")), "")
                if str(first).strip().lower() not in TOTALS:
                    for at, cell in enumerate(row):
                        columns[at].append(cell)
            for _, cells in sorted(columns.items()):
                values = [value for cell in cells[1:] if (value := as_number(cell)) is not None]
                stated = [cell for cell in cells[1:] if cell not in (None, "")]
                named = isinstance(cells[0], str) and as_number(cells[0]) is None
                if named and len(values) >= 2 and len(values) == len(stated):
                    yield f"{sheet}:{cells[0]}", values


def grids(path: Path) -> Iterator[tuple[str, list[Sequence[Any]]]]:
    if path.suffix in (".csv", ".tsv"):
        text = path.read_text("utf-8-sig", errors="replace")
        dialect = csv.Sniffer().sniff(text[:4000], ",;\t|") if "\n" in text and len(text) > 100 else csv.excel
        yield path.stem, list(csv.reader(text.splitlines(), dialect))
        return
    if path.suffix == ".sqlite":
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in names:
                cursor = connection.execute(f'SELECT * FROM "{name}"')
                yield name, [[column[0] for column in cursor.description], *cursor.fetchall()]
        return
    from openpyxl import load_workbook

    for sheet in load_workbook(path, data_only=True).worksheets:
        yield sheet.title, [tuple(row) for row in sheet.iter_rows(values_only=True)]


def as_number(cell: Any) -> float | None:
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell)
    if not isinstance(cell, str):
        return None
    try:
        return float(cell.strip().replace(",", "").lstrip("$€£¥").rstrip("%"))
    except ValueError:
        return None


if __name__ == "__main__":
    sys.exit(main())
