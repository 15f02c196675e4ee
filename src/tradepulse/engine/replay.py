"""History through the real engine: decisions, orders, fills and ledger as when trading, only
faster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.engine.feed import GivenBars
from tradepulse.engine.ports import Journal
from tradepulse.engine.trading import TradingEngine
from tradepulse.execution.exchange import SimulatedExchange
from tradepulse.signals.jit import code_version
from tradepulse.simulation.funding import check_coverage, no_funding, read_funding
from tradepulse.simulation.rules import Rules

# One transaction each. Larger ones would be no faster and keep other writers waiting longer.
REPLAY_BATCH_BARS = 8192


@dataclass(frozen=True)
class ReplayReport:
    """What a replay did; everything of it is in the ledger under `activation_id`."""

    activation_id: str
    bars: int
    trades: int
    seconds: float

    @property
    def bars_per_second(self) -> float:
        return self.bars / self.seconds if self.seconds > 0.0 else 0.0


def replay(
    activation_id: str,
    bars: BarSeries,
    journal: Journal,
    exchange: Callable[[], SimulatedExchange],
    *,
    clock: Callable[[], int],
    funding: FundingSeries | None = None,
    batch_bars: int = REPLAY_BATCH_BARS,
    progress: Callable[[int, int], None] | None = None,
) -> ReplayReport:
    """Runs an activation over `bars` to their end, then stops it (a position left open stays in the
    ledger, marked at the last close).

    The activation's `session_start` must be the open time of the first bar, so that the ledger can
    be compared with a backtest of the same bars. An activation stopped half-way by a crash goes on
    where its ledger ends. `progress` is told (bars done, bars in all). Errors: `empty`,
    `missing_funding`, and those of `TradingEngine.join` and `advance`.
    """
    if not len(bars):
        raise DataError("empty", "there are no bars to replay", expected="at least one", found="0")
    run = journal.load(activation_id)
    if Rules.from_json(run.configuration.rules).is_perpetual:
        _check_funding(bars, funding)
    began = perf_counter()
    engine = TradingEngine(
        journal, GivenBars(bars, funding), exchange, clock=clock, code_version=code_version(),
        batch_bars=batch_bars,
    )  # fmt: skip
    if run.activation.session_start is None:
        journal.start_session(activation_id, int(bars.open_time[0]))
    engine.join(activation_id)
    done = 0
    while moved := engine.advance():
        done += moved
        if progress is not None:
            progress(done, len(bars))
    state = journal.load(activation_id).activation
    if state.state is ActivationState.FAULTED:
        raise DataError("replay_faulted", f"the replay was given up: {state.fault}")
    journal.set_state(activation_id, ActivationState.STOPPED, clock())
    return ReplayReport(
        activation_id, done, len(journal.trades(activation_id)), perf_counter() - began
    )


def _check_funding(bars: BarSeries, funding: FundingSeries | None) -> None:
    """A replay would wait for settlements that never come; say so at once."""
    if funding is None:
        raise no_funding()
    times, _ = read_funding(funding)
    check_coverage(times, int(bars.open_time[0]), int(bars.open_time[-1]) + bars.interval_ms)
