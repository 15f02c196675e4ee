"""Every way a venue can misbehave: what was reported, what was sent, how long recovery took.

Each test ends with the venue's truth and the reports in agreement, and notes the seconds from the
fault's end to that as the property `recovery_s`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from venue_world import (
    BOTH,
    CANCEL,
    PLACE,
    QUICK,
    SLOW_ECHO,
    START,
    USER,
    VenueWorld,
    until,
    venue_world,
)

from tradepulse.domain.errors import FailedError
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import OrderState
from tradepulse.execution.orders import Role
from tradepulse.execution.venue import (
    Accepted,
    CancelFailed,
    Disconnected,
    Ended,
    Filled,
    Missing,
    NotSent,
    Reconnected,
    Refused,
    Seen,
    Sent,
    Unknown,
)

MINUTE = 60_000
FIND = {Market.SPOT: "GET /api/v3/order", Market.PERPETUAL: "GET /fapi/v1/order"}


# --- requests -------------------------------------------------------------------------------------
@BOTH
@pytest.mark.parametrize("kind", ["apply_then_drop", "malformed"])
def test_trap_an_order_whose_answer_is_lost_is_sent_once(
    world: VenueWorld, kind: str, recovered: Callable[[float], float]
) -> None:
    """ccxt with retries places it twice: ids are unique among open orders only. A malformed 200 it
    takes for an order full of nothing. Here the account's stream shows what became of it."""
    world.sandbox.fault(kind, PLACE[world.market])
    began = time.monotonic()
    entry = world.place()
    world.wait(Filled, entry)
    assert recovered(began) <= 2.0
    world.calm()
    assert len(world.of(Accepted, entry)) == len(world.of(Filled, entry)) == 1
    assert not world.of(NotSent, entry)
    assert not world.of(Refused, entry)
    assert world.requests(PLACE[world.market]) == len(world.orders()) == 1


@BOTH
@pytest.mark.parametrize(
    ("kind", "details"),
    [("drop", {}), ("status_5xx", {}), ("status_5xx", {"status": 503, "code": -1000}),
     ("status_5xx", {"status": 503, "code": -1006}),
     ("status_5xx", {"status": 408, "code": -1007})],
)  # fmt: skip
def test_an_order_of_unknown_outcome_is_looked_up_and_never_repeated(
    world: VenueWorld, kind: str, details: dict[str, Any], recovered: Callable[[float], float]
) -> None:
    world.sandbox.fault(kind, PLACE[world.market], **details)
    began = time.monotonic()
    entry = world.place()
    world.wait(Unknown, entry)
    world.venue.look_up(entry)
    world.wait(Missing, entry)
    assert recovered(began) <= 2.0
    assert world.requests(PLACE[world.market]) == 1
    assert world.orders() == []
    assert world.venue.in_flight_ms > 5_000  # only after that is Missing the last word


@BOTH
def test_an_outcome_that_is_unknown_by_stream_and_answer_is_found_by_look_up(
    market: Market, recovered: Callable[[float], float]
) -> None:
    """Applied, the answer lost, and the stream's word of it lost too."""
    with venue_world(market, settings=SLOW_ECHO) as world:
        world.sandbox.fault("drop", USER[market], times=20)
        world.sandbox.fault("apply_then_drop", PLACE[market])
        entry = world.place()
        world.wait(Unknown, entry)
        began = time.monotonic()
        world.venue.look_up(entry)
        seen = world.wait(Seen, entry)
        assert recovered(began) <= 2.0
        assert seen.order.state is OrderState.FILLED
        assert [fill.quantity for fill in seen.fills] == [0.01]
        assert len(world.orders()) == 1


@BOTH
def test_trap_a_slow_answer_does_not_hold_the_stop_up(
    world: VenueWorld, recovered: Callable[[float], float]
) -> None:
    """The entry is done, its answer hangs: the stop leaves as soon as the fill is known."""
    world.sandbox.fault("delay", PLACE[world.market], ms=1_500, apply=True)
    entry = world.place()
    world.wait(Filled, entry)
    began = time.monotonic()
    stop = world.place(Role.STOP, -1, 0.01, 59_000.0)
    world.wait(Accepted, stop)
    assert recovered(began) <= 1.0


@BOTH
def test_a_request_that_hangs_holds_its_pair_up_only_for_a_while(
    world: VenueWorld, recovered: Callable[[float], float]
) -> None:
    world.wait(Filled, world.place())
    world.sandbox.fault("delay", PLACE[world.market], ms=1_800)
    slow = world.place(Role.EXIT, -1, 0.005)
    world.wait(Sent, slow)
    began = time.monotonic()
    stop = world.place(Role.STOP, -1, 0.005, 59_000.0)
    world.wait(Accepted, stop)
    assert time.monotonic() - began >= QUICK.patience_ms / 1000 * 0.8
    assert recovered(began) <= 1.5
    world.wait(Filled, slow)


@BOTH
@pytest.mark.parametrize(("kind", "code"), [("status_429", "rate_limited"),
                                            ("status_418", "banned")])  # fmt: skip
def test_trap_429_and_418_stop_all_traffic_for_as_long_as_they_say(
    world: VenueWorld, kind: str, code: str, recovered: Callable[[float], float]
) -> None:
    world.sandbox.fault(kind, PLACE[world.market], retry_after_s=2)
    began = time.monotonic()
    first = world.place()
    assert world.wait(NotSent, first).code == code
    second = world.place()
    refused = world.wait(NotSent, second)
    assert refused.code in (code, "rate_limited", "banned")
    assert 500 < refused.retry_ms <= 2_000
    assert not world.of(Sent, second)  # it did not leave: no request reached the venue
    assert world.requests(PLACE[world.market]) == 1
    assert world.venue.health().banned_until is not None
    until(lambda: world.venue.health().banned_until is None)
    world.wait(Filled, world.place())
    assert recovered(began) <= 3.5


@BOTH
def test_maintenance_is_not_the_order_s_fault(
    world: VenueWorld, recovered: Callable[[float], float]
) -> None:
    world.sandbox.fault("maintenance")
    order = world.place()
    assert world.wait(NotSent, order).code == "maintenance"
    world.wait(Disconnected)
    with pytest.raises(FailedError) as away:
        world.venue.snapshot([world.pair], START)
    assert away.value.code == "exchange_unavailable"
    world.sandbox.clear_faults()
    began = time.monotonic()
    world.wait(Reconnected)
    world.wait(Filled, world.place())
    assert recovered(began) <= 3.0
    assert len(world.orders()) == 1


@BOTH
def test_trap_clock_skew_is_measured_and_no_order_is_repeated(
    world: VenueWorld, recovered: Callable[[float], float]
) -> None:
    world.sandbox.fault("clock_skew", ms=3_600_000)
    began = time.monotonic()
    refused = world.wait(NotSent, world.place())
    assert refused.code == "clock_skew"
    assert world.orders() == []

    def placed() -> bool:
        time.sleep(0.05)
        order = world.place()
        until(lambda: world.of(Filled, order) or world.of(NotSent, order))
        return bool(world.of(Filled, order))

    until(placed)
    assert recovered(began) <= 3.0
    assert len(world.orders()) == 1


@BOTH
def test_trap_an_order_is_not_found_just_after_it_was_made(
    world: VenueWorld, recovered: Callable[[float], float]
) -> None:
    """-2013: hummingbot and freqtrade made duplicates of it. Missing is no verdict."""
    world.sandbox.fault("lag_2013", ms=800)
    entry = world.place()
    world.wait(Filled, entry)
    began = time.monotonic()
    world.venue.look_up(entry)
    world.wait(Missing, entry)

    def found() -> bool:
        world.venue.look_up(entry)
        time.sleep(0.1)
        return bool(world.of(Seen, entry))

    until(found)
    assert recovered(began) <= 3.0
    assert world.of(Seen, entry)[0].order.state is OrderState.FILLED


@BOTH
def test_trap_a_cancel_whose_answer_is_lost_is_asked_again_by_aiohttp(world: VenueWorld) -> None:
    """On a connection that was used before, aiohttp repeats a DELETE (never a POST). No harm: the
    order ends once, and the second cancel finds it gone."""
    world.wait(Filled, world.place())
    stop = world.place(Role.STOP, -1, 0.01, 59_000.0)
    world.wait(Accepted, stop)
    world.sandbox.fault("apply_then_drop", CANCEL[world.market])
    world.venue.cancel(stop)
    assert world.wait(Ended, stop).state is OrderState.CANCELLED
    assert world.wait(CancelFailed, stop).code in ("gone", "unavailable")
    world.venue.cancel(stop)
    assert world.wait(CancelFailed, stop, count=2).code == "gone"
    assert len(world.of(Ended, stop)) == 1


@BOTH
def test_a_look_up_that_cannot_be_asked_says_nothing(world: VenueWorld) -> None:
    entry = world.place()
    world.wait(Filled, entry)
    world.sandbox.fault("status_5xx", FIND[world.market])
    world.venue.look_up(entry)
    world.calm()
    assert not world.of(Seen, entry)
    assert not world.of(Missing, entry)
    world.venue.look_up(entry)
    world.wait(Seen, entry)
