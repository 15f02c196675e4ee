"""The squeeze: bands that have narrowed, then the first bar on which they widen again."""

from __future__ import annotations

from tradepulse.signals.declaration import Signals
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Float, Int
from tradepulse.strategies.strategy import Strategy

ATR_BARS = 14


class SqueezeBreakout(Strategy):
    """After the Bollinger bands lay inside the Keltner channel for some bars, the first bar on
    which they do not enters in the direction of momentum; out when momentum has turned for two
    bars, at a stop in ATR, or in time. Shorts mirror longs.

    Momentum is the regression of the close less the mean of channel mid and average. Source:
    Carter's TTM squeeze. Evidence: practitioners only, no peer-reviewed test. A hypothesis.
    """

    bars = Int(10, 40, default=20, allow=(2, 10_000))
    band_width = Float(1.5, 2.5, default=2.0, allow=(0.1, 10.0))
    channel_width = Float(1.0, 2.0, default=1.5, allow=(0.1, 10.0))
    squeeze_bars = Int(3, 10, default=6, allow=(1, 1000))
    stop_atr = Float(1.0, 4.0, default=2.0, allow=(0.01, 100.0))
    max_bars = Int(8, 10, default=10, allow=(1, 100_000))

    def signals(self, bar: Bars) -> Signals:
        upper, average, lower = bar.close.bollinger(self.bars, self.band_width)
        outer_high, _, outer_low = bar.keltner(self.bars, self.channel_width)
        inside = (upper < outer_high) & (lower > outer_low)
        squeezed = inside.count(self.squeeze_bars) >= self.squeeze_bars
        released = ~inside & squeezed.previous()
        # The channel holds this bar: it is a reference for the close here, not a level to break.
        middle = (bar.high.rolling_max(self.bars) + bar.low.rolling_min(self.bars)) / 2.0
        momentum = (bar.close - (middle + average) / 2.0).regression(self.bars)
        before, earlier = momentum.previous(), momentum.previous(2)
        return Signals(
            enter_long=released & (momentum > 0.0),
            exit_long=(momentum < before) & (before < earlier),
            enter_short=released & (momentum < 0.0),
            exit_short=(momentum > before) & (before > earlier),
            stop=self.stop_atr * bar.atr(ATR_BARS),
            max_bars=self.max_bars,
        )
