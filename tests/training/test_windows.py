"""Windows: warm signals, a flat account, and results that depend on set and window alone."""

from __future__ import annotations

import numpy as np
import pytest
from made_bars import random_walk

from tradepulse.domain.errors import DataError
from tradepulse.domain.interval import DAY_MS
from tradepulse.simulation.graph_run import run_graph
from tradepulse.simulation.metrics import METRICS
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.strategies.volume_breakout import VolumeBreakout
from tradepulse.training.evaluation import ThreadExecutor
from tradepulse.training.sampling import random_sets
from tradepulse.training.windows import (
    Dataset,
    compile_sets,
    daily_returns,
    graph_of,
    market_returns,
    run_compiled,
    run_window,
)  # fmt: skip

BARS = random_walk(4000)
DATA = Dataset(BARS, Rules())
START, END = int(BARS.open_time[0]), int(BARS.open_time[-1]) + BARS.interval_ms
MIDDLE = int(BARS.open_time[1500]) // DAY_MS * DAY_MS


def test_a_whole_window_is_the_backtest() -> None:
    graph = EmaCross({"fast": 10, "slow": 40}).graph.long_only()
    whole, window = run_graph(graph, BARS, Rules()), DATA.window(START, END)
    assert run_window(graph, window).metrics == whole.metrics
    metrics, returns = run_compiled(compile_sets([graph], BARS.interval_ms), window)
    assert np.array_equal(metrics[0], whole.metrics_vector, equal_nan=True)
    assert np.array_equal(returns[0], daily_returns(whole))
    assert len(returns[0]) == len(window.days) == len(market_returns(window))


@pytest.mark.parametrize("strategy", [EmaCross, VolumeBreakout])
def test_a_set_does_not_depend_on_its_company(strategy: type) -> None:
    sets = random_sets(strategy, 30, 5)
    window = (MIDDLE, END)
    together = ThreadExecutor(strategy, DATA, 2).evaluate(sets, window)
    alone = ThreadExecutor(strategy, DATA, 1)
    for row in (0, 7, 29):
        metrics, returns = alone.evaluate([sets[row]], window)
        assert np.array_equal(metrics[0], together.metrics[row], equal_nan=True)
        assert np.array_equal(returns[0], together.returns[row])


def test_signals_are_warm_and_the_account_is_flat_at_the_start() -> None:
    """The first trade of a window may be at once, and none is carried in from before."""
    graph = graph_of(EmaCross, {"fast": 5, "slow": 20}, Rules())
    result = run_window(graph, DATA.window(MIDDLE, END))
    whole = run_graph(graph, BARS, Rules())
    entries = result.trades["entry_time"].to_list()
    later = [t for t in whole.trades["entry_time"].to_list() if t > MIDDLE]
    assert entries == later
    assert entries[0] < MIDDLE + 120 * BARS.interval_ms


def test_later_bars_do_not_change_a_window() -> None:
    sets = random_sets(EmaCross, 5, 1)
    window = (START, MIDDLE)
    short = Dataset(BARS.between(None, MIDDLE), Rules())
    for left, right in zip(
        ThreadExecutor(EmaCross, DATA).evaluate(sets, window),
        ThreadExecutor(EmaCross, short).evaluate(sets, window),
        strict=True,
    ):
        assert np.array_equal(left, right, equal_nan=True)


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(DataError) as error:
        DATA.window(END, END + DAY_MS)
    assert error.value.code == "empty"


def test_shuffled_markets_come_in_the_order_of_their_seeds() -> None:
    sets, executor = random_sets(EmaCross, 8, 2), ThreadExecutor(EmaCross, DATA, 2)
    seeds = [11, 5, 7]
    found = executor.permuted_best(sets, (START, END), seeds, "sharpe")
    assert found == [
        executor.permuted_best(sets, (START, END), [seed], "sharpe")[0] for seed in seeds
    ]
    real = executor.evaluate(sets, (START, END)).metrics[:, METRICS.index("sharpe")]
    assert np.nanmax(real) not in found
