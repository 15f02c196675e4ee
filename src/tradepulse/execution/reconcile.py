"""The venue's account beside the ledger: what differs, as values. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tradepulse.execution.desk import Desk
from tradepulse.execution.identity import is_ours
from tradepulse.execution.orders import Order
from tradepulse.execution.shaping import lots
from tradepulse.execution.venue import (
    AccountSnapshot,
    FundingSettled,
    VenueFill,
    VenueOrder,
)
from tradepulse.execution.venue_orders import side_of

_EPS = 1e-9


class Difference(NamedTuple):
    """What the ledger expects and the venue has. `kind`: `missing_fill`, `order_gone`,
    `alien_order`, `dead_order`, `position`."""

    kind: str
    activation_id: str | None
    pair: str
    entity: str
    expected: str
    found: str


class Comparison(NamedTuple):
    """`fills`: executions the ledger has not booked, with the order each belongs to; `funding`:
    settlements, by activation, that it may not have booked; `foreign`: executions of no order of
    ours, in the pairs that are traded; `shortfalls`: by activation, how much less the venue holds
    than the ledger; `gone`: orders
    that should rest and do not; `alien`: orders of ours that should not; `disputes`: by activation,
    how its position differs from the venue's."""

    fills: tuple[tuple[Order, VenueFill], ...]
    funding: tuple[tuple[str, FundingSettled], ...]
    gone: tuple[Order, ...]
    alien: tuple[VenueOrder, ...]
    dead: tuple[Order, ...]
    disputes: dict[str, str]
    foreign: tuple[VenueFill, ...] = ()
    shortfalls: dict[str, float] = {}  # noqa: RUF012  (a NamedTuple's default is never changed)


def compare(desks: Sequence[Desk], snapshot: AccountSnapshot) -> Comparison:
    """What must be done about an account. Positions are compared where nothing is under way."""
    orders = {
        order.client_order_id: (desk, order)
        for desk in desks for order in (*desk.orders.values(), *desk.earlier.values())
    }  # fmt: skip
    by_venue_id = {
        order.venue_id: (desk, order) for desk, order in orders.values() if order.venue_id
    }
    fills: list[tuple[Order, VenueFill]] = []
    foreign: list[VenueFill] = []
    for fill in snapshot.fills:
        found = orders.get(fill.client_order_id or "") or by_venue_id.get(fill.venue_order_id)
        if found is not None and fill.trade_id not in side_of(found[0]).trades:
            fills.append((found[1], fill))
        elif found is None and not is_ours(fill.client_order_id):
            foreign.append(fill)
    resting = {order.client_order_id: order for order in snapshot.orders}
    gone = tuple(
        order for desk, order in orders.values()
        if order.acknowledged_at is not None and not order.state.is_over
        and order.client_order_id not in resting and order.id not in side_of(desk).waits
    )  # fmt: skip
    alien, dead = [], []
    pairs = {desk.account.pair for desk in desks}
    for name, seen in resting.items():
        if not is_ours(name) or seen.pair not in pairs:
            continue
        if name not in orders:
            alien.append(seen)
        elif orders[name][1].state.is_over:
            dead.append(orders[name][1])
    missing = {order.activation_id for order, _ in fills}
    settled = [
        (desk.account.activation_id, paid)
        for desk in desks for paid in snapshot.funding if paid.pair == desk.account.pair
    ]  # fmt: skip
    found_wrong = {
        desk.account.activation_id: wrong for desk in desks
        if not side_of(desk).waits and desk.account.activation_id not in missing
        and (wrong := _dispute(desk, snapshot)) is not None
    }  # fmt: skip
    return Comparison(
        tuple(fills), tuple(settled), gone, tuple(alien), tuple(dead),
        {name: told for name, (told, _) in found_wrong.items()}, tuple(foreign),
        {name: short for name, (_, short) in found_wrong.items() if short > 0.0},
    )  # fmt: skip


def _dispute(desk: Desk, snapshot: AccountSnapshot) -> tuple[str, float] | None:
    """(how the position at the venue differs from the ledger's, how much less it is), None if it
    does not differ."""
    account, venue = desk.account, side_of(desk)
    held = account.position
    ours = 0.0 if held is None else held.side * held.quantity
    if account.is_perpetual:
        theirs = sum(p.side * p.quantity for p in snapshot.positions if p.pair == account.pair)
        if abs(theirs - ours) <= _EPS * max(abs(ours), 1.0):
            return None
        told = f"{account.pair}: the ledger holds {ours:.12g}, the venue {theirs:.12g}"
        same_way = max(theirs * (1.0 if ours > 0 else -1.0), 0.0)
        return told, abs(ours) - same_way
    base = account.pair.split("/")[0]
    theirs = sum(balance.total for balance in snapshot.balances if balance.currency == base)
    # Coins of the user's own may lie beside ours; fewer than ours may not.
    if lots(ours, venue.terms) <= theirs * (1.0 + _EPS):
        return None
    return f"{base}: the ledger holds {ours:.12g}, the venue {theirs:.12g}", ours - theirs
