"""Indicators that raise on a bar of their choosing, each for a reason of its own."""

from __future__ import annotations

import numpy as np
from numba import njit

from tradepulse.signals.indicator import indicator
from tradepulse.strategies.api import Bars, Float, Signals, Strategy

TABLE = np.arange(5.0)


@njit(error_model="python")
def ratio(a, b):
    return a / b


@njit
def looked_up(table, place):
    return table[place]


@indicator(state=1)
def raises_on(state, x, *, bar):
    """Its state has moved on when it raises: what it saw then must still be found."""
    state[0] += 1.0
    if state[0] > bar:
        raise ValueError("a bar too many")
    return x


@indicator(state=1)
def divides_by_zero(state, x, *, bar):
    state[0] += 1.0
    return x + 0.0 * ratio(1.0, bar + 1.0 - state[0])


@indicator(state=1)
def writes_beyond(state, x, *, bar):
    state[0] += 1.0
    if state[0] > bar:
        state[int(state[0])] = 7.0
    return x


@indicator(state=1)
def reads_beyond(state, x, *, bar):
    """Out of bounds in a function that the step calls."""
    state[0] += 1.0
    return x + 0.0 * looked_up(TABLE, int(max(0.0, state[0] - bar)) * 5)


@indicator(state=0)
def throws_a_coin(state, x):
    """No function of its bars: run again it need not raise."""
    if np.random.random() < 0.05:
        raise KeyError("heads")
    return x


class RaisesOn(Strategy):
    """Always in the market, until its indicator raises after so many bars."""

    bar = Float(0.0, 1e9, default=100.0)

    def signals(self, bar: Bars) -> Signals:
        line = raises_on(bar.close, bar=self.bar)
        quick, slow = line.sma(3), bar.close.sma(8)
        return Signals(
            enter_long=quick.crosses_above(slow), exit_long=quick.crosses_below(slow),
            enter_short=quick.crosses_below(slow), exit_short=quick.crosses_above(slow),
            stop=2.0 * bar.atr(5), target=3.0 * bar.atr(5),
        )  # fmt: skip
