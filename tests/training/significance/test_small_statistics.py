"""Block length, false discoveries, drawdown band and beta."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from significance_reference import CLOSED, RETURNS, VECTORS

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError, UsageError
from tradepulse.domain.interval import DAY_MS, HOUR_MS
from tradepulse.training.significance.block_length import (
    stationary_block_length,
    superiority_block,
)
from tradepulse.training.significance.drawdown_band import (
    bootstrap_drawdowns,
    drawdown_quantile,
)
from tradepulse.training.significance.market_beta import (
    beta,
    betas_of,
    buy_and_hold_returns,
    less_market,
)
from tradepulse.training.significance.multiple import benjamini_hochberg

BLOCKS = VECTORS["block_length"]
DISCOVERIES = VECTORS["bh"]


def test_block_lengths() -> None:
    series = BLOCKS["series_ar1_0.5_T500"]
    expected = BLOCKS["expect"]
    assert stationary_block_length(series) == pytest.approx(expected["stationary"], rel=CLOSED)
    assert stationary_block_length(RETURNS) == pytest.approx(
        BLOCKS["fixture_returns"]["stationary"], rel=CLOSED
    )
    assert superiority_block(series) == pytest.approx(500 ** (1 / 3))
    assert superiority_block(RETURNS) == pytest.approx(60 ** (1 / 3))


@pytest.mark.parametrize("series", [[0.1] * 5, [0.0] * 100, [0.01] * 100, []])
def test_block_length_without_anything_to_measure(series: list[float]) -> None:
    assert stationary_block_length(series) == 1.0
    assert superiority_block(series) == 2.0


def test_independent_returns_have_short_blocks() -> None:
    series = np.random.default_rng(2).normal(0.0, 0.01, 400)
    assert 1.0 <= stationary_block_length(series) < 5.0


def test_false_discoveries() -> None:
    rejected, adjusted = benjamini_hochberg(DISCOVERIES["p"], DISCOVERIES["q"])
    assert int(rejected.sum()) == DISCOVERIES["rejected"]["bh"]
    assert adjusted == pytest.approx(DISCOVERIES["adjusted_bh"], rel=CLOSED)
    shuffled = np.random.default_rng(1).permutation(15)
    again, _ = benjamini_hochberg(np.array(DISCOVERIES["p"])[shuffled], DISCOVERIES["q"])
    assert np.array_equal(again, rejected[shuffled])


def test_no_families_no_discoveries() -> None:
    rejected, adjusted = benjamini_hochberg([])
    assert len(rejected) == len(adjusted) == 0


@pytest.mark.parametrize("values", [[1.2], [-0.1], [float("nan")], [[0.1]]])
def test_what_is_no_p_value_is_refused(values: list[float]) -> None:
    with pytest.raises(UsageError) as caught:
        benjamini_hochberg(values)
    assert caught.value.code == "bad_value"


def test_drawdown_of_certain_futures() -> None:
    losing = bootstrap_drawdowns([-0.01] * 30, days=10, paths=7, block=3.0, seed=1)
    assert losing == pytest.approx(0.99**10 - 1.0)
    assert set(bootstrap_drawdowns([0.01] * 30, 10, 7, 3.0, 1)) == {0.0}
    assert set(bootstrap_drawdowns([-1.5, -1.0], 10, 7, 3.0, 1)) == {-1.0}


def test_drawdown_band() -> None:
    depths = bootstrap_drawdowns(RETURNS, days=90, paths=2000, block=5.0, seed=1)
    assert (np.diff(depths) >= 0.0).all()
    assert depths[-1] <= 0.0
    assert np.array_equal(depths, bootstrap_drawdowns(RETURNS, 90, 2000, 5.0, 1))
    at_95, at_99 = (drawdown_quantile(depths, level) for level in (0.95, 0.99))
    assert at_99 < at_95 < drawdown_quantile(depths, 0.5)
    assert (depths < at_95).mean() == pytest.approx(0.05, abs=0.001)


def test_longer_blocks_keep_losing_streaks_together() -> None:
    rng = np.random.default_rng(4)
    series = np.convolve(rng.normal(0.0, 0.01, 620), np.ones(20) / 4.0, "valid")
    deep, shallow = (
        drawdown_quantile(bootstrap_drawdowns(series, 200, 1000, block, 1)) for block in (30.0, 1.0)
    )
    assert deep < 1.3 * shallow


@given(st.floats(-3.0, 3.0), st.integers(0, 999))
def test_less_market_leaves_nothing_of_the_market(slope: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    market = rng.normal(0.001, 0.03, 200)
    returns = slope * market + rng.normal(0.0, 0.01, 200)
    columns = np.column_stack((returns, market, np.zeros(200)))
    left = less_market(columns, market)
    assert abs(beta(left[:, 0], market)) < 1e-12
    assert np.array_equal(left[:, 1:], np.zeros((200, 2)))
    assert betas_of(columns, market)[:2] == pytest.approx([beta(returns, market), 1.0])
    assert less_market(returns, market) == pytest.approx(left[:, 0])


def test_a_frozen_beta_is_used_as_it_is() -> None:
    market = np.array([0.1, -0.1, 0.2])
    assert less_market([0.1, 0.0, 0.1], market, 0.5) == pytest.approx([0.05, 0.05, 0.0])
    assert less_market(np.zeros((3, 2)), market, [1.0, 2.0])[:, 1] == pytest.approx(-2 * market)


def test_a_market_that_never_moves_takes_nothing() -> None:
    assert beta([0.1, 0.2, 0.3], [0.0, 0.0, 0.0]) == 0.0
    assert list(less_market([0.1, 0.2, 0.3], [0.01] * 3)) == [0.1, 0.2, 0.3]


def test_buy_and_hold_has_a_return_for_each_day_touched() -> None:
    count, start = 60, 20_000 * DAY_MS + 20 * HOUR_MS
    times = start + np.arange(count, dtype=np.int64) * HOUR_MS
    close = 100.0 + np.arange(count)
    bars = BarSeries(times, close - 0.5, close, close - 1, close, close, HOUR_MS)
    found = buy_and_hold_returns(bars, start, start + count * HOUR_MS)
    days = np.unique(times // DAY_MS)
    assert len(found) == len(days) == 4
    assert np.prod(1.0 + found) == pytest.approx(159.0 / 99.5)
    assert found[0] == pytest.approx(103.0 / 99.5 - 1.0)
    # A day without a bar does not exist, as in a trial's own series.
    gap = bars.slice(0, 10)
    later = BarSeries(
        np.append(gap.open_time, times[0] + 5 * DAY_MS), *(np.append(x[:10], x[-1]) for x in (
            bars.open, bars.high, bars.low, bars.close, bars.volume)), HOUR_MS,
    )  # fmt: skip
    assert len(buy_and_hold_returns(later, 0, 2**60)) == 3


def test_buy_and_hold_of_nothing_is_refused() -> None:
    empty = np.empty(0)
    bars = BarSeries(np.empty(0, np.int64), empty, empty, empty, empty, empty, HOUR_MS)
    with pytest.raises(DataError) as caught:
        buy_and_hold_returns(bars, 0, DAY_MS)
    assert caught.value.code == "empty"
