"""The laws of an account, watched at the venue itself after every turn of it.

Runs on the sandbox's own thread, so nothing that rests there, however briefly, is missed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.events import AlgoEvent, MarketEvent, OrderEvent
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.server.exchange import Exchange
from tradepulse.sandbox.values import SandboxOrder

_STOPS = frozenset({"STOP_LOSS", "STOP_LOSS_LIMIT"})
_NOTHING = Decimal(0)
_OF_ORDERS = (OrderEvent, AlgoEvent)


@dataclass
class _Naked:
    """A position without a stop: since when, wall clock."""

    since: float | None = None
    longest_ms: float = 0.0
    moments: int = 0


@dataclass
class AccountLaws:
    """What was broken, and for how long positions had no stop. `checks`: how often it looked.

    `on_order` is called, on the exchange's thread, whenever an order came, changed or filled:
    before the one who sent it has its answer.
    """

    exchange: Exchange
    broken: list[str] = field(default_factory=list)
    checks: int = 0
    on_order: Callable[[], None] | None = None
    most_closing: Decimal = _NOTHING
    _naked: dict[tuple[str, str], _Naked] = field(default_factory=dict)
    _start: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    def watch(self) -> AccountLaws:
        """Looks from now on after every turn and every request of the exchange."""
        publish = self.exchange.streams.publish

        def observed(events: Sequence[MarketEvent]) -> None:
            publish(events)
            if self.on_order is not None and any(isinstance(e, _OF_ORDERS) for e in events):
                self.on_order()
            for key in {event.key for event in events if hasattr(event, "key")}:
                self._look(key)

        self.exchange.streams.publish = observed  # type: ignore[method-assign]
        return self

    def naked_now_ms(self) -> dict[tuple[str, str], float]:
        """How long those are without a stop that have none now."""
        now = time.monotonic()
        return {
            place: (now - seen.since) * 1e3
            for place, seen in self._naked.items()
            if seen.since is not None
        }

    def naked_ms(self) -> dict[tuple[str, str], float]:
        """The longest each (key, symbol) was without a stop, wall milliseconds."""
        now = time.monotonic()
        return {
            place: max(seen.longest_ms, 0.0 if seen.since is None else (now - seen.since) * 1e3)
            for place, seen in self._naked.items()
        }

    @property
    def longest_naked_ms(self) -> float:
        """The longest of all."""
        return max(self.naked_ms().values(), default=0.0)

    def forget_naked(self) -> None:
        """Begins to count anew: what an absence of the engine cost is told by itself."""
        for seen in self._naked.values():
            seen.longest_ms = 0.0
            if seen.since is not None:
                seen.since = time.monotonic()

    # --- one look ---------------------------------------------------------------------------------
    def _look(self, key: str) -> None:
        market = self.exchange.market
        self.checks += 1
        for spec in market.specs(Market.SPOT):
            held, closing, stops = _spot(market, key, spec.symbol, spec.base)
            # Coins worth less than an order may be are dust: nothing can be placed for them.
            dust = spec.filters.min_notional / market.last_price(Market.SPOT, spec.symbol)
            least = max(spec.filters.lot, dust)
            self._judge(key, spec.symbol, held, closing, stops, least)
        amounts = {p.symbol: p.amount for p in market.positions(key)}
        for spec in market.specs(Market.PERPETUAL):
            held = amounts.get(spec.symbol, _NOTHING)
            closing, stops = _contracts(market, key, spec.symbol, held)
            self._judge(key, spec.symbol, abs(held), closing, stops, spec.filters.lot)

    def _judge(
        self, key: str, symbol: str, held: Decimal, closing: Decimal, stops: int, least: Decimal
    ) -> None:
        self.most_closing = max(self.most_closing, closing)
        if closing > held:
            self._breaks(f"{key} {symbol}: {closing} rests to close {held}")
        if stops > 1:
            self._breaks(f"{key} {symbol}: {stops} stops rest at once")
        seen = self._naked.setdefault((key, symbol), _Naked())
        is_naked = held >= least and stops == 0
        now = time.monotonic()
        if is_naked and seen.since is None:
            seen.since, seen.moments = now, seen.moments + 1
        elif not is_naked and seen.since is not None:
            seen.longest_ms = max(seen.longest_ms, (now - seen.since) * 1e3)
            seen.since = None

    def _breaks(self, told: str) -> None:
        if len(self.broken) < 100:
            self.broken.append(f"{self.exchange.market.now}: {told}")


def _spot(market: SandboxMarket, key: str, symbol: str, base: str) -> tuple[Decimal, Decimal, int]:
    """(coins held, resting to be sold, stops). An OCO list sells its quantity once."""
    held = sum(
        (b.free + b.locked for b in market.spot_balances(key) if b.asset == base), _NOTHING
    )  # fmt: skip
    sells = [o for o in market.open_orders(key, Market.SPOT, symbol) if o.side == "SELL"]
    return held, _once_a_list(sells), sum(o.type in _STOPS for o in sells)


def _once_a_list(orders: Sequence[SandboxOrder]) -> Decimal:
    by_list: dict[int, Decimal] = {}
    for order in orders:
        place = order.order_id if order.list_id == -1 else -order.list_id - 2
        by_list[place] = max(by_list.get(place, _NOTHING), order.remaining)
    return sum(by_list.values(), _NOTHING)


def _contracts(
    market: SandboxMarket, key: str, symbol: str, held: Decimal
) -> tuple[Decimal, int]:  # fmt: skip
    side = "SELL" if held > 0 else "BUY"
    algos = market.open_algo_orders(key, symbol)
    plain = [o for o in market.open_orders(key, Market.PERPETUAL, symbol) if o.reduce_only]
    closing = sum((a.quantity for a in algos), _NOTHING)
    closing += sum((o.remaining for o in plain), _NOTHING)
    stops = [a for a in algos if a.type == "STOP_MARKET" and (not held or a.side == side)]
    return closing, len(stops)
