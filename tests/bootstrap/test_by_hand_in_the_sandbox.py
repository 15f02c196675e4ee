"""A person beside an engine that trades in the sandbox, with nothing but the database between
them."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from traded_world import TradedWorld, now_ms, trading_world

from tradepulse.bootstrap.trading import TradingFloor
from tradepulse.bootstrap.wishes import WishWatch
from tradepulse.domain.instrument import Market
from tradepulse.domain.manual_command import CommandState, ManualCommand
from tradepulse.storage.explaining import explain_order
from tradepulse.storage.manual_wishes import (
    Asker,
    WishedOrder,
    request_close,
    request_order,
    request_stop,
)
from tradepulse.storage.settings_changes import Change, change_settings

T = TypeVar("T")


def wait_for(wanted: Callable[[], T | None], seconds: float = 40.0) -> T:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := wanted():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come")


class Person:
    """Writes wishes and reads what came of them."""

    def __init__(self, world: TradedWorld) -> None:
        self.world = world

    def ask(self, request: Any, *said: Any) -> ManualCommand:
        with self.world.app.database.transaction() as tx:
            asked = request(tx, *said, Asker("ada", now_ms()))
        return wait_for(lambda: self._answered(asked.id))

    def _answered(self, command_id: str) -> ManualCommand | None:
        with self.world.app.database.reading() as tx:
            found = tx.manual.get(command_id)
        return None if found.state is CommandState.WAITING else found

    @property
    def position(self) -> Any:
        with self.world.app.database.reading() as tx:
            held = tx.positions.open(activation_id=self.world.activation_id)
        return held[0] if held else None

    def resting(self, price: Decimal) -> bool:
        """Whether the ledger has a stop that the exchange acknowledged at that price."""
        return any(
            o.role == "stop" and o.state == "OPEN" and o.price == price for o in self.world.orders
        )

    def enter(self, price: float) -> ManualCommand:
        stop = Decimal(str(round(price * 0.99, 1)))
        wished = WishedOrder(self.world.activation_id, "buy", stop, risk_pct=Decimal("0.2"))
        return self.ask(request_order, wished)


@pytest.mark.slow
def test_stop_close_order_and_limits_reach_a_trading_engine(tmp_path: Path) -> None:
    with trading_world(tmp_path, Market.PERPETUAL) as world:
        person = Person(world)
        with (
            TradingFloor(world.app) as floor,
            floor.manager() as manager,
            WishWatch(world.app.database, manager.reload_active_configurations),
        ):
            world.sandbox.clock(speed=480.0)
            wait_for(lambda: person.position, 60.0)
            world.sandbox.clock(speed=2.0)
            _by_hand(world, person)


def _by_hand(world: TradedWorld, person: Person) -> None:
    held = wait_for(lambda: person.position)
    away = Decimal("0.985") if held.side == "long" else Decimal("1.015")
    wanted = (held.entry_price * away).quantize(Decimal("0.1"))
    moved = person.ask(request_stop, held.id, wanted)
    assert moved.state is CommandState.DONE, moved.answer
    wait_for(lambda: person.resting(wanted))
    assert person.ask(request_close, held.id).state is CommandState.DONE
    wait_for(lambda: person.position is None or person.position.id != held.id)
    trade = next(t for t in world.trades if t.id == held.id)
    assert trade.exit_reason == "signal"
    exit_ = next(o for o in world.orders if o.role == "exit" and o.reason == "manual")
    told = explain_order(world.app.database, world.app.bars, exit_.id).as_json()
    assert [c["action"] for c in told["by_hand"]] == ["stop", "close"]
    assert {c["asked_by"] for c in told["by_hand"]} == {"ada"}
    _order_and_limits(world, person, float(trade.exit_price))


def _order_and_limits(world: TradedWorld, person: Person, price: float) -> None:
    made = person.enter(price)
    assert made.state is CommandState.DONE, made.answer
    order_id = (made.answer or {})["order_id"]
    held = wait_for(lambda: person.position)
    wait_for(lambda: person.resting(Decimal((made.answer or {})["stop"])))
    told = explain_order(world.app.database, world.app.bars, order_id).as_json()
    assert (told["signal"]["recorded"]["action"], told["signal"]["is"]) == ("manual_enter", "own")
    assert told["by_hand"][0]["answer"]["order_id"] == order_id
    with world.app.database.transaction() as tx:
        asked = Change("careful", "ada", now_ms(), {"risk.max_leverage": 1})
        change_settings(tx, world.app.current.layers, asked)
    time.sleep(2.0)
    person.ask(request_close, held.id)
    wait_for(lambda: person.position is None)
    refused = person.enter(price)
    assert (refused.state, refused.code) == (CommandState.REFUSED, "leverage"), refused.answer
