"""Strategies that trade all the time, and the configurations they run as."""

from __future__ import annotations

from typing import Any

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import Stage
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.api import Bars, Signals, Strategy

EXCHANGE, INTERVAL = "binance", "1m"
_LONG_AGO = 1_700_000_000_000


class Busy(Strategy):
    """A cross of two very short averages, with stop, target, trailing stop and time stop: every way
    out that there is, and a stop that moves with most bars."""

    def signals(self, bar: Bars) -> Signals:
        quick, slow = bar.close.sma(2), bar.close.sma(5)
        reach = bar.atr(5)
        return Signals(
            enter_long=quick.crosses_above(slow), exit_long=quick.crosses_below(slow),
            enter_short=quick.crosses_below(slow), exit_short=quick.crosses_above(slow),
            stop=2.0 * reach, target=2.0 * reach, trail=2.0 * reach, max_bars=12, tag="busy",
        )  # fmt: skip


class EveryBar(Strategy):
    """Enters on every bar and leaves on the next: each bar of every activation leads to an
    order."""

    def signals(self, bar: Bars) -> Signals:
        moves = bar.close > bar.close * 0.0
        return Signals(enter_long=moves, exit_long=moves, stop=bar.close * 0.05, tag="every bar")


class Patient(Strategy):
    """Enters at the first chance and holds: a position with a far stop that nothing closes."""

    def signals(self, bar: Bars) -> Signals:
        return Signals(
            enter_long=bar.close > bar.close * 0.0, stop=bar.close * 0.2, tag="patient"
        )  # fmt: skip


def pair_of(symbol: str, market: Market) -> str:
    """`BTC/USDT` or `BTC/USDT:USDT` of BTCUSDT."""
    pair = f"{symbol.removesuffix('USDT')}/USDT"
    return pair if market is Market.SPOT else f"{pair}:USDT"


def rules_for(market: Market, **changes: Any) -> Rules:
    """Fill rules as a backtest of the market would have them; shorts and twice the money on
    contracts."""
    perpetual = market is Market.PERPETUAL
    chosen: dict[str, Any] = {
        "market": market.value, "tick": 0.01, "lot": 0.00001, "allow_short": perpetual,
        "leverage": 2.0 if perpetual else 1.0, **changes,
    }  # fmt: skip
    return Rules(**chosen)


def configuration(
    name: str, pair: str, rules: Rules, strategy: Strategy | None = None, graph: Any = None
) -> Configuration:
    """A stored configuration of the strategy; MATURE, so that risk gives it room to trade.

    `graph` replaces the strategy's own, as JSON.
    """
    chosen = strategy or Busy()
    return Configuration(
        name, chosen.name, chosen.parameters, EXCHANGE, pair, INTERVAL, rules.as_json(),
        chosen.graph.to_json() if graph is None else graph, Stage.MATURE, {}, (), 1, "f" * 64,
        (0, 0), chosen.graph.hash, "test", _LONG_AGO,
    )  # fmt: skip
