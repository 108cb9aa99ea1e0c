"""Whether tables come in exactly: counts, sums and types of imported columns against what the files hold.

    python evals/tables_import.py [--data FOLDER] [--json]

Three parts. `generated`: files that are hard to import, made here with what is in them known (`tables/hard.py`).
`files`: every sheet (XLSX, ODS, CSV, SQLite) and every table in a DOCX, PPTX, ODT, ODP, HTML or Markdown file under
FOLDER, read by readers that share no code with ours (`tables/reference.py`) and compared cell by cell, count by count
and sum by sum; a cell that is in no table must be in a header or in the text (`tables/account.py` says by which rules).
`labelled`: columns of the repository's samples with their types (`tables/columns.jsonl`), read off the importer and
looked through: a lock against regressions."""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gezhi.ingest.tables import typed_tables
from gezhi.parse import Limits, ParseOptions, ParserPool
from gezhi.types.tables import TableData
from tables.account import Account, account
from tables.hard import hard_files
from tables.reference import reader_of
from tables.wanted import HardFile, WantedTable

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "samples" / "documents"
OTHER_FORMATS = {".pdf", ".epub", ".eml", ".msg", ".json", ".jsonl", ".xml", ".xls", ".xlsb"}
"""Read by us, and by no reader of `tables/reference.py`."""


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
    tables = columns = rows = right = twice = 0
    with tempfile.TemporaryDirectory() as folder:
        for file in hard_files():
            path = Path(folder) / file.name
            path.write_bytes(file.data)
            found = tables_of(pool, path, file.name)
            tables += len(file.tables)
            rows += sum(wanted.rows for wanted in file.tables)
            columns += sum(len(wanted.columns) for wanted in file.tables)
            wrong, same = compare(file, found)
            reader = reader_of(path)
            if reader is not None:
                twice += 1
                document = pool.parse(path, file.name).document
                wrong += account(document, found, list(reader(path)), file.name).wrong
            mismatches += wrong
            right += same
    return {
        "files": len(hard_files()),
        "tables": tables,
        "columns": columns,
        "rows": rows,
        "types_right": right,
        "files_read_by_others_too": twice,
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
    """Every file of the folder that an independent reader is for; of the others how many tables came from them."""
    whole, formats = Account(), Counter[str]()
    beyond: Counter[str] = Counter()
    for path in (one for one in sorted(data.rglob("*")) if one.is_file()):
        kind, reader = path.suffix.lower(), reader_of(path)
        if reader is None and kind not in OTHER_FORMATS:
            continue
        parsed = pool.parse(path, path.name)
        made = typed_tables(parsed.document) if parsed.document else []
        if reader is None:
            beyond[kind] += len(made)
            continue
        given = list(reader(path)) if parsed.document else []
        if given:
            formats[kind] += 1
            whole += account(parsed.document, made, given, path.name)
    counted = asdict(whole)
    return {
        "files": formats.total(),
        "by_format": dict(sorted(formats.items())),
        **{key: value for key, value in counted.items() if key != "wrong"},
        "tables_not_compared": {kind: count for kind, count in sorted(beyond.items()) if count},
        "mismatches": whole.wrong,
    }


if __name__ == "__main__":
    sys.exit(main())
