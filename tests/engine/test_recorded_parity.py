"""Laws P2 and P3: a recorded run replays to the kernel's trades, and a forged one is found out."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ledger_home import MINUTE, NOW, START, Feeds, Home, engine_on, run_to_end, walk

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.ledger import TradeRecord
from tradepulse.domain.lifecycle import ActivationState, ExitReason, Side
from tradepulse.engine.feed import GivenBars
from tradepulse.engine.parity import verify_parity
from tradepulse.engine.replay import replay
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.simulation.rules import Rules

HOUR = 60 * MINUTE


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Home, BarSeries, str]:
    home, bars = Home(tmp_path), walk(600)
    name = home.activate()
    replay(name, bars, home.journal, PaperExchange, clock=lambda: NOW, batch_bars=100)
    return home, bars, name


def forge(home: Home, trade: TradeRecord, **changes: Any) -> None:
    with home.database.transaction() as tx:
        tx.trades.insert_many([dataclasses.replace(trade, **changes)], "replace")


def test_P2_a_faithful_run_is_identical(recorded: tuple[Home, BarSeries, str]) -> None:
    home, bars, name = recorded
    report = verify_parity(home.journal, GivenBars(bars), name)
    assert report.verdict == "identical"
    assert report.first_divergence is None
    assert report.bars == len(bars)
    assert report.trades > 20
    assert report.as_json()["verdict"] == "identical"


FORGERIES: dict[str, tuple[dict[str, Any], str]] = {
    "a better price": ({"exit_price": Decimal("123.45")}, "exit_price"),
    "a richer trade": ({"pnl": Decimal("99")}, "pnl"),
    "no fees": ({"fees": Decimal(0)}, "fees"),
    "another reason": ({"exit_reason": ExitReason.LIQUIDATION}, "exit_reason"),
    "another side": ({"side": Side.SHORT}, "side"),
    "a later entry": ({"entry_time": START}, "entry_time"),
    "a larger quantity": ({"quantity": Decimal("1000")}, "quantity"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_P2_names_the_first_forged_event(
    recorded: tuple[Home, BarSeries, str], forgery: str
) -> None:
    home, bars, name = recorded
    changes, field = FORGERIES[forgery]
    trades = home.journal.trades(name)
    for number in (7, 12):
        forge(home, trades[number], **changes)
    report = verify_parity(home.journal, GivenBars(bars), name)
    found = report.first_divergence
    assert report.verdict == "diverged"
    assert found is not None
    assert (found.event, found.number, found.field) == ("trade", 7, field)
    assert found.time == trades[7].exit_time


def test_P2_a_missing_trade_is_named(recorded: tuple[Home, BarSeries, str]) -> None:
    home, bars, name = recorded
    last = home.journal.trades(name)[-1]
    with home.database.connection(write=True) as connection:
        connection.exec_driver_sql("DELETE FROM trades WHERE id = ?", (last.id,))
    found = verify_parity(home.journal, GivenBars(bars), name).first_divergence
    assert found is not None
    assert (found.field, found.found, found.time) == ("trade", "none", last.exit_time)


def test_P2_a_forged_position_is_named(tmp_path: Path) -> None:
    home, bars = Home(tmp_path), walk(600)
    name = home.activate()
    count = next(
        count for count in range(500, 600)
        if _holds(home.activate(f"try-{count}", allotment=1), bars.slice(0, count), home)
    )  # fmt: skip
    replay(name, bars.slice(0, count), home.journal, PaperExchange, clock=lambda: NOW)
    position = home.journal.position(name)
    assert position is not None
    with home.database.transaction() as tx:
        tx.positions.save_many([dataclasses.replace(position, quantity=Decimal("0.5"))])
    found = verify_parity(home.journal, GivenBars(bars), name).first_divergence
    assert found is not None
    assert (found.event, found.field, found.found) == ("position", "quantity", "0.5")


def _holds(name: str, bars: BarSeries, home: Home) -> bool:
    replay(name, bars, home.journal, PaperExchange, clock=lambda: NOW)
    return home.journal.position(name) is not None


def test_P2_of_a_perpetual_with_funding(tmp_path: Path) -> None:
    home, bars = Home(tmp_path), walk(3000)
    rules = Rules(market="perpetual", allow_short=True, leverage=5.0, tick=0.01, lot=0.001)
    stamps = START // HOUR * HOUR + HOUR * np.arange(-2, 60, dtype=np.int64)
    funding = FundingSeries(stamps + 3, np.full(len(stamps), 1e-4))
    name = home.activate(rules=rules, pair="BTC/USDT:USDT")
    report = replay(
        name, bars, home.journal, PaperExchange, clock=lambda: NOW, funding=funding, batch_bars=256
    )
    assert report.bars == len(bars)
    trades = home.journal.trades(name)
    assert any(trade.funding for trade in trades)
    assert {trade.side for trade in trades} == {Side.LONG, Side.SHORT}
    assert verify_parity(home.journal, GivenBars(bars, funding), name).verdict == "identical"


def test_missing_funding_is_refused(tmp_path: Path) -> None:
    home, bars = Home(tmp_path), walk(900)
    rules = Rules(market="perpetual")
    name = home.activate(rules=rules, pair="BTC/USDT:USDT")
    stamps = START // HOUR * HOUR + HOUR * np.arange(-1, 4, dtype=np.int64)
    for given in (None, FundingSeries(stamps, np.zeros(len(stamps)))):
        with pytest.raises(TradePulseError) as caught:
            replay(name, bars, home.journal, PaperExchange, clock=lambda: NOW, funding=given)
        assert caught.value.code == "missing_funding"
    assert home.journal.trades(name) == ()


def test_perpetual_waits_for_funding_that_is_not_known_yet(tmp_path: Path) -> None:
    home, bars = Home(tmp_path), walk(900)
    name = home.activate(rules=Rules(market="perpetual"), pair="BTC/USDT:USDT")
    stamps = START // HOUR * HOUR + HOUR * np.arange(-1, 4, dtype=np.int64)
    feed = Feeds({"BTC/USDT:USDT": bars}, FundingSeries(stamps, np.zeros(len(stamps))))
    run_to_end(engine_on(home, feed), name)
    last = home.journal.load(name).activation.last_bar
    # Bars up to an hour after the last stamp are covered by it, the next one is not.
    assert last == stamps[-1] + HOUR - MINUTE


def test_P3_a_run_is_a_function_of_data_and_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradepulse.storage.activating.uuid4", lambda: "the-activation")
    found = []
    for place in range(2):
        (tmp_path / str(place)).mkdir()
        home, bars = Home(tmp_path / str(place)), walk(500)
        name = home.activate()
        replay(
            name, bars, home.journal, PaperExchange, clock=lambda: NOW, batch_bars=64 + 13 * place
        )
        ledger = home.ledger(name)
        ledger["events"] = sorted(ledger["events"])
        found.append(ledger)
    assert found[0] == found[1]


def test_replay_stops_its_activation_and_goes_on_after_a_crash(tmp_path: Path) -> None:
    home, bars = Home(tmp_path), walk(500)
    name = home.activate()
    seen: list[int] = []

    def interrupted(done: int, total: int) -> None:
        seen.append(done)
        assert total == len(bars)
        if done > 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay(
            name, bars, home.journal, PaperExchange, clock=lambda: NOW, batch_bars=64,
            progress=interrupted,
        )  # fmt: skip
    assert home.journal.load(name).activation.state is ActivationState.RUNNING
    report = replay(name, bars, home.journal, PaperExchange, clock=lambda: NOW, batch_bars=64)
    assert report.bars == len(bars) - seen[-1]
    assert home.journal.load(name).activation.state is ActivationState.STOPPED
    assert verify_parity(home.journal, GivenBars(bars), name).verdict == "identical"


def test_what_has_ended_is_not_taken_up_again(recorded: tuple[Home, BarSeries, str]) -> None:
    home, bars, name = recorded
    with pytest.raises(TradePulseError) as caught:
        replay(name, bars, home.journal, PaperExchange, clock=lambda: NOW)
    assert caught.value.code == "activation_over"


def test_empty_replay_and_unstarted_activation_are_refused(tmp_path: Path) -> None:
    home = Home(tmp_path)
    name = home.activate()
    with pytest.raises(TradePulseError) as caught:
        replay(name, walk(5).slice(0, 0), home.journal, PaperExchange, clock=lambda: NOW)
    assert caught.value.code == "empty"
    with pytest.raises(TradePulseError) as caught:
        verify_parity(home.journal, GivenBars(walk(5)), name)
    assert caught.value.code == "not_started"
