"""An indicator that raises faults its activation alone, on paper and at a venue; parity says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ledger_home import MINUTE, NOW, Feeds, Home, engine_on, run_to_end, walk

from conformance.raising_steps import RaisesOn
from simulated_venue import restless
from simulated_venue.scenario import Scenario
from simulated_venue.world import World
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError, FailedError
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.engine.feed import GivenBars
from tradepulse.engine.parity import verify_parity
from tradepulse.engine.replay import replay
from tradepulse.engine.signal_parity import signal_divergence
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.strategies.api import Bars, Signals, Strategy, indicator

FAILS_AT = 300
FAULT = f"indicator_failed: indicator raises_on(bar={FAILS_AT}) failed on bar {FAILS_AT}, opened "


@pytest.mark.parametrize("batch", [1, 64, 4096], ids=["bar by bar", "batches", "whole"])
def test_on_paper_it_faults_alone(tmp_path: Path, batch: int) -> None:
    home = Home(tmp_path)
    feed = Feeds({"BTC/USDT": walk(500), "ETH/USDT": walk(500, 2)})
    sound = home.activate("c1", allotment=3_000)
    broken = home.activate(
        "c2", allotment=3_000, pair="ETH/USDT", strategy=RaisesOn(bar=float(FAILS_AT))
    )
    run_to_end(engine_on(home, feed, batch_bars=batch), sound, broken)
    found = home.journal.load(broken).activation
    assert found.state is ActivationState.FAULTED
    assert str(found.fault).startswith(FAULT), found.fault
    # Nothing was recorded on the bar, nor on any of its batch.
    done = FAILS_AT // batch * batch
    bars = walk(500, 2)
    assert found.last_bar == (int(bars.open_time[done - 1]) if done else None)
    assert all(signal.bar_time <= (found.last_bar or 0) for signal in home.journal.signals(broken))
    if done:
        assert len(home.journal.trades(broken)) > 3
        assert verify_parity(home.journal, feed, broken).verdict == "identical"
    assert home.journal.load(sound).activation.last_bar == walk(500).open_time[-1]
    assert len(home.journal.trades(sound)) > 10
    assert verify_parity(home.journal, feed, sound).verdict == "identical"


def test_a_restart_faults_it_as_well(tmp_path: Path) -> None:
    """What it recorded before is run again; the bar that comes next stops it."""
    home, bars = Home(tmp_path), walk(500)
    name = home.activate("c1", allotment=3_000, strategy=RaisesOn(bar=float(FAILS_AT)))
    run_to_end(engine_on(home, GivenBars(bars.slice(0, FAILS_AT))), name)
    assert home.journal.load(name).activation.state is ActivationState.RUNNING
    run_to_end(engine_on(home, GivenBars(bars)), name)
    assert str(home.journal.load(name).activation.fault).startswith(FAULT)


def test_a_replay_says_so(tmp_path: Path) -> None:
    home, bars = Home(tmp_path), walk(500)
    name = home.activate("c1", strategy=RaisesOn(bar=float(FAILS_AT)))
    with pytest.raises(DataError, match="indicator_failed: indicator raises_on"):
        replay(name, bars, home.journal, PaperExchange, clock=lambda: NOW)


@indicator(state=0)
def wants_cheap(state, x):
    if x > 200.0:
        raise ValueError("dearer than ever")
    return x


class WantsCheap(Strategy):
    def signals(self, bar: Bars) -> Signals:
        line = wants_cheap(bar.close)
        return Signals(
            enter_long=line.crosses_above(bar.close.sma(4)),
            exit_long=line.crosses_below(bar.close.sma(4)), stop=bar.atr(5),
        )  # fmt: skip


def with_close(bars: BarSeries, place: int, price: float) -> BarSeries:
    close, high = bars.close.copy(), bars.high.copy()
    close[place] = high[place] = price
    return BarSeries(bars.open_time, bars.open, high, bars.low, close, bars.volume,
                     bars.interval_ms)  # fmt: skip


def test_a_parity_check_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """Neither identical nor diverged: over bars changed since, there is no second run."""
    home, bars = Home(tmp_path), walk(400)
    name = home.activate("c1", strategy=WantsCheap())
    replay(name, bars, home.journal, PaperExchange, clock=lambda: NOW)
    assert verify_parity(home.journal, GivenBars(bars), name).verdict == "identical"
    assert signal_divergence(home.journal, GivenBars(bars), name) is None
    other = GivenBars(with_close(bars, 250, 999.0))
    for compare in (verify_parity, signal_divergence):
        with pytest.raises(FailedError, match=r"wants_cheap failed on bar 250, ") as caught:
            compare(home.journal, other, name)
        assert caught.value.code == "indicator_failed"
        assert "ValueError: dearer than ever (x=999)" in str(caught.value.found)


class TwoMarkets(World):
    """A run without faults over two pairs, one turn at a time."""

    def __init__(self) -> None:
        super().__init__(Scenario(3, Market.SPOT, ("BTC/USDT", "ETH/USDT"), 60, {}))
        self._beside = False
        for path in self._paths:
            self._schedule(path)

    def until(self, there: Callable[[], bool], turns: int = 4_000) -> None:
        for _ in range(turns):
            self._turn()
            assert self._laws.broken is None, self._laws.broken
            if there():
                return
        raise AssertionError("it never came to that")


def test_at_a_venue_it_faults_alone_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    graphs = iter([restless.Bracketed().graph, RaisesOn(bar=60.0).graph])
    monkeypatch.setattr(restless, "_graph", lambda _place: next(graphs))
    world = TwoMarkets()
    seen = world.ledger.activations
    world.until(lambda: seen["a1"].state is ActivationState.FAULTED)
    broken, done, trades = seen["a1"], seen["a0"].last_bar, len(world.ledger.trades)
    told = "indicator_failed: indicator raises_on(bar=60) failed on bar 60, opened "
    assert str(broken.fault).startswith(told), broken.fault
    assert any(trade.activation_id == "a1" for trade in world.ledger.trades.values())
    assert not [held for held in world.ledger.positions.values() if held.activation_id == "a1"]
    assert seen["a0"].state is ActivationState.RUNNING
    world.until(lambda: seen["a0"].last_bar > done + 15 * MINUTE)
    assert seen["a1"] == broken
    assert len(world.ledger.trades) > trades
