"""Breakout from the channel of the last bars, out at the opposite, shorter channel."""

from __future__ import annotations

from tradepulse.signals.declaration import Signals
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Float, Int
from tradepulse.strategies.strategy import Strategy

ATR_BARS = 20


class DonchianBreakout(Strategy):
    """Long on a close above the highest high of the bars before, out on a close below the lowest
    low of a shorter stretch, or at a stop in average true ranges. Shorts mirror longs.

    Source: Donchian's channel, the "turtle" rules (20 and 55 bars, stop at two ATR), without their
    pyramid. Evidence: trading-range breaks are one class of the 15,000 rules of Hudson & Urquhart
    2021: significant in sample, none for Bitcoin out of sample. A hypothesis.
    """

    entry_bars = Int(10, 120, default=20, allow=(2, 10_000))
    exit_share = Float(0.25, 0.5, default=0.5, allow=(0.01, 1.0))
    stop_atr = Float(1.0, 4.0, default=2.0, allow=(0.01, 100.0))

    def signals(self, bar: Bars) -> Signals:
        ceiling, floor = bar.donchian(self.entry_bars)
        exit_high, exit_low = bar.donchian(max(1, round(self.exit_share * self.entry_bars)))
        return Signals(
            enter_long=bar.close > ceiling,
            exit_long=bar.close < exit_low,
            enter_short=bar.close < floor,
            exit_short=bar.close > exit_high,
            stop=self.stop_atr * bar.atr(ATR_BARS),
        )
