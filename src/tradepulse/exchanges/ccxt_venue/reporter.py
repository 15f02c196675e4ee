"""What has been told to the engine, so that everything is told once and in an order that makes
sense.

The same news comes by several ways: a request's answer, the account's stream (twice, after a
reconnect), a look-up. The engine hears of an order's acceptance once, of its end once, of every
trade id once.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from tradepulse.domain.lifecycle import OrderState
from tradepulse.exchanges.dialect import FundingHeard
from tradepulse.exchanges.errors import Outcome, OutcomeKind
from tradepulse.execution.venue import (
    Accepted,
    CancelFailed,
    Ended,
    Filled,
    ForcedFill,
    FundingSettled,
    NotSent,
    Refused,
    Sent,
    Unknown,
    VenueFill,
    VenueOrder,
    VenueReport,
)

# What has ended is told again within moments if at all: by a request's late answer, or by the
# catch-up after a fall of the stream, which looks back two minutes. What is older than this (in
# market time) is forgotten, but for the newest few: a replay's half hour may be over in seconds.
# The ledger refuses a trade id that it has.
_REMEMBERED_MS = 1_800_000
_FEWEST = 256
# Of whatever age; a bound for orders that never end.
_MOST = 20_000
_HOUR_MS = 3_600_000
_ENDED = {OrderState.CANCELLED, OrderState.EXPIRED}


@dataclass(slots=True)
class Known:
    """An order as far as the engine has been told. `told` base units of it as fills, `owed` as the
    venue counts them; `heard`: the account's stream has spoken of it. `execution_id`: the venue's
    id that its fills bear, which for a conditional order is that of the order it made. `since`:
    when it was first heard of, or last looked over, market time."""

    client_order_id: str
    pair: str
    since: int = 0
    venue_order_id: str | None = None
    execution_id: str | None = None
    accepted: bool = False
    over: bool = False
    told: float = 0.0
    owed: float = 0.0
    heard: bool = False

    @property
    def missing(self) -> bool:
        """Whether the venue counts fills that have not been told."""
        return self.owed - self.told > 1e-9 * max(self.owed, 1e-9)


class Reporter:
    """Turns what is heard into reports. For one thread; `out` takes each report."""

    def __init__(self, out: Callable[[VenueReport], None], now: Callable[[], int]) -> None:
        self._out, self._now = out, now
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._trades: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._settled: OrderedDict[tuple[str, int], None] = OrderedDict()

    def known(self, client_order_id: str, pair: str) -> Known:
        """What is known of the order; a new entry for one not heard of."""
        found = self._known.get(client_order_id)
        if found is None:
            found = self._known[client_order_id] = Known(client_order_id, pair, self._now())
            self._forget_orders()
        return found

    def lookup(self, client_order_id: str) -> Known | None:
        """What is known of the order, None if nothing."""
        return self._known.get(client_order_id)

    # --- requests ---------------------------------------------------------------------------------
    def sent(self, client_order_id: str, pair: str) -> None:
        """The request leaves."""
        self.known(client_order_id, pair)
        self._out(Sent(client_order_id, self._now(), time.time_ns() // 1_000_000))

    def accepted(self, order: VenueOrder) -> None:
        """The venue has it, in whatever state."""
        entry = self.known(order.client_order_id, order.pair)
        entry.venue_order_id = entry.venue_order_id or order.venue_order_id
        entry.execution_id = order.venue_order_id
        if not entry.accepted:
            entry.accepted = True
            self._out(Accepted(order.client_order_id, order.venue_order_id, order.time))

    def failed(self, client_order_id: str, pair: str, outcome: Outcome) -> None:
        """A placement that did not come back well: what it means. Nothing, when the account's
        stream has shown that the venue took the order after all."""
        if self.known(client_order_id, pair).accepted:
            return
        code, message = outcome.code, outcome.message
        if outcome.kind is OutcomeKind.REJECTED:
            self._end_unaccepted(client_order_id, pair)
            self._out(Refused(client_order_id, code, message, self._now()))
        elif outcome.kind is OutcomeKind.UNKNOWN:
            self._out(Unknown(client_order_id, message, self._now()))
        else:
            self._out(NotSent(client_order_id, code, message, outcome.retry_ms, self._now()))

    def cancel_failed(self, client_order_id: str, outcome: Outcome) -> None:
        """The order was not cancelled, as far as is known."""
        gone = outcome.code == "order_not_found"
        refused = outcome.kind is OutcomeKind.REJECTED
        code = "gone" if gone else (outcome.code if refused else "unavailable")
        self._out(CancelFailed(client_order_id, code, outcome.retry_ms, self._now()))

    # --- news -------------------------------------------------------------------------------------
    def order(self, order: VenueOrder, reason: str | None = None) -> None:
        """An order as the venue has it now."""
        if order.state is OrderState.REJECTED:
            self._refused(order, reason)
            return
        if order.state is not OrderState.UNKNOWN:
            self.accepted(order)
        entry = self.known(order.client_order_id, order.pair)
        if not math.isnan(order.filled):
            entry.owed = max(entry.owed, order.filled)
        if order.state in _ENDED and not entry.over:
            entry.over = True
            self._out(Ended(order.client_order_id, order.state, order.filled, order.time, reason))
        elif order.state is OrderState.FILLED:
            entry.over = True

    def fill(self, fill: VenueFill, *, forced: bool = False, owed: float = math.nan) -> None:
        """An execution, told if it is new."""
        key = (fill.pair, fill.trade_id)
        name = fill.client_order_id
        entry = None if name is None or forced else self.known(name, fill.pair)
        if entry is not None and not math.isnan(owed):
            entry.owed = max(entry.owed, owed)
        if key in self._trades:
            return
        self._trades[key] = self._now()
        self._forget_trades()
        if entry is not None:
            if not entry.accepted and name is not None:
                # A fill proves that the venue has the order, and may come before it says so.
                entry.accepted = True
                entry.venue_order_id = entry.execution_id = fill.venue_order_id
                self._out(Accepted(name, fill.venue_order_id, fill.time))
            entry.told += fill.quantity
            entry.owed = max(entry.owed, entry.told)
        self._out(ForcedFill(fill) if forced else Filled(fill))

    def funding(self, heard: FundingHeard) -> None:
        """A settlement, told if it is new. Its time differs by a moment between the stream and
        REST, so that it is known by its hour."""
        if heard.pair is None:
            return
        key = (heard.pair, round(heard.time / _HOUR_MS))
        if key in self._settled:
            return
        self._settled[key] = None
        if len(self._settled) > _MOST:
            self._settled.popitem(last=False)
        self._out(FundingSettled(heard.pair, heard.cash, heard.time))

    def _refused(self, order: VenueOrder, reason: str | None) -> None:
        entry = self.known(order.client_order_id, order.pair)
        if entry.over:
            return
        entry.over = True
        if entry.accepted:
            # It rested, and the venue would not have it when its trigger was reached.
            self._out(Ended(order.client_order_id, OrderState.EXPIRED, order.filled, order.time,
                            reason))  # fmt: skip
        else:
            code = reason or "rejected"
            self._out(Refused(order.client_order_id, "rejected", code, order.time))

    def _end_unaccepted(self, client_order_id: str, pair: str) -> None:
        self.known(client_order_id, pair).over = True

    def _forget_orders(self) -> None:
        """Drops what has long ended. An order that rests is put behind, to be looked over later."""
        old = self._now() - _REMEMBERED_MS
        while len(self._known) > _FEWEST:
            name, entry = next(iter(self._known.items()))
            if entry.since >= old and len(self._known) <= _MOST:
                return
            if entry.over or len(self._known) > _MOST:
                del self._known[name]
            else:
                entry.since = self._now()
                self._known.move_to_end(name)

    def _forget_trades(self) -> None:
        old = self._now() - _REMEMBERED_MS
        while len(self._trades) > _FEWEST:
            key, told_at = next(iter(self._trades.items()))
            if told_at >= old and len(self._trades) <= _MOST:
                return
            del self._trades[key]
