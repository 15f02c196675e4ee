"""A day of minutes of five instruments, 50 activations on ten wallets, through ccxt.

`python -m benchmarks live_day`: the engine is a process of its own; at the end the ledger is held
against the exchange's books, and the memory of the engine's process alone is fitted over the day:
over all of it, and over its second half, when all that a start fills once has been filled.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from benchmarks.live.engine_process import ServingProcess, cpu_s, start_engine, until
from benchmarks.live.memory_fit import rss_mb, told
from benchmarks.live.truths import refusals, settled
from benchmarks.live.world import FIVE, START, LiveWorld, live_world
from tradepulse.domain.instrument import Market
from tradepulse.domain.interval import MINUTE_MS
from tradepulse.strategies.api import Bars, Signals, Strategy

_SAMPLE_S = 2.0
_WALLETS = 10


class DayTrader(Strategy):
    """A cross of averages with stop, target and time stop: a trade every twenty minutes or so."""

    def signals(self, bar: Bars) -> Signals:
        quick, slow = bar.close.sma(4), bar.close.sma(12)
        reach = bar.atr(10)
        return Signals(
            enter_long=quick.crosses_above(slow), exit_long=quick.crosses_below(slow),
            enter_short=quick.crosses_below(slow), exit_short=quick.crosses_above(slow),
            stop=3.0 * reach, target=4.0 * reach, max_bars=60,
        )  # fmt: skip


def trade(world: LiveWorld, engine: ServingProcess, bars: int) -> dict[str, object]:
    """Lets the engine trade that many minutes of the market."""
    begin = world.sandbox.clock()["now"]
    hours: list[float] = []
    memory: list[float] = []
    started = time.monotonic()
    late = 0.0
    while (now := world.sandbox.clock()["now"]) < begin + bars * MINUTE_MS:
        hours.append((now - begin) / 3_600_000)
        memory.append(rss_mb(engine.pid))
        oldest = min(world.activation(name).last_bar or 0 for name in world.activations)
        late = max(late, (now - oldest) / MINUTE_MS - 2.0)
        time.sleep(_SAMPLE_S)
    took = time.monotonic() - started
    return {
        "wall_s": round(took, 1), "most_bars_late": round(late, 1),
        "engine_cpu_s": round(cpu_s(engine.pid), 1), **told(hours, memory),
    }  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Prints what was found. Exit code 3 where the books differ or a law was broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks live_day", description=__doc__)
    parser.add_argument("--bars", type=int, default=1440)
    parser.add_argument("--speed", type=float, default=180.0)
    parser.add_argument("--market", choices=[m.value for m in Market], default="perpetual")
    wanted = parser.parse_args(argv)
    with (
        tempfile.TemporaryDirectory() as folder,
        live_world(Path(folder), Market(wanted.market), FIVE, speed=wanted.speed,
                   accounts=_WALLETS, start=START) as world,
    ):  # fmt: skip
        for account in world.accounts:
            for symbol in FIVE:
                world.activate(account, symbol, strategy=DayTrader())
        engine = start_engine(world)
        names = world.activations
        until(lambda: all(world.activation(n).last_bar for n in names), told=str(engine.told[-5:]))
        found = trade(world, engine, wanted.bars)
        lost = world.sandbox.clock()["lost_ms"]
        left = settled(world, 60.0)
        code, stopped_s = engine.terminate()
        state = world.sandbox.state()
        orders = sum(sum(state["requests"][r] for r in state["requests"] if r.startswith("POST")
                         and "rder" in r) for _ in (0,))  # fmt: skip
        print(json.dumps({
            "market": wanted.market, "activations": len(names), "bars": wanted.bars,
            "speed": wanted.speed, **found, "market_ms_lost": lost,
            "trades": world.trade_count(), "order_requests": orders, "refused_429": refusals(world),
            "longest_without_stop_ms": round(world.laws.longest_naked_ms),
            "laws_broken": len(world.laws.broken), "differences": len(left),
            "faulted": sum(world.activation(n).fault is not None for n in names),
            "exit_code": code, "stopped_after_s": round(stopped_s, 1),
            "load": round(os.getloadavg()[0], 1),
        }))  # fmt: skip
        for line in (*left[:20], *world.laws.broken[:20], *engine.errors[:20]):
            print(line)
    return 3 if left or world.laws.broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
