"""The simulated venue's own truth: what rests, what filled, what is owned. As strict as a real one.

It knows nothing of networks: requests reach it by `place` and `cancel`, and what it has to say goes
to `tell`, report by report, in the order it happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import count

from simulated_venue.event_trace import EventTrace
from simulated_venue.scenario import Dice, Scenario
from simulated_venue.sim_account import (
    MAKER,
    QUOTE,
    TAKER,
    THIRD,
    ContractAccount,
    SpotAccount,
)
from simulated_venue.sim_clock import SimClock
from simulated_venue.sim_market import FUNDING_RATE, LEAST, LOT, TICK
from simulated_venue.sim_orders import OrderRequest, SimOrder, VenueRefusalError
from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.lifecycle import OrderState
from tradepulse.execution.orders import Kind
from tradepulse.execution.venue import (
    Accepted,
    Ended,
    Filled,
    ForcedFill,
    FundingSettled,
    PriceSeen,
    VenueFill,
    VenueReport,
)

_S = OrderState
_NOTHING = Decimal(0)


class SimExchange:
    """One account. `tell` hears every report, `arrived` every order before it is taken; `changed`
    is called after whatever changed a pair."""

    def __init__(
        self, scenario: Scenario, clock: SimClock, dice: Dice, trace: EventTrace, cash: Decimal
    ) -> None:
        self.clock = clock
        self.trace = trace
        self.last: dict[str, Decimal] = {}
        self.halted: set[str] = set()
        self.lost: Counter[str] = Counter()  # requests that never arrived, by pair
        self.orders: list[SimOrder] = []
        self._open: list[SimOrder] = []
        self.fills: list[VenueFill] = []
        self.forced: list[VenueFill] = []
        self.funding: list[FundingSettled] = []
        self.tell: Callable[[VenueReport], None] = lambda _: None
        self.arrived: Callable[[SimOrder], None] = lambda _: None
        self.changed: Callable[[str], None] = lambda _: None
        self.spot = scenario.market is Market.SPOT
        self._dice = dice
        self._numbers = count(1)
        self.account: SpotAccount | ContractAccount = ContractAccount(cash, scenario.leverage)
        if self.spot:
            coins = {THIRD: Decimal(1)} if scenario.fee_in == "third" else {}
            if scenario.own_coins:
                coins |= {Pair.parse(pair).base: Decimal(50) for pair in scenario.pairs}
            self.account = SpotAccount(cash, coins, scenario.fee_in)

    # --- what is asked of it ----------------------------------------------------------------------
    def open_orders(self, pair: str | None = None) -> list[SimOrder]:
        """Orders that may still fill."""
        self._open = [order for order in self._open if order.is_open]
        return [order for order in self._open if pair is None or order.pair == pair]

    def find(self, client_id: str) -> SimOrder | None:
        """The newest order of that id."""
        return next((o for o in reversed(self.orders) if o.client_id == client_id), None)

    def place(self, asked: Sequence[OrderRequest]) -> None:
        """Takes one order, or two as a group. Error VenueRefusalError: neither was taken."""
        for order in asked:
            self._check_filters(order)
            self._check_price(order)
        first = asked[0]
        self.account.check(first, self._worth(first), self.open_orders())
        group = f"list-{next(self._numbers)}" if len(asked) > 1 else None
        made = [SimOrder(f"v{next(self._numbers)}", a, group, self.clock.now) for a in asked]
        for order in made:
            self.arrived(order)
            self.orders.append(order)
            self._open.append(order)
            self.trace.add(self.clock.now, "accepted", str(order))
            self.tell(Accepted(order.client_id, order.venue_id, self.clock.now))
        for order in made:
            if order.asked.kind is Kind.MARKET:
                self._take(order)
            elif order.asked.kind is Kind.LIMIT and self._crosses(order):
                self._fill(order, order.remaining, self.last[order.pair], TAKER)
        self.changed(first.pair)

    def cancel(self, client_id: str) -> bool:
        """Ends an order and the other of its group; False: there is no such open order."""
        found = self.find(client_id)
        if found is None or not found.is_open:
            return False
        for order in [found, *self._siblings(found)]:
            self._end(order, _S.CANCELLED)
        self.changed(found.pair)
        return True

    # --- what happens to it -----------------------------------------------------------------------
    def trade(self, pair: str, price: Decimal) -> None:
        """Somebody traded at `price`: resting orders meet it."""
        self.last[pair] = price
        self.tell(PriceSeen(pair, float(price), self.clock.now))
        if not self.spot and self._liquidate(pair, price):
            return
        for order in self.open_orders(pair):
            if not order.is_open:
                continue  # the other of its group was met first
            if order.is_stop and not order.triggered:
                self._maybe_trigger(order, price)
            elif not order.waits and self._crosses(order):
                thin = self._dice.strikes("thin_book")
                self._fill(order, self._part(order) if thin else order.remaining, None, MAKER)
        self.changed(pair)

    def meddle(self, pair: str) -> None:
        """A person cancels what rests, at the venue's own page."""
        for order in self.open_orders(pair):
            if order.is_stop and not order.triggered:
                self.trace.add(self.clock.now, "meddled", str(order))
                self.cancel(order.client_id)
                return

    def settle_funding(self, pair: str, time_ms: int) -> None:
        """Pays funding on what is held."""
        account = self.account
        if isinstance(account, SpotAccount) or not account.position(pair):
            return
        cash = account.settle(pair, self.last[pair], Decimal(str(FUNDING_RATE)))
        settled = FundingSettled(pair, float(cash), time_ms)
        self.funding.append(settled)
        self.trace.add(self.clock.now, "funding", pair, cash)
        self.tell(settled)

    # --- its rules --------------------------------------------------------------------------------
    def _check_filters(self, asked: OrderRequest) -> None:
        if asked.pair in self.halted:
            raise VenueRefusalError("rejected", "Market is closed.")
        if any(o.client_id == asked.client_id for o in self.open_orders()):
            raise VenueRefusalError("duplicate_id", "Duplicate order sent.")
        if asked.quantity <= 0 or asked.quantity % LOT:
            raise VenueRefusalError("lot_size", "Filter failure: LOT_SIZE")
        if any(price is not None and price % TICK for price in (asked.trigger, asked.limit)):
            raise VenueRefusalError("price_filter", "Filter failure: PRICE_FILTER")
        if (self.spot or not asked.reduces) and asked.quantity * self._worth(asked) < LEAST:
            raise VenueRefusalError("min_notional", "Filter failure: NOTIONAL")

    def _check_price(self, asked: OrderRequest) -> None:
        last = self.last[asked.pair]
        if asked.trigger is not None and asked.side * (last - asked.trigger) >= 0:
            raise VenueRefusalError("would_trigger", "Stop price would trigger immediately.")
        if asked.limit_maker and asked.limit is not None and asked.side * (asked.limit - last) >= 0:
            raise VenueRefusalError("would_trigger", "Order would immediately match and take.")

    def _worth(self, asked: OrderRequest) -> Decimal:
        return asked.limit or asked.trigger or self.last[asked.pair]

    def _crosses(self, order: SimOrder) -> bool:
        """Whether the last trade went through a limit (F7: a touch does not fill)."""
        limit = order.asked.limit
        return limit is not None and order.side * (limit - self.last[order.pair]) > 0

    def _part(self, order: SimOrder) -> Decimal:
        share = Decimal(self._dice.between("thin_book", 1, 99)) / 100
        return max((order.remaining * share // LOT) * LOT, min(LOT, order.remaining))

    def _take(self, order: SimOrder) -> None:
        """A market order, or what is left of one, meets the book: whole, in parts, or not all."""
        if order.asked.reduces and not self.spot:
            held = abs(self.account.position(order.pair))
            if held < order.remaining:
                if held:
                    self._fill(order, held, self._book_price(order, 1), TAKER)
                self._end(order, _S.EXPIRED)
                return
        thin, expires = self._dice.strikes("thin_book"), self._dice.strikes("expires")
        if not (thin or expires):
            self._fill(order, order.remaining, self._book_price(order, 1), TAKER)
            return
        self._fill(order, self._part(order), self._book_price(order, 1), TAKER)
        if order.is_open and expires:
            self._end(order, _S.EXPIRED)
        elif order.is_open and self._dice.stream("thin_book").random() < 0.5:
            self._fill(order, order.remaining, self._book_price(order, 4), TAKER)
        if order.is_open:
            order.waits = True
            self.clock.after(
                self._dice.between("thin_book", 100, 5000), lambda: self._resume(order)
            )

    def _resume(self, order: SimOrder) -> None:
        """The rest of a market order finds somebody after all."""
        if order.is_open:
            self._take(order)
            self.changed(order.pair)

    def _book_price(self, order: SimOrder, ticks: int) -> Decimal:
        return self.last[order.pair] + order.side * ticks * TICK

    def _maybe_trigger(self, order: SimOrder, price: Decimal) -> None:
        trigger = order.asked.trigger
        if trigger is None or order.side * (price - trigger) < 0:
            return
        order.triggered = True
        self.trace.add(self.clock.now, "triggered", str(order))
        for other in self._siblings(order):
            self._end(other, _S.EXPIRED)
        if not self.spot:
            self._take(order)
        elif self._crosses(order):
            self._fill(order, order.remaining, self._book_price(order, 1), TAKER)

    def _fill(
        self, order: SimOrder, quantity: Decimal, price: Decimal | None, rate: Decimal
    ) -> None:
        limit = order.asked.limit
        at = price if price is not None else limit
        if limit is not None and at is not None:
            at = max(at, limit) if order.side < 0 else min(at, limit)
        if at is None or not order.is_open:
            return
        fee = self.account.book(order.pair, order.side, quantity, at, rate)
        order.filled += quantity
        order.state = _S.PARTIALLY_FILLED if order.remaining else _S.FILLED
        fill = VenueFill(
            f"t{next(self._numbers)}", order.client_id, order.venue_id, order.pair, order.side,
            float(quantity), float(at), float(fee.amount), fee.currency, float(fee.in_quote),
            "taker" if rate == TAKER else "maker", self.clock.now,
        )  # fmt: skip
        order.fills.append(fill)
        self.fills.append(fill)
        if not order.is_open:
            order.ended_at = self.clock.now
        self.trace.add(self.clock.now, "fill", f"{quantity} at {at}:", str(order))
        self.tell(Filled(fill))
        for other in self._siblings(order):
            self._end(other, _S.EXPIRED)

    def _end(self, order: SimOrder, state: OrderState) -> None:
        if not order.is_open:
            return
        order.state, order.ended_at = state, self.clock.now
        self.trace.add(self.clock.now, "ended", str(order))
        self.tell(Ended(order.client_id, state, float(order.filled), self.clock.now))

    def _siblings(self, order: SimOrder) -> list[SimOrder]:
        if order.group is None:
            return []
        return [o for o in self._open if o.group == order.group and o is not order and o.is_open]

    def _liquidate(self, pair: str, price: Decimal) -> bool:
        account = self.account
        if isinstance(account, SpotAccount) or not account.is_liquidated(pair, price):
            return False
        for order in self.open_orders(pair):
            self._end(order, _S.CANCELLED)
        held = account.position(pair)
        side = -1 if held > 0 else 1
        fee = account.book(pair, side, abs(held), price, TAKER)
        fill = VenueFill(
            f"t{next(self._numbers)}", None, f"v{next(self._numbers)}", pair, side,
            float(abs(held)), float(price), float(fee.amount), QUOTE, float(fee.in_quote),
            "taker", self.clock.now,
        )  # fmt: skip
        self.fills.append(fill)
        self.forced.append(fill)
        self.trace.add(self.clock.now, "liquidated", pair, held, "at", price)
        self.tell(ForcedFill(fill))
        self.changed(pair)
        return True
