"""Law P1: the kernel's trades are the engine's and the paper exchange's, to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_market import (
    HOUR,
    NAME,
    EngineRun,
    assert_same_trades,
    random_bars,
    random_funding,
    random_rules,
    random_signals,
    run_engine,
)

from tradepulse.domain.bars import BarSeries
from tradepulse.execution.effects import PointTaken
from tradepulse.marketdata.samples import SAMPLES, read_bundled
from tradepulse.signals.output import SignalBlock
from tradepulse.signals.program import Program
from tradepulse.simulation import layout as at
from tradepulse.simulation.backtest import simulate
from tradepulse.simulation.result import BacktestResult
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.strategies.volume_breakout import VolumeBreakout

seeds = st.integers(0, 2**32 - 1)


def check(
    bars: BarSeries, signals: SignalBlock, rules: Rules, run: EngineRun, **inputs: Any
) -> None:
    """The engine's trades, wallet and equity are the kernel's, and the venue's wallet is ours."""
    result: BacktestResult = simulate(bars, signals, rules, **inputs)
    assert_same_trades(run.trades, result)
    account = run.core.portfolio.accounts[NAME]
    assert account.wallet == result.state[at.S_WALLET] == run.exchange.wallet(NAME)
    assert account.equity == result.state[at.S_EQUITY]
    assert account.side == result.state[at.S_SIDE]


def funding_of(rng: np.random.Generator, rules: Rules, bars: BarSeries) -> dict[str, Any]:
    return {"funding": random_funding(rng, bars)} if rules.is_perpetual else {}


@given(seeds)
def test_P1_random_bars_signals_and_rules(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bars = random_bars(rng, int(rng.integers(20, 600)))
    signals, rules = random_signals(rng, len(bars)), random_rules(rng)
    inputs = funding_of(rng, rules, bars)
    check(bars, signals, rules, run_engine(bars, signals, rules, **inputs), **inputs)


@given(seeds)
def test_P1_any_partition_and_bar_by_bar(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bars = random_bars(rng, int(rng.integers(20, 300)))
    signals, rules = random_signals(rng, len(bars)), random_rules(rng)
    inputs = funding_of(rng, rules, bars)
    whole = run_engine(bars, signals, rules, **inputs)
    for block, hurry in ((None, False), (int(rng.integers(1, 40)), True), (1, True)):
        run = run_engine(bars, signals, rules, block=block, hurry=hurry, **inputs)
        check(bars, signals, rules, run, **inputs)
        # Not the trades alone: every row of the ledger, in its order in time.
        assert sorted(map(repr, run.drive.rows)) == sorted(map(repr, whole.drive.rows))


@given(seeds)
def test_P1_detail_bars_decide_ambiguous_exits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fine = random_bars(rng, 400, HOUR // 4)
    bars = folded(fine, 4)
    signals, rules = random_signals(rng, len(bars)), random_rules(rng)
    last = int(bars.open_time[-1]) + HOUR
    inside = (fine.open_time >= bars.open_time[0]) & (fine.open_time < last)
    rows = np.flatnonzero(inside)
    inputs = {**funding_of(rng, rules, bars), "detail": fine.slice(int(rows[0]), int(rows[-1]) + 1)}
    run = run_engine(bars, signals, rules, block=int(rng.integers(5, 60)), **inputs)
    check(bars, signals, rules, run, **inputs)


@given(seeds)
def test_P1_liquidation_by_marks_of_their_own(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bars = random_bars(rng, 300)
    shift = np.exp(rng.normal(0, 0.01, len(bars)))
    mark = BarSeries(
        bars.open_time, bars.open * shift, bars.high * shift, bars.low * shift, bars.close * shift,
        bars.volume, HOUR,
    )  # fmt: skip
    rules = Rules(market="perpetual", allow_short=True, leverage=20.0)
    signals = random_signals(rng, len(bars))
    inputs = {"funding": random_funding(rng, bars), "mark": mark}
    run = run_engine(bars, signals, rules, block=int(rng.integers(5, 80)), **inputs)
    check(bars, signals, rules, run, **inputs)


@given(seeds)
def test_portfolio_points_are_the_kernels_equity(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bars = random_bars(rng, 200)
    signals, rules = random_signals(rng, len(bars)), random_rules(rng)
    inputs = funding_of(rng, rules, bars)
    run = run_engine(bars, signals, rules, **inputs)
    result = simulate(bars, signals, rules, **inputs)
    points = {row.time: row for row in run.drive.rows if isinstance(row, PointTaken)}
    closes = bars.open_time + HOUR
    # Hourly bars: one point a bar, in whatever order stretches and bars were taken.
    assert sorted(points) == closes.tolist()
    assert [points[time].equity for time in closes.tolist()] == result.equity_values.tolist()
    assert np.allclose([points[t].drawdown for t in closes.tolist()], result.equity["drawdown"])


CASES = {
    "spot": (Rules(tick=0.01, lot=0.0001, min_notional=5.0), "kraken/ETHUSD/1h.parquet", 12_000),
    "thin spot": (
        Rules(participation_cap=0.001, impact=0.02), "binance/TRXUSDT/5m.parquet", 20_000,
    ),
    "perpetual": (
        Rules(market="perpetual", allow_short=True, leverage=5.0, tick=0.1, lot=0.001),
        "binanceusdm/BTCUSDT/1m.parquet", 40_000,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    "strategy", [EmaCross(fast=8, slow=21), VolumeBreakout()], ids=lambda s: s.name
)
def test_P1_real_bars(case: str, strategy: Any) -> None:
    rules, file, count = CASES[case]
    bars = read_bundled(SAMPLES / file).slice(0, count)
    signals = Program(strategy.graph, bars.interval_ms).advance(bars)
    rng = np.random.default_rng(1)
    inputs = funding_of(rng, rules, bars)
    run = run_engine(bars, signals, rules, block=4096, **inputs)
    check(bars, signals, rules, run, **inputs)
    assert len(run.trades) > 20


def folded(fine: BarSeries, count: int) -> BarSeries:
    """Bars of `count` finer ones, by the clock; incomplete ones too."""
    interval = fine.interval_ms * count
    starts = fine.open_time // interval * interval
    first = np.flatnonzero(np.concatenate(([True], starts[1:] != starts[:-1])))
    last = np.concatenate((first[1:], [len(fine)])) - 1
    return BarSeries(
        starts[first], fine.open[first], np.maximum.reduceat(fine.high, first),
        np.minimum.reduceat(fine.low, first), fine.close[last],
        np.add.reduceat(fine.volume, first), interval,
    )  # fmt: skip
