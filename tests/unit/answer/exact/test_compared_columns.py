"""Columns of one row held against each other, and the words of sheets about goods, trips and trainings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gezhi.answer.exact.exact import answer_exactly
from gezhi.retrieve.tables.workspace import Workspace
from gezhi.types.tables import Value
from sheets import workspace_of

PROJECTS = """项目名称,负责部门,预算（万元）,实际支出（万元）,状态
智慧园区,信息部,100,120.5,进行中
仓储改造,运营部,80,60,已完成
移动办公,信息部,40,41,未启动
"""
STOCK = """SKU,Product Name,Stock,Reorder Level,Unit Price
S1,Desk,0,5,90
S2,Lamp,12,20,15
S3,Chair,40,10,45
"""
INVOICES = """Invoice No.,Customer,Issue Date,Due Date,Paid Date,Amount
INV-1,Kite Labs,2024-01-10,2024-02-10,2024-02-01,100
INV-2,Kite Labs,2025-01-12,2025-02-12,2025-03-01,200
INV-3,Bluefin Ltd,2025-01-20,2025-02-20,,50
"""
PROVINCES = """省份,2023年销售额（万元）,2024年销售额（万元）
江苏,3904,2497
浙江,4779,1599
广东,2000,4950
安徽,1000,1100
"""
TRAININGS = """课程名称,讲师,部门,培训日期,参加人数,费用,满意度
安全生产,唐老师,生产部,2025-03-02,30,800,4.5
安全生产,韩老师,质检部,2025-03-09,25,0,3.6
沟通技巧,唐老师,行政部,2025-06-01,10,3000,4.9
"""
SHIPMENTS = """Shipment ID,Carrier,Origin,Destination,Ship Date,Delivery Date,Weight (kg),Freight Cost (USD),Status
SH-1,DHL,Ningbo,Oslo,2025-03-02,2025-03-20,3600,410.5,delivered
SH-2,Maersk,Ningbo,Lima,2025-03-28,,120,90,in transit
SH-3,Maersk,Rotterdam,Oslo,2025-05-04,,2000,700,delayed
"""
LISTINGS = """Listing ID,Neighborhood,Property Type,Area (sqm),Asking Price (EUR),Sold On,Sale Price (EUR),Agent
L300,Riverside,apartment,60,200000,2025-06-02,210000,Nadia
L301,Riverside,house,150,500000,2025-07-01,480000,Nadia
L302,Old Town,apartment,80,300000,,,Petra
"""
LOANS = """读者,学院,书名,借出日期,应还日期,归还日期,罚款（元）
陈晨,文学院,活着,2025-02-01,2025-03-03,2025-03-10,3.5
陈晨,文学院,三体,2025-05-02,2025-06-01,2025-05-20,0
罗浩,商学院,三体,2025-05-09,2025-06-08,,0
"""
PATIENTS = """就诊号,患者姓名,年龄,科室,医生,费用（元）,医保
MZ1,赵伟,66,内科,林医生,120,自费
MZ2,钱芳,30,内科,高医生,80,职工医保
MZ3,孙静,71,眼科,林医生,300,职工医保
MZ4,李娜,12,儿科,马医生,50,居民医保
"""
ENERGY = """Building,Month,Electricity (kWh),Cost (EUR)
HQ,2024-01,9000,2000
HQ,2024-02,8000,1900
Lab,2024-01,4000,1200
"""
INCIDENTS = """Incident,Service,Severity,Started,Resolved,Downtime (min),On Call,Root Cause,Customers Affected
INC-1,checkout,SEV1,2025-01-03 09:00,2025-01-03 10:00,60,Ravi,hardware,8200
INC-2,search,SEV2,2025-02-03 09:00,2025-02-03 09:20,20,Ravi,config change,100
INC-3,checkout,SEV1,2025-02-09 09:00,,,Kim,config change,9000
"""
CANDIDATES = """Candidate,Position,Applied On,Source,Expected Salary,Offer Salary,Hired
Alex Wong,Designer,2025-03-01,Referral,60000,65000,yes
Bea Silva,Designer,2025-03-08,LinkedIn,50000,,no
Chen Novak,Sales Rep,2025-04-01,LinkedIn,48000,45000,yes
"""
CONTRACTS = """合同编号,合同名称,甲方,签订日期,到期日期,合同金额（万元）,状态
HT1,设备采购合同,东海集团,2024-01-05,2025-01-05,120,执行中
HT2,软件开发合同,东海集团,2023-06-01,2024-06-01,300,已完成
"""
FRUIT = """日期,门店,品名,销量（kg）,销售额（元）,损耗（kg）
2025-05-01,人民路店,苹果,10,80,1
2025-05-01,大学城店,苹果,12,96,0
2025-05-02,人民路店,葡萄,5,100,2
2025-05-02,大学城店,葡萄,1,19,0
2025-06-01,人民路店,苹果,3,24,0
"""
FILES = {
    "incidents.csv": INCIDENTS, "candidates.csv": CANDIDATES, "合同台账.csv": CONTRACTS, "水果销售.csv": FRUIT,
    "listings.csv": LISTINGS, "图书借阅.csv": LOANS, "门诊登记.csv": PATIENTS, "energy.csv": ENERGY,
    "项目预算.csv": PROJECTS, "products.csv": STOCK, "invoices.csv": INVOICES, "各省销售.csv": PROVINCES,
    "2025年培训记录.csv": TRAININGS, "shipments.csv": SHIPMENTS,
}  # fmt: skip


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    made = workspace_of(FILES)
    yield made
    made.close()


def _rows(question: str, space: Workspace) -> list[tuple[Value, ...]]:
    exact = answer_exactly(question, space, None, str.split)
    assert exact.result is not None, exact.reason
    return list(exact.result.rows)


@pytest.mark.parametrize(
    ("question", "right"),
    [
        ("哪些项目超预算了？", {("智慧园区",), ("移动办公",)}),
        ("How many projects are over budget?", {(2,)}),
        ("实际支出低于预算的项目有几个？", {(1,)}),
        ("还没启动的项目有几个？", {(1,)}),
        ("Which products are out of stock?", {("Desk",)}),
        ("How many products are below their reorder level?", {(2,)}),
        ("库存低于安全库存的商品有哪些？", {("Desk",), ("Lamp",)}),
        ("Which invoices were paid late?", {("INV-2",)}),
        ("How many invoices were paid on time?", {(1,)}),
        ("Which invoices were paid after the due date?", {("INV-2",)}),
        ("付款日期晚于到期日的发票有几张？", {(1,)}),
        ("哪些省份的销售额下降了？", {("江苏",), ("浙江",)}),
        ("2024年销售额比2023年高的省份有哪些？", {("广东",), ("安徽",)}),
        ("哪些省份2023年的销售额高于2024年？", {("江苏",), ("浙江",)}),
        ("2024年销售额增长最多的省份是哪个？", {("广东",)}),
        ("2024年销售额下降最多的省份是哪个？", {("浙江",)}),
        ("2024年销售额增长最少的省份是哪个？", {("安徽",)}),
        ("2024年销售额第二高的省份是哪个？", {("江苏",)}),
        ("Which carrier has the second most shipments?", {("DHL",)}),
        ("各负责部门的项目数量是多少？", {("信息部", 2), ("运营部", 1)}),
        ("费用第三高的门诊患者是谁？", {("钱芳",)}),
        ("2024年销售额增长最快的省份是哪个？", {("广东",)}),
        ("Which province grew the fastest?", {("广东",)}),
        ("How many SEV1 incidents were there in 2025?", {(2,)}),
        ("What was the longest incident?", {("INC-1",)}),
        ("Which root cause is the most common?", {("config change",)}),
        ("How many customers were affected by INC-1?", {(8200,)}),
        ("Which incidents affected more than 8000 customers?", {("INC-1",), ("INC-3",)}),
        ("What share of incidents was caused by hardware?", {(100 / 3,)}),
        ("Incidents per service", {("checkout", 2), ("search", 1)}),
        ("How many incidents are not resolved yet?", {(1,)}),
        ("Which candidates got an offer above their expected salary?", {("Alex Wong",)}),
        ("Which source brings the most candidates?", {("LinkedIn",)}),
        ("How many candidates were hired?", {(2,)}),
        ("东海集团2024年签了几份合同？", {(1,)}),
        ("人民路店苹果的销量是多少？", {(13,)}),
        ("Which service had the most downtime?", {("checkout",)}),
        ("每种水果的销量", {("苹果", 25), ("葡萄", 6)}),
        ("哪个门店的销售额最高？", {("人民路店",)}),
        ("哪天的销售额最高？", {("2025-05-01",)}),
        ("人民路店5月卖了多少元？", {(180,)}),
        ("How many listings were sold?", {(2,)}),
        ("Which listings sold above the asking price?", {("L300",)}),
        ("What is the largest apartment?", {("L302",)}),
        ("谁借的书最多？", {("陈晨",)}),
        ("逾期归还的有几次？", {(1,)}),
        ("还有多少本书没有归还？", {(1,)}),
        ("60岁以上的患者有多少人？", {(2,)}),
        ("自费的比例是多少？", {(25.0,)}),
        ("年龄最大的患者是谁？", {("孙静",)}),
        ("Which building uses the most electricity?", {("HQ",)}),
        ("In which month was the electricity of HQ highest?", {("2024-01",)}),
        ("一共培训了多少人次？", {(65,)}),
        ("哪门课程的参加人数最多？", {("安全生产",)}),
        ("哪位讲师的满意度最高？", {("唐老师",)}),
        ("生产部的平均满意度是多少？", {(4.5,)}),
        ("费用最高的一次培训是什么？", {("沟通技巧",)}),
        ("How many shipments have not been delivered?", {(2,)}),
        ("How many shipments from Ningbo were shipped in March 2025?", {(2,)}),
        ("What is the total weight shipped by Maersk?", {(2120,)}),
        ("Which shipments weigh more than 3500 kg?", {("SH-1",)}),
        ("Which carrier has the most shipments?", {("Maersk",)}),
        ("What is the total freight cost of DHL?", {(410.5,)}),
    ],
)
def test_asked_in_the_words_of_the_sheet(question: str, right: set[tuple[Value, ...]], space: Workspace) -> None:
    assert set(_rows(question, space)) == right


@pytest.mark.parametrize(
    "question",
    [
        "Which shipments were late?",  # no date says when one was due
        "库存不足的商品有几个？",  # short of what
        "What is the average monthly cost of HQ?",  # of months or of rows
    ],
)
def test_what_a_sheet_does_not_say_is_not_read(question: str, space: Workspace) -> None:
    assert answer_exactly(question, space, None, str.split).result is None


def test_a_number_called_as_the_rows_numbers_them() -> None:
    made = workspace_of({"orders.csv": "Order,Customer,Amount\n1001,Adler,300\n1002,Adler,50\n1003,Sol,90\n"})
    assert _rows("How many orders did Adler place?", made) == [(2,)]
    assert _rows("Which order has the highest amount?", made) == [(1001,)]
    assert _rows("What is the amount of order 1003?", made) == [(90,)]
    made.close()
