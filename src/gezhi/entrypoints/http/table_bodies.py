"""What the routes of tables take and answer with."""

from __future__ import annotations

from pydantic import Field

from gezhi.entrypoints.http.bodies import Asked, Shown
from gezhi.types.tables import ColumnType, Value


class ColumnBody(Shown):
    name: str = Field(description="The header as written.")
    key: str = Field(description="Its name in SQL.")
    type: ColumnType
    unit: str


class CellIssueBody(Shown):
    row: int
    column: str
    text: str


class QualityBody(Shown):
    unparsed: list[CellIssueBody] = Field(description="Cells that could not be read; the first hundred.")
    unparsed_count: int
    totals_rows: list[int] = Field(description="Rows that add up others; kept apart.")
    duplicate_rows: list[int]
    empty_columns: list[str]
    rows_left_out: int = Field(description="Of a table that is too large.")
    columns_left_out: int


class TableBody(Shown):
    id: str
    document_id: str
    source: str
    name: str
    key: str = Field(description="Its name in SQL.")
    headings: list[str]
    columns: list[ColumnBody]
    row_count: int
    counted: bool = Field(description="Whether the rows were counted; else it is a database's own estimate.")
    page: int | None
    quality: QualityBody


class TablesBody(Shown):
    tables: list[TableBody]


class RowBody(Shown):
    number: int = Field(description="From 1, among the rows of data.")
    values: list[Value]
    texts: list[str] = Field(description="The cells as written.")
    start: int = Field(description="Where the row stands in the document's text.")
    end: int


class TablePageBody(Shown):
    table: TableBody
    rows: list[RowBody]


class SqlRequest(Asked):
    sql: str = Field(min_length=1, max_length=10_000, examples=["SELECT count(*) FROM orders"])
    tables: list[str] = Field(default=[], max_length=20, description="Ids or names; found by the query if left out.")


class QueryResultBody(Shown):
    sql: str = Field(description="As it ran.")
    columns: list[str]
    rows: list[list[Value]]
    row_count: int
    truncated: bool
    seconds: float
