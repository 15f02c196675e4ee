"""A backtest whose indicator raises has no result: in one pass, behind a lead, in a search."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from conformance.made_bars import DAY, START, made_bars
from conformance.raising_steps import RaisesOn
from tradepulse import research
from tradepulse.domain.errors import FailedError
from tradepulse.signals.program import BLOCK, Program
from tradepulse.simulation.backtest import simulate
from tradepulse.simulation.graph_run import run_graph
from tradepulse.simulation.rules import Rules
from tradepulse.training.sweep import sweep
from tradepulse.training.windows import STRETCH, Dataset, run_window

BARS = made_bars(2 * BLOCK + 500)
RULES = Rules()
# Bars 1200 on: what is before them only warms.
WINDOW = Dataset(BARS, RULES).window(START + 50 * DAY, START + 100 * DAY)


def graph(bar: int) -> object:
    return RaisesOn(bar=float(bar)).graph


def check(run: Callable[[], object], bar: int) -> None:
    with pytest.raises(FailedError) as caught:
        run()
    assert caught.value.code == "indicator_failed"
    assert f"raises_on(bar={bar}) failed on bar {bar}, opened " in caught.value.message
    assert str(caught.value.found).startswith("ValueError: a bar too many (x=")


@pytest.mark.parametrize("bar", [0, 700, BLOCK, 2 * BLOCK + 499])
def test_a_backtest_stops_there(bar: int) -> None:
    check(lambda: run_graph(graph(bar), BARS, RULES), bar)
    check(lambda: research.backtest(RaisesOn(bar=float(bar)), BARS), bar)


@pytest.mark.parametrize("bar", [100, 1199, 1200, 2300])
def test_bars_count_from_the_first_that_warms(bar: int) -> None:
    assert len(WINDOW.lead) == 1200
    check(lambda: run_window(graph(bar), WINDOW), bar)


def test_bars_that_are_not_run_are_not_asked_about() -> None:
    whole = run_window(graph(10**9), WINDOW)
    assert len(whole.trade_rows) > 50
    np.testing.assert_array_equal(run_window(graph(2400), WINDOW).trade_rows, whole.trade_rows)


def test_one_set_that_raises_stops_a_sweep() -> None:
    sets = [{"bar": 1e9}, {"bar": 900.0}]
    check(lambda: list(sweep(RaisesOn, BARS, sets, RULES)), 900)
    assert len(list(sweep(RaisesOn, BARS, sets[:1], RULES))) == 1


def test_a_portfolio_stops_too() -> None:
    items = [(RaisesOn(), BARS), (RaisesOn(bar=333.0), BARS)]
    check(lambda: research.backtest_portfolio(items[1:], 1_000.0), 333)


def test_a_healthy_indicator_gives_one_result_both_ways() -> None:
    """The same bits fused, in stretches and through its program."""
    assert len(BARS) < STRETCH
    fused = run_graph(graph(10**9), BARS, RULES)
    apart = simulate(BARS, Program(graph(10**9).long_only(), BARS.interval_ms).advance(BARS), RULES)
    np.testing.assert_array_equal(fused.trade_rows, apart.trade_rows)
    assert len(fused.trade_rows) > 100
