"""Grids: every combination once, checked, complete with defaults."""

from __future__ import annotations

import pytest

from tradepulse.domain.errors import UsageError
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.strategies.volume_breakout import VolumeBreakout
from tradepulse.training.grid import expand


def test_a_grid_is_every_combination_in_order() -> None:
    sets = expand(EmaCross, {"fast": [5, 10], "slow": range(20, 50, 10)})
    assert [(s["fast"], s["slow"]) for s in sets] == [
        (5, 20), (5, 30), (5, 40), (10, 20), (10, 30), (10, 40),
    ]  # fmt: skip


def test_a_list_of_sets_keeps_its_order_and_gets_defaults() -> None:
    sets = expand(VolumeBreakout, [{"range_bars": 30}, {"surge": 3}])
    assert sets[0]["surge"] == VolumeBreakout().surge
    assert sets[1]["surge"] == 3.0


@pytest.mark.parametrize(
    ("grid", "code"),
    [
        ({"fast": []}, "empty_grid"),
        ([], "empty_grid"),
        ({"quick": [1]}, "unknown_parameter"),
        ({"fast": [0]}, "bad_parameter"),
    ],
)
def test_a_bad_grid_is_refused(grid: object, code: str) -> None:
    with pytest.raises(UsageError) as error:
        expand(EmaCross, grid)  # type: ignore[arg-type]
    assert error.value.code == code
