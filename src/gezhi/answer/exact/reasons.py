"""Why nothing was computed, in the language of the question."""

from __future__ import annotations

import re

from gezhi.types.language import cjk_count, language_of

NO_TABLE = "no table of the documents is near the question"
GONE = "the rows behind it are not in a document any more"
NO_ROW = "no row fits"

IN_CHINESE = (
    (NO_TABLE, "文档里没有与问题相近的表格"),
    (GONE, "所依据的行已不在任何文档里"),
    (r"no row fits.*", "没有符合条件的行，或相应的单元格为空"),
    (r"(\d+) rows fit where the question seems to ask for one", r"问的像是一个，符合条件的却有\1行"),
    (r"there is no table", "没有表格"),
    (r"the table says nothing of (.+)", r"表格里没有“\1”"),
    (r"only a part of a column's name: (.+)", r"“\1”只是某一列名称的一部分"),
    (r"several tables could answer it: (.+)", r"有几个表格都可能回答：\1"),
    (r"several columns are named (.+)", r"有几列都叫“\1”"),
    (r"(.+) stands in several columns", r"“\1”出现在几列里"),
    (r"cells of (.+) hold several things", r"“\1”的一个单元格里有几样东西"),
    (r"each (.+) has one row", r"每个“\1”只有一行"),
    (r"no sense was found for: (.+)", r"没有读懂“\1”"),
    (r"no condition or nothing asked for was found", "没有找到条件，或者没有找到要问的内容"),
    (r"whether the column (.+) is meant or the operation is not clear", r"“\1”指的是这一列还是这种计算，不清楚"),
    (r"whether the column counts in .+ is not clear", "不清楚这一列的数字以什么为单位"),
    (r"which column says .+ is not clear", "不清楚哪一列说的是这个"),
    (r"it asks two questions", "一句话里有两个问题"),
    (r"it says what is not", "问题里有否定的说法"),
    # dates
    (r"a date whose column is not clear|which date is meant is not clear|which dates .+ means is not clear",
     "不清楚指的是哪一列日期"),
    (r"a span of time that is not clear", "不清楚指的是哪一段时间"),
    (r"several dates", "问题里有几个日期"),
    (r"before or after a quarter", "问的是某一季度之前或之后"),
    (r"of which year the month is meant is not clear", "不清楚指的是哪一年的这个月"),
    (r"a column of years has no months", "年份这一列里没有月份"),
    (r"what is late is not clear", "不清楚迟到的是什么"),
    # numbers
    (r"a number(?: in percent)? whose column is not clear", "不清楚数字指的是哪一列"),
    (r"what to count is not clear|how many are meant is not clear|different what is not clear", "不清楚要数的是什么"),
    (r"whether rows are counted or numbers added up is not clear", "不清楚是数行数，还是把数字相加"),
    (r"whether rows or pieces are counted is not clear", "不清楚是数行数，还是数件数"),
    (r"more cells hold the value than are equal to it", "含有这个值的单元格比等于它的多"),
    (r"which ones are asked for, not a number of them", "问的是哪些，而不是有多少"),
    (r"a count of what comes before or after", "问的是前面或后面有多少"),
    (r"what to add up is not clear", "不清楚要相加的是什么"),
    (r"what to add up is not a number", "要相加的不是数字"),
    (r"of what the average is not clear", "不清楚要平均的是什么"),
    (r"(?:a row of the table|the row found) seems to hold totals", "表格里有一行像是合计"),
    (r"a difference whose two sides are not clear", "不清楚是哪两者之差"),
    (r"a share of what is not clear", "不清楚占的是什么的比例"),
    (r"more than what is not clear", "不清楚是与什么相比"),
    (r"what spent too much is not clear", "不清楚超支的是什么"),
    (r"which column says what is in stock is not clear", "不清楚哪一列是库存"),
    # the most, the first
    (r"what the most is of is not clear|what is the most is not clear", "不清楚比较的是什么"),
    (r"what grew the fastest is not clear", "不清楚增长最快的是什么"),
    (r"what rose or fell is not clear", "不清楚上升或下降的是什么"),
    (r"both the most and the least", "同时问了最多的和最少的"),
    (r"the total of the first few is asked for", "问的是前几名的合计"),
    (r"a top of what is not clear|the second or third of what is not clear|an order that is not clear",
     "不清楚按什么排序"),
    (r"the highest rank may be the first or the last", "最高的名次可能是第一名，也可能是最后一名"),
    (r"below a rank may be better or worse", "名次在其下可能是更好，也可能是更差"),
    (r"the first may be the earliest, or the one that is listed first", "第一个可能是最早的，也可能是排在最前的"),
    (r"which row it is next to is not clear", "不清楚与哪一行相邻"),
    (r"whether one row or all .*is not clear|whether one row or all .*are meant is not clear",
     "不清楚指的是某一行还是同类的所有行"),
    # what is asked for
    (r"a choice that is not clear|a choice between two without what to compare", "不清楚在两者之间比较什么"),
    (r"a group that is not clear|what to work out for each is not clear", "不清楚按什么分组，或每组要算什么"),
    (r"two groups", "要按两种方式分组"),
    (r"several parts of values of one column", "问到了同一列里几个值的一部分"),
    (r"whether there is what is not clear", "不清楚问的是有没有什么"),
    (r"what a row is called is not clear", "不清楚一行叫什么"),
    (r"what is asked for is what was given", "问的正是问题里已经给出的"),
    (r"what is asked for is not clear", "不清楚问的是哪一列"),
    (r"The query took longer than (\S+) seconds", r"查询超过了\1秒"),
    (r"(.+) may be (.+)", r"“\1”可能指“\2”"),
)  # fmt: skip
"""What the reader says, and the same in Chinese; the first that fits. A test goes through all that it can say."""
_NOT_CLEAR = "问题对表格的要求不够明确"

_OF_MODEL = (
    (r"The question says (.+): the query must use it.*", r"no query was found that uses \1", r"没有写出用到“\1”的查询"),
    (r"(.+) holds words and cannot be added up.*", r"\1 holds words and cannot be added up", r"“\1”是文字，不能相加"),
    (r"The query runs and finds nothing.*", NO_ROW, "没有符合条件的行"),
    (r"Several tries .+", "several tries at a query gave different results", "几次写出的查询结果不一致"),
    (r"The query took longer than (\S+) seconds.*", r"it took longer than \1 seconds", r"查询超过了\1秒"),
    (NO_ROW, NO_ROW, "没有符合条件的行"),
    (r".*", "no query could be written for it", "没有写出可用的查询"),
)
"""What a model is told of its query, so that it writes another, in the words of whoever asked; the first that fits."""


def cannot(question: str, reason: str, *, by_model: bool = False) -> str:
    """Why nothing was computed. `by_model`: the reason is what a model was told of its last query."""
    chinese = language_of(question) == "zh"
    if by_model:
        fits = ((re.fullmatch(said, reason, re.DOTALL), told) for said, *told in _OF_MODEL)
        reason = next(match.expand(told[chinese]) for match, told in fits if match)
    if not chinese:
        return f"This cannot be answered exactly because {reason}."
    told = in_chinese(reason)
    if told is None:
        told = reason if cjk_count(reason) else _NOT_CLEAR
    return f"无法精确回答，因为：{told}。"


def in_chinese(reason: str) -> str | None:
    """None of what no rule says."""
    matches = ((re.fullmatch(said, reason), told) for said, told in IN_CHINESE)
    return next((match.expand(told) for match, told in matches if match), None)
