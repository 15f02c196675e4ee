"""Time: prices move along the tapes of all symbols together, and meet what waits for them."""

from __future__ import annotations

from heapq import heapify, heappop, heappush, heapreplace

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.algo_orders import trigger_algo
from tradepulse.sandbox.candles import forming_bar, own_bar
from tradepulse.sandbox.endings import close_order
from tradepulse.sandbox.events import BarUpdate, MarkPrice, Tick
from tradepulse.sandbox.filling import closable, fill
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.funding import settle_funding
from tradepulse.sandbox.liquidation import liquidate
from tradepulse.sandbox.listing import Listing
from tradepulse.sandbox.resting import Move, Resting, Waits
from tradepulse.sandbox.spot_orders import trigger_spot
from tradepulse.sandbox.tickers import premium

# At one time funding comes before prices: it is paid on the position held before (F0).
_FUNDING, _PRICES = 0, 1


class Replay:
    """Steps through the prints and settlements of every symbol in order of time."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._queue: list[tuple[int, int, int]] = []
        for index, listing in enumerate(floor.listings):
            _remember(floor, listing)
            self._plan(index, listing)
        heapify(self._queue)

    @property
    def finished(self) -> bool:
        """Whether no bar is left."""
        return not any(kind == _PRICES for _, kind, _ in self._queue)

    def advance(self, to_ms: int) -> None:
        """Everything up to and including `to_ms`."""
        floor, queue = self._floor, self._queue
        while queue and queue[0][0] <= to_ms:
            time, kind, index = queue[0]
            listing = floor.listings[index]
            floor.now = max(time, floor.now)
            if kind == _PRICES:
                upcoming = _step(floor, listing)
            else:
                settle_funding(floor, listing)
                coming = listing.next_settlement()
                upcoming = None if coming is None else coming[0]
            if upcoming is None:
                heappop(queue)
            else:
                heapreplace(queue, (upcoming, kind, index))
        floor.now = max(floor.now, to_ms)
        for listing in floor.listings:
            _tell_state(floor, listing)

    def _plan(self, index: int, listing: Listing) -> None:
        if listing.tape.next_time is not None:
            heappush(self._queue, (listing.tape.next_time, _PRICES, index))
        coming = listing.next_settlement()
        if coming is not None:
            heappush(self._queue, (coming[0], _FUNDING, index))


def _remember(floor: Floor, listing: Listing) -> None:
    """The trades before the start, so that who looks back sees some."""
    before = listing.last
    for time, point in listing.tape.past_prints(listing.trades.maxlen or 0):
        price, quantity = listing.price(point.price), listing.quantity(point.lots)
        number = next(floor.numbers.prints)
        listing.trades.append(
            Tick(
                listing.market, listing.symbol, time, number, price, quantity, point.price < before
            )
        )
        before = point.price


def _step(floor: Floor, listing: Listing) -> int | None:
    """One print, or the end of a bar (and the first print of the next where that opens at once)."""
    tape = listing.tape
    if tape.at_close():
        _close_bar(floor, listing)
        if tape.next_time is None or tape.next_time > floor.now:
            return tape.next_time
    if tape.at_open():
        listing.begin_bar()
    point, mark = tape.print()
    if listing.halted:
        return tape.next_time
    price, lots, opens = point
    own_mark = listing.mark_resting is not listing.resting
    if not lots:
        # A bar without volume fills nothing, liquidations included: what waits, waits (F13).
        listing.mark = mark if own_mark else listing.mark
        return tape.next_time
    if own_mark:
        _move_mark(floor, listing, mark, jumps=opens)
    sold = price < listing.last
    _move_price(floor, listing, price, lots, jumps=opens)
    listing.print(price, lots)
    tick = Tick(
        listing.market, listing.symbol, floor.now, next(floor.numbers.prints),
        listing.price(price), listing.quantity(lots), sold,
    )  # fmt: skip
    listing.trades.append(tick)
    floor.outbox.append(tick)
    return tape.next_time


def _close_bar(floor: Floor, listing: Listing) -> None:
    tape = listing.tape
    bar = own_bar(listing, tape.row)
    tape.close()
    length = tape.interval_ms
    floor.emit(BarUpdate(listing.market, listing.symbol, floor.now, length, bar, True))


def _move_price(floor: Floor, listing: Listing, target: int, lots: int, *, jumps: bool) -> None:
    """The price goes to `target`, meeting what waits on the way; `lots` trade there, and resting
    limits have no more than that."""
    if not listing.resting.entries:
        listing.go_to(target)
        return
    move = _visited(listing.last, target, jumps=jumps)
    if listing.resting.quiet(move):
        listing.go_to(target)
    else:
        _walk(floor, listing, move, lots)
    if listing.resting.trailing:
        listing.resting.trail(target)


def _walk(floor: Floor, listing: Listing, move: Move, lots: int) -> None:
    """From price to price at which something waits, to the end of the move."""
    target = move.last
    if move.first == target:
        listing.go_to(target)
    left = lots
    while (hit := listing.resting.next_hit(move, limits=left > 0)) is not None:
        entry, price = hit
        if price != listing.last:
            listing.go_to(price)
            move = Move(price, target)
        left -= _act(floor, listing, entry, left)
    listing.go_to(target)


def _move_mark(floor: Floor, listing: Listing, target: int, *, jumps: bool) -> None:
    move = _visited(listing.mark, target, jumps=jumps)
    listing.mark = target
    if not listing.mark_resting.quiet(move):
        while (hit := listing.mark_resting.next_hit(move, limits=False)) is not None:
            _act(floor, listing, hit[0], 0)
    if listing.mark_resting.trailing:
        listing.mark_resting.trail(target)


def _visited(last: int, target: int, *, jumps: bool) -> Move:
    """The prices a step visits: all of them but the one it starts from, or the target alone."""
    if jumps or target == last:
        return Move(target, target)
    return Move(last + (1 if target > last else -1), target)


def _act(floor: Floor, listing: Listing, entry: Resting, lots: int) -> int:
    """Does what the entry waited for; the lots that a limit order took of what traded."""
    account = floor.accounts[entry.key]
    if entry.kind is Waits.LIQUIDATION:
        liquidate(floor, account, listing)
        return 0
    if entry.kind is Waits.TRIGGER:
        if entry.conditional:
            trigger_algo(floor, account, listing, entry.number)
        else:
            trigger_spot(floor, account, listing, entry.number)
        return 0
    order = account.files[listing.market].open[entry.number]
    wanted = (
        min(order.remaining, closable(account, order)) if order.reduce_only else order.remaining
    )
    took = min(listing.lots(wanted), lots)
    if not took:  # nothing left to reduce: the position has turned around meanwhile
        close_order(floor, account, order, "EXPIRED")
        return 0
    fill(floor, account, listing, order, order.price, listing.quantity(took), maker=True)
    return took


def _tell_state(floor: Floor, listing: Listing) -> None:
    """At the end of an advance: the book, the mark and the forming bar, where they moved."""
    if listing.depth.update_id == listing.told_update_id:
        return
    floor.tell_book(listing)
    bar = forming_bar(listing)
    if bar is not None:
        length = listing.tape.interval_ms
        floor.emit(BarUpdate(listing.market, listing.symbol, floor.now, length, bar, False))
    if listing.market is Market.PERPETUAL:
        tell_mark(floor, listing)


def tell_mark(floor: Floor, listing: Listing) -> None:
    now = premium(listing, floor.now)
    floor.emit(
        MarkPrice(
            listing.symbol, floor.now, now.mark, now.index, now.funding_rate, now.next_funding_time
        )
    )
