"""Buying what has fallen too fast, measured by the relative strength index."""

from __future__ import annotations

from tradepulse.signals.declaration import Signals
from tradepulse.signals.market import Bars
from tradepulse.strategies.higher_trend import higher_trend
from tradepulse.strategies.parameters import Choice, Float, Int
from tradepulse.strategies.strategy import Strategy

ATR_BARS = 14
# The index's own middle: as much gained as lost.
MIDDLE = 50.0


class RsiReversion(Strategy):
    """Long on the bar whose RSI falls below a low mark while the higher time frame does not fall;
    out once the RSI is back above 50, at a hard stop, or in time. Shorts mirror longs.

    Source: Wilder's RSI as a reversion rule. Evidence: Bitcoin tends to bounce at its minima, and
    to trend at its maxima, which speaks against the short side (Padysak & Vojtko 2022): weak. A
    hypothesis.
    """

    rsi_bars = Int(2, 21, default=7, allow=(2, 1000))
    low = Float(10.0, 35.0, default=25.0, allow=(0.1, 49.9))
    ratio = Choice([4, 6, 12, 24], default=12)
    stop_atr = Float(2.0, 5.0, default=3.0, allow=(0.01, 100.0))
    max_bars = Int(12, 96, default=48, allow=(1, 100_000))

    def signals(self, bar: Bars) -> Signals:
        rsi, lean = bar.close.rsi(self.rsi_bars), higher_trend(bar, self.ratio)
        # On the cross, not while it lasts: a stop must not be followed by the same trade again.
        return Signals(
            enter_long=rsi.crosses_below(self.low) & lean.not_falling,
            exit_long=rsi > MIDDLE,
            enter_short=rsi.crosses_above(100.0 - self.low) & lean.not_rising,
            exit_short=rsi < MIDDLE,
            stop=self.stop_atr * bar.atr(ATR_BARS),
            max_bars=self.max_bars,
        )
