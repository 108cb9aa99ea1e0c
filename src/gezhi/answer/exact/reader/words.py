"""Words that ask for an operation, in both languages. One per line of the texts below: mark, then phrases."""

# ruff: noqa: E501
from __future__ import annotations

import functools
import re
import unicodedata

_MARKS = """
count: how many|the number of|number of|count of|the count of|多少个|几个|有多少|多少条|多少次|多少家|多少名|多少笔|多少位|多少人|多少个人|多少台|多少件|多少份|多少场|多少辆|多少所|多少本|多少款|多少门|人数|几人|几台|几件|几份|几场|几辆|几所|几本|几款|几门|几家|几条|几次|几名|几笔|几位|条数|个数|次数|笔数|多少行|多少张|几张|几批|几趟|几单|几桌|几起|多少起|多少批|多少趟|多少单|多少桌
share: what share of|what percentage of|what percent of|what proportion of|what fraction of|占多少比例|占比多少|占比是多少|的占比|占百分之几|占百分之多少|比例是多少|的比例|占多大比例|占多少|百分之几|百分之多少|百分之多大
much: how much|占多少钱|占多少元|多少钱|多少元|多少万元|多少|是多少|为多少|几何
total: total|sum|sum of|combined|altogether|in all|overall|in total|总数量|总量|总分|合计|总和|总计|总共|一共|共计|总额|累计|共|之和|加起来|总
average: average|mean|on average|平均每笔|平均每单|平均每次|平均每趟|平均每批|平均每场|平均每次|平均每件|平均分|平均|平均值|均值|平均数
common: most common|most frequent|commonest|most often|最常见|最普遍|最频繁
most: most|highest|largest|biggest|greatest|maximum|max|最高分|最高|最大|最多|最大值|最高值|最长|最久|最重|最远
least: least|lowest|fewest|smallest|minimum|min|最低分|最低|最少|最小|最小值|最低值|最短|最轻
latest: latest|most recent|newest|最晚|最近|最新
earliest: earliest|oldest date|最早
top: top|前
distinct: different|distinct|unique|不同|不同的|有多少种|有几种|有多少类|多少种|几种|多少类|几类
each: per|for each|each|for every|every|各|各个|每个|每|分别|按|每家|每种|每类|每位|各自
by_month: per month|each month|every month|for each month|for every month|by month|monthly|month by month|每月|每个月|各月|各个月|按月|逐月|月度
by_quarter: per quarter|each quarter|every quarter|for each quarter|by quarter|quarterly|每季度|每个季度|各季度|各个季度|按季度|逐季
by_year: per year|each year|every year|for each year|for every year|by year|yearly|annually|year by year|每年|各年|各年度|按年|逐年|历年
which_month: which month|what month|in which month|in what month|哪个月|哪月|哪个月份
which_quarter: which quarter|what quarter|in which quarter|哪个季度|哪季度|哪一季度
above: more than|later than|longer than|heavier than|older than|over|above|greater than|exceeding|exceed|exceeds|exceeded|higher than|larger than|超过|大于|高于|多于|超出|晚于
at_least: at least|no less than|no fewer than|not less than|不少于|不低于|至少|不小于|大于等于
below: less than|shorter than|lighter than|younger than|cheaper than|under|below|fewer than|lower than|smaller than|少于|低于|小于|不到|不足|早于
at_most: at most|no more than|not more than|不超过|至多|最多不超过|不高于|不大于|不多于|小于等于
or_more: or more|or higher|or greater|or above|and above|及以上|以上|或以上
or_less: or less|or fewer|or lower|or below|and below|及以下|以下|以内|或以下
between: between|介于
to: 到|至|~
before: before|prior to|之前|以前
after: after|since|之后|以后
next: next|下一个|下一|the next|下一行|下一位
previous: previous|preceding|上一个|上一|上一行|上一位
adjacent: immediately|directly|right|just|straight|紧接着|紧接|紧跟|紧挨
first: first|第一个|第一|首个|第一行|第一位|最先
last: last|final|最后一个|最后|最末|最后一行|最后一位
difference: difference|the difference|相差|相差多少|差多少|差值|差额|之差|差
many_more: how many more|how much more|how many fewer|how much less|how much higher|how much larger|多多少|少多少|高多少|低多少
more: more|higher|larger|greater|bigger|更多|更高|更大|更长|更久|更重|多|高
less: less|fewer|lower|smaller|更少|更低|更小|更短|更轻
or: or|还是|或|或者
and: and|和|与|及|跟
than: than|比
not: not|never|no|without|n't|aren't|isn't|didn't|不是|没有|未|非|不
list: list|name|show|list all|name all|give|列出|列举|给出|有哪些|哪些|是哪些
ask: which|what|what's|在哪个|在哪一个|在哪家|哪个|什么|哪|哪一个|哪种|哪类|哪一
who: who|whom|谁|哪位|何人|哪几位
when: when|on which day|which day|what day|on what day|是什么时候|是何时|何时|什么时候|哪天|哪年
where: where|哪里|在哪|何处
is_it: is there|are there any|was there|were there any|does there exist|is there any|有没有|是否有|是否存在|是否
only: only|唯一
overspent: overspent|went over budget|go over budget|gone over budget|over budget|over the budget|over their budget|over its budget|超支|超预算|超出预算|超过预算
late: late|too late|逾期|迟到|晚到|延期
on_time: on time|in time|按时|按期|准时|如期
gone: out of stock|sold out|缺货|无库存|没有库存|没库存|断货|售罄
fastest: fastest|the fastest|最快
rose: rose|risen|increased|grew|grown|growing|growth|went up|上升|增长|增加|上涨|提高
fell: fell|fallen|decreased|declined|dropped|went down|下降|下滑|减少|下跌|降低
"""

_FILLING = """
a an the of in on at for by to from with is are was were be been being do does did have has had having there their
its it this that these those his her as all any s listed list table chart row rows entry entries record records
according shown included appear appears appeared recorded exist value please me tell find during through via using it's amount out
的 了 是 在 有 吗 呢 请 请问 中 里 里面 其中 表 表中 表里 这 该 那 个 为 等于 一个 所有 全部 共有 行 记录 数据 目前
查询 查一下 告诉我 我 一下 占 于 由 从 被 将 把 以 也 都 之间 时 内 上 条 家 名 位 笔 次 一次 一笔 一场 值 是什么 以及 并 且 属于
"""
SOFT = frozenset(
    [
        "win",
        "won",
        "score",
        "scored",
        "earn",
        "earned",
        "receive",
        "received",
        "get",
        "got",
        "gain",
        "gained",
        "make",
        "made",
        "take",
        "took",
        "held",
        "hold",
        "come",
        "came",
        "go",
        "reach",
        "reached",
        "record",
        "play",
        "played",
        "produce",
        "produced",
        "obtain",
        "obtained",
        "spend",
        "spent",
        "pay",
        "paid",
        *"卖售花赚挣付坐乘载",
        *re.findall(r"\w+", "work works worked give gives gave given"),
        "sell",
        "sold",
        "cost",
        "costs",
        "rank",
        "ranked",
        "placed",
        "charge",
        "charged",
        "finished",
        "finish",
        "happen",
        "happened",
        "occur",
        "occurred",
        *re.findall(r"\w+", "bring brings brought generate generated consume consumes consumed use uses used"),
        "take",
        "place",
        "took",
    ]
)
"""Verbs that say nothing more than their number column does, and something else everywhere else."""
COUNTERS = frozenset("人名位家个件台份场辆所本款门条次笔张项种批趟单桌")
"""What Chinese counts by: after `有多少` they say nothing more."""
CLASSES = frozenset("部省市区县州国组科班级类系号厂店仓队省")
"""What Chinese puts behind the name of one of a kind: 研发部 of the department 研发."""
MEASURED = frozenset("分岁个人台件次天项条笔")
"""Behind a number: 90分以上."""
STAFF = frozenset(
    [
        "people",
        "person",
        "employee",
        "staff",
        "student",
        "pupil",
        "member",
        "员工",
        "人员",
        "学生",
        "同学",
        "职工",
        "人",
    ]
)
"""Nouns for whoever the rows are about."""
PERSONAL = frozenset(
    re.findall(
        r"\w+",
        "age gender sex salary wage department position birth birthday birthdate hire grade school email phone employee "
        "student surname nationality",
    )
)
"""Of the columns beside a `Name`: they make it one of people."""
PAID = frozenset(["spend", "spent", "pay", "paid", "花", "付", "卖", "售", "sell", "sold", "earn", "earned"])
AMOUNTS = frozenset(["amount", "total", "sale", "revenue", "金额", "总额", "费用", "销售额", "总价"])
"""A column of money, where the question says only that it was spent or earned."""
SPENDING = frozenset(
    re.findall(
        r"\w+", "expense cost payment spending expenditure sale revenue income 费用 支出 开支 花费 报销 付款 收入 销售"
    )
)
"""Rows called so are of money: their total is that of the one column of money."""
BEST = {"best": "most", "worst": "least", "最好": "most", "最差": "least", "最佳": "most"}
"""Of ratings and scores."""
SCORED = frozenset(["score", "mark", "grade", "成绩", "分数", "得分"])
PRODUCTS = frozenset(
    re.findall(
        r"\w+",
        "product item material part sku article good model code 产品 商品 物料 货品 材料 型号 品名 名称 产品名称 物料名称 商品名称",
    )
)
QUANTITIES = frozenset(["quantity", "qty", "数量", "件数"])
ONE_OF_THEM = {
    "fleet": "vehicle car", "catalog": "product item", "catalogue": "product item", "inventory": "item product",
    "stock": "item product", "staff": "employee", "personnel": "employee", "payroll": "employee", "helpdesk": "ticket",
    "crew": "member", "team": "member", "crm": "customer", "portfolio": "project",
}  # fmt: skip
"""What a row is, of tables called after the whole."""
GROWTH = re.compile(r"growth|change|increase|yoy|y/y|增长率|同比|增幅|增速|涨幅", re.IGNORECASE)
"""A column of how much something grew, in percent."""
PARTICIPLES = frozenset(
    ["sold", "paid", "sent", "built", "lost", "returned", "begun", "made", "held", "left", "bought"]
)
"""Besides those in -ed."""
AGES = re.compile(r"\bage\b|年龄|岁数", re.IGNORECASE)
AREAS = re.compile(r"\barea\b|\bsize\b|面积", re.IGNORECASE)
PLANNED = re.compile(r"budget|planned|plan\b|target|预算|计划|目标", re.IGNORECASE)
SPENT = re.compile(r"actual|spent|spend\b|spending|\bcosts?\b|expenses?|实际|支出|花费|成本|已用|完成", re.IGNORECASE)
RESERVES = re.compile(r"re-?order|minimum|\bmin\b|safety|安全|最低|预警|补货", re.IGNORECASE)
STOCKS = re.compile(r"stock|on[ _]hand|inventory|quantity|\bqty\b|库存|现有|数量", re.IGNORECASE)
DUE = re.compile(
    r"\bdue|_due|deadline|expected|planned|promised|应[付到收还交缴]|计划|预计|约定|截止|到期", re.IGNORECASE
)
DONE = re.compile(
    r"paid|payment|deliver|clos|complet|finish|return|actual|receiv|实际|付款|到货|完成|归还|交付|回款", re.IGNORECASE
)
"""What columns are called that are held against each other: spent against planned, stock against reserve, done against
due."""
TAKINGS = ("revenue", "sale", "turnover", "营业收入", "销售收入", "销售额", "营业额", "营收", "收入")
"""Names of what is taken in; a table that has one of them may be asked for by another."""
REVENUE = frozenset(["revenue", "income", "turnover", "营收"])
"""What the one column of money holds, where none is called so."""
GENDERED = frozenset("生性士")
RATED = frozenset(["rating", "satisfaction", "评分", "满意度", "打分"])
"""Of several rows of one thing, their average counts."""
COUNTED = re.compile(r"[^个件总份系](?:数|数量|量)$|\b(?:count|headcount)$|^(?:number|no\.?) of ", re.IGNORECASE)
"""A column that says how many of something a row has: 门店数, `number of stores`."""
ADDITIVE = AMOUNTS | frozenset(
    re.findall(
        r"\w+",
        "quantity qty hour day stock inventory cost expense budget output production unit visit 数量 库存 库存数量 工时 天数 时长 小时 销量 产量 成本 费用 "
        "预算 件数 收入 订单量 访问量 electricity water gas energy consumption downtime duration overtime 用电量 用水量 用气量 耗电量",
    )
)
"""Of columns whose numbers add up over the rows of one warehouse or customer; of prices and speeds they do not."""
FLOWS = frozenset(["revenue", "sale", "turnover", "销售额", "营业额", "销量", "产量", "营收"])
"""Of these, that of a shop or a day is what all its rows make together."""
MEASURES = frozenset("额量数")
"""What a Chinese noun ends in where it is counted: 销售, 销售额, 销量."""
MEDALS, MEDALED = frozenset(["medal", "medals"]), frozenset(["gold", "silver", "bronze", "total"])
BUYS = frozenset(["buy", "bought", "order", "ordered", "purchase", "purchased", *"买购订过"])
"""What a row of orders, sales or purchases says that somebody did."""
BOUGHT = frozenset(["order", "sale", "purchase", "订", "购", "销"])
"""What such a table is called."""
MADE = frozenset(["place", "placed", "made", "recorded", "listed", "registered"])
LIGHT = frozenset(
    re.findall(
        r"\w+",
        "came come comes handle handled handles process processed file filed submit submitted raise raised log logged get gets "
        "got take took receive receives received give gives gave given make makes made report reported serve served have work works working worked weigh weighs weighed went goes go charge charged issue issued stay stays stayed",
    )
)
"""What is done with any row, where the question names the rows: who or where is a value of one column anyway."""
YET = frozenset(
    ["still", "yet", "currently", "already", "so", "far", "now", "we", "our", "us", "you", "your", "还", "已", "经"]
)
OURS = frozenset(["the", "our", "your", "this", "my"])
OWN_FIRM = frozenset(
    map(
        tuple,
        re.findall(
            r"\w+",
            "我们公司 咱们公司 我们单位 本公司 我公司 贵公司 全公司 我们 咱们 我司 贵司 本单位 本企业 我们厂 本厂",
        ),
    )
)
OWNERS = OWN_FIRM | {("公", "司"), ("单", "位"), ("企", "业")}
OWNERS |= {
    (f"{one}{s}",) for one in ("company", "firm", "business", "organisation", "organization") for s in ("", "'s")
}
"""Whose tables these are: said of all rows, it says nothing of any."""
CURRENCIES = {
    "eur": "euro euros", "usd": "dollar dollars 美元 美 元", "cny": "yuan rmb 元 人 民 币", "rmb": "yuan cny 元 人 民 币",
    "gbp": "pound pounds", "jpy": "yen 日 元", "hkd": "港 元",
}  # fmt: skip
UNITS = {
    "m2": "平米|平方米|平方|square metres|square meters|sqm", "平方米": "平米|平方|square metres|square meters|sqm",
    "kg": "公斤|千克|kilograms|kilos", "公斤": "kg|千克|kilograms|kilos", "千克": "kg|公斤|kilograms|kilos",
    "t": "吨|tonnes|tons", "吨": "tonnes|tons", "km": "公里|千米|kilometres|kilometers", "公里": "km|千米|kilometres|kilometers",
    "m": "米|metres|meters", "米": "metres|meters", "h": "小时|个小时|钟头|hours", "小时": "个小时|钟头|hours",
    "min": "分钟|minutes", "分钟": "分|minutes", "天": "日|days", "元": "块|块钱|元钱|yuan", "万元": "万|万块",
    "cny": "元|块|yuan", "eur": "欧元|euros", "€": "欧元|euros", "usd": "美元|dollars", "$": "美元|dollars",
    "gbp": "英镑|pounds", "£": "英镑|pounds", "l": "升|litres|liters", "升": "litres|liters", "kwh": "度|千瓦时", "千瓦时": "度|kwh",
    "°c": "度|摄氏度|degrees", "℃": "度|摄氏度|degrees",
}  # fmt: skip
"""What else a unit is called by those who ask."""
BEFORE_VALUE = frozenset(
    [
        "通过",
        "经过",
        "经由",
        "由",
        "因",
        "因为",
        "由于",
        "来自",
        "采用",
        "使用",
        "参加",
        "参加了",
        "参加过",
        "出现",
        "出现过",
        "发生过",
        "存在",
        "有过",
        "参与",
        "参与了",
    ]
)
AFTER_VALUE = frozenset(["造成", "引起", "导致", "引发", "所致", "发生"])
"""Around a value: by it, and because of it."""
DID = {
    "win": "won", "lose": "lost", "sell": "sold", "pay": "paid", "send": "sent", "hold": "held", "keep": "kept",
    "take": "taken", "give": "given", "break": "broken", "withdraw": "withdrawn", "choose": "chosen",
}  # fmt: skip
"""What values say of deeds, where they do not end in -ed."""
WON = {
    "won": "win", "scored": "score", "earned": "earn", "received": "receive", "got": "get", "gained": "gain",
    "made": "make", "took": "take", "held": "hold", "played": "play", "produced": "produce", "cost": "cost",
}  # fmt: skip
"""What columns call the deeds of SOFT."""
SEVERAL = re.compile(r"[,;/&、，；]\s|\s/\s|\s(?:and|&)\s|、|；|\(\d+\)")
SEVERAL_AND = re.compile(r"\s(?:and|&)\s")
"""A cell that lists things, or says how many times it stands for."""
ADJECTIVES = {
    "tallest": ("height", "most"), "shortest": ("height length distance duration downtime", "least"),
    "longest": ("length distance duration downtime", "most"), "heaviest": ("weight mass", "most"),
    "lightest": ("weight mass", "least"), "oldest": ("age", "most"), "youngest": ("age", "least"),
    "richest": ("wealth", "most"), "cheapest": ("price cost", "least"), "expensive": ("price cost", "most"),
    "busiest": ("passengers traffic", "most"), "populous": ("population", "most"),
    "最贵": ("单价 价格 售价", "most"), "最便宜": ("单价 价格 售价", "least"),
}  # fmt: skip
PEOPLE = frozenset(
    [
        "name",
        "customer",
        "client",
        "player",
        "driver",
        "rider",
        "winner",
        "athlete",
        "candidate",
        "artist",
        "director",
        "swimmer",
        "cyclist",
        "person",
        "champion",
        "coach",
        "manager",
        "author",
        "actor",
        "actress",
        "skier",
        "skater",
        "representative",
        "owner",
        "assignee",
        "agent",
        "rep",
        "salesperson",
        "seller",
        "inspector",
        "supplier",
        "经理",
        "经办人",
        "审批人",
        "采购员",
        "供应商",
        "president",
        "member",
        "governor",
        "singer",
        "golfer",
        "wrestler",
        "fighter",
        "employee",
        "student",
        "姓名",
        "名字",
        "员工",
        "学生",
        "球员",
        "教练",
        "作者",
        "导演",
        "负责人",
        "销售员",
        "医生",
        "老师",
        "教师",
        "客户",
        *re.findall(r"\w+", "读者 借阅人 患者 病人 顾客 乘客 用户 会员 讲师 司机 申请人 选手 候选人 业主 租客"),
        *re.findall(r"\w+", "guest patient reader borrower tenant passenger user trainer instructor teacher doctor"),
    ]
)
PLACES = frozenset(
    [
        "location",
        "venue",
        "place",
        "city",
        "site",
        "country",
        "stadium",
        "town",
        "地点",
        "城市",
        "地区",
        "位置",
        "场馆",
        "国家",
    ]
)
ROW_WORDS = frozenset(["times", "rows", "entries", "items", "lines", "records"])
RANKS = frozenset(
    ["rank", "ranking", "position", "place", "pos", "no", "number", "standing", "finish", "排名", "名次", "序号"]
)
NUMBERED = frozenset(["no", "number", "序号"])
ORDINALS = frozenset(
    [
        "week",
        "ward",
        "number",
        "no",
        "game",
        "match",
        "round",
        "season",
        "day",
        "episode",
        "id",
        "rank",
        "stage",
        "lap",
        "district",
        "heat",
        "track",
        "volume",
        "issue",
        "series",
        "grade",
        "level",
        "year",
        "date",
        "编号",
        "序号",
        "年份",
    ]
)
"""Numbers that name a row; adding them up says nothing."""
YEARS = frozenset(
    ["year", "season", "founded", "established", "built", "completed", "opened", "born", "年份", "年度", "年"]
)
MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sep sept", "october oct", "november nov", "december dec"), start=1,
    )
    for name in names.split()
}  # fmt: skip
NUMBERS = dict(
    zip(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], range(1, 11), strict=True)
) | dict(zip("一二三四五六七八九十两", [*range(1, 11), 2], strict=True))
PLACED = {"second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5}
HIGH_LOW = dict.fromkeys("高多大长贵", "most") | dict.fromkeys("低少小短", "least")
_WORD = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[a-zA-Z\u00c0-\u024f]+(?:'[a-z]+)?|[\u3400-\u9fff]|[^\W_]")
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("s", ""))


def tokens(text: str) -> list[str]:
    """Words of one width and case; each Chinese character for itself."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return [one.replace(",", "") if one[0].isdigit() else one for one in _WORD.findall(plain)]


@functools.lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    if word.endswith("'s"):
        word = word[:-2]
    if len(word) > 3 and word.isascii() and not word.endswith("ss"):
        for ending, instead in _ENDINGS:
            if word.endswith(ending):
                return word[: -len(ending)] + instead
    return word


@functools.cache
def marks() -> dict[tuple[str, ...], str]:
    found: dict[tuple[str, ...], str] = {}
    for line in _MARKS.strip().splitlines():
        mark, phrases = line.split(": ", 1)
        for phrase in phrases.split("|"):
            found.setdefault(tuple(tokens(phrase)), mark)
    return found


@functools.cache
def filling() -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(tokens(word)) for word in _FILLING.split())
