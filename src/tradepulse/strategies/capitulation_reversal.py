"""The turn after a fall that ends in a rush of volume."""

from __future__ import annotations

from tradepulse.signals.declaration import Signals
from tradepulse.signals.expression import Flag, Series
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Float, Int
from tradepulse.strategies.sides import Side, first_since, signals_of_sides
from tradepulse.strategies.strategy import Strategy

ATR_BARS = 14
VOLUME_BARS = 50


class CapitulationReversal(Strategy):
    """A fall of several ATR within a few bars ends in a bar of extreme volume that closes well off
    its low; a close above that bar's high within a few bars enters, unless its low was undercut.
    Stop beyond that low, target in multiples of risk, out in time. Shorts mirror longs.

    Source: "selling climax" of Wyckoff and later practitioners: forced sellers are done. Evidence:
    no peer-reviewed test of the pattern; of large falls, some bounce and some go on. A hypothesis.
    """

    fall_bars = Int(2, 12, default=5, allow=(1, 1000))
    fall_atr = Float(2.5, 8.0, default=4.0, allow=(0.0, 1000.0))
    climax = Float(2.0, 6.0, default=3.0, allow=(0.0, 1000.0))
    off_low = Float(0.3, 0.7, default=0.4, allow=(0.0, 1.0))
    confirm_bars = Int(1, 8, default=4, allow=(1, 1000))
    stop_buffer = Float(0.0, 0.5, default=0.1, allow=(0.0, 100.0))
    reward = Float(1.0, 4.0, default=1.5, allow=(0.01, 1000.0))
    max_bars = Int(12, 96, default=48, allow=(1, 100_000))

    def signals(self, bar: Bars) -> Signals:
        usual = bar.volume.rolling_median(VOLUME_BARS).previous()
        rush = bar.volume > self.climax * usual
        # Measured before the fall: the fall itself would widen its own yardstick.
        atr = bar.atr(ATR_BARS).previous(self.fall_bars)
        long_side = self._side(bar.low, bar.high, bar.close, atr, rush)
        # The short is the long of the market turned upside down.
        short_side = self._side(-bar.high, -bar.low, -bar.close, atr, rush)
        return signals_of_sides(bar.close, long_side, short_side, self.reward, self.max_bars)

    def _side(self, low: Series, high: Series, close: Series, atr: Series, rush: Flag) -> Side:
        """The long side of a market given by its lows, highs and closes."""
        fall = close.previous(self.fall_bars) - low
        off_low = close - low >= self.off_low * (high - low)
        climax = (fall >= self.fall_atr * atr) & rush & off_low
        waited = climax.since()
        # Once a low is undercut the sellers were not done.
        intact = (low < low.hold(climax)).since() > waited
        confirmed = (
            (close > high.hold(climax)) & (waited >= 1) & (waited <= self.confirm_bars) & intact
        )
        stop = low.hold(climax) - (self.stop_buffer * atr).hold(climax)
        return Side(confirmed & first_since(confirmed, waited), stop, waited)
