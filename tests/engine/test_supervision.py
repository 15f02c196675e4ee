"""The manager against a real database and stored bars: starts, stops, resumes, gives up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ledger_home import MINUTE, NOW, Home, Restless, configuration, walk

from tradepulse.domain.errors import FailedError, TradePulseError
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.engine.feed import StoredBars
from tradepulse.engine.parity import verify_parity
from tradepulse.engine.supervision import TradingEngineManager
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.signals.graph import Graph
from tradepulse.storage.activating import request_deactivation
from tradepulse.storage.journal import DatabaseJournal
from tradepulse.storage.parquet_bars import ParquetBarStore

RUNNING, STOPPED = ActivationState.RUNNING, ActivationState.STOPPED


class Place:
    """A home with stored bars and a manager over them."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self.store = ParquetBarStore(folder / "data")
        self.bars = walk(1_000)
        self.store.append("binance", "BTC/USDT", "1m", self.bars.slice(0, 600))
        self.feed = StoredBars(self.store)
        self.manager = self.make()

    def make(self, journal: Any = None) -> TradingEngineManager:
        return TradingEngineManager(
            journal or self.home.journal, self.feed, PaperExchange, poll_seconds=0.02
        )

    def state(self, name: str) -> ActivationState:
        return self.home.journal.load(name).activation.state

    def last_bar(self, name: str) -> int | None:
        return self.home.journal.load(name).activation.last_bar

    def deactivate(self, configuration: str, *, flatten: bool = False) -> None:
        with self.home.database.transaction() as tx:
            request_deactivation(tx, configuration, now_ms=NOW, flatten=flatten)
        self.manager.on_configuration_deactivated(configuration)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.manager.stop()
    made.home.database.close()


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_an_activation_trades_history_then_follows_the_tail(place: Place) -> None:
    name = place.home.activate()
    place.manager.on_configuration_activated("c1")
    until(lambda: place.last_bar(name) == place.bars.open_time[599])
    until(lambda: place.state(name) is RUNNING)
    place.store.append("binance", "BTC/USDT", "1m", place.bars.slice(600, 1_000))
    until(lambda: place.last_bar(name) == place.bars.open_time[999])
    assert len(place.home.journal.trades(name)) > 10
    assert verify_parity(place.home.journal, place.feed, name).verdict == "identical"


def test_a_new_session_is_warm_at_once_and_starts_within_a_second(place: Place) -> None:
    name = place.home.activate(start=None)
    warmup = _warmup()
    place.manager.start_strategy_for_config(configuration("c1"))
    began = time.monotonic()
    until(lambda: place.state(name) is RUNNING)
    assert time.monotonic() - began < 5.0
    activation = place.home.journal.load(name).activation
    assert activation.session_start == place.bars.open_time[600 - warmup]
    assert place.home.journal.trades(name) == ()


def _warmup() -> int:
    from tradepulse.signals.program import Program

    graph = Graph.from_json(Restless().graph.to_json())
    return Program(graph, MINUTE).warmup_bars


def test_stop_and_start_again_go_on_where_the_ledger_ends(place: Place) -> None:
    name = place.home.activate()
    place.manager.reload_active_configurations()
    until(lambda: (place.last_bar(name) or 0) > place.bars.open_time[0])
    assert place.manager.stop()
    assert place.state(name) in (RUNNING, ActivationState.WARMING)
    place.manager = place.make()
    assert place.manager.reload_active_configurations() == (name,)
    until(lambda: place.last_bar(name) == place.bars.open_time[599])
    assert verify_parity(place.home.journal, place.feed, name).verdict == "identical"


@pytest.mark.parametrize("flatten", [False, True], ids=["drain", "flatten"])
def test_deactivation_stops_when_flat(place: Place, flatten: bool) -> None:
    name = place.home.activate()
    place.manager.on_configuration_activated("c1")
    until(lambda: place.last_bar(name) == place.bars.open_time[599])
    place.deactivate("c1", flatten=flatten)
    place.store.append("binance", "BTC/USDT", "1m", place.bars.slice(600, 1_000))
    until(lambda: place.state(name) is STOPPED)
    assert place.home.journal.position(name) is None
    assert verify_parity(place.home.journal, place.feed, name).verdict == "identical"


def test_a_wish_made_while_nobody_ran_is_found_at_the_start(place: Place) -> None:
    name = place.home.activate()
    with place.manager:
        until(lambda: place.last_bar(name) == place.bars.open_time[599])
    with place.home.database.transaction() as tx:
        request_deactivation(tx, "c1", now_ms=NOW, flatten=True)
    place.store.append("binance", "BTC/USDT", "1m", place.bars.slice(600, 700))
    place.manager = place.make()
    place.manager.reload_active_configurations()
    until(lambda: place.state(name) is STOPPED)
    assert place.home.journal.position(name) is None
    assert verify_parity(place.home.journal, place.feed, name).verdict == "identical"


def test_a_client_is_that_of_the_running_configuration(place: Place) -> None:
    place.home.activate()
    with pytest.raises(TradePulseError) as caught:
        place.manager.get_client_for_config(configuration("c1"))
    assert caught.value.code == "activation_not_running"
    place.manager.on_configuration_activated("c1")
    assert isinstance(place.manager.get_client_for_config(configuration("c1")), PaperExchange)


def test_bars_that_are_not_there_fault_the_activation(place: Place) -> None:
    name = place.home.activate("c1", pair="XRP/USDT")
    good = place.home.activate("c2")
    place.manager.reload_active_configurations()
    until(lambda: place.state(name) is ActivationState.FAULTED)
    until(lambda: place.last_bar(good) == place.bars.open_time[599])
    assert (place.home.journal.load(name).activation.fault or "").startswith("symbol_not_found")


class Shaky(DatabaseJournal):
    """Fails now and then, as a database does that goes away."""

    def __init__(self, place: Place, code: str, times: int) -> None:
        super().__init__(place.home.database)
        self.code, self.left = code, times

    def commit(self, batch: Any) -> None:
        if batch.last_bars and self.left > 0:
            self.left -= 1
            raise FailedError(self.code, "not now")
        super().commit(batch)


def test_a_database_that_goes_away_is_waited_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = place.home.activate()
    monkeypatch.setattr("tradepulse.engine.wallet_worker._BACK_OFF_SECONDS", (0.01,))
    journal = Shaky(place, "database_unavailable", 3)
    place.manager = place.make(journal)
    place.manager.reload_active_configurations()
    until(lambda: place.last_bar(name) == place.bars.open_time[599])
    assert journal.left == 0
    assert verify_parity(place.home.journal, place.feed, name).verdict == "identical"


def test_a_failure_that_repeats_itself_faults_with_its_reason(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradepulse.engine.wallet_worker._BACK_OFF_SECONDS", (0.01,))
    name = place.home.activate()
    place.manager = place.make(Shaky(place, "illegal_order_state", 99))
    place.manager.reload_active_configurations()
    until(lambda: place.state(name) is ActivationState.FAULTED)
    assert place.home.journal.load(name).activation.fault == "illegal_order_state: not now"


def test_it_runs_inside_an_event_loop(place: Place) -> None:
    name = place.home.activate()

    async def serve() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(place.manager.run(stop))
        while place.last_bar(name) != place.bars.open_time[599]:
            await asyncio.sleep(0.01)
        stop.set()
        await task

    asyncio.run(asyncio.wait_for(serve(), 20))
    assert place.state(name) is RUNNING
    assert verify_parity(place.home.journal, place.feed, name).verdict == "identical"
    assert place.manager.workers == ()  # it has ended with the loop


def test_a_restart_is_not_slowed_down_by_the_pace(place: Place) -> None:
    name = place.home.activate()
    with place.manager:
        until(lambda: place.last_bar(name) == place.bars.open_time[599])
    place.store.append("binance", "BTC/USDT", "1m", place.bars.slice(600, 700))
    place.feed = StoredBars(place.store, bars_per_second=50.0)
    place.manager = place.make()
    place.manager.reload_active_configurations()
    until(lambda: (place.last_bar(name) or 0) > place.bars.open_time[605])
    assert (place.last_bar(name) or 0) < place.bars.open_time[699]
    until(lambda: place.state(name) is RUNNING)


def test_a_paced_feed_gives_bars_at_its_speed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    now = 0.0
    feed = StoredBars(place.store, bars_per_second=10.0, monotonic=lambda: now)
    source = place.home.journal.load(place.home.activate()).source
    given, last = [], None
    for now in (0.0, 0.05, 0.1, 1.0, 1.0):  # noqa: B007 - the clock reads it
        bars = feed.closed_bars(source, last, 100)
        given.append(len(bars))
        last = int(bars.open_time[-1]) if len(bars) else last
    assert given == [1, 0, 1, 9, 0]
    assert len(feed.newest(source, 7)) == 7
    assert len(feed.newest(source, 5_000)) == 600
