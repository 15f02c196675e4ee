"""How far what trades real money may fall, by what its backtest promises."""

from __future__ import annotations

import numpy as np
import pytest

from tradepulse.risk.drawdown_band import DrawdownBand
from tradepulse.training.lifecycle.demotion import Expectation
from tradepulse.training.lifecycle.live_band import Exposed, band_of, mean_share, scaled_band

RNG = np.random.default_rng(3)
PROMISED = Expectation(RNG.normal(0.6, 1.0, 200), RNG.normal(0.001, 0.01, 500))
BAND = DrawdownBand(10.0, 20.0)


def test_the_band_is_wider_for_more_days_and_its_outer_edge_is_further() -> None:
    month, year = band_of(PROMISED, 30), band_of(PROMISED, 365)
    assert month is not None
    assert year is not None
    assert 0.0 < month.inner_pct < month.outer_pct
    assert month.inner_pct < year.inner_pct < year.outer_pct
    assert band_of(PROMISED, 30) == month


def test_about_one_future_in_twenty_leaves_it() -> None:
    band = band_of(PROMISED, 60)
    assert band is not None
    drawn = np.random.default_rng(9).choice(PROMISED.daily_returns, (4_000, 60))
    paths = np.cumprod(1.0 + drawn, axis=1)
    peaks = np.maximum(np.maximum.accumulate(paths, axis=1), 1.0)
    falls = -100.0 * (paths / peaks - 1.0).min(axis=1)
    assert 0.02 < (falls > band.inner_pct).mean() < 0.09
    assert (falls > band.outer_pct).mean() < 0.025


@pytest.mark.parametrize("returns", [[], [0.1], [0.0] * 50])
def test_a_backtest_that_says_nothing_promises_nothing(returns: list[float]) -> None:
    assert band_of(Expectation(np.array([]), np.array(returns)), 30) is None


# band, share of the backtest's positions, share of the real ones -> inner edge
SCALES = {
    "a twentieth of the size": (BAND, 1.0, 0.05, 0.5),
    "half of a half": (BAND, 0.5, 0.25, 5.0),
    "larger ones widen nothing": (BAND, 0.5, 0.9, 10.0),
    "nothing traded yet": (BAND, 1.0, None, 10.0),
    "the backtest's size is not known": (BAND, None, 0.1, 10.0),
    "no band": (None, 1.0, 0.1, None),
}


@pytest.mark.parametrize("case", SCALES)
def test_the_band_is_that_of_the_money_at_work(case: str) -> None:
    band, promised, used, inner = SCALES[case]
    found = scaled_band(band, promised, used)
    assert (None if found is None else round(found.inner_pct, 9)) == inner


def test_a_mean_share_is_of_the_equity_then() -> None:
    assert mean_share([Exposed(100.0, 1_000.0), Exposed(300.0, 1_000.0)]) == pytest.approx(0.2)
    assert mean_share([Exposed(100.0, 0.0)]) is None
    assert mean_share([]) is None
