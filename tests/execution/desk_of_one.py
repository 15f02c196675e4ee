"""A core with one activation, brought to where a test needs it by events alone."""

from __future__ import annotations

from typing import Any

from tradepulse.execution.effects import Effect, PlaceOrder
from tradepulse.execution.events import (
    BarClosed,
    BarOpened,
    OrderAccepted,
    OrderFilled,
    OrderSent,
    SignalRow,
)
from tradepulse.execution.orders import Order
from tradepulse.execution.process import ExecutionCore
from tradepulse.simulation.rules import Rules

NAME = "a"
MINUTE = 60_000


class Desk:
    """Bars of a minute at a price of 100, closed one after another."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.core = ExecutionCore()
        self.core.add(NAME, "BTC/USDT", rules or Rules(taker_fee_bps=0, slippage_bps=0))
        self.bar = 0

    @property
    def time(self) -> int:
        return self.bar * MINUTE

    def send(self, event: Any) -> tuple[Effect, ...]:
        return self.core.process(event)

    def close(
        self, high: float = 100.5, low: float = 99.5, close: float = 100.0, **signals: Any
    ) -> Any:
        """Closes a bar; the effects of its decision."""
        self.send(BarOpened(NAME, self.bar, self.time, 100.0))
        effects = self.send(
            BarClosed(NAME, self.time, self.time + MINUTE, high, low, close, SignalRow(**signals))
        )
        self.bar += 1
        return effects

    def placed(self, effects: Any) -> Order:
        """The only order that is placed, acknowledged."""
        (order,) = [effect.approved.order for effect in effects if isinstance(effect, PlaceOrder)]
        self.send(OrderSent(NAME, order.id, self.time))
        self.send(OrderAccepted(NAME, order.id, self.time))
        return order

    def fill(
        self, order_id: str, quantity: float, price: float = 100.0, number: int = 1
    ) -> tuple[Effect, ...]:
        return self.send(
            OrderFilled(NAME, order_id, number, quantity, price, 0.0, "taker", self.time)
        )

    def enter(self, **signals: Any) -> Order:
        """A filled entry."""
        order = self.placed(self.close(enter_long=True, **signals))
        self.send(BarOpened(NAME, self.bar, self.time, 100.0))
        self.fill(order.id, order.quantity)
        return order

    @property
    def position(self) -> Any:
        return self.core.portfolio.accounts[NAME].position
