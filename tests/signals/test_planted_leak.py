"""A node that peeks one bar ahead, injected behind the graph's back, is caught by the same laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from market_bars import calm_bars
from numba import carray, cfunc, types

from tradepulse.signals import laws
from tradepulse.signals.declaration import Signals
from tradepulse.signals.graph import Graph
from tradepulse.signals.indicator import Indicator, indicator
from tradepulse.signals.market import Bars

POINTER = types.CPointer(types.float64)


@indicator(state=1)
def honest_mean(state, x):
    state[0] += 0.5 * (x - state[0])
    return state[0]


def machine_code(ahead: int, forget: bool = False) -> object:
    """A block loop as `@indicator` compiles it, but one that reads other bars than its own."""

    def block(x_, y_, z_, w_, out_, state_, n):
        x, out, state = carray(x_, (n,)), carray(out_, (n,)), carray(state_, (2,))
        last = 0.0 if forget else state[1]
        for i in range(n):
            last += 0.5 * (x[min(i + ahead, n - 1)] - last)
            out[i] = last
        state[1] = last

    return cfunc(types.void(*[POINTER] * 6, types.int64))(block)


def planted(monkeypatch: pytest.MonkeyPatch, code: object) -> Graph:
    """A strategy whose compiled node runs `code` instead of the honest loop."""
    monkeypatch.setattr(Indicator, "address", lambda _self: code.address)
    bar = Bars()
    smooth = honest_mean(bar.close)
    return Signals(
        enter_long=bar.close.crosses_above(smooth), exit_long=bar.close < smooth, stop=smooth
    ).graph()


def verdicts(graph: Graph, length: int = 3000) -> dict[str, laws.Finding | None]:
    bars = calm_bars(length, 2)
    return {law: run(graph, bars, np.random.default_rng(1)) for law, run in laws.CHECKS.items()}


def test_the_honest_node_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(verdicts(planted(monkeypatch, machine_code(0))).values()) == {None}


@pytest.mark.parametrize("ahead", [1, 2, 50])
def test_a_peek_ahead_is_caught(monkeypatch: pytest.MonkeyPatch, ahead: int) -> None:
    found = verdicts(planted(monkeypatch, machine_code(ahead)))
    future = found["S2"]
    assert future is not None
    assert future.law == "S2"
    assert future.column in ("enter_long", "exit_long", "stop")
    assert "bars after bar" in future.message
    # What looks ahead inside a block cannot look past its end: the cut shows it as well.
    assert found["S1"] is not None
    assert found["S3"] is not None


@pytest.mark.parametrize("length", [2, 3, 40])
def test_a_peek_is_caught_on_few_bars(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    assert verdicts(planted(monkeypatch, machine_code(1)), length)["S2"] is not None


def test_the_finding_names_the_first_bar_that_knew(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = planted(monkeypatch, machine_code(1))
    found = verdicts(graph)["S2"]
    k = int(found.message.rpartition("after bar ")[2].split()[0])
    # A recursion that reads bar k + 1 at bar k is wrong at bar k, not before.
    assert found.first_bar == k


def test_state_left_behind_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    found = verdicts(planted(monkeypatch, machine_code(0, forget=True)))
    assert found["S1"].law == "S1"
    assert found["S3"].law == "S3"
    assert found["S2"] is None


def test_speaking_too_early_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = replace(honest_mean, lookback=9)
    monkeypatch.setattr("tradepulse.signals.warmup.find_indicator", lambda *_: declared)
    found = verdicts(planted(monkeypatch, machine_code(0)))["S5"]
    assert (found.law, found.first_bar) == ("S5", 0)
