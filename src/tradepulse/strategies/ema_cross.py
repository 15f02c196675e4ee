"""EMA crossover: the oldest trend rule, kept as the yardstick for everything else."""

from __future__ import annotations

from tradepulse.signals.declaration import Signals
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Int
from tradepulse.strategies.strategy import Strategy


class EmaCross(Strategy):
    """Long when the fast EMA crosses above the slow one, out (or short) when it crosses below.

    Source: moving-average rules on Bitcoin, Detzel et al. 2021. Evidence: 5 to 100 day averages
    predicted in and out of sample there; of about 15,000 rules none did out of sample in Hudson &
    Urquhart 2021, and winners up to 2021 failed afterwards (Chen et al. 2023). A hypothesis.
    """

    fast = Int(3, 50, default=12, allow=(1, 10_000))
    slow = Int(20, 300, default=48, allow=(1, 10_000))

    def signals(self, bar: Bars) -> Signals:
        quick, steady = bar.close.ema(self.fast), bar.close.ema(self.slow)
        rising, falling = quick.crosses_above(steady), quick.crosses_below(steady)
        return Signals(enter_long=rising, exit_long=falling, enter_short=falling, exit_short=rising)
