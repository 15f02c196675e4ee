"""A core with one activation at a venue, answered by hand: the wall clock is the test's own."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from tradepulse.domain.instrument import Instrument, Pair
from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.execution.effects import (
    CancelOrder,
    Effect,
    LookUp,
    OrderSaved,
    PlaceOrder,
    PlacePair,
)
from tradepulse.execution.events import (
    BarClosed,
    BarOpened,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderSent,
    SignalRow,
    Ticked,
)
from tradepulse.execution.orders import Order, Role
from tradepulse.execution.process import ExecutionCore
from tradepulse.execution.venue_side import VenueSide
from tradepulse.simulation.rules import Rules

NAME = "a"
MINUTE = 60_000
START = 1_000_000


def terms(pair: str = "BTC/USDT", *, lot: str = "0.001", native_oco: bool = True) -> MarketTerms:
    found = Instrument("binance", Pair.parse(pair), Decimal("0.01"), Decimal(lot), Decimal(5))
    perpetual = found.pair.settle is not None
    return MarketTerms(
        found, "BTCUSDT", Decimal(lot), max_leverage=Decimal(20),
        native_oco=native_oco and not perpetual,
    )  # fmt: skip


class VenueDesk:
    """Bars of a minute around 100; `wall` runs beside them and only `tick` moves it."""

    def __init__(self, pair: str = "BTC/USDT", rules: Rules | None = None) -> None:
        self.core = ExecutionCore()
        self.side = VenueSide(terms(pair), 5_000, 0.1, MINUTE)
        self.wall = self.side.wall = START
        agreed = rules or Rules(taker_fee_bps=0, slippage_bps=0, initial_cash=1_000.0)
        self.core.add(NAME, pair, agreed, venue=self.side)
        self.bar = 0
        self.trade = 0

    @property
    def time(self) -> int:
        return self.bar * MINUTE

    @property
    def position(self) -> Any:
        return self.core.portfolio.accounts[NAME].position

    def send(self, event: Any) -> tuple[Effect, ...]:
        return self.core.process(event)

    def tick(self, ms: int) -> tuple[Effect, ...]:
        self.wall += ms
        return self.send(Ticked(NAME, self.wall, self.time + ms))

    def close(self, close: float = 100.0, *, stale: bool = False, **signals: Any) -> Any:
        self.send(BarOpened(NAME, self.bar, self.time, 100.0))
        effects = self.send(
            BarClosed(NAME, self.time, self.time + MINUTE, max(close, 100.5), min(close, 99.5),
                      close, SignalRow(**signals), stale)
        )  # fmt: skip
        self.bar += 1
        return effects

    def sent(self, order: Order) -> tuple[Effect, ...]:
        return self.send(OrderSent(NAME, order.id, self.wall))

    def accept(self, order: Order) -> tuple[Effect, ...]:
        self.sent(order)
        return self.send(OrderAccepted(NAME, order.id, self.time, f"v{order.id[:6]}"))

    def fill(
        self, order: Order, quantity: float | None = None, price: float = 100.0,
        *, fee_base: float = 0.0, trade_id: str | None = None,
    ) -> tuple[Effect, ...]:  # fmt: skip
        self.trade += 1
        return self.send(
            OrderFilled(
                NAME, order.id, 0, order.quantity if quantity is None else quantity, price,
                fee_base * price, "taker", self.time, trade_id or f"t{self.trade}",
                "BTC" if fee_base else "USDT", fee_base, fee_base,
            )
        )  # fmt: skip

    def end(self, order: Order, filled: float = math.nan) -> tuple[Effect, ...]:
        return self.send(OrderCancelled(NAME, order.id, self.time, None, filled))

    def enter(self, **signals: Any) -> tuple[Effect, ...]:
        """A whole entry; the effects of its fill."""
        order = placed(self.close(enter_long=True, **signals))
        self.accept(order)
        return self.fill(order)

    def protected(self, **signals: Any) -> list[Order]:
        """A position whose legs the venue has."""
        legs = all_placed(self.enter(**signals))
        for leg in legs:
            self.accept(leg)
        return legs


def all_placed(effects: Any) -> list[Order]:
    """The orders that were asked for, stop before target."""
    found: list[Order] = []
    for effect in effects:
        if isinstance(effect, PlaceOrder):
            found.append(effect.approved.order)
        elif isinstance(effect, PlacePair):
            found += [effect.stop.order, effect.target.order]
    return found


def placed(effects: Any) -> Order:
    """The only order that was asked for; its row was written before."""
    (order,) = all_placed(effects)
    saved = [effect.order for effect in effects if isinstance(effect, OrderSaved)]
    assert any(row.id == order.id and row.state is OrderState.INTENDED for row in saved)
    return order


def cancelled(effects: Any) -> list[Role]:
    """The roles of the orders whose cancel was asked for."""
    return [effect.order.role for effect in effects if isinstance(effect, CancelOrder)]


def looked_up(effects: Any) -> list[str]:
    """The ids of the orders that were asked about."""
    return [effect.order.id for effect in effects if isinstance(effect, LookUp)]
