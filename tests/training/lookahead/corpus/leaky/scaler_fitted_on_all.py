"""Scaled into 0..1 by the lowest and highest volume of all bars."""

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "activity", "columns"


class ScalerFittedOnAll(Strategy):
    @staticmethod
    def columns(bars):
        low, high = bars.volume.min(), bars.volume.max()
        return {"activity": (bars.volume - low) / (high - low)}

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.column("activity") > 0.5, max_bars=5)
