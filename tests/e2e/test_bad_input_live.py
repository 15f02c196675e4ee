"""What a user may get wrong: each refused with a code that stays, and the venue's own words."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest
from benchmarks.live.busy import Patient, rules_for
from benchmarks.live.engine_process import until
from benchmarks.live.world import Account, LiveWorld, engine, wall_ms

from tradepulse.cli import main
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.connection import Credentials
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.interval import MINUTE_MS
from tradepulse.domain.ledger import OrderRecord, SignalRecord
from tradepulse.domain.lifecycle import ActivationState, Mode
from tradepulse.sandbox.known_symbols import spec_of
from tradepulse.sandbox.listing import SymbolBars
from tradepulse.storage.connecting import NewConnection, add_connection, connection_wallet
from tradepulse.strategies.api import Bars, Signals, Strategy

pytestmark = pytest.mark.slow

NO_RISK_LIMITS = """\
[risk]
risk_per_trade_pct = 100.0
max_instrument_exposure = 1000.0
max_exposure = 1000.0
max_leverage = 1000.0
max_open_trades = 1000
max_correlated_entries = 1000
total_cap_pct = 100000.0
[risk.stage_cap_pct]
MATURE = 100000.0
"""


class FarStop(Strategy):
    """Enters at once, with a stop a fifth of the price away."""

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.close > 0.0 * bar.close, stop=0.2 * bar.close)


# --- keys -----------------------------------------------------------------------------------------
KEYS = [
    ("nobody's key", "auth", "Invalid API-key"),
    ("the wrong secret", "auth", "Signature"),
    ("may withdraw", "withdrawals_allowed", "withdraw"),
]


def test_keys_that_are_not_fit_are_refused(open_world: Callable[..., LiveWorld]) -> None:
    world = open_world(Market.SPOT, speed=0.0)
    world.sandbox.open_account("may-withdraw", "its-secret", {"USDT": 10}, can_withdraw=True)
    keys = {
        "nobody's key": Credentials("nobodys-key", "some-secret"),
        "the wrong secret": Credentials(world.accounts[0].keys.api_key, "not-its-secret"),
        "may withdraw": Credentials("may-withdraw", "its-secret"),
    }
    asked = NewConnection("new", "binance", Market.SPOT, Mode.TESTNET, world.sandbox.base_url)
    for case, code, words in KEYS:
        with pytest.raises(TradePulseError) as caught:
            add_connection(
                world.app.database, world.app.safe, asked, keys[case], world.app.check_keys,
                now_ms=wall_ms(),
            )  # fmt: skip
        assert caught.value.code == code, case
        assert words in str(caught.value), case
        assert keys[case].secret not in str(caught.value)
    with world.app.database.reading() as tx:
        assert [c.name for c in tx.connections.page().items] == ["box 1"]


# --- activations that cannot begin ----------------------------------------------------------------
def test_what_the_venue_does_not_offer_ends_the_activation_with_its_words(
    open_world: Callable[..., LiveWorld], capsys: pytest.CaptureFixture[str]
) -> None:
    world = open_world(Market.PERPETUAL, ("BTCUSDT",), speed=60.0, settings=NO_RISK_LIMITS)
    account = world.accounts[0]
    cases = {
        "symbol_not_found": world.activate(account, "ETHUSDT", strategy=Patient()),
        "leverage_tier": world.activate(
            account, "BTCUSDT", strategy=Patient(),
            rules=rules_for(Market.PERPETUAL, leverage=126.0),
        ),
    }  # fmt: skip
    with engine(world):
        for code, name in cases.items():
            until(lambda name=name: world.activation(name).state is ActivationState.FAULTED)
            assert str(world.activation(name).fault).startswith(f"{code}:")
    # Shown to whoever looks.
    assert main(["activations", "list", "--home", str(world.app.home.path), "--json"]) == 0
    shown = {a["id"]: a["fault"] for a in json.loads(capsys.readouterr().out)["items"]}
    assert "125" in shown[cases["leverage_tier"]]
    assert "ETH" in shown[cases["symbol_not_found"]]


# --- entries that are refused ---------------------------------------------------------------------
def signals_of(world: LiveWorld, name: str) -> tuple[SignalRecord, ...]:
    with world.app.database.reading() as tx:
        return tx.signals.of_activation(name)


def judged(world: LiveWorld, name: str) -> set[tuple[str, str | None]]:
    """Verdicts and reasons, but for signals of bars from before it began."""
    found = {(s.verdict, s.reason) for s in signals_of(world, name)}
    return found - {("ignored", "stale")}


def orders_of(world: LiveWorld, name: str) -> tuple[OrderRecord, ...]:
    with world.app.database.reading() as tx:
        return tx.orders.of_activation(name)


def poor_account(world: LiveWorld) -> Account:
    """A wallet of more than its account holds at the venue."""
    account = world.open_account(Decimal(100))
    with world.app.database.transaction() as tx:
        wallet = connection_wallet(
            tx, account.connection.id, "hopeful", "USDT", Decimal(50_000), now_ms=wall_ms()
        )
    poor = Account(account.keys, account.connection, wallet.id)
    world.accounts[-1] = poor
    return poor


def test_entries_that_we_refuse_say_why(open_world: Callable[..., LiveWorld]) -> None:
    world = open_world(Market.PERPETUAL, ("BTCUSDT", "ETHUSDT"), speed=60.0,
                       settings=NO_RISK_LIMITS)  # fmt: skip
    account = world.accounts[0]
    cases = {
        # 100 USDT is the least for BTC, 1 of them is its lot's worth.
        "min_notional": world.activate(
            account, "ETHUSDT", strategy=Patient(), share=Decimal(5),
            rules=rules_for(Market.PERPETUAL, leverage=1.0),
        ),
        "stop_beyond_liquidation": world.activate(
            account, "BTCUSDT", strategy=FarStop(), rules=rules_for(Market.PERPETUAL, leverage=20.0)
        ),
    }  # fmt: skip
    with engine(world):
        for code, name in cases.items():
            until(lambda name=name: judged(world, name), told=code)
            assert judged(world, name) == {("refused", code)}
            assert orders_of(world, name) == ()


def test_an_entry_that_the_venue_refuses_says_why_in_its_words(
    open_world: Callable[..., LiveWorld],
) -> None:
    world = open_world(Market.SPOT, ("BTCUSDT",), speed=60.0, settings=NO_RISK_LIMITS)
    poor = poor_account(world)
    name = world.activate(poor, "BTCUSDT", strategy=Patient(), share=Decimal(40_000))
    with engine(world):
        until(lambda: "insufficient_funds" in [o.reason for o in orders_of(world, name)])
        until(lambda: any("insufficient balance" in line for line in world.log_lines()))
    assert world.laws.broken == []


# --- the clock ------------------------------------------------------------------------------------
def minutes_around(now_ms: int) -> list[SymbolBars]:
    """A walk of minutes from two hours ago into the next hour: a sandbox that lives now."""
    first = (now_ms // MINUTE_MS - 120) * MINUTE_MS
    dice = np.random.default_rng(5)
    close = np.round(60_000.0 * np.exp(np.cumsum(dice.normal(0, 0.0005, 180))), 2)
    opened = np.concatenate([[60_000.0], close[:-1]])
    times = first + MINUTE_MS * np.arange(180, dtype=np.int64)
    bars = BarSeries(times, opened, np.maximum(opened, close) + 5, np.minimum(opened, close) - 5,
                     close, np.full(180, 50.0), MINUTE_MS)  # fmt: skip
    return [SymbolBars(spec_of(Pair("BTC", "USDT"), Market.SPOT, bars), bars)]


def test_nothing_is_entered_while_our_clock_is_off_by_a_minute(
    open_world: Callable[..., LiveWorld],
) -> None:
    now = wall_ms()
    # Theirs shows 40 to 100 seconds less than ours, and the next bar closes in 20 seconds.
    theirs = (now - 100_000) // MINUTE_MS * MINUTE_MS + 40_000
    world = open_world(
        Market.SPOT, ("BTCUSDT",), speed=1.0, start=theirs,
        series=minutes_around(now), settings=NO_RISK_LIMITS,
    )  # fmt: skip
    name = world.activate(world.accounts[0], "BTCUSDT", strategy=Patient())
    with engine(world):
        until(lambda: judged(world, name), within_s=100.0)
        assert judged(world, name) == {("refused", "clock_skew")}
        assert orders_of(world, name) == ()
