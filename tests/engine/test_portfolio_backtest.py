"""Many strategies on one clock: alone they are single backtests, limited they are one wallet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ledger_home import Restless, walk

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import TradePulseError
from tradepulse.engine.portfolio_backtest import PortfolioItem, backtest_portfolio
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.signals.program import Program
from tradepulse.simulation.backtest import simulate
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.ema_cross import EmaCross

PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")


def items(**more: Any) -> list[PortfolioItem]:
    # The third one has bars of five minutes: one clock, two intervals.
    return [
        PortfolioItem(Restless().graph, bars, Rules(tick=0.01, lot=0.0001), pair, **more)
        for pair, bars in zip(
            PAIRS, (walk(900, 1), walk(800, 2), walk(300, 3, 300_000)), strict=True
        )
    ]


def run(given: Any, cash: float = 9_000.0, *limits: Any) -> Any:
    return backtest_portfolio(given, cash, *limits, exchange=PaperExchange)


def test_without_limits_it_is_the_single_backtests() -> None:
    together = run(items())
    for item, result in zip(items(), together.results, strict=True):
        signals = Program(item.graph, item.bars.interval_ms).advance(item.bars)
        alone = simulate(item.bars, signals, item.rules.changed(initial_cash=3_000.0))
        assert result.trades.equals(alone.trades)
        assert result.metrics == alone.metrics
    assert together.trades["pair"].unique().sort().to_list() == sorted(PAIRS)
    assert together.trades.height == sum(result.trades.height for result in together.results)
    assert together.trades["exit_time"].is_sorted()
    assert together.refused == ({}, {}, {})


def open_at_once(trades: Any) -> int:
    moments = sorted(
        [(row["entry_time"], 1) for row in trades.iter_rows(named=True)]
        + [(row["exit_time"], -1) for row in trades.iter_rows(named=True)]
    )
    return int(np.cumsum([change for _, change in moments]).max())


@pytest.mark.parametrize("most", [1, 2])
def test_at_most_so_many_trades_at_once(most: int) -> None:
    free, limited = run(items()), run(items(), 9_000.0, most)
    assert open_at_once(free.trades) == 3
    assert open_at_once(limited.trades) == most
    assert sum(counts.get("max_open_trades", 0) for counts in limited.refused) > 0
    assert limited.trades.height < free.trades.height
    assert run(items(), 9_000.0, None, {"max_open_trades": most}).trades.equals(limited.trades)


def test_equity_and_metrics_are_the_wallets() -> None:
    together = run(items(allotment=2_000.0))
    equity = together.equity
    assert equity["time"].is_sorted()
    assert equity["time"].n_unique() == equity.height
    last = 3_000.0 + sum(float(result.equity_values[-1]) for result in together.results)
    assert equity["equity"][-1] == pytest.approx(last, rel=1e-12)
    metrics = together.metrics
    assert metrics["net_profit"] == pytest.approx(last - 9_000.0, rel=1e-9)
    assert metrics["trade_count"] == together.trades.height
    assert metrics["fees"] == pytest.approx(sum(r.metrics["fees"] for r in together.results))
    assert metrics["max_drawdown"] == pytest.approx(equity["drawdown"].min(), rel=1e-12)
    assert set(together.per_pair) == set(PAIRS)
    assert together.per_pair["ETH/USDT"] == together.results[1].metrics


def test_one_item_with_all_the_cash_is_a_backtest() -> None:
    item = items()[0]
    alone = run([item], 10_000.0)
    assert alone.metrics["total_return"] == pytest.approx(alone.results[0].metrics["total_return"])
    for name in ("sharpe", "max_drawdown", "drawdown_duration_bars", "time_under_water",
                 "win_rate", "profit_factor", "exposure", "buy_and_hold_return"):  # fmt: skip
        assert alone.metrics[name] == pytest.approx(alone.results[0].metrics[name]), name


def test_mappings_are_items_too_and_pairs_may_repeat() -> None:
    bars: BarSeries = walk(300)
    found = run([{"graph": EmaCross(fast=3, slow=9).graph, "bars": bars}] * 2)
    assert found.pairs == ("item 1", "item 2")
    twice = run([PortfolioItem(EmaCross(fast=3, slow=9).graph, bars, Rules(), "BTC/USDT")] * 2)
    assert list(twice.per_pair) == ["BTC/USDT", "BTC/USDT #2"]


@pytest.mark.parametrize(
    ("given", "limits", "code"),
    [([], (), "empty"), ("items", (0,), "bad_limits"), ("items", (None, {"most": 1}), "bad_limits"),
     ("greedy", (), "allotment_exceeds_wallet")],
)  # fmt: skip
def test_bad_requests(given: Any, limits: tuple[Any, ...], code: str) -> None:
    chosen = (
        {"items": items(), "greedy": items(allotment=4_000.0)}.get(given, given) if given else []
    )
    with pytest.raises(TradePulseError) as caught:
        run(chosen, 9_000.0, *limits)
    assert caught.value.code == code
