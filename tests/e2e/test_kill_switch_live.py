"""The kill switch closes everything while the database cannot be written, or not even read."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from benchmarks.live.busy import Patient
from benchmarks.live.engine_process import end_leases, start_engine, until
from benchmarks.live.truths import settled
from benchmarks.live.world import LiveWorld, engine

from tradepulse.cli import main
from tradepulse.domain.instrument import Market
from tradepulse.domain.interval import MINUTE_MS

pytestmark = pytest.mark.slow

# What another program may do to the file: hold the write lock, or every lock there is (the bytes
# 120 to 127 of the shared-memory file are SQLite's WAL locks).
HOLD = {
    "unwritable": """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
""",
    "unreadable": """
import fcntl, sys
shared = open(sys.argv[1] + "-shm", "r+b")
for byte in range(120, 128):
    fcntl.lockf(shared, fcntl.LOCK_EX, 1, byte)
print("held", flush=True)
sys.stdin.read()
""",
}


@contextmanager
def held(file: Path, how: str) -> Iterator[None]:
    """Within the block the database file is locked by another process."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD[how], str(file)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        yield
    finally:
        holder.communicate()


def account_of(world: LiveWorld) -> dict[str, Any]:
    return dict(world.sandbox.state()["accounts"][world.accounts[0].keys.api_key])


def is_flat(world: LiveWorld) -> bool:
    truth = account_of(world)
    resting = [o for o in (*truth["orders"][world.market], *truth["algo_orders"])
               if o["status"] in ("NEW", "PARTIALLY_FILLED")]  # fmt: skip
    held_there = [p for p in truth["positions"] if float(p["amount"])]
    coins = [b for b in truth["balances"] if b["asset"] != "USDT"
             and float(b["free"]) + float(b["locked"]) > 1e-4]  # fmt: skip
    return not resting and not held_there and not coins


def let_bars_pass(world: LiveWorld, count: int) -> None:
    """So many bars close, four a second."""
    end = world.sandbox.clock(speed=240)["now"] + count * MINUTE_MS
    until(lambda: world.sandbox.clock()["now"] >= end)


@pytest.mark.parametrize(
    ("how", "market"), [("unwritable", Market.PERPETUAL), ("unreadable", Market.SPOT)]
)
def test_kill_closes_everything_while_the_database_is_away(
    open_world: Callable[..., LiveWorld], capsys: pytest.CaptureFixture[str],
    record_property: Callable[[str, object], None], how: str, market: Market,
) -> None:  # fmt: skip
    world = open_world(market, ("BTCUSDT",), speed=60.0)
    name = world.activate(world.accounts[0], "BTCUSDT", strategy=Patient())
    running = start_engine(world)
    try:
        until(lambda: not is_flat(world))
        until(lambda: world.laws.naked_ms() and all(s == 0 for s in [_stops(world) - 1]))
        home = world.app.home.path
        with held(world.app.home.database_file, how):
            let_bars_pass(world, 2)
            began = time.monotonic()
            code = main(["kill", "--yes", "--reason", "a test", "--home", str(home), "--json"])
            took = time.monotonic() - began
            receipt = json.loads(capsys.readouterr().out)
            flat = is_flat(world)
        record_property("closed_within_s", round(took, 1))
        assert code == 0, (receipt, running.told[-30:])
        assert flat
        assert (receipt["open_orders"], receipt["open_positions"]) == (0, 0)
        assert receipt["flattened"] == 1
        assert receipt["confirmed_by_exchange"]
        assert took < 20.0
        # It may not enter again, and what was done meanwhile comes into the ledger.
        let_bars_pass(world, 3)
        assert is_flat(world)
        running.terminate()
    finally:
        if running.process.poll() is None:
            running.kill()
    end_leases(world)
    with engine(world):
        bar = world.activation(name).last_bar
        until(lambda: world.activation(name).last_bar != bar)
        assert settled(world) == []
        assert is_flat(world)
    assert world.laws.broken == []


def _stops(world: LiveWorld) -> int:
    truth = account_of(world)
    return sum(o["status"] == "NEW" and "STOP" in o["type"]
               for o in (*truth["orders"][world.market], *truth["algo_orders"]))  # fmt: skip
