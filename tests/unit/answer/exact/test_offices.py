"""Sheets of offices and how their people ask: days, units, shares of sums, deeds, whoever is meant. The right answers
are counted by eye."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gezhi.answer.exact.exact import answer_exactly
from gezhi.retrieve.tables.workspace import Workspace
from gezhi.types.tables import Value
from sheets import workspace_of

CASES = """Case No,Client,Lawyer,Filed on,Court,Area of law,Hours billed,Fee (EUR),Outcome,Closed on
2024/017,Baltic Foods,H. Moreno,12 Jan 2024,Riga,Contract,42.5,"6,375.00",Won,3 May 2024
2024/018,Orla Kane,P. Jansen,20 Jan 2024,Cork,Family,11,"1,320.00",Settled,2 Mar 2024
2024/019,Trident Shipping,H. Moreno,4 Feb 2024,Riga,Maritime,88,"15,840.00",Lost,11 Nov 2024
2024/020,Orla Kane,P. Jansen,15 Feb 2024,Cork,Property,7.5,900.00,,
2024/021,M. Duarte,S. Weiss,1 Mar 2024,Porto,Employment,23,"2,990.00",Won,30 Jul 2024
2024/022,Baltic Foods,S. Weiss,19 Mar 2024,Riga,Contract,31,"4,650.00",Settled,8 Aug 2024
2024/023,Fennel & Sons,H. Moreno,2 Apr 2024,Cork,Employment,19,"2,850.00",,
2024/024,M. Duarte,P. Jansen,9 May 2024,Porto,Family,14,"1,680.00",Lost,1 Dec 2024
2024/025,Trident Shipping,S. Weiss,30 May 2024,Riga,Contract,52,"9,360.00",Won,15 Dec 2024
"""
VOLUNTEERS = """志愿者,性别,社区,活动名称,活动日期,服务时长（小时）,签到,是否党员,补贴（元）
周敏,女,锦绣社区,垃圾分类宣传,2024-03-05,3,已签到,是,30
高翔,男,锦绣社区,敬老探访,2024-03-09,2.5,已签到,否,25
李娜,女,东湖社区,垃圾分类宣传,2024-03-05,4,已签到,否,40
周敏,女,锦绣社区,义务植树,2024-03-12,6,已签到,是,60
韩冰,男,东湖社区,义务植树,2024-03-12,,未签到,否,
李娜,女,东湖社区,敬老探访,2024-04-06,2,已签到,否,20
高翔,男,锦绣社区,交通引导,2024-04-18,5,已签到,否,50
孟洁,女,北苑社区,交通引导,2024-04-18,5,已签到,是,50
孟洁,女,北苑社区,敬老探访,2024-05-04,3.5,已签到,是,35
韩冰,男,东湖社区,垃圾分类宣传,2024-05-20,3,已签到,否,30
"""
BOOKINGS = """Booking ref,Guest,Room,Check-in,Check-out,Nights,Adults,Rate per night,Total (USD),Channel,Status,Notes
B-901,Ana Petrova,12,2025-06-01,2025-06-04,3,2,$120.00,$360.00,Website,Checked out,
B-902,Li Wei,7,2025-06-02,2025-06-03,1,1,$95.00,$95.00,Phone,Checked out,late arrival
B-903,Marc Dubois,3,2025-06-05,2025-06-12,7,2,$140.00,$980.00,Agency,Checked out,
B-904,Ana Petrova,12,2025-06-20,2025-06-22,2,2,$120.00,$240.00,Website,Cancelled,refund due
B-905,Sara Lindholm,9,2025-07-01,2025-07-05,4,3,$160.00,$640.00,Agency,Checked in,
B-906,Tomás Vega,7,2025-07-03,2025-07-04,1,1,$95.00,$95.00,Phone,No-show,
B-907,Li Wei,3,2025-07-10,2025-07-17,7,2,$140.00,$980.00,Website,Confirmed,anniversary
B-908,Joan Kerr,9,2025-08-02,2025-08-05,3,4,$160.00,$480.00,Agency,Confirmed,
"""
INSPECTIONS = """序号,巡检日期,站点,设备名称,巡检人,检查项数,异常项数,异常描述,处理状态,维修费(元)
1,2024.1.5,一号泵站,离心泵,程磊,12,0,,无需处理,
2,2024.1.5,二号泵站,配电柜,程磊,10,2,接线松动、指示灯不亮,已处理,350
3,2024.1.18,一号泵站,阀门井,苏婷,8,1,井盖破损,已处理,"1,200"
4,2024.2.2,三号泵站,离心泵,苏婷,12,3,渗漏,处理中,
5,2024.2.20,二号泵站,离心泵,罗强,12,0,,无需处理,
6,2024.3.7,三号泵站,配电柜,罗强,10,1,温度偏高,已处理,480
7,2024.3.7,一号泵站,配电柜,程磊,10,0,,无需处理,
8,2024.3.25,三号泵站,阀门井,苏婷,8,2,渗漏,待处理,
9,2024.4.11,二号泵站,阀门井,程磊,8,0,,无需处理,
合计,,,,,90,9,,,"2,030"
"""
WELLS = """Wells of the valley
Well,Visited on,Depth (NTU-m),Nitrate mg/L,Result,Litres pumped,Sealed,Crew
A,3 Mar 2025,10,4.5,Pass,"1,200",yes,North
B,3 Mar 2025,14,60,Fail,900,no,South
C,2025-03-09,30,12,Pass,300,no,North
D,4 Apr 2025,22,80,Fail,,no,South
"The pump of C was changed on 10 March, after the visit.",,,,,,,
"""
HARVESTS = """作物,采收日期,产量（公斤）,等级,班组,影响户数
苹果,2024-09-03,1.2万,一级,一队,30
梨,2024-09-04,800,二级,二队,10
苹果,2024-09-04,"3,000",二级,一队,0
桃,2024-10-02,500,一级,三队,5
注：产量按毛重计,,,,,
"""
LINES = """产品线,2023年营收（万元）,2024年营收（万元）
泵,100,150
阀门,200,210
仪表,50,90
"""
REGIONS = """Region,Revenue 2023,Revenue 2024
North,100,150
South,200,210
"""


@pytest.fixture(scope="module")
def spaces() -> Iterator[dict[str, Workspace]]:
    files = {
        "cases.csv": CASES, "志愿服务记录.csv": VOLUNTEERS, "hotel_bookings_2025.csv": BOOKINGS,
        "泵站巡检记录.csv": INSPECTIONS, "wells.csv": WELLS, "采收.csv": HARVESTS, "产品线.csv": LINES,
        "regions.csv": REGIONS,
    }  # fmt: skip
    made = {name: workspace_of({name: text}) for name, text in files.items()}
    yield made
    for space in made.values():
        space.close()


def ask(space: Workspace, question: str) -> list[tuple[Value, ...]] | str:
    found = answer_exactly(question, space, None, str.split)
    return found.reason if found.result is None else sorted(found.result.rows, key=str)


@pytest.mark.parametrize(
    ("sheet", "question", "right"),
    [
        ("cases", "How many cases did we win?", [(3,)]),
        ("cases", "How many hours did H. Moreno bill?", [(149.5,)]),
        ("cases", "What is the average fee per case?", [(pytest.approx(5107.222),)]),
        ("cases", "When was case 2024/021 closed?", [("2024-07-30",)]),
        ("cases", "Who was the lawyer in case 2024/019?", [("H. Moreno",)]),
        ("cases", "How many clients do we have?", [(5,)]),
        ("cases", "What did Baltic Foods pay in total?", [(11025,)]),
        ("cases", "How much more did Trident Shipping pay than Orla Kane?", [(22980,)]),
        ("cases", "Which case was filed last?", [("2024/025",)]),
        ("cases", "How many cases were filed between February and April 2024?", [(5,)]),
        ("志愿服务记录", "党员志愿者有几名？", [(2,)]),
        ("志愿服务记录", "一共有多少名志愿者？", [(5,)]),
        ("志愿服务记录", "女志愿者一共服务了多少小时？", [(23.5,)]),
        ("志愿服务记录", "男志愿者和女志愿者的服务时长相差多少？", [(13,)]),
        ("志愿服务记录", "锦绣社区的服务时长占总时长的比例是多少？", [(pytest.approx(48.529, abs=1e-3),)]),
        ("志愿服务记录", "未签到的是谁？", [("韩冰",)]),
        ("志愿服务记录", "参加义务植树的有哪些人？", [("周敏",), ("韩冰",)]),
        ("志愿服务记录", "高翔和李娜谁的服务时长更长？", [("高翔",)]),
        ("志愿服务记录", "最近一次活动是哪天？", [("2024-05-20",)]),
        ("hotel_bookings_2025", "Which bookings have notes?", [("B-902",), ("B-904",), ("B-907",)]),
        ("hotel_bookings_2025", "Which booking has the highest total?", [("B-903",), ("B-907",)]),
        ("hotel_bookings_2025", "How much did Ana Petrova spend?", [(600,)]),
        ("hotel_bookings_2025", "What share of the revenue came from agencies?", [(pytest.approx(54.2636),)]),
        ("泵站巡检记录", "每个人分别巡检了多少次？", [("程磊", 4), ("罗强", 2), ("苏婷", 3)]),
        ("泵站巡检记录", "谁巡检的次数最多？", [("程磊",)]),
        ("泵站巡检记录", "哪些设备出现过渗漏？", [("离心泵",), ("阀门井",)]),
        ("泵站巡检记录", "第一季度的维修费是多少？", [(2030,)]),
        ("泵站巡检记录", "已处理的占多少？", [(pytest.approx(33.333, abs=1e-3),)]),
        ("wells", "How many wells were visited on 3 March 2025?", [(2,)]),
        ("wells", "How many wells were visited on March 3rd?", [(2,)]),
        ("wells", "How many wells failed?", [(2,)]),
        ("wells", "Number of failed wells per crew", [("South", 2)]),
        ("wells", "What is the average depth?", [(19,)]),
        ("wells", "How much higher is the average depth of South than of North?", [(2,)]),
        ("wells", "How many wells passed without being sealed?", [(1,)]),
        ("采收", "苹果一共采收了多少公斤？", [(15000,)]),
        ("采收", "9月4日一共采收了多少公斤？", [(3800,)]),
        ("采收", "产量最高的两种作物是什么？", "not clear"),
        ("采收", "总产量最高的两种作物是什么？", [("梨", 800), ("苹果", 15000)]),
        ("采收", "一级品的产量占总产量的百分之几？", [(pytest.approx(76.687, abs=1e-3),)]),
        ("采收", "一队和二队哪个产量更多？", [("一队",)]),
        ("采收", "单次产量最高的是哪个班组？", [("一队",)]),
        ("采收", "产量大于700kg的有几批？", [(3,)]),
        ("采收", "一共影响了多少户？", [(45,)]),
        ("产品线", "2024年销售额增长最快的产品线", [("仪表",)]),
        ("产品线", "2024年营业额最高的产品线是哪个？", [("阀门",)]),
        ("regions", "Which region had the highest turnover in 2024?", [("South",)]),
        ("regions", "What is the total sales in 2024?", [(360,)]),
        ("regions", "2024年销售额最高的地区是哪个？", [("South",)]),
    ],
)
def test_as_their_people_ask(
    spaces: dict[str, Workspace], sheet: str, question: str, right: list[tuple[Value, ...]] | str
) -> None:
    found = ask(spaces[f"{sheet}.csv"], question)
    assert (right in found) if isinstance(right, str) else (found == right)


@pytest.mark.parametrize(
    ("sheet", "question"),
    [
        ("cases", "Who are the top two lawyers by fee?"),
        ("cases", "Which lawyer won, and what is the fee?"),
        ("志愿服务记录", "补贴最高的三个人是谁？"),
        ("志愿服务记录", "志愿者的电话是多少？"),
        ("hotel_bookings_2025", "How many bookings are over 50%?"),
        ("hotel_bookings_2025", "What is the total of the three largest bookings?"),
        ("泵站巡检记录", "哪个班组巡检的次数最多？"),
        ("wells", "Which wells are over 20%?"),
        ("regions", "What was the profit in 2024?"),
    ],
)
def test_what_is_not_clear_is_refused(spaces: dict[str, Workspace], sheet: str, question: str) -> None:
    assert isinstance(ask(spaces[f"{sheet}.csv"], question), str)


def test_lines_below_a_table_are_no_rows(spaces: dict[str, Workspace]) -> None:
    assert [table.row_count for name in ("wells.csv", "采收.csv") for table in spaces[name].tables] == [4, 4]
