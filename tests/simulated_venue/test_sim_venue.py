"""The simulated venue is as strict as a real one: what it takes, refuses, locks and reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest

from simulated_venue.event_trace import EventTrace
from simulated_venue.scenario import Dice, Scenario
from simulated_venue.sim_clock import SimClock
from simulated_venue.sim_exchange import SimExchange
from simulated_venue.sim_market import START
from simulated_venue.sim_orders import OrderRequest, VenueRefusalError
from simulated_venue.sim_venue import SimVenue
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import OrderState
from tradepulse.execution.orders import Kind, Order, Role
from tradepulse.execution.venue import (
    Accepted,
    CancelFailed,
    Ended,
    Filled,
    ForcedFill,
    FundingSettled,
    Missing,
    NotSent,
    PriceSeen,
    Refused,
    Seen,
    Sent,
    Unknown,
    VenueReport,
)
from tradepulse.risk import Exposure, approve_reduction, check

D = Decimal
SPOT, PERP = "BTC/USDT", "BTC/USDT:USDT"


class Desk:
    """An exchange of one pair at 100, with a connection to it."""

    def __init__(self, market: Market = Market.SPOT, **about: Any) -> None:
        self.pair = SPOT if market is Market.SPOT else PERP
        rates = about.pop("rates", {})
        self.scenario = Scenario(1, market, (self.pair,), 10, rates, **about)
        self.clock = SimClock(START)
        self.dice = Dice(self.scenario)
        self.exchange = SimExchange(self.scenario, self.clock, self.dice, EventTrace(), D(1000))
        self.exchange.last[self.pair] = D(100)
        self.told: list[VenueReport] = []
        self.exchange.tell = self.told.append
        self.sent: list[str] = []
        self.venue = SimVenue(self.scenario, self.exchange, self.dice, self)
        self._count = 0

    def asked(self, orders: Sequence[Order]) -> None:
        self.sent += [order.client_order_id for order in orders]

    # --- at the exchange --------------------------------------------------------------------------
    def place(self, side: int, quantity: str, kind: Kind = Kind.MARKET, **about: Any) -> str:
        self.exchange.place([self.request(side, quantity, kind, **about)])
        return self.exchange.orders[-1].client_id

    def request(
        self, side: int, quantity: str, kind: Kind = Kind.MARKET, **about: Any
    ) -> OrderRequest:
        self._count += 1
        values = {"trigger": None, "limit": None, "reduces": side < 0} | about
        name = values.pop("name", f"tp{self._count}")
        return OrderRequest(name, self.pair, side, kind, D(quantity), **values)  # type: ignore[arg-type]

    def refusal(self, act: Callable[[], Any]) -> str:
        with pytest.raises(VenueRefusalError) as caught:
            act()
        return caught.value.code

    def of(self, kind: type) -> list[Any]:
        return [report for report in self.told if isinstance(report, kind)]

    @property
    def position(self) -> Decimal:
        return self.exchange.account.position(self.pair)

    # --- over the connection ----------------------------------------------------------------------
    def order(self, role: Role = Role.ENTRY, side: int = 1, quantity: float = 1.0) -> Order:
        self._count += 1
        name = f"{self._count:032x}"
        return Order(
            name, f"tp{name}", "a0", self.pair, role, Kind.MARKET, side, quantity, None, 100.0,
            OrderState.INTENDED, START, START,
        )  # fmt: skip

    def send(self, order: Order) -> None:
        if order.role is Role.ENTRY:
            self.venue.place(check(order, Exposure(0, 0.0, 1e9)))  # type: ignore[arg-type]
        else:
            self.venue.place(approve_reduction(order))

    def later(self, ms: int = 20_000) -> list[VenueReport]:
        self.clock.advance(self.clock.now + ms)
        return list(self.venue.reports())


@pytest.fixture
def spot() -> Desk:
    return Desk()


@pytest.fixture
def perp() -> Desk:
    return Desk(Market.PERPETUAL, leverage=5)


# --- what it refuses ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "side", "quantity", "about"),
    [
        ("lot_size", 1, "1.0005", {}),
        ("lot_size", 1, "0", {}),
        ("min_notional", 1, "0.05", {}),
        ("insufficient_funds", 1, "10", {}),
        ("insufficient_funds", -1, "1", {}),
        ("price_filter", 1, "1", {"kind": Kind.LIMIT, "limit": D("99.005")}),
        ("would_trigger", -1, "1", {"kind": Kind.STOP_MARKET, "trigger": D(100), "limit": D(99)}),
        ("would_trigger", -1, "1", {"kind": Kind.LIMIT, "limit": D(99), "limit_maker": True}),
    ],
)
def test_spot_orders_that_are_refused(
    spot: Desk, code: str, side: int, quantity: str, about: dict[str, Any]
) -> None:
    assert spot.refusal(lambda: spot.place(side, quantity, **about)) == code
    assert not spot.exchange.orders
    assert not spot.told


def test_a_client_id_is_unique_among_open_orders_alone(spot: Desk) -> None:
    limit = {"kind": Kind.LIMIT, "limit": D(90), "name": "tpsame"}
    spot.place(1, "1", **limit)
    assert spot.refusal(lambda: spot.place(1, "1", **limit)) == "duplicate_id"
    assert spot.exchange.cancel("tpsame")
    spot.place(1, "1", **limit)
    assert [o.state for o in spot.exchange.orders] == [OrderState.CANCELLED, OrderState.OPEN]


def test_more_is_not_sold_than_is_free(spot: Desk) -> None:
    spot.place(1, "2")
    assert spot.position == D("1.998")
    spot.place(-1, "1.5", Kind.STOP_MARKET, trigger=D(95), limit=D(94))
    assert spot.refusal(lambda: spot.place(-1, "0.5")) == "insufficient_funds"
    spot.place(-1, "0.498")
    assert spot.position == D("1.5")


@pytest.mark.parametrize(
    ("code", "side", "quantity", "reduces"),
    [
        ("reduce_only", -1, "1.001", True),
        ("reduce_only", 1, "0.5", True),
        ("insufficient_funds", 1, "50", False),
    ],
)
def test_contract_orders_that_are_refused(
    perp: Desk, code: str, side: int, quantity: str, reduces: bool
) -> None:
    perp.place(1, "1")
    assert perp.refusal(lambda: perp.place(side, quantity, reduces=reduces)) == code
    assert perp.position == 1


def test_a_halted_instrument_takes_nothing_but_cancels(spot: Desk) -> None:
    resting = spot.place(1, "1", Kind.LIMIT, limit=D(90))
    spot.exchange.halted.add(SPOT)
    assert spot.refusal(lambda: spot.place(1, "1")) == "rejected"
    assert not spot.venue.terms(SPOT).trading
    assert spot.exchange.cancel(resting)


# --- what it does ---------------------------------------------------------------------------------
def test_a_limit_fills_through_its_price_not_at_it(spot: Desk) -> None:
    spot.place(1, "1", Kind.LIMIT, limit=D(99))
    spot.exchange.trade(SPOT, D(99))
    assert not spot.of(Filled)
    spot.exchange.trade(SPOT, D("98.99"))
    (filled,) = spot.of(Filled)
    assert (filled.fill.price, filled.fill.liquidity) == (99.0, "maker")


@pytest.mark.parametrize(
    ("fee_in", "currency", "fee", "held"),
    [("base", "BTC", 0.001, "0.999"), ("quote", "USDT", 0.10001, "1"),
     ("third", "BNB", 0.00016668, "1")],
)  # fmt: skip
def test_a_spot_fee_is_taken_where_the_venue_likes(
    fee_in: str, currency: str, fee: float, held: str
) -> None:
    desk = Desk(fee_in=fee_in)
    desk.place(1, "1")
    (filled,) = desk.of(Filled)
    assert (filled.fill.fee_currency, filled.fill.fee) == (currency, fee)
    assert filled.fill.fee_quote == pytest.approx(0.1, rel=1e-3)
    assert desk.position == D(held)


def test_own_coins_are_no_position(spot: Desk) -> None:
    rich = Desk(own_coins=True)
    rich.place(1, "1")
    assert rich.position == spot.position + D("0.999")
    rich.place(-1, "5")
    assert rich.position < 0


def group(desk: Desk) -> tuple[str, str]:
    desk.place(1, "2")
    stop = desk.request(-1, "1.998", Kind.STOP_MARKET, trigger=D(95), limit=D("94.05"))
    target = desk.request(-1, "1.998", Kind.LIMIT, limit=D(105), limit_maker=True)
    desk.exchange.place([stop, target])
    return stop.client_id, target.client_id


@pytest.mark.parametrize(("price", "filled"), [("94.5", 0), ("105.01", 1)])
def test_of_a_group_one_closes_and_the_other_ends(spot: Desk, price: str, filled: int) -> None:
    names = group(spot)
    spot.exchange.trade(SPOT, D(price))
    assert spot.position == 0
    states = [spot.exchange.find(name).state for name in names]  # type: ignore[union-attr]
    assert states[filled] is OrderState.FILLED
    assert states[1 - filled] is OrderState.EXPIRED
    (ended,) = spot.of(Ended)
    assert ended.client_order_id == names[1 - filled]


def test_a_group_is_cancelled_and_locked_as_one(spot: Desk) -> None:
    names = group(spot)
    assert spot.venue.snapshot([SPOT], 0).balances[1].free == 0.0
    assert spot.exchange.cancel(names[0])
    assert {ended.client_order_id for ended in spot.of(Ended)} == set(names)
    spot.place(-1, "1.998")


def test_a_group_is_taken_whole_or_not(spot: Desk) -> None:
    spot.place(1, "2")
    stop = spot.request(-1, "1", Kind.STOP_MARKET, trigger=D(95), limit=D(94))
    target = spot.request(-1, "1", Kind.LIMIT, limit=D(99), limit_maker=True)
    assert spot.refusal(lambda: spot.exchange.place([stop, target])) == "would_trigger"
    assert not spot.exchange.open_orders()


def test_a_spot_stop_gapped_beyond_its_limit_rests(spot: Desk) -> None:
    names = group(spot)
    spot.exchange.trade(SPOT, D(93))
    stop = spot.exchange.find(names[0])
    assert stop is not None
    assert (stop.triggered, stop.state) == (True, OrderState.OPEN)
    spot.exchange.trade(SPOT, D("94.2"))
    assert spot.position == 0


def test_a_contract_stop_closes_what_is_held_and_no_more(perp: Desk) -> None:
    perp.place(-1, "2", reduces=False)
    perp.place(1, "2", Kind.STOP_MARKET, trigger=D(103), reduces=True)
    perp.place(1, "1.5", reduces=True)
    perp.exchange.trade(PERP, D(104))
    assert perp.position == 0
    (ended,) = perp.of(Ended)
    assert (ended.state, ended.filled) == (OrderState.EXPIRED, 0.5)


def test_positions_net_average_and_pay(perp: Desk) -> None:
    perp.place(1, "1")
    perp.exchange.trade(PERP, D(102))
    perp.place(1, "1")
    (held,) = perp.exchange.account.positions(perp.exchange.last)
    assert (held.quantity, held.entry_price) == (2.0, pytest.approx(101.01))
    perp.exchange.settle_funding(PERP, START)
    (paid,) = perp.of(FundingSettled)
    assert paid.cash == pytest.approx(-2 * 102 * 0.0005)
    cash = perp.exchange.account.balances([])[0].total
    perp.place(-1, "2")
    assert perp.exchange.account.positions(perp.exchange.last) == ()
    gained = perp.exchange.account.balances([])[0].total - cash
    assert gained == pytest.approx(2 * (101.99 - 101.01) - 2 * 101.99 * 0.001)


def test_a_position_without_margin_is_liquidated(perp: Desk) -> None:
    perp.place(1, "20")
    perp.place(-1, "20", Kind.STOP_MARKET, trigger=D(60))
    perp.exchange.trade(PERP, D(81))
    assert not perp.of(ForcedFill)
    perp.exchange.trade(PERP, D(80))
    (forced,) = perp.of(ForcedFill)
    assert forced.fill.client_order_id is None
    assert perp.position == 0
    assert not perp.exchange.open_orders()


# --- over the connection --------------------------------------------------------------------------
def test_an_order_is_sent_accepted_filled(spot: Desk) -> None:
    spot.exchange.tell = spot.venue.stream
    order = spot.order()
    spot.send(order)
    assert [type(report) for report in spot.venue.reports()] == [Sent]
    assert spot.sent == [order.client_order_id]
    found = spot.later()
    assert {type(report) for report in found} == {Accepted, Filled}
    assert not spot.venue.reports()


def sent_with(**rates: float) -> tuple[Desk, Order, list[VenueReport]]:
    desk = Desk(rates=rates)
    order = desk.order()
    desk.send(order)
    return desk, order, desk.later()


@pytest.mark.parametrize(
    ("fault", "told", "done"),
    [
        ("lost_request", Unknown, False),
        ("lost_answer", Unknown, True),
        ("no_connection", NotSent, False),
        ("rate_limit", NotSent, False),
        ("refused", Refused, False),
    ],
)
def test_what_a_fault_does_to_an_order(fault: str, told: type, done: bool) -> None:
    desk, _, found = sent_with(**{fault: 1.0})
    assert type(found[-1]) is told
    assert bool(desk.exchange.orders) is done
    assert desk.dice.struck[fault] == 1


def test_what_comes_too_late_is_refused_by_the_venue() -> None:
    late = [sent_with(slow_request=1.0)[0] for _ in range(1)]
    desk = late[0]
    arrivals = [bool(desk.exchange.orders)]
    for _ in range(30):
        order = desk.order()
        desk.send(order)
        desk.later()
        made = desk.exchange.find(order.client_order_id)
        arrivals.append(made is not None)
        assert made is None or made.time - (desk.clock.now - 20_000) <= desk.venue.in_flight_ms
    assert {True, False} <= set(arrivals)


def test_a_look_up_finds_what_is_there_and_misses_what_is_not(spot: Desk) -> None:
    order, other = spot.order(), spot.order()
    spot.send(order)
    spot.later()
    spot.venue.look_up(order)
    spot.venue.look_up(other)
    seen, missing = sorted(spot.later(), key=lambda report: type(report).__name__, reverse=True)
    assert isinstance(seen, Seen)
    assert (seen.order.state, len(seen.fills)) == (OrderState.FILLED, 1)
    assert isinstance(missing, Missing)


def test_an_order_is_unseen_for_a_while_at_most() -> None:
    desk, order, _ = sent_with(unseen=1.0)
    assert desk.exchange.orders
    assert desk.venue.snapshot([SPOT], 0).fills
    desk.venue.look_up(order)
    assert isinstance(desk.later()[-1], Seen)  # twenty seconds are more than any lag


def test_a_cancel_that_is_too_late_says_gone(spot: Desk) -> None:
    order = spot.order()
    spot.send(order)
    spot.later()
    spot.venue.cancel(order)
    (failed,) = spot.later()
    assert isinstance(failed, CancelFailed)
    assert failed.code == "gone"


def test_while_disconnected_nothing_is_heard_and_then_that_it_was(spot: Desk) -> None:
    spot.exchange.tell = spot.venue.stream
    spot.venue.disconnect(5_000, outage=True)
    order = spot.order()
    spot.send(order)
    spot.exchange.trade(SPOT, D(101))
    with pytest.raises(TradePulseError) as caught:
        spot.venue.snapshot([SPOT], 0)
    assert caught.value.code == "exchange_unavailable"
    names = [type(report).__name__ for report in spot.later()]
    assert names == ["Disconnected", "NotSent", "Reconnected"]
    spot.exchange.trade(SPOT, D(102))
    assert [type(report) for report in spot.later()] == [PriceSeen]


def test_what_a_dead_process_sent_still_arrives(spot: Desk) -> None:
    order = spot.order()
    spot.send(order)
    spot.venue.close()
    assert spot.later() == []
    assert spot.exchange.find(order.client_order_id) is not None
