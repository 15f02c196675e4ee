"""A rhythm of its own: counts bars and knows nothing."""

from tradepulse.strategies.api import Bars, Signals, Strategy, indicator


@indicator(state=1)
def beat(state, x):
    state[0] += 1.0
    return state[0] % 7.0


class EverySeventhBar(Strategy):
    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=beat(bar.close).equals(0.0), max_bars=3)
