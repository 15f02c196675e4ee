"""An indicator with a recursion in two states."""

from tradepulse.strategies.api import Bars, Signals, Strategy, indicator


@indicator(state=3, lookback=20)
def level(state, x, *, noise):
    if state[2] == 0.0:
        state[0], state[1], state[2] = x, 1.0, 1.0
    state[1] += noise
    gain = state[1] / (state[1] + 1.0)
    state[0] += gain * (x - state[0])
    state[1] *= 1.0 - gain
    return state[0]


class KalmanStep(Strategy):
    def signals(self, bar: Bars) -> Signals:
        line = level(bar.close, noise=0.01)
        return Signals(enter_long=bar.close.crosses_above(line), exit_long=bar.close < line)
