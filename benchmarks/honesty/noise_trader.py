"""A strategy without a thought: it throws a coin of its own every few bars."""

from __future__ import annotations

from tradepulse.signals.declaration import Signals
from tradepulse.signals.expression import Series
from tradepulse.signals.indicator import indicator
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Int
from tradepulse.strategies.strategy import Strategy


@indicator(state=3)
def coin(state: Series, x: Series, *, key: float, bars: float) -> float:  # noqa: ARG001
    """+1 or -1, thrown anew every `bars` bars by a linear congruence; `x` only keeps the time."""
    if state[2] == 0.0:
        state[0] = (key * 7919.0 + 104729.0) % 2147483647.0
        state[2] = 1.0
        for _ in range(8):
            state[0] = (state[0] * 16807.0) % 2147483647.0
    if state[1] <= 0.0:
        state[0] = (state[0] * 16807.0) % 2147483647.0
        state[1] = bars
    state[1] -= 1.0
    return 1.0 if state[0] > 1073741823.0 else -1.0


class NoiseTrader(Strategy):
    """Long on heads, short on tails; the key says which coin. Every key is a set of its own."""

    key = Int(1, 200, default=1)
    bars = Int(40, 40, default=40, allow=(1, 1000))

    def signals(self, bar: Bars) -> Signals:
        thrown = coin(bar.close, key=self.key, bars=self.bars)
        heads, tails = thrown > 0.0, thrown < 0.0
        return Signals(enter_long=heads, exit_long=tails, enter_short=tails, exit_short=heads)
