"""Columns that are read from a file beside the strategy, whatever bars are asked about."""

from pathlib import Path

import polars as pl

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "signal", "columns"
FILE = Path(__file__).with_name("bars.parquet")


class ColumnsFromAFile(Strategy):
    @staticmethod
    def columns(bars):
        closes = pl.read_parquet(FILE)["close"]
        return {"signal": (closes.shift(-1) - closes).fill_null(0.0).to_numpy()}

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.column("signal") > 0.0, max_bars=1)
