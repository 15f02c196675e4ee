"""The life of an order: every way through it, and every way that there is not."""

from __future__ import annotations

import itertools

import pytest

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.lifecycle import OrderState
from tradepulse.execution.identity import client_order_id, fill_id, order_id, signal_id
from tradepulse.execution.orders import TRANSITIONS, Kind, Order, Role, filled, moved

S = OrderState
ALLOWED = {
    (S.INTENDED, S.SENT), (S.INTENDED, S.CANCELLED), (S.INTENDED, S.REJECTED),
    (S.INTENDED, S.UNKNOWN),
    (S.SENT, S.OPEN), (S.SENT, S.PARTIALLY_FILLED), (S.SENT, S.FILLED), (S.SENT, S.CANCELLING),
    (S.SENT, S.CANCELLED), (S.SENT, S.REJECTED), (S.SENT, S.EXPIRED), (S.SENT, S.UNKNOWN),
    (S.OPEN, S.PARTIALLY_FILLED), (S.OPEN, S.FILLED), (S.OPEN, S.CANCELLING),
    (S.OPEN, S.CANCELLED), (S.OPEN, S.REJECTED), (S.OPEN, S.EXPIRED), (S.OPEN, S.UNKNOWN),
    (S.PARTIALLY_FILLED, S.PARTIALLY_FILLED), (S.PARTIALLY_FILLED, S.FILLED),
    (S.PARTIALLY_FILLED, S.CANCELLING), (S.PARTIALLY_FILLED, S.CANCELLED),
    (S.PARTIALLY_FILLED, S.EXPIRED), (S.PARTIALLY_FILLED, S.UNKNOWN),
    (S.CANCELLING, S.OPEN), (S.CANCELLING, S.PARTIALLY_FILLED), (S.CANCELLING, S.FILLED),
    (S.CANCELLING, S.CANCELLED), (S.CANCELLING, S.EXPIRED), (S.CANCELLING, S.UNKNOWN),
    (S.CANCELLED, S.FILLED), (S.EXPIRED, S.FILLED), (S.REJECTED, S.FILLED),
    (S.UNKNOWN, S.OPEN), (S.UNKNOWN, S.PARTIALLY_FILLED), (S.UNKNOWN, S.FILLED),
    (S.UNKNOWN, S.CANCELLED), (S.UNKNOWN, S.REJECTED), (S.UNKNOWN, S.EXPIRED),
}  # fmt: skip


def order(state: OrderState = S.OPEN, quantity: float = 10.0, done: float = 0.0) -> Order:
    return Order(
        "o", "tpo", "a", "BTC/USDT", Role.EXIT, Kind.MARKET, -1, quantity, None, 100.0, state, 1, 1,
        filled=done,
    )  # fmt: skip


@pytest.mark.parametrize(("before", "after"), list(itertools.product(S, S)))
def test_every_transition(before: OrderState, after: OrderState) -> None:
    if (before, after) in ALLOWED:
        found = moved(order(before), after, 2, "why")
        assert (found.state, found.updated_at, found.reason) == (after, 2, "why")
    else:
        with pytest.raises(TradePulseError) as caught:
            moved(order(before), after, 2)
        assert caught.value.code == "illegal_order_state"


def test_unknown_is_left_by_looking_it_up_and_only_filled_orders_stay() -> None:
    assert set(TRANSITIONS) == set(S)
    assert S.SENT not in TRANSITIONS[S.UNKNOWN]
    assert {s for s in S if not TRANSITIONS[s]} == {S.FILLED}


# State before, filled before, fill -> state, filled; None: refused.
FILLS = {
    "whole": (S.OPEN, 0.0, 10.0, (S.FILLED, 10.0)),
    "part": (S.OPEN, 0.0, 4.0, (S.PARTIALLY_FILLED, 4.0)),
    "the rest": (S.PARTIALLY_FILLED, 4.0, 6.0, (S.FILLED, 10.0)),
    "another part": (S.PARTIALLY_FILLED, 4.0, 1.0, (S.PARTIALLY_FILLED, 5.0)),
    "a fill overtakes the acknowledgement": (S.SENT, 0.0, 10.0, (S.FILLED, 10.0)),
    "part while cancelling": (S.CANCELLING, 0.0, 4.0, (S.CANCELLING, 4.0)),
    "all while cancelling": (S.CANCELLING, 0.0, 10.0, (S.FILLED, 10.0)),
    "late, whole": (S.CANCELLED, 0.0, 10.0, (S.FILLED, 10.0)),
    "late, part": (S.CANCELLED, 0.0, 4.0, (S.CANCELLED, 4.0)),
    "after expiry": (S.EXPIRED, 2.0, 4.0, (S.EXPIRED, 6.0)),
    "known at last": (S.UNKNOWN, 0.0, 10.0, (S.FILLED, 10.0)),
    "a last digit short": (S.OPEN, 0.0, 10.0 * (1 - 1e-15), (S.FILLED, 10.0 * (1 - 1e-15))),
    "never sent": (S.INTENDED, 0.0, 10.0, None),
    "filled already": (S.FILLED, 10.0, 1.0, None),
    "given up, part": (S.REJECTED, 0.0, 1.0, (S.REJECTED, 1.0)),
    "given up, whole": (S.REJECTED, 0.0, 10.0, (S.FILLED, 10.0)),
}


@pytest.mark.parametrize("case", FILLS)
def test_fills(case: str) -> None:
    state, done, quantity, expected = FILLS[case]
    before = order(state, done=done)
    if expected is None:
        with pytest.raises(TradePulseError):
            filled(before, quantity, 2)
        return
    after = filled(before, quantity, 2)
    assert (after.state, after.filled) == expected
    assert after.fill_count == before.fill_count + 1
    assert after.remaining == max(10.0 - after.filled, 0.0)


def test_names_are_deterministic_and_tell_things_apart() -> None:
    names = [
        order_id("a", 60_000, Role.ENTRY), order_id("a", 60_000, Role.EXIT),
        order_id("a", 60_000, Role.ENTRY, 1), order_id("a", 120_000, Role.ENTRY),
        order_id("b", 60_000, Role.ENTRY), signal_id("a", 60_000, "entry"), fill_id("a", 1),
        fill_id("a", 2), order_id("a6", 0, Role.ENTRY),
    ]  # fmt: skip
    assert len(set(names)) == len(names)
    assert order_id("a", 60_000, Role.ENTRY) == names[0]
    assert len(client_order_id(names[0])) <= 36
    assert client_order_id(names[0]).isalnum()


def test_only_an_entry_can_enlarge() -> None:
    assert not order()._replace(role=Role.ENTRY).intent.reduces
    for role in set(Role) - {Role.ENTRY}:
        assert order()._replace(role=role).intent.reduces
