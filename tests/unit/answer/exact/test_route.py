from __future__ import annotations

import pytest

from gezhi.answer.exact.route import RouteKind, route
from gezhi.types.tables import Column, ColumnType, TypedTable

TABLE = TypedTable(
    id="d:t0",
    document_id="d",
    number=0,
    name="sales",
    key="sales",
    row_count=2,
    columns=(
        Column(name="Region", key="region", type=ColumnType.TEXT),
        Column(name="Revenue", key="revenue", type=ColumnType.NUMBER),
        Column(name="销售额", key="amount", type=ColumnType.NUMBER),
    ),
)
VALUES = {("sales", "region"): ["Europe", "Asia", "华南"]}


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is the total revenue in Europe?", RouteKind.EXACT),
        ("华南的销售额合计是多少？", RouteKind.EXACT),
        ("Which region has the highest revenue?", RouteKind.EXACT),
        ("who wrote the opera about the barber", RouteKind.OPEN),
        ("如何更换水泵的密封圈？", RouteKind.OPEN),
        ("Explain the safety rules of the pump", RouteKind.OPEN),
        ("Why did revenue fall in the region with the highest total?", RouteKind.BOTH),
        ("Which region has the highest revenue, and who leads its office?", RouteKind.BOTH),
        ("华南的销售额合计是多少，为什么下降？", RouteKind.BOTH),
        ("In Europe, what is the total revenue?", RouteKind.EXACT),
        ("How many stock options does a region receive with a revenue above 5?", RouteKind.OPEN),
        ("How many sales does a region receive with a revenue above 5?", RouteKind.EXACT),
    ],
)
def test_routes(question: str, kind: RouteKind) -> None:
    decided = route(question, [TABLE], VALUES)
    assert decided.kind is kind, decided
    assert decided.reason


def test_forced_and_without_tables() -> None:
    assert route("total revenue", [TABLE], VALUES, force=RouteKind.OPEN).forced
    assert route("total revenue", [], {}).kind is RouteKind.OPEN
