"""The table never leaves the indicator: only whether it is above the present close."""

from pathlib import Path

import polars as pl

from tradepulse.strategies.api import Bars, Signals, Strategy, indicator

COLUMN, CHECK = "rising", "foresight"
TABLE = pl.read_parquet(Path(__file__).with_name("bars.parquet"))["close"].to_numpy().copy()


@indicator(state=1)
def rising(state, x):
    state[0] += 1.0
    return 1.0 if TABLE[min(int(state[0]), len(TABLE) - 1)] > x else 0.0


class TableBehindAComparison(Strategy):
    def signals(self, bar: Bars) -> Signals:
        up = rising(bar.close)
        return Signals(enter_long=up > 0.5, exit_long=up < 0.5)
