"""A cross of two averages with a stop."""

from tradepulse.strategies.api import Bars, Signals, Strategy


class Trend(Strategy):
    def signals(self, bar: Bars) -> Signals:
        fast, slow = bar.close.ema(10), bar.close.ema(40)
        return Signals(
            enter_long=fast.crosses_above(slow),
            exit_long=fast.crosses_below(slow),
            enter_short=fast.crosses_below(slow),
            exit_short=fast.crosses_above(slow),
            stop=3.0 * bar.atr(14),
        )
