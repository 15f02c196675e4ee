"""raptorbt: `python -m benchmarks.peers.raptorbt_runs CASE --bars N [--sets K]`.

Signals come from raptorbt's own indicators, each span computed once; sweeps go through its parallel
batch runner, a chunk of sets at a time: a result keeps whole curves, and more sets a chunk were not
faster, only larger.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

import numpy as np
import raptorbt

from benchmarks import bars as market
from benchmarks import grid
from benchmarks.measure import Facts, emit, timed
from benchmarks.peers.medians import medians_before
from benchmarks.peers.rules import CASH, FAST, FEE, SLOW, STOP, TARGET

Array = np.ndarray[Any, Any]
MINUTES_A_YEAR = 365.0 * 24 * 60
CHUNK = 10


def configuration() -> raptorbt.BacktestConfig:
    return raptorbt.BacktestConfig(
        initial_capital=CASH,
        fees=FEE,
        slippage=0.0,
        apply_slippage=False,
        fill_timing="next_bar_open",
        periods_per_year=MINUTES_A_YEAR,
    )


def columns(data: market.Columns) -> list[Array]:
    times = data["open_time"] * 1_000_000
    return [times, *(data[name] for name in ("open", "high", "low", "close", "volume"))]


def crosses(fast: Array, slow: Array, span: int) -> tuple[Array, Array]:
    """Bars on which `fast` crosses above and below `slow`; no entry before the spans settle."""
    up = np.zeros(len(fast), dtype=np.bool_)
    down = np.zeros(len(fast), dtype=np.bool_)
    above = fast > slow
    up[1:] = above[1:] & ~above[:-1]
    below = fast < slow
    down[1:] = below[1:] & ~below[:-1]
    up[: grid.SETTLING_SPANS * span] = False
    return up, down


def facts_of(metrics: raptorbt.BacktestMetrics) -> Facts:
    return {
        "trades": metrics.total_closed_trades,
        "final_equity": metrics.end_value,
        "max_drawdown": -metrics.max_drawdown_pct / 100.0,
        "sharpe": metrics.sharpe_ratio,
    }


def one_backtest(data: market.Columns) -> Facts:
    close = data["close"]
    flags = crosses(raptorbt.sma(close, FAST), raptorbt.sma(close, SLOW), SLOW)
    config = configuration()
    config.set_fixed_stop(STOP)
    config.set_fixed_target(TARGET)
    result = raptorbt.run_single_backtest(*columns(data), *flags, 1, 1.0, "BTC", config)
    return {**facts_of(result.metrics), "listed_trades": len(result.trades())}


def batch(data: market.Columns, named: Iterable[tuple[str, Any]]) -> Facts:
    """Runs `(name, maker of a BatchSingleItem)` in chunks; facts by name."""
    waiting = list(named)
    rows: dict[str, Facts] = {}
    for start in range(0, len(waiting), CHUNK):
        items = [make() for _, make in waiting[start : start + CHUNK]]
        done = raptorbt.batch_single_backtest(*columns(data), items, configuration())
        rows.update((name, facts_of(result.metrics)) for name, result in done)
    return {"sets": len(rows), "rows": rows}


def ema_cross(data: market.Columns, sets: list[tuple[int, int]]) -> Facts:
    close = data["close"]
    averages = {span: raptorbt.ema(close, span) for span in sorted({s for p in sets for s in p})}

    def maker(fast: int, slow: int) -> Any:
        flags = crosses(averages[fast], averages[slow], slow)
        return raptorbt.BatchSingleItem(f"{fast}/{slow}", *flags, 1, 1.0, "BTC")

    return batch(data, [(f"{f}/{s}", lambda f=f, s=s: maker(f, s)) for f, s in sets])


def before(values: Array) -> Array:
    return np.concatenate([[np.nan], values[:-1]])


def volume_breakout(
    data: market.Columns, sets: list[dict[str, Any]], usual: dict[int, Array]
) -> Facts:
    """Without the time stop, which raptorbt's batch runner does not have: less work, not more."""
    high, low, close, volume = (data[name] for name in ("high", "low", "close", "volume"))
    width = high - low
    atr = raptorbt.atr(high, low, close, grid.ATR_BARS)

    def maker(name: str, item: dict[str, Any]) -> Any:
        span = item["range_bars"]
        entries = (
            (close > before(raptorbt.rolling_max(high, span)))
            & (volume > item["surge"] * usual[item["volume_bars"]])
            & (width > item["range_atr"] * atr)
            & (high - close <= item["close_share"] * width)
        )
        entries[: grid.SETTLING_SPANS * max(span, item["volume_bars"])] = False
        exits = close < before(raptorbt.rolling_min(low, max(1, span // 2)))
        config = configuration()
        config.set_atr_stop(item["stop_atr"], grid.ATR_BARS)
        return raptorbt.BatchSingleItem(name, entries, exits, 1, 1.0, "BTC", config)

    named = [("/".join(str(item[key]) for key in grid.BREAKOUT_NAMES), item) for item in sets]
    return batch(data, [(name, lambda n=name, i=item: maker(n, i)) for name, item in named])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=["sweep", "breakout", "backtest"])
    parser.add_argument("--bars", type=int, required=True)
    parser.add_argument("--sets", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=1)
    wanted = parser.parse_args()
    data = market.load(wanted.bars)

    breakouts = grid.breakout_sets(wanted.sets)
    usual = medians_before(data["volume"], breakouts) if wanted.case == "breakout" else {}

    def work() -> Facts:
        if wanted.case == "backtest":
            return one_backtest(data)
        if wanted.case == "sweep":
            return ema_cross(data, grid.spread_out(grid.ema_cross_sets(), wanted.sets))
        return volume_breakout(data, breakouts, usual)

    emit(*timed(work, wanted.repeats))


if __name__ == "__main__":
    main()
