import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.evaluate.statistics import bootstrap, percentile, wilson


def test_percentile_is_linear_between_neighbours() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2.5
    assert percentile([10, 20], 0.95) == pytest.approx(19.5)
    assert percentile([7], 0.95) == 7


def test_wilson_by_hand() -> None:
    # 8 of 10, z = 1.96: centre (.8 + 3.8415/20) / 1.38415 = .71674; half 1.96 * sqrt(.016 + .0096) / 1.38415 = .2266.
    low, high = wilson(8, 10)
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 20)[0] == 0.0
    assert wilson(20, 20)[1] == 1.0
    assert wilson(100, 100)[0] == pytest.approx(0.9630, abs=1e-4)


@pytest.mark.parametrize(("successes", "trials"), [(1, 0), (3, 2), (-1, 2)])
def test_wilson_refuses_what_is_no_share(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="not a share"):
        wilson(successes, trials)


def test_bootstrap_is_repeatable_and_close_to_theory() -> None:
    values = [0.0] * 50 + [1.0] * 50
    low, high = bootstrap(values)
    assert (low, high) == bootstrap(values)
    # Normal theory: .5 +- 1.96 * .5 / sqrt(100).
    assert (low, high) == pytest.approx((0.402, 0.598), abs=0.02)
    assert bootstrap([0.3] * 5) == pytest.approx((0.3, 0.3))


def test_nothing_has_no_interval() -> None:
    with pytest.raises(ValueError, match="no values"):
        bootstrap([])
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_interval_holds_the_mean_of_what_it_may_draw(values: list[float]) -> None:
    low, high = bootstrap(values)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
