"""Sign flips and shuffled bars: what is kept, what is destroyed, what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest
from significance_reference import CLOSED, VECTORS

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.interval import HOUR_MS
from tradepulse.training.significance.permutation import (
    permutation_p_value,
    permuted_bars,
    sign_flip,
)

CASE = VECTORS["permutation"]


def bars(count: int, seed: int, sigma: float = 0.02) -> BarSeries:
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.001, sigma, count)))
    opens = np.append(100.0, close[:-1]) * np.exp(rng.normal(0.0, 0.002, count))
    high = np.maximum(opens, close) * (1.0 + rng.exponential(0.004, count))
    low = np.minimum(opens, close) * (1.0 - rng.uniform(0.0, 0.02, count))
    times = np.cumsum(rng.integers(1, 3, count)) * HOUR_MS
    volume = rng.permutation(count) + 1.0
    return BarSeries(times.astype(np.int64), opens, high, low, close, volume, HOUR_MS)


def test_sign_flip_of_the_ten_trades() -> None:
    found = sign_flip(CASE["trades_R"])
    assert found == pytest.approx(CASE["p_one_sided"], rel=CLOSED)
    assert found * CASE["total"] == CASE["count_ge"]


def test_many_trades_are_sampled_and_agree_with_all_patterns() -> None:
    trades = np.array(CASE["trades_R"])
    exact = sign_flip(np.tile(trades, 2))
    sampled = sign_flip(np.append(np.tile(trades, 2), 0.0), permutations=40_000, seed=3)
    assert sampled == pytest.approx(exact, abs=0.01)
    longer = np.tile(trades, 3)
    assert sign_flip(longer, 500, seed=3) == sign_flip(longer, 500, seed=3)


@pytest.mark.parametrize(("trades", "expected"), [([], 1.0), ([0.0] * 5, 1.0), ([1.0], 0.5)])
def test_few_trades(trades: list[float], expected: float) -> None:
    assert sign_flip(trades) == expected


def test_without_an_edge_sign_flip_is_uniform() -> None:
    rng = np.random.default_rng(11)
    found = [sign_flip(rng.normal(0.0, 1.0, 12)) for _ in range(300)]
    assert kstest(found, "uniform").pvalue > 0.001
    better = [sign_flip(rng.normal(0.3, 1.0, 12)) for _ in range(300)]
    assert kstest(better, "uniform").pvalue < 0.001


@given(st.integers(3, 200), st.integers(0, 2**32 - 1))
def test_shuffled_bars_keep_their_parts(count: int, seed: int) -> None:
    before = bars(count, seed % 1000)
    after = permuted_bars(before, np.random.default_rng(seed))
    assert np.array_equal(after.open_time, before.open_time)
    assert after.interval_ms == before.interval_ms
    assert after.open[0] == before.open[0]
    assert after.close[-1] / after.open[0] == pytest.approx(
        before.close[-1] / before.open[0], rel=1e-9
    )
    assert (after.high >= np.maximum(after.open, after.close)).all()
    assert (after.low <= np.minimum(after.open, after.close)).all()
    assert (after.low > 0.0).all()
    gaps = [np.sort(x.open[1:] / x.close[:-1]) for x in (before, after)]
    assert gaps[1] == pytest.approx(gaps[0], rel=1e-9)
    # Volumes are all different here, so they tell which shape went where: shapes move as a whole.
    shapes = [
        np.column_stack((x.high, x.low, x.close))[np.argsort(x.volume)]
        / x.open[np.argsort(x.volume)][:, None]
        for x in (before, after)
    ]
    assert shapes[1] == pytest.approx(shapes[0], rel=1e-9)


def test_the_seed_decides_the_order() -> None:
    before = bars(300, 1)
    one, same, other = (permuted_bars(before, np.random.default_rng(s)) for s in (5, 5, 6))
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_a_pattern_is_destroyed() -> None:
    count = 1000
    steps = np.where(np.arange(count) % 2 == 0, 0.01, -0.01)
    close = 100.0 * np.exp(np.cumsum(steps))
    opens = np.append(100.0, close[:-1])
    before = BarSeries(
        np.arange(count, dtype=np.int64) * HOUR_MS, opens, np.maximum(opens, close),
        np.minimum(opens, close), close, np.ones(count), HOUR_MS,
    )  # fmt: skip
    after = permuted_bars(before, np.random.default_rng(1))
    moves = np.diff(np.log(after.close))
    assert np.corrcoef(np.diff(np.log(close))[:-1], np.diff(np.log(close))[1:])[0, 1] < -0.99
    assert abs(np.corrcoef(moves[:-1], moves[1:])[0, 1]) < 0.12


def test_extra_columns_are_refused() -> None:
    plain = bars(50, 1)
    with_column = BarSeries(
        plain.open_time, plain.open, plain.high, plain.low, plain.close, plain.volume, HOUR_MS,
        {"sentiment": plain.volume},
    )  # fmt: skip
    with pytest.raises(RefusedError) as caught:
        permuted_bars(with_column, np.random.default_rng(0))
    assert caught.value.code == "extra_columns"
    assert "sentiment" in str(caught.value)


@pytest.mark.parametrize("count", [0, 2, 100])
def test_a_price_that_never_moves_is_refused(count: int) -> None:
    flat = np.full(count, 5.0)
    still = BarSeries(np.arange(count, dtype=np.int64), flat, flat, flat, flat, flat, 1)
    with pytest.raises(RefusedError) as caught:
        permuted_bars(still, np.random.default_rng(0))
    assert caught.value.code == "constant_series"


@pytest.mark.parametrize(
    ("observed", "permuted", "expected"),
    [(2.0, [1.0, 2.0, 3.0], 3 / 4), (9.0, [1.0] * 99, 0.01), (0.5, [math.nan, 1.0], 2 / 3),
     (math.nan, [1.0, 2.0], 1.0), (1.0, [], 1.0)],
)  # fmt: skip
def test_p_value(observed: float, permuted: list[float], expected: float) -> None:
    assert permutation_p_value(observed, permuted) == pytest.approx(expected)
