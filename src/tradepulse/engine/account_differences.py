"""A venue's account beside the rows of the ledger: what differs, as values. Pure.

`execution.reconcile` does this for an engine with its desks; here nothing runs, and nothing is
done about what is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from tradepulse.domain.instrument import Pair
from tradepulse.domain.ledger import FillRecord, OrderRecord, PositionRecord
from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.money import to_decimal, to_text
from tradepulse.engine.cash_flows import ROUNDING
from tradepulse.execution.identity import is_ours
from tradepulse.execution.orders import Kind
from tradepulse.execution.venue import AccountSnapshot, VenueFill

ORDER, FILL, POSITION, PNL = "order", "fill", "position", "pnl"
_EPS = Decimal("1e-9")


class LedgerView(NamedTuple):
    """Rows of all wallets of one account: `orders` that are under way or that the venue named,
    `fills` since the time that the account was asked for, open `positions`."""

    orders: tuple[OrderRecord, ...]
    fills: tuple[FillRecord, ...]
    positions: tuple[PositionRecord, ...]


class AccountDifference(NamedTuple):
    """`kind` is order, fill, position or pnl; `what` says which: `order_gone`, `alien_order`,
    `dead_order`, `missing_fill`, `unknown_fill`, `fill_amount`, `position`, `balance`. `entity_id`
    is an id of the ledger, else the venue's name. `wallet_id` is None where the account has it
    in common."""

    kind: str
    what: str
    wallet_id: str | None
    pair: str | None
    entity_id: str
    expected: str
    found: str


def differences(ledger: LedgerView, account: AccountSnapshot) -> tuple[AccountDifference, ...]:
    """What differs in orders, fills and positions, in that order."""
    return (
        *_orders(ledger, account), *_fills(ledger, account), *_positions(ledger, account)
    )  # fmt: skip


def balance_differences(
    ledger: Mapping[str, Decimal], venue: Mapping[str, Decimal], fills: int
) -> tuple[AccountDifference, ...]:
    """Currencies whose balance moved otherwise than the ledger's flows since the same moment.

    Only currencies that the ledger has moved: what else lies on the account is its owner's. A fill
    may be rounded by the venue to its last decimal; `fills` of them explain so much.
    """
    found = []
    for currency in sorted(ledger):
        moved = venue.get(currency, Decimal(0))
        if abs(moved - ledger[currency]) > ROUNDING * max(fills, 1):
            found.append(
                AccountDifference(
                    PNL, "balance", None, None, currency, to_text(ledger[currency]), to_text(moved)
                )
            )
    return tuple(found)


def agreed(
    one: Iterable[AccountDifference], other: Iterable[AccountDifference]
) -> tuple[AccountDifference, ...]:
    """What both looks found alike, as the second has it: the rest was on its way. A balance may
    have moved on between them, its difference may not."""
    before = {_content(difference) for difference in one}
    return tuple(difference for difference in other if _content(difference) in before)


def _content(difference: AccountDifference) -> tuple[object, ...]:
    if difference.kind != PNL:
        return tuple(difference)
    apart = Decimal(difference.found) - Decimal(difference.expected)
    return difference.what, difference.entity_id, apart


def _orders(ledger: LedgerView, account: AccountSnapshot) -> Iterator[AccountDifference]:
    known = {order.client_order_id: order for order in ledger.orders}
    resting = {order.client_order_id for order in account.orders}
    for name, order in known.items():
        if _rests(order) and name not in resting:
            yield _of(order, "order_gone", f"{order.state} at the venue", "no open order")
    for seen in account.orders:
        name = seen.client_order_id
        if not is_ours(name):
            continue
        order_or_none = known.get(name)
        if order_or_none is None:
            told = f"{seen.state} {to_text(to_decimal(seen.quantity))}"
            yield AccountDifference(ORDER, "alien_order", None, seen.pair, name, "no order", told)
        elif order_or_none.state.is_over:
            yield _of(order_or_none, "dead_order", str(order_or_none.state), str(seen.state))


def _rests(order: OrderRecord) -> bool:
    """A market order is over in a moment; one that the venue has not taken yet may not be there."""
    taken = order.acknowledged_at is not None and order.kind != Kind.MARKET
    return taken and order.state in (OrderState.OPEN, OrderState.PARTIALLY_FILLED)


def _of(order: OrderRecord, what: str, expected: str, found: str) -> AccountDifference:
    return AccountDifference(
        ORDER, what, order.wallet_id, order.pair, order.id, expected, found
    )  # fmt: skip


def _fills(ledger: LedgerView, account: AccountSnapshot) -> Iterator[AccountDifference]:
    owners = {order.client_order_id: order for order in ledger.orders}
    owners |= {o.venue_order_id: o for o in ledger.orders if o.venue_order_id is not None}
    booked = {(fill.pair, fill.venue_trade_id): fill for fill in ledger.fills}
    for seen in account.fills:
        fill = booked.pop((seen.pair, seen.trade_id), None)
        if fill is None:
            owner = owners.get(seen.client_order_id or "") or owners.get(seen.venue_order_id)
            if owner is not None:
                yield AccountDifference(
                    FILL, "missing_fill", owner.wallet_id, seen.pair, owner.id, "no fill",
                    _told(seen),
                )  # fmt: skip
        elif (to_decimal(seen.price), to_decimal(seen.quantity)) != (fill.price, fill.quantity):
            expected = f"{to_text(fill.quantity)} at {to_text(fill.price)}"
            yield AccountDifference(
                FILL, "fill_amount", fill.wallet_id, fill.pair, fill.id, expected, _told(seen)
            )
    for (pair, trade_id), fill in booked.items():
        if trade_id is not None:
            expected = f"{to_text(fill.quantity)} at {to_text(fill.price)}"
            yield AccountDifference(
                FILL, "unknown_fill", fill.wallet_id, pair, fill.id, expected,
                f"no trade {trade_id}",
            )  # fmt: skip


def _told(fill: VenueFill) -> str:
    return f"{to_text(to_decimal(fill.quantity))} at {to_text(to_decimal(fill.price))}"


def _positions(ledger: LedgerView, account: AccountSnapshot) -> Iterator[AccountDifference]:
    held: dict[str, Decimal] = {}
    for position in ledger.positions:
        signed = position.side.sign * position.quantity
        held[position.pair] = held.get(position.pair, Decimal(0)) + signed
    open_there: dict[str, Decimal] = {}
    for seen in account.positions:
        signed = seen.side * to_decimal(seen.quantity)
        open_there[seen.pair] = open_there.get(seen.pair, Decimal(0)) + signed
    for pair in sorted(held.keys() | open_there.keys()):
        if Pair.parse(pair).settle is None:
            continue
        ours, theirs = held.get(pair, Decimal(0)), open_there.get(pair, Decimal(0))
        if abs(ours - theirs) > _EPS * max(abs(ours), Decimal(1)):
            yield _position(pair, pair, ours, theirs)
    yield from _coins(held, account)


def _coins(held: Mapping[str, Decimal], account: AccountSnapshot) -> Iterator[AccountDifference]:
    """Coins of the owner's own may lie beside ours; fewer than ours may not."""
    ours: dict[str, Decimal] = {}
    for name, quantity in held.items():
        pair = Pair.parse(name)
        if pair.settle is None:
            ours[pair.base] = ours.get(pair.base, Decimal(0)) + quantity
    there = {balance.currency: to_decimal(balance.total) for balance in account.balances}
    for base, quantity in sorted(ours.items()):
        theirs = there.get(base, Decimal(0))
        if quantity > theirs * (1 + _EPS):
            yield _position(base, None, quantity, theirs)


def _position(name: str, pair: str | None, ours: Decimal, theirs: Decimal) -> AccountDifference:
    return AccountDifference(
        POSITION, "position", None, pair, name, to_text(ours), to_text(theirs)
    )  # fmt: skip
