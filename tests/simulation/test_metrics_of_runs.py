"""The metrics of whole runs, worked out again from the equity curve and the list of trades."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.interval import DAY_MS, Interval
from tradepulse.simulation import layout as at
from tradepulse.simulation.backtest import signal_block, simulate
from tradepulse.simulation.drawdown import drawdown
from tradepulse.simulation.result import BacktestResult
from tradepulse.simulation.rules import Rules
from tradepulse.simulation.trade_statistics import trade_sums

# Ten to the minute before midnight, so that the first day is a part of one.
START = 1_700_000_000_000 // DAY_MS * DAY_MS - 600_000


def walk(seed: int, bars: int, interval: str) -> BarSeries:
    random = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(random.normal(0.0, 0.01, bars)))
    opened = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(opened, close) * (1.0 + np.abs(random.normal(0.0, 0.005, bars)))
    low = np.minimum(opened, close) * (1.0 - np.abs(random.normal(0.0, 0.005, bars)))
    step = Interval.parse(interval).ms
    times = START // step * step + step * np.arange(bars, dtype=np.int64)
    return BarSeries(times, opened, high, low, close, np.full(bars, 10.0), step)


def run(seed: int, bars: int, interval: str, busy: float) -> tuple[BarSeries, BacktestResult]:
    series = walk(seed, bars, interval)
    random = np.random.default_rng(seed + 1)
    flags = {
        name: random.random(bars) < busy
        for name in ("enter_long", "exit_long", "enter_short", "exit_short")
    }
    stop = np.where(random.random(bars) < 0.8, 0.02 * series.close, math.nan)
    block = signal_block({**flags, "stop": stop, "target": 0.03 * series.close}, bars)
    rules = Rules(market="perpetual", allow_short=True, initial_cash=1_000.0)
    return series, simulate(series, block, rules, funding=no_funding(series))


def no_funding(series: BarSeries) -> dict[str, np.ndarray]:
    """Stamps of zero through the whole run: a perpetual without any is refused."""
    first = int(series.open_time[0]) // (8 * 3_600_000) * 8 * 3_600_000
    last = int(series.open_time[-1]) + series.interval_ms
    times = np.arange(first, last + 8 * 3_600_000, 8 * 3_600_000, dtype=np.int64)
    return {"time": times, "rate": np.zeros(len(times))}


def by_hand(series: BarSeries, result: BacktestResult) -> dict[str, float]:
    """Metrics from the bar-by-bar equity and the trade rows, by NumPy alone where it can."""
    equity = result.equity["equity"].to_numpy()
    cash = result.rules.initial_cash
    day = series.open_time // max(DAY_MS, series.interval_ms)
    ends = np.flatnonzero(np.append(day[1:] != day[:-1], True))
    returns = np.diff(np.concatenate([[cash], equity[ends]])) / np.concatenate(
        [[cash], equity[ends[:-1]]]
    )
    rows = result.trade_rows
    below = drawdown(equity, cash)
    sums = trade_sums(rows[:, at.T_PNL], rows[:, at.T_R])
    year = 365.0 * DAY_MS / max(DAY_MS, series.interval_ms)
    low, high = np.percentile(returns, [5, 95])
    return {
        "total_return": equity[-1] / cash - 1.0,
        "cagr": (equity[-1] / cash) ** (year / len(returns)) - 1.0,
        "annual_volatility": returns.std(ddof=1) * math.sqrt(year),
        "sharpe": returns.mean() / returns.std(ddof=1) * math.sqrt(year),
        "sortino": returns.mean()
        / math.sqrt((np.minimum(returns, 0.0) ** 2).mean())
        * math.sqrt(year),
        "max_drawdown": below.deepest,
        "drawdown_duration_bars": below.longest_bars,
        "time_under_water": below.bars_under_water / len(equity),
        "ulcer_index": 100.0 * math.sqrt(below.sum_of_squares / len(equity)),
        "tail_ratio": abs(high) / abs(low),
        "var_95": low,
        "cvar_95": returns[returns <= low].mean(),
        "profit_factor": sums.gross_profit / -sums.gross_loss,
        "win_rate": sums.wins / (sums.wins + sums.losses),
        "expectancy": rows[:, at.T_PNL].mean(),
        "expectancy_r": np.nanmean(rows[:, at.T_R]),
        "trade_count": len(rows),
        "net_profit": equity[-1] - cash,
        "buy_and_hold_return": series.close[-1] / series.close[0] - 1.0,
        "is_on_the_edge": bool((np.abs(returns - low) < 1e-12).any()),
    }


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(["5m", "1h", "4h", "1d"]), st.floats(0.02, 0.3))
def test_the_accumulators_say_what_the_curves_say(seed: int, interval: str, busy: float) -> None:
    series, result = run(seed, 1_500, interval, busy)
    found = result.metrics
    assume(result.state[at.S_LOSSES] > 0 and not result.state[at.S_BANKRUPT])
    expected = by_hand(series, result)
    if expected.pop("is_on_the_edge"):
        # A day's return equal to the percentile but for its last bit: in the tail or not, by luck.
        del expected["cvar_95"]
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-9), name
