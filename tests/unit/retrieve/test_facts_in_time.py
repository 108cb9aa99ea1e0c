"""Which fact holds when, and which a newer document contradicts: conservatively."""

from __future__ import annotations

import pytest

from gezhi.retrieve.graph.facts import later, one_at_a_time, supersede, valid_at
from gezhi.types.dates import date_in
from gezhi.types.facts import Fact


def fact(object: str, dated: str = "", *, predicate: str = "CEO", since: str = "", until: str = "") -> Fact:
    return Fact(
        subject="Norvik Ltd",
        predicate=predicate,
        object=object,
        valid_from=since,
        valid_to=until,
        dated=dated,
        passages=(f"{object}:0",),
    )


def over(*facts: Fact) -> list[str]:
    return [f"{one.object}<{one.superseded.object}" for one in supersede(facts) if one.superseded]


def test_a_newer_statement_supersedes_where_only_one_can_hold() -> None:
    assert over(fact("Anna Berg", "2022"), fact("Per Dahl", "2024-05")) == ["Anna Berg<Per Dahl"]
    assert over(fact("Anna Berg", since="2022-01"), fact("Per Dahl", "2022-03"), fact("Li Na", "2025")) == [
        "Anna Berg<Li Na",
        "Per Dahl<Li Na",
    ]
    assert over(fact("李明", "2022", predicate="现任总经理"), fact("王芳", "2023", predicate="现任总经理"))


@pytest.mark.parametrize(
    "facts",
    [
        (fact("Anna Berg"), fact("Per Dahl", "2024")),
        (fact("Anna Berg", "2024"), fact("Per Dahl", "2024-05")),
        (fact("Berg", "2022"), fact("Anna Berg", "2024")),
        (fact("pumps", "2022", predicate="sells"), fact("valves", "2024", predicate="sells")),
        (fact("Anna Berg", "2022"), fact("Per Dahl", "2024"), fact("Anna Berg", "2025")),
    ],
)
def test_what_is_not_sure_is_left_alone(facts: tuple[Fact, ...]) -> None:
    assert "Anna Berg<Per Dahl" not in over(*facts)
    assert "Berg<Anna Berg" not in over(*facts)
    assert "pumps<valves" not in over(*facts)


def test_what_held_on_a_day() -> None:
    facts = [fact("Anna Berg", since="2019-03", until="2023-12"), fact("Per Dahl", since="2024-01")]
    assert [one.object for one in valid_at(facts, "2021")] == ["Anna Berg"]
    assert [one.object for one in valid_at(facts, "2024-06")] == ["Per Dahl"]
    assert valid_at(facts, "2018") == []


def test_dates_are_later_only_at_the_precision_both_have() -> None:
    assert later("2024", "2023-05")
    assert later("2024-02-01", "2024-01")
    assert not later("2024", "2024-01")
    assert not later("2024", "")


def test_predicates_with_one_object() -> None:
    for predicate in ("ceo", "is the CEO", "current price", "headquartered in", "总部位于", "现任总经理", "为总经理"):
        assert one_at_a_time(predicate), predicate
    for predicate in ("sells", "is", "", "founded by", "供应商"):
        assert not one_at_a_time(predicate), predicate


@pytest.mark.parametrize(
    ("title", "date"),
    [
        ("incident-rotterdam-2024-08-14.eml", "2024-08-14"),
        ("质量例会纪要-2024-08-21.txt", "2024-08-21"),
        ("2024年3月报告", "2024-03"),
        ("2024年度安全生产报告", "2024"),
        ("report_20240305.pdf", "2024-03-05"),
        ("orders-2024-2025.csv", "2025"),
        ("PPR-9087", ""),
        ("part 1202412", ""),
        ("employee handbook", ""),
    ],
)
def test_the_date_in_a_name(title: str, date: str) -> None:
    assert date_in(title) == date
