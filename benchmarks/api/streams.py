"""Many screens on one event log: `python -m benchmarks api_streams`.

A process writes events, each in its own transaction and with the time it was written; every client
follows `events/stream` and notes when each event arrives. All the while some are cut off and
come back with Last-Event-ID. Exit code 3: an event was lost or told twice to somebody, or p99 is
beyond the goal.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks.api.served import Served, served, spread
from benchmarks.live.engine_process import ROOT

GOAL_P99_MS = 250.0
_EVENT = re.compile(rb"^id: (\d+)\nevent: [^\n]*\ndata: [^\n]*?\"time\":(\d+)[^\n]*\n\n", re.M)
_SETTLE_S = 8.0
# A client stays connected this long on average before it is cut off.
_STAY_S = 20.0


@dataclass
class Client:
    """What one screen heard: numbers in order of arrival, and how late each was."""

    numbers: list[int] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    connections: int = 0

    async def follow(self, session: aiohttp.ClientSession, url: str, after: int) -> None:
        """Follows until cancelled, cut off now and then."""
        while True:
            last = self.numbers[-1] if self.numbers else after
            self.connections += 1
            stay = random.expovariate(1 / _STAY_S)
            try:
                async with asyncio.timeout(stay):
                    await self._listen(session, url, last)
            except TimeoutError:
                await asyncio.sleep(random.uniform(0.0, 0.5))

    async def _listen(self, session: aiohttp.ClientSession, url: str, last: int) -> None:
        async with session.get(url, headers={"last-event-id": str(last)}) as answer:
            answer.raise_for_status()
            waiting, since = b"", time.time() * 1000
            async for piece in answer.content.iter_any():
                now, waiting = time.time() * 1000, waiting + piece
                end = 0
                for found in _EVENT.finditer(waiting):
                    end = found.end()
                    self.numbers.append(int(found[1]))
                    # What was written while it was away is late by its own doing.
                    if int(found[2]) >= since:
                        self.late_ms.append(now - int(found[2]))
                waiting = waiting[end:]


_WRITER = """
import sys, time
from pathlib import Path
from tradepulse.bootstrap import open_home
from tradepulse.domain.event import NewEvent
app = open_home(Path(sys.argv[1]), None)
rate, seconds = float(sys.argv[2]), float(sys.argv[3])
begin, count = time.monotonic(), 0
while count < rate * seconds:
    time.sleep(max(0.0, begin + count / rate - time.monotonic()))
    count += 1
    with app.database.transaction() as tx:
        tx.events.append(
            NewEvent(time.time_ns() // 1_000_000, "order.updated", "order", f"o{count}",
                     {"state": "OPEN", "pair": "BTC/USDT", "filled": "0", "price": "104250.1"})
        )
print(count)
"""


async def watch(world: Served, clients: int, rate: float, seconds: float) -> list[Client]:
    """All clients, after the writer has written and they have had time to hear of it."""
    with world.app.database.reading() as tx:
        after = tx.events.last_sequence()
    made = [Client() for _ in range(clients)]
    url = f"{world.address}/api/v1/events/stream?types=order.updated"
    connector = aiohttp.TCPConnector(limit=0)
    whole = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(
        headers=world.headers, connector=connector, timeout=whole
    ) as session:
        tasks = [asyncio.create_task(client.follow(session, url, after)) for client in made]
        await asyncio.sleep(_SETTLE_S)
        writer = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WRITER, str(world.app.home.path), str(rate), str(seconds),
            stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip
        if await writer.wait() != 0:
            raise SystemExit("the writer failed")
        await asyncio.sleep(_SETTLE_S)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    broken = [one for one in ended if not isinstance(one, asyncio.CancelledError)]
    if broken:
        raise SystemExit(f"{len(broken)} clients failed: {broken[0]!r}")
    return made


def main(argv: list[str] | None = None) -> int:
    """Prints what was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks api_streams", description=__doc__)
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--rate", type=float, default=50.0, help="events a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    wanted = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), "--no-worker") as world:
        load = round(os.getloadavg()[0], 1)
        found = asyncio.run(watch(world, wanted.clients, wanted.rate, wanted.seconds))
        with world.app.database.reading() as tx:
            written = [e.sequence for e in tx.events.since(types=["order.updated"], limit=10**6)]
    wrong = sum(client.numbers != written for client in found)
    late = spread([one for client in found for one in client.late_ms])
    print(json.dumps({
        "clients": wanted.clients, "events_a_second": wanted.rate, "events": len(written),
        "deliveries": sum(len(client.numbers) for client in found),
        "reconnections": sum(client.connections - 1 for client in found), **late,
        "clients_with_a_lost_or_doubled_event": wrong, "goal_p99_ms": GOAL_P99_MS, "load": load,
    }))  # fmt: skip
    return 3 if wrong or late["p99_ms"] > GOAL_P99_MS else 0
