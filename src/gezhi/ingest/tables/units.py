"""What numbers count: units as cells and headers write them."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class UnitKind(StrEnum):
    CURRENCY = "currency"
    MEASURE = "measure"
    COUNTER = "counter"
    """Chinese measure words: 12台 and 6套 may stand in one column of numbers."""
    SHARE = "share"


_SIGNS = "US$ HK$ NT$ AU$ CA$ A$ C$ S$ R$ $ € £ ¥ ₩ ₹ ₽ ฿ ₫ ₺".split()
_CODES = "USD EUR GBP JPY CNY RMB HKD TWD KRW INR AUD CAD CHF SGD NZD SEK NOK DKK THB RUB BRL AED SAR MXN CNH".split()
_MONEY = "元 美元 欧元 英镑 日元 港元 港币 人民币 新台币 韩元 卢布 美金 dollars dollar euros euro yuan 角 分钱".split()
_MEASURES = (
    "m cm mm km µm μm nm in ft yd mi inch inches foot feet mile miles m² m2 km² km2 cm² ft² sqm sqft ha acre acres"
    " m³ m3 cm³ L l ml mL hl gal bbl kg g mg µg μg t lb lbs oz ton tons tonne tonnes kt Mt s sec ms min mins h hr hrs"
    " hour hours day days week weeks month months year years yr yrs Hz kHz MHz GHz W kW MW GW kWh MWh GWh TWh Wh V kV mV"
    " A mA K °C ℃ °F ℉ ° Pa kPa MPa bar psi N kN Nm J kJ MJ cal kcal B KB MB GB TB PB KiB MiB GiB bit bps kbps Mbps"
    " Gbps rpm dB pt px mol mmol ppm ppb ct mph km/h m/s mg/L g/L kg/m³ m³/h m3/h L/min bps bp"
    " 米 厘米 毫米 公里 千米 里 平方米 平方公里 平方千米 亩 公顷 立方米 升 毫升 克 千克 公斤 斤 毫克 吨 秒 毫秒 分 分钟 小时"
    " 工时 天 日 周 个月 月 年 岁 周岁 度 摄氏度 伏 安 瓦 千瓦 兆瓦 千瓦时 千瓦·时 赫兹 帕 兆帕 海里 英里 英尺 英寸 磅 盎司 桶 比特 字节"
).split()
_COUNTERS = (
    "个 件 台 套 人 名 位 次 起 条 辆 家 户 只 头 匹 本 册 张 份 批 箱 袋 瓶 盒 包 支 枚 座 栋 间 层 处 项 种 类 组 对 双 架 艘 列 节"
    " 门 场 届 队 所 篇 首 部 集 期 例 票 笔 单 人次 户次 万人次 架次 车次 pcs pc units unit people persons items sets times"
).split()
_SHARES = "% ‰ % pp bps percent 百分点 个百分点".split()
_SCALES = (
    "十 百 千 万 十万 百万 千万 亿 十亿 百亿 千亿 万亿 thousand thousands million millions billion billions trillion"
    " k K m M mn mm bn B tn '000 000s 000"
).split()

_KIND = {
    **dict.fromkeys([*_SIGNS, *_CODES, *_MONEY], UnitKind.CURRENCY),
    **dict.fromkeys(_MEASURES, UnitKind.MEASURE),
    **dict.fromkeys(_COUNTERS, UnitKind.COUNTER),
    **dict.fromkeys(_SHARES, UnitKind.SHARE),
}


def _any(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


CURRENCY_BEFORE = re.compile(f"(?:{_any([*_SIGNS, *_CODES])}|人民币)(?=[^A-Za-z]|$)")
_SCALE = rf"(?:in )?(?:{_any(_SCALES)})"
_BASE = _any([*_KIND])
_HEADER_UNIT = re.compile(
    rf"(?:in |单位[:：]?\s*)?(?:(?:{_any(['十', '百', '千', '万', '百万', '千万', '亿', '十亿', '万亿'])})?(?:{_BASE})"
    rf"(?:\s?(?:{_SCALE}|of (?:{_BASE})))?|{_SCALE}(?:\s?(?:of )?(?:{_BASE}))?)"
    rf"(?:\s?(?:/|每|per )\s?(?:{_BASE}|[\w³²]{{1,8}}))?"
)
_BRACKETS = re.compile(r"\s*(?:\(([^()]{1,24})\)|\[([^\[\]]{1,24})\]|【([^】]{1,24})】)\s*")
_TAIL = re.compile(r"(?<=\S)(?:\s*[,，/:：]\s*|\s+in\s+|\s+)(?P<unit>[^\s,，/:：][^,，:：]{0,20})$")
_PERCENT_END = re.compile(r"\s*([%‰])$")
_STATED = re.compile(
    r"(?:金额|货币|币种)?单位\s*[:：]\s*(?:人民币)?\s*([^\s,，;；、()（）]{1,12})|^\(?\s*((?:US|HK)?[$€£¥]?\s*in (?:thousands|millions|billions)|in (?:thousands|millions|billions)(?: of [A-Za-z$€£¥]+)?)",
    re.I,
)  # noqa: E501


def unit_kind(unit: str) -> UnitKind | None:
    return _KIND.get(unit)


def folded(text: str) -> str:
    """Full-width signs as half-width ones; superscripts stay (12² is not 122, m² is m²)."""
    if text.isascii():
        return text
    return "".join(
        character if character in "²³¹⁰⁴⁵⁶⁷⁸⁹℃℉…™" else unicodedata.normalize("NFKC", character) for character in text
    )


def header_unit(header: str) -> tuple[str, str]:
    """The header without the unit it names, and the unit: `金额（万元）` is 金额 and 万元; empty if it names none."""
    text = folded(header).strip()
    for match in reversed(list(_BRACKETS.finditer(text))):
        inside = next(group for group in match.groups() if group is not None).strip()
        if _HEADER_UNIT.fullmatch(inside):
            rest = f"{text[: match.start()]} {text[match.end() :]}".strip()
            return rest or text, _bare(inside)
    if (percent := _PERCENT_END.search(text)) and percent.start():
        return text[: percent.start()], percent[1]
    if (tail := _TAIL.search(text)) and " in " in text[tail.start() - 1 :].replace("\t", " ") and _named(tail["unit"]):
        return text[: tail.start()], _bare(tail["unit"])
    if (tail := re.search(r"\s*[,，/]\s*([^,，/]{1,20})$", text)) and tail.start() and _named(tail[1]):
        return text[: tail.start()], _bare(tail[1])
    return text, ""


def is_unit(text: str) -> bool:
    """Whether a cell of a header says what a column counts, and nothing else."""
    text = folded(text).strip().strip("()[]【】")
    return bool(text) and bool(_HEADER_UNIT.fullmatch(text))


def stated_unit(line: str) -> str:
    """The unit that a line above a table states for it: `单位：万元`, `(in thousands)`; empty if none."""
    match = _STATED.search(folded(line).strip())
    return "" if match is None else _bare((match[1] or match[2] or "").strip())


def _named(text: str) -> bool:
    """Single letters after a comma are rather names than units."""
    return len(text.strip()) > 1 and bool(_HEADER_UNIT.fullmatch(text.strip())) or text.strip() in ("%", "$", "€", "元")


def _bare(unit: str) -> str:
    return re.sub(r"^(?:in\s+|单位[:：]?\s*)", "", unit.strip()).strip()
