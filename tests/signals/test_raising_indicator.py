"""A step that raises stops the program with an error that names it, the bar and the reason."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from market_bars import calm_bars, values, wild_bars
from numba import njit, objmode

from conformance.raising_steps import (
    divides_by_zero,
    raises_on,
    reads_beyond,
    throws_a_coin,
    writes_beyond,
)  # fmt: skip
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import FailedError, UsageError
from tradepulse.signals.declaration import Signals
from tradepulse.signals.expression import Series
from tradepulse.signals.graph import Graph
from tradepulse.signals.indicator import Indicator, indicator
from tradepulse.signals.market import Bars
from tradepulse.signals.program import BLOCK, Program

BAR = Bars()

# The step, and what it raises.
REASONS: dict[str, tuple[Indicator, str]] = {
    "its own word": (raises_on, "ValueError: a bar too many"),
    "a division": (divides_by_zero, "ZeroDivisionError: division by zero"),
    "a write beyond its state": (writes_beyond, "IndexError"),
    "a read beyond a table": (reads_beyond, "IndexError"),
}


def graph_of(line: Series) -> Graph:
    return Signals(enter_long=BAR.close > 0.0, stop=line).graph()


def check(graph: Graph, bars: BarSeries, step: int) -> FailedError:
    """The error of a program over the bars, `step` of them a call."""
    program = Program(graph, bars.interval_ms)
    with pytest.raises(FailedError) as caught:
        run(program, bars, step)
    assert caught.value.code == "indicator_failed"
    return caught.value


def run(program: Program, bars: BarSeries, step: int) -> None:
    for first in range(0, len(bars), step):
        program.advance(bars.slice(first, min(first + step, len(bars))))


def minute(bars: BarSeries, place: int) -> str:
    opened = datetime.fromtimestamp(int(bars.open_time[place]) / 1000, UTC)
    return opened.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("bar", [0, 1, 150, 299])
@pytest.mark.parametrize("step", [300, 64, 1], ids=["batch", "stretches", "bar by bar"])
def test_the_step_the_bar_and_the_reason_are_named(
    reason: str, bar: int, step: int, capfd: pytest.CaptureFixture[str]
) -> None:
    made, words = REASONS[reason]
    bars = calm_bars(300)
    error = check(graph_of(made(BAR.close, bar=float(bar))), bars, step)
    told = f"indicator {made.name}(bar={bar:g}) failed on bar {bar}, opened {minute(bars, bar)}"
    assert error.message == told
    assert str(error.found).startswith(words)
    assert f"x={bars.close[bar]:g}" in str(error.found)
    assert error.__cause__ is not None
    assert capfd.readouterr() == ("", "")


def test_beyond_the_first_block_too() -> None:
    bars = calm_bars(2 * BLOCK + 100)
    for bar in (BLOCK - 1, BLOCK, 2 * BLOCK + 99):
        error = check(graph_of(raises_on(BAR.close, bar=float(bar))), bars, len(bars))
        assert f"failed on bar {bar}, opened {minute(bars, bar)}" in error.message


def test_on_a_higher_frame_the_bar_is_the_one_that_saw_it_close() -> None:
    bars = calm_bars(100)
    for step in (100, 7, 1):
        error = check(graph_of(raises_on(BAR.at("4h").close, bar=3.0)), bars, step)
        # The fourth bar of four hours is whole when the seventeenth hour opens.
        assert "bar 16, opened" in error.message
        assert f"at the 4h bar of {minute(bars, 12)}" in error.message
        assert f"x={bars.close[15]:g}" in str(error.found)


def test_behind_other_nodes_and_bars_that_are_no_numbers() -> None:
    """It counts the bars it was asked about: NaN is skipped before it is reached."""
    bars = wild_bars(300, 4)
    asked = np.flatnonzero(~np.isnan(bars.columns["score"]))
    program = Program(
        graph_of(raises_on(BAR.column("score"), bar=20.0)), bars.interval_ms, ("score",)
    )
    with pytest.raises(FailedError, match=f"on bar {asked[20]}, "):
        program.advance(bars)


def test_the_first_of_several_is_named() -> None:
    bars = calm_bars(300)
    late, early = raises_on(BAR.close, bar=90.0), raises_on(BAR.open, bar=40.0)
    assert "(bar=40) failed on bar 40" in check(graph_of(late + early), bars, 1).message
    # Within a block one indicator runs after the other; either is a reason to stop.
    assert check(graph_of(late + early), bars, 300).message.count("failed on bar") == 1


def test_a_program_that_failed_says_nothing_more_until_it_is_restored() -> None:
    bars = calm_bars(300)
    program = Program(graph_of(raises_on(BAR.close, bar=100.0)), bars.interval_ms)
    program.advance(bars.slice(0, 50))
    kept = program.snapshot()
    with pytest.raises(FailedError) as first:
        program.advance(bars.slice(50, 200))
    for action in (lambda: program.advance(bars.slice(200, 300)), program.snapshot):
        with pytest.raises(FailedError) as again:
            action()
        assert again.value.message == first.value.message
    program.restore(kept)
    assert program.advance(bars.slice(50, 100)).stop.tolist() == bars.close[50:100].tolist()


def test_what_need_not_raise_again_is_told_so() -> None:
    bars = calm_bars(2000)
    error = check(graph_of(throws_a_coin(BAR.close)), bars, len(bars))
    assert error.message.startswith("indicator throws_a_coin failed on bar")
    assert str(error.found).startswith(("KeyError", "nothing when run again"))


@indicator(state=1)
def quotient(state, a, b):
    """Division as NumPy has it: no answer is NaN or infinite, and no reason to stop."""
    return a / b


def test_a_plain_division_by_zero_is_no_number() -> None:
    bars = calm_bars(50)
    nothing = BAR.close - BAR.close
    assert np.isnan(values(quotient(nothing, nothing), bars)).all()
    assert (values(quotient(BAR.close, nothing), bars) == math.inf).all()


@njit
def smoothed(weights, state):
    total = 0.0
    for place in range(len(weights)):
        total += weights[place] * state[place]
    return total


@njit
def factorial(n):
    return 1.0 if n <= 1 else n * factorial(n - 1)


def filtered_with(weights: np.ndarray) -> Indicator:
    @indicator(state=4, lookback=3)
    def filtered(state, x):
        for place in range(3):
            state[place] = state[place + 1]
        state[3] = x
        return smoothed(weights, state) / factorial(3)

    return filtered


def test_a_healthy_step_with_functions_of_its_own_gives_its_own_numbers() -> None:
    """The functions it calls, closed over, recursive or not, are what they were."""
    bars, weights = calm_bars(5000), np.array([0.1, 0.2, 0.3, 0.4])
    found = values(filtered_with(weights)(BAR.close), bars)
    assert np.isnan(found[:3]).all()
    for place in range(3, len(bars)):
        total = 0.0
        for step in range(4):
            total += weights[step] * bars.close[place - 3 + step]
        assert found[place] == total / 6.0


def from_python(x: float) -> float:
    raise RuntimeError("nobody would hear it")


@njit
def calls_python(x):
    with objmode(y="float64"):
        y = from_python(x)
    return y  # noqa: RET504  (objmode has no return)


@indicator(state=0)
def asks_python(state, x):
    with objmode(y="float64"):
        y = from_python(x)
    return y  # noqa: RET504  (objmode has no return)


@indicator(state=0)
def asks_one_that_does(state, x):
    return calls_python(x)


@pytest.mark.parametrize("made", [asks_python, asks_one_that_does])
def test_a_step_that_calls_python_is_refused(made: Indicator) -> None:
    """Its exceptions pass compiled code by, and it could look at anything."""
    with pytest.raises(UsageError, match="objmode") as caught:
        Program(graph_of(made(BAR.close)), calm_bars(3).interval_ms)
    assert caught.value.code == "bad_indicator"
