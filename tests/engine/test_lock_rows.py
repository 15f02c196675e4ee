"""Pauses as rows: written when new, obeyed when a person releases them, found again at a venue."""

from __future__ import annotations

from pathlib import Path

import pytest
from ledger_home import NOW, START, Feeds, Home, engine_on, walk

from tradepulse.domain.interval import MINUTE_MS
from tradepulse.domain.lifecycle import ExitReason
from tradepulse.domain.settings import ProtectionSettings
from tradepulse.engine.lock_book import LockBook
from tradepulse.engine.trading import TradingEngine
from tradepulse.risk import ClosedTradeView, RiskManager
from tradepulse.storage.risk_ledger import DatabaseRiskLedger

PAIR = "BTC/USDT"
RULES = ProtectionSettings.model_validate({"cool_down": {"minutes": 30}})
BARS = {PAIR: walk(600, 3)}


def book(home: Home) -> LockBook:
    return LockBook("wallet", DatabaseRiskLedger(home.database), lambda: NOW, look_ms=0)


def paused_engine(home: Home, locks: LockBook) -> TradingEngine:
    """An engine that takes a few bars a turn, so that its pauses are seen."""
    return engine_on(home, Feeds(BARS), protections=RULES, locks=locks, batch_bars=5)


def test_a_paper_engine_writes_its_pauses_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    engine = paused_engine(home, book(home))
    name = home.activate()
    engine.join(name)
    while engine.advance():
        pass
    with home.database.reading() as tx:
        rows = tx.risk_locks.page(limit=500).items
        told = tx.events.since(types=["risk.locked"], limit=1000)
        trades = tx.trades.of_activation(name)
    assert len(rows) > 3
    assert [event.entity_id for event in told] == [row.id for row in reversed(rows)]
    assert {(row.activation_id, row.code) for row in rows} == {(name, "cool_down")}
    closes = {trade.exit_time + MINUTE_MS for trade in trades}
    assert all(row.from_ms in closes for row in rows)


def test_a_released_pause_lets_the_engine_enter(tmp_path: Path) -> None:
    free, held = entries(tmp_path / "a", release=True), entries(tmp_path / "b", release=False)
    # A person who lifts every pause as soon as it is seen has more entries traded.
    assert len(free) > len(held)


def entries(folder: Path, *, release: bool) -> list[int]:
    folder.mkdir()
    home = Home(folder)
    engine = paused_engine(home, book(home))
    name = home.activate()
    engine.join(name)
    while engine.advance():
        with home.database.transaction() as tx:
            for row in tx.risk_locks.page(limit=500).items if release else ():
                tx.risk_locks.release(row.id, NOW, "me")
    return [row.bar_time for row in home.journal.signals(name) if row.verdict == "traded"]


@pytest.mark.parametrize("minutes", [29, 30])
def test_after_a_restart_at_a_venue_the_ledgers_trades_pause(tmp_path: Path, minutes: int) -> None:
    home = Home(tmp_path)
    name = home.activate()
    engine = engine_on(home, Feeds(BARS))
    engine.join(name)
    while engine.advance():
        pass
    last = home.journal.trades(name)[-1]
    risk = RiskManager(protections=RULES)
    now = last.exit_time + minutes * MINUTE_MS
    locks = book(home)
    locks.remember(risk, now)
    found = locks.turn(risk, now, 10_000.0)
    assert [lock.from_ms for lock in found] == ([last.exit_time] if minutes == 29 else [])
    assert locks.turn(risk, now, 10_000.0) == ()


def test_what_another_engine_of_the_wallet_found_holds_here(tmp_path: Path) -> None:
    home = Home(tmp_path)
    name = home.activate()
    one, other = (RiskManager(protections=RULES) for _ in range(2))
    one.closed(ClosedTradeView("t", name, PAIR, START, ExitReason.STOP, -1.0, -1.0), START)
    assert len(book(home).turn(one, START + 1, 1.0)) == 1
    assert book(home).turn(other, START + 1, 1.0) == ()
    assert other.locks(START + 1, 1.0) == one.locks(START + 1, 1.0)


def test_without_protections_nothing_is_read(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.database.close()
    assert book(home).turn(RiskManager(), START, 1.0) == ()
