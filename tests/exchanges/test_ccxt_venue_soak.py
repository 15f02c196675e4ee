"""Many orders while everything misbehaves at random, by seed: nothing lost, doubled or made up."""

from __future__ import annotations

import time
from collections import Counter
from random import Random
from typing import Any

import pytest
from venue_world import BOTH, PLACE, START, VenueWorld, until, venue_world

from tradepulse.domain.instrument import Market
from tradepulse.execution.orders import Order, Role
from tradepulse.execution.venue import (
    Accepted,
    Ended,
    Filled,
    Missing,
    NotSent,
    Refused,
    Seen,
    Sent,
    Unknown,
)

ORDERS = 40


def misbehave(world: VenueWorld, seed: int) -> None:
    user = f"{world.market}:user"
    requests = (("apply_then_drop", 0.1, {}), ("drop", 0.1, {}), ("malformed", 0.05, {}),
                ("status_5xx", 0.1, {"apply": True}), ("status_5xx", 0.1, {}),
                ("delay", 0.1, {"ms": 300, "apply": True}))  # fmt: skip
    events = (("drop", 0.1, {}), ("duplicate", 0.2, {}), ("reorder", 0.1, {"ms": 100}),
              ("malformed", 0.03, {}), ("delay", 0.1, {"ms": 150}))  # fmt: skip
    for k, (kind, probability, details) in enumerate((*requests, *events)):
        on = PLACE[world.market] if k < len(requests) else user
        world.sandbox.fault(kind, on, probability=probability, seed=100 * seed + k, **details)
    world.sandbox.fault("disconnect", user, probability=0.03, seed=seed)


def outcome(world: VenueWorld, order: Order) -> type:
    """What an engine concludes, looking up what is in doubt until the venue can answer."""
    verdicts = (Accepted, Refused, NotSent, Seen, Missing)
    asked = False
    began = time.monotonic()
    while True:
        for verdict in verdicts:
            if world.of(verdict, order):
                return verdict
        if world.of(Unknown, order) and (not asked or time.monotonic() > began + 0.5):
            world.venue.look_up(order)
            asked, began = True, time.monotonic()
        time.sleep(0.01)


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_doubled_or_made_up(market: Market, seed: int) -> None:
    with venue_world(market) as world:
        misbehave(world, seed)
        random = Random(seed)
        placed: dict[str, Order] = {}
        concluded: Counter[str] = Counter()
        for n in range(ORDERS):
            side = 1 if n % 2 == 0 else -1
            role = Role.ENTRY if side > 0 else Role.EXIT
            order = world.place(role, side, round(0.002 + 0.001 * random.randrange(5), 3))
            placed[order.client_order_id] = order
            concluded[outcome(world, order).__name__] += 1
        world.sandbox.clear_faults()
        _settle(world)
        _check(world, placed)
        assert concluded["Accepted"] > ORDERS // 3
        assert concluded["Missing"] + concluded["Seen"] > 0


def _settle(world: VenueWorld) -> None:
    """Until every fill of the venue's has been told, as an engine hears and asks."""
    wanted = {t["trade_id"] for t in _trades(world)}

    def told() -> bool:
        heard = {int(report.fill.trade_id) for report in world.of(Filled)}
        heard |= {int(f.trade_id) for seen in world.of(Seen) for f in seen.fills}
        return wanted <= heard

    until(told, within_s=15.0)
    world.calm(0.5)


def _trades(world: VenueWorld) -> list[dict[str, Any]]:
    return list(world.account()["trades"][world.market])


def _check(world: VenueWorld, placed: dict[str, Order]) -> None:
    truth = world.account()
    there = {o["client_id"]: o for o in truth["orders"][world.market]}
    # No order twice, none that was not asked for, none sent more often than once.
    assert len(there) == len(truth["orders"][world.market])
    assert set(there) <= set(placed)
    sent = Counter(r.client_order_id for r in world.told if isinstance(r, Sent))
    assert set(sent.values()) == {1}
    # What was called impossible is not there.
    for report in world.told:
        if isinstance(report, Refused | NotSent):
            assert report.client_order_id not in there
    # Every fill is the venue's, under the right name, told once.
    told = [r.fill for r in world.told if isinstance(r, Filled)]
    assert len({f.trade_id for f in told}) == len(told)
    real = {str(t["trade_id"]): t for t in _trades(world)}
    names = {str(o["order_id"]): name for name, o in there.items()}
    for fill in told:
        trade = real[fill.trade_id]
        assert fill.quantity == float(trade["quantity"])
        assert fill.price == float(trade["price"])
        assert fill.client_order_id in (None, names[fill.venue_order_id])
    ended = Counter(r.client_order_id for r in world.told if isinstance(r, Ended))
    assert not ended or max(ended.values()) == 1
    # And the account by REST is that of the sandbox.
    snapshot = world.venue.snapshot([world.pair], START)
    assert {f.trade_id for f in snapshot.fills} == set(real)
