"""One bar at a time through a running configuration: `python -m benchmarks.ours.live_step HOW`.

`engine`: feed, graph, decisions, orders, paper fills and ledger rows, up to the commit, which is
left out; `durable`: with the commit of every bar to SQLite; `kernel`: graph and fills alone, as
`Program` and `Simulation` offer them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Facts, emit, timed
from benchmarks.ours.engine_home import NOW_MS, bars_of, furnish
from tradepulse.domain.bars import BarSeries
from tradepulse.engine.feed import GivenBars
from tradepulse.engine.ports import Batch, Journal
from tradepulse.engine.trading import TradingEngine
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.signals.graph import Graph
from tradepulse.signals.jit import code_version
from tradepulse.signals.program import Program
from tradepulse.simulation.backtest import Simulation
from tradepulse.simulation.rules import Rules
from tradepulse.storage.activating import request_activation
from tradepulse.storage.journal import DatabaseJournal
from tradepulse.storage.paper_wallet import replay_wallet

HISTORY_BARS = 2_000  # before the first timed bar: warm, compiled, first trades done
STEPS = 20_000
REPEATS = 4  # timed parts of the steps; the best counts
Step = Callable[[], int]


class Uncommitted(DatabaseJournal):
    """Takes a bar's rows and lets them go: what a step costs without the disk."""

    trades_seen = 0

    def commit(self, batch: Batch) -> None:
        """Nothing is kept but the number of trades."""
        self.trades_seen += len(batch.trades)


def engine_step(folder: Path, bars: BarSeries, *, durable: bool) -> tuple[Step, Callable[[], int]]:
    app, configuration = furnish(folder, bars)
    with app.database.transaction() as tx:
        wallet = replay_wallet(tx, configuration, NOW_MS)
        activation = request_activation(
            tx, configuration.id, wallet.id, now_ms=NOW_MS, session_start=int(bars.open_time[0])
        )
    lost = Uncommitted(app.database)
    journal: Journal = app.journal if durable else lost
    engine = TradingEngine(
        journal, GivenBars(bars), PaperExchange, clock=lambda: NOW_MS,
        code_version=code_version(), batch_bars=1,
    )  # fmt: skip
    engine.join(activation.id)
    if not durable:
        return engine.advance, lambda: lost.trades_seen
    return engine.advance, lambda: len(app.journal.trades(activation.id))


def kernel_step(folder: Path, bars: BarSeries) -> tuple[Step, Callable[[], int]]:
    _, configuration = furnish(folder, bars)
    program = Program(Graph.from_json(configuration.graph), bars.interval_ms)
    simulation = Simulation(Rules.from_json(configuration.rules), bars.interval_ms)
    row = closed = 0

    def step() -> int:
        nonlocal row, closed
        bar = bars.slice(row, row + 1)
        closed += len(simulation.advance(bar, program.advance(bar)))
        row += 1
        return 1

    return step, lambda: closed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("how", choices=["engine", "durable", "kernel"])
    wanted = parser.parse_args()
    bars = bars_of(HISTORY_BARS + STEPS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if wanted.how == "kernel":
            step, trades = kernel_step(folder, bars)
        else:
            step, trades = engine_step(folder, bars, durable=wanted.how == "durable")

        def walk(count: int) -> Facts:
            return {"bars": sum(step() for _ in range(count))}

        walk(HISTORY_BARS)
        timings, facts = timed(lambda: walk(STEPS // REPEATS), REPEATS)
        facts["trades"] = trades()
    emit(timings.divided(STEPS // REPEATS), facts)


if __name__ == "__main__":
    main()
