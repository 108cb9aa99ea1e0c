"""`gezhi tables`: the tables that documents and connected databases hold, and exact queries over them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.entrypoints.cli.session import Session, command
from gezhi.types import SqlFailed

if TYPE_CHECKING:
    from gezhi.retrieve.tables.connected.databases import Checked
    from gezhi.types.tables import TypedTable, Value

group = typer.Typer(
    name="tables",
    help="Tables of documents and databases; query them exactly.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def list_(
    session: Session,
    prefix: Annotated[str, typer.Option(help="Only documents whose source begins so, e.g. `contracts/`.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many to show.")] = 100,
) -> None:
    """The tables of the documents, their columns and how well they were read; those of connected databases."""
    with session.app() as app:
        reader = app.tables
        found = reader.catalogue(source_prefix=prefix, limit=limit)
    for line in reader.unreachable:
        session.err.print(line, style="yellow", markup=False, highlight=False)
    if session.json:
        session.print_json(found)
        return
    from gezhi.entrypoints.cli.output import cell, table

    if not found:
        session.out.print("No tables. Add documents that hold some; those of older stores are read at the next add.")
        return
    shown = table("name in SQL", "rows", "columns", "source", "id", right=("rows",))
    for one in found:
        columns = ", ".join(f"{c.key}{f' ({c.unit})' if c.unit else ''}" for c in one.columns)
        shown.add_row(cell(one.key), cell(_rows(one)), cell(columns[:160]), cell(one.source), cell(one.id, "dim"))
    session.out.print(shown)


def _rows(table: TypedTable) -> str:
    return str(table.row_count) if table.counted else f"~{table.row_count}" if table.row_count else "many"


def show(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="TABLE", help="Its id, or its name.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many rows.")] = 20,
) -> None:
    """A table with its types, its first rows, and what to know before trusting a sum."""
    with session.app() as app:
        found, rows = app.tables.show(name, limit=limit)
    if session.json:
        session.print_json({"table": found, "rows": rows})
        return
    from gezhi.entrypoints.cli.output import cell, table

    session.out.print(cell(f"{found.name} — {found.source}", "bold"))
    heads = [f"{c.key}\n{c.type.value}{f' {c.unit}' if c.unit else ''}" for c in found.columns]
    shown = table("row", *heads, right=("row",))
    for row in rows:
        shown.add_row(cell(row.number), *(cell("" if value is None else value) for value in row.values))
    session.out.print(shown)
    for line in quality_lines(found):
        session.out.print(cell(line, "yellow"))


def quality_lines(table: TypedTable) -> list[str]:
    """What a person should know before trusting a sum."""
    quality = table.quality
    lines = []
    if quality.unparsed_count:
        first = quality.unparsed[0]
        told = f"{first.text!r} in row {first.row}, {first.column}"
        lines.append(f"{quality.unparsed_count} cells could not be read and count as empty, first {told}.")
    if quality.totals_rows:
        rows = ", ".join(str(row) for row in quality.totals_rows[:5])
        lines.append(f"Rows that add up others are kept apart: {rows}.")
    if quality.duplicate_rows:
        lines.append(
            f"{len(quality.duplicate_rows)} rows repeat an earlier one, first row {quality.duplicate_rows[0]}."
        )
    if quality.rows_left_out or quality.columns_left_out:
        lines.append(f"Too large: {quality.rows_left_out} rows and {quality.columns_left_out} columns were left out.")
    return lines


def query(
    session: Session,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT, in SQLite's dialect.")],
    table: Annotated[
        list[str] | None,
        typer.Option(
            "--table",
            metavar="TABLE",
            help="Tables to query; several times. By id or name; `database:NAME` for all of a database.",
        ),
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print the whole result as CSV.")] = False,
) -> None:
    """Run a query over tables of the store, or of one connected database. It can only read them, and nothing else."""
    with session.app() as app:
        result = app.tables.query(sql, tables=table or ())
    if session.json:
        session.print_json(result)
        return
    if csv:
        _write_csv(result.columns, result.rows)
        return
    from gezhi.entrypoints.cli.output import cell
    from gezhi.entrypoints.cli.output import table as make_table

    shown = make_table(*result.columns)
    for row in result.rows[:100]:
        shown.add_row(*(cell("" if value is None else value) for value in row))
    session.out.print(shown)
    if result.row_count > 100:
        session.out.print(f"{result.row_count} rows; the first 100 are shown. --csv prints them.")


def _write_csv(columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)


def check(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Of a database in the settings; all if left out.")] = "",
) -> int | None:
    """Connect to your databases, say what can be seen, and try whether they refuse to be written."""
    failed = False
    told: list[object] = []
    with session.app() as app:
        reader = app.tables
        names = (name,) if name else reader.databases
        if not names:
            session.out.print("No database is connected. Name one in the setting `databases`.")
        for one in names:
            try:
                found = reader.check(one)
            except SqlFailed as error:
                failed = True
                session.err.print(str(error), style="red", markup=False, highlight=False)
                told.append({"name": one, "error": error.message})
                continue
            told.append(found)
            if not session.json:
                for line in check_lines(found):
                    session.out.print(line, markup=False, highlight=False)
    if session.json:
        session.print_json(told)
    return 1 if failed else None


def check_lines(found: Checked) -> list[str]:
    lines = [f"{found.name}: {found.place}, {found.tables} tables with {found.columns} columns ({found.seconds:.1f} s)"]
    if found.refuses_writes:
        lines.append("  A write was tried here and refused.")
    elif found.refuses_writes is False:
        lines.append("  WARNING: a write was let through (it changed no row). Use an account that may only read.")
    else:
        lines.append("  Whether a write is refused could not be tried.")
    if found.could_write:
        lines.append("  Elsewhere this account may write: better give one that may only read.")
    return lines + [f"  {warning}" for warning in found.warnings]


command(group, "list")(list_)
command(group, "show")(show)
command(group, "query")(query)
command(group, "check")(check)


def register(app: typer.Typer) -> None:
    app.add_typer(group)
