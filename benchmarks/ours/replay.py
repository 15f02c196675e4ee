"""History through the real engine into SQLite, from the call to the last commit.

`python -m benchmarks.ours.replay --bars N`. Read from the bar store, decided, filled, written:
signals, orders, fills, trades, equity points, events. Afterwards, not timed, the recorded run is
compared with the kernel.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.measure import Facts, Timings, emit, timed
from benchmarks.ours.engine_home import NOW_MS, bars_of, furnish
from tradepulse.bootstrap import replay_configuration
from tradepulse.engine.parity import verify_parity

WARM_UP_BARS = 20_000


def replayed(bars: int, folder: Path) -> tuple[Timings, Facts]:
    app, configuration = furnish(folder, bars_of(bars))
    activation = ""

    def work() -> Facts:
        nonlocal activation
        report = replay_configuration(app, configuration, clock=lambda: NOW_MS)
        activation = report.activation_id
        return {"bars": report.bars, "trades": report.trades}

    timings, facts = timed(work, 1)
    parity = verify_parity(app.journal, app.feed(), activation)
    facts["parity"] = parity.verdict
    facts["database_mb"] = round(app.home.database_file.stat().st_size / 1e6, 1)
    return timings, facts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, required=True)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        replayed(WARM_UP_BARS, Path(first))
        emit(*replayed(wanted.bars, Path(second)))


if __name__ == "__main__":
    main()
