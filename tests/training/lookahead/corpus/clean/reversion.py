"""Buys an oversold close below its band."""

from tradepulse.strategies.api import Bars, Signals, Strategy


class Reversion(Strategy):
    def signals(self, bar: Bars) -> Signals:
        middle = bar.close.sma(20)
        low = middle - 2.0 * bar.close.rolling_std(20)
        return Signals(
            enter_long=(bar.close < low) & (bar.close.rsi(7) < 25.0), exit_long=bar.close > middle
        )
