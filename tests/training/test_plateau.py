"""The plateau's centre, not the peak; and the neighbours that a chosen set is judged by."""

from __future__ import annotations

import itertools
import math

import pytest

from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.strategies.htf_sweep import HtfSweep
from tradepulse.training.plateau import neighbours, plateau_centre

AXIS = list(range(10, 20))
SETS = [{"a": a, "b": b} for a, b in itertools.product(AXIS, AXIS)]


def hill(values: dict[str, int]) -> float:
    """A broad hill around (14, 14), and one lone spike in a corner."""
    if (values["a"], values["b"]) == (19, 10):
        return 9.0
    return 3.0 - 0.2 * (abs(values["a"] - 14) + abs(values["b"] - 14))


@pytest.mark.parametrize("on_grid", [True, False])
def test_a_hill_beats_a_spike(on_grid: bool) -> None:
    scores = [hill(values) for values in SETS]
    assert SETS[max(range(len(SETS)), key=scores.__getitem__)] == {"a": 19, "b": 10}
    assert SETS[plateau_centre(SETS, scores, on_grid=on_grid)] == {"a": 14, "b": 14}


def test_unknown_scores_never_win() -> None:
    scores = [math.nan] * len(SETS)
    with pytest.raises(ValueError, match="no score"):
        plateau_centre(SETS, scores, on_grid=True)
    scores[42] = -1.0
    assert plateau_centre(SETS, scores, on_grid=True) == 42


def test_ties_go_to_the_earlier() -> None:
    assert plateau_centre(SETS, [1.0] * len(SETS), on_grid=True) == 0


def test_words_are_no_neighbours() -> None:
    sets = [{"a": 1, "w": w} for w in ("x", "y")] * 1
    assert plateau_centre(sets, [1.0, 2.0], on_grid=False) == 1


@pytest.mark.parametrize(
    ("chosen", "grid", "expected"),
    [
        ({"fast": 10, "slow": 100}, None, [(8, 100), (12, 100), (10, 80), (10, 120)]),
        ({"fast": 3, "slow": 300}, None, [(4, 300), (3, 240)]),
        ({"fast": 10, "slow": 100}, {"fast": (5, 10, 20), "slow": (100,)}, [(5, 100), (20, 100)]),
    ],
)
def test_neighbours_are_one_step_away(
    chosen: dict[str, int], grid: dict[str, tuple[int, ...]] | None, expected: list[tuple[int, int]]
) -> None:
    found = neighbours(EmaCross, chosen, grid)
    assert [(v["fast"], v["slow"]) for v in found] == expected


def test_options_step_to_the_next_option() -> None:
    chosen = HtfSweep({"ratio": 12}).parameters
    ratios = {v["ratio"] for v in neighbours(HtfSweep, chosen, None)} - {12}
    assert ratios == {6, 24}
    for values in neighbours(HtfSweep, chosen, None):
        assert sum(values[name] != chosen[name] for name in chosen) == 1
