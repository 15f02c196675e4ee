"""TradePulse: `python -m benchmarks.ours.research_runs CASE --bars N [--sets K]`."""

from __future__ import annotations

import argparse
from typing import Any

import tradepulse as tp
from benchmarks import bars as market
from benchmarks import grid
from benchmarks.measure import Facts, emit, timed
from benchmarks.ours.sma_cross import SmaCross
from benchmarks.peers.rules import CASH, FAST, FEE, SLOW, STOP, TARGET

WARM_UP_BARS = 5_000
NO_TIME_STOP = 100_000  # bars


def rules() -> Any:
    """Long-only spot, the whole account a trade, the peers' fee, no slippage: what peers can do."""
    return tp.Rules(
        initial_cash=CASH, taker_fee_bps=FEE * 1e4, maker_fee_bps=FEE * 1e4, slippage_bps=0
    )


def one_backtest(data: market.Columns) -> Facts:
    result = tp.backtest(
        SmaCross, data,
        {"fast": FAST, "slow": SLOW, "stop_share": STOP, "target_share": TARGET},
        rules(),
    )  # fmt: skip
    metrics = result.metrics
    return {
        "trades": metrics["trade_count"],
        "open": int(result.open_position is not None),
        "final_equity": CASH + metrics["net_profit"],
        "max_drawdown": metrics["max_drawdown"],
        "listed_trades": result.trades.height,
    }


def sweep(strategy: str, data: market.Columns, sets: Any, labels: list[str]) -> Facts:
    table = tp.sweep(strategy, data, sets, rules())
    rows = {
        label: {
            "trades": row["trade_count"],
            "final_equity": CASH + row["net_profit"],
            "max_drawdown": row["max_drawdown"],
            "sharpe": row["sharpe"],
        }
        for label, row in zip(labels, table.iter_rows(named=True), strict=True)
    }
    return {"sets": table.height, "rows": rows}


def ema_cross(data: market.Columns, count: int) -> Facts:
    pairs = grid.spread_out(grid.ema_cross_sets(), count)
    labels = [f"{fast}/{slow}" for fast, slow in pairs]
    if len(pairs) == len(grid.ema_cross_sets()):
        return sweep("ema_cross", data, {"fast": grid.FASTS, "slow": grid.SLOWS}, labels)
    some = [{"fast": fast, "slow": slow} for fast, slow in pairs]
    return sweep("ema_cross", data, some, labels)


def breakout(data: market.Columns, count: int, *, timeless: bool = False) -> Facts:
    """`timeless`: without the time stop, which the peers do not have, under the same labels."""
    sets = grid.breakout_sets(count)
    labels = ["/".join(str(each[name]) for name in grid.BREAKOUT_NAMES) for each in sets]
    changed = [each | {"max_bars": NO_TIME_STOP} for each in sets] if timeless else sets
    return sweep("volume_breakout", data, changed, labels)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=["sweep", "breakout", "timeless", "backtest"])
    parser.add_argument("--bars", type=int, required=True)
    parser.add_argument("--sets", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=3)
    wanted = parser.parse_args()
    data = market.load(wanted.bars)

    def work(columns: market.Columns, sets: int) -> Facts:
        if wanted.case == "backtest":
            return one_backtest(columns)
        if wanted.case == "sweep":
            return ema_cross(columns, sets)
        return breakout(columns, sets, timeless=wanted.case == "timeless")

    # Compiles, or loads what an earlier process compiled; the peers are warmed up likewise.
    work({name: column[:WARM_UP_BARS] for name, column in data.items()}, 4)
    emit(*timed(lambda: work(data, wanted.sets), wanted.repeats))


if __name__ == "__main__":
    main()
