"""A threshold that is another each time the graph is written: nothing of it can be repeated."""

from itertools import count

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = None, "graph"
TIMES = count(1)


class AnotherGraphEachTime(Strategy):
    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.close > float(next(TIMES)), max_bars=5)
