"""Market time that goes on as soon as the engine is done with what there was: no bar is waited for,
and none comes too soon on a machine that has other work."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.live.engine_process import until
from benchmarks.live.truths import differences
from benchmarks.live.world import LiveWorld

from tradepulse.domain.interval import MINUTE_MS
from tradepulse.domain.lifecycle import ActivationState

_RUNNING = (ActivationState.RUNNING, ActivationState.DRAINING)
_AT_MOST = 600


def step_until(world: LiveWorld, enough: Callable[[], object]) -> None:
    """Steps the market of a world of speed 0 by minutes until `enough`.

    Each begins when every activation that runs has taken the bar before, and when ledger and venue
    agree on everything that came of it. AssertionError when that takes too long.
    """
    until(lambda: _begun(world), told="not every activation has begun")
    for _ in range(_AT_MOST):
        if enough():
            return
        newest = world.sandbox.step(MINUTE_MS) // MINUTE_MS * MINUTE_MS - MINUTE_MS
        until(lambda newest=newest: _taken(world, newest), told=f"{world.log_lines()[:5]}")
        until(lambda: not differences(world), told=f"{differences(world)[:5]}")
    raise AssertionError(f"not within {_AT_MOST} minutes of the market: {world.log_lines()[:5]}")


def _begun(world: LiveWorld) -> bool:
    running = map(world.activation, world.activations)
    return all(made.session_start or made.state.is_over for made in running)


def _taken(world: LiveWorld, newest: int) -> bool:
    return all(
        (made.last_bar or 0) >= newest
        for made in map(world.activation, world.activations)
        if made.state in _RUNNING
    )
