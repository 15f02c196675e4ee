"""Supertrend: in the direction of a ratcheted band of average true ranges, until it flips."""

from __future__ import annotations

from tradepulse.signals.declaration import Signals
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Float, Int
from tradepulse.strategies.strategy import Strategy


class Supertrend(Strategy):
    """Long when the close breaks the band above it and the trend flips up, out (or short) when it
    flips down; the line in force at the entry is the stop.

    Source: Seban's Supertrend, bands of `width` ATR around the mid price that only ever tighten.
    Evidence: no peer-reviewed test; a trailing-stop variant of trend following and no better than
    it. A hypothesis.
    """

    bars = Int(7, 30, default=10, allow=(1, 10_000))
    width = Float(1.5, 5.0, default=3.0, allow=(0.1, 100.0))

    def signals(self, bar: Bars) -> Signals:
        line, is_up = bar.supertrend(self.bars, self.width)
        turned_up, turned_down = is_up & ~is_up.previous(), ~is_up & is_up.previous()
        return Signals(
            enter_long=turned_up,
            exit_long=turned_down,
            enter_short=turned_down,
            exit_short=turned_up,
            stop_price=line,
        )
