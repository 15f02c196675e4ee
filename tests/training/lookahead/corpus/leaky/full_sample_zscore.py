"""Standardised with the mean and the deviation of the whole sample."""

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK, FIRST = "z", "columns", 0


class FullSampleZscore(Strategy):
    @staticmethod
    def columns(bars):
        return {"z": (bars.close - bars.close.mean()) / bars.close.std()}

    def signals(self, bar: Bars) -> Signals:
        z = bar.column("z")
        return Signals(enter_long=z < -1.0, exit_long=z > 0.0)
