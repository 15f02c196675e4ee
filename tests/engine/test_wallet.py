"""Several activations on one wallet and one clock: allotments, limits, draining, flattening."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ledger_home import Feeds, Home, engine_on, run_to_end, walk

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.engine.parity import verify_parity
from tradepulse.risk import Limits
from tradepulse.storage.activating import request_deactivation

PAIRS = {"c1": "BTC/USDT", "c2": "ETH/USDT", "c3": "SOL/USDT"}


@pytest.fixture
def three(tmp_path: Path) -> tuple[Home, Feeds, dict[str, str]]:
    home = Home(tmp_path)
    feed = Feeds({pair: walk(700, seed) for seed, pair in enumerate(PAIRS.values())})
    names = {c: home.activate(c, pair=pair, allotment=3_000) for c, pair in PAIRS.items()}
    return home, feed, names


def held_together(home: Home, names: list[str]) -> int:
    """The most positions that were open at the same time, by entry and exit bar."""
    moments: list[tuple[int, int]] = []
    for name in names:
        for trade in home.journal.trades(name):
            moments += [(trade.entry_time, 1), (trade.exit_time, -1)]
        position = home.journal.position(name)
        moments += [] if position is None else [(position.entry_time, 1)]
    held = most = 0
    for _, change in sorted(moments):
        held += change
        most = max(most, held)
    return most


@pytest.mark.parametrize("most", [1, 2])
def test_limits_refuse_entries_and_parity_knows(
    three: tuple[Home, Feeds, dict[str, str]], most: int
) -> None:
    home, feed, names = three
    run_to_end(engine_on(home, feed, limits=Limits(max_open_trades=most)), *names.values())
    assert held_together(home, list(names.values())) == most
    refused = 0
    for name in names.values():
        reasons = [s.reason for s in home.journal.signals(name) if s.verdict == "refused"]
        refused += reasons.count("max_open_trades")
        assert verify_parity(home.journal, feed, name).verdict == "identical"
    assert refused > 5


def test_a_restart_judges_by_what_was_recorded(
    three: tuple[Home, Feeds, dict[str, str]], tmp_path: Path
) -> None:
    home, feed, names = three
    limits = Limits(max_open_trades=1)
    while True:
        engine = engine_on(home, feed, limits=limits, batch_bars=31)
        for name in names.values():
            engine.join(name)
        if not engine.advance():
            break
    restarted = {c: len(home.journal.trades(name)) for c, name in names.items()}
    (tmp_path / "other").mkdir()
    other = Home(tmp_path / "other")
    again = {c: other.activate(c, pair=pair, allotment=3_000) for c, pair in PAIRS.items()}
    run_to_end(engine_on(other, feed, limits=limits, batch_bars=31), *again.values())
    assert restarted == {c: len(other.journal.trades(name)) for c, name in again.items()}


def test_exposure_limit(three: tuple[Home, Feeds, dict[str, str]]) -> None:
    home, feed, names = three
    # Each allotment is 3,000 of a wallet of 10,000 and is spent whole: the second one fits, no
    # third.
    run_to_end(engine_on(home, feed, limits=Limits(max_exposure=0.65)), *names.values())
    reasons = [s.reason for n in names.values() for s in home.journal.signals(n)]
    assert "exposure" in reasons
    assert held_together(home, list(names.values())) == 2


def test_neighbours_never_change_a_quantity(
    three: tuple[Home, Feeds, dict[str, str]], tmp_path: Path
) -> None:
    home, feed, names = three
    run_to_end(engine_on(home, feed), *names.values())
    (tmp_path / "alone").mkdir()
    alone = Home(tmp_path / "alone")
    name = alone.activate("c2", pair="ETH/USDT", allotment=3_000)
    run_to_end(engine_on(alone, feed), name)
    mine = [(t.entry_time, t.quantity, t.pnl) for t in alone.journal.trades(name)]
    assert mine == [(t.entry_time, t.quantity, t.pnl) for t in home.journal.trades(names["c2"])]


def test_allotments_never_exceed_the_wallet(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.activate("c1", allotment=6_000)
    with pytest.raises(TradePulseError) as caught:
        home.activate("c2", allotment=6_000)
    assert caught.value.code == "allotment_exceeds_wallet"


def deactivate(home: Home, configuration: str, *, flatten: bool) -> None:
    with home.database.transaction() as tx:
        request_deactivation(tx, configuration, now_ms=1, flatten=flatten)


def moment(home: Home, feed: Feeds, name: str, *, holding: bool) -> Any:
    """An engine stopped at a bar on which the activation holds a position, or none."""
    engine = engine_on(home, feed, batch_bars=1)
    engine.join(name)
    for _ in range(300):
        engine.advance()
        desk = engine.core.desk(name)
        if engine.core.portfolio.accounts[name].index > 60 and (
            (desk.account.position is not None and not desk.exit_underway) if holding
            else desk.is_idle
        ):  # fmt: skip
            return engine
    raise AssertionError("the walk never came to such a moment")


@pytest.mark.parametrize("crash", [False, True], ids=["", "and-crashes"])
@pytest.mark.parametrize("flatten", [False, True], ids=["drain", "flatten"])
def test_deactivating_leaves_the_market(tmp_path: Path, flatten: bool, crash: bool) -> None:
    home, feed = Home(tmp_path), Feeds({"BTC/USDT": walk(700)})
    name = home.activate("c1", allotment=3_000)
    engine = moment(home, feed, name, holding=True)
    before = len(home.journal.trades(name))
    deactivate(home, "c1", flatten=flatten)
    asked_at = home.journal.load(name).activation.last_bar
    assert asked_at is not None
    engine.drain(name, flatten=flatten)
    if crash:
        engine = engine_on(home, feed, batch_bars=1)
        engine.join(name)
    while engine.advance():
        pass
    trades = home.journal.trades(name)
    assert home.journal.load(name).activation.state is ActivationState.STOPPED
    assert home.journal.position(name) is None
    assert len(trades) == before + 1
    if flatten:
        assert trades[-1].exit_time == asked_at + 60_000
        assert str(trades[-1].exit_reason) == "signal"
    assert verify_parity(home.journal, feed, name).verdict == "identical"
    assert engine.activations == ()


def test_draining_when_flat_stops_at_once(tmp_path: Path) -> None:
    home, feed = Home(tmp_path), Feeds({"BTC/USDT": walk(700)})
    name = home.activate("c1", allotment=3_000)
    engine = moment(home, feed, name, holding=False)
    engine.drain(name)
    assert home.journal.load(name).activation.state is ActivationState.STOPPED
    with home.database.reading() as tx:
        assert not tx.configurations.get("c1").is_active


def test_an_activation_without_bars_is_faulted_and_others_go_on(tmp_path: Path) -> None:
    home = Home(tmp_path)
    bars = walk(200)
    good = home.activate("c1", allotment=3_000)
    bad = home.activate("c2", allotment=3_000, pair="ETH/USDT")

    class Half(Feeds):
        def closed_bars(self, source: Any, after_ms: Any, limit: int) -> Any:
            if source.pair == "ETH/USDT":
                raise TradePulseError("symbol_not_found", "no bars of it")
            return super().closed_bars(source, after_ms, limit)

    run_to_end(engine_on(home, Half({"BTC/USDT": bars})), good, bad)
    found = home.journal.load(bad).activation
    assert found.state is ActivationState.FAULTED
    assert found.fault == "symbol_not_found: no bars of it"
    assert home.journal.load(good).activation.last_bar == bars.open_time[-1]
    assert home.journal.load(good).activation.allotment == Decimal(3_000)
