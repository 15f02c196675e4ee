"""The middle of the plateau, not the peak: a peak without like neighbours is where luck was best.

Practice of Pardo and Hansen, not a theorem; docs/adr records what it costs and saves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tradepulse.strategies.parameters import Choice, Float, Int, Parameter, Value
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.optimisers.axes import FLOAT_DIGITS

Floats = npt.NDArray[np.float64]

# A neighbour is within this share of a value, or a grid step where the search was a grid.
NEAR = 0.2
# Candidates whose neighbourhoods are looked at: the best tenth, within these bounds.
_FEWEST, _MOST = 20, 200
# With fewer neighbours in reach the nearest ones count, however far.
_ENOUGH = 4


def plateau_centre(
    sets: Sequence[Mapping[str, Any]], scores: Sequence[float], *, on_grid: bool,
    among: Sequence[int] | None = None,
) -> int:  # fmt: skip
    """The index of the set whose neighbourhood has the best median score, among the best sets.

    `scores`: higher is better, NaN never wins. Ties go to the higher own score, then to the
    earlier. Only sets in `among` may be chosen, all of them are neighbours. ValueError if no score
    is known.
    """
    values = np.asarray(scores, dtype=np.float64)
    known = [int(i) for i in np.flatnonzero(~np.isnan(values))]
    if not known:
        raise ValueError("no score is known")
    order = [known[row] for row in np.argsort(-values[known], kind="stable")]
    count = min(max(_FEWEST, len(known) // 10), _MOST)
    if not sets[0]:
        return known[0]  # a strategy without parameters has no neighbours
    if among is not None:
        allowed = set(among)
        order = [i for i in order if i in allowed]
    places = _places([sets[i] for i in known], on_grid=on_grid)
    row_of = {i: row for row, i in enumerate(known)}
    medians = [_neighbourhood(places, values[known], row_of[i]) for i in order[:count]]
    # argmax takes the first of equals, which is the one with the higher own score.
    best: int = order[int(np.argmax(medians))]
    return best


def neighbours(
    strategy: type[Strategy], chosen: Mapping[str, Any], grid: Mapping[str, Sequence[Any]] | None
) -> list[dict[str, Value]]:
    """The sets one step away in one parameter: a grid step, an option, or 20 % (at least 1)."""
    found: list[dict[str, Value]] = []
    for name, item in strategy.declared.items():
        axis = list(grid[name]) if grid is not None and name in grid else None
        if axis is not None and len(axis) < 2:
            continue
        for value in _steps(item, chosen[name], axis):
            found.append({**chosen, name: value})
    return found


def _steps(item: Parameter, value: Any, axis: Sequence[Any] | None) -> list[Value]:
    if axis is None and isinstance(item, Choice):
        axis = item.options
    if axis is not None:
        ordered = sorted(set(axis)) if all(isinstance(a, (int, float)) for a in axis) else [*axis]
        if value not in ordered:
            return []
        place = ordered.index(value)
        return [ordered[i] for i in (place - 1, place + 1) if 0 <= i < len(ordered)]
    match item:
        case Int():
            reach = max(1, round(NEAR * abs(value)))
            near = [value - reach, value + reach]
        case Float():
            reach = NEAR * abs(value) or NEAR * (item.high - item.low)
            near = [round(value - reach, FLOAT_DIGITS), round(value + reach, FLOAT_DIGITS)]
        case _:
            return []
    # The search range, or the value where it lies outside: beyond it nobody asked.
    low, high = min(item.low, value), max(item.high, value)
    inside = [min(max(v, low), high) for v in near]
    return [v for v in dict.fromkeys(inside) if v != value]


class _Places(NamedTuple):
    """The sets as numbers: a row a set, and how far a step reaches in each column."""

    values: Floats
    unit: Floats
    share: Floats

    def distances(self, centre: int) -> Floats:
        """How many steps each set is away from one of them, in the parameter farthest away."""
        here = self.values[centre]
        reach = np.maximum(self.unit, self.share * np.abs(here))
        found: Floats = (np.abs(self.values - here) / reach).max(axis=1)
        return found


def _places(sets: Sequence[Mapping[str, Any]], *, on_grid: bool) -> _Places:
    columns, units, near = [], [], []
    for name in sets[0]:
        raw = [s[name] for s in sets]
        plain = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in raw)
        if plain and not on_grid:
            values = np.asarray(raw, dtype=np.float64)
            whole = bool(np.all(values == np.round(values)))
            columns.append(values)
            # A fraction at zero has no share of itself: a share of the range tried takes its place.
            units.append(1.0 if whole else NEAR * float(np.ptp(values)) / 5.0 + 1e-12)
            near.append(NEAR)
            continue
        order = {v: float(i) for i, v in enumerate(sorted(set(raw), key=_sortable))}
        # Another option is never near: words have no order.
        columns.append(np.array([order[v] for v in raw]))
        units.append(1.0 if plain else 0.5)
        near.append(0.0)
    return _Places(np.column_stack(columns), np.array(units), np.array(near))


def _neighbourhood(places: _Places, scores: Floats, centre: int) -> float:
    """The median score of the sets within a step in every parameter, the centre among them."""
    distance = places.distances(centre)
    near = np.flatnonzero(distance <= 1.0 + 1e-9)
    if len(near) < _ENOUGH + 1:
        near = np.argsort(distance, kind="stable")[: _ENOUGH + 1]
    return float(np.median(scores[near]))


def _sortable(value: Any) -> tuple[str, Any]:
    return ("", value) if isinstance(value, (int, float)) else ("text", str(value))
