"""Breakout from a range on a surge of volume."""

from __future__ import annotations

from tradepulse.signals.declaration import Signals
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Float, Int
from tradepulse.strategies.strategy import Strategy

ATR_BARS = 14


class VolumeBreakout(Strategy):
    """Close beyond the range of the bars before, on a surge of volume, in a wide bar that closes
    near its extreme; out on a close beyond the trailing half-range, the stop, or in time.

    Source: trading-range breakout with a volume filter. Evidence: high volume precedes extreme
    positive returns (Fousekis & Grigoriadis 2021); volume predicts returns outside bull and bear
    extremes only (Balcilar et al. 2017). Mixed: a hypothesis.
    """

    range_bars = Int(10, 100, default=48, allow=(2, 10_000))
    volume_bars = Int(20, 100, default=20, allow=(1, 10_000))
    surge = Float(1.2, 4.0, default=2.0, allow=(0.0, 1000.0))
    range_atr = Float(0.8, 2.0, default=1.0, allow=(0.0, 100.0))
    close_share = Float(0.2, 0.5, default=0.35, allow=(0.0, 1.0))
    stop_atr = Float(1.0, 4.0, default=2.0, allow=(0.01, 100.0))
    max_bars = Int(24, 288, default=96, allow=(1, 100_000))

    def signals(self, bar: Bars) -> Signals:
        ceiling, floor = bar.donchian(self.range_bars)
        trail_high, trail_low = bar.donchian(max(1, self.range_bars // 2))
        atr = bar.atr(ATR_BARS)
        width = bar.high - bar.low
        usual = bar.volume.rolling_median(self.volume_bars).previous()
        active = (bar.volume > self.surge * usual) & (width > self.range_atr * atr)
        near = self.close_share * width
        return Signals(
            enter_long=(bar.close > ceiling) & active & (bar.high - bar.close <= near),
            exit_long=bar.close < trail_low,
            enter_short=(bar.close < floor) & active & (bar.close - bar.low <= near),
            exit_short=bar.close > trail_high,
            stop=self.stop_atr * atr,
            max_bars=self.max_bars,
        )
