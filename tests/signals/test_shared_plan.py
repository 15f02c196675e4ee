"""Many graphs in one plan, as a sweep runs them: each says what it says alone, bit for bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from market_bars import calm_bars, wild_bars
from random_graphs import graphs

from tradepulse.domain.bars import OHLCV, BarSeries
from tradepulse.domain.interval import HOUR_MS
from tradepulse.signals.declaration import Signals
from tradepulse.signals.graph import Graph
from tradepulse.signals.interpreter import run_nodes
from tradepulse.signals.market import Bars
from tradepulse.signals.output import FLAG_NAMES, LEVEL_NAMES
from tradepulse.signals.plan import compile_graphs
from tradepulse.signals.program import Program

COLUMNS = ("score", "rate")


def together(plans: list[Graph], bars: BarSeries, block: int) -> list[dict[str, np.ndarray]]:
    """Outputs of each graph: the shared nodes once a block, then each graph's own."""
    plan = compile_graphs(plans, bars.interval_ms, COLUMNS)
    rows = np.full((plan.row_count, block), 777.0)
    flags = np.full((plan.flag_count, block), 7, np.uint8)
    times = np.zeros((plan.frame_count, block), np.int64)
    closed = np.zeros((plan.frame_count, block), np.int32)
    counts = np.zeros(plan.frame_count, np.int32)
    state = plan.initial_state.copy()
    tables = (plan.code, plan.frame, plan.inputs, plan.out, plan.ints, plan.floats, plan.at)
    scratch = (counts, times, rows, flags, closed, state)
    found: list[dict[str, list[np.ndarray]]] = [{} for _ in plans]
    for start in range(0, len(bars), block):
        part = bars.slice(start, start + block)
        n = counts[0] = len(part)
        times[0, :n] = part.open_time
        for k, name in enumerate(OHLCV):
            rows[k, :n] = getattr(part, name)
        for k, name in enumerate(COLUMNS):
            rows[len(OHLCV) + k, :n] = part.columns[name]
        run_nodes(*tables, 0, plan.shared, *scratch)
        for g in range(len(plans)):
            run_nodes(*tables, int(plan.own[g]), int(plan.own[g + 1]), *scratch)
            for names, places, source in (
                (FLAG_NAMES, plan.flag_rows[g], flags),
                (LEVEL_NAMES, plan.level_rows[g], rows),
            ):
                for name, row in zip(names, places, strict=True):
                    if row >= 0:
                        found[g].setdefault(name, []).append(source[row, :n].copy())
    return [{name: np.concatenate(parts) for name, parts in item.items()} for item in found]


def check(several: list[Graph], bars: BarSeries, block: int) -> None:
    for graph, found in zip(several, together(several, bars, block), strict=True):
        alone = Program(graph, bars.interval_ms, COLUMNS).advance(bars)
        assert found.keys() == graph.outputs.keys()
        for name, row in found.items():
            np.testing.assert_array_equal(row, getattr(alone, name), err_msg=name)


@given(st.lists(graphs(), min_size=1, max_size=4), st.integers(0, 10_000), st.sampled_from((64, 7)))
def test_graphs_together_say_what_each_says_alone(
    several: list[Graph], seed: int, block: int
) -> None:
    check([*several, several[0]], wild_bars(150, seed), block)


def crossing(fast: int, slow: int) -> Graph:
    close = Bars().close
    return Signals(
        enter_long=close.ema(fast).crosses_above(close.ema(slow)),
        exit_long=close.ema(fast).crosses_below(close.ema(slow)),
    ).graph()


def test_a_sweep_computes_each_mean_once() -> None:
    sets = [crossing(fast, slow) for fast in range(3, 9) for slow in range(20, 30)]
    check(sets, calm_bars(200), 64)
    plan = compile_graphs(sets, HOUR_MS)
    alone = len(compile_graphs(sets[:1], HOUR_MS).code)
    # 6 + 10 means are shared; two crosses and two emitted flags are each set's own.
    assert plan.shared == 16
    assert len(plan.code) - plan.shared == 60 * (alone - 2) == 60 * 4
    # Scratch rows are reused from set to set.
    assert plan.row_count == len(OHLCV) + 16
    assert plan.flag_count == 4
