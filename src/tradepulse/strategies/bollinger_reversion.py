"""Buying closes below the lower Bollinger band, out at the middle one."""

from __future__ import annotations

from tradepulse.signals.declaration import Signals
from tradepulse.signals.market import Bars
from tradepulse.strategies.higher_trend import higher_trend
from tradepulse.strategies.parameters import Choice, Float, Int
from tradepulse.strategies.strategy import Strategy

ATR_BARS = 14


class BollingerReversion(Strategy):
    """Long on the first close below the lower band with a low RSI, while the higher time frame does
    not fall; out at the middle band, at a hard stop, or in time. Shorts mirror longs.

    Source: Bollinger's bands with an RSI filter. Evidence: Bitcoin tends to bounce at its minima,
    and to trend at its maxima, which speaks against the short side (Padysak & Vojtko 2022): weak.
    A hypothesis.
    """

    bars = Int(10, 50, default=20, allow=(2, 10_000))
    width = Float(1.5, 3.0, default=2.0, allow=(0.1, 10.0))
    rsi_bars = Int(2, 21, default=14, allow=(2, 1000))
    low = Float(10.0, 35.0, default=35.0, allow=(0.0, 50.0))
    ratio = Choice([4, 6, 12, 24], default=12)
    stop_atr = Float(2.0, 5.0, default=3.0, allow=(0.01, 100.0))
    max_bars = Int(12, 96, default=48, allow=(1, 100_000))

    def signals(self, bar: Bars) -> Signals:
        upper, middle, lower = bar.close.bollinger(self.bars, self.width)
        rsi, lean = bar.close.rsi(self.rsi_bars), higher_trend(bar, self.ratio)
        dip = (bar.close < lower) & (rsi < self.low)
        rally = (bar.close > upper) & (rsi > 100.0 - self.low)
        # The first bar of a dip only: a stop must not be followed by the same trade again.
        return Signals(
            enter_long=dip & ~dip.previous() & lean.not_falling,
            exit_long=bar.close >= middle,
            enter_short=rally & ~rally.previous() & lean.not_rising,
            exit_short=bar.close <= middle,
            stop=self.stop_atr * bar.atr(ATR_BARS),
            max_bars=self.max_bars,
        )
