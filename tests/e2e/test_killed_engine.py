"""`tradepulse engine` killed, stopped and doubled, while the exchange goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from benchmarks.live.busy import Patient
from benchmarks.live.engine_process import ServingProcess, start_engine, until
from benchmarks.live.kills import kill_and_restart
from benchmarks.live.truths import refusals, settled
from benchmarks.live.world import LiveWorld, wall_ms
from sqlalchemy import text

from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import ActivationState

pytestmark = pytest.mark.slow
_LEASE_S = 15.0


@pytest.fixture
def started() -> Iterator[Callable[[LiveWorld], ServingProcess]]:
    """Starts engines; whatever still runs at the end is killed."""
    running: list[ServingProcess] = []

    def start(world: LiveWorld) -> ServingProcess:
        running.append(start_engine(world))
        return running[-1]

    yield start
    for engine in running:
        if engine.process.poll() is None:
            engine.kill()


def venue_stops(world: LiveWorld) -> int:
    """Stops that rest at the venue."""
    truth = world.sandbox.state()["accounts"][world.accounts[0].keys.api_key]
    spot = [o for o in truth["orders"][Market.SPOT] if o["type"] == "STOP_LOSS_LIMIT"]
    return sum(o["status"] == "NEW" for o in (*spot, *truth["algo_orders"]))


def age_leases(world: LiveWorld) -> None:
    """All but a second of every lease has passed: what is left of it has to run out."""
    with world.app.database.connection(write=True) as connection:
        aged = text("update activations set lease_until = :soon where lease_owner is not null")
        connection.execute(aged, {"soon": wall_ms() + 1_000})


@pytest.mark.parametrize("market", list(Market))
def test_killed_at_random_moments_it_finds_everything_again(
    open_world: Callable[..., LiveWorld], market: Market
) -> None:
    world = open_world(market, speed=240.0)
    for symbol in ("BTCUSDT", "ETHUSDT"):
        world.activate(world.accounts[0], symbol)
    done = kill_and_restart(world, kills=2 if market is Market.SPOT else 1, seed=7)
    assert done.kills >= 1
    assert world.trade_count() > 0


def test_sigterm_ends_it_soon_and_leaves_the_stops_at_the_venue(
    open_world: Callable[..., LiveWorld], started: Callable[[LiveWorld], ServingProcess]
) -> None:
    world = open_world(Market.PERPETUAL, speed=60.0)
    name = world.activate(world.accounts[0], "BTCUSDT", strategy=Patient())
    engine = started(world)
    until(lambda: venue_stops(world) == 1)
    code, took = engine.terminate()
    assert code == 0, engine.told
    assert took < 10.0
    assert venue_stops(world) == 1
    assert world.activation(name).state is ActivationState.RUNNING
    assert world.activation(name).lease_owner is None
    assert settled(world, 2.0) == []
    # The next one begins at once: the lease was given back.
    world.sandbox.clock(speed=60)
    again = started(world)
    bar = world.activation(name).last_bar
    until(lambda: world.activation(name).last_bar != bar)
    assert again.terminate()[0] == 0
    assert venue_stops(world) == 1
    assert world.laws.broken == []


def test_two_engines_never_trade_one_activation_and_the_second_takes_over(
    open_world: Callable[..., LiveWorld], started: Callable[[LiveWorld], ServingProcess]
) -> None:
    world = open_world(Market.SPOT, speed=240.0)
    names = [world.activate(world.accounts[0], symbol) for symbol in ("BTCUSDT", "ETHUSDT")]
    first, second = started(world), started(world)
    until(lambda: world.trade_count() >= 2)
    owners = {world.activation(name).lease_owner for name in names}
    assert len(owners) == 1
    assert f":{first.pid}:" in str(owners)
    first.kill()
    died = time.monotonic()
    age_leases(world)
    until(
        lambda: all(f":{second.pid}:" in str(world.activation(n).lease_owner) for n in names),
        within_s=2.5 * _LEASE_S,
    )
    assert time.monotonic() - died < 2 * _LEASE_S
    count = world.trade_count()
    until(lambda: world.trade_count() > count)
    assert settled(world) == []
    assert world.laws.broken == []
    assert refusals(world) == 0
    code, took = second.terminate()
    assert (code, took < 10.0) == (0, True), second.told
