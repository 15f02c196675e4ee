"""kill -9 at random moments of real trading through ccxt: `python -m benchmarks live_kills`.

The sandbox goes on in this process, its clock too: what the engine misses it has to find again.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.live.engine_process import ServingProcess, end_leases, start_engine, until
from benchmarks.live.truths import refusals, settled
from benchmarks.live.world import LiveWorld, live_world
from tradepulse.domain.instrument import Market

_LONGEST_LIFE_S = 4.0


@dataclass
class Killed:
    """What the kills came to. `back_s`: from the start of the process until it took bars again."""

    kills: int = 0
    back_s: list[float] = field(default_factory=list)
    naked_ms: float = 0.0


def kill_and_restart(world: LiveWorld, kills: int, seed: int) -> Killed:
    """An engine killed that often, each time at a random moment, and a last one that is stopped in
    good order after it has put everything right. AssertionError for a law that was broken."""
    dice = random.Random(seed)
    found = Killed()
    for _ in range(kills):
        began = time.monotonic()
        engine = start_engine(world)
        _await_bars(world)
        found.back_s.append(time.monotonic() - began)
        _strike(world, engine, dice)
        found.kills += 1
        end_leases(world)
        assert not engine.errors, engine.errors
        assert not world.laws.broken, world.laws.broken
    engine = start_engine(world)
    _await_bars(world)
    left = settled(world)
    found.naked_ms = world.laws.longest_naked_ms
    code, _ = engine.terminate()
    assert code == 0, engine.told[-20:]
    assert not left, left
    assert not world.laws.broken, world.laws.broken
    assert refusals(world) == 0
    return found


def _strike(world: LiveWorld, engine: ServingProcess, dice: random.Random) -> None:
    """Kills the engine at some moment, or in the middle of an order: the venue has it, and the
    answer is never heard."""
    moment = time.monotonic() + dice.uniform(0.0, _LONGEST_LIFE_S)
    if dice.random() < 0.5:
        left = [dice.randint(1, 6)]

        def count() -> None:
            left[0] -= 1
            if left[0] == 0:
                engine.process.kill()

        world.laws.on_order = count
        moment += _LONGEST_LIFE_S
    while time.monotonic() < moment and engine.process.poll() is None:
        time.sleep(0.005)
    world.laws.on_order = None
    engine.kill()


def _await_bars(world: LiveWorld) -> None:
    before = {name: world.activation(name).last_bar for name in world.activations}

    def moved() -> bool:
        return all(world.activation(name).last_bar != bar for name, bar in before.items())

    until(moved, told=f"no bars were taken: {world.log_lines()[:5]}")


def main(argv: list[str] | None = None) -> int:
    """Prints a line a market. Exit code 3 when a law was broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks live_kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="in all, half of them a market")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=240.0)
    wanted = parser.parse_args(argv)
    for market in Market:
        with (
            tempfile.TemporaryDirectory() as folder,
            live_world(Path(folder), market, speed=wanted.speed) as world,
        ):
            for symbol in ("BTCUSDT", "ETHUSDT"):
                world.activate(world.accounts[0], symbol)
            try:
                done = kill_and_restart(world, wanted.kills // 2, wanted.seed)
            except AssertionError as broken:
                print(f"{market}: {broken}")
                return 3
            state = world.sandbox.state()["accounts"][world.accounts[0].keys.api_key]
            print(
                f"{market}: {done.kills} kills, {world.trade_count()} trades,"
                f" {len(state['orders'][market])} orders and {len(state['trades'][market])} fills"
                f" at the venue, none lost, doubled or orphaned; back after"
                f" {min(done.back_s):.1f} to {max(done.back_s):.1f} s; longest without a stop,"
                f" kills included, {done.naked_ms:.0f} ms", flush=True,
            )  # fmt: skip
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
