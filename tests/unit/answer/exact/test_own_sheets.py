"""Sheets as people keep them, read from CSV, and what they ask of them; the right answers are counted by eye."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gezhi.answer.exact.exact import answer_exactly
from gezhi.answer.exact.say import say
from gezhi.retrieve.tables.workspace import Workspace
from gezhi.types.tables import Value
from sheets import workspace_of

CLAIMS = """Claim No,Employee,Department,Category,Date,Amount,Currency,Status,Approved by
EC-1,Anna Schmidt,Sales,Travel,2025-03-02,1200.50,EUR,approved,Mia Hoffmann
EC-2,Anna Schmidt,Sales,Hotel,2025-03-04,300,EUR,rejected,Mia Hoffmann
EC-3,Tom Baker,Sales,Travel,2025-05-20,80,EUR,pending,Carl Jensen
EC-4,Priya Nair,Engineering,Software,2025-06-11,900,EUR,approved,Mia Hoffmann
"""
TICKETS = """ticket_id,opened_at,closed_at,customer,priority,agent,satisfaction,country
T1,2025-01-03 09:00,2025-01-04 10:00,Acme,urgent,Eva,5,Germany
T2,2025-01-09 09:00,,Acme,urgent,Liam,,Spain
T3,2025-05-02 09:00,2025-05-03 10:00,Globex,low,Eva,2,Germany
T4,2025-05-07 09:00,,Globex,urgent,Eva,4,France
"""
MACHINES = """设备编号,设备名称,车间,购置日期,原值（元）,状态,负责人,保修期（月）
SB1,磨床,一车间,2018-03-01,300000,在用,赵强,24
SB2,数控车床,二车间,2021-07-15,800000,停用,孙丽,36
SB3,磨床,二车间,2022-01-20,420000,在用,赵强,12
"""
PROVINCES = """省份,大区,2023年销售额（万元）,2024年销售额（万元）,门店数,经理
江苏,华东,3904,2497,29,杨帆
浙江,华东,4779,1599,35,陈静
广东,华南,2000,4950,54,刘洋
"""
LEAVE = """姓名,部门,请假类型,开始日期,结束日期,天数,审批状态,审批人
李娜,研发部,年假,2025-05-06,2025-05-07,2,已批准,周总
李娜,研发部,病假,2025-05-20,2025-05-21,1.5,待审批,周总
张伟,市场部,年假,2025-06-02,2025-06-06,5,已批准,吴总
"""
PURCHASES = """采购单号,供应商,物料名称,数量,单价,金额,下单日期,到货日期,采购员,币种
PO1,海岭机械,轴承,40,10,400,2025-01-05,2025-01-20,何静,CNY
PO2,海岭机械,轴承,60,11,660,2025-02-05,,孟凡,CNY
PO3,德丰五金,螺栓,900,1,900,2024-02-05,2024-02-09,何静,CNY
"""
RESTAURANTS = """name,city,cuisine,rating,reviews,avg_price_usd,opened_year
Red Oven,Boston,Italian,4.5,120,30,2016
Blue Spoon,Boston,Thai,4.5,80,18,2001
Gold Leaf,Austin,Italian,3.9,900,41,2019
"""
INVOICES = """Invoice No.,Customer,Issue Date,Due Date,Paid Date,Net Amount,VAT,Gross Amount
INV-1,Kite Labs,2024-01-10,2024-02-10,2024-02-01,100,19,119
INV-2,Kite Labs,2025-01-12,2025-02-12,,200,38,238
INV-3,Bluefin Ltd,2025-01-20,2025-02-20,,50,9.5,59.5
"""
FILES = {
    "请假记录2025.csv": LEAVE, "采购订单.csv": PURCHASES, "restaurants.csv": RESTAURANTS, "invoices.csv": INVOICES,
}  # fmt: skip
FILES |= {"expenses.csv": CLAIMS, "support_tickets.csv": TICKETS, "设备台账.csv": MACHINES, "各省销售.csv": PROVINCES}


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    made = workspace_of(FILES)
    yield made
    made.close()


def _answer(question: str, space: Workspace) -> tuple[list[tuple[Value, ...]], str]:
    exact = answer_exactly(question, space, None, str.split)
    assert exact.result is not None, exact.reason
    return list(exact.result.rows), say(question, exact.result, space.tables)


@pytest.mark.parametrize(
    ("question", "right"),
    [
        ("How much did Anna Schmidt claim in total?", {(1500.5,)}),
        ("How much was spent on travel?", {(1280.5,)}),
        ("Which employee claimed the most?", {("Anna Schmidt",)}),
        ("Which department spent the most?", {("Sales",)}),
        ("How many claims are pending?", {(1,)}),
        ("How many claims were filed in March?", {(2,)}),
        ("What is the largest claim?", {("EC-1",)}),
        ("Who approved the most claims?", {("Mia Hoffmann",)}),
        ("Who approved EC-3?", {("Carl Jensen",)}),
        ("What is the average hotel expense?", {(300.0,)}),
        ("How many claims over 1000 euros are there?", {(1,)}),
        ("Total expenses by category", {("Hotel", 300.0), ("Software", 900.0), ("Travel", 1280.5)}),
        ("What is the status of claim EC-2?", {("rejected",)}),
        ("How many tickets are still open?", {(2,)}),
        ("How many urgent tickets did Eva handle?", {(2,)}),
        ("Which agent closed the most tickets?", {("Eva",)}),
        ("Which customer has the most urgent tickets?", {("Acme",)}),
        ("How many tickets were opened in May 2025?", {(2,)}),
        ("How many tickets came from Germany?", {(2,)}),
        ("Tickets per country", {("Germany", 2), ("Spain", 1), ("France", 1)}),
        ("停用的设备有哪些？", {("SB2", "数控车床")}),
        ("原值最高的设备是哪台？", {("SB2", "数控车床")}),
        ("各车间的设备数量", {("一车间", 1), ("二车间", 2)}),
        ("保修期超过24个月的设备有几台？", {(1,)}),
        ("SB2的负责人是谁？", {("孙丽",)}),
        ("2024年销售额最高的省份是哪个？", {("广东",)}),
        ("华东大区2024年的销售额合计是多少？", {(4096,)}),
        ("一共有多少家门店？", {(118,)}),
        ("平均每个省有多少家门店？", {(118 / 3,)}),
        ("刘洋负责哪些省份？", {("广东",)}),
        ("哪个大区的门店最多？", {("华东",)}),  # 64 of two provinces, though the largest number is 54
        ("How many stores are there in Jiangsu?", {(29,)}),
        ("李娜一共请了几天假？", {(3.5,)}),
        ("5月份有多少人请假？", {(1,)}),
        ("研发部有多少人次请假？", {(2,)}),
        ("周总审批了多少条请假？", {(2,)}),
        ("哪种请假类型天数最多？", {("年假",)}),
        ("2025年采购了多少个轴承？", {(100,)}),
        ("还没到货的采购单有几张？", {(1,)}),
        ("PO3的供应商是谁？", {("德丰五金",)}),
        ("PO1是什么时候下单的？", {("2025-01-05",)}),
        ("Which restaurant has the highest rating?", {("Red Oven",), ("Blue Spoon",)}),
        ("Which restaurants opened after 2015?", {("Red Oven",), ("Gold Leaf",)}),
        ("What is the average price in Boston?", {(24.0,)}),
        ("Which cuisine has the best average rating?", {("Thai",)}),
        ("How many invoices are unpaid?", {(2,)}),
        ("Which invoices are still unpaid?", {("INV-2",), ("INV-3",)}),
        ("How many invoices per month in 2025?", {("2025-01", 2)}),
        ("When was INV-1 paid?", {("2024-02-01",)}),
        ("How much VAT did we charge Kite Labs?", {(57,)}),
        ("What is the largest invoice by gross amount?", {("INV-2",)}),
    ],
)
def test_asked_in_the_words_of_the_sheet(question: str, right: set[tuple[Value, ...]], space: Workspace) -> None:
    assert set(_answer(question, space)[0]) == right


def test_an_amount_has_the_currency_of_the_column_beside_it(space: Workspace) -> None:
    assert _answer("How much was spent on travel?", space)[1] == "1,280.5 EUR."


@pytest.mark.parametrize(
    "question",
    [
        "How many claims were filed by managers?",  # nothing says who is one
        "Which employee has the most travel?",  # claims or money
        "What was rejected in 2024 and why?",
        "How many invoices over 100 were issued?",  # net or gross
        "哪个供应商的采购金额最高？",  # of one order or of all: here they differ
    ],
)
def test_what_a_sheet_does_not_say_is_not_read(question: str, space: Workspace) -> None:
    assert answer_exactly(question, space, None, str.split).result is None


def test_a_month_of_several_years_is_not_guessed() -> None:
    text = CLAIMS + "EC-5,Tom Baker,Sales,Travel,2024-03-09,10,EUR,pending,Carl Jensen\n"
    made = workspace_of({"expenses.csv": text})
    assert answer_exactly("How many claims were filed in March?", made, None, str.split).result is None
    assert _answer("How many claims were filed in March 2024?", made)[0] == [(1,)]
    made.close()
