"""What trades real money and should not any more: held, told, and followed on paper."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import numpy as np
import pytest

from conformance import storage_records as make
from tradepulse.bootstrap.guard_watch import GuardWatch
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.interval import DAY_MS, HOUR_MS, MINUTE_MS
from tradepulse.domain.ledger import Activation
from tradepulse.domain.lifecycle import ActivationState, Feed, Mode
from tradepulse.domain.settings import RiskSettings
from tradepulse.domain.study import Study
from tradepulse.engine.band_book import BandBook
from tradepulse.storage.activating import state_event
from tradepulse.storage.database import Database
from tradepulse.storage.guarding import FellBack, Guard
from tradepulse.storage.parquet_bars import ParquetBarStore
from tradepulse.storage.pausing import request_resume
from tradepulse.strategies.api import Bars, Signals, Strategy

T0, D = make.T0, make.D
RULES = {"market": "spot", "initial_cash": 1_000.0}


class Guarded:
    """A live wallet, the guard of what trades on it, and a clock."""

    def __init__(self, database: Database, folder: Path, **settings: Any) -> None:
        self.database, self.now = database, T0
        self.store = ParquetBarStore(folder)
        self.bands = BandBook()
        risk = RiskSettings.model_validate({"fallback": settings})
        self.guard = Guard(database, self.store, risk, self.bands)
        with database.transaction() as tx:
            connection = make.connection("x", mode=Mode.LIVE, base_url=None)
            tx.connections.insert(dataclasses.replace(connection, checked_at=T0))
            tx.wallets.insert(make.wallet("w1", mode=Mode.LIVE, connection_id="x"))
            tx.configurations.insert(make.configuration(rules=RULES))

    def activate(self, id_: str = "a1", **changes: Any) -> str:
        about = {"mode": Mode.LIVE, "feed": Feed.LIVE, "state": ActivationState.RUNNING}
        with self.database.transaction() as tx:
            tx.activations.insert(make.activation(id_, created_at=self.now, **{**about, **changes}))
        return id_

    def fault(self, id_: str) -> None:
        with self.database.transaction() as tx:
            tx.activations.set_state(id_, ActivationState.FAULTED, at=self.now, fault="boom")

    def fall(self, drawdown: str = "-0.5") -> None:
        with self.database.transaction() as tx:
            tx.portfolio.insert_many([
                make.point(self.now, equity=D(500), drawdown=D(drawdown))
            ])  # fmt: skip

    def study(self, inner: float, outer: float) -> None:
        """What `train` wrote of the drawdowns: the bars themselves are not kept here."""
        told = {"statistics": {"drawdown_95": inner, "drawdown_99": outer}}
        with self.database.transaction() as tx:
            tx.jobs.insert(make.job())
            tx.studies.insert(Study("c1", "j1", told))

    def look(self) -> list[FellBack]:
        return list(self.guard.look(self.now))

    def activation(self, id_: str) -> Activation:
        with self.database.reading() as tx:
            return tx.activations.get(id_)

    def alerts(self) -> list[tuple[str, str]]:
        with self.database.reading() as tx:
            found = tx.alerts.page(sort="time").items
        return [(alert.code, alert.level) for alert in found]

    def paper(self) -> list[Activation]:
        with self.database.reading() as tx:
            return list(tx.activations.page(mode=Mode.PAPER).items)


@pytest.fixture
def home(database: Database, tmp_path: Path) -> Guarded:
    return Guarded(database, tmp_path / "bars")


def test_while_all_is_well_nothing_happens(home: Guarded) -> None:
    home.activate()
    home.fall("-0.01")
    home.study(-0.2, -0.3)
    assert home.look() == []
    band = home.bands.band("a1")
    assert band is not None
    assert (band.inner_pct, band.outer_pct) == (20.0, 30.0)
    assert home.alerts() == []


def test_a_breached_band_ends_real_money_and_goes_on_on_paper(home: Guarded) -> None:
    home.activate()
    home.fall("-0.31")
    home.study(-0.2, -0.3)
    (found,) = home.look()
    assert (found.verdict.code, found.verdict.found) == ("drawdown_band", "31.00 %")
    left = home.activation("a1")
    assert (left.state, left.blocked) == (ActivationState.DRAINING, "fallback")
    (paper,) = home.paper()
    assert found.paper == paper
    assert (paper.configuration_id, paper.allotment, paper.feed) == ("c1", D(1_000), Feed.LIVE)
    assert home.alerts() == [("drawdown_band", "critical")]
    assert home.look() == []


def test_the_engines_word_is_newer_than_the_ledgers(home: Guarded) -> None:
    home.activate()
    home.fall("-0.01")
    home.study(-0.2, -0.3)
    home.bands.fell("a1", 30.5)
    assert [one.verdict.found for one in home.look()] == ["30.50 %"]


@pytest.mark.parametrize(("hours", "falls"), [(23, True), (25, False)])
def test_the_second_fault_of_a_day_ends_it(home: Guarded, hours: int, falls: bool) -> None:
    home.fault(home.activate("a1"))
    assert home.look() == []
    home.now += hours * HOUR_MS
    home.fault(home.activate("a2"))
    found = home.look()
    assert [one.activation.id for one in found] == (["a2"] if falls else [])
    assert len(home.paper()) == len(home.alerts()) == int(falls)
    assert home.look() == []


def test_who_starts_it_again_that_day_is_not_let_in(home: Guarded) -> None:
    home.fault(home.activate("a1"))
    home.fault(home.activate("a2"))
    home.look()
    home.activate("a3")
    (found,) = home.look()
    assert (found.activation.id, found.verdict.code) == ("a3", "repeated_faults")
    assert home.activation("a3").blocked == "fallback"


def test_faults_elsewhere_do_not_count(home: Guarded) -> None:
    with home.database.transaction() as tx:
        tx.wallets.insert(make.wallet("w2", mode=Mode.LIVE, connection_id="x"))
    home.fault(home.activate("a1"))
    home.fault(home.activate("a2", wallet_id="w2"))
    home.activate("a3", wallet_id="w2")
    assert home.look() == []


@pytest.mark.parametrize("mode", [Mode.PAPER, Mode.TESTNET])
def test_only_real_money_is_guarded(home: Guarded, mode: Mode) -> None:
    home.activate(mode=mode)
    home.fall("-0.9")
    home.study(-0.2, -0.3)
    assert home.look() == []


def test_without_a_paper_one_it_is_held_until_a_person_lifts_it(
    database: Database, tmp_path: Path
) -> None:
    home = Guarded(database, tmp_path / "bars", to_paper=False)
    home.activate()
    home.fall("-0.31")
    home.study(-0.2, -0.3)
    (found,) = home.look()
    assert found.paper is None
    held = home.activation("a1")
    assert (held.state, held.blocked) == (ActivationState.RUNNING, "fallback")
    home.now += HOUR_MS
    with database.transaction() as tx:
        request_resume(tx, held, now_ms=home.now)
    home.now += HOUR_MS
    assert home.look() == []
    assert home.activation("a1").blocked is None
    # A person's word holds a day; what is still wrong then is told again.
    home.now += DAY_MS
    assert [one.verdict.code for one in home.look()] == ["drawdown_band"]


class Rising(Strategy):
    """Long while the close is above the one before."""

    def signals(self, bar: Bars) -> Signals:
        up = bar.close > bar.close.previous()
        return Signals(enter_long=up, exit_long=~up, stop=5.0)


def keep_bars(home: Guarded, count: int = 60) -> BarSeries:
    start = T0 // MINUTE_MS * MINUTE_MS
    close = 100.0 + np.cumsum(np.random.default_rng(2).normal(0, 1, count))
    opened = np.concatenate(([100.0], close[:-1]))
    series = BarSeries(
        start + MINUTE_MS * np.arange(count, dtype=np.int64), opened,
        np.maximum(opened, close) + 1.0, np.minimum(opened, close) - 1.0, close,
        np.full(count, 5.0), MINUTE_MS,
    )  # fmt: skip
    home.store.append("binance", "BTC/USDT", "1m", series)
    return series


def test_lost_parity_ends_it(home: Guarded) -> None:
    bars = keep_bars(home)
    strategy = Rising()
    with home.database.transaction() as tx:
        tx.configurations.insert(
            make.configuration(
                "c2", rules=RULES, graph=strategy.graph.to_json(), interval="1m",
                configuration_hash=strategy.graph.hash,
            )
        )  # fmt: skip
    first = int(bars.open_time[0])
    home.activate(configuration_id="c2", session_start=first, last_bar=int(bars.open_time[-1]))
    (found,) = home.look()
    assert found.verdict.code == "parity_lost"
    assert "enter_long: expected given, found not recorded" in found.verdict.found
    assert home.alerts() == [("parity_lost", "critical")]


def test_the_watch_looks_at_once_after_a_fault(home: Guarded) -> None:
    home.fault(home.activate("a1"))
    home.activate("a2")
    changed = Event()
    an_hour = 3_600_000
    with GuardWatch(home.database, home.guard, changed.set, lambda: home.now, an_hour):
        sleep(0.5)
        assert home.paper() == []
        with home.database.transaction() as tx:
            over = tx.activations.set_state("a2", ActivationState.FAULTED, at=home.now)
            tx.events.append(state_event(over, home.now))
        assert changed.wait(5.0)
    assert len(home.paper()) == 1
