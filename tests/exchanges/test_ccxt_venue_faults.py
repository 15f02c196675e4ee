"""Every way a venue can misbehave: what was reported, what was sent, how long recovery took.

Each test ends with the venue's truth and the reports in agreement, and notes the seconds from the
fault's end to that as the property `recovery_s`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from venue_world import QUICK, START, VenueWorld, until, venue_world

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
BOTH = pytest.mark.parametrize("market", list(Market))
PLACE = {Market.SPOT: "POST /api/v3/order", Market.PERPETUAL: "POST /fapi/v1/order"}
CANCEL = {Market.SPOT: "DELETE /api/v3/order", Market.PERPETUAL: "DELETE /fapi/v1/algoOrder"}
FIND = {Market.SPOT: "GET /api/v3/order", Market.PERPETUAL: "GET /fapi/v1/order"}
USER = {Market.SPOT: "spot:user", Market.PERPETUAL: "perpetual:user"}
SLOW_ECHO = replace(QUICK, echo_ms=60_000)  # the stream's silence is not what is tested


@pytest.fixture
def recovered(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Notes how long it took, and that it was not too long."""

    def note(seconds: float, *, at_most: float) -> None:
        request.node.user_properties.append(("recovery_s", round(seconds, 3)))
        assert seconds <= at_most

    return note


@pytest.fixture
def world(market: Market) -> Iterator[VenueWorld]:
    with venue_world(market) as made:
        yield made


def orders_at(world: VenueWorld) -> list[dict[str, Any]]:
    return list(world.truth()["accounts"]["venue-key"]["orders"][world.market])


def requests(world: VenueWorld, route: str) -> int:
    return int(world.truth()["requests"].get(route, 0))


# --- requests -------------------------------------------------------------------------------------
@BOTH
@pytest.mark.parametrize("kind", ["apply_then_drop", "malformed"])
def test_trap_an_order_whose_answer_is_lost_is_sent_once(
    world: VenueWorld, kind: str, recovered: Callable[..., None]
) -> None:
    """ccxt with retries places it twice: ids are unique among open orders only. A malformed 200 it
    takes for an order full of nothing. Here the account's stream shows what became of it."""
    world.sandbox.fault(kind, PLACE[world.market])
    began = time.monotonic()
    entry = world.place()
    world.wait(Filled, entry)
    recovered(time.monotonic() - began, at_most=2.0)
    world.calm()
    assert len(world.of(Accepted, entry)) == len(world.of(Filled, entry)) == 1
    assert not world.of(NotSent, entry)
    assert not world.of(Refused, entry)
    assert requests(world, PLACE[world.market]) == len(orders_at(world)) == 1


@BOTH
@pytest.mark.parametrize(
    ("kind", "details"),
    [("drop", {}), ("status_5xx", {}), ("status_5xx", {"status": 503, "code": -1000}),
     ("status_5xx", {"status": 503, "code": -1006}),
     ("status_5xx", {"status": 408, "code": -1007})],
)  # fmt: skip
def test_an_order_of_unknown_outcome_is_looked_up_and_never_repeated(
    world: VenueWorld, kind: str, details: dict[str, Any], recovered: Callable[..., None]
) -> None:
    world.sandbox.fault(kind, PLACE[world.market], **details)
    began = time.monotonic()
    entry = world.place()
    world.wait(Unknown, entry)
    world.venue.look_up(entry)
    world.wait(Missing, entry)
    recovered(time.monotonic() - began, at_most=2.0)
    assert requests(world, PLACE[world.market]) == 1
    assert orders_at(world) == []
    assert world.venue.in_flight_ms > 5_000  # only after that is Missing the last word


@BOTH
def test_an_outcome_that_is_unknown_by_stream_and_answer_is_found_by_look_up(
    market: Market, recovered: Callable[..., None]
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
        recovered(time.monotonic() - began, at_most=2.0)
        assert seen.order.state is OrderState.FILLED
        assert [fill.quantity for fill in seen.fills] == [0.01]
        assert len(orders_at(world)) == 1


@BOTH
def test_trap_a_slow_answer_does_not_hold_the_stop_up(
    world: VenueWorld, recovered: Callable[..., None]
) -> None:
    """The entry is done, its answer hangs: the stop leaves as soon as the fill is known."""
    world.sandbox.fault("delay", PLACE[world.market], ms=1_500, apply=True)
    entry = world.place()
    world.wait(Filled, entry)
    began = time.monotonic()
    stop = world.place(Role.STOP, -1, 0.01, 59_000.0)
    world.wait(Accepted, stop)
    recovered(time.monotonic() - began, at_most=1.0)


@BOTH
def test_a_request_that_hangs_holds_its_pair_up_only_for_a_while(
    world: VenueWorld, recovered: Callable[..., None]
) -> None:
    world.wait(Filled, world.place())
    world.sandbox.fault("delay", PLACE[world.market], ms=1_800)
    slow = world.place(Role.EXIT, -1, 0.005)
    world.wait(Sent, slow)
    began = time.monotonic()
    stop = world.place(Role.STOP, -1, 0.005, 59_000.0)
    world.wait(Accepted, stop)
    assert time.monotonic() - began >= QUICK.patience_ms / 1000 * 0.8
    recovered(time.monotonic() - began, at_most=1.5)
    world.wait(Filled, slow)


@BOTH
@pytest.mark.parametrize(("kind", "code"), [("status_429", "rate_limited"),
                                            ("status_418", "banned")])  # fmt: skip
def test_trap_429_and_418_stop_all_traffic_for_as_long_as_they_say(
    world: VenueWorld, kind: str, code: str, recovered: Callable[..., None]
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
    assert requests(world, PLACE[world.market]) == 1
    assert world.venue.health().banned_until is not None
    until(lambda: world.venue.health().banned_until is None)
    world.wait(Filled, world.place())
    recovered(time.monotonic() - began, at_most=3.5)


@BOTH
def test_maintenance_is_not_the_order_s_fault(
    world: VenueWorld, recovered: Callable[..., None]
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
    recovered(time.monotonic() - began, at_most=3.0)
    assert len(orders_at(world)) == 1


@BOTH
def test_trap_clock_skew_is_measured_and_no_order_is_repeated(
    world: VenueWorld, recovered: Callable[..., None]
) -> None:
    world.sandbox.fault("clock_skew", ms=3_600_000)
    began = time.monotonic()
    refused = world.wait(NotSent, world.place())
    assert refused.code == "clock_skew"
    assert orders_at(world) == []

    def placed() -> bool:
        time.sleep(0.05)
        order = world.place()
        until(lambda: world.of(Filled, order) or world.of(NotSent, order))
        return bool(world.of(Filled, order))

    until(placed)
    recovered(time.monotonic() - began, at_most=3.0)
    assert len(orders_at(world)) == 1


@BOTH
def test_trap_an_order_is_not_found_just_after_it_was_made(
    world: VenueWorld, recovered: Callable[..., None]
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
    recovered(time.monotonic() - began, at_most=3.0)
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
