"""Facts read with time: what holds on a day, and what a newer document says instead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from gezhi.store.naming.names import name_key
from gezhi.types.facts import Fact, Superseded

_ONE_AT_A_TIME = frozenset(
    """
    ceo|chief executive|chief executive officer|cfo|chief financial officer|president|chairman|chairwoman|chair|mayor
    governor|director|managing director|general manager|head|head coach|manager|editor|editor-in-chief|led by|headed by
    managed by|owned by|owner|headquarters|headquartered in|based in|registered office|address|phone|email|price
    unit price|list price|population|version|status|notice period|deadline|employees|number of employees
    总经理|董事长|首席执行官|法定代表人|负责人|现任负责人|厂长|校长|院长|主席|市长|省长|主任|部长|主编|总部|总部所在地|总部位于|注册地|注册资本
    地址|电话|邮箱|价格|单价|人口|版本|状态|所有者|控股股东|员工人数
""".replace("\n", "|").split("|")
)
"""Predicates with one object at a time. Of others nothing is ever superseded: a firm may have two suppliers."""
_FILLERS = ("is the ", "is ", "was the ", "was ", "has ", "current ", "the ", "现任", "当前", "是", "为")


def one_at_a_time(predicate: str) -> bool:
    """Whether a thing has only one of these at a time, so that a newer statement replaces an older one."""
    bare = " ".join(predicate.casefold().split())
    for _ in range(3):
        for filler in _FILLERS:
            bare = bare.removeprefix(filler).strip()
    for ending in (" is", " was", "是", "为"):
        bare = bare.removesuffix(ending).strip()
    return bool(bare) and bare in {one.strip() for one in _ONE_AT_A_TIME}


def stated_at(fact: Fact) -> str:
    """The date a fact speaks of: since when it holds, else when the document that states it is from."""
    return fact.valid_from or fact.dated


def later(one: str, other: str) -> bool:
    """Whether one date is surely later than another: at the precision both have."""
    shared = min(len(one), len(other))
    return bool(shared) and one[:shared] > other[:shared]


def supersede(facts: Iterable[Fact]) -> list[Fact]:
    """Mark each fact that a newer one contradicts: both dated, of the same subject and the same predicate, one that has
    one object at a time. Objects of which one is the other written longer do not contradict."""
    every = list(facts)
    groups: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in every:
        if one_at_a_time(fact.predicate) and stated_at(fact):
            groups[name_key(fact.subject), fact.predicate].append(fact)
    return [_marked(fact, groups.get((name_key(fact.subject), fact.predicate), ())) for fact in every]


def identity(fact: Fact) -> tuple[str, str, str, str, str]:
    """What makes two facts one, whoever states them."""
    return fact.subject, fact.predicate, fact.object, fact.valid_from, fact.valid_to


def superseded_by(facts: Iterable[Fact], rivals: Iterable[Fact]) -> list[Fact]:
    """Some facts, marked where others contradict them. `rivals`: all facts of their subjects."""
    marked = {identity(fact): fact for fact in supersede(rivals)}
    return [marked.get(identity(fact), fact) for fact in facts]


def _marked(fact: Fact, rivals: Sequence[Fact]) -> Fact:
    mine = name_key(fact.object)
    newer = [
        rival
        for rival in rivals
        if later(stated_at(rival), stated_at(fact)) and not _alike(mine, name_key(rival.object))
    ]
    said_again = max((stated_at(rival) for rival in rivals if _alike(mine, name_key(rival.object))), default="")
    newer = [rival for rival in newer if later(stated_at(rival), said_again)]
    if not newer:
        return fact
    newest = max(newer, key=lambda rival: (stated_at(rival), rival.object))
    return replace(
        fact,
        superseded=Superseded(object=newest.object, since=stated_at(newest), passage_id=newest.passages[0]),
    )


def _alike(one: str, other: str) -> bool:
    return f" {one} " in f" {other} " or f" {other} " in f" {one} "


def valid_at(facts: Iterable[Fact], day: str) -> list[Fact]:
    """Those that may hold on a day (ISO 8601, as exact as wanted): not begun after it, not ended before it, and not
    superseded by what was known then."""
    known = [
        fact for fact in facts if not later(stated_at(fact), day) and not (fact.valid_to and later(day, fact.valid_to))
    ]
    return [fact for fact in supersede(replace(fact, superseded=None) for fact in known) if fact.superseded is None]
