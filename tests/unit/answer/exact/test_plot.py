from __future__ import annotations

import pytest

from gezhi.answer.exact.plot import plot_of
from gezhi.types import Plot, PlotKind
from gezhi.types.tables import Value

BARS = Plot(kind=PlotKind.BARS, label=0, value=1)
LINE = Plot(kind=PlotKind.LINE, label=0, value=1)


@pytest.mark.parametrize(
    ("rows", "plot"),
    [
        ([("Europe", 3), ("Asia", -2.5)], BARS),
        ([(3, "Europe"), (4, "Asia")], Plot(kind=PlotKind.BARS, label=1, value=0)),
        ([(2022, 5), (2023, 7), (2024, 6)], LINE),
        ([("2024-03", 5), ("2024-02", 7), ("2024-01", 6)], LINE),
        ([("2024-03", 5), ("2024-01", 7), ("2024-02", 6)], BARS),
        ([("2024-01", 7), ("2024-02", 6)], BARS),
        ([("Europe", 3)], None),
        ([("Europe", 3), ("Europe", 4)], None),
        ([("Europe", 3), ("Asia", None)], None),
        ([("Europe", "China"), ("Asia", "Japan")], None),
        ([(3, 4), (5, 6)], None),
        ([("Europe", 3, 1), ("Asia", 2, 1)], None),
        ([(str(number), number / 3) for number in range(99)], None),
    ],
)
def test_only_what_is_better_seen_is_drawn(rows: list[tuple[Value, ...]], plot: Plot | None) -> None:
    assert plot_of(rows, len(rows)) == plot


def test_a_result_that_is_not_all_there_is_not_drawn() -> None:
    assert plot_of([("Europe", 3), ("Asia", 2)], 200) is None
