"""The rule of the single-backtest case: averages crossing, a stop and a target in percent."""

from __future__ import annotations

from tradepulse.signals.declaration import Signals
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Float, Int
from tradepulse.strategies.strategy import Strategy


class SmaCross(Strategy):
    """Long on a cross of two simple averages, out on the cross back, the stop or the target."""

    fast = Int(5, 100, default=50)
    slow = Int(50, 400, default=200)
    stop_share = Float(0.001, 0.2, default=0.02)
    target_share = Float(0.001, 0.4, default=0.04)

    def signals(self, bar: Bars) -> Signals:
        quick, steady = bar.close.sma(self.fast), bar.close.sma(self.slow)
        return Signals(
            enter_long=quick.crosses_above(steady),
            exit_long=quick.crosses_below(steady),
            stop=self.stop_share * bar.close,
            target=self.target_share * bar.close,
        )
