"""How sure a figure is: percentiles and confidence intervals, repeatable (fixed seed)."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

Interval = tuple[float, float]

RESAMPLES = 2000
_BLOCK = 100


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not pass; linear between neighbours."""
    if not values:
        raise ValueError("no values")
    return float(np.quantile(np.asarray(values, dtype=np.float64), share))


def bootstrap(values: Sequence[float], *, confidence: float = 0.95, seed: int = 0) -> Interval:
    """Percentile bootstrap interval of the mean. For paired runs, give the differences per question."""
    if not values:
        raise ValueError("no values")
    data = np.asarray(values, dtype=np.float64)
    generator = np.random.default_rng(seed)
    means = [
        data[generator.integers(0, len(data), size=(_BLOCK, len(data)))].mean(axis=1)
        for _ in range(RESAMPLES // _BLOCK)
    ]
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(means), [tail, 1 - tail])
    return float(low), float(high)


def bootstrap_groups(
    groups: Sequence[Hashable],
    figure: Callable[[NDArray[np.intp]], float],
    *,
    confidence: float = 0.95,
    seed: int = 0,
    resamples: int = 1000,
) -> Interval:
    """Percentile bootstrap interval of any figure of items that come in groups: whole groups are drawn. `figure` gets
    the indices of the drawn items; draws for which it is NaN (e.g. one label only) are left out."""
    members: dict[Hashable, list[int]] = {}
    for at, group in enumerate(groups):
        members.setdefault(group, []).append(at)
    if not members:
        raise ValueError("no values")
    indices = [np.array(one, dtype=np.intp) for one in members.values()]
    generator = np.random.default_rng(seed)
    drawn = (generator.integers(0, len(indices), size=len(indices)) for _ in range(resamples))
    values = [figure(np.concatenate([indices[at] for at in draw])) for draw in drawn]
    kept = [value for value in values if not math.isnan(value)]
    if not kept:
        return math.nan, math.nan
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.asarray(kept), [tail, 1 - tail])
    return float(low), float(high)


def wilson(successes: int, trials: int, *, z: float = 1.959963984540054) -> Interval:
    """Wilson interval of a share; also sound near 0 and 1 and for few trials. `z`: 1.96 for 95 %."""
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} of {trials} is not a share")
    share = successes / trials
    scale = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)
