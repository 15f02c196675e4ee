"""Back to the volume-weighted average price after a stretch away from it."""

from __future__ import annotations

from tradepulse.signals.declaration import Signals
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Choice, Float, Int
from tradepulse.strategies.strategy import Strategy

ATR_BARS = 14
SESSION = "session"


class VwapReversion(Strategy):
    """Long when the close falls more than so many standard deviations below the VWAP, of the last
    bars or since 00:00 UTC; out when it is back at the VWAP, at a hard stop, or in time. Shorts
    mirror longs.

    The deviation is that of closes from the VWAP over the last `bars` bars. Source: practitioners'
    VWAP bands. Evidence: none solid, and sensitive to costs: the profit sought is a fraction of a
    bar's range. A hypothesis.
    """

    anchor = Choice(["rolling", SESSION], default="rolling")
    bars = Int(20, 200, default=96, allow=(2, 10_000))
    entry_z = Float(1.0, 3.0, default=2.0, allow=(0.1, 10.0))
    stop_atr = Float(2.0, 5.0, default=3.0, allow=(0.01, 100.0))
    max_bars = Int(12, 96, default=48, allow=(1, 100_000))

    def signals(self, bar: Bars) -> Signals:
        vwap = bar.vwap(None if self.anchor == SESSION else self.bars)
        gap = bar.close - vwap
        # A product, not a quotient: where nothing moves the deviation is a rounding error.
        reach = self.entry_z * gap.rolling_std(self.bars)
        return Signals(
            enter_long=gap.crosses_below(-reach),
            exit_long=gap >= 0.0,
            enter_short=gap.crosses_above(reach),
            exit_short=gap <= 0.0,
            stop=self.stop_atr * bar.atr(ATR_BARS),
            max_bars=self.max_bars,
        )
