"""A home of its own with minute bars and one configuration, for the engine cases."""

from __future__ import annotations

from pathlib import Path

import tradepulse as tp
from benchmarks import bars as market
from benchmarks.ours.sma_cross import SmaCross
from benchmarks.peers.rules import FAST, FEE, SLOW, STOP, TARGET
from tradepulse.bootstrap import App, open_home
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.configuration import Configuration
from tradepulse.marketdata.validate import as_bar_series
from tradepulse.training.search import SearchRequest, grid_search

EXCHANGE, PAIR, INTERVAL = "binance", "BTC/USDT", "1m"
CASH = 1_000_000.0
NOW_MS = 1_700_000_000_000


def bars_of(count: int) -> BarSeries:
    return as_bar_series(market.load(count))


def furnish(folder: Path, bars: BarSeries) -> tuple[App, Configuration]:
    """A home in `folder` that keeps `bars` and the SMA-cross configuration, found by a search."""
    app = open_home(folder)
    app.home.create()
    app.bars.append(EXCHANGE, PAIR, INTERVAL, bars)
    rules = tp.Rules(
        initial_cash=CASH, taker_fee_bps=FEE * 1e4, maker_fee_bps=FEE * 1e4, slippage_bps=0
    )
    grid = [{"fast": FAST, "slow": SLOW, "stop_share": STOP, "target_share": TARGET}]
    request = SearchRequest(SmaCross, EXCHANGE, PAIR, INTERVAL, grid, rules)
    found = grid_search(request, bars, lambda _: None, NOW_MS).configuration
    with app.database.transaction() as tx:
        tx.configurations.insert(found)
    return app, found
