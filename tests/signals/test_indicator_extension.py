"""`@indicator`: the step's own arithmetic, NaN, look-back, several inputs, and changed sources."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest
from market_bars import calm_bars, values, wild_bars

from tradepulse.domain.errors import DataError, TradePulseError, UsageError
from tradepulse.signals.declaration import Signals
from tradepulse.signals.graph import Graph
from tradepulse.signals.indicator import Indicator, indicator
from tradepulse.signals.market import Bars
from tradepulse.signals.program import Program
from tradepulse.signals.warmup import lookback

BAR = Bars()


@indicator(state=1)
def leak(state, x, *, keep):
    state[0] = keep * state[0] + (1.0 - keep) * x
    return state[0]


@indicator(state=2, lookback=3)
def spread(state, a, b, c, d, *, scale, offset):
    state[0] += 1.0
    return scale * (a - b + c - d) + offset * state[0]


@indicator(state=0)
def stateless(state, x):
    return math.sqrt(abs(x))


def test_values_are_the_steps_own() -> None:
    bars = calm_bars(300)
    wanted, kept = [], 0.0
    for close in bars.close:
        kept = 0.9 * kept + (1.0 - 0.9) * close
        wanted.append(kept)
    assert values(leak(BAR.close, keep=0.9), bars).tolist() == wanted
    assert values(stateless(-BAR.close), bars).tolist() == np.sqrt(bars.close).tolist()


def test_four_inputs_two_parameters_and_a_look_back() -> None:
    bars = calm_bars(100)
    node = spread(BAR.open, BAR.high, BAR.low, BAR.close, scale=2.0, offset=0.5)
    sums = bars.open - bars.high + bars.low - bars.close
    wanted = 2.0 * sums + 0.5 * np.arange(1, 101)
    found = values(node, bars)
    assert np.isnan(found[:3]).all()
    np.testing.assert_allclose(found[3:], wanted[3:], rtol=1e-12)
    assert lookback(node.node, bars.interval_ms, {}) == 3
    assert lookback(spread(*[BAR.close.sma(5)] * 4, scale=1, offset=0).node, 1, {}) == 7


def test_nan_is_skipped_and_leaves_the_state_alone() -> None:
    bars = wild_bars(300, 4)
    score = bars.columns["score"]
    found = values(leak(BAR.column("score"), keep=0.5), bars)
    assert np.isnan(found).tolist() == np.isnan(score).tolist()
    kept, wanted = 0.0, []
    for value in score[~np.isnan(score)]:
        kept = 0.5 * kept + (1.0 - 0.5) * value
        wanted.append(kept)
    assert found[~np.isnan(found)].tolist() == wanted


def test_two_uses_have_states_of_their_own() -> None:
    bars = calm_bars(50)
    both = leak(BAR.close, keep=0.9) - leak(BAR.high, keep=0.9)
    alone = values(leak(BAR.close, keep=0.9), bars) - values(leak(BAR.high, keep=0.9), bars)
    assert values(both, bars).tolist() == alone.tolist()


def test_in_a_higher_frame() -> None:
    bars = calm_bars(40)
    found = values(stateless(BAR.at("4h").close), bars)
    assert found[4:].tolist() == np.repeat(np.sqrt(bars.close[3::4]), 4)[:-4].tolist()


SOURCE = """
from numba import njit
from tradepulse.signals.indicator import indicator

FACTOR = {factor}

@njit
def inner(x):
    return x * {inner}

@indicator(state=1)
def {name}(state, x):
    {comment}
    return inner(x) * FACTOR + {own}

def made(k):
    @indicator(state=0)
    def scaled(state, x):
        return x * k
    return scaled
"""


def written(folder: Path, **parts: object) -> object:
    """The module of a strategy file with an indicator in it, imported anew."""
    given = {"factor": 1.0, "inner": 1.0, "own": 0.0, "name": "edited", "comment": "pass"} | parts
    path = folder / f"file_{len(list(folder.iterdir()))}.py"
    path.write_text(SOURCE.format(**given))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def graph_with(made: Indicator) -> Graph:
    return Signals(enter_long=BAR.close > 0.0, stop=made(BAR.close)).graph()


@pytest.mark.parametrize("change", [{"own": 5.0}, {"inner": 3.0}, {"factor": 7.0}])
def test_a_changed_source_is_another_indicator(tmp_path: Path, change: dict[str, float]) -> None:
    """The step, a function it calls and a module value it reads: each is part of its hash."""
    old = graph_with(written(tmp_path).edited)
    new = graph_with(written(tmp_path, **change).edited)
    assert old.hash != new.hash
    bars = calm_bars(5)
    expected = (change.get("own", 0.0) + bars.close * change.get("inner", 1.0)) * 1.0
    expected = expected * change.get("factor", 1.0)
    # In one process both live on: an activation keeps the step its evidence was measured with.
    assert Program(old, bars.interval_ms).advance(bars).stop.tolist() == bars.close.tolist()
    assert Program(new, bars.interval_ms).advance(bars).stop == pytest.approx(expected)


def test_two_files_may_use_one_name(tmp_path: Path) -> None:
    one, two = (graph_with(written(tmp_path, own=own, name="same").same) for own in (1.0, 2.0))
    bars = calm_bars(3)
    for graph, own in ((one, 1.0), (two, 2.0)):
        stop = Program(graph, bars.interval_ms).advance(bars).stop
        assert stop.tolist() == (bars.close + own).tolist()


def test_closures_of_one_source_are_told_apart(tmp_path: Path) -> None:
    module = written(tmp_path)
    bars = calm_bars(3)
    for k in (2.0, 3.0):
        stop = Program(graph_with(module.made(k)), bars.interval_ms).advance(bars).stop
        assert stop.tolist() == (bars.close * k).tolist()


def refused(code: str, action: object, *arguments: object) -> TradePulseError:
    with pytest.raises(TradePulseError) as caught:
        action(*arguments)
    assert caught.value.code == code
    return caught.value


def test_a_stored_graph_refuses_another_source(tmp_path: Path) -> None:
    document = graph_with(written(tmp_path, own=11.0).edited).to_json()
    (node,) = (item for item in document["nodes"] if item["op"] == "indicator")
    node["params"][1] = "0123456789abcdef"
    error = refused("indicator_changed", Program, Graph.from_json(document), 3_600_000)
    assert isinstance(error, DataError)
    assert "another source" in error.found
    node["params"][0] = "never_declared"
    error = refused("indicator_changed", Program, Graph.from_json(document), 3_600_000)
    assert error.found == "no such indicator"


def test_a_stored_graph_with_other_arguments_is_refused() -> None:
    document = graph_with(leak_closed()).to_json()
    (node,) = (item for item in document["nodes"] if item["op"] == "indicator")
    node["params"].append(1.0)
    refused("bad_graph", Program, Graph.from_json(document), 3_600_000)


def leak_closed() -> object:
    return lambda close: leak(close, keep=0.5)


def declare(step: object, **options: int) -> object:
    return indicator(**{"state": 0, **options})(step)


def no_input(state):
    return 0.0


def five_inputs(state, a, b, c, d, e):
    return a


def starred(state, *x):
    return x[0]


def fine(state, x, *, keep):
    return x


@pytest.mark.parametrize("step", [no_input, five_inputs, starred])
def test_a_step_that_cannot_be_compiled_is_refused(step: object) -> None:
    assert isinstance(refused("bad_indicator", declare, step), UsageError)


@indicator(state=0)
def calls_plain_python(state, x):
    return declare(x)


def test_a_step_that_does_not_compile_says_why() -> None:
    graph = graph_with(calls_plain_python)
    error = refused("bad_indicator", Program, graph, 3_600_000)
    assert "declare" in error.found


def test_bad_declarations_and_calls() -> None:
    refused("bad_indicator", lambda: declare(fine, state=-1))
    refused("bad_indicator", lambda: declare(fine, lookback=-1))
    scope: dict[str, object] = {}
    exec("def hidden(state, x):\n    return x\n", scope)
    refused("bad_indicator", declare, scope["hidden"])
    made = declare(fine)
    refused("bad_operand", lambda: made(BAR.close))
    refused("bad_operand", lambda: made(BAR.close, BAR.open, keep=1.0))
    refused("bad_operand", lambda: made(BAR.close > 0.0, keep=1.0))
    refused("bad_operand", lambda: made(BAR.close, keep=1.0, more=2.0))


def _reading(table: np.ndarray) -> object:
    @indicator(state=1)
    def looked_up(state, x):
        state[0] += 1.0
        return x + table[int(state[0]) % len(table)]

    return looked_up


def test_long_tables_that_differ_in_the_middle_are_different_steps() -> None:
    first = np.zeros(5000)
    second = first.copy()
    second[2500] = 1.0
    a, b, again = _reading(first), _reading(second), _reading(first.copy())
    assert a.source_hash != b.source_hash
    assert a is again
