"""Funding of perpetuals: paid at its stamps on the position held, out of its margin (F12)."""

from __future__ import annotations

from decimal import Decimal

from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.futures_settlement import book_income, tell_position
from tradepulse.sandbox.liquidation import watch_liquidation
from tradepulse.sandbox.listing import Listing
from tradepulse.sandbox.margin import rounded_down

ASSUMED = "assumed rate: the replayed data has no funding"


def settle_funding(floor: Floor, listing: Listing) -> None:
    """Every holder of a position pays or receives; then the next stamp is due."""
    coming = listing.next_settlement()
    if coming is None:
        return
    mark = _mark(floor, listing)
    for key in sorted(listing.holders):
        _pay(floor, floor.accounts[key], listing, coming[1], mark)
    listing.next_funding += 1


def _pay(floor: Floor, account: Account, listing: Listing, rate: Decimal, mark: Decimal) -> None:
    position = account.futures.position(listing.symbol)
    cash = rounded_down(-position.amount * mark * rate)
    position.margin += cash
    position.update_time = floor.now
    info = ASSUMED if listing.funding_assumed else "FUNDING_FEE"
    book_income(floor, account, listing.symbol, "FUNDING_FEE", cash, info)
    tell_position(floor, account, listing, "FUNDING_FEE", cash)
    watch_liquidation(floor, account, listing)


def _mark(floor: Floor, listing: Listing) -> Decimal:
    """The mark at the stamp: that of the bar's open where the stamp is at it, as the backtest."""
    tape = listing.tape
    opens_now = tape.next_time == floor.now and (tape.at_open() or tape.at_close())
    if not opens_now:
        return listing.mark_price
    row = tape.row + (1 if tape.at_close() else 0)
    ticks = tape.opening_mark(row)
    return listing.mark_price if ticks is None else listing.price(ticks)
