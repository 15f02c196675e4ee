"""Liquidity sweep of a higher-time-frame swing level, and its rejection."""

from __future__ import annotations

from typing import NamedTuple

from tradepulse.signals.declaration import Signals
from tradepulse.signals.expression import Flag, Series
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Choice, Float, Int
from tradepulse.strategies.sides import Side, first_since, signals_of_sides
from tradepulse.strategies.strategy import Strategy

ATR_BARS = 14
VOLUME_BARS = 20


class _Level(NamedTuple):
    """A swing level: its price, its age in higher bars, and when a higher bar became visible."""

    price: Series
    age: Series
    new: Flag


class HtfSweep(Strategy):
    """A bar dips below the last higher-time-frame swing low and closes back above it; a close above
    that bar's high within a few bars enters. Stop beyond the sweep, target in multiples of risk.

    Source: stop orders cluster beyond obvious levels (Osler 2003; NY Fed SR150). Evidence: the
    mechanism only; such cascades run with the break for hours, half against this rule. No
    peer-reviewed test of the pattern: a hypothesis. Shorts mirror longs.
    """

    ratio = Choice([4, 6, 12, 24], default=12)
    swing_bars = Int(1, 5, default=2, allow=(1, 100))
    max_age = Int(10, 100, default=50, allow=(1, 10_000))
    depth_min = Float(0.0, 0.2, default=0.0, allow=(0.0, 100.0))
    depth_max = Float(0.5, 2.0, default=1.5, allow=(0.0, 1e9))
    confirm_bars = Int(1, 5, default=3, allow=(1, 1000))
    volume_factor = Float(1.0, 2.5, default=1.0, allow=(0.0, 1000.0))
    stop_buffer = Float(0.0, 0.5, default=0.1, allow=(0.0, 100.0))
    reward = Float(1.0, 4.0, default=2.0, allow=(0.01, 1000.0))
    max_bars = Int(12, 96, default=48, allow=(1, 100_000))

    def signals(self, bar: Bars) -> Signals:
        higher = bar.at(f"x{self.ratio}")
        new, atr = higher.just_closed(), bar.atr(ATR_BARS)
        active = bar.volume > self.volume_factor * bar.volume.rolling_median(VOLUME_BARS).previous()
        k = self.swing_bars
        below = _Level(higher.swing_low(k), higher.swing_low_age(k), new)
        above = _Level(-higher.swing_high(k), higher.swing_high_age(k), new)
        long_side = self._side(bar.low, bar.high, bar.close, atr, active, below)
        # The short is the long of the market turned upside down.
        short_side = self._side(-bar.high, -bar.low, -bar.close, atr, active, above)
        return signals_of_sides(bar.close, long_side, short_side, self.reward, self.max_bars)

    def _side(
        self, low: Series, high: Series, close: Series, atr: Series, active: Flag, level: _Level
    ) -> Side:
        """The long side of a market given by its lows, highs and closes."""
        known = level.age.equals(self.swing_bars) & level.new
        # Once a bar closes below the level, the stops beyond it are gone.
        intact = (close < level.price).since() > known.since()
        depth = level.price - low
        sweep = (
            (depth > self.depth_min * atr)
            & (depth <= self.depth_max * atr)
            & (close > level.price)
            & (level.age <= self.max_age)
            & intact
        )
        waited = sweep.since()
        confirmed = (close > high.hold(sweep)) & (waited >= 1) & (waited <= self.confirm_bars)
        if self.volume_factor > 0.0:
            confirmed = confirmed & active
        stop = low.hold(sweep) - self.stop_buffer * atr
        return Side(confirmed & first_since(confirmed, waited), stop, waited)
