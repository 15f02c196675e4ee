"""What each operation must come to, the same at every venue; only ids and fees are their own."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from exchanges.venues.recorded import LAST, NAME, START_MS, RecordedVenue
from tradepulse.domain.lifecycle import OrderState
from tradepulse.exchanges.bar_closing import Bar
from tradepulse.exchanges.dialect import Landed
from tradepulse.execution.venue import Balance, VenueFill, VenueOrder

OTHER = "tp" + "f" * 32
MINUTE = 60_000
BARS = [
    Bar(START_MS, 60_000.0, 60_100.0, 59_900.0, 60_050.0, 1.5),
    Bar(START_MS + MINUTE, 60_050.0, 60_200.0, 60_040.0, 60_150.0, 2.25),
    Bar(START_MS + 2 * MINUTE, 60_150.0, 60_160.0, 60_010.0, 60_020.0, 0.75),
]
# (tick, lot, least quantity, least notional, taker bps)
TERMS = {
    "bybit": ("0.01", "0.000001", "0.000048", "1", "10"),
    "coinbase": ("0.01", "0.00000001", "0.00000001", "1", "60"),
    "kraken": ("0.1", "0.00000001", "0.0001", "0.5", "26"),
    "okx": ("0.1", "0.00000001", "0.00001", "0", "15"),
}
# (currency, fee of the first fill, of the second, both in quote units)
FEES = {
    "bybit": ("BTC", 4e-6, 6e-6, 0.6005),
    "coinbase": ("USD", 1.4412, 2.1618, 3.603),
    "kraken": ("USD", 0.62452, 0.93678, 1.5613),
    "okx": ("BTC", 4e-6, 6e-6, 0.6005),
}


def _markets(venue: RecordedVenue, terms: Any) -> None:
    tick, lot, least, notional, taker = TERMS[venue.reader.exchange]
    found = terms.instrument
    assert (found.tick, found.lot) == (Decimal(tick), Decimal(lot))
    assert (terms.min_quantity, found.min_notional) == (Decimal(least), Decimal(notional))
    assert terms.taker_fee_bps == Decimal(taker)
    assert terms.trading


def _bars(_: RecordedVenue, bars: Any) -> None:
    assert bars == BARS


def _ticker(venue: RecordedVenue, seen: Any) -> None:
    assert (seen.pair, seen.price) == (venue.pair, LAST)
    assert seen.time >= START_MS


def _balance(venue: RecordedVenue, balances: Any) -> None:
    quote = venue.pair.split("/")[1]
    assert sorted(balances) == [Balance("BTC", 0.5, 0.5), Balance(quote, 900.0, 1000.0)]


def _placed(side: int, price: float | None, trigger: float | None) -> Callable[..., None]:
    def check(venue: RecordedVenue, landed: Landed) -> None:
        order = landed.order
        assert (order.client_order_id, order.pair, order.side) == (NAME, venue.pair, side)
        assert order.venue_order_id
        assert order.state is OrderState.OPEN
        assert order.quantity == 0.01
        # What an answer leaves out is not made up.
        assert order.price in (price, None)
        assert order.trigger in (trigger, None)

    return check


def _cancelled(venue: RecordedVenue, orders: tuple[VenueOrder, ...]) -> None:
    (order,) = orders
    assert (order.client_order_id, order.state) == (NAME, OrderState.CANCELLED)
    assert (order.pair, order.quantity, order.filled) == (venue.pair, 0.01, 0.0)


def _found(venue: RecordedVenue, landed: Landed) -> None:
    order = landed.order
    assert (order.client_order_id, order.side, order.state) == (NAME, 1, OrderState.FILLED)
    assert (order.quantity, order.filled) == (0.01, 0.01)
    _trades(venue, list(landed.fills))


def _open(venue: RecordedVenue, orders: list[VenueOrder]) -> None:
    target, stop = orders
    assert (target.client_order_id, target.price, target.trigger) == (NAME, 62_000.0, None)
    assert target.state is OrderState.OPEN
    assert (stop.client_order_id, stop.trigger, stop.quantity) == (OTHER, 58_000.0, 0.01)
    assert stop.venue_order_id not in ("", target.venue_order_id)
    assert stop.state in (OrderState.OPEN, OrderState.PARTIALLY_FILLED)
    assert {order.side for order in orders} == {-1}


def _trades(venue: RecordedVenue, fills: list[VenueFill]) -> None:
    currency, first, second, in_quote = FEES[venue.reader.exchange]
    assert [(fill.quantity, fill.price, fill.side) for fill in fills] == [
        (0.004, LAST, 1), (0.006, LAST, 1)
    ]  # fmt: skip
    assert [fill.time for fill in fills] == [START_MS + 60_600, START_MS + 60_700]
    assert {fill.fee_currency for fill in fills} == {currency}
    assert [fill.fee for fill in fills] == [first, second]
    assert math.isclose(sum(fill.fee_quote for fill in fills), in_quote, rel_tol=1e-12)
    assert len({fill.trade_id for fill in fills}) == 2
    assert {fill.liquidity for fill in fills} == {"taker"}


CHECKS: dict[str, Callable[[RecordedVenue, Any], None]] = {
    "markets": _markets,
    "bars": _bars,
    "ticker": _ticker,
    "balance": _balance,
    "market_order": _placed(1, None, None),
    "limit_order": _placed(-1, 62_000.0, None),
    "stop_order": _placed(-1, 57_420.0, 58_000.0),
    "cancel": _cancelled,
    "find": _found,
    "open_orders": _open,
    "my_trades": _trades,
}
