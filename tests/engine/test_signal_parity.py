"""What an activation was told, against its graph over the bars that are kept."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from ledger_home import Feeds, Home, engine_on, run_to_end, walk

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.ledger import SignalRecord
from tradepulse.engine.signal_parity import signal_divergence
from tradepulse.simulation.rules import Rules
from tradepulse.storage.journal import DatabaseJournal

PAIR = "BTC/USDT"
BARS = walk(400, 5)
PERPETUAL = Rules(tick=0.01, lot=0.0001, market="perpetual", allow_short=True)


class Changed:
    """The journal with other recorded signals."""

    def __init__(self, journal: DatabaseJournal, rows: tuple[SignalRecord, ...]) -> None:
        self._journal, self._rows = journal, rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def signals(self, _: str) -> tuple[SignalRecord, ...]:
        return self._rows


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, str]:
    home = Home(tmp_path_factory.mktemp("ran"))
    name = home.activate()
    run_to_end(engine_on(home, Feeds({PAIR: BARS})), name)
    return home, name


def test_a_run_agrees_with_its_own_bars(ran: tuple[Home, str]) -> None:
    home, name = ran
    assert len(home.journal.signals(name)) > 20
    assert signal_divergence(home.journal, Feeds({PAIR: BARS}), name) is None


def first(rows: tuple[SignalRecord, ...], action: str) -> SignalRecord:
    return next(row for row in rows if row.action == action)


def without(rows: tuple[SignalRecord, ...]) -> tuple[SignalRecord, ...]:
    gone = first(rows, "enter_long")
    return tuple(row for row in rows if row is not gone)


def invented(rows: tuple[SignalRecord, ...]) -> tuple[SignalRecord, ...]:
    one = first(rows, "enter_long")
    return (*rows, dataclasses.replace(one, bar_time=one.bar_time + 60_000))


def with_other_stop(rows: tuple[SignalRecord, ...]) -> tuple[SignalRecord, ...]:
    one = first(rows, "enter_long")
    other = dataclasses.replace(one, values={**one.values, "stop": 1.5})
    return tuple(other if row is one else row for row in rows)


def stale(rows: tuple[SignalRecord, ...]) -> tuple[SignalRecord, ...]:
    """As an engine that was away records them."""
    return tuple(dataclasses.replace(row, verdict="ignored", reason="stale") for row in rows)


def commanded(rows: tuple[SignalRecord, ...]) -> tuple[SignalRecord, ...]:
    return (*rows, dataclasses.replace(rows[0], action="flatten", values={"exit": True}))


CASES = {
    "one was not recorded": (without, "enter_long", "not recorded"),
    "one was never given": (invented, "enter_long", "recorded"),
    "another stop": (with_other_stop, "stop", "1.5"),
    "seen late": (stale, None, None),
    "a person's command": (commanded, None, None),
}


@pytest.mark.parametrize("case", CASES)
def test_recorded_signals(ran: tuple[Home, str], case: str) -> None:
    home, name = ran
    change, field, told = CASES[case]
    journal = Changed(home.journal, change(home.journal.signals(name)))
    found = signal_divergence(journal, Feeds({PAIR: BARS}), name)  # type: ignore[arg-type]
    assert (found and found.field, found and found.found) == (field, told)


def test_bars_that_were_changed_afterwards_are_found(ran: tuple[Home, str]) -> None:
    home, name = ran
    place = int(np.searchsorted(BARS.open_time, home.journal.signals(name)[3].bar_time))
    close = BARS.close.copy()
    close[place] *= 1.0003
    high, low = np.maximum(BARS.high, close), np.minimum(BARS.low, close)
    other = BarSeries(BARS.open_time, BARS.open, high, low, close, BARS.volume, BARS.interval_ms)
    found = signal_divergence(home.journal, Feeds({PAIR: other}), name)
    assert found is not None
    assert found.event == "signal"
