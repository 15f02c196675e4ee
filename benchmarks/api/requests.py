"""What a screen asks for, while a training runs beside it: `python -m benchmarks api_requests`.

Requests leave at fixed times whatever became of those before, so that a stall is felt by all that
wait behind it. Exit code 3: an answer was no 200, or p99 is beyond the goal.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.api.served import Served, served, spread

GOAL_P99_MS = 100.0
_CONNECTIONS = 50
_WARM_S = 5.0
# What the pages ask for, the frequent ones more often.
_PATHS = (
    "overview", "positions", "orders?limit=50", "trades?limit=50", "activations", "overview",
    "training/configurations?limit=50", "alerts", "wallets", "signals?limit=50", "training/jobs",
    "bars/series", "risk/state", "quotes", "strategies", "changes/since?sequence=0&limit=100",
    "exchanges/connections", "kill-switch", "system",
)  # fmt: skip
_JOB = {
    "strategy": "ema_cross", "exchange": "binance", "symbol": "AVAX/USDT", "interval": "15m",
    "trials": 5_000, "folds": 4,
}  # fmt: skip


class Load:
    """Requests at a rate. `late_ms`: from when each should have left until its answer was whole."""

    def __init__(self, session: aiohttp.ClientSession, address: str, paths: list[str]) -> None:
        self._session, self._address, self._paths = session, address, paths
        self.late_ms: dict[str, list[float]] = defaultdict(list)
        self.refused: dict[str, int] = defaultdict(int)

    async def run(self, rate: float, seconds: float) -> None:
        """All of them, and their answers."""
        begin = time.monotonic()
        tasks = []
        for number in range(int(rate * seconds)):
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            path = self._paths[number % len(self._paths)]
            tasks.append(asyncio.create_task(self._ask(path, due)))
        await asyncio.gather(*tasks)

    async def _ask(self, path: str, due: float) -> None:
        async with self._session.get(f"{self._address}/api/v1/{path}") as answer:
            await answer.read()
            if answer.status != 200:
                self.refused[f"{answer.status} {path}"] += 1
        self.late_ms[path].append((time.monotonic() - due) * 1000)


async def measure(world: Served, rate: float, seconds: float) -> tuple[Load, str]:
    """The load, and in which state the training was at its end."""
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
    async with aiohttp.ClientSession(headers=world.headers, connector=connector) as session:
        jobs = f"{world.address}/api/v1/training/jobs"
        async with session.post(jobs, json=_JOB) as answer:
            job = await answer.json()
            if answer.status >= 300:
                raise SystemExit(f"the training was refused: {job}")
        name = str(job["id"])
        while (await _state(session, f"{jobs}/{name}")) != "RUNNING":
            await asyncio.sleep(0.5)
        await Load(session, world.address, list(_PATHS)).run(20.0, _WARM_S)
        load = Load(session, world.address, list(_PATHS))
        await load.run(rate, seconds)
        return load, await _state(session, f"{jobs}/{name}")


async def _state(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as answer:
        document: dict[str, Any] = await answer.json()
        return str(document["state"]).upper()


def main(argv: list[str] | None = None) -> int:
    """Prints what was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks api_requests", description=__doc__)
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    wanted = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), "--worker") as world:
        before = round(os.getloadavg()[0], 1)
        load, state = asyncio.run(measure(world, wanted.rate, wanted.seconds))
    late = spread([one for many in load.late_ms.values() for one in many])
    slowest = sorted(load.late_ms, key=lambda path: -spread(load.late_ms[path])["p99_ms"])[:5]
    print(json.dumps({
        "requests_a_second": wanted.rate, "requests": sum(map(len, load.late_ms.values())), **late,
        "slowest": {path: spread(load.late_ms[path]) for path in slowest},
        "not_200": load.refused, "training_at_the_end": state, "goal_p99_ms": GOAL_P99_MS,
        "load": before,
    }))  # fmt: skip
    return 3 if load.refused or late["p99_ms"] > GOAL_P99_MS else 0
