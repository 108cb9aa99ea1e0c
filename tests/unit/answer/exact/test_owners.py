"""Whose tables these are says nothing of the rows; what is to be counted does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gezhi.answer.exact.exact import values_of
from gezhi.answer.exact.reader import read
from gezhi.answer.exact.reader.read import CannotRead, Reading
from gezhi.retrieve.tables.workspace import Workspace
from sheets import workspace_of

STAFF = "姓名,部门,入职日期\n张三,研发部,2020-01-01\n李四,销售部,2021-02-02\n王五,研发部,2022-03-03\n"
CUSTOMERS = "Customer,City,Revenue\nAcme,Leeds,3\nBolt,York,4\nCask,Leeds,5\n"
SUPPLIERS = "公司,城市,金额\n甲,苏州,3\n乙,苏州,4\n丙,无锡,4\n"
FILES = {"员工.csv": STAFF, "customers.csv": CUSTOMERS, "供应商.csv": SUPPLIERS}


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    made = workspace_of(FILES)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("公司有多少员工？", [(3,)]),
        ("我们公司一共有多少名员工？", [(3,)]),
        ("公司的员工有多少？", [(3,)]),
        ("公司研发部有多少员工？", [(2,)]),
        ("本公司目前有几名员工？", [(3,)]),
        ("How many employees does the company have?", [(3,)]),
        ("How many customers does our company have?", [(3,)]),
        ("How many customers do you have in Leeds?", [(2,)]),
        ("What is the company's total revenue?", [(12,)]),
        ("苏州有多少家公司？", [(2,)]),
        ("How many companies are there?", [(3,)]),
    ],
)
def test_the_company_is_no_condition(space: Workspace, question: str, rows: list[tuple[int]]) -> None:
    found = read(question, space.tables, values_of(space))
    assert isinstance(found, Reading), found
    assert list(space.run(found.sql).rows) == rows


@pytest.mark.parametrize(
    "question",
    [
        "Which company has the most employees?",
        "公司有多少股东？",
        "子公司有多少员工？",
        "How many employees does the parent company have?",
        "When was the company founded?",
    ],
)
def test_what_is_not_in_a_table_stays_unknown(space: Workspace, question: str) -> None:
    assert isinstance(read(question, space.tables, values_of(space)), CannotRead)
