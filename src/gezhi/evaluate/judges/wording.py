"""What words say about a claim besides their topic: denial, opposites, hedges, names, the kind of answer asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

Terms = Callable[[str], list[str]]
"""The analyser: a text -> its terms, in order."""

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_FUNCTION_EN = """
a about after again all also am an and any are as at be because been before being between both but by can could did do
does doing done during each either else ever few for from further had has have having he her here hers him himself his
how i if in into is it its itself just let many may me might more most much must my myself of off on once one only or
other our out over own same shall she should so some such than that the their theirs them themselves then there these
they this those through to too under until up upon us very was we were what whatever when where whether which while who
whom whose why will with within would you your yours yes no not
"""
_FUNCTION_ZH = frozenset(
    "的了是吗呢吧啊呀嘛么在和与及或而且但被把对由于从向到为以之其该此这那哪谁几何怎有也都就还又则即等个地得着过要将使所"
)

_DENIAL_EN = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|unable|nobody|nothing|lacks?|lacked"
    r"|fail(?:s|ed)? to)\b|n['’]t\b",
    re.IGNORECASE,
)
_DENIAL_ZH = re.compile(
    r"[不没未无非莫勿否](?!仅|但|同|断|过|少|久|锡|线|洲|常|来|论|数|疑|限|比|凡|法国|得不|只|独)|并非|缺乏|缺少|拒绝"
)
_NEUTRAL_ZH = re.compile(r"是否|是不是|能不能|有没有|不得不|无不|非常|莫不|除非|南非|北非|东非|西非")

_OPPOSITES = [
    ("increase|increased|increases|increasing|rise|rises|rose|rising|grow|grows|grew|growing|higher|up|gain|gained",
     "decrease|decreased|decreases|decreasing|fall|falls|fell|falling|shrink|shrank|shrinking|lower|down|decline|declined|"
     "declining|reduce|reduced|reduces|reducing|drop|dropped|lost"),
    ("more|most|larger|largest|bigger|biggest|greater|greatest|longer|longest|taller|tallest|majority",
     "less|least|fewer|fewest|smaller|smallest|shorter|shortest|minority"),
    ("before|earlier|first|earliest|older|oldest|elder", "after|later|last|latest|younger|youngest"),
    ("north|northern", "south|southern"), ("east|eastern", "west|western"), ("left", "right"),
    ("above|over", "below|under"), ("win|won|wins|winner|victory", "lose|lost|loses|loser|defeat|defeated"),
    ("accept|accepted|approve|approved", "reject|rejected|refuse|refused|deny|denied"),
    ("allow|allowed|permit|permitted|legal", "forbid|forbidden|prohibit|prohibited|ban|banned|illegal"),
    ("include|included|includes|including", "exclude|excluded|excludes|excluding|except"),
    ("start|started|begin|began|open|opened", "end|ended|stop|stopped|close|closed"),
    ("buy|bought", "sell|sold"), ("import|imports|imported", "export|exports|exported"), ("true", "false"),
    ("promote|promotes|promoted|activate|activates|activated|induce|induces|induced|enhance|enhances|enhanced|"
     "stimulate|stimulates|stimulated|improve|improves|improved",
     "inhibit|inhibits|inhibited|suppress|suppresses|suppressed|prevent|prevents|prevented|impair|impairs|impaired|"
     "worsen|worsens|worsened|block|blocks|blocked"),
    ("warm|warmer|warming|hot|hotter", "cold|colder|cool|cooler|cooling"), ("male|man|men|father|son|husband|brother",
     "female|woman|women|mother|daughter|wife|sister"), ("positive|positively", "negative|negatively"),
]  # fmt: skip
_OPPOSITES_EN = [(frozenset(a.split("|")), frozenset(b.split("|"))) for a, b in _OPPOSITES]
_OPPOSITES_ZH = [
    (re.compile(a), re.compile(b))
    for a, b in [
        ("增加|增长|上升|提高|升高|上涨|扩大|增至", "减少|下降|降低|下跌|缩小|降至|下滑|萎缩"),
        ("高于|多于|大于|超过|以上", "低于|少于|小于|不足|以下"),
        ("之前|以前|早于", "之后|以后|晚于"),
        ("最大|最多|最高|最早|最长", "最小|最少|最低|最晚|最短"),
        ("允许|准许|可以|同意|批准|支持", "禁止|不得|不准|拒绝|反对|否决"),
        ("北部|北方|以北|北边", "南部|南方|以南|南边"),
        ("东部|东方|以东|东边", "西部|西方|以西|西边"),
        ("胜|赢|击败", "负于|输|败给"),
        ("包括|包含", "不包括|除外"),
        ("开始|启动|成立|开幕", "结束|停止|解散|闭幕"),
        ("进口", "出口"),
        ("买入|收购|购买", "卖出|出售"),
        ("加速|促进|激活", "减速|抑制|阻止"),
        ("父亲|儿子|丈夫|哥哥|弟弟", "母亲|女儿|妻子|姐姐|妹妹"),
        ("盈利|顺差", "亏损|逆差"),
    ]
]

_HEDGE = re.compile(
    r"\b(?:not (?:mentioned|stated|specified|given|known|clear|provided)|unknown|unclear|unspecified|no information"
    r"|(?:do|does|did) not (?:mention|state|specify|say|provide|contain)|cannot (?:be determined|answer|say))\b"
    r"|未提及|没有提及|未说明|没有说明|不清楚|不详|未知|无法确定|无法回答|没有相关",
    re.IGNORECASE,
)

_NAME = re.compile(
    r"\b[A-ZÀ-Þ][\w'’&.-]*\w(?:\s+(?:(?:of|the|de|la|le|van|von|der|del|di|da|and|&|for)\s+){0,2}[A-ZÀ-Þ0-9][\w'’&.-]*\w)*"
    r"|\b[A-Z]{2,}\b"
)
_BEGINNING = re.compile(r"(?:^|[.:!?\n•|*\"“])[\s*\-–•\"“(#\d.)]*\Z")
MOST_WORDS_OF_AN_ANSWER = 3
_CODE = re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\b")

_YES_NO = re.compile(r"\s*(?:(yes|no)\b|(是的|不是|没有|是|否|不|对|能|会|有)(?=[，,。.!！\s]|$))", re.IGNORECASE)

_ASKS = {
    "number": re.compile(
        r"\bhow (?:many|much|long|old|far|tall|high|big|large|deep|often|fast|wide|heavy)\b"
        r"|\bwhat (?:percentage|percent|number|amount|population|age)\b"
        r"|多少|几[个年天次人名位种条届岁所座场]|多[长高大远久重宽深]|[第]几",
        re.IGNORECASE,
    ),
    "date": re.compile(
        r"\bwhen\b|\b(?:what|which|in which|in what) (?:year|date|day|month|century|decade)\b"
        r"|哪一?[年天月日]|何时|什么时候|什么时间|哪个(?:世纪|年代|月)|几[月日号]",
        re.IGNORECASE,
    ),
    "name": re.compile(r"\bwho(?:m|se)?\b|\bwhere\b|谁|哪[位里儿]|何人|何地|何处", re.IGNORECASE),
    "yes_no": re.compile(
        r"^\s*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b|吗[？?]?\s*$|是否|是不是|有没有|能不能",
        re.IGNORECASE,
    ),
}
_DIGITS = re.compile(
    r"\d|[一二三四五六七八九十百千万两]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand"
    r"|million|once|twice|half|several|none|no)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\d|[年月日]|世纪|年代|朝|时期|\b(?:january|february|march|april|may|june|july|august|september|october|november"
    r"|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|century|spring|summer|autumn|winter|year|day|today|"
    r"before|after|during|until|since)\b",
    re.IGNORECASE,
)


def content_terms(text: str, terms: Terms) -> list[str]:
    """The terms that carry content, in order; all of them where none does."""
    found = terms(text)
    stopped = function_terms(terms)
    kept = [term for term in found if term not in stopped and not _is_particle(term)]
    return kept or found


@lru_cache(maxsize=8)
def function_terms(terms: Terms) -> frozenset[str]:
    """English function words as the analyser writes them."""
    return frozenset(terms(_FUNCTION_EN)) | frozenset(_FUNCTION_EN.split())


def _is_particle(term: str) -> bool:
    if not _HAN.match(term):
        return False
    if len(term) == 1:
        return True  # a single character beside the pairs that hold it adds nothing
    return term[0] in _FUNCTION_ZH or term[-1] in _FUNCTION_ZH


def denials(text: str) -> int:
    """How many words deny."""
    without = _NEUTRAL_ZH.sub("", text)
    return len(_DENIAL_EN.findall(without)) + len(_DENIAL_ZH.findall(without))


def opposed(claim: str, evidence: str) -> bool:
    """The claim has a word whose opposite, and not the word itself, is in the evidence."""
    left, right = (set(re.findall(r"[a-z]+", text.casefold())) for text in (claim, evidence))
    for one, other in _OPPOSITES_EN:
        for a, b in ((one, other), (other, one)):
            if left & a and not left & b and right & b and not right & a:
                return True
    for first, second in _OPPOSITES_ZH:
        for p, q in ((first, second), (second, first)):
            if p.search(claim) and not q.search(claim) and q.search(evidence) and not p.search(evidence):
                return True
    return False


def hedges(text: str) -> bool:
    """It says that something is not known or not stated."""
    return _HEDGE.search(text) is not None


def names(text: str) -> list[str]:
    """Capitalised spans and codes. A single word at the beginning of a sentence or item is left out: it is capitalised
    anyway; not so in an answer of a few words."""
    brief = len(text.split()) <= MOST_WORDS_OF_AN_ANSWER
    kept = [
        m.group()
        for m in _NAME.finditer(text)
        if brief or " " in m.group() or not _BEGINNING.search(text, 0, m.start())
    ]
    return list(dict.fromkeys([*kept, *_CODE.findall(text)]))


def begins_with_yes_or_no(claim: str) -> bool:
    return _YES_NO.match(claim) is not None


def asked_for(question: str) -> str:
    """`date`, `number`, `name`, `yes_no`, or empty."""
    return next((kind for kind in ("date", "number", "yes_no", "name") if _ASKS[kind].search(question)), "")


def is_of_kind(claim: str, kind: str) -> bool:
    """Whether the claim has what a question of that kind asks for. Unknown kinds are always met; Chinese names have no
    mark of their own, so that Chinese claims are never without one."""
    if kind == "date":
        return _WHEN.search(claim) is not None
    if kind == "number":
        return _DIGITS.search(claim) is not None
    if kind == "name":
        return _HAN.search(claim) is not None or re.search(r"\b[A-ZÀ-Þ0-9]", claim) is not None or len(claim) < 30
    return True
