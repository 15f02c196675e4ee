"""An indicator that remembers everything since its first bar."""

from tradepulse.strategies.api import Bars, Signals, Strategy, indicator


@indicator(state=2)
def pressure(state, close, volume):
    if state[1] > 0.0:
        state[0] += volume if close > state[1] else -volume
    state[1] = close
    return state[0]


class Memory(Strategy):
    def signals(self, bar: Bars) -> Signals:
        flow = pressure(bar.close, bar.volume)
        return Signals(enter_long=flow > flow.ema(50), exit_long=flow < flow.ema(50))
