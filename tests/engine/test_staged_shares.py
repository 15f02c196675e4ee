"""How much of its allotment a live activation may use: earned, lost, and known after a restart."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ledger_home import NOW, Home

from conformance import storage_records as make
from tradepulse.domain.interval import DAY_MS, HOUR_MS
from tradepulse.domain.lifecycle import Mode
from tradepulse.domain.risk_record import RiskStateRecord
from tradepulse.domain.settings import RiskSettings
from tradepulse.engine.band_book import BandBook
from tradepulse.engine.risk_desk import RiskDesk
from tradepulse.execution.account import Account
from tradepulse.execution.desk import Desk
from tradepulse.execution.effects import Noted
from tradepulse.risk.drawdown_band import DrawdownBand
from tradepulse.risk.risk_book import RiskBook
from tradepulse.simulation.rules import Rules
from tradepulse.storage.risk_ledger import DatabaseRiskLedger

SETTINGS = RiskSettings()
BAND = DrawdownBand(5.0, 8.0)


class Live:
    """One activation on one wallet, its risk desk, and the trades it is said to have made."""

    def __init__(self, folder: Path, mode: Mode = Mode.LIVE) -> None:
        self.home = Home(folder)
        self.wall = NOW
        self.bands = BandBook()
        with self.home.database.transaction() as tx:
            tx.configurations.insert(make.configuration())
            tx.activations.insert(
                make.activation(wallet_id="wallet", mode=mode, allotment=Decimal(1_000))
            )
        self.account = Account.fresh("a1", "BTC/USDT", Rules(initial_cash=1_000.0))
        self.restart()

    def restart(self) -> None:
        self.desk = RiskDesk(
            "wallet", 10_000.0, SETTINGS, DatabaseRiskLedger(self.home.database),
            lambda: self.wall, bands=self.bands,
        )  # fmt: skip
        self.desk.knows("a1", "BTC/USDT", 0)

    @property
    def share(self) -> float:
        return self.desk.oversight.standing("a1").staged_share

    def trade(self, count: int) -> None:
        with self.home.database.transaction() as tx:
            made = tx.trades.totals(activation_id="a1").trade_count
            tx.trades.insert_many(
                make.trade(f"t{made + n}", wallet_id="wallet", mode=Mode.LIVE) for n in range(count)
            )

    def turn(self, market_ms: int) -> list[Noted]:
        self.wall += 61_000
        found = self.desk.turn([Desk(self.account)], market_ms, connected=True, reached=None)
        return [note for note in found if note.event == "risk.staged"]

    def earns_the_second_step(self) -> list[Noted]:
        self.turn(0)
        self.bands.allow("a1", BAND)
        self.trade(30)
        return self.turn(30 * DAY_MS)


@pytest.fixture
def live(tmp_path: Path) -> Live:
    return Live(tmp_path)


def test_it_starts_with_the_first_step_before_anything_is_known(live: Live) -> None:
    assert live.share == 0.05
    live.turn(0)
    assert live.share == 0.05


def test_thirty_trades_and_days_inside_the_band_earn_a_step(live: Live) -> None:
    notes = live.earns_the_second_step()
    assert live.share == 0.10
    assert [(n.activation_id, n.level, n.details["after_pct"]) for n in notes] == [
        ("a1", "info", 10.0)
    ]
    assert live.turn(31 * DAY_MS) == []


def test_a_restart_goes_on_where_it_stood(live: Live) -> None:
    live.earns_the_second_step()
    live.restart()
    assert live.share == 0.10
    live.turn(31 * DAY_MS)
    assert live.share == 0.10


def test_leaving_the_band_costs_a_step_at_once(live: Live) -> None:
    live.earns_the_second_step()
    live.account.equity = 949.0
    notes = live.turn(30 * DAY_MS + HOUR_MS)
    assert [(n.level, n.details["before_pct"], n.details["after_pct"]) for n in notes] == [
        ("warning", 10.0, 5.0)
    ]
    assert live.share == 0.05
    fall = live.bands.fall_pct("a1")
    assert fall is not None
    assert round(fall, 6) == 5.1


def test_without_a_band_nothing_is_earned_or_lost(live: Live) -> None:
    live.turn(0)
    live.trade(60)
    live.account.equity = 1.0
    assert live.turn(90 * DAY_MS) == []
    assert live.share == 0.05


@pytest.mark.parametrize("mode", [Mode.TESTNET, Mode.PAPER])
def test_where_no_money_is_at_stake_all_of_it_may_be_used(tmp_path: Path, mode: Mode) -> None:
    world = Live(tmp_path, mode)
    assert world.earns_the_second_step() == []
    assert world.share == 1.0


def test_a_step_that_could_not_be_written_is_not_taken(live: Live) -> None:
    live.turn(0)
    live.bands.allow("a1", BAND)
    live.trade(30)
    live.turn(DAY_MS)
    # A person writes after the desk has read: its next word comes too late.
    live.desk._next_load = 1 << 62
    change(live, reason="a person")
    assert live.turn(30 * DAY_MS) == []
    assert live.share == 0.05
    assert len(live.turn(30 * DAY_MS)) == 1
    assert live.share == 0.10


def change(live: Live, **fields: Any) -> RiskStateRecord:
    with live.home.database.transaction() as tx:
        found = tx.risk_states.find("wallet")
        assert found is not None
        assert RiskBook.from_json(found.latches).staged.keys() == {"a1"}
        return tx.risk_states.save(replace(found, **fields))
