"""Commands by hand on paper: done once, replayed by a restart, and told to the kernel."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ledger_home import MINUTE, NOW, START, Crash, CrashingJournal, Feeds, Home, engine_on, walk

from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.ledger import PositionRecord
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.domain.manual_command import CommandState, ManualCommand
from tradepulse.engine.parity import verify_parity
from tradepulse.engine.trading import TradingEngine
from tradepulse.risk import Limits
from tradepulse.simulation.rules import Rules
from tradepulse.storage.activating import request_leave
from tradepulse.storage.hands_in import hands_in
from tradepulse.storage.manual_wishes import (
    Asker,
    WishedOrder,
    request_cancel,
    request_close,
    request_order,
    request_stop,
)

BARS = 500
ME = Asker("me", NOW)


class Hands:
    """One activation, driven bar by bar, with a person beside it."""

    def __init__(self, folder: Path, **about: Any) -> None:
        self.home = Home(folder)
        rules = about.get("rules")
        perpetual = rules is not None and rules.is_perpetual
        pair = "BTC/USDT:USDT" if perpetual else "BTC/USDT"
        stamps = START // 3_600_000 * 3_600_000 + 3_600_000 * np.arange(-2, 20, dtype=np.int64)
        funding = FundingSeries(stamps, np.full(len(stamps), 1e-4)) if perpetual else None
        self.bars = walk(BARS, 1)
        self.funding = funding
        self.name = self.home.activate(pair=pair, **about)
        self.pair = pair
        self.seen = 0
        self.engine = self.started()

    def feed(self, count: int = BARS) -> Feeds:
        return Feeds({self.pair: self.bars.slice(0, count)}, self.funding)

    def started(self, **more: Any) -> TradingEngine:
        engine = engine_on(self.home, self.feed(max(self.seen, 1)), **more)
        engine.join(self.name)
        return engine

    def see(self, bars: int = 1) -> None:
        """So many bars more."""
        for _ in range(bars):
            self.seen += 1
            self.engine.feed = self.feed(self.seen)
            self.engine.advance()

    def until(self, wanted: Any) -> Any:
        while not (found := wanted()):
            assert self.seen < BARS
            self.see()
        return found

    def ask(self, request: Any, *said: Any, obeyed: bool = True) -> ManualCommand:
        with self.home.database.transaction() as tx:
            command = request(tx, *said, ME)
        if obeyed:
            self.engine.obey(self.name)
        return self.told(command.id)

    def told(self, command_id: str) -> ManualCommand:
        with self.home.database.reading() as tx:
            return tx.manual.get(command_id)

    def enter(self, side: str = "buy", **size: Any) -> ManualCommand:
        price = self.close
        stop = round(price * (0.99 if side == "buy" else 1.01), 2)
        size = size or {"risk_pct": 1}
        made = {name: Decimal(str(value)) for name, value in {"stop": stop, **size}.items()}
        return self.ask(request_order, WishedOrder(self.name, side, **made))

    @property
    def close(self) -> float:
        return float(self.bars.close[self.seen - 1])

    @property
    def position(self) -> PositionRecord | None:
        return self.home.journal.position(self.name)

    def ledger(self) -> Any:
        return self.home.ledger(self.name)

    def check_restart_and_parity(self) -> None:
        """A restart from here goes on as the engine that never stopped, and the kernel agrees."""
        self.engine = self.started()
        self.see(40)
        report = verify_parity(self.home.journal, self.feed(), self.name)
        assert report.verdict == "identical", report.first_divergence


@pytest.fixture
def hands(tmp_path: Path) -> Hands:
    return Hands(tmp_path)


def flat(hands: Hands) -> bool:
    desk = hands.engine.core.desk(hands.name)
    return hands.seen > 20 and desk.is_idle


# --- what is done ---------------------------------------------------------------------------------
def test_a_position_is_closed_and_the_activation_goes_on(hands: Hands) -> None:
    position = hands.until(lambda: hands.position)
    command = hands.ask(request_close, position.id)
    assert (command.state, command.code) == (CommandState.DONE, None)
    assert command.answer is not None
    assert command.answer["exit"] is True
    again = hands.ask(request_close, position.id)
    assert (again.state, again.code) == (CommandState.REFUSED, "already_leaving")
    hands.see()
    trade = hands.home.journal.trades(hands.name)[-1]
    assert (trade.id, trade.exit_time, trade.exit_reason) == (
        position.id, START + (hands.seen - 1) * MINUTE, "signal",
    )  # fmt: skip
    orders = hands.ledger()["orders"]
    assert [o.reason for o in orders if o.role == "exit"][-1] == "manual"
    state = hands.home.journal.load(hands.name).activation.state
    assert state is not ActivationState.DRAINING
    hands.until(lambda: hands.position)
    hands.check_restart_and_parity()


def test_a_stop_is_moved_and_a_trail_goes_on_from_there(hands: Hands) -> None:
    position = hands.until(lambda: hands.position)
    side = position.side.sign
    wanted = Decimal(str(round(hands.close - side * 3.0, 2)))
    command = hands.ask(request_stop, position.id, wanted)
    assert command.state is CommandState.DONE
    moved = hands.position
    assert moved is not None
    assert moved.stop == wanted
    tight = Decimal(str(round(hands.close - side * 0.02, 2)))
    assert hands.ask(request_stop, position.id, tight).state is CommandState.DONE
    hands.until(lambda: hands.position is None or hands.position.id != position.id)
    trade = next(t for t in hands.home.journal.trades(hands.name) if t.id == position.id)
    assert trade.exit_reason in ("stop", "trail")
    hands.check_restart_and_parity()


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_an_order_by_hand_goes_the_way_of_a_signal(tmp_path: Path, side: str) -> None:
    rules = Rules(market="perpetual", allow_short=True, leverage=3.0, tick=0.01, lot=0.001)
    hands = Hands(tmp_path, rules=rules)
    hands.until(lambda: flat(hands))
    equity = hands.engine.core.desk(hands.name).account.equity
    command = hands.enter(side)
    assert command.state is CommandState.DONE, command.answer
    answer = dict(command.answer or {})
    assert float(answer["risk"]) == pytest.approx(equity * 0.01, rel=0.01)
    assert hands.enter(side).code == "entry_pending"
    hands.see()
    position = hands.position
    assert position is not None
    assert (str(position.side), position.stop) == (
        "long" if side == "buy" else "short", Decimal(answer["stop"]),
    )  # fmt: skip
    assert hands.enter(side).code == "in_position"
    entry = next(o for o in hands.ledger()["orders"] if o.id == answer["order_id"])
    assert (entry.role, entry.reason) == ("entry", "manual")
    assert entry.bracket["tag"] == "manual"
    hands.ask(request_close, position.id)
    hands.see()
    assert hands.home.journal.trades(hands.name)[-1].tag == "manual"
    hands.check_restart_and_parity()


def test_an_entry_under_way_is_cancelled(hands: Hands) -> None:
    hands.until(lambda: flat(hands))
    command = hands.enter(quantity=0.5)
    order_id = (command.answer or {})["order_id"]
    back = hands.ask(request_cancel, order_id)
    assert (back.state, (back.answer or {})["called_back"]) == (CommandState.DONE, True)
    hands.see()
    assert hands.position is None
    assert next(o for o in hands.ledger()["orders"] if o.id == order_id).state == "CANCELLED"
    hands.check_restart_and_parity()


def test_many_commands_on_one_bar_are_replayed_in_their_order(hands: Hands) -> None:
    hands.until(lambda: flat(hands))
    first = hands.enter(quantity=0.5)
    hands.ask(request_cancel, (first.answer or {})["order_id"])
    second = hands.enter(quantity=0.25)
    assert second.state is CommandState.DONE
    hands.see()
    position = hands.position
    assert position is not None
    assert position.quantity == Decimal("0.25")
    for away in (2.0, 1.0, 1.5):
        price = Decimal(str(round(hands.close - away, 2)))
        assert hands.ask(request_stop, position.id, price).state is CommandState.DONE
    hands.ask(request_close, position.id)
    hands.check_restart_and_parity()


def test_a_first_stop_where_the_strategy_has_none(tmp_path: Path) -> None:
    from tradepulse.strategies.api import Bars, Signals, Strategy

    class Bare(Strategy):
        """In on a cross, out on the other."""

        def signals(self, bar: Bars) -> Signals:
            quick, slow = bar.close.sma(3), bar.close.sma(8)
            return Signals(
                enter_long=quick.crosses_above(slow), exit_long=quick.crosses_below(slow)
            )

    hands = Hands(tmp_path, strategy=Bare())
    position = hands.until(lambda: hands.position)
    assert position.stop is None
    price = Decimal(str(round(hands.close - 0.05, 2)))
    assert hands.ask(request_stop, position.id, price).state is CommandState.DONE
    hands.until(lambda: hands.position is None)
    assert hands.home.journal.trades(hands.name)[-1].exit_reason == "stop"
    hands.check_restart_and_parity()


# --- what is refused ------------------------------------------------------------------------------
def test_a_stop_on_the_wrong_side_or_off_the_grid_is_refused(hands: Hands) -> None:
    position = hands.until(lambda: hands.position)
    side = position.side.sign
    for price, code in (
        (round(hands.close + side * 1.0, 2), "stop_wrong_side"),
        (round(hands.close - side * 1.0, 2) + 0.005, "off_tick"),
    ):
        command = hands.ask(request_stop, position.id, Decimal(str(price)))
        assert (command.state, command.code) == (CommandState.REFUSED, code)
        assert command.answer is not None
        assert command.answer["expected"]
        assert command.answer["found"]
    held = hands.position
    assert held is not None
    assert held.stop == position.stop


def test_a_stop_beyond_the_liquidation_is_refused(tmp_path: Path) -> None:
    rules = Rules(market="perpetual", allow_short=True, leverage=20.0, tick=0.01, lot=0.001)
    hands = Hands(tmp_path, rules=rules)
    position = hands.until(lambda: hands.position)
    far = Decimal(str(round(hands.close * (1 - position.side.sign * 0.2), 2)))
    assert hands.ask(request_stop, position.id, far).code == "stop_beyond_liquidation"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"stop": 0.9, "quantity": 0.00001}, "no_quantity"),
        ({"stop": 1.1, "risk_pct": 1}, "stop_wrong_side"),
        ({"stop": 0.9, "target": 0.95, "risk_pct": 1}, "target_wrong_side"),
    ],
)
def test_an_order_that_cannot_be_is_refused(hands: Hands, said: Any, code: str) -> None:
    hands.until(lambda: flat(hands))
    levels = ("stop", "target")
    made = {
        name: Decimal(str(round(hands.close * value, 2) if name in levels else value))
        for name, value in said.items()
    }
    command = hands.ask(request_order, WishedOrder(hands.name, "buy", **made))
    assert (command.state, command.code) == (CommandState.REFUSED, code)
    assert hands.enter("sell").code == "shorts_not_allowed"


def test_limits_of_the_wallet_hold_for_a_person_too(tmp_path: Path) -> None:
    hands = Hands(tmp_path)
    hands.until(lambda: flat(hands))
    hands.engine.core.desk(hands.name).account.entries_blocked = "paused"
    assert hands.enter().code == "paused"
    hands.engine = hands.started(limits=Limits(max_exposure=0.0001))
    refused = hands.enter()
    assert (refused.code, bool((refused.answer or {})["expected"])) == ("exposure", True)


def test_an_order_whose_moment_has_passed_is_not_made(hands: Hands) -> None:
    hands.until(lambda: flat(hands))
    late = Asker("me", NOW - 61_000)
    stop = Decimal(str(round(hands.close - 1, 2)))
    wished = WishedOrder(hands.name, "buy", stop, risk_pct=Decimal(1))
    with hands.home.database.transaction() as tx:
        command = request_order(tx, wished, late)
    hands.engine.obey(hands.name)
    assert hands.told(command.id).code == "expired"


def test_what_waits_for_an_activation_that_ends_is_refused(hands: Hands) -> None:
    position = hands.until(lambda: hands.position)
    command = hands.ask(request_close, position.id, obeyed=False)
    hands.home.journal.set_state(hands.name, ActivationState.STOPPED, NOW)
    assert hands.told(command.id).code == "not_active"


# --- once, whatever happens -----------------------------------------------------------------------
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_around_the_answer_does_it_once(tmp_path: Path, after: bool) -> None:
    hands = Hands(tmp_path)
    hands.until(lambda: flat(hands))
    hands.engine = hands.started(journal=CrashingJournal(hands.home.database, 0, after=after))
    stop = Decimal(str(round(hands.close - 1, 2)))
    wished = WishedOrder(hands.name, "buy", stop, quantity=Decimal("0.5"))
    with pytest.raises(Crash):
        hands.ask(request_order, wished)
    hands.engine = hands.started()
    hands.engine.obey(hands.name)
    hands.engine.obey(hands.name)
    hands.see()
    entries = [o for o in hands.ledger()["orders"] if o.reason == "manual"]
    assert len(entries) == 1
    assert hands.position is not None
    hands.check_restart_and_parity()


def test_a_drain_after_a_command_is_replayed_after_it(hands: Hands) -> None:
    hands.until(lambda: flat(hands))
    hands.enter(quantity=0.5)
    hands.see()
    hands.ask(request_close, hands.position.id)  # type: ignore[union-attr]
    with hands.home.database.transaction() as tx:
        activation = tx.activations.get(hands.name)
        request_leave(tx, activation, now_ms=NOW, flatten=True)
    hands.engine.drain(hands.name, flatten=True)
    again = engine_on(hands.home, hands.feed(hands.seen))
    again.join(hands.name)
    hands.engine = again
    hands.see(2)
    assert hands.home.journal.load(hands.name).activation.state is ActivationState.STOPPED
    assert verify_parity(hands.home.journal, hands.feed(), hands.name).verdict == "identical"


def test_a_persons_trades_are_no_evidence_of_the_strategy(hands: Hands) -> None:
    hands.until(lambda: flat(hands))
    hands.enter(quantity=0.5)
    hands.see()
    hands.ask(request_close, hands.position.id)  # type: ignore[union-attr]
    hands.see()
    strategys = hands.until(lambda: hands.position and hands.position.id)
    hands.ask(request_close, strategys)
    hands.see(2)
    trades, signals = hands.home.journal.trades(hands.name), hands.home.journal.signals(hands.name)
    found = hands_in(trades, hands.position, signals)
    assert [t.tag for t in trades if t.id in found.made] == ["manual"]
    assert found.left == {strategys}
