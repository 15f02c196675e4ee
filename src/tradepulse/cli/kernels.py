"""Compiling the kernels: once for each version of their sources, before anybody waits for a result.

Numba compiles on first use, most of a minute in one thread. Two processes halve that, and the user
hears of it: silence would look like a hang.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from pathlib import Path

from tradepulse.cli.output import say

# Each part starts with what the other needs later, and finds it compiled when it gets there.
PARTS = ("signals", "fills")


def ready_kernels() -> None:
    """Compiles what is not compiled yet, with a word on stderr; nothing if all is."""
    mark = _mark()
    if mark.is_file():
        return
    say("compiling the kernels, once for this version: up to a minute")
    started = time.perf_counter()
    running = [
        subprocess.Popen([sys.executable, "-m", __spec__.name, part])  # noqa: S603  (this module)
        for part in PARTS
    ]
    codes = [process.wait() for process in running]
    if not any(codes):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text("every kernel of these sources is in this folder\n", encoding="utf-8")
        say(f"compiled in {time.perf_counter() - started:.0f} s")
    else:
        say("that failed; each kernel is compiled when it is first used")


def _mark() -> Path:
    """The file that says all is compiled: one a copy of the package, as Numba has it."""
    from tradepulse.signals.jit import cache_folder

    place = hashlib.sha256(str(Path(__file__).resolve().parent).encode()).hexdigest()
    return cache_folder() / f"compiled-{place[:12]}.txt"


def compile_part(part: str) -> None:
    """Runs every kernel of a part on a few bars."""
    import numpy as np

    from tradepulse import research
    from tradepulse.marketdata.validate import as_bar_series
    from tradepulse.signals.program import Program
    from tradepulse.strategies.ema_cross import EmaCross
    from tradepulse.training.windows import Dataset, run_window

    close = 100.0 + np.sin(np.arange(600) / 20.0)
    bars = as_bar_series(
        {
            "open_time": np.arange(600) * 60_000, "open": close, "high": close + 1.0,
            "low": close - 1.0, "close": close, "volume": close,
        }
    )  # fmt: skip
    if part == PARTS[0]:
        Program(EmaCross().graph, bars.interval_ms).advance(bars)
        research.backtest_portfolio([(EmaCross(), bars)], 1000.0)
    else:
        research.simulate(bars, {"enter_long": close > 100.0})
        research.sweep(EmaCross, bars, {"fast": [5, 6]})
        half = int(bars.open_time[300])
        run_window(EmaCross().graph, Dataset(bars, research.Rules()).window(half, 2 * half))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        compile_part(sys.argv[1])
    else:
        ready_kernels()
