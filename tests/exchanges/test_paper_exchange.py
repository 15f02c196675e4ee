"""The paper exchange: the suite of every exchange, and what it does to a bar."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from conformance.exchange_suite import ExchangeSuite, of
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.lifecycle import OrderState
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.execution.events import (
    FundingPaid,
    Liquidated,
    OrderCancelled,
    OrderFilled,
    OrderRejected,
    StopTriggered,
)
from tradepulse.execution.exchange import Stretch
from tradepulse.execution.identity import child_id
from tradepulse.execution.orders import Bracket, Kind, Order, Role
from tradepulse.risk import Approved, Exposure, check
from tradepulse.simulation.inputs import NO_FEED, frozen, kernel_bars
from tradepulse.simulation.rules import Rules

NAME = "a"
MINUTE = 60_000
CALM = (100.0, 101.0, 99.0, 100.0, 1000.0)


class Venue:
    """A paper account over bars given as (open, high, low, close, volume)."""

    def __init__(
        self, *bars: tuple[float, ...], rules: Rules | None = None, rate: float = 0.0
    ) -> None:
        self.exchange = PaperExchange()
        self.row = 0
        self.made = 0
        columns = np.array((bars or (CALM,)) + (CALM,) * 8).T
        times = MINUTE * np.arange(columns.shape[1], dtype=np.int64)
        series = BarSeries(times, *columns, interval_ms=MINUTE)  # type: ignore[misc]
        agreed = rules or Rules(taker_fee_bps=0, maker_fee_bps=0, slippage_bps=0)
        feed = NO_FEED
        if rate:
            feed = feed._replace(
                funding_time=frozen(times[1:2], np.int64),
                funding_rate=frozen(np.array([rate]), np.float64),
            )
        self.exchange.open_account(NAME, agreed, MINUTE)
        self.exchange.load(NAME, Stretch(kernel_bars(series), feed, 0))

    def order(self, role: Role, side: int, quantity: float, **more: Any) -> Approved[Order]:
        self.made += 1
        order = Order(
            f"{role}-{self.made}", "", NAME, "BTC/USDT", role, Kind.MARKET, side, quantity, None,
            100.0, OrderState.INTENDED, 0, 0, **more,
        )  # fmt: skip
        verdict = check(order, Exposure(0, 0.0, 1e9))
        assert isinstance(verdict, Approved)
        return verdict

    def buy(self, quantity: float = 10.0, **bracket: float) -> Approved[Order]:
        self.entry = self.order(Role.ENTRY, 1, quantity, bracket=Bracket(**bracket))
        return self.entry

    def sell(self, quantity: float) -> Approved[Order]:
        return self.order(Role.EXIT, -1, quantity)

    def leg(self, role: str, price: float | None = None) -> Order:
        name = child_id(self.entry.order.id, Role(role))
        return self.order(Role(role), -1, 10.0).order._replace(id=name, price=price)

    def tick(self) -> list[Any]:
        """What the next bar does."""
        found = self.exchange.match(NAME, self.row) + self.exchange.reports()
        self.row += 1
        return found


class TestPaperExchange(ExchangeSuite):
    @pytest.fixture
    def venue(self) -> Venue:
        return Venue()


def filled(reports: Any) -> list[tuple[str, float, float]]:
    return [(report.order_id, report.price, report.quantity) for report in of(reports, OrderFilled)]


def test_stop_and_target_report_under_their_own_names() -> None:
    for bar, role, price in (
        ((100.0, 101.0, 94.0, 95.0, 1e6), "stop", 95.0),
        ((100.0, 106.0, 99.0, 105.0, 1e6), "target", 105.0),
    ):
        venue = Venue(bar)
        venue.exchange.place(venue.buy(stop=5.0, target=5.0))
        reports = venue.tick()
        name = child_id(venue.entry.order.id, Role(role))
        assert filled(reports)[1:] == [(name, price, 10.0)]
        assert of(reports, OrderFilled)[1].liquidity == ("maker" if role == "target" else "taker")


def test_a_moved_stop_fills_at_its_new_price() -> None:
    venue = Venue(CALM, (100.0, 101.0, 96.0, 97.0, 1e6))
    venue.exchange.place(venue.buy(stop=5.0))
    venue.tick()
    verdict = check(venue.leg("stop", price=98.0), Exposure(0, 0.0, 1.0))
    assert isinstance(verdict, Approved)
    venue.exchange.replace_stop(verdict)
    assert filled(venue.tick()) == [(child_id(venue.entry.order.id, Role.STOP), 98.0, 10.0)]


def test_a_refused_entry_says_why() -> None:
    for bracket, rules, code in (
        ({"stop_price": 120.0}, None, "level_passed"),
        ({}, Rules(min_notional=5_000.0), "min_notional"),
        ({"stop": 30.0}, Rules(market="perpetual", leverage=10.0), "stop_beyond_liquidation"),
    ):
        venue = Venue(rules=rules)
        venue.exchange.place(venue.buy(**bracket))
        (rejected,) = of(venue.tick(), OrderRejected)
        assert (rejected.order_id, rejected.code) == (venue.entry.order.id, code)


def test_F13_nothing_fills_without_volume() -> None:
    venue = Venue((100.0, 100.0, 100.0, 100.0, 0.0))
    venue.exchange.place(venue.buy())
    venue.exchange.reports()
    assert venue.tick() == []
    assert filled(venue.tick()) == [(venue.entry.order.id, 100.0, 10.0)]


def test_F13_the_cap_cancels_an_entrys_rest_and_carries_an_exits() -> None:
    rules = Rules(participation_cap=0.1, taker_fee_bps=0, slippage_bps=0)
    venue = Venue((100.0, 101.0, 99.0, 100.0, 60.0), (100.0, 101.0, 99.0, 100.0, 40.0), rules=rules)
    venue.exchange.place(venue.buy())
    reports = venue.tick()
    assert filled(reports) == [(venue.entry.order.id, 100.0, 6.0)]
    assert of(reports, OrderCancelled)[0].order_id == venue.entry.order.id
    exit_ = venue.sell(6.0)
    venue.exchange.place(exit_)
    assert filled(venue.tick()) == [(exit_.order.id, 100.0, 4.0)]
    (last,) = of(venue.tick(), OrderFilled)
    assert (last.order_id, last.quantity, last.number) == (exit_.order.id, 2.0, 2)


def test_a_stop_cut_by_the_cap_is_triggered_and_loses_its_target() -> None:
    rules = Rules(participation_cap=0.1, taker_fee_bps=0, slippage_bps=0)
    venue = Venue(CALM, (97.0, 98.0, 94.0, 95.0, 40.0), rules=rules)
    venue.exchange.place(venue.buy(stop=5.0, target=20.0))
    venue.tick()
    reports = venue.tick()
    stop, target = (child_id(venue.entry.order.id, role) for role in (Role.STOP, Role.TARGET))
    assert filled(reports) == [(stop, 95.0, 4.0)]
    assert of(reports, StopTriggered)[0].order_id == stop
    assert of(reports, OrderCancelled)[0].order_id == target
    assert filled(venue.tick()) == [(stop, 100.0, 6.0)]


def test_F12_funding_and_liquidation_are_reported() -> None:
    rules = Rules(market="perpetual", leverage=10.0, taker_fee_bps=0, slippage_bps=0)
    venue = Venue(CALM, CALM, (92.0, 93.0, 80.0, 85.0, 1e6), rules=rules, rate=1e-3)
    venue.exchange.place(venue.buy())
    venue.tick()
    (paid,) = of(venue.tick(), FundingPaid)
    assert math.isclose(paid.cash, -1.0)
    (gone,) = of(venue.tick(), Liquidated)
    assert gone.quantity == 10.0
    # The settlement of 1 came out of a margin of 100, and the rest of the margin is lost.
    assert venue.exchange.wallet(NAME) == pytest.approx(9_900.0)


def test_quiet_bars_are_those_on_which_nothing_can_happen() -> None:
    venue = Venue(CALM, CALM, CALM, (100.0, 101.0, 94.0, 95.0, 1e6))
    assert venue.exchange.quiet_until(NAME, 0, 4, -math.inf, math.inf) == 4
    venue.exchange.place(venue.buy(stop=5.0))
    venue.tick()
    assert venue.exchange.quiet_until(NAME, 1, 6, -math.inf, math.inf) == 3
    assert venue.exchange.quiet_until(NAME, 1, 6, -math.inf, 101.0) == 1
    venue.exchange.place(venue.sell(10.0))
    assert venue.exchange.quiet_until(NAME, 1, 6, -math.inf, math.inf) == 1


def test_unknown_accounts_are_errors() -> None:
    exchange = PaperExchange()
    with pytest.raises(TradePulseError) as caught:
        exchange.match("nobody", 0)
    assert caught.value.code == "account_not_open"
    exchange.open_account(NAME, Rules(), MINUTE)
    with pytest.raises(TradePulseError) as caught:
        exchange.match(NAME, 0)
    assert caught.value.code == "no_bars_loaded"
    exchange.close_account(NAME)
    with pytest.raises(TradePulseError):
        exchange.wallet(NAME)
