"""Swing lows from the bar that confirms them."""

from tradepulse.strategies.api import Bars, Signals, Strategy


class ConfirmedPivot(Strategy):
    def signals(self, bar: Bars) -> Signals:
        support = bar.swing_low(6)
        return Signals(enter_long=bar.swing_low_age(6).equals(6), stop_price=support, max_bars=24)
