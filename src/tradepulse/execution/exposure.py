"""What a wallet holds and has under way, as risk is told of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from tradepulse.execution.desk import Books, Desk
from tradepulse.execution.orders import Bracket, Order
from tradepulse.execution.oversight import CONNECTION, WALLET, Oversight
from tradepulse.risk import Exposure
from tradepulse.simulation import layout as at


def exposure_of(books: Books, desk: Desk, order: Order) -> Exposure:
    """The wallet's exposure besides the entry `order` that asks."""
    others = [d for d in books.desks.values() if d is not desk]
    by_pair: dict[str, float] = {}
    open_pairs: list[str] = []
    for other in others:
        worth = _worth(other)
        if worth is not None:
            pair = other.account.pair
            by_pair[pair] = by_pair.get(pair, 0.0) + worth
            open_pairs.append(pair)
    basic = Exposure(
        len(open_pairs), math.fsum(by_pair.values()),
        books.portfolio.capital or books.portfolio.allotted, desk.account.entries_blocked,
    )  # fmt: skip
    if books.oversight is None:
        return basic
    equity = wallet_equity(books.desks.values(), basic.capital, books.oversight.settled)
    return _overseen(basic, equity, books.oversight, desk, order, by_pair, tuple(open_pairs))


def wallet_equity(desks: Iterable[Desk], capital: float, settled: float) -> float:
    """What a wallet of `capital` is worth now: at the last prices, with what its activations that
    are gone have left (`settled`)."""
    return capital + settled + math.fsum(_earned(desk) for desk in desks)


def _earned(desk: Desk) -> float:
    """What an activation has made of its allotment, at the last price known."""
    account = desk.account
    offset, slope = account.line()
    traded = math.nan if desk.venue is None else desk.venue.last_price
    price = account.last_close if math.isnan(traded) else traded
    worth = offset + slope * price if slope and not math.isnan(price) else account.wallet
    return worth - account.rules[at.R_CASH]


class Stake(NamedTuple):
    """What a desk has at stake in quote units: `held` at its entry price, `coming` with the entry
    under way or queued; `risk`: what the open position loses at its stop."""

    held: float
    coming: float
    risk: float


def stake_of(desk: Desk) -> Stake:
    """The desk's stake, for people to see."""
    held, entry = desk.account.position, desk.entry
    queued = None if desk.venue is None else desk.venue.queued
    coming = queued.approved.order.intent.notional if queued is not None else 0.0
    coming += entry.remaining * entry.decided_at if entry is not None else 0.0
    if held is None:
        return Stake(0.0, coming, 0.0)
    lost = held.side * (held.entry_price - held.stop) * held.quantity
    return Stake(held.quantity * held.entry_price, coming, 0.0 if math.isnan(lost) else lost)


def _worth(desk: Desk) -> float | None:
    """What a desk has open or under way in quote units; None: nothing.

    Of a reversal the position that goes or the one that comes, whichever is more.
    """
    held, entry = desk.account.position, desk.entry
    queued = None if desk.venue is None else desk.venue.queued
    coming = queued.approved.order.intent.notional if queued is not None else 0.0
    coming += entry.remaining * entry.decided_at if entry is not None else 0.0
    if held is None:
        return coming if entry is not None or queued is not None else None
    worth = held.quantity * held.entry_price
    return max(worth, coming) if queued is not None else worth + coming


def _overseen(
    basic: Exposure, equity: float, oversight: Oversight, desk: Desk, order: Order,
    by_pair: dict[str, float], open_pairs: tuple[str, ...],
) -> Exposure:  # fmt: skip
    account, now = desk.account, order.created_at
    before = oversight.book.track
    track = None if before is None else before.marked(equity, now)
    standing = oversight.standing(account.activation_id)
    return Exposure(
        basic.open_trades, basic.notional, basic.capital, basic.entries_blocked,
        equity=equity,
        day_start_equity=None if track is None else track.day_start,
        peak_equity=None if track is None else track.peak,
        instrument_notional=by_pair, open_pairs=open_pairs, clusters=oversight.clusters,
        orders_last_minute=oversight.orders_last_minute(now),
        leverage=account.rules[at.R_LEVERAGE] if account.is_perpetual else 1.0,
        stage=standing.stage, live_trades=standing.live_trades,
        stop_distance=_stop_distance(order), allotment=account.rules[at.R_CASH],
        staged_share=standing.staged_share, risk_state=oversight.book.state,
        breakers=oversight.panel.tripped((account.pair, CONNECTION, WALLET)),
        now_ms=now,
    )  # fmt: skip


def _stop_distance(order: Order) -> float:
    """How far the entry's stop is from the close it was decided on, NaN without one."""
    bracket = order.bracket or Bracket()
    if not math.isnan(bracket.stop_price):
        return abs(order.decided_at - bracket.stop_price)
    distances = [d for d in (bracket.stop, bracket.trail) if not math.isnan(d)]
    return min(distances, default=math.nan)
