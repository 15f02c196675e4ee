"""What every exchange adapter must do, whatever stands behind it.

A test module makes the fixture `venue`: something with an `exchange` (the port), an activation
`name`, and `tick()`, after which market orders placed before have met the market. `buy(**bracket)`
and `sell(quantity)` make approved orders.
"""

from __future__ import annotations

from typing import Any

from tradepulse.execution.events import (
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderRejected,
    OrderSent,
)


def of(reports: Any, kind: type) -> list[Any]:
    return [report for report in reports if isinstance(report, kind)]


class ExchangeSuite:
    """Inherit from it beside a fixture `venue`."""

    def test_an_order_is_acknowledged_then_filled(self, venue: Any) -> None:
        order = venue.buy()
        venue.exchange.place(order)
        first = venue.exchange.reports()
        assert [type(report) for report in first] == [OrderSent, OrderAccepted]
        assert {report.order_id for report in first} == {order.order.id}
        (fill,) = of(venue.tick(), OrderFilled)
        assert (fill.order_id, fill.number) == (order.order.id, 1)
        assert fill.quantity == order.order.quantity
        assert fill.price > 0
        assert fill.fee >= 0
        assert fill.liquidity in ("taker", "maker")

    def test_reports_come_once(self, venue: Any) -> None:
        venue.exchange.place(venue.buy())
        assert venue.exchange.reports()
        assert not venue.exchange.reports()

    def test_a_cancelled_order_does_not_fill(self, venue: Any) -> None:
        order = venue.buy()
        venue.exchange.place(order)
        venue.exchange.cancel(order.order)
        (cancelled,) = of(venue.exchange.reports(), OrderCancelled)
        assert cancelled.order_id == order.order.id
        assert not of(venue.tick(), OrderFilled)

    def test_an_exit_closes_what_was_entered(self, venue: Any) -> None:
        entry = venue.buy()
        venue.exchange.place(entry)
        venue.tick()
        exit_ = venue.sell(entry.order.quantity)
        venue.exchange.place(exit_)
        (fill,) = of(venue.tick(), OrderFilled)
        assert (fill.order_id, fill.quantity) == (exit_.order.id, entry.order.quantity)

    def test_an_exit_without_a_position_is_rejected(self, venue: Any) -> None:
        exit_ = venue.sell(1.0)
        venue.exchange.place(exit_)
        (rejected,) = of(venue.exchange.reports(), OrderRejected)
        assert rejected.order_id == exit_.order.id
        assert rejected.code

    def test_a_leg_can_be_cancelled(self, venue: Any) -> None:
        venue.exchange.place(venue.buy(stop=5.0))
        venue.tick()
        leg = venue.leg("stop")
        venue.exchange.cancel(leg)
        (cancelled,) = of(venue.exchange.reports(), OrderCancelled)
        assert cancelled.order_id == leg.id

    def test_in_process_is_said(self, venue: Any) -> None:
        assert isinstance(venue.exchange.in_process, bool)
