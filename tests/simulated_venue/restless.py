"""Activations to simulate: a strategy that trades every few bars, with stop, target and trail."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from simulated_venue.memory_ledger import MemoryLedger
from simulated_venue.scenario import Scenario
from simulated_venue.sim_account import MAKER, QUOTE, TAKER
from simulated_venue.sim_market import LEAST, LOT, START, TICK
from tradepulse.domain.configuration import Configuration
from tradepulse.domain.instrument import Market
from tradepulse.domain.ledger import Activation, Wallet
from tradepulse.domain.lifecycle import ActivationState, Feed, Mode, Stage
from tradepulse.signals.graph import Graph
from tradepulse.simulation.rules import Rules
from tradepulse.simulation.sizing import FractionOfEquity
from tradepulse.strategies.api import Bars, Signals, Strategy

ALLOTMENT = Decimal(1000)
WALLET = "wallet"


class Bracketed(Strategy):
    """Crosses of two short averages, either way, between a near stop and a near target."""

    def signals(self, bar: Bars) -> Signals:
        quick, slow = bar.close.ema(2), bar.close.ema(5)
        reach = bar.atr(5)
        return Signals(
            enter_long=quick.crosses_above(slow), exit_long=quick.crosses_below(slow),
            enter_short=quick.crosses_below(slow), exit_short=quick.crosses_above(slow),
            stop=1.2 * reach, target=2.0 * reach, tag="cross",
        )  # fmt: skip


class Trailing(Strategy):
    """The same crosses behind a trailing stop that moves on most bars, and a time stop."""

    def signals(self, bar: Bars) -> Signals:
        quick, slow = bar.close.ema(2), bar.close.ema(5)
        return Signals(
            enter_long=quick.crosses_above(slow), enter_short=quick.crosses_below(slow),
            trail=1.0 * bar.atr(5), max_bars=6,
        )  # fmt: skip


class Unprotected(Strategy):
    """No stop of its own: the disaster stop must do."""

    def signals(self, bar: Bars) -> Signals:
        quick, slow = bar.close.ema(2), bar.close.ema(4)
        return Signals(
            enter_long=quick.crosses_above(slow), exit_long=quick.crosses_below(slow),
            enter_short=quick.crosses_below(slow), exit_short=quick.crosses_above(slow),
        )  # fmt: skip


STRATEGIES = (Bracketed, Trailing, Unprotected)


@cache
def _graph(place: int) -> Graph:
    return STRATEGIES[place]().graph


def activate(ledger: MemoryLedger, scenario: Scenario) -> None:
    """An activation for each pair of the scenario, on one wallet."""
    wallet = Wallet(
        WALLET, "simulated", QUOTE, ALLOTMENT * len(scenario.pairs), Mode.TESTNET, START,
        connection_id="connection",
    )  # fmt: skip
    rules = rules_of(scenario).as_json()
    for place, pair in enumerate(scenario.pairs):
        graph = _graph((scenario.seed + place) % len(STRATEGIES))
        name = f"c{place}"
        configuration = Configuration(
            name, "restless", {}, "simulated", pair, "1m", rules, graph.to_json(), Stage.MATURE, {},
            (), 1, "f" * 64, (0, 0), graph.hash, "test", START,
        )  # fmt: skip
        activation = Activation(
            f"a{place}", name, WALLET, Mode.TESTNET, Feed.LIVE, ActivationState.STARTING,
            ALLOTMENT, None, None, "test", START + place,
        )  # fmt: skip
        ledger.add(configuration, wallet, activation)


def rules_of(scenario: Scenario) -> Rules:
    """The rules of every configuration: the venue's filters and fees."""
    perpetual = scenario.market is Market.PERPETUAL
    return Rules(
        market=str(scenario.market), initial_cash=float(ALLOTMENT),
        taker_fee_bps=float(TAKER) * 1e4, maker_fee_bps=float(MAKER) * 1e4,
        tick=float(TICK), lot=float(LOT),
        min_notional=float(LEAST), sizing=FractionOfEquity(0.9), leverage=float(scenario.leverage),
        allow_short=perpetual,
    )  # fmt: skip
