"""The `Venue` port over the simulated exchange: a connection that loses, delays, repeats and dies.

One `SimVenue` is the connection of one life of the engine. What it sent before a crash still
arrives; the answers then find nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Protocol

from simulated_venue.event_trace import Crash, EventTrace
from simulated_venue.scenario import Dice, Scenario
from simulated_venue.sim_clock import SimClock
from simulated_venue.sim_exchange import SimExchange
from simulated_venue.sim_market import LOT, TICK, terms_of
from simulated_venue.sim_orders import OrderRequest, SimOrder, VenueRefusalError
from tradepulse.domain.errors import FailedError, NotFoundError, TradePulseError
from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.domain.money import to_decimal
from tradepulse.execution.orders import Kind, Order
from tradepulse.execution.venue import (
    Accepted,
    AccountSnapshot,
    CancelFailed,
    Disconnected,
    Ended,
    Filled,
    Missing,
    NotSent,
    PriceSeen,
    Reconnected,
    Refused,
    Seen,
    Sent,
    Unknown,
    VenueReport,
)
from tradepulse.risk import Approved

# How far beyond its trigger the limit of a spot stop stands.
STOP_REACH = Decimal("0.01")
_OWN_REASONS = ("rejected", "percent_price", "min_notional")


class Witness(Protocol):
    """Sees every order on its way out, before anything can go wrong with it."""

    def asked(self, orders: Sequence[Order]) -> None: ...


class SimVenue:
    """One connection. `reachable` and `streaming` say what works now; `close` is its end."""

    def __init__(
        self, scenario: Scenario, exchange: SimExchange, dice: Dice, witness: Witness
    ) -> None:
        self.reachable = True
        self.streaming = True
        self._scenario = scenario
        self._exchange = exchange
        self._dice = dice
        self._witness = witness
        self._clock: SimClock = exchange.clock
        self._trace: EventTrace = exchange.trace
        self._queue: list[VenueReport] = []
        self._alive = True
        self._epoch = 0
        self._stream_until = 0
        self._arrives: dict[str, int] = {}
        self._unseen: dict[str, int] = {}

    # --- the port ---------------------------------------------------------------------------------
    @property
    def in_flight_ms(self) -> int:
        """The venue refuses what is older."""
        return self._scenario.in_flight_ms

    def prepare(self, pair: str, leverage: float) -> None:
        """Errors `exchange_unavailable`, `leverage_tier`, `symbol_not_found`."""
        self._ask_rest("prepare")
        if leverage > float(self.terms(pair).max_leverage):
            raise FailedError("leverage_tier", "the venue does not lend that much")

    def terms(self, pair: str) -> MarketTerms:
        """The filters. Error `symbol_not_found`."""
        if pair not in self._scenario.pairs:
            raise NotFoundError("symbol_not_found", f"{pair} is not traded here")
        return terms_of(self._scenario, pair, trading=pair not in self._exchange.halted)

    def place(self, approved: Approved[Order]) -> None:
        """Sends one order."""
        self._place([approved.order])

    def place_pair(self, stop: Approved[Order], target: Approved[Order]) -> None:
        """Sends both as one group."""
        self._place([stop.order, target.order])

    def cancel(self, order: Order) -> None:
        """Asks for the rest not to fill."""
        name = order.client_order_id
        self._maybe_crash("crash_call", "before cancel", name)
        if not self._leaves():
            self._hear(CancelFailed(name, "unavailable", 1000, self._clock.now))
            return
        self._trace.add(self._clock.now, "cancel", name[:10])

        def arrive() -> Callable[[], None]:
            if self._exchange.cancel(name):
                found = self._exchange.find(name)
                filled = float(found.filled) if found else 0.0
                ended = Ended(name, OrderState.CANCELLED, filled, self._clock.now)
                return lambda: self._hear(ended)
            return lambda: self._hear(CancelFailed(name, "gone", 0, self._clock.now))

        self._send(
            order.pair, arrive,
            lambda: self._hear(CancelFailed(name, "unavailable", 500, self._clock.now)),
        )  # fmt: skip
        self._maybe_crash("crash_call", "after cancel", name)

    def look_up(self, order: Order) -> None:
        """Asks what became of an order."""
        name = order.client_order_id
        self._maybe_crash("crash_call", "before look-up", name)
        self._trace.add(self._clock.now, "look_up", name[:10])
        if not self.reachable or self._dice.strikes("mute"):
            return

        def arrive() -> Callable[[], None]:
            found = self._exchange.find(name)
            now = self._clock.now
            if found is None or not self._shows(found):
                return lambda: self._hear(Missing(name, now))
            seen = Seen(found.as_seen(), tuple(found.fills), now)
            return lambda: self._hear(seen)

        self._send(order.pair, arrive, lambda: None, ordered=False)

    def reports(self) -> Sequence[VenueReport]:
        """What was learned since the last call."""
        found, self._queue = self._queue, []
        return found

    def snapshot(self, pairs: Sequence[str], since_ms: int) -> AccountSnapshot:
        """The account; what happens while its answer travels is not in it."""
        self._maybe_crash("crash_call", "before snapshot", "")
        taken = self._account(pairs, since_ms)
        self._clock.advance(self._clock.now + self._answer_ms())
        return taken

    def _account(self, pairs: Sequence[str], since_ms: int) -> AccountSnapshot:
        self._ask_rest("snapshot")
        exchange = self._exchange
        orders = [o for o in exchange.open_orders() if o.pair in pairs and self._shows(o)]
        return AccountSnapshot(
            self._clock.now, tuple(order.as_seen() for order in orders),
            tuple(f for f in exchange.fills if f.pair in pairs and f.time >= since_ms),
            exchange.account.positions(exchange.last),
            exchange.account.balances(exchange.open_orders()),
            tuple(s for s in exchange.funding if s.pair in pairs and s.time >= since_ms),
        )  # fmt: skip

    def _answer_ms(self) -> int:
        slow = self._dice.strikes("snapshot_slow")
        return self._latency("snapshot") + slow * self._dice.between("snapshot_slow", 500, 9000)

    def now(self) -> int:
        """Market time."""
        return self._clock.now

    # --- the account stream -----------------------------------------------------------------------
    def stream(self, report: VenueReport) -> None:
        """The exchange says something: it comes in a moment, late, twice, or never."""
        if not (self._alive and self.streaming):
            return
        if isinstance(report, Filled) and self._dice.strikes("nameless"):
            report = Filled(report.fill._replace(client_order_id=None))
        now, epoch = self._clock.now, self._epoch

        def deliver() -> None:
            if self._epoch == epoch and self.streaming:
                self._hear(report)

        arrives = now + self._latency("stream")
        if isinstance(report, PriceSeen):
            self._clock.at(arrives, deliver)
            return
        if self._dice.strikes("late_report"):
            self._clock.at(arrives + self._dice.between("late_report", 200, 8000), deliver)
        else:
            self._stream_until = max(self._stream_until, arrives)
            self._clock.at(self._stream_until, deliver)
        if self._dice.strikes("twice"):
            self._clock.at(arrives + self._dice.between("twice", 0, 9000), deliver)

    def disconnect(self, down_ms: int, *, outage: bool) -> None:
        """The streams are gone for a while; with `outage` everything is."""
        if not (self._alive and self.streaming):
            return
        self.streaming, self.reachable = False, not outage
        self._epoch += 1
        word = "outage" if outage else "disconnect"
        self._trace.add(self._clock.now, word, f"{down_ms} ms")
        self._hear(Disconnected(word, self._clock.now))
        self._clock.after(down_ms, self._reconnect)

    def close(self) -> None:
        """The process is gone; nobody hears anything any more."""
        self._alive = False
        self._queue.clear()

    # --- how requests travel ----------------------------------------------------------------------
    def _place(self, orders: list[Order]) -> None:
        self._witness.asked(orders)
        names = [order.client_order_id for order in orders]
        told = " + ".join(f"{o.client_order_id[:10]} {o.role} {o.quantity:.6g}" for o in orders)
        self._maybe_crash("crash_call", "before place", told)
        limited = self._dice.strikes("rate_limit")
        if limited or not self._leaves():
            code = "rate_limited" if limited else "unavailable"
            self._trace.add(self._clock.now, "not_sent", told, code)
            self._hear(*(NotSent(n, code, code, 1000, self._clock.now) for n in names))
            return
        self._trace.add(self._clock.now, "place", told)
        self._hear(*(Sent(name, self._clock.now) for name in names))
        left = self._clock.now

        def arrive() -> Callable[[], None]:
            return self._taken(orders, left)

        self._send(
            orders[0].pair, arrive,
            lambda: self._hear(*(Unknown(n, "no answer", self._clock.now) for n in names)),
        )  # fmt: skip
        self._maybe_crash("crash_call", "after place", told)

    def _taken(self, orders: list[Order], left: int) -> Callable[[], None]:
        """The orders reach the venue: what it answers."""
        now = self._clock.now
        names = [order.client_order_id for order in orders]
        try:
            self._let_in(left)
            self._exchange.place([self._request(o, pair=len(orders) > 1) for o in orders])
        except VenueRefusalError as error:
            self._trace.add(now, "refused", " ".join(n[:10] for n in names), error.code)
            refused = [Refused(name, error.code, error.message, now) for name in names]
            return lambda: self._hear(*refused)
        answers: list[VenueReport] = []
        for name in names:
            made = self._exchange.find(name)
            if made is not None:
                answers.append(Accepted(name, made.venue_id, now))
                if self._dice.strikes("unseen"):
                    shown = now + self._dice.between("unseen", 500, 5000)
                    self._unseen[made.venue_id] = min(shown, left + self._scenario.in_flight_ms)
        return lambda: self._hear(*answers)

    def _let_in(self, left: int) -> None:
        """Error VenueRefusalError: the request is too old, or the venue has a reason of its own."""
        if self._clock.now - left > self._scenario.in_flight_ms:
            raise VenueRefusalError("clock_skew", "Timestamp outside of the recvWindow.")
        if self._dice.strikes("refused"):
            code = self._dice.stream("refused:size").choice(_OWN_REASONS)
            raise VenueRefusalError(code, "No.")

    def _request(self, order: Order, *, pair: bool) -> OrderRequest:
        price = None if order.price is None else _snapped(order.price, TICK)
        stop = order.kind is Kind.STOP_MARKET
        limit = price if order.kind is Kind.LIMIT else None
        if stop and price is not None and self._exchange.spot:
            reach = price * (1 + order.side * STOP_REACH)
            limit = reach.quantize(TICK)
        return OrderRequest(
            order.client_order_id, order.pair, order.side, order.kind,
            _snapped(order.quantity, LOT), price if stop else None, limit, order.intent.reduces,
            limit_maker=pair and not stop,
        )  # fmt: skip

    def _send(
        self, pair: str, arrive: Callable[[], Callable[[], None]], give_up: Callable[[], None],
        *, ordered: bool = True,
    ) -> None:  # fmt: skip
        """One request. `arrive` is done at the venue and gives what its answer does here; without
        an answer in time, `give_up` is done instead."""
        left, timeout = self._clock.now, self._scenario.timeout_ms
        arrives = left + self._latency("request")
        if self._dice.strikes("slow_request"):
            arrives = left + self._dice.between("slow_request", 500, 2 * self.in_flight_ms)
        elif ordered:
            # What was sent first gets there first, unless it was slow beyond all bounds.
            arrives = max(arrives, self._arrives.get(pair, 0))
            self._arrives[pair] = arrives
        answered = False

        def reach() -> None:
            answer = arrive()
            back = self._clock.now + self._latency("answer")
            if back <= left + timeout and not self._dice.strikes("lost_answer"):
                self._clock.at(back, lambda: hear(answer))

        def hear(answer: Callable[[], None]) -> None:
            nonlocal answered
            answered = True
            answer()

        def expire() -> None:
            if not answered:
                give_up()

        if self._dice.strikes("lost_request"):
            self._trace.add(left, "lost", pair)
            self._exchange.lost[pair] += 1
        else:
            self._clock.at(arrives, reach)
        self._clock.at(left + timeout + 1, expire)

    def _leaves(self) -> bool:
        return self.reachable and not self._dice.strikes("no_connection")

    def _shows(self, order: SimOrder) -> bool:
        return self._unseen.get(order.venue_id, 0) <= self._clock.now

    def _ask_rest(self, what: str) -> None:
        if not self.reachable or self._dice.strikes("snapshot_down"):
            self._trace.add(self._clock.now, what, "unavailable")
            raise FailedError("exchange_unavailable", "the venue does not answer")

    def _reconnect(self) -> None:
        if self._alive:
            self.streaming = self.reachable = True
            self._trace.add(self._clock.now, "reconnect")
            self._hear(Reconnected(self._clock.now))

    def _hear(self, *reports: VenueReport) -> None:
        if self._alive:
            self._queue.extend(reports)

    def _latency(self, what: str) -> int:
        least, most = self._scenario.latency_ms
        return self._dice.between(what, least, most) // 2

    def _maybe_crash(self, kind: str, where: str, about: str) -> None:
        if self._dice.strikes(kind):
            self._trace.add(self._clock.now, "crash", where, about)
            raise Crash


class SlowAccounts:
    """The account read beside the engine's turns, as its own thread would: asked for now, true some
    time later, heard of later still."""

    def __init__(self, venue: SimVenue, clock: SimClock) -> None:
        self._venue = venue
        self._clock = clock
        self._asked = False
        self._found: AccountSnapshot | TradePulseError | None = None

    def ask(self, pairs: Sequence[str], since_ms: int) -> None:
        """Have it read, unless that is being done."""
        if not self._asked:
            self._asked = True
            delay = self._venue._latency("snapshot")
            self._clock.after(delay, lambda: self._read(pairs, since_ms))

    def take(self) -> AccountSnapshot | TradePulseError | None:
        """What was read, once."""
        found, self._found = self._found, None
        return found

    def _read(self, pairs: Sequence[str], since_ms: int) -> None:
        found: AccountSnapshot | TradePulseError
        try:
            found = self._venue._account(pairs, since_ms)
        except TradePulseError as error:
            found = error
        self._clock.after(self._venue._answer_ms(), lambda: self._hear(found))

    def _hear(self, found: AccountSnapshot | TradePulseError) -> None:
        self._asked, self._found = False, found


def _snapped(value: float, step: Decimal) -> Decimal:
    """The decimal of a float; on the step where it is within 1e-9 of one (F8)."""
    exact = to_decimal(value)
    steps = (exact / step).to_integral_value(rounding=ROUND_HALF_EVEN)
    return steps * step if abs(exact / step - steps) < Decimal("1e-9") else exact
