from __future__ import annotations

from gezhi.answer.exact.writing.meant import without_itself
from gezhi.answer.exact.writing.said import spans


def test_what_a_question_says_is_offered_in_the_forms_that_cells_have() -> None:
    found = spans("How many republicans from o'hara county played in March 2008, or on may 5, 2009?")
    assert {"republican", "Republican", "O'hara", "o'hara county", "2008-03", "2009-05-05"} <= set(found)
    assert not {"from", "or", "in March"} & set(found)
    assert {"杭州", "杭州的选手", "2024-03"} <= set(spans("2024年3月杭州的选手有多少名？"))
    assert "-10-" in spans("games in october")


def test_others_are_not_the_one_who_is_named() -> None:
    asked = "SELECT stadium FROM t WHERE capacity = (SELECT capacity FROM t WHERE stadium = 'K')"
    assert without_itself(asked) == f"{asked} AND NOT (stadium = 'K')"
    for kept in (
        "SELECT capacity FROM t WHERE stadium = 'K'",
        "SELECT stadium FROM t WHERE capacity = (SELECT max(capacity) FROM t WHERE stadium = 'K')",
        "SELECT city FROM t WHERE capacity = (SELECT capacity FROM t WHERE stadium = 'K')",
        "no SQL",
    ):
        assert without_itself(kept).casefold() == kept.casefold()
