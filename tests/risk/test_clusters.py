"""Which pairs move as one: made returns, and a month of real hourly bars."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.interval import HOUR_MS
from tradepulse.risk import Exposure, Intent, Limits, Refused, check
from tradepulse.risk.clusters import HOURS, UNKNOWN, Clusters, cluster_pairs, hourly_returns

RNG = np.random.default_rng(7)
MARKET = RNG.normal(0, 1, HOURS)


def moving(share: float, seed: int) -> Floats:
    """Returns that correlate with the market by `share`."""
    own = np.random.default_rng(seed).normal(0, 1, HOURS)
    return share * MARKET + np.sqrt(1.0 - share * share) * own


FOUR = {"A": moving(0.98, 1), "B": moving(0.97, 2), "C": moving(0.3, 3), "D": moving(-0.99, 4)}


def test_what_moves_together_is_one_cluster() -> None:
    found = cluster_pairs(FOUR)
    assert found.cluster("A") == found.cluster("B")
    assert len({found.cluster(pair) for pair in "ACD"}) == 3
    assert found.together("A", ("B", "C", "B", "A")) == ("B", "B", "A")
    together = found.correlation("A", "B")
    assert together == found.correlation("B", "A")
    assert together == pytest.approx(0.95, abs=0.01)
    assert found.correlation("A", "A") == 1.0


def test_a_lower_threshold_joins_more() -> None:
    assert len(set(cluster_pairs(FOUR, 0.2).ids.values())) == 2


@pytest.mark.parametrize("young", [
    np.full(HOURS, np.nan), np.zeros(HOURS), np.where(np.arange(HOURS) < 239, MARKET, np.nan),
])  # fmt: skip
def test_a_young_pair_counts_with_the_other_young_ones(young: Floats) -> None:
    found = cluster_pairs({**FOUR, "NEW": young})
    assert found.cluster("NEW") == found.cluster("NEVER SEEN") == UNKNOWN
    assert found.together("NEW", ("A", "NEVER SEEN")) == ("NEVER SEEN",)
    assert found.correlation("NEW", "A") is None
    assert {pair: found.cluster(pair) for pair in FOUR} == dict(cluster_pairs(FOUR).ids)


def test_few_pairs_and_unequal_ones() -> None:
    assert cluster_pairs({}).ids == {}
    assert cluster_pairs({"A": FOUR["A"]}).ids == {"A": 0}
    with pytest.raises(TradePulseError) as caught:
        cluster_pairs({"A": FOUR["A"], "B": FOUR["B"][1:]})
    assert caught.value.code == "unequal_lengths"


@given(st.permutations(sorted(FOUR)), st.floats(0.1, 0.95))
def test_the_order_of_pairs_changes_nothing(order: list[str], threshold: float) -> None:
    shuffled = cluster_pairs({pair: FOUR[pair] for pair in order}, threshold)
    assert shuffled.ids == cluster_pairs(FOUR, threshold).ids


def bars_of(close: Floats, first: int, interval_ms: int) -> BarSeries:
    times = first + interval_ms * np.arange(len(close), dtype=np.int64)
    return BarSeries(times, close, close, close, close, np.ones(len(close)), interval_ms)


def test_hourly_returns_end_with_the_last_full_hour_and_see_nothing_later() -> None:
    quarters = bars_of(np.exp(np.arange(4 * 24 * 3) / 1_000.0), 0, HOUR_MS // 4)
    end = 30 * HOUR_MS + 1
    found = hourly_returns(quarters, end, days=1)
    assert found == pytest.approx(np.full(24, 0.004))
    longer = np.where(quarters.open_time < 30 * HOUR_MS, quarters.close, 5.0)
    later = BarSeries(quarters.open_time, *[longer] * 4, quarters.volume, quarters.interval_ms)
    assert np.array_equal(found, hourly_returns(later, end, days=1))
    early = hourly_returns(quarters, 12 * HOUR_MS, days=1)
    # The first quarters of the series close within the hour that ends at 1:00.
    assert np.isnan(early[:13]).all()
    assert np.isfinite(early[13:]).all()


def test_a_hole_is_no_return() -> None:
    whole = bars_of(np.linspace(1.0, 2.0, 48), 0, HOUR_MS)
    kept = np.delete(np.arange(48), 30)
    holed = BarSeries(whole.open_time[kept], *[whole.close[kept]] * 4, whole.volume[kept], HOUR_MS)
    found = hourly_returns(holed, 48 * HOUR_MS, days=1)
    assert np.flatnonzero(np.isnan(found)).tolist() == [6, 7]


class Wish(NamedTuple):
    intent: Intent


PAIRS = ("BTC", "ETH", "SOL", "XRP", "ADA", "LINK", "LTC", "DOGE", "BNB")


@pytest.fixture(scope="module")
def month(shared: Path) -> Clusters:
    """The clusters of nine perpetuals on 2024-05-14, over the thirty days before."""
    end = 1_715_644_800_000
    returns = {}
    for coin in PAIRS:
        frame = pl.read_parquet(shared / f"data/bars/binanceusdm/{coin}USDT/1h.parquet")
        series = BarSeries(frame["ts"].to_numpy(), *(frame[c].to_numpy() for c in "ohlcv"), HOUR_MS)
        returns[f"{coin}/USDT:USDT"] = hourly_returns(series, end)
    return cluster_pairs(returns)


def test_on_real_bars_the_third_correlated_entry_is_refused_with_the_figure(
    month: Clusters,
) -> None:
    limits = Limits(max_correlated_entries=2)

    def ask(pair: str, *held: str) -> object:
        exposure = Exposure(
            len(held), 0.0, 1e4, clusters=month, open_pairs=tuple(f"{c}/USDT:USDT" for c in held)
        )
        return check(Wish(Intent("a", f"{pair}/USDT:USDT", 1, 1.0, 1.0, False)), exposure, limits)

    assert not isinstance(ask("BTC"), Refused)
    assert not isinstance(ask("ETH", "BTC"), Refused)
    third = ask("SOL", "BTC", "ETH")
    assert isinstance(third, Refused)
    assert third.code == "correlation_cluster"
    assert third.expected.startswith("fewer than 2 open trades of its cluster")
    found = "SOL/USDT:USDT with BTC/USDT:USDT (0.82), ETH/USDT:USDT (0.85)"
    assert third.found == found
    # What moves with other things may still come in, as it may beside two that are not alike.
    assert not isinstance(ask("BNB", "BTC", "ETH"), Refused)
    assert not isinstance(ask("SOL", "BTC", "BNB"), Refused)
