"""Hours of the day and days of the week: seasons are no secret."""

from tradepulse.strategies.api import Bars, Signals, Strategy


class Hours(Strategy):
    def signals(self, bar: Bars) -> Signals:
        return Signals(
            enter_long=bar.hour.equals(21.0) & (bar.weekday < 5.0), exit_long=bar.hour.equals(23.0)
        )
