"""Chinese names: what the dictionary tags as one, with the words that belong to it (泵业, 大桥, 有限公司), foreign
names with a dot, what stands in 《》 or quotation marks, and short fields of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from gezhi.store.naming.keys import HAN, Name, NameType, name_key, segmenter

LONGEST_FIELD = 24
"""Characters of a field of a table or list that may be a name."""
LONGEST_PART = 7
"""Characters of each part of a foreign name."""

_CLAUSE = re.compile(r"[^\n，。；：、！？“”‘’《》「」『』,;:!?|—\t]+")
_QUOTED = re.compile(r"[《「『]([^》」』\n]{2,30})[》」』]|“([^”\n]{2,30})”")
_FIELDS = re.compile(r"\s[—|]\s|\t|\n")
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_HAN_ONLY = re.compile(f"[{HAN}]+")
_TAGS = {
    "nr": NameType.PERSON,
    "nrt": NameType.PERSON,
    "nrfg": NameType.PERSON,
    "ns": NameType.PLACE,
    "nt": NameType.ORGANISATION,
    "nz": NameType.NAME,
}
_ORGANISATION = re.compile(
    r"(?:公司|集团|大学|学院|研究院|研究所|设计院|银行|医院|委员会|管理局|监督局|监管局|法院|检察院|事务所|协会|学会|商会|基金会"
    r"|联合会|中心|服务站|出版社|中学|小学|俱乐部|报社|电视台|博物馆|图书馆|工厂|总厂|分行|支行|办公室|党委|工会)$"
)
_MINISTRY = re.compile(f"(?![全内外南北东西中总干上下头局])[{HAN}]{{2,5}}(?:部|局|署|委)$")
_TAIL = re.compile(
    r"(?:[大立]?桥|路|街|大道|市|县|区|镇|村|乡|港|湖|山|河|江|岛|站|机场|广场|公园|园区|水库|码头|庄园"
    r"|化工|科技|电子|泵业|重工|物流|资本|航空|汽车|钢铁|能源|电力|证券|保险|地产|软件|网络|传媒|药业|食品|机械|材料|支付|数据"
    r"|资产|投资|控股|股份|计划|工程|项目)$"
)
"""Words that belong to the name before them."""
_STREET = re.compile(r"(?:路|街|大道|巷|市|县|区|镇|乡)$")
"""After a common word these make a name of it: 文明路, 和平区."""
_TITLES = (
    "总统|总理|主席|首相|国王|女王|教授|博士|医生|先生|女士|小姐|律师|法官|作家|演员|导演|球员|教练|将军|总裁|经理|院长|校长"
    "|部长|记者|工程师"
)
_TITLE_BEFORE = re.compile(rf"(?:{_TITLES})$")
_PERSON_AFTER = re.compile(rf"(?:{_TITLES}|说|表示|认为|指出|称|担任|出任|当选|出生|去世|主演|执导)")
_NOMINAL = re.compile(r"(?:n\w*|an|vn|j|b|eng|l|i|g|s)$")
_GENERIC = frozenset(
    [
        "记者",
        "负责人",
        "总裁",
        "总经理",
        "董事长",
        "经理",
        "教授",
        "原告",
        "被告",
        "客户",
        "供应商",
        "双方",
        "甲方",
        "乙方",
    ]
)
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_COMPOUND = frozenset(["司马", "欧阳", "上官", "诸葛", "皇甫", "令狐", "东方", "慕容", "尉迟", "司徒"])
_SOUNDS = frozenset(
    "阿埃艾爱安昂奥澳巴白柏班邦保鲍贝本比彼宾波伯博布查茨达戴黛丹道德登迪蒂丁东杜顿多厄恩尔法凡菲费芬弗福盖甘冈高戈格根古瓜哈海汉豪"
    "赫亨胡华怀霍基吉加伽贾简杰金喀卡凯坎康考科克肯库夸拉莱赖兰朗劳勒雷蕾里理利莉丽林琳龙隆卢鲁路伦罗洛玛马麦曼毛梅门蒙米密明莫默"
    "姆穆纳娜奈南内尼妮宁纽农诺努欧帕潘庞佩彭皮平坡珀普齐奇琪恰钱乔切琴琼丘让热荣儒瑞萨塞赛桑瑟森沙莎尚绍舍申圣施史士舒朔丝斯司松苏"
    "索塔泰坦汤唐陶特滕提田廷通图吐托瓦万旺威薇维韦魏温文翁沃乌伍武西希锡夏香肖谢辛欣休许逊雅亚娅延扬耶叶伊依因英永尤约泽扎詹张哲珍"
    "治朱兹卓佐齐厄茜蓓露翠黎"
)
"""Characters that foreign names are written with."""


class Token(NamedTuple):
    start: int
    end: int
    word: str
    tag: str


def chinese_names(text: str) -> list[Name]:
    found = [*_quoted(text), *_fields(text)]
    for clause in _CLAUSE.finditer(text):
        if not _HAN_CHARACTER.search(clause.group()):
            continue
        tokens = _tokens(clause.group(), clause.start())
        longer = [*_organisations(text, tokens), *_foreign(text, clause.start(), clause.end())]
        found += longer
        spans = [(name.start, name.end) for name in longer]
        found += [
            name for name in _tagged(text, tokens) if not any(s <= name.start and name.end <= e for s, e in spans)
        ]
    return found


def _tokens(clause: str, start: int) -> list[Token]:
    tokens = []
    for word, tag in segmenter().tag(clause):
        tokens.append(Token(start, start + len(word), word, tag))
        start += len(word)
    return tokens


def _tagged(text: str, tokens: Sequence[Token]) -> Iterator[Name]:
    """Runs of words tagged as names, with the words that belong to them: 上海 + 交通大学, 托里 + 桥, 天鹰 + 300."""
    at = 0
    while at < len(tokens):
        first = at
        kind = _TAGS.get(tokens[at].tag) if _may_begin(tokens, at) else None
        if kind is None:
            at += 1
            continue
        at += 1
        if kind is NameType.PERSON and not _is_person(text, tokens[first]):
            kind = NameType.NAME
        if len(tokens[first].word) == 1 or tokens[first].word in _COMPOUND:
            at += 1  # a surname, and the given name after it
            kind = NameType.PERSON
        while at < len(tokens) and len(tokens[at].word) >= 2 and tokens[at].tag in _TAGS and not _is_common(tokens, at):
            kind = _TAGS[tokens[at].tag] if kind is not NameType.PERSON else kind
            at += 1
        if at < len(tokens) and _TAIL.match(tokens[at].word):
            at += 1
            kind = NameType.NAME if kind is NameType.PERSON else kind
        elif at < len(tokens) and kind is NameType.NAME and re.fullmatch(r"[A-Za-z0-9]+", tokens[at].word):
            at += 1
        start, end = tokens[first].start, tokens[at - 1].end
        yield Name(start, end, name_key(text[start:end]), kind)


def _may_begin(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if len(token.word) >= 2:
        compound = token.word in _COMPOUND
        return token.tag in _TAGS and not _is_common(tokens, at) and (not compound or _is_given(following))
    return (
        token.word in _SURNAMES
        and token.tag in _TAGS
        and following is not None
        and _is_given(following)
        and following.tag in ("nr", "nrt", "nrfg", "nz")
    )


def _is_given(token: Token | None) -> bool:
    """Whether it may be the given name after a surname."""
    return token is not None and len(token.word) <= 2


@cache
def _common_words() -> frozenset[str]:
    """Words that the dictionary tags as names and that nearly always mean something else: 密封, 长度, 康复."""
    lines = files("gezhi.store.naming").joinpath("common_words.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _is_common(tokens: Sequence[Token], at: int) -> bool:
    following = tokens[at + 1].word if at + 1 < len(tokens) else ""
    return tokens[at].word in _common_words() and not _STREET.match(following)


def _is_person(text: str, token: Token) -> bool:
    """The dictionary tags whatever sounds foreign as a person, 西门子 and 鹿特丹 too: a surname or a title tells."""
    if token.word[0] in _SURNAMES or token.word[:2] in _COMPOUND:
        return True
    return bool(
        _TITLE_BEFORE.search(text, max(0, token.start - 4), token.start) or _PERSON_AFTER.match(text, token.end)
    )


def _organisations(text: str, tokens: Sequence[Token]) -> Iterator[Name]:
    """Nouns before a word such as 公司 or 研究院, with a bracket inside: 华辰泵业（苏州）有限公司."""
    last = -1
    for at, token in enumerate(tokens):
        ministry = bool(_MINISTRY.match(token.word)) and token.tag[:1] == "n"
        if not (ministry or _ORGANISATION.search(token.word)) or not _HAN_ONLY.fullmatch(token.word):
            continue
        if at + 1 < len(tokens) and _ORGANISATION.search(tokens[at + 1].word):
            continue  # 集团 + 有限公司: the name goes on
        first = at
        while first - 1 > last and _belongs(tokens, first - 1):
            first -= 1
        while first < at and tokens[first].word in ("）", ")"):
            first += 1
        start, end = tokens[first].start, token.end
        if (first < at or ministry) and end - start >= (3 if ministry else 4):
            yield Name(start, end, name_key(text[start:end]), NameType.ORGANISATION)
            last = at


def _belongs(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if token.word in ("（", "(", "）", ")"):
        closes = token.word in ("）", ")")
        inside = tokens[at - 1] if closes else tokens[at + 1]
        outside = at - 2 if closes else at + 2
        return inside.tag[:1] == "n" and 0 <= outside < len(tokens) and tokens[outside].word in "（(）)"
    return bool(_NOMINAL.match(token.tag)) and token.word not in _GENERIC and token.word[-1] not in "员者"


def _foreign(text: str, start: int, end: int) -> Iterator[Name]:
    """汤姆·奥马利: each part as far as its characters sound foreign."""
    at = text.find("·", start, end)
    while at >= 0:
        first = at
        while first > start and at - first < LONGEST_PART and text[first - 1] in _SOUNDS:
            first -= 1
        last = at
        while last < end and text[last] == "·":
            part = last + 1
            last = part
            while last < end and last - part < LONGEST_PART and text[last] in _SOUNDS:
                last += 1
        if first < at and last > at + 1:
            yield Name(first, last, name_key(text[first:last]), NameType.PERSON)
        at = text.find("·", max(last, at + 1), end)


def _quoted(text: str) -> Iterator[Name]:
    for match in _QUOTED.finditer(text):
        group = 1 if match[1] is not None else 2
        yield Name(match.start(group), match.end(group), name_key(match[group]), NameType.WORK)


def _fields(text: str) -> Iterator[Name]:
    start = 0
    borders = [*((match.start(), match.end()) for match in _FIELDS.finditer(text)), (len(text), len(text))]
    if len(borders) == 1:
        return
    for end, following in borders:
        field = text[start:end]
        stripped = field.strip()
        if 2 <= len(stripped) <= LONGEST_FIELD and _HAN_CHARACTER.search(stripped):
            begin = start + field.index(stripped)
            yield Name(begin, begin + len(stripped), name_key(stripped), NameType.FIELD)
        start = following
