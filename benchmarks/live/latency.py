"""Bar close to order on the wire, with 200 activations on one engine: `-m benchmarks live_latency`.

The exchange is in this process and notes when it tells that a bar has closed; the engine is
`tradepulse engine`, a process of its own, and its ledger says when each order left. So the figure
holds everything: socket, ccxt, feed, store, graph, risk, commit, signature. The exchange also notes
when orders arrive: that holds its own work on the orders before, which is no part of the figure.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from bisect import bisect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.live.engine_process import start_engine, until
from benchmarks.live.world import FIVE, START, LiveWorld, bundled, live_world, wall_ms
from tradepulse.domain.instrument import Market
from tradepulse.domain.interval import MINUTE_MS
from tradepulse.sandbox.events import BarUpdate, MarketEvent
from tradepulse.sandbox.listing import SymbolBars
from tradepulse.sandbox.server.exchange import Exchange
from tradepulse.strategies.api import Bars, Signals, Strategy

GOAL_P99_MS = 50.0
_PHASES = 20
_START_S = 600.0
_BEFORE, _AFTER = 300, 600  # bars
SYMBOLS = (*FIVE, "ADAUSDT", "LINKUSDT", "LTCUSDT")


class InTurn(Strategy):
    """Enters on one minute of twenty and leaves on the next: the volume column tells which minute
    it is, so that a known share of all activations has an order to send at each close."""

    phase = 1.0

    def signals(self, bar: Bars) -> Signals:
        low = self.phase * 1000.0
        return Signals(
            enter_long=(bar.volume > low - 500.0) & (bar.volume < low + 500.0),
            exit_long=(bar.volume > low + 500.0) & (bar.volume < low + 1500.0),
            stop=bar.close * 0.1,
        )  # fmt: skip


def in_turn(phase: int) -> Strategy:
    """The strategy of a phase, from 1 on."""
    made = type("InTurn", (InTurn,), {"phase": float(phase)})
    found: Strategy = made()
    return found


def numbered(series: SymbolBars, now_ms: int) -> SymbolBars:
    """The bars around START as if they were those around now: at the speed of life, as at a real
    venue. Their volume is the number of the minute within its twenty, from 1 on."""
    bars = series.bars
    first = int(np.searchsorted(bars.open_time, START)) - _BEFORE
    cut = bars.slice(first, first + _BEFORE + _AFTER)
    times = cut.open_time + (now_ms // MINUTE_MS * MINUTE_MS - START)
    number = (times // MINUTE_MS) % _PHASES + 1
    return replace(
        series, bars=replace(cut, open_time=times, volume=number * 1000.0), funding=None, mark=None
    )


@dataclass
class Stopwatch:
    """Times on the exchange's side: `closed` monotonic seconds, `closes` wall clock, ms."""

    closed: dict[str, float] = field(default_factory=dict)
    closes: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    arrived_ms: list[float] = field(default_factory=list)

    def watch(self, exchange: Exchange) -> None:
        """Begins to note."""
        publish, place = exchange.streams.publish, exchange.market.place

        def observed(events: Sequence[MarketEvent]) -> None:
            ended = [e.symbol for e in events if isinstance(e, BarUpdate) and e.closed]
            publish(events)
            now = time.monotonic()
            self.closed.update(dict.fromkeys(ended, now))
            for symbol in ended:
                self.closes[symbol].append(time.time() * 1e3)

        def arrived(key: str, market: Market, request: Any) -> Any:
            since = self.closed.get(request.symbol)
            if since is not None and request.type == "MARKET":
                self.arrived_ms.append((time.monotonic() - since) * 1e3)
            return place(key, market, request)

        exchange.streams.publish = observed  # type: ignore[method-assign]
        exchange.market.place = arrived  # type: ignore[method-assign]


def measure(world: LiveWorld, seconds: float) -> Stopwatch:
    """The times of all market orders of a while."""
    watch = Stopwatch()
    engine = start_engine(world)
    names = world.activations
    # So many accounts at once want more of the venue than an address may ask for in a minute.
    until(lambda: all(world.activation(n).last_bar for n in names), within_s=_START_S)
    world.sandbox.call(watch.watch)
    time.sleep(seconds)
    engine.terminate()
    return watch


def left_after_ms(world: LiveWorld, watch: Stopwatch) -> dict[float, list[float]]:
    """By the close that led to them, how long after it each market order left."""
    found: dict[float, list[float]] = defaultdict(list)
    with world.app.database.reading() as tx:
        for account in world.accounts:
            for symbol, name in account.running.items():
                closes = watch.closes[symbol]
                for order in tx.orders.of_activation(name):
                    if order.kind != "market" or order.sent_at is None:
                        continue
                    place = bisect(closes, order.sent_at) - 1
                    if place >= 0:
                        found[closes[place]].append(order.sent_at - closes[place])
    return found


def main(argv: list[str] | None = None) -> int:
    """Prints p50, p99 and the worst. Exit code 3 where the goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks live_latency", description=__doc__)
    parser.add_argument("--activations", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--together", action="store_true", help="all enter at the same close")
    wanted = parser.parse_args(argv)
    now = wall_ms()
    series = [numbered(each, now) for each in bundled(SYMBOLS, Market.PERPETUAL)]
    accounts = -(-wanted.activations // len(SYMBOLS))
    with (
        tempfile.TemporaryDirectory() as folder,
        live_world(Path(folder), Market.PERPETUAL, speed=1.0, accounts=accounts, start=now,
                   series=series) as world,
    ):  # fmt: skip
        for number, account in enumerate(world.accounts):
            for symbol in SYMBOLS:
                phase = 1 if wanted.together else number % (_PHASES - 1) + 1
                world.activate(account, symbol, strategy=in_turn(phase))
        watch = measure(world, wanted.seconds)
        by_close = left_after_ms(world, watch)
        activations = len(world.activations)
    waited = np.array([ms for each in by_close.values() for ms in each])
    if not len(waited):
        print("no order was sent")
        return 3
    p50, p90, p99 = (round(float(v), 1) for v in np.percentile(waited, [50, 90, 99]))
    firsts = [min(each) for each in by_close.values()]
    print(json.dumps({
        "activations": activations, "orders": len(waited),
        "orders_at_a_close": round(len(waited) / len(by_close), 1), "p50_ms": p50, "p90_ms": p90,
        "p99_ms": p99, "worst_ms": round(float(waited.max()), 1),
        "first_of_a_close_ms": round(float(np.median(firsts)), 1),
        "arrived_p50_ms": round(float(np.percentile(watch.arrived_ms, 50)), 1),
        "goal_p99_ms": GOAL_P99_MS, "load": round(os.getloadavg()[0], 1),
    }))  # fmt: skip
    return 0 if p99 <= GOAL_P99_MS else 3


if __name__ == "__main__":
    raise SystemExit(main())
