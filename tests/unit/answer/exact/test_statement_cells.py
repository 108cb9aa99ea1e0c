"""Questions about the cells of a statement are read by rules, in both languages, or not at all."""

from __future__ import annotations

import pytest

from gezhi.answer.exact.cells.read import Cells, read_cells
from gezhi.ingest.tables import typed_tables
from gezhi.retrieve.tables.workspace import Workspace
from gezhi.types import Block, BlockKind, Document, Table, TableRow, document_id
from gezhi.types.tables import TypedTable, Value

ACCOUNTS = """
(in millions) | 2019 | 2018 | 2017
Fixed price | $ 1,452.4 | $ 1,146.2 | $ 1,036.9
Other | 44.1 | 56.7 | 70.8
Total sales | $ 1,496.5 | $ 1,202.9 | $ 1,107.7
Current assets: | | |
Receivables | 120 | 100 | 80
Deposits | 7 | – | 2
Non-current assets: | | |
Receivables | 40 | 50 | 60
"""
利润表 = """
项目（万元） | 2024年 | 2023年 | 2022年
营业收入 | 1,200 | 1,000 | 800
管理费用 | 90 | 100 | 80
研发费用 | 60 | 50 | 40
净利润 | 150 | 120 | 100
"""
PEOPLE = """
Name | Age | Weight
Anna | 30 | 60
Otto | 40 | 80
"""


def table(text: str) -> tuple[TypedTable, list[tuple[Value, ...]]]:
    rows = [
        TableRow(cells=tuple(c.strip() for c in line.split("|")), start=0, end=1) for line in text.strip().split("\n")
    ]
    whole = Table(name="accounts", header=rows[0].cells, rows=tuple(rows[1:]))
    block = Block(kind=BlockKind.TABLE, start=0, end=1, table=whole)
    document = Document(
        id=document_id(text.encode()), source="a", title="", media_type="text/plain", text="x", blocks=(block,)
    )
    [data] = typed_tables(document)
    every = sorted((*data.rows, *data.totals), key=lambda row: row.number)
    return data.table, [row.values for row in every]


def answer(question: str, text: str) -> tuple[Value, ...] | str:
    described, rows = table(text)
    read = read_cells(question, described, rows)
    if not isinstance(read, Cells):
        return read
    space = Workspace()
    space.add(described, rows)
    return tuple(value for row in space.run(read.sql).rows for value in row)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What were total sales in 2018?", (1202.9,)),
        ("What were the fixed price sales in 2019 and 2017?", (1452.4, 1036.9)),
        ("What was the change in total sales between 2018 and 2019?", (293.6,)),
        ("What was the change in other sales from 2018 to 2019?", (-12.6,)),
        ("How much did other sales decrease from 2018 to 2019?", (12.6,)),
        ("What is the difference in other sales between 2018 and 2019?", (12.6,)),
        ("What was the percentage change in total sales from 2018 to 2019?", (24.41,)),
        ("What is the average of total sales for 2017 to 2019?", (1269.0333,)),
        ("What is the average total sales for 2017 and 2019?", (1302.1,)),
        ("What percentage of total sales was fixed price in 2019?", (97.05,)),
        ("What is the ratio of fixed price to other in 2019?", (32.9342,)),
        ("In which year were total sales the lowest?", ("2017",)),
        ("What were current assets receivables in 2019?", (120,)),
        ("What were the non-current assets receivables in FY19?", (40,)),
    ],
)
def test_english(question: str, expected: tuple[Value, ...]) -> None:
    found = answer(question, ACCOUNTS)
    assert isinstance(found, tuple), found
    assert [round(v, 4) if isinstance(v, float) else v for v in found] == list(expected)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("2024年净利润是多少？", (150,)),
        ("2024年和2022年的营业收入分别是多少？", (1200, 800)),
        ("2024年净利润比2023年增长了多少？", (30,)),
        ("2024年营业收入同比增长率是多少？", None),  # of which year is not said
        ("营业收入从2023年到2024年的增长率是多少？", (20.0,)),
        ("管理费用2024年比2023年下降了多少？", (10,)),
        ("2022年至2024年净利润的平均值是多少？", (123.333333,)),
        ("2024年研发费用占营业收入的比例是多少？", (5.0,)),
        ("哪一年的净利润最低？", ("2022年",)),
        ("2024年管理费用和研发费用合计是多少？", (150,)),
    ],
)
def test_chinese(question: str, expected: tuple[Value, ...] | None) -> None:
    found = answer(question, 利润表)
    if expected is None:
        assert isinstance(found, str)
        return
    assert isinstance(found, tuple), found
    assert [round(v, 6) if isinstance(v, float) else v for v in found] == list(expected)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Why did total sales increase from 2018 to 2019?", ACCOUNTS),
        ("What is included in other sales in 2019?", ACCOUNTS),
        ("What were receivables in 2019?", ACCOUNTS),  # two rows have the name
        ("What were deposits in 2018?", ACCOUNTS),  # the cell is empty
        ("What were total sales in 2016?", ACCOUNTS),
        ("What were total sales?", ACCOUNTS),
        ("What were total sales in Europe and the Middle East in 2019?", ACCOUNTS),
        ("Were total sales higher in 2019 than in 2018?", ACCOUNTS),
        ("Who is older than Anna?", PEOPLE),
        ("What is the weight of the oldest?", PEOPLE),
        ("2024年净利润为什么增长？", 利润表),
        ("2021年净利润是多少？", 利润表),
        ("2024年净利润是否高于2023年？", 利润表),
    ],
)
def test_left_to_others(question: str, text: str) -> None:
    assert isinstance(answer(question, text), str)


def test_the_query_names_the_row() -> None:
    described, rows = table(ACCOUNTS)
    read = read_cells("What were total sales in 2018?", described, rows)
    assert isinstance(read, Cells)
    assert read.sql.endswith("= 'Total sales'")
    assert [rows[row][0] for row in read.rows] == ["Total sales"]
