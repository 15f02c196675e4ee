"""Which pairs move together: clusters of correlated hourly returns.

Ten long positions in ten coins that rise and fall as one are one position. Sides are not looked at:
a correlation that would make a short a hedge is the first thing to break when it is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.domain.errors import UsageError
from tradepulse.domain.interval import DAY_MS, HOUR_MS

DAYS = 30
HOURS = DAYS * DAY_MS // HOUR_MS
# Pairs that have fewer hours in common have no correlation worth the name.
FEWEST_HOURS = 240
# Pairs too young to be judged count as one cluster: a new listing seldom moves against the market.
UNKNOWN = -1


@dataclass(frozen=True, eq=False)
class Clusters:
    """`ids`: the cluster of each pair, UNKNOWN for one with too little history; `correlations` by
    pair of pairs, both ways round."""

    ids: Mapping[str, int] = field(default_factory=dict)
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)
    threshold: float = 0.8

    def cluster(self, pair: str) -> int:
        """The cluster of `pair`."""
        return self.ids.get(pair, UNKNOWN)

    def correlation(self, one: str, other: str) -> float | None:
        """The correlation of two pairs, None where there is too little of it."""
        return 1.0 if one == other else self.correlations.get((one, other))

    def together(self, pair: str, others: tuple[str, ...]) -> tuple[str, ...]:
        """Those of `others` that are in the cluster of `pair`, as often as they are there."""
        mine = self.cluster(pair)
        return tuple(other for other in others if other == pair or self.cluster(other) == mine)


def hourly_returns(bars: BarSeries, end_ms: int, days: int = DAYS) -> Floats:
    """(24 * days,) log returns of the full hours that end by `end_ms`, oldest first.

    NaN for an hour at either end of which no bar of `bars` closed. Bars longer than an hour give
    NaN alone; bars that close after `end_ms` are not seen.
    """
    hours = days * DAY_MS // HOUR_MS
    ends = end_ms // HOUR_MS * HOUR_MS - HOUR_MS * np.arange(hours, -1, -1, dtype=np.int64)
    closes_at = bars.open_time + bars.interval_ms
    place = np.searchsorted(closes_at, ends)
    found = np.full(hours + 1, np.nan)
    there = place < len(closes_at)
    there[there] = closes_at[place[there]] == ends[there]
    found[there] = np.log(bars.close[place[there]])
    return np.diff(found)


def cluster_pairs(returns: Mapping[str, Floats], threshold: float = 0.8) -> Clusters:
    """The clusters of `returns` (pair to equally long hourly log returns, NaN where unknown).

    Average linkage on 1 - correlation, cut where clusters correlate by `threshold` on average.
    Correlations are over the hours two pairs have in common. The order of the pairs changes
    nothing. Error `unequal_lengths`.
    """
    pairs = sorted(returns)
    if len({len(returns[pair]) for pair in pairs}) > 1:
        raise UsageError(
            "unequal_lengths", "returns of different lengths have no correlation",
            expected="one grid of hours for all pairs",
            found=", ".join(str(len(returns[pair])) for pair in pairs),
        )  # fmt: skip
    known = [pair for pair in pairs if _is_enough(returns[pair])]
    matrix = _correlations([returns[pair] for pair in known])
    # One that has nothing in common with the first of the known is as good as unknown.
    judged = [k for k in range(len(known)) if np.isfinite(matrix[k]).all()]
    kept = [known[k] for k in judged]
    matrix = matrix[np.ix_(judged, judged)]
    ids = dict.fromkeys(pairs, UNKNOWN)
    ids.update(zip(kept, _linked(matrix, threshold), strict=True))
    found = {
        (one, other): float(matrix[i, j])
        for i, one in enumerate(kept) for j, other in enumerate(kept) if i != j
    }  # fmt: skip
    return Clusters(ids, found, threshold)


def _is_enough(returns: Floats) -> bool:
    seen = returns[np.isfinite(returns)]
    return len(seen) >= FEWEST_HOURS and bool(np.ptp(seen) > 0.0)


def _correlations(columns: list[Floats]) -> Floats:
    count = len(columns)
    matrix = np.eye(count)
    for i in range(count):
        for j in range(i):
            both = np.isfinite(columns[i]) & np.isfinite(columns[j])
            matrix[i, j] = matrix[j, i] = _correlation(columns[i][both], columns[j][both])
    return matrix


def _correlation(one: Floats, other: Floats) -> float:
    if len(one) < FEWEST_HOURS or not np.ptp(one) > 0.0 or not np.ptp(other) > 0.0:
        return np.nan
    return float(np.corrcoef(one, other)[0, 1])


def _linked(matrix: Floats, threshold: float) -> list[int]:
    if len(matrix) < 2:
        return [0] * len(matrix)
    # A third of a second to import: only who asks for clusters waits for it.
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distance = np.clip(1.0 - matrix, 0.0, 2.0)
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), "average")
    # A hair wider, so that a correlation of exactly the threshold is inside.
    labels = fcluster(tree, 1.0 - threshold + 1e-12, "distance").tolist()
    order = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return [order[label] for label in labels]
