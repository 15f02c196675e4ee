"""The sweep gives each set exactly what a backtest of that set alone gives."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest
from made_bars import random_walk

from tradepulse.domain.errors import RefusedError
from tradepulse.signals.program import Program
from tradepulse.simulation.backtest import simulate
from tradepulse.simulation.graph_run import run_graph
from tradepulse.simulation.metrics import METRICS
from tradepulse.simulation.rules import Rules
from tradepulse.simulation.sizing import FractionOfEquity
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.strategies.htf_sweep import HtfSweep
from tradepulse.strategies.strategy import Strategy
from tradepulse.strategies.volume_breakout import VolumeBreakout
from tradepulse.training import sweep as sweep_room
from tradepulse.training import windows
from tradepulse.training.sweep import SweepBatch, sweep

BARS = random_walk(6000)
SPOT = Rules()
PERPETUAL = Rules(market="perpetual", allow_short=True, leverage=3, sizing=FractionOfEquity(0.5))
EIGHT_HOURS_MS = 8 * 3_600_000
FUNDING = [
    (int(time), 0.0001 * (-1) ** index)
    for index, time in enumerate(
        range(int(BARS.open_time[0]) // EIGHT_HOURS_MS * EIGHT_HOURS_MS,
              int(BARS.open_time[-1]) + EIGHT_HOURS_MS, EIGHT_HOURS_MS)
    )
]  # fmt: skip

GRIDS: list[tuple[type[Strategy], object]] = [
    (EmaCross, {"fast": [3, 5, 9, 20], "slow": [21, 30, 50]}),
    (VolumeBreakout, {"range_bars": [10, 20, 31], "surge": [1.2, 1.5], "volume_bars": [20, 35]}),
    (HtfSweep, {"swing_bars": [1, 2], "reward": [1.0, 2.5], "ratio": [4, 6]}),
]


def collect(batches: list[SweepBatch]) -> np.ndarray:
    return np.concatenate([batch.metrics for batch in batches])


@pytest.mark.parametrize(("strategy", "grid"), GRIDS, ids=lambda v: getattr(v, "name", ""))
@pytest.mark.parametrize("rules", [SPOT, PERPETUAL], ids=["spot", "perpetual"])
def test_a_sweep_equals_single_backtests(
    strategy: type[Strategy], grid: object, rules: Rules
) -> None:
    funding = FUNDING if rules.is_perpetual else None
    (batch,) = sweep(strategy, BARS, grid, rules, funding=funding)  # type: ignore[arg-type]
    assert batch.metrics[:, METRICS.index("trade_count")].sum() > 0
    for row, parameters in enumerate(batch.parameters):
        single = run_graph(strategy(parameters).graph, BARS, rules, funding=funding)
        np.testing.assert_array_equal(batch.metrics[row], single.metrics_vector)
        growth = np.prod(1.0 + batch.returns[row]) * rules.initial_cash
        assert growth == pytest.approx(single.equity_values[-1], rel=1e-9)


@pytest.mark.parametrize(("strategy", "grid"), GRIDS, ids=lambda v: getattr(v, "name", ""))
def test_one_pass_equals_program_then_fills(strategy: type[Strategy], grid: object) -> None:
    graph = strategy().graph
    fused = run_graph(graph, BARS, SPOT)
    apart = simulate(BARS, Program(graph, BARS.interval_ms).advance(BARS), SPOT)
    np.testing.assert_array_equal(fused.trade_rows, apart.trade_rows)
    np.testing.assert_array_equal(fused.equity_values, apart.equity_values)
    np.testing.assert_array_equal(fused.metrics_vector, apart.metrics_vector)


def test_neither_threads_nor_rounds_change_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = {"fast": range(3, 13), "slow": range(20, 60, 10)}
    whole = collect(list(sweep(EmaCross, BARS, grid, SPOT, workers=2)))
    alone = collect(list(sweep(EmaCross, BARS, grid, SPOT, workers=1)))
    monkeypatch.setattr(sweep_room, "CHUNK", 3)
    monkeypatch.setattr(windows, "STRETCH", 2048)
    rounds = list(sweep(EmaCross, BARS, grid, SPOT, workers=2))
    assert [batch.first for batch in rounds] == list(range(0, 40, 6))
    np.testing.assert_array_equal(whole, alone)
    np.testing.assert_array_equal(whole, collect(rounds))


def test_progress_rises_to_the_number_of_sets() -> None:
    seen: list[tuple[float, float]] = []
    list(sweep(EmaCross, BARS, {"fast": [3, 5, 9]}, SPOT, progress=lambda *p: seen.append(p)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (pytest.approx(3.0), 3)


def test_a_cancelled_sweep_says_so() -> None:
    stop = Event()
    stop.set()
    with pytest.raises(RefusedError) as error:
        list(sweep(EmaCross, BARS, {"fast": [3, 5]}, SPOT, cancelled=stop))
    assert error.value.code == "cancelled"
