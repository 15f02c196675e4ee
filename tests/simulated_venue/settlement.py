"""When the faults are over and all is reconciled: the ledger is the venue, to the last unit."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from simulated_venue.laws import LawWatch
from simulated_venue.memory_ledger import MemoryLedger
from simulated_venue.sim_exchange import SimExchange
from simulated_venue.sim_market import TICK
from simulated_venue.sim_orders import SimOrder
from tradepulse.domain.ledger import Activation, OrderRecord
from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.money import to_decimal

_NEAR = Decimal("1e-9")
_LIVE = (OrderState.OPEN, OrderState.PARTIALLY_FILLED)


class Settlement:
    """The checks at the end of a run."""

    def __init__(self, exchange: SimExchange, ledger: MemoryLedger, laws: LawWatch) -> None:
        self._exchange = exchange
        self._ledger = ledger
        self._laws = laws

    def check(self) -> None:
        """Every difference is a violation; the first is kept."""
        for rule, message in (
            *self._fills(), *self._orders(), *self._positions(), *self._stops(), *self._cash()
        ):  # fmt: skip
            self._laws.breaks(rule, message)

    def _fills(self) -> Iterator[tuple[str, str]]:
        booked = {f.venue_trade_id: f for f in self._ledger.fills.values()}
        made = {f.trade_id: f for f in self._exchange.fills}
        for name in made.keys() - booked.keys():
            yield "ledger_is_venue", f"fill {made[name]} is not in the ledger"
        for name in booked.keys() - made.keys():
            yield "ledger_is_venue", f"fill {booked[name]} never happened"
        for name in made.keys() & booked.keys():
            fill, row = made[name], booked[name]
            same = (
                row.pair == fill.pair and row.side == ("buy" if fill.side > 0 else "sell")
                and row.quantity == to_decimal(fill.quantity)
                and row.price == to_decimal(fill.price)
                and abs(row.fee - to_decimal(fill.fee_quote)) <= _NEAR
            )  # fmt: skip
            if not same:
                yield "ledger_is_venue", f"fill {fill} was booked as {row}"

    def _orders(self) -> Iterator[tuple[str, str]]:
        for row in self._ledger.orders.values():
            at_venue = self._exchange.find(row.client_order_id)
            yield from self._order(row, at_venue is not None and at_venue.is_open)
            if at_venue is not None and abs(row.filled - at_venue.filled) > _NEAR:
                yield "ledger_is_venue", f"{at_venue} has filled {row.filled} in the ledger"
        for order in self._exchange.open_orders():
            if self._ledger.by_client_id(order.client_id) is None:
                yield "ledger_is_venue", f"{order} rests and nobody knows it"

    def _order(self, row: OrderRecord, rests: bool) -> Iterator[tuple[str, str]]:
        told = f"{row.client_order_id[:10]} {row.role} is {row.state} in the ledger"
        if rests and row.state.is_over:
            yield "ledger_is_venue", f"{told} and rests at the venue"
        elif not rests and row.state in _LIVE:
            yield "ledger_is_venue", f"{told} and does not rest at the venue"
        elif not row.state.is_over and row.state not in _LIVE:
            yield "resolved", f"{told} though every answer has come"

    def _positions(self) -> Iterator[tuple[str, str]]:
        for activation, pair in self._running():
            held = self._exchange.account.position(pair)
            rows = [p for p in self._ledger.positions.values() if p.activation_id == activation.id]
            booked = sum((row.side.sign * row.quantity for row in rows), Decimal(0))
            if len(rows) > 1:
                yield "one_exposure", f"{len(rows)} positions of {activation.id}"
            alike = abs(held - booked) <= _NEAR
            if not (alike or (not rows and self._laws.is_dust(pair, held))):
                yield "ledger_is_venue", f"{held} {pair} at the venue, {booked} in the ledger"
            net = self._ledger.net_base(activation.id)
            if abs(net - held) > _NEAR:
                yield "ledger_is_venue", f"{held} {pair} at the venue, {net} by the fills booked"

    def _stops(self) -> Iterator[tuple[str, str]]:
        for activation, pair in self._running():
            held = self._exchange.account.position(pair)
            stops = [o for o in self._exchange.open_orders(pair) if o.is_stop]
            wanted = 0 if self._laws.is_dust(pair, held) else 1
            if len(stops) != wanted:
                told = "; ".join(map(str, stops))
                yield "one_stop", f"{len(stops)} stops for {held} {pair}: {told}"
            elif stops and not self._laws.is_dust(pair, abs(held) - stops[0].remaining):
                yield "one_stop", f"{stops[0]} covers a part of {held}"
            elif stops and not self._stands(activation.id, stops[0]):
                yield "one_stop", f"{stops[0]} is not where the ledger has it"

    def _stands(self, activation_id: str, stop: SimOrder) -> bool:
        """Whether a stop is at the ledger's level, but for rounding to the tick."""
        levels = [
            p.stop for p in self._ledger.positions.values() if p.activation_id == activation_id
        ]
        trigger = stop.asked.trigger or Decimal(0)
        return any(level is not None and abs(level - trigger) <= TICK for level in levels)

    def _cash(self) -> Iterator[tuple[str, str]]:
        """What the trades say was earned is what the fills and settlements earned."""
        for activation, pair in self._running():
            rows = [p for p in self._ledger.positions.values() if p.activation_id == activation.id]
            if rows:
                continue
            trades = self._ledger.trades_of(activation.id)
            booked = sum((trade.pnl for trade in trades), Decimal(0))
            settled = sum(
                (to_decimal(s.cash) for s in self._exchange.funding if s.pair == pair), Decimal(0)
            )
            told = sum((trade.funding for trade in trades), Decimal(0))
            if abs(settled - told) > _NEAR * (1 + len(trades)):
                yield "funding_is_venues", f"{pair} was paid {settled}, the trades say {told}"
                continue
            earned = settled
            dearest = self._exchange.last[pair]
            for fill in self._exchange.fills:
                if fill.pair == pair:
                    dearest = max(dearest, to_decimal(fill.price))
                    earned -= fill.side * to_decimal(fill.quantity) * to_decimal(fill.price)
                    if not pair.startswith(f"{fill.fee_currency}/"):
                        # A fee kept from the coins was paid for with them.
                        earned -= to_decimal(fill.fee_quote)
            # The ledger ends a trade with its dust sold at the price of that moment.
            slack = abs(self._exchange.account.position(pair)) * dearest + _NEAR * (1 + len(trades))
            if abs(earned - booked) > slack:
                yield "ledger_is_venue", f"{pair} earned {earned}, the trades say {booked}"

    def _running(self) -> Iterator[tuple[Activation, str]]:
        for activation in self._ledger.activations.values():
            yield activation, self._ledger.configurations[activation.configuration_id].pair
