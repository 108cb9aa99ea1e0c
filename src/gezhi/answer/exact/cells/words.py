"""How questions about the cells of a statement are worded, in both languages."""

# ruff: noqa: E501
from __future__ import annotations

import re

from gezhi.answer.exact.reader.words import stem

YEAR = re.compile(r"(?<!\d)(?<!\d[.,])(?:19|20)\d\d(?!\d|[.,]\d)")
SHORT_YEAR = re.compile(r"(?:\bF(?:Y|iscal)?\s?|['’])(\d\d)\b", re.IGNORECASE)
RANGE = re.compile(
    r"(?:between (?:fiscal |years? )*(?=[^,]{0,30} and )|(?=[^,]{0,12}(?:-|–|—|~|to|through|至|到)))"
    r"((?:19|20)\d\d)年?[末度]?\s?(?:-|–|—|~|to|through|and|至|到)\s?(?:fiscal |year |december 31,? )?((?:19|20)\d\d)",
    re.IGNORECASE,
)
"""From a year to a year, all between them meant: `and` only after `between`."""
EXPLAINS = re.compile(
    r"\b(?:why|how (?:do|does|is|are|was|were|will|would|can)|include[sd]?|consists?|comprise[sd]?|refers?|mean|means|meant|"
    r"defin\w+|describ\w+|reasons?|causes?|caused|due to|driven|determin\w+|primarily|explain\w*|who|whom|where|when)\b"
    r"|为什么|为何|如何|怎么|怎样|原因|包括|包含|指的是|含义|解释|说明|主要由",
    re.IGNORECASE,
)
"""What asks for more than a number."""
COMPARES = re.compile(
    r"change|variance|\bvs\b|versus|increase|decrease|difference|变动|增减|同比|变化|增长", re.IGNORECASE
)
"""A heading over what two years make of each other."""
LESS = re.compile(
    r"\bhow much (?:did|has|have|do|does|was|were)\b.*\b(?:decreas\w+|declin\w+|fell|fall\w*|drop\w*)\b"
    r"|(?:下降|减少|降低)了?(?:多少|几)",
    re.IGNORECASE,
)
OTHERWISE = re.compile(
    r"^(?:is|are|was|were|did|does|do|has|have|can|name|list)\b|\b(?:same|equal|also|older|newer|younger|earlier|later|before|after|than|not)\b"
    r"|是否|吗|相同|一样|谁",
    re.IGNORECASE,
)
"""Questions that compare rows, or want another row."""
PERIOD = re.compile(
    r"(?:19|20)\d\d|\bFY\s?\d\d|\bF\d\d\b|\bQ[1-4]\b|\b(?:quarter|months?|years?|weeks) ended\b|本期|上期|本年|上年|期末|期初|[一二三四]季度|年初|年末|\d月",
    re.IGNORECASE,
)
APART = re.compile(r"\bdifferences?\b|相差|差额|差值|之差|差多少", re.IGNORECASE)
EACH = re.compile(r"\brespective(?:ly)?\b|分别", re.IGNORECASE)
MONTHS = re.compile(
    r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b\.?(?: (\d{1,2})\b)?|(\d{1,2})月", re.IGNORECASE
)
NOTE = re.compile(r"[(（\[][^()（）\[\]]{0,60}[)）\]]")
OPERATIONS: tuple[tuple[str, str], ...] = (
    (
        "percent",
        r"(?:percentage|percent|%|relative) (?:change|increase|decrease|growth|difference|decline|rise|drop)(?: ?/ ?\(?decrease\)?)?"
        r"|(?:change|increase|decrease|growth|decline)\b[^?]{0,60}\b(?:in|as a) percent(?:age)?(?: terms)?|growth rate|rate of growth"
        r"|by (?:how many|how much|what) (?:percent(?:age)?|%)|what percent(?:age)? (?:did|has|have|was|were)\b.*\b(?:increase|decrease|change|grow|decline)[sd]?\b|增长率|增幅|降幅|涨幅|跌幅|变化率|下降率|同比(?:增长|下降|变化)|(?:增长|下降|增加|减少|上升)了?百分之(?:几|多少)",
    ),
    (
        "change",
        r"increase ?/ ?\(?decrease\)?|(?:net |nominal )?(?:change[sd]?|variance|increase[sd]?|decrease[sd]?|difference|growth|grew|grow|rise|rose|decline[sd]?|fall|fell|drop(?:ped)?)\b"
        r"|变化|变动|增加|减少|增长|下降|上升|相差|差额|差值|之差|多多少|少多少|高多少|低多少",
    ),
    ("ratio", r"\bratio\b|之比|的比值|比率"),
    (
        "share",
        r"\b(?:percentage|percent|proportion|share of|portion|fraction)\b(?: \(in percentage\))?|占比|占|比例|百分比",
    ),
    ("average", r"\b(?:average|mean)\b|平均"),
    ("most", r"\b(?:highest|higher|largest|larger|greatest|greater|most|maximum|peak)\b|最高|最大|最多|更高|较高"),
    ("least", r"\b(?:lowest|lower|smallest|smaller|least|minimum|fewest)\b|最低|最小|最少|更低|较低"),
    ("total", r"\b(?:total|sum|combined|altogether|aggregate)\b|合计|总计|总和|之和|共计|一共|总共"),
)
SUMS_UP = re.compile(r"(?:grand |sub)?totals?|sum|合\s*计|总\s*计|小\s*计|总和|总额", re.IGNORECASE)
WHICH = re.compile(
    r"\b(?:which|what) (?:fiscal |financial )?(?:year|period|quarter|month)|哪(?:一|个)?(?:年|年度|季度|月|期)", re.I
)
PLAIN = frozenset(
    stem(word)
    for word in re.findall(
        r"\w+",
        """
        year years fiscal financial ended end ending period periods quarter between during respectively respective amount
        amounts value values number company what which how much many million millions thousand thousands billion dollar
        dollars usd cents december november october september august july june may april march february january compared
        versus vs against relative than over under same both each across taken total figure level balance reported stated
        recorded expressed terms percent percentage calculate compute nominal net ratio proportion within respect as
        """,
    )
) | frozenset("年度月日季期末初比较与和从至到间之了的个司公集团本上全为是多少几分别每")
"""Words that say nothing of which cell is meant; Chinese by the character."""
