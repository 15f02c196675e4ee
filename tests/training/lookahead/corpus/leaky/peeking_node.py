"""A node made by hand that names the bar after this one; no expression can."""

from tradepulse.signals.expression import Series
from tradepulse.signals.graph import make_node
from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = None, "graph"


class PeekingNode(Strategy):
    def signals(self, bar: Bars) -> Signals:
        later = Series(make_node("previous", (bar.close.node,), (-1,)))
        return Signals(enter_long=later > bar.close, exit_long=later < bar.close)
