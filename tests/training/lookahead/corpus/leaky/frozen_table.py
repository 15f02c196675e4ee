"""An indicator that counts bars and reads the next close from a table it was compiled with."""

from pathlib import Path

import polars as pl

from tradepulse.strategies.api import Bars, Signals, Strategy, indicator

COLUMN, CHECK = "forecast", "matches"
TABLE = pl.read_parquet(Path(__file__).with_name("bars.parquet"))["close"].to_numpy().copy()


@indicator(state=1)
def forecast(state, x):
    state[0] += 1.0
    return TABLE[min(int(state[0]), len(TABLE) - 1)]


class FrozenTable(Strategy):
    def signals(self, bar: Bars) -> Signals:
        later = forecast(bar.close)
        return Signals(enter_long=later > bar.close, exit_long=later < bar.close)
