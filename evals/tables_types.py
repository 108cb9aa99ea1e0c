"""Are columns read as what they are? Over columns of public tables, labelled by a person who saw only their cells.

    python evals/tables_types.py DATA [--wrong]

DATA holds wtq_train600 and tatqa_dev. `tables/types.jsonl` names 100 columns drawn by chance (seed 20261123) and says
what a careful reader takes each for, several types where it may be either; and the unit where its cells or header say
one. The labels were written before the importer was run on them."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from gezhi.evaluate.statistics import wilson
from gezhi.ingest.tables import typed_tables
from gezhi.types import Block, BlockKind, Document, Table, TableRow
from gezhi.types.tables import Column

LABELS = Path(__file__).parent / "tables" / "types.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--wrong", action="store_true", help="show the labels that were missed")
    options = parser.parse_args()
    labels = [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]
    tables = {name: dict(grids(options.data / name)) for name in sorted({label["set"] for label in labels})}
    counts: Counter[str] = Counter()
    for label in labels:
        column = column_of(tables[label["set"]][label["table"]], label["column"])
        type_right = column is not None and column.type.value in label["types"]
        counts["types"] += type_right
        unit_right = column is not None and same_unit(column.unit, label.get("unit", ""))
        if "unit" in label:
            counts["with_unit"] += 1
            counts["units"] += unit_right
        if options.wrong and not (type_right and ("unit" not in label or unit_right)):
            found = (column.name, column.type.value, column.unit) if column else None
            print(f"{label['set']} {label['table']} column {label['column']}: {found}, not {label}")
    print(json.dumps({
        "columns": len(labels), "types_right": counts["types"],
        "interval": [round(end, 3) for end in wilson(counts["types"], len(labels))],
        "with_unit": counts["with_unit"], "units_right": counts["units"],
    }))  # fmt: skip


def grids(folder: Path) -> Iterator[tuple[str, list[list[str]]]]:
    with (folder / "corpus.jsonl").open(encoding="utf-8") as file:
        for line in file:
            entry = json.loads(line)
            meta = entry.get("meta") or {}
            if "rows" in meta:
                head = [meta["header"]] if meta.get("header") else []
                yield entry["id"], [[str(cell) for cell in row] for row in (*head, *meta["rows"])]
            else:
                lines = entry["text"].split("\n")
                yield entry["id"], [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in lines]


def column_of(grid: list[list[str]], place: int) -> Column | None:
    rows = tuple(TableRow(cells=tuple(row), start=0, end=0) for row in grid[1:])
    block = Block(kind=BlockKind.TABLE, start=0, end=1, table=Table(name="t", header=tuple(grid[0]), rows=rows))
    document = Document(id="0" * 32, source="t", title="", media_type="", text="x", blocks=(block,))
    made = typed_tables(document)
    columns = made[0].table.columns if made else ()
    return columns[place] if len(columns) == len(grid[0]) else None


def same_unit(found: str, wanted: str) -> bool:
    """`€ m` is `€m`; `US$ thousands` is `US$000`."""
    return plain(found) == plain(wanted)


def plain(unit: str) -> str:
    short = unit.casefold().replace(" ", "")
    for long, brief in (("thousands", "000"), ("millions", "m"), ("million", "m")):
        short = short.replace(long, brief)
    return short


if __name__ == "__main__":
    main()
