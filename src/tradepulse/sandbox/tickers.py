"""Averages and the last day of a symbol, as the venue shows them."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

from tradepulse.domain.interval import DAY_MS, MINUTE_MS
from tradepulse.sandbox.candles import rows_between
from tradepulse.sandbox.listing import Listing
from tradepulse.sandbox.values import ZERO, BookTicker, FundingRate, Premium, Ticker24h

_PLACES = Decimal("0.00000001")


def average_price(listing: Listing, now: int) -> Decimal:
    """The price of the last minutes weighted by volume, of all bars that reach into them; the last
    price where nothing traded."""
    minutes = listing.spec.filters.average_price_minutes
    first = now - minutes * MINUTE_MS - listing.tape.interval_ms + 1
    rows = rows_between(listing, first, now + 1)
    lots = int(rows.lots.sum())
    if not lots or not minutes:
        return listing.last_price
    average = float(rows.value.sum()) / lots
    return _rounded(Decimal(repr(average)) * listing.tick)


def ticker_24h(listing: Listing, now: int) -> Ticker24h:
    """The last 24 hours, in whole bars and the forming one."""
    rows = rows_between(listing, now - DAY_MS + 1, now + 1)
    last, quantity = listing.last_price, ZERO
    first_id = last_id = 0
    if listing.trades:
        quantity, last_id = listing.trades[-1].quantity, listing.trades[-1].trade_id
        first_id = listing.trades[0].trade_id
    lots, count = int(rows.lots.sum()), int(np.count_nonzero(rows.lots)) * listing.tape.points
    value = listing.tick * listing.lot * round(float(rows.value.sum()))
    volume = listing.quantity(lots)
    seen = len(rows.open_time) > 0
    top = book_ticker(listing, now)
    return Ticker24h(
        listing.symbol,
        listing.price(int(rows.open[0])) if seen else last,
        listing.price(max(int(rows.high.max()), listing.last)) if seen else last,
        listing.price(min(int(rows.low.min()), listing.last)) if seen else last,
        last, quantity,
        listing.price(int(rows.open[0])) if seen else last,
        _rounded(value / volume) if lots else last,
        volume, value, top.bid, top.bid_quantity, top.ask, top.ask_quantity,
        now - DAY_MS, now, first_id, last_id, count,
    )  # fmt: skip


def book_ticker(listing: Listing, now: int) -> BookTicker:
    """The best prices; 0 for a side that orders took whole."""
    bids, asks = listing.depth.side(asks=False), listing.depth.side(asks=True)
    bid, bid_lots = bids[0] if bids else (0, 0)
    ask, ask_lots = asks[0] if asks else (0, 0)
    return BookTicker(
        listing.symbol, listing.depth.update_id, now, listing.price(bid),
        listing.quantity(bid_lots), listing.price(ask), listing.quantity(ask_lots),
    )  # fmt: skip


def premium(listing: Listing, now: int) -> Premium:
    """Mark, index (the mark, where no other is known) and the funding that comes next."""
    coming = listing.next_settlement()
    if coming is None:
        count = len(listing.funding_times)
        stamp, rate = 0, listing.rate(count - 1) if count else ZERO
    else:
        stamp, rate = coming
    mark = listing.mark_price
    return Premium(listing.symbol, mark, mark, rate, stamp, now)


def funding_rates(
    listing: Listing, *, start: int | None, end: int | None, limit: int
) -> list[FundingRate]:
    """Settlements up to now, oldest first: the newest `limit`, or the first from `start`."""
    stamps = listing.funding_times
    low = 0 if start is None else int(np.searchsorted(stamps, start))
    high = listing.next_funding
    if end is not None:
        high = min(high, int(np.searchsorted(stamps, end, side="right")))
    low, high = (low, min(high, low + limit)) if start is not None else (high - limit, high)
    return [
        FundingRate(listing.symbol, listing.rate(row), int(stamps[row]), _mark_at(listing, row))
        for row in range(max(low, 0), high)
    ]


def _mark_at(listing: Listing, row: int) -> Decimal:
    """The mark at the open of the bar that a settlement falls into."""
    tape = listing.tape
    stamp = int(listing.funding_times[row]) // 1000 * 1000
    bar = int(np.searchsorted(tape.bars.open_time, stamp, side="right")) - 1
    columns = tape.mark_columns or tape.columns
    return listing.price(int(columns[0][max(bar, 0)]))


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_PLACES, rounding=ROUND_HALF_EVEN)
