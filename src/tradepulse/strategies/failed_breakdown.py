"""A breakdown that fails: the close leaves the range and is back inside within a few bars."""

from __future__ import annotations

from tradepulse.signals.declaration import Signals
from tradepulse.signals.expression import Series
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Float, Int
from tradepulse.strategies.sides import Side, first_since, signals_of_sides
from tradepulse.strategies.strategy import Strategy

ATR_BARS = 14


class FailedBreakdown(Strategy):
    """A close below the low of the range before it, then a close back above that low within a few
    bars, enters. Stop beyond the lowest low of the excursion, target in multiples of risk, out in
    time. Shorts mirror longs (a failed breakout).

    Source: the "spring" of Wyckoff, Raschke's "turtle soup". Evidence: no peer-reviewed test; stop
    orders do cluster beyond such levels (Osler 2003), and their cascades run with the break for
    hours, against this rule. A hypothesis.
    """

    range_bars = Int(20, 120, default=48, allow=(20, 10_000))
    reclaim_bars = Int(1, 8, default=3, allow=(1, 20))
    depth_max = Float(0.5, 3.0, default=2.0, allow=(0.01, 1000.0))
    stop_buffer = Float(0.0, 0.5, default=0.1, allow=(0.0, 100.0))
    reward = Float(1.0, 4.0, default=2.0, allow=(0.01, 1000.0))
    max_bars = Int(12, 96, default=48, allow=(1, 100_000))

    def signals(self, bar: Bars) -> Signals:
        atr = bar.atr(ATR_BARS)
        ceiling, floor = bar.donchian(self.range_bars)
        long_side = self._side(bar.low, bar.close, floor, atr)
        # The short is the long of the market turned upside down.
        short_side = self._side(-bar.high, -bar.close, -ceiling, atr)
        return signals_of_sides(bar.close, long_side, short_side, self.reward, self.max_bars)

    def _side(self, low: Series, close: Series, floor: Series, atr: Series) -> Side:
        """The long side of a market given by its lows, closes and the floor of the range before."""
        outside = close < floor
        # The range is that of the first close outside: the floor falls with every later one.
        broken = outside & outside.previous().count(self.reclaim_bars).equals(0.0)
        level, waited = floor.hold(broken), broken.since()
        # Lows of the range are not below the level, so the window may reach back into it. That is
        # why a range is never shorter than the time to come back.
        lowest = low.rolling_min(self.reclaim_bars + 1)
        confirmed = (
            (close > level)
            & (waited >= 1)
            & (waited <= self.reclaim_bars)
            & (level - lowest <= self.depth_max * atr)
        )
        stop = lowest - self.stop_buffer * atr
        return Side(confirmed & first_since(confirmed, waited), stop, waited)
