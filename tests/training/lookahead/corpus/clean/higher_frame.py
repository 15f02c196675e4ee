"""The same 4-hour close as in the leaky twin, through at(): visible once its bar has closed."""

from tradepulse.strategies.api import Bars, Signals, Strategy


class HigherFrame(Strategy):
    def signals(self, bar: Bars) -> Signals:
        higher = bar.at("4h")
        return Signals(
            enter_long=(higher.close > higher.close.ema(10)) & (bar.close > higher.high.previous()),
            exit_long=bar.close < higher.low,
        )
