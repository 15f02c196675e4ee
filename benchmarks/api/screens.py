"""Large screens in a real browser: `python -m benchmarks screens`.

525,600 bars dragged across a chart, 5,000 trades scrolled in a table, and what the first page
weighs over loopback. Needs Chromium, and the dashboard built with its node_modules (`make run` does
both). Exit code 3: the first load, its paint or a frame rate misses its goal.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import bars as walk
from benchmarks.api.served import PASSWORD
from benchmarks.live.busy import Patient
from benchmarks.live.engine_process import ROOT, ServingProcess
from benchmarks.live.start import fill_ledger
from benchmarks.live.world import live_world
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.interval import MINUTE_MS
from tradepulse.storage.accounts import first_admin

BARS, TRADES = 525_600, 5_000
GOALS = {"kilobytes": 300, "painted_ms": 1_500, "frames_a_second": 50}


def measured(folder: Path) -> dict[str, Any]:
    """What the browser found."""
    with live_world(folder) as world:
        world.activate(world.accounts[0], "BTCUSDT", strategy=Patient())
        fill_ledger(world, world.activations[0], TRADES)
        first_admin(world.app.database, PASSWORD, 1)
        world.app.bars.append("binance", "BENCH/USDT", "1m", _bars())
        served = ServingProcess(folder, "api", "--no-worker", "--port", "0")
        try:
            address = str(served.ready()["address"])
            node = shutil.which("node") or "node"
            answer = subprocess.run(
                [node, "bench/frames.mjs", address, PASSWORD], cwd=ROOT / "dashboard",
                check=True, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        finally:
            served.terminate()
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def _bars() -> BarSeries:
    c = walk.random_walk(BARS)
    names = ("open_time", "open", "high", "low", "close", "volume")
    return BarSeries(*(c[name] for name in names), MINUTE_MS)


def main(argv: list[str] | None = None) -> int:
    """Prints what was found."""
    argparse.ArgumentParser(prog="python -m benchmarks screens", description=__doc__).parse_args(
        argv
    )
    load = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder))
    print(json.dumps({"bars": BARS, "trades": TRADES, **found, "goals": GOALS, "load": load}))
    first = found["first_load"]
    slow = [
        name for name in ("chart", "trades")
        if found[name]["frames_a_second"] < GOALS["frames_a_second"]
    ]  # fmt: skip
    heavy = [name for name in ("kilobytes", "painted_ms") if first[name] > GOALS[name]]
    return 3 if slow or heavy else 0
