"""Every way a venue's streams can fail: what was reported, and how long recovery took.

Each notes the seconds from the fall, or the fault's end, to the first news after it as the property
`recovery_s`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from venue_world import (
    BOTH,
    CANCEL,
    PRICE,
    QUICK,
    SLOW_ECHO,
    USER,
    VenueWorld,
    bars,
    until,
    venue_world,
)

from tradepulse.domain.errors import FailedError
from tradepulse.domain.instrument import Market
from tradepulse.execution.orders import Role
from tradepulse.execution.venue import (
    Accepted,
    Disconnected,
    Ended,
    Filled,
    PriceSeen,
    Reconnected,
)

MINUTE = 60_000


# --- the account's stream -------------------------------------------------------------------------
@BOTH
@pytest.mark.parametrize("code", [1001, 1006])
def test_trap_a_closed_socket_is_only_dialled_again_when_asked(
    world: VenueWorld, code: int, recovered: Callable[[float], float]
) -> None:
    world.wait(Filled, world.place())
    world.sandbox.fault("disconnect", USER[world.market], code=code)
    world.wait(Disconnected)
    began = time.monotonic()
    world.wait(Reconnected)
    assert recovered(began) <= 2.0
    assert world.venue.health().reconnects == 1
    entry = world.place()
    world.wait(Filled, entry)
    world.calm()
    assert len(world.of(Filled)) == 2  # the first was not told again


@BOTH
def test_what_happened_while_it_was_down_is_told_once(
    market: Market, recovered: Callable[[float], float]
) -> None:
    series = bars(*[PRICE] * 60, 58_800.0, *[58_800.0] * 60)
    with venue_world(market, series) as world:
        world.wait(Filled, world.place())
        stop = world.place(Role.STOP, -1, 0.01, 59_000.0)
        world.wait(Accepted, stop)
        world.sandbox.fault("disconnect", USER[market])
        world.wait(Disconnected)
        world.sandbox.step(2 * MINUTE)
        began = time.monotonic()
        world.wait(Reconnected)
        filled = world.wait(Filled, stop).fill
        assert recovered(began) <= 2.0
        assert filled.side == -1
        world.calm()
        assert len(world.of(Filled)) == 2


@BOTH
def test_trap_a_silent_socket_that_answers_pings_is_found_out(
    world: VenueWorld, recovered: Callable[[float], float]
) -> None:
    """ccxt never notices. An order that the venue has taken and the stream does not speak of is
    proof."""
    world.wait(Filled, world.place())
    world.sandbox.fault("silent", USER[world.market])
    began = time.monotonic()
    entry = world.place()
    world.wait(Accepted, entry)
    assert "says nothing" in world.wait(Disconnected).reason
    world.wait(Reconnected)
    world.wait(Filled, entry)
    assert recovered(began) <= 3.0
    world.calm()
    assert len(world.of(Filled, entry)) == 1


@BOTH
def test_trap_a_malformed_frame_does_not_kill_the_socket_in_silence(
    world: VenueWorld, recovered: Callable[[float], float]
) -> None:
    world.sandbox.fault("malformed", USER[world.market])
    began = time.monotonic()
    entry = world.place()
    world.wait(Disconnected)
    world.wait(Reconnected)
    world.wait(Filled, entry)
    assert recovered(began) <= 2.0
    world.calm()
    assert len(world.of(Filled, entry)) == 1


@BOTH
def test_trap_a_session_that_ran_out_is_opened_anew(
    world: VenueWorld, recovered: Callable[[float], float]
) -> None:
    """`listenKeyExpired` is not in ccxt's table; `eventStreamTerminated` it tells nobody."""
    world.wait(Filled, world.place())
    world.sandbox.fault("listen_key_expired", USER[world.market])
    world.wait(Disconnected)
    began = time.monotonic()
    world.wait(Reconnected)
    world.wait(Filled, world.place(), count=1)
    assert recovered(began) <= 2.0
    assert len(world.of(Disconnected)) == 1


def test_trap_the_listen_key_is_renewed_more_than_once() -> None:
    """ccxt renews it once and never again: a quiet account goes deaf after 80 minutes."""
    with venue_world(Market.PERPETUAL, settings=replace(QUICK, renew_s=0.1)) as world:
        until(lambda: world.requests("PUT /fapi/v1/listenKey") >= 4)
        assert not world.of(Disconnected)


def test_a_listen_key_that_cannot_be_renewed_is_made_anew() -> None:
    with venue_world(Market.PERPETUAL, settings=replace(QUICK, renew_s=0.3)) as world:
        world.sandbox.fault("status_5xx", "PUT /fapi/v1/listenKey")
        assert "renewed" in world.wait(Disconnected).reason
        world.wait(Reconnected)
        world.wait(Filled, world.place())


@BOTH
def test_the_socket_is_renewed_before_the_venue_cuts_it(market: Market) -> None:
    with venue_world(market, settings=replace(QUICK, renew_s=0.2, recycle_s=0.3)) as world:
        assert "renewed before" in world.wait(Disconnected).reason
        world.wait(Reconnected)
        world.wait(Filled, world.place())


@BOTH
def test_trap_duplicated_and_reordered_events_are_told_once(world: VenueWorld) -> None:
    world.sandbox.fault("duplicate", USER[world.market], times=4)
    first = world.place()
    world.wait(Filled, first)
    world.sandbox.fault("reorder", USER[world.market], times=2, ms=200)
    second = world.place()
    world.wait(Filled, second)
    world.calm(0.5)
    for order in (first, second):
        assert len(world.of(Accepted, order)) == len(world.of(Filled, order)) == 1
        assert not world.of(Ended, order)


@BOTH
def test_a_fill_the_stream_lost_is_asked_for(
    market: Market, recovered: Callable[[float], float]
) -> None:
    """The answer or a later event counts more than was told. (Spot answers hold their fills: there
    it is the resting stop's that is lost.)"""
    with venue_world(market, settings=SLOW_ECHO) as world:
        world.sandbox.fault("drop", USER[market], times=20)
        began = time.monotonic()
        entry = world.place()
        world.wait(Filled, entry)
        assert recovered(began) <= 3.0
        world.sandbox.clear_faults()
        world.calm(0.5)
        assert len(world.of(Filled, entry)) == 1
        assert not world.of(Disconnected)


@BOTH
def test_delayed_events_are_told_when_they_come(market: Market) -> None:
    with venue_world(market, settings=SLOW_ECHO) as world:
        world.sandbox.fault("delay", USER[market], ms=700)
        entry = world.place()
        world.wait(Accepted, entry)
        world.wait(Filled, entry)
        world.calm(1.0)
        assert len(world.of(Filled, entry)) == 1
        assert not world.of(Disconnected)


@BOTH
def test_trap_events_are_not_held_back_until_the_next(world: VenueWorld) -> None:
    """ccxt holds what arrives while nobody awaits; frames are read as they come."""
    world.wait(Filled, world.place())
    stop = world.place(Role.STOP, -1, 0.01, 59_000.0)
    world.wait(Accepted, stop)
    world.sandbox.fault("delay", CANCEL[world.market], ms=1_500, apply=True)
    began = time.monotonic()
    world.venue.cancel(stop)
    world.wait(Ended, stop)
    assert time.monotonic() - began < 1.0  # by the stream: the answer comes later


# --- prices ---------------------------------------------------------------------------------------
@BOTH
@pytest.mark.parametrize("kind", ["disconnect", "malformed"])
def test_prices_come_back_and_the_account_is_not_touched(
    world: VenueWorld, kind: str, recovered: Callable[[float], float]
) -> None:
    world.sandbox.step(20_000)
    world.wait(PriceSeen)
    world.sandbox.fault(kind, "btcusdt@trade")
    world.sandbox.step(20_000)
    world.calm(0.3)
    world.told.clear()
    began = time.monotonic()

    def seen() -> bool:
        world.sandbox.step(5_000)
        time.sleep(0.05)
        return bool(world.of(PriceSeen))

    until(seen)
    assert recovered(began) <= 3.0
    assert not world.of(Disconnected)


@BOTH
def test_trap_a_silent_stream_of_prices_is_told_from_a_quiet_market(
    market: Market, recovered: Callable[[float], float]
) -> None:
    with venue_world(market, settings=replace(QUICK, quiet_prices_s=0.6)) as world:
        world.sandbox.step(20_000)
        world.wait(PriceSeen)
        time.sleep(1.2)  # quiet, and known to be: nothing new by REST either
        world.take()
        world.told.clear()
        world.sandbox.fault("silent", "btcusdt@trade")
        began = time.monotonic()
        world.sandbox.step(30_000)
        world.wait(PriceSeen)  # by REST
        until(lambda: _streams_again(world))
        assert recovered(began) <= 4.0


def _streams_again(world: VenueWorld) -> bool:
    world.take()
    world.told.clear()
    world.sandbox.step(5_000)
    time.sleep(0.1)
    return bool(world.of(PriceSeen))


# --- connecting -----------------------------------------------------------------------------------
@BOTH
def test_a_venue_that_is_not_there(market: Market) -> None:
    with venue_world(market, prepared=False) as world:
        world.sandbox.fault("maintenance")
        with pytest.raises(FailedError) as away:
            world.venue.prepare(world.pair, 1.0)
        assert away.value.code == "exchange_unavailable"
        world.sandbox.clear_faults()
        world.venue.prepare(world.pair, 1.0)
        world.wait(Filled, world.place())


@pytest.mark.parametrize(
    ("market", "route"),
    [(Market.SPOT, "WS userDataStream.subscribe.signature"),
     (Market.PERPETUAL, "POST /fapi/v1/listenKey")],
)  # fmt: skip
@pytest.mark.parametrize(("kind", "details"), [("delay", {"ms": 2_000}), ("status_5xx", {})])
def test_trap_a_sign_in_that_fails_does_not_block_the_next(
    market: Market, route: str, kind: str, details: dict[str, Any],
    recovered: Callable[[float], float],
) -> None:  # fmt: skip
    """ccxt keeps the promise of the lost answer, and lets every later attempt wait for it."""
    with venue_world(market, settings=replace(QUICK, sign_in_s=0.5)) as world:
        world.sandbox.fault(kind, route, **details)
        world.sandbox.fault("disconnect", USER[market])
        world.wait(Disconnected)
        began = time.monotonic()
        world.wait(Reconnected)
        assert recovered(began) <= 2.0
        world.wait(Filled, world.place())
