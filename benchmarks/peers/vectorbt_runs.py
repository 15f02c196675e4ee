"""vectorbt: `python -m benchmarks.peers.vectorbt_runs CASE --bars N [--sets K] [--workers 2]`.

Signals come from vectorbt's own indicators. A signal is moved to the next bar and filled at its
open. A sweep takes a few columns at a time: all 1,000 at once would need over 30 GB. `--workers`
splits the sets over forked processes.
"""

from __future__ import annotations

import argparse
import gc
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt

from benchmarks import bars as market
from benchmarks import grid
from benchmarks.measure import Facts, emit, timed
from benchmarks.peers.medians import medians_before
from benchmarks.peers.rules import CASH, FAST, FEE, SLOW, STOP, TARGET

Array = np.ndarray[Any, Any]
CHUNK = 5
WARM_UP_BARS = 5_000


def frame(data: market.Columns) -> pd.DataFrame:
    # Without a time zone: vectorbt compares indices at every step; zoned times cost it 30 s.
    index = pd.to_datetime(data["open_time"], unit="ms")
    return pd.DataFrame({name: data[name] for name in data if name != "open_time"}, index=index)


def settled(entries: pd.DataFrame | pd.Series, spans: list[int]) -> Array:
    """The flags moved to the bar that fills them; no entry before the longest span settles."""
    flags = np.array(entries.vbt.signals.fshift(1))
    for column, span in enumerate(spans):
        flags[: grid.SETTLING_SPANS * span + 1, *([column] if flags.ndim > 1 else [])] = False
    return flags


def portfolio(
    prices: pd.DataFrame, entries: Array, exits: pd.DataFrame | pd.Series, engine: str, **stops: Any
) -> vbt.Portfolio:
    return vbt.Portfolio.from_signals(
        prices["close"],
        entries,
        exits.vbt.signals.fshift(1),
        price=prices["open"],
        open=prices["open"],
        high=prices["high"],
        low=prices["low"],
        init_cash=CASH,
        fees=FEE,
        freq="1min",
        engine=engine,
        **stops,
    )


def facts_of(book: vbt.Portfolio) -> Facts:
    """The counterparts of our main metrics: return, risk ratio, drawdown, trades and their sums."""
    trades = book.trades.closed
    return {
        "trades": trades.count(),
        "final_equity": book.final_value(),
        "max_drawdown": book.max_drawdown(),
        "sharpe": book.sharpe_ratio(),
        "win_rate": trades.win_rate(),
        "profit_factor": trades.profit_factor(),
    }


def rows_of(book: vbt.Portfolio, names: list[str]) -> dict[str, Facts]:
    columns = {name: np.atleast_1d(np.asarray(each)) for name, each in facts_of(book).items()}
    return {
        name: {key: float(values[i]) for key, values in columns.items()}
        for i, name in enumerate(names)
    }


def one_backtest(prices: pd.DataFrame, engine: str) -> Facts:
    close = prices["close"]
    fast = vbt.MA.run(close, FAST, engine=engine)
    slow = vbt.MA.run(close, SLOW, engine=engine)
    entries = settled(fast.ma_crossed_above(slow), [SLOW])
    book = portfolio(
        prices, entries, fast.ma_crossed_below(slow), engine, sl_stop=STOP, tp_stop=TARGET
    )
    return {**rows_of(book, ["all"])["all"], "listed_trades": len(book.trades.records)}


def ema_cross(prices: pd.DataFrame, sets: list[tuple[int, int]], engine: str) -> dict[str, Facts]:
    fast, slow = (
        vbt.MA.run(
            prices["close"], [pair[i] for pair in sets], ewm=True, short_name=name, engine=engine
        )
        for i, name in enumerate(("fast", "slow"))
    )
    entries = settled(fast.ma_crossed_above(slow), [pair[1] for pair in sets])
    book = portfolio(prices, entries, fast.ma_crossed_below(slow), engine)
    return rows_of(book, [f"{a}/{b}" for a, b in sets])


def volume_breakout(
    prices: pd.DataFrame, sets: list[dict[str, Any]], engine: str
) -> dict[str, Facts]:
    """Without the time stop, which from_signals does not have: less work, not more.

    `prices` holds the medians of volume as columns named by their span.
    """
    high, low, close, volume = (prices[name] for name in ("high", "low", "close", "volume"))
    width = high - low
    moved = np.maximum(high, close.shift()) - np.minimum(low, close.shift())
    atr = moved.ewm(alpha=1.0 / grid.ATR_BARS, adjust=False).mean()
    entries, exits, stops = {}, {}, {}
    for i, item in enumerate(sets):
        span = item["range_bars"]
        entries[i] = (
            (close > high.vbt.rolling_max(span).shift())
            & (volume > item["surge"] * prices[item["volume_bars"]])
            & (width > item["range_atr"] * atr)
            & (high - close <= item["close_share"] * width)
        )
        exits[i] = close < low.vbt.rolling_min(max(1, span // 2)).shift()
        stops[i] = (item["stop_atr"] * atr / close).shift()
    flags = settled(
        pd.DataFrame(entries), [max(item["range_bars"], item["volume_bars"]) for item in sets]
    )
    book = portfolio(prices, flags, pd.DataFrame(exits), engine, sl_stop=pd.DataFrame(stops))
    return rows_of(book, ["/".join(str(i[key]) for key in grid.BREAKOUT_NAMES) for i in sets])


SWEEPS = {"sweep": ema_cross, "breakout": volume_breakout}


def run_chunks(case: str, prices: pd.DataFrame, sets: list[Any], engine: str) -> dict[str, Facts]:
    rows: dict[str, Facts] = {}
    for start in range(0, len(sets), CHUNK):
        rows.update(SWEEPS[case](prices, sets[start : start + CHUNK], engine))
        # vectorbt keeps what it computed on each object, in cycles: without this the next chunk
        # stands on top of the last.
        gc.collect()
    return rows


def spread_over(
    workers: int, case: str, prices: pd.DataFrame, sets: list[Any], engine: str
) -> Facts:
    if workers == 1:
        rows = run_chunks(case, prices, sets, engine)
        return {"sets": len(rows), "rows": rows}
    # Forked, so that the bars are shared and the kernels are already loaded.
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        parts = [
            pool.submit(run_chunks, case, prices, sets[i::workers], engine) for i in range(workers)
        ]
        rows = {name: row for part in parts for name, row in part.result().items()}
    return {"sets": len(rows), "rows": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=["backtest", *SWEEPS])
    parser.add_argument("--bars", type=int, required=True)
    parser.add_argument("--sets", type=int, default=1000)
    parser.add_argument("--engine", choices=["rust", "numba"], default="rust")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--cold", action="store_true", help="no warm-up before the first timing")
    wanted = parser.parse_args()
    prices = frame(market.load(wanted.bars))
    if wanted.case == "breakout":
        sets: list[Any] = grid.breakout_sets(wanted.sets)
        for span, median in medians_before(prices["volume"].to_numpy(), sets).items():
            prices[span] = median
    else:
        sets = grid.spread_out(grid.ema_cross_sets(), wanted.sets)

    def work(part: pd.DataFrame, some: list[Any], workers: int) -> Facts:
        if wanted.case == "backtest":
            return one_backtest(part, wanted.engine)
        return spread_over(workers, wanted.case, part, some, wanted.engine)

    if not wanted.cold:
        work(prices.iloc[:WARM_UP_BARS], sets[:CHUNK], 1)
    # What the imports left behind is not to be looked at again by every collection.
    gc.collect()
    gc.freeze()
    emit(*timed(lambda: work(prices, sets, wanted.workers), wanted.repeats))


if __name__ == "__main__":
    main()
