"""Request weight a minute of many accounts behind one address: `-m benchmarks live_weight`.

The exchange counts what each minute of requests weighs, once while nothing trades and once while
every activation enters and leaves all the time; and how long positions had no stop meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.live.engine_process import start_engine, until
from benchmarks.live.latency import in_turn, numbered
from benchmarks.live.truths import refusals
from benchmarks.live.world import FIVE, LiveWorld, bundled, live_world, wall_ms
from tradepulse.domain.instrument import Market
from tradepulse.strategies.api import Bars, Signals, Strategy

_MINUTE_S = 60.0
_START_S = 900.0


class Idle(Strategy):
    """Never enters."""

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.close < bar.close * 0.0, stop=bar.close * 0.1)


class Counts:
    """What the exchange has charged so far, by route."""

    def __init__(self, world: LiveWorld, market: Market) -> None:
        self._world, self._market = world, market
        self._charged: Counter[str] = Counter()
        self.weight = 0
        world.sandbox.call(self._watch)

    def taken(self) -> tuple[int, Counter[str]]:
        """(weight, requests by route) since the last call."""
        return self._world.sandbox.call(self._take)

    def _watch(self, exchange: Any) -> None:
        charge = exchange.meter.charge
        self._before = Counter(exchange.requests)

        def counted(market: Market, address: str, weight: int, now_ms: int) -> int:
            self.weight += weight
            return int(charge(market, address, weight, now_ms))

        exchange.meter.charge = counted

    def _take(self, exchange: Any) -> tuple[int, Counter[str]]:
        weight, self.weight = self.weight, 0
        requests = Counter(exchange.requests) - self._before
        self._before = Counter(exchange.requests)
        return weight, requests


def run(market: Market, connections: int, minutes: int, *, trading: bool) -> dict[str, Any]:
    """The figures of one world."""
    now = wall_ms()
    # Every activation enters at one close and leaves at the next.
    series = [numbered(each, now, 2) for each in bundled(FIVE, market)]
    with (
        tempfile.TemporaryDirectory() as folder,
        live_world(Path(folder), market, speed=1.0, accounts=connections, start=now,
                   series=series) as world,
    ):  # fmt: skip
        for account in world.accounts:
            for symbol in FIVE:
                strategy = in_turn(1) if trading else Idle()
                world.activate(account, symbol, strategy=strategy)
        world.keep_real_time()
        counts = Counts(world, market)
        engine = start_engine(world)
        names = world.activations
        started = until(lambda: all(world.activation(n).last_bar for n in names), _START_S)
        at_start, _ = counts.taken()
        # What the start has put off is not what a minute costs.
        time.sleep(_MINUTE_S)
        counts.taken()
        weights, requests = [], Counter[str]()
        for _ in range(minutes):
            time.sleep(_MINUTE_S)
            weight, seen = counts.taken()
            weights.append(weight)
            requests += seen
        naked, refused = world.laws.longest_naked_ms, refusals(world)
        trades = world.trade_count()
        told = [line for line in engine.told if "rate" in line or "budget" in line]
        engine.terminate()
    return {
        "market": market.value, "connections": connections, "activations": len(names),
        "trading": trading, "started_s": round(started), "weight_of_the_start": at_start,
        "weight_by_minute": weights, "trades": trades, "refused_429": refused,
        "longest_without_stop_ms": round(naked), "budget_words": len(told),
        "requests": dict(requests.most_common(12)), "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Prints the figures. Exit code 3 where the exchange refused for the rate."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks live_weight", description=__doc__)
    parser.add_argument("--connections", type=int, default=40)
    parser.add_argument("--minutes", type=int, default=3)
    parser.add_argument("--market", choices=[m.value for m in Market], default="perpetual")
    parser.add_argument("--trading", action="store_true")
    wanted = parser.parse_args(argv)
    found = run(Market(wanted.market), wanted.connections, wanted.minutes, trading=wanted.trading)
    print(json.dumps(found))
    return 3 if found["refused_429"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
