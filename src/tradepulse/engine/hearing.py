"""A venue's reports, told in client order ids, as events of the activations they concern."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tradepulse.domain.lifecycle import OrderState
from tradepulse.execution.desk import Desk
from tradepulse.execution.events import (
    CancelNotTaken,
    Event,
    FundingPaid,
    Liquidated,
    OrderAccepted,
    OrderCancelled,
    OrderMissing,
    OrderNotSent,
    OrderRejected,
    OrderSeen,
    OrderSent,
    OutcomeUnknown,
    PriceReached,
)
from tradepulse.execution.orders import Order
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
    VenueFill,
    VenueReport,
)
from tradepulse.execution.venue_reports import fill_event

# Our client ids are this and the order's id (execution.identity).
_PREFIX = "tp"


def owner_of(desks: Iterable[Desk], client_id: str | None, venue_id: str | None) -> Order | None:
    """The order that the venue speaks of, None when no desk here has it."""
    name = (client_id or "").removeprefix(_PREFIX)
    known = list(desks)
    for desk in known:
        order = desk.orders.get(name) or desk.earlier.get(name)
        if order is not None:
            return order
    if client_id is not None or venue_id is None:
        return None
    for desk in known:
        for order in (*desk.orders.values(), *desk.earlier.values()):
            if order.venue_id == venue_id:
                return order
    return None


def about_an_order(report: VenueReport) -> tuple[str | None, str | None] | None:
    """(client order id, venue order id) that a report is about; None for other reports."""
    if isinstance(report, Filled):
        return report.fill.client_order_id, report.fill.venue_order_id
    if isinstance(report, Seen):
        return report.order.client_order_id, report.order.venue_order_id
    if isinstance(
        report, Sent | Accepted | Ended | Refused | NotSent | Unknown | CancelFailed | Missing
    ):
        return report.client_order_id, None
    return None


def order_event(order: Order, report: VenueReport) -> Event | None:  # noqa: PLR0911  (one a kind)
    """The report as an event of the order's activation."""
    name, own = order.activation_id, order.id
    match report:
        case Sent(_, time, wall):
            return OrderSent(name, own, time, wall)
        case Accepted(_, venue_id, time):
            return OrderAccepted(name, own, time, venue_id)
        case Filled(fill):
            return fill_event(name, own, fill)
        case Ended(_, state, filled, time, reason):
            expired = state is OrderState.EXPIRED
            return OrderCancelled(name, own, time, reason, filled, expired)
        case Refused(_, code, _, time):
            return OrderRejected(name, own, code, time)
        case NotSent(_, code, _, retry_ms, time):
            return OrderNotSent(name, own, code, retry_ms, time)
        case Unknown(_, _, time):
            return OutcomeUnknown(name, own, time)
        case CancelFailed(_, code, retry_ms, time):
            return CancelNotTaken(name, own, code, retry_ms, time)
        case Seen(seen, fills, time):
            return OrderSeen(name, own, seen, fills, time)
        case Missing(_, time):
            return OrderMissing(name, own, time)
    return None


def pair_event(activation_id: str, report: VenueReport) -> Event | None:
    """The report as an event of an activation that trades its pair."""
    match report:
        case PriceSeen(_, price, time):
            return PriceReached(activation_id, price, time)
        case FundingSettled(_, cash, time):
            return FundingPaid(activation_id, cash, time)
        case ForcedFill(fill):
            return _liquidated(activation_id, fill)
    return None


def pair_of(report: VenueReport) -> str | None:
    """The pair a report is about, where it is about no order."""
    if isinstance(report, PriceSeen | FundingSettled):
        return report.pair
    return report.fill.pair if isinstance(report, ForcedFill) else None


def _liquidated(activation_id: str, fill: VenueFill) -> Liquidated:
    fee = 0.0 if math.isnan(fill.fee_quote) else fill.fee_quote
    return Liquidated(activation_id, fill.quantity, fill.price, fee, fill.time, fill.trade_id)
