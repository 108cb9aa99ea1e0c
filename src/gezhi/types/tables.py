"""Tables as data: typed columns, rows that know where they stand in their document."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

VIEW = "store:"
"""Begins the id of a table that is the store itself: `store:documents`."""

Value = str | int | float | bool | None
"""A cell as it is computed with. Dates are ISO 8601 texts, as exact as the source: 2024-03-05, 2024-03, 2024."""


class ColumnType(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"

    @property
    def is_numeric(self) -> bool:
        return self in (ColumnType.INTEGER, ColumnType.NUMBER)


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    name: str
    """The header as written; lines of a header of several lines are joined with a space."""
    key: str
    """Its name in SQL: letters, digits, underscores and Chinese; unique in the table whatever the case."""
    type: ColumnType
    unit: str = ""
    """What the numbers count, as written (`万元`, `%`, `USD`); scale words in cells (1.2万) are multiplied in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedRow:
    number: int
    """From 1, among the rows of data and of totals."""
    values: tuple[Value, ...]
    texts: tuple[str, ...]
    """The cells as written."""
    start: int
    end: int
    """Where the row stands in the document's text; equal if it does not stand there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CellIssue:
    row: int
    column: str
    """Key of the column."""
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TableQuality:
    """What a person should know before trusting a sum."""

    unparsed: tuple[CellIssue, ...] = ()
    """Cells of a number, date or boolean column that could not be read; their value is null. The first hundred."""
    unparsed_count: int = 0
    totals_rows: tuple[int, ...] = ()
    """Numbers of rows that seem to add up others; they are kept apart and are not among the table's rows."""
    duplicate_rows: tuple[int, ...] = ()
    """Rows equal to an earlier one. The first hundred."""
    empty_columns: tuple[str, ...] = ()
    rows_left_out: int = 0
    """Rows and columns beyond what one table may have; they are not in the table, so no sum over it is whole."""
    columns_left_out: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeignKey:
    columns: tuple[str, ...]
    table: str
    """Key of the table referred to."""
    target: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedTable:
    """A table of the catalogue, without its rows. Made from a `Table` of a document, or read from a database."""

    id: str
    """`<document id>:t<number>`."""
    document_id: str
    number: int
    """From 0, in the document."""
    name: str
    """Caption, sheet or heading it stands under; the document's title if it has none."""
    key: str
    """Its name in SQL, as `Column.key`; made unique where several tables meet."""
    headings: tuple[str, ...] = ()
    columns: tuple[Column, ...]
    row_count: int
    counted: bool = True
    """Whether the rows were counted; those of a very large table of a connected database are its own estimate."""
    page: int | None = None
    quality: TableQuality = TableQuality()
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    source: str = ""
    """Where its document came from and the document's title; the store sets them."""
    title: str = ""

    @property
    def is_view(self) -> bool:
        """Whether it is the store itself as a table: its documents, passages, entities, mentions or facts."""
        return self.id.startswith(VIEW)


@dataclass(frozen=True, kw_only=True, slots=True)
class TableData:
    """A typed table with its rows."""

    table: TypedTable
    rows: tuple[TypedRow, ...]
    totals: tuple[TypedRow, ...] = ()
    """Totals rows, for who asks for the total that is written there; they are not among the rows."""
